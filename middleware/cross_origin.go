package middleware

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/forwarded"
)

// WithCrossOriginProtection does not sign a request in whose identity came from a
// cookie and that p does not take for one of the same origin: a form or script of
// another site, which the browser sends with the user's cookies. Such a request is
// signed out with [clerk.ReasonCrossOriginRequest], and a gate answers it 403. A token
// in the Authorization header is no concern of it: a browser adds none by itself.
//
// p decides by method, Sec-Fetch-Site, Origin and Host as [http.CrossOriginProtection]
// says, and takes the host of the public origin for Host: that of PublicURL, or the
// one that a proxy forwards and [clerk.Config].AuthorizedParties confirm. Its trusted
// origins and bypass patterns count, its deny handler does not. GET, HEAD and OPTIONS
// pass, so routes must not change anything by them. The opening of a WebSocket is
// checked like a POST: browsers let every site open one. A target that is no URL does not pass. With [Choose], that of the chosen one
// counts, and that of Choose as well.
//
// Without this option the SameSite attribute of Clerk's cookies (Lax) is what keeps
// cross-site requests out, which does not hold back other subdomains of one site. nil
// is none.
func WithCrossOriginProtection(p *http.CrossOriginProtection) Option {
	return func(o *options) { o.crossOrigin = p }
}

// forgeable reports whether the request may be one that another site had the browser
// send.
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

// distrust takes the identity out of a decision that rests on a cookie alone. Its
// cookies stay: they are the Frontend API's, and the browser's own.
func distrust(d *handshake.Decision) {
	d.Status, d.Reason = handshake.SignedOut, clerk.ReasonCrossOriginRequest
	d.Auth = clerk.Auth{TokenType: clerk.SessionToken, Reason: clerk.ReasonCrossOriginRequest}
}
