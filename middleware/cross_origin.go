package middleware

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/forwarded"
)

// WithCrossOriginProtection signs out requests whose session token came from a cookie
// and which p does not accept as same-origin: a form or script of another site, which
// the browser sends with the user's cookies. Their reason is
// [clerk.ReasonCrossOriginRequest], and a gate answers 403. Requests with a token in
// the Authorization header are not checked, because browsers do not add that field by
// themselves.
//
// p decides by method, Sec-Fetch-Site, Origin and Host as [http.CrossOriginProtection]
// documents. For Host it gets the host of the public origin: that of PublicURL, or the
// one that a proxy forwards and [clerk.Config].AuthorizedParties confirm. Its trusted
// origins and bypass patterns count, its deny handler does not. GET, HEAD and OPTIONS
// pass, so routes must not change anything by them. The opening of a WebSocket is
// checked like a POST, because browsers let every site open one. A target that is not a
// URL does not pass. With [Choose], both the chosen Middleware's p and that of Choose
// must accept the request.
//
// Without this option only the SameSite attribute of Clerk's cookies (Lax) keeps
// cross-site requests out, and it does not keep out other subdomains of the same site.
// A nil p turns the protection off.
func WithCrossOriginProtection(p *http.CrossOriginProtection) Option {
	return func(o *options) { o.crossOrigin = p }
}

// forgeable reports whether another site may have made the browser send the request.
func (m *Middleware) forgeable(r *handshake.Request, p *http.CrossOriginProtection) bool {
	if p == nil {
		return false
	}
	websocket := strings.Contains(strings.ToLower(strings.Join(r.Header.Values("Upgrade"), ",")), "websocket")
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		if !websocket {
			return false
		}
	}
	u, err := url.ParseRequestURI(r.Target)
	if err != nil {
		return true
	}
	// A proxy may change Host; the page's Origin is that of the public one.
	host := r.Host
	if u.Host != "" {
		host = u.Host // RFC 9112 section 3.2.2
	}
	at := forwarded.Request{RemoteAddr: r.RemoteAddr, Scheme: r.Scheme, Host: host, Header: r.Header}
	if public := m.origins.Public(at).Origin; public.Host != "" {
		host = public.Host
	}
	req := &http.Request{Method: r.Method, URL: u, Host: host, RequestURI: r.Target, Header: http.Header{}}
	for _, name := range [...]string{"Sec-Fetch-Site", "Origin"} {
		if values := r.Header.Values(name); len(values) > 0 {
			req.Header[name] = values
		}
	}
	if websocket {
		req.Method = http.MethodPost
	}
	return p.Check(req) != nil
}

// distrust removes the identity from a decision that rests on a cookie alone. The
// decision's cookies stay, because the Frontend API set them for this browser.
func distrust(d *handshake.Decision) {
	d.Status, d.Reason = handshake.SignedOut, clerk.ReasonCrossOriginRequest
	d.Auth = clerk.Auth{TokenType: clerk.SessionToken, Reason: clerk.ReasonCrossOriginRequest}
}
