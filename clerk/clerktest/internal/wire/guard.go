package wire

import (
	"net/http"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// guardControl keeps pages of other origins away from the test functions, which
// need no key. They cannot change anything (cross-site request forgery), and they
// cannot read anything: there are no CORS headers, and answers are not to be had
// as scripts or pictures either. A browser may go to the pages. Names of the
// internet that lead here (DNS rebinding) were refused before. Programs that are
// no browser send neither Origin nor Sec-Fetch-Site, and may do everything.
func (e *Server) guardControl(c *Call) error {
	h := c.W.Header()
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	if c.Method != http.MethodGet {
		if err := c.SameOrigin(); err != nil {
			return errForeignPage()
		}
		return nil
	}
	switch c.R.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return nil
	}
	if c.R.Header.Get("Sec-Fetch-Mode") == "navigate" && c.R.Header.Get("Sec-Fetch-Dest") == "document" {
		return nil
	}
	return errForeignPage()
}

func errForeignPage() *refusal.Error {
	return &refusal.Error{
		Kind: refusal.KindNotAllowed, Code: "origin_invalid", Message: "Forbidden", Long: "Pages of other origins may not use the emulator's test functions.", Param: "", Meta: nil,
	}
}

// SameOrigin refuses forms that pages of other origins send (cross-site request
// forgery).
func (c *Call) SameOrigin() error {
	if err := http.NewCrossOriginProtection().Check(c.R); err != nil {
		return &refusal.Error{Kind: refusal.KindNotAllowed, Code: "cross_origin_form", Message: "Forbidden", Long: "This form was sent by a page of another origin.", Param: "", Meta: nil}
	}
	return nil
}
