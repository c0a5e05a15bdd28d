package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// FuzzVerify verifies arbitrary headers and bodies. Accepted deliveries must have a
// signature that a separate computation confirms. Refusals must be an *Error.
func FuzzVerify(f *testing.F) {
	raw := []byte("0123456789abcdef0123456789abcdef")
	secret := secretPrefix + base64.StdEncoding.EncodeToString(raw)
	seed := func(h http.Header, body string) {
		f.Add(h.Get("svix-id"), h.Get("svix-timestamp"), h.Get("svix-signature"), "", "", "", []byte(body))
		f.Add("", "", "", h.Get("svix-id"), h.Get("svix-timestamp"), h.Get("svix-signature"), []byte(body))
	}
	seed(signed(f, goodBody, secret), goodBody)
	for _, fo := range forgeries {
		if h, body := signed(f, goodBody, secret), goodBody; fo.want != ErrInvalidHeader && len(h.Get("svix-signature")) < 5000 {
			fo.do(h, &body)
			seed(h, body)
		}
	}
	f.Add("msg_1", "NaN", "v1,", "msg_2", "-1", " ", []byte("{"))
	v := newVerifier(f, Config{Secrets: []string{secret}, MaxBodyBytes: 4096})
	f.Fuzz(func(t *testing.T, id, ts, sig, id2, ts2, sig2 string, body []byte) {
		h := http.Header{}
		for i, value := range []string{id, ts, sig} {
			if value != "" {
				h[svixNames[i]] = []string{value}
			}
		}
		for i, value := range []string{id2, ts2, sig2} {
			if value != "" {
				h[standardNames[i]] = []string{value}
			}
		}
		ev, err := v.Verify(h, body)
		if err != nil {
			var e *Error
			if ev != nil || !errors.As(err, &e) || e.Reason == "" {
				t.Fatalf("got %v, %v", ev, err)
			}
			noSecret(t, err.Error(), secret)
			return
		}
		if id == "" || ts == "" || sig == "" {
			id, ts, sig = id2, ts2, sig2
		}
		mac := hmac.New(sha256.New, raw)
		mac.Write([]byte(id + "." + ts + "." + string(body)))
		if !strings.Contains(" "+sig+" ", " v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil))+" ") {
			t.Fatalf("accepted without a signature: %q %q %q %q", id, ts, sig, body)
		}
		n, err := strconv.ParseInt(ts, 10, 64)
		if off := testNow.Sub(time.Unix(n, 0)); err != nil || off.Abs() > 5*time.Minute || ev.ID != id || ev.Type == "" {
			t.Fatalf("accepted %v of %q", ev, ts)
		}
	})
}

// FuzzEvent verifies arbitrary signed bodies.
func FuzzEvent(f *testing.F) {
	for _, body := range []string{goodBody, "", "null", `{"type":"a","timestamp":1e3}`, `{"type":"a","data":{"id":1}}`, `{"Type":"a","DATA":[]}`, "{\"type\":\"\xff\"}"} {
		f.Add([]byte(body))
	}
	v := newVerifier(f, Config{})
	f.Fuzz(func(t *testing.T, body []byte) {
		ev, err := v.Verify(signed(t, string(body)), body)
		if err != nil {
			if !errors.Is(err, ErrMalformedEvent) && !errors.Is(err, ErrTooLarge) {
				t.Fatal(err)
			}
			return
		}
		if ev.Type == "" || ev.ID != "msg_1" {
			t.Fatalf("got %v", ev)
		}
		if _, err := Decode[person](ev); err != nil && !errors.Is(err, ErrMalformedEvent) {
			t.Fatal(err)
		}
	})
}

// FuzzSecret passes arbitrary text to New. An error must not repeat it.
func FuzzSecret(f *testing.F) {
	f.Add(testSecret(1))
	f.Add("whsec_")
	f.Add("")
	f.Add("sk_live_0123456789\n")
	f.Fuzz(func(t *testing.T, secret string) {
		v, err := New(Config{Secrets: []string{secret}})
		if err == nil {
			if decoded, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_")); err != nil || len(decoded) < 24 || len(v.keys) != 1 {
				t.Fatalf("took %q", secret)
			}
			return
		}
		var ce *clerk.ConfigError
		if v != nil || !errors.As(err, &ce) {
			t.Fatalf("got %v, %v", v, err)
		}
		if len(secret) > 24 && strings.Contains(err.Error(), secret) {
			t.Fatalf("repeats the secret: %v", err)
		}
	})
}
