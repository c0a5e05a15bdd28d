package verify_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

const (
	origin = "https://app.example.com"
	issuer = "https://clerk.example.com"
	kid    = "ins_1"
	nowSec = 1750000000

	sessionCat  = "cl_B7d4PD111AAA"
	templateCat = "cl_B7d4PD222AAA"
	m2mCat      = "cl_B7d4PD333AAA"
	ignoreCat   = "cl_I7d4PD111III"
)

var quiet = slog.New(slog.DiscardHandler)

func at(ms int64) func() time.Time { return func() time.Time { return time.UnixMilli(ms) } }

// keyMap is a key source.
type keyMap map[string]*rsa.PublicKey

func (m keyMap) Key(_ context.Context, kid string) (*rsa.PublicKey, error) {
	if key := m[kid]; key != nil {
		return key, nil
	}
	return nil, clerk.ErrKeyUnknown
}

// keyFunc is a key source.
type keyFunc func(ctx context.Context, kid string) (*rsa.PublicKey, error)

func (f keyFunc) Key(ctx context.Context, kid string) (*rsa.PublicKey, error) { return f(ctx, kid) }

// config returns a strict Config, with the changes applied.
func config(change ...func(*verify.Config)) verify.Config {
	cfg := verify.Config{
		Keys:              keyMap{kid: &instanceKey().PublicKey},
		AuthorizedParties: []string{"https://other.example.com", origin},
		Issuers:           []string{issuer},
		Now:               at(nowSec * 1000),
		Logger:            quiet,
	}
	for _, c := range change {
		c(&cfg)
	}
	return cfg
}

func newVerifier(tb testing.TB, change ...func(*verify.Config)) *verify.Verifier {
	tb.Helper()
	v, err := verify.New(config(change...))
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// obj is a JSON object. A json.RawMessage is copied as it is; remove drops a member of
// the default.
type obj map[string]any

type removed struct{}

var remove = removed{}

// with returns o with the members of p.
func (o obj) with(p obj) obj {
	out := maps.Clone(o)
	for k, v := range p {
		if v == remove {
			delete(out, k)
		} else {
			out[k] = v
		}
	}
	return out
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }

func (o obj) String() string {
	b, err := json.Marshal(map[string]any(o))
	if err != nil {
		panic(err)
	}
	return string(b)
}

func header(p obj) obj {
	return obj{"alg": "RS256", "kid": kid, "typ": "JWT", "cat": sessionCat}.with(p)
}

func session(p obj) obj {
	return obj{
		"sub": "user_1", "sid": "sess_1", "iss": issuer, "azp": origin, "sts": "active", "v": 2, "fva": []int{1, -1},
		"exp": nowSec + 60, "nbf": nowSec - 10, "iat": nowSec,
	}.with(p)
}

func m2m(p obj) obj {
	return obj{"sub": "mch_1", "iss": issuer, "azp": origin, "exp": nowSec + 60, "iat": nowSec, "scopes": "mch_2"}.with(p)
}

func oauth(p obj) obj {
	return obj{"sub": "user_1", "iss": issuer, "azp": origin, "client_id": "c_1", "exp": nowSec + 60, "iat": nowSec}.with(p)
}

func handshake(p obj) obj {
	return obj{"handshake": []string{"__client_uat=1750000000; Path=/", "__session=x.y.z; Path=/"}}.with(p)
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// sign returns a token with header and payload exactly as given.
func sign(key *rsa.PrivateKey, header, payload string) string {
	return signText(key, crypto.SHA256, b64(header)+"."+b64(payload))
}

func signText(key *rsa.PrivateKey, h crypto.Hash, text string) string {
	sum := h.New()
	_, _ = sum.Write([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, h, sum.Sum(nil))
	if err != nil {
		panic(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// token returns a token signed with the instance's key.
func token(header, payload obj) string { return sign(instanceKey(), header.String(), payload.String()) }

// refused checks that err is a *verify.Error with the reason want, whose text shows no
// part of the token.
func refused(t *testing.T, err error, want clerk.Reason, token string) {
	t.Helper()
	var e *verify.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T %v is not a *verify.Error", err, err)
	}
	if e.Reason != want {
		t.Errorf("the reason is %s (%v), want %s", e.Reason, err, want)
	}
	if !errors.Is(err, &verify.Error{Reason: want}) || errors.Is(err, &verify.Error{Reason: want + "x"}) {
		t.Errorf("errors.Is does not go by the reason of %v", err)
	}
	text := err.Error()
	if !strings.HasPrefix(text, "verify: "+string(want)) || len(text) > 300 || strings.ContainsAny(text, "\n\r\x00") {
		t.Errorf("the text is %q", text)
	}
	for part := range strings.SplitSeq(token, ".") {
		if len(part) >= 8 && strings.Contains(text, part) {
			t.Errorf("the text repeats the token: %q", text)
		}
	}
	for _, word := range []string{"SuperSecret", "user_1", "sess_1", "evil", kid} {
		if strings.Contains(text, word) {
			t.Errorf("the text repeats %q from the token: %q", word, text)
		}
	}
}

// inEverySlot calls all methods that verify a token.
func inEverySlot(ctx context.Context, v *verify.Verifier, token string) map[string]error {
	_, session := v.Verify(ctx, token)
	_, m2m := v.VerifyM2M(ctx, token)
	_, oauth := v.VerifyOAuth(ctx, token)
	_, handshake := v.VerifyHandshake(ctx, token)
	_, template := v.VerifyTemplate(ctx, token)
	return map[string]error{"template": template, "session": session, "m2m": m2m, "oauth": oauth, "handshake": handshake}
}
