package middlewaretest

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
)

// keyring is a Backend API that knows three opaque tokens, one of each kind, and
// the answer of one handshake, and counts how often it is asked.
type keyring struct {
	handshake.Backend // for what is not asked here

	mu      sync.Mutex
	calls   int
	down    bool
	payload []string // behind every nonce, once
	seen    []string // tokens as they were given
	copies  []string // what they were then
}

const (
	goodKey   = "ak_good0123456789"
	goodM2M   = "mt_good0123456789"
	goodOAuth = "oat_good0123456789"
)

func (k *keyring) ask(token, good string, answer handshake.MachineToken) (handshake.MachineToken, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls++
	k.seen, k.copies = append(k.seen, token), append(k.copies, strings.Clone(token))
	switch {
	case k.down:
		return handshake.MachineToken{}, &handshake.BackendError{Status: http.StatusBadGateway}
	case token != good:
		return handshake.MachineToken{}, &handshake.BackendError{Status: http.StatusNotFound}
	}
	return answer, nil
}

// VerifyAPIKey implements handshake.Backend.
func (k *keyring) VerifyAPIKey(_ context.Context, token string) (handshake.MachineToken, error) {
	return k.ask(token, goodKey, handshake.MachineToken{ID: "ak_1", Subject: "user_1", Name: "ci", Scopes: []string{"read"}})
}

// VerifyM2M implements handshake.Backend.
func (k *keyring) VerifyM2M(_ context.Context, token string) (handshake.MachineToken, error) {
	return k.ask(token, goodM2M, handshake.MachineToken{ID: "mt_1", Subject: "mch_1"})
}

// VerifyOAuth implements handshake.Backend.
func (k *keyring) VerifyOAuth(_ context.Context, token string) (handshake.MachineToken, error) {
	return k.ask(token, goodOAuth, handshake.MachineToken{ID: "oat_1", Subject: "user_2", ClientID: "client_1"})
}

// HandshakePayload implements handshake.Backend.
func (k *keyring) HandshakePayload(context.Context, string) ([]string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls++
	payload := k.payload
	if k.payload = nil; payload == nil {
		return nil, &handshake.BackendError{Status: http.StatusNotFound}
	}
	return payload, nil
}

func (k *keyring) asked() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.calls
}

