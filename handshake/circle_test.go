package handshake

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// TestCircleNamesTheRefusal: a browser that comes back with an answer that is refused
// is told by that refusal, and by no guess.
func TestCircleNamesTheRefusal(t *testing.T) {
	keys(t)
	session := func(over claims) string { return token(t, over) }
	for name, c := range map[string]struct {
		answer string // the handshake cookie
		says   []string
		not    string
	}{
		"another key": {handshakeToken(t, claims{"key": "other"}, "__session="+session(nil)), []string{"token-invalid-signature", "CLERK_SECRET_KEY"}, "CLERK_AUTHORIZED_PARTIES"},
		"another azp": {handshakeToken(t, nil, "__session="+session(claims{"azp": "https://www.example.com"})), []string{"token-invalid-authorized-parties", "CLERK_AUTHORIZED_PARTIES"}, "CLERK_SECRET_KEY"},
		"clock":       {handshakeToken(t, nil, "__session="+session(claims{"nbf": now.Unix() + 600, "exp": now.Unix() + 660})), []string{"token-not-active-yet", "by 10m", "clock"}, "CLERK_SECRET_KEY"},
		"none":        {"", []string{"without an answer"}, "CLERK_SECRET_KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			w := production()
			w.machine(t) // sets the clock
			w.config.Logger = slog.New(slog.NewTextHandler(&log, nil))
			v, err := verify.New(verify.Config{Keys: &w.keys, Now: w.clock, Logger: w.config.Logger, AuthorizedParties: []string{"https://app.example.com"}})
			if err != nil {
				t.Fatal(err)
			}
			m, err := New(Config{Clerk: w.config, Verifier: v, Backend: &w.backend})
			if err != nil {
				t.Fatal(err)
			}
			cookies := "__client_uat=" + "1700000000" + "; __clerk_redirect_count=3"
			if c.answer != "" {
				cookies += "; __clerk_handshake=" + c.answer
			}
			d := m.Authenticate(t.Context(), page(cookies))
			want(t, d, SignedOut, clerk.ReasonClientUATWithoutSessionToken)
			for _, word := range c.says {
				if !strings.Contains(log.String(), word) {
					t.Errorf("the warning does not say %q: %s", word, &log)
				}
			}
			if strings.Contains(log.String(), c.not) || c.answer != "" && strings.Contains(log.String(), strings.Split(c.answer, ".")[1]) {
				t.Errorf("the warning guesses, or shows a token: %s", &log)
			}
			if (d.Cause == nil) != (c.answer == "") {
				t.Errorf("cause %v", d.Cause)
			}
		})
	}
}
