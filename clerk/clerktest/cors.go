package clerktest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// allowedOrigin tells the origins of the application, and in development every
// port of this machine.
func (e *Emulator) allowedOrigin(origin string) bool {
	parsed, ok := hosts.ParseOrigin(origin)
	if !ok {
		return false
	}
	if slices.Contains(e.cfg.Origins, parsed) || parsed == e.URL {
		return true
	}
	u, err := url.Parse(parsed)
	if err == nil && strings.EqualFold(u.Host, e.cfg.FrontendAPI) {
		return true // the emulator's own pages
	}
	return err == nil && (e.cfg.Instance == clerk.Development && hosts.Loopback(u.Hostname()) || e.satelliteOf(u.Host) != "")
}

// crossOrigin sets the headers that let clerk-js read answers with credentials,
// and answers preflights. A page of an unknown origin gets no such headers, and
// cannot change anything.
func (e *Emulator) crossOrigin(c *call) (done bool, err error) {
	h := c.w.Header()
	h.Add("Vary", "Origin")
	origin := c.r.Header.Get("Origin")
	if origin != "" && e.allowedClient(origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", "Authorization, Clerk-Db-Jwt")
	}
	switch {
	case c.method == http.MethodOptions:
	case c.method != http.MethodGet && origin != "" && !e.allowedClient(origin):
		return false, &refusal.Error{
			Kind: refusal.KindBadRequest, Code: "origin_invalid", Message: "Invalid HTTP Origin header",
			Long: "The Origin " + refusal.Quoted(origin) + " is not among the emulator's origins.", Param: "", Meta: nil,
		}
	default:
		return false, nil
	}
	c.note("preflight")
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Clerk-Auth")
	h.Set("Access-Control-Max-Age", "600")
	c.w.WriteHeader(http.StatusNoContent)
	return true, nil
}