// machines are about the other kinds of tokens, which routes take only if they
// say so.
func machines() []behaviour {
	group := Group{Handler: true, Routes: []Route{
		me(),
		gated("/session"),
		gated("/key", clerk.Tokens(clerk.APIKey)),
		gated("/m2m", clerk.Tokens(clerk.M2M)),
		gated("/oauth", clerk.Tokens(clerk.OAuth)),
		gated("/machine", clerk.Tokens(clerk.APIKey, clerk.M2M, clerk.OAuth)),
		gated("/either", clerk.Tokens(clerk.SessionToken, clerk.APIKey)),
		gated("/editor-or-key", clerk.Any(clerk.Role("org:editor"), clerk.Tokens(clerk.APIKey))),
	}}
	ask := func(name string, f func(*site, *keyring)) behaviour {
		return behaviour{"machines/" + name, func(c *checker) {
			for _, handler := range []bool{true, false} {
				k := &keyring{}
				g := group
				g.Handler = handler
				f(c.serve(setup{options: []middleware.Option{middleware.WithBackend(k)}}, g), k)
			}
		}}
	}
	// is wants the handler to have seen the machine.
	is := func(s *site, a *answer, kind clerk.TokenType, subject string) identity {
		id := s.who(a)
		if id.Type != string(kind) || id.Subject != subject || id.SignedIn || id.Reason != "" {
			s.errorf("the handler saw %+v, want %s of %s", id, kind, subject)
		}
		return id
	}
	return []behaviour{
		ask("API key", func(s *site, _ *keyring) {
			if id := is(s, s.get("/key", bearer(goodKey)), clerk.APIKey, "user_1"); id.User != "user_1" || id.Token != "ak_1" {
				s.errorf("the handler saw %+v", id)
			}
			s.is401(s.get("/key", bearer("ak_bad")), anyReason)
		}),
		ask("M2M token", func(s *site, _ *keyring) {
			is(s, s.get("/m2m", bearer(goodM2M)), clerk.M2M, "mch_1")
			s.is401(s.get("/m2m", bearer("mt_bad")), anyReason)
		}),
		ask("OAuth token", func(s *site, _ *keyring) {
			is(s, s.get("/oauth", bearer(goodOAuth)), clerk.OAuth, "user_2")
			s.is401(s.get("/oauth", bearer("oat_bad")), anyReason)
		}),
		ask("one route for all kinds", func(s *site, _ *keyring) {
			is(s, s.get("/machine", bearer(goodKey)), clerk.APIKey, "user_1")
			is(s, s.get("/machine", bearer(goodM2M)), clerk.M2M, "mch_1")
			is(s, s.get("/machine", bearer(goodOAuth)), clerk.OAuth, "user_2")
		}),
		ask("another kind than the route takes", func(s *site, k *keyring) {
			s.is401(s.get("/m2m", bearer(goodKey)), clerk.ReasonTokenTypeMismatch)
			s.is401(s.get("/key", bearer(goodOAuth)), clerk.ReasonTokenTypeMismatch)
			s.is401(s.get("/either", bearer(goodM2M)), clerk.ReasonTokenTypeMismatch)
			s.is401(s.get("/key"), anyReason)
			if n := k.asked(); n > 0 {
				s.errorf("%d calls to the Backend API for tokens that the routes do not take", n)
			}
		}),
		ask("nothing for routes that take sessions", func(s *site, k *keyring) {
			s.is401(s.get("/session", bearer(goodKey)), anyReason)
			if id := s.who(s.get("/me", bearer(goodM2M))); id.Subject != "" || id.User != "" {
				s.errorf("an open route believes a machine token: %+v", id)
			}
			if n := k.asked(); n > 0 {
				s.errorf("%d calls to the Backend API for routes that take sessions", n)
			}
		}),
		ask("no session for routes that take machines", func(s *site, _ *keyring) {
			sess := s.signIn("a@example.com")
			s.is401(s.get("/key", bearer(sess.Token())), clerk.ReasonTokenTypeMismatch)
			s.is401(s.get("/key", browserCookies(sess)), anyReason)
		}),
		ask("session or key", func(s *site, _ *keyring) {
			sess := s.signIn("a@example.com")
			s.isUser(s.get("/either", bearer(sess.Token())), sess)
			s.isUser(s.get("/either", browserCookies(sess)), sess)
			is(s, s.get("/either", bearer(goodKey)), clerk.APIKey, "user_1")
			is(s, s.get("/editor-or-key", bearer(goodKey)), clerk.APIKey, "user_1")
			s.is403(s.get("/editor-or-key", bearer(sess.Token())))
			editor := s.signIn("b@example.com", clerktest.WithOrg("org_1", "org:editor"))
			s.isUser(s.get("/editor-or-key", bearer(editor.Token())), editor)
		}),
		ask("machine JWT", func(s *site, _ *keyring) {
			all := s.signIn("a@example.com").Claims()
			for _, name := range []string{"sid", "sts", "fva", "v"} {
				delete(all, name)
			}
			maps.Copy(all, map[string]any{"sub": "mch_2", "scopes": "mch_1"})
			is(s, s.get("/m2m", bearer(s.em.Sign(map[string]any{"cat": clerktest.CategoryM2M}, all))), clerk.M2M, "mch_2")
			maps.Copy(all, map[string]any{"sub": "user_9", "client_id": "client_1"})
			is(s, s.get("/oauth", bearer(s.em.Sign(map[string]any{"cat": nil, "typ": "at+jwt"}, all))), clerk.OAuth, "user_9")
		}),
		ask("tokens outlive the request", func(s *site, k *keyring) {
			// A Backend may keep them: in a cache, in a queue.
			for _, token := range []string{"ak_aaaaaaaaaaaaa", "ak_bbbbbbbbbbbbb", goodKey, "ak_ccccccccccccc"} {
				s.get("/key", bearer(token))
				s.get("/me", header("Authorization", "Bearer "+strings.Repeat("x", len(token))))
			}
			if len(k.seen) != 4 || !slices.Equal(k.seen, k.copies) {
				s.errorf("the Backend was given %q; afterwards that is %q", k.copies, k.seen)
			}
		}),
		{"machines/tokens of the emulator", func(c *checker) {
			// The Backend API that the middleware has of itself, and nothing in between.
			s := c.serve(setup{config: func(cfg *clerk.Config) { cfg.AuthorizedParties = nil }}, group)
			u := s.em.AddUser(clerktest.User{Email: "a@example.com"})
			job := s.em.AddMachine(clerktest.Machine{Name: "job"})
			like := clerktest.MachineToken{Scopes: []string{"read"}}
			is(s, s.get("/key", bearer(s.em.APIKey(u.ID, like))), clerk.APIKey, u.ID)
			for _, jwt := range []bool{false, true} {
				like.JWT = jwt
				is(s, s.get("/m2m", bearer(s.em.M2MToken(job, clerktest.MachineToken{JWT: jwt}))), clerk.M2M, job.ID)
				is(s, s.get("/oauth", bearer(s.em.OAuthToken(u, like))), clerk.OAuth, u.ID)
			}
			s.is401(s.get("/key", bearer("ak_0123456789abcdef")), clerk.ReasonTokenInvalid)
			s.is401(s.get("/m2m", bearer("mt_0123456789abcdef")), clerk.ReasonTokenInvalid)
			s.is401(s.get("/oauth", bearer("oat_0123456789abcdef")), clerk.ReasonTokenInvalid)
		}},
		ask("Backend API out of reach", func(s *site, k *keyring) {
			k.mu.Lock()
			k.down = true
			k.mu.Unlock()
			s.is503(s.get("/key", bearer(goodKey)))
		}),
	}
}
