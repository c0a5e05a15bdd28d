package middlewaretest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

// browsers are about what refusals tell clients, and about requests that another
// site has a browser send.
func browsers() []behaviour {
	post := func(path string, gates ...Gate) Route {
		return Route{Method: http.MethodPost, Path: path, Gates: gates, Handle: whoami}
	}
	return []behaviour{
		{"refusals/no token, no error", func(c *checker) {
			kinds := [][]clerk.Requirement{nil, {clerk.Tokens(clerk.APIKey)}, {clerk.Tokens(clerk.M2M)}, {clerk.Tokens(clerk.OAuth)}, {clerk.Tokens(clerk.SessionToken, clerk.APIKey)}, {clerk.Tokens(clerk.APIKey, clerk.M2M)}}
			var routes []Route
			for i, reqs := range kinds {
				routes = append(routes, gated("/"+string(rune('a'+i)), reqs...))
			}
			for _, set := range []setup{{}, {production: true}, {config: func(cfg *clerk.Config) { cfg.Handshake = clerk.HandshakeOff }}} {
				for _, handler := range []bool{true, false} {
					s := c.serve(set, Group{Handler: handler, Routes: routes})
					for i, r := range routes {
						without := map[string]option{
							"nothing": header("Accept", "*/*"), "another scheme": header("Authorization", "Basic dXNlcjpwYXNz"), "an empty scheme": header("Authorization", "Bearer "),
							"client_uat": cookie("__client_uat", "1"), "signed out": cookie("__client_uat", "0"), "a session cookie that is empty": cookie("__session", ""),
						}
						for name, o := range without {
							if a := s.get(r.Path, o); a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") != "Bearer" {
								s.errorf("%s, gate %d: status %d, WWW-Authenticate %q; want 401 and Bearer alone", name, i, a.status, a.header.Get("WWW-Authenticate"))
							}
						}
						if a := s.get(r.Path, bearer("forged")); !strings.HasPrefix(a.header.Get("WWW-Authenticate"), `Bearer error="invalid_token"`) {
							s.errorf("a forged token, gate %d: WWW-Authenticate %q", i, a.header.Get("WWW-Authenticate"))
						}
					}
				}
			}
		}},
		{"refusals/the application's answer has the fields of the default one", func(c *checker) {
			s := c.serve(setup{onRefusal: func(f *middleware.Failure) (int, string) { return f.Status, "no" }},
				Group{Routes: []Route{gated("/gated"), gated("/admin", clerk.Role("org:admin"))}})
			a := s.get("/gated", bearer("forged"))
			s.has(a, "Cache-Control", "no-store")
			if got := a.header.Get("WWW-Authenticate"); a.status != http.StatusUnauthorized || a.body != "no" || !strings.HasPrefix(got, `Bearer error="invalid_token"`) {
				s.errorf("401: status %d, body %q, WWW-Authenticate %q", a.status, a.body, got)
			}
			if got := a.header.Get("Content-Type"); strings.Contains(got, "json") {
				s.errorf("Content-Type %q of a text", got)
			}
			a = s.get("/admin", bearer(s.signIn("a@example.com").Token()))
			if s.has(a, "Cache-Control", "no-store"); a.status != http.StatusForbidden || a.header.Get("WWW-Authenticate") != "" {
				s.errorf("403: status %d, WWW-Authenticate %q", a.status, a.header.Get("WWW-Authenticate"))
			}
			s.em.Fault(clerktest.Fault{Path: "/v1/jwks", Status: 503})
			down := c.serve(setup{config: func(cfg *clerk.Config) { cfg.APIURL = "http://127.0.0.1:1" }, onRefusal: func(f *middleware.Failure) (int, string) { return f.Status, "no" }},
				Group{Routes: []Route{gated("/gated")}})
			a = down.get("/gated", bearer(down.signIn("a@example.com").Token()))
			if s.has(a, "Cache-Control", "no-store"); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
				s.errorf("503: status %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
			}
		}},
		{"refusals/the reason is shown to scripts of authorized parties", func(c *checker) {
			for _, handler := range []bool{true, false} {
				s := c.serve(setup{}, Group{Handler: handler, Routes: []Route{gated("/gated"), {Method: http.MethodGet, Path: "/cors", Gates: []Gate{nil}, Handle: whoami}}})
				for from, want := range map[string]bool{origin: true, "https://evil.example.com": false, "null": false, "": false} {
					var o option = func(*http.Request) {}
					if from != "" {
						o = header("Origin", from)
					}
					a := s.get("/gated", o)
					if got := a.header.Values("Access-Control-Expose-Headers"); (len(got) == 1 && strings.Contains(got[0], "X-Clerk-Auth-Reason")) != want || len(got) > 1 {
						s.errorf("Origin %q: Access-Control-Expose-Headers %q, want the reason's: %t", from, got, want)
					}
				}
			}
		}},
		{"refusals/cross-origin request with a cookie", func(c *checker) {
			set := setup{options: []middleware.Option{middleware.WithCrossOriginProtection(http.NewCrossOriginProtection())}}
			for _, handler := range []bool{true, false} {
				s := c.serve(set, Group{Handler: handler, Routes: []Route{post("/gated", nil), gated("/gated"), post("/open")}})
				sess := s.signIn("a@example.com")
				cross := []option{header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://evil.example.com")}
				with := func(o ...option) []option { return append(slices.Clone(o), browserCookies(sess)) }
				for i, o := range [][]option{with(cross...), with(cross[0]), with(cross[1]), with(header("Sec-Fetch-Site", "same-site")), with(header("Origin", "null"))} {
					a := s.do(http.MethodPost, "/gated", "a=b", o...)
					s.isRefused(a, http.StatusForbidden, "cross_origin_request", clerk.ReasonCrossOriginRequest)
					if a.header.Get("WWW-Authenticate") != "" {
						s.errorf("%d: a challenge in a 403", i)
					}
					if handler {
						s.isNobody(s.do(http.MethodPost, "/open", "a=b", o...), clerk.ReasonCrossOriginRequest)
					}
				}
				// A WebSocket is opened by GET, and by every site that wants to.
				s.isRefused(s.get("/gated", with(append(cross, header("Upgrade", "websocket"), header("Connection", "Upgrade"))...)...), http.StatusForbidden, "cross_origin_request", clerk.ReasonCrossOriginRequest)
				for _, o := range [][]option{with(header("Sec-Fetch-Site", "same-origin")), with(header("Origin", origin)), with(), append(slices.Clone(cross), bearer(sess.Token()))} {
					s.isUser(s.do(http.MethodPost, "/gated", "a=b", o...), sess)
				}
				s.isUser(s.get("/gated", with(cross...)...), sess)
				s.is401(s.do(http.MethodPost, "/gated", "a=b", cross...), anyReason)
			}
		}},
	}
}
