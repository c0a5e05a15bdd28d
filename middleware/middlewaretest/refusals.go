package middlewaretest

import (
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// refusals are about who does not get in at all, and what they are told.
func refusals() []behaviour {
	// refuse asks a gated route twice, with a Handler above it and without.
	refuse := func(name string, reason clerk.Reason, bad func(*site) option) behaviour {
		return behaviour{"refusals/" + name, func(c *checker) {
			for _, handler := range []bool{true, false} {
				var reached atomic.Bool
				r := gated("/gated")
				r.Handle = func(x Exchange) error { reached.Store(true); return whoami(x) }
				s := c.serve(setup{}, Group{Handler: handler, Routes: []Route{r}})
				a := s.get("/gated", bad(s))
				s.is401(a, reason)
				if reached.Load() {
					s.errorf("the handler ran (Handler above: %t)", handler)
				}
				if got := a.header.Get("WWW-Authenticate"); reason != clerk.ReasonDevBrowserMissing && reason != clerk.ReasonSessionTokenAndUATMissing &&
					!strings.HasPrefix(got, `Bearer error="invalid_token"`) {
					s.errorf("WWW-Authenticate %q, want invalid_token", got)
				}
			}
		}}
	}
	// change refuses a good token with one claim or header entry changed.
	change := func(name string, reason clerk.Reason, header, claims map[string]any) behaviour {
		return refuse(name, reason, func(s *site) option {
			all := s.signIn("a@example.com").Claims()
			maps.Copy(all, claims)
			return bearer(s.em.Sign(header, all))
		})
	}
	now := time.Now().Unix()
	return []behaviour{
		refuse("signed out", clerk.ReasonDevBrowserMissing, func(*site) option { return func(*http.Request) {} }),
		refuse("signed out of a browser", clerk.ReasonSessionTokenAndUATMissing, func(s *site) option {
			sess := s.signIn("a@example.com")
			sess.End()
			return browserCookies(sess)
		}),
		refuse("another scheme", clerk.ReasonDevBrowserMissing, func(*site) option { return header("Authorization", "Basic dXNlcjpwYXNz") }),
		refuse("garbage", clerk.ReasonTokenInvalid, func(*site) option { return bearer("garbage") }),
		refuse("bad signature", clerk.ReasonTokenInvalidSignature, func(s *site) option {
			token := s.signIn("a@example.com").Token()
			last := token[strings.LastIndexByte(token, '.')+1:]
			flipped := "A"
			if last[0] == 'A' {
				flipped = "B"
			}
			return bearer(token[:len(token)-len(last)] + flipped + last[1:])
		}),
		refuse("no signature", clerk.ReasonTokenInvalidAlgorithm, func(s *site) option {
			return bearer(s.em.SignWith(nil, map[string]any{"alg": "none"}, s.signIn("a@example.com").Claims()))
		}),
		refuse("expired", clerk.ReasonSessionTokenExpired, func(s *site) option {
			token := s.signIn("a@example.com").Token()
			s.em.Advance(2 * time.Minute)
			return bearer(token)
		}),
		refuse("expired in a cookie", clerk.ReasonSessionTokenExpired, func(s *site) option {
			return browserCookies(s.signIn("a@example.com"), clerktest.WithLifetime(-time.Minute))
		}),
		change("not active yet", clerk.ReasonSessionTokenNBF, nil, map[string]any{"nbf": now + 3600}),
		change("another origin", clerk.ReasonTokenInvalidAuthorizedParties, nil, map[string]any{"azp": "https://evil.example.com"}),
		change("another instance", clerk.ReasonTokenInvalidIssuer, nil, map[string]any{"iss": "https://other.clerk.accounts.dev"}),
		change("template token", clerk.ReasonTokenTypeMismatch, map[string]any{"cat": clerktest.CategoryTemplate}, nil),
		change("machine token", clerk.ReasonTokenTypeMismatch, nil, map[string]any{"sub": "mch_1"}),
		refuse("pending session", clerk.ReasonSessionPending, func(s *site) option {
			return bearer(s.signIn("a@example.com", clerktest.WithPending("choose-organization")).Token())
		}),
		refuse("bad token with a good cookie", clerk.ReasonTokenInvalid, func(s *site) option {
			cookies := browserCookies(s.signIn("a@example.com"))
			return func(r *http.Request) { cookies(r); bearer("garbage")(r) }
		}),
		refuse("removed key", clerk.ReasonJWKKidMismatch, func(s *site) option {
			token := s.signIn("a@example.com").Token()
			s.em.RotateKeys()
			return bearer(token)
		}),
		{"refusals/Deny answers as Require", denied},
		{"refusals/answered by the application", answered},
		{"refusals/answered with the kit's cookies", func(c *checker) {
			set := setup{production: true, onRefusal: func(f *middleware.Failure) (int, string) { return http.StatusTeapot, "no: " + f.Error() }}
			s := c.serve(set, Group{Handler: true, Routes: []Route{gated("/admin", clerk.Role("org:admin"))}})
			answer, want := s.handshakeCookie(s.signIn("a@example.com"))
			a := s.get("/admin", answer)
			if a.status != http.StatusTeapot {
				s.errorf("status %d, want the application's 418; body %s", a.status, a.body)
			}
			s.hasCookies(a, want)
		}},
	}
}

// denied compares what a handler answers that checks by itself with what a gate answers.
func denied(c *checker) {
	for _, set := range []setup{{}, {onRefusal: func(f *middleware.Failure) (int, string) { return f.Status + 10, "no: " + string(f.Reason) }}} {
		var auth adapter.Middleware
		byHand := func(reqs ...clerk.Requirement) func(Exchange) error {
			return func(x Exchange) error {
				if err := x.Auth().Check(reqs...); err != nil {
					return x.Deny(auth, err)
				}
				return whoami(x)
			}
		}
		admin, strict, scope := clerk.Role("org:admin"), clerk.Reverified(clerk.Strict), clerk.Any(clerk.Org("org_9"), clerk.Scope("a"))
		s := c.serve(set, Group{Handler: true, Routes: []Route{
			{Method: http.MethodGet, Path: "/by-hand", Handle: byHand()}, gated("/gated"),
			{Method: http.MethodGet, Path: "/by-hand/admin", Handle: byHand(admin)}, gated("/gated/admin", admin),
			{Method: http.MethodGet, Path: "/by-hand/strict", Handle: byHand(strict)}, gated("/gated/strict", strict),
			{Method: http.MethodGet, Path: "/by-hand/any", Handle: byHand(scope)}, gated("/gated/any", clerk.Tokens(clerk.SessionToken), scope),
			{Method: http.MethodGet, Path: "/nil", Handle: func(x Exchange) error { return x.Deny(auth, nil) }},
		}})
		auth = s.auth
		sess := s.signIn("a@example.com", clerktest.WithFactorAges(60, 60))
		same := func(path string, opts ...option) {
			got, want := s.get("/by-hand"+path, opts...), s.get("/gated"+path, opts...)
			if got.status != want.status || got.body != want.body || got.status < 401 {
				s.errorf("%s: Deny answers %d %s, Require %d %s", path, got.status, got.body, want.status, want.body)
			}
			for _, name := range []string{"Content-Type", "WWW-Authenticate", "Cache-Control", "Retry-After", "X-Content-Type-Options", "X-Clerk-Auth-Status", "X-Clerk-Auth-Reason"} {
				if name == "WWW-Authenticate" && (got.header.Get(name) == "") == (want.header.Get(name) == "") {
					continue // only a gate knows which tokens the route takes
				}
				if g, w := strings.Join(got.header.Values(name), ", "), strings.Join(want.header.Values(name), ", "); g != w {
					s.errorf("%s: %s is %q after Deny, %q after Require", path, name, g, w)
				}
			}
		}
		for _, path := range []string{"", "/admin", "/strict", "/any"} {
			same(path)
			same(path, bearer("garbage"))
			if path != "" {
				same(path, bearer(sess.Token()))
			}
		}
		if a := s.get("/nil", bearer(sess.Token())); a.status/10 != 40 && a.status/10 != 41 {
			s.errorf("Deny without an error: status %d, want a refusal", a.status)
		}
		s.isUser(s.get("/by-hand", bearer(sess.Token())), sess)
		s.em.Fault(clerktest.Fault{Path: "/v1/jwks", Status: http.StatusServiceUnavailable})
		s.em.RotateKeys()
		s.em.Advance(time.Hour)
		fresh := bearer(sess.Token())
		if a := s.get("/gated", fresh); a.status != http.StatusServiceUnavailable && a.status != http.StatusServiceUnavailable+10 {
			s.errorf("without keys: status %d, want 503; body %s", a.status, a.body)
		}
		same("", fresh)
		same("/admin", fresh)
	}
}

// answered has the application answer refusals in its own way, by the router's
// error handler where it has one.
func answered(c *checker) {
	set := setup{onRefusal: func(f *middleware.Failure) (int, string) {
		return http.StatusTeapot, "no: " + http.StatusText(f.Status) + ", " + string(f.Reason) + ", " + f.Auth.UserID
	}}
	s := c.serve(set, Group{Handler: true, Routes: []Route{gated("/gated"), gated("/admin", clerk.Role("org:admin")), me()}})
	sess := s.signIn("a@example.com")
	want := func(a *answer, body string) {
		if a.status != http.StatusTeapot || a.body != body {
			s.errorf("status %d, body %q; want the application's 418, %q", a.status, a.body, body)
		}
	}
	want(s.get("/gated"), "no: Unauthorized, dev-browser-missing, ")
	want(s.get("/admin", bearer(sess.Token())), "no: Forbidden, , "+sess.UserID)
	s.isUser(s.get("/gated", bearer(sess.Token())), sess)
	s.isNobody(s.get("/me"), clerk.ReasonDevBrowserMissing)
}
