package middlewaretest

import (
	"context"
	"crypto/rsa"
	"fmt"
	"sync/atomic"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/verify"
)

// noKeys is a source that cannot be reached.
type noKeys struct{}

// Key implements verify.KeySource.
func (noKeys) Key(context.Context, string) (*rsa.PublicKey, error) {
	return nil, fmt.Errorf("no network: %w", clerk.ErrUnavailable)
}

// flakyKeys is a source that can be switched off.
type flakyKeys struct {
	off  atomic.Bool
	keys verify.KeySource
}

// Key implements verify.KeySource.
func (k *flakyKeys) Key(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	if k.off.Load() {
		return noKeys{}.Key(ctx, kid)
	}
	return k.keys.Key(ctx, kid)
}

// outages are about Clerk out of reach: not a sign-out, and nobody gets in.
func outages() []behaviour {
	gate := Group{Handler: true, Routes: []Route{me(), gated("/gated")}}
	return []behaviour{
		{"outages/gated route", func(c *checker) {
			s := c.serve(setup{options: []middleware.Option{middleware.WithKeySource(noKeys{})}}, gate)
			sess := s.signIn("a@example.com")
			s.is503(s.get("/gated", bearer(sess.Token())))
			s.is503(s.get("/gated", browserCookies(sess)))
		}},
		{"outages/gate alone", func(c *checker) {
			s := c.serve(setup{options: []middleware.Option{middleware.WithKeySource(noKeys{})}}, Group{Routes: []Route{gated("/gated")}})
			s.is503(s.get("/gated", bearer(s.signIn("a@example.com").Token())))
		}},
		{"outages/browser is not redirected", func(c *checker) {
			s := c.serve(setup{options: []middleware.Option{middleware.WithKeySource(noKeys{})}}, gate)
			s.is503(s.get("/gated", browserCookies(s.signIn("a@example.com")), document))
		}},
		{"outages/without a token it is 401", func(c *checker) {
			s := c.serve(setup{options: []middleware.Option{middleware.WithKeySource(noKeys{})}}, gate)
			s.is401(s.get("/gated"), clerk.ReasonDevBrowserMissing)
		}},
		{"outages/pass", func(c *checker) {
			em, _ := c.clerk(setup{})
			keys, err := verify.PEM(em.JWTKey())
			if err != nil {
				c.fatalf("the emulator's key: %v", err)
			}
			flaky := &flakyKeys{keys: keys}
			flaky.off.Store(true)
			s := c.serve(setup{options: []middleware.Option{middleware.WithKeySource(flaky)}}, gate)
			sess := s.signIn("a@example.com")
			token := sess.Token()
			s.is503(s.get("/gated", bearer(token)))
			flaky.off.Store(false)
			s.isUser(s.get("/gated", bearer(token)), sess)
		}},
	}
}
