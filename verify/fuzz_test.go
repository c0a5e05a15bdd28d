package verify_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/verify"
)

// FuzzVerify checks that Verify and its siblings never panic and accept only signed
// tokens.
func FuzzVerify(f *testing.F) {
	golden := map[string]string{
		good(): "session",
		token(header(obj{"cat": remove, "typ": remove}), session(obj{"o": obj{"id": "org_1", "rol": "admin"}})): "session",
		token(header(obj{"cat": m2mCat}), m2m(nil)):                                                             "m2m",
		token(header(obj{"typ": "at+jwt", "cat": remove}), oauth(nil)):                                          "oauth",
		token(header(nil), handshake(obj{"iat": nowSec, "exp": nowSec})):                                        "handshake",
		token(header(obj{"cat": ignoreCat}), session(obj{"fea": "o:x"})):                                        "session",
	}
	for tok := range golden {
		f.Add(tok)
	}
	for _, tt := range slices.Concat(malformed(), unfit()) {
		switch { // not a session, but valid for its own method
		case strings.HasPrefix(tt.name, "handshake token"):
			golden[tt.token] = "handshake"
		case tt.name == "machine token without category":
			golden[tt.token] = "m2m"
		case tt.name == "JWT template":
			golden[tt.token] = "template"
		}
		if len(tt.token) < 4096 {
			f.Add(tt.token)
		}
	}
	v := newVerifier(f)
	f.Fuzz(func(t *testing.T, tok string) {
		for slot, err := range inEverySlot(t.Context(), v, tok) {
			if err == nil && golden[tok] != slot {
				t.Errorf("%q is accepted as %s", tok, slot)
			}
			if err == nil {
				continue
			}
			var e *verify.Error
			if !errors.As(err, &e) || e.Reason == "" {
				t.Errorf("%T %v", err, err)
			}
			for part := range strings.SplitSeq(tok, ".") {
				if len(part) > 40 && strings.Contains(err.Error(), part) {
					t.Errorf("the error repeats the token: %v", err)
				}
			}
		}
		if u, err := verify.Decode(tok); err == nil && u.Claims != nil {
			_ = u.Claims.Auth().Permissions()
		}
	})
}
