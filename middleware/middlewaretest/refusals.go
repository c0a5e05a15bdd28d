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
