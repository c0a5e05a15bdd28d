package handshake

import (
	"context"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

// TestAcceptedToken: Auth.Token is the token that was accepted, wherever it came
// from, and not the one that it replaced.
func TestAcceptedToken(t *testing.T) {
	good, fresh := token(t, nil), token(t, claims{"sid": "sess_fresh"})
	s := suffix(t, prodKey)
	w := production()
	w.backend.nonce = map[string][]string{"n1": {"__session=" + fresh + "; Path=/", "__client_uat=1749999990; Path=/"}}
	w.backend.refreshed = []string{"__session=" + fresh + "; Path=/"}
	w.backend.token = MachineToken{ID: "ak_1", Subject: "user_1"}
	a := w.machine(t)
	for name, tt := range map[string]struct {
		r    Request
		kind clerk.TokenType
		want string
	}{
		"header":                  {bearer(good), clerk.SessionToken, good},
		"cookie":                  {fetch(uatNow + "; __session=" + good), clerk.SessionToken, good},
		"answer of the handshake": {fetch("__clerk_handshake_nonce=n1; " + uatNow + "; __session=" + good), clerk.SessionToken, fresh},
		"refresh":                 {fetch("__client_uat" + s + "=1; __session" + s + "=" + expired(t) + "; __refresh" + s + "=rt"), clerk.SessionToken, fresh},
		"opaque":                  {bearer("ak_secret"), clerk.APIKey, "ak_secret"},
		"signed out":              {fetch(""), clerk.SessionToken, ""},
		"refused":                 {bearer(good + "x"), clerk.SessionToken, ""},
	} {
		for range 2 { // the second comes from the caches
			if d := a.Authenticate(context.Background(), tt.r, tt.kind); d.Auth.Token() != tt.want {
				t.Errorf("%s: %s %s: the token is %d bytes, want %d", name, d.Status, d.Reason, len(d.Auth.Token()), len(tt.want))
			}
		}
	}
	for _, text := range []string{good, "ak_secret"} {
		if d := a.VerifyToken(context.Background(), text, clerk.SessionToken, clerk.APIKey); d.Auth.Token() != text {
			t.Errorf("VerifyToken: %s %s", d.Status, d.Reason)
		}
	}
}
