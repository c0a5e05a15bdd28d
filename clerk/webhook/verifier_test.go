package webhook

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/clerkkit/clerkkit/clerk"
)

type vector struct {
	Name      string
	Secrets   []string
	ID        string
	Timestamp int64
	Header    map[string]string
	Body      string
}

// goldenVectors returns deliveries signed by the npm packages standardwebhooks and
// svix.
func goldenVectors(tb testing.TB) []vector {
	tb.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		tb.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(data, &file); err != nil {
		tb.Fatal(err)
	}
	if len(file.Vectors) < 16 {
		tb.Fatalf("%d vectors", len(file.Vectors))
	}
	return file.Vectors
}

func (v vector) header() http.Header {
	h := http.Header{}
	for name, value := range v.Header {
		h.Set(name, value)
	}
	return h
}

func TestGoldenVectorsVerify(t *testing.T) {
	for _, vec := range goldenVectors(t) {
		t.Run(vec.Name, func(t *testing.T) {
			for _, secret := range vec.Secrets { // each one alone is enough
				v := newVerifier(t, Config{Secrets: []string{secret}, Now: func() time.Time { return time.Unix(vec.Timestamp, 0) }})
				ev, err := v.Verify(vec.header(), []byte(vec.Body))
				if err != nil {
					t.Fatal(err)
				}
				if ev.ID != vec.ID || ev.SentAt.Unix() != vec.Timestamp || ev.Type == "" || len(ev.Data) == 0 {
					t.Errorf("got %v sent at %v", ev, ev.SentAt)
				}
			}
		})
	}
}

func TestGoldenVectorsSign(t *testing.T) {
	for _, vec := range goldenVectors(t) {
		s, err := NewSigner(vec.Secrets...)
		if err != nil {
			t.Fatal(err)
		}
		h := http.Header{}
		if err := s.Sign(h, vec.ID, time.Unix(vec.Timestamp, 999), []byte(vec.Body)); err != nil {
			t.Fatal(err)
		}
		for name, want := range vec.Header {
			name = "svix-" + name[strings.LastIndexByte(name, '-')+1:]
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s: %q, the library makes %q", vec.Name, name, got, want)
			}
		}
	}
}

func TestConfig(t *testing.T) {
	good := testSecret(1)
	raw := good[len(secretPrefix):]
	for name, tc := range map[string]struct {
		cfg   Config
		field string
	}{
		"no secret":       {Config{}, "Secrets"},
		"empty":           {Config{Secrets: []string{""}}, "Secrets[0]"},
		"second empty":    {Config{Secrets: []string{good, ""}}, "Secrets[1]"},
		"too many":        {Config{Secrets: strings.Fields(strings.Repeat(good+" ", 17))}, "Secrets"},
		"prefix alone":    {Config{Secrets: []string{"whsec_"}}, "Secrets[0]"},
		"no prefix":       {Config{Secrets: []string{raw}}, "Secrets[0]"},
		"another prefix":  {Config{Secrets: []string{"sk_live_" + raw}}, "Secrets[0]"},
		"upper prefix":    {Config{Secrets: []string{"WHSEC_" + raw}}, "Secrets[0]"},
		"prefix twice":    {Config{Secrets: []string{"whsec_" + good}}, "Secrets[0]"},
		"asymmetric":      {Config{Secrets: []string{"whpk_" + raw}}, "Secrets[0]"},
		"not base64":      {Config{Secrets: []string{"whsec_" + strings.Repeat("!", 44)}}, "Secrets[0]"},
		"base64url":       {Config{Secrets: []string{"whsec_" + strings.Repeat("-_", 22)}}, "Secrets[0]"},
		"no padding":      {Config{Secrets: []string{strings.TrimRight(good, "=")}}, "Secrets[0]"},
		"stray bits":      {Config{Secrets: []string{"whsec_" + strings.Repeat("A", 42) + "B="}}, "Secrets[0]"},
		"short":           {Config{Secrets: []string{"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 23))}}, "Secrets[0]"},
		"space behind":    {Config{Secrets: []string{good + " "}}, "Secrets[0]"},
		"newline behind":  {Config{Secrets: []string{good + "\n"}}, "Secrets[0]"},
		"newline within":  {Config{Secrets: []string{good[:20] + "\r\n" + good[20:]}}, "Secrets[0]"},
		"tolerance < 0":   {Config{Secrets: []string{good}, Tolerance: -1}, "Tolerance"},
		"tolerance > 1 h": {Config{Secrets: []string{good}, Tolerance: time.Hour + 1}, "Tolerance"},
		"body < 0":        {Config{Secrets: []string{good}, MaxBodyBytes: -1}, "MaxBodyBytes"},
		"body > 1 GiB":    {Config{Secrets: []string{good}, MaxBodyBytes: 1<<30 + 1}, "MaxBodyBytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(tc.cfg)
			var ce *clerk.ConfigError
			if !errors.As(err, &ce) || ce.Field != "webhook.Config."+tc.field {
				t.Fatalf("got %v, want a ConfigError for %s", err, tc.field)
			}
			noSecret(t, err.Error(), tc.cfg.Secrets...)
			if strings.HasPrefix(tc.field, "Secrets") {
				if _, err := NewSigner(tc.cfg.Secrets...); err == nil {
					t.Error("NewSigner took it")
				}
			}
		})
	}
	v, err := New(Config{Secrets: []string{good, testSecret(2)}})
	if err != nil || v.tolerance != 5*time.Minute || v.maxBodyBytes != 1<<20 || v.now == nil || v.logger == nil {
		t.Errorf("defaults: %v, %v", v, err)
	}
	if d := time.Since(v.now()); d < 0 || d > time.Minute {
		t.Errorf("the default clock is %v off", d)
	}
}

func TestSecretsNeverShow(t *testing.T) {
	secret := testSecret(7)
	cfg := Config{Secrets: []string{secret}}
	v := newVerifier(t, cfg)
	s, err := NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := base64.StdEncoding.DecodeString(secret[len(secretPrefix):])
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "cfg", cfg, "v", v, "s", s)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "cfg", cfg, "v", v, "s", s)
	hidden := struct { // fmt calls no methods of unexported fields
		v  *Verifier
		vv Verifier
		s  *Signer
	}{v, *v, s}
	texts := []string{log.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X"} {
		texts = append(texts, fmt.Sprintf(verb, hidden))
		for _, value := range []any{cfg, &cfg, v, *v, s, *s} {
			texts = append(texts, fmt.Sprintf(verb, value))
		}
	}
	for _, text := range texts {
		noSecret(t, text, secret)
		for _, form := range []string{"%x", "%X", "%d", "%v", "%s", "%#v"} {
			if leak := strings.Trim(fmt.Sprintf(form, raw[:6]), "[]{}"); strings.Contains(text, leak) {
				t.Errorf("the decoded secret shows in %q", text)
			}
		}
	}
}

func TestTolerance(t *testing.T) {
	h := signed(t, goodBody)
	at := testNow.Truncate(time.Second)
	for _, tc := range []struct {
		tolerance, off time.Duration
		want           error
	}{
		{0, 0, nil},
		{0, 5 * time.Minute, nil},
		{0, 5*time.Minute + 1, ErrTooOld},
		{0, -5 * time.Minute, nil},
		{0, -5*time.Minute - 1, ErrTooNew},
		{time.Second, time.Second, nil},
		{time.Second, 2 * time.Second, ErrTooOld},
		{time.Nanosecond, 1, nil},
		{time.Nanosecond, 2, ErrTooOld},
		{time.Hour, -time.Hour, nil},
		{time.Hour, -time.Hour - 1, ErrTooNew},
		{time.Hour, 1<<63 - 1, ErrTooOld},
	} {
		v := newVerifier(t, Config{Tolerance: tc.tolerance, Now: func() time.Time { return at.Add(tc.off) }})
		if _, err := v.Verify(h, []byte(goodBody)); !errors.Is(err, tc.want) {
			t.Errorf("tolerance %v, off by %v: %v", tc.tolerance, tc.off, err)
		}
	}
	v := newVerifier(t, Config{Now: func() time.Time { return at.Add(6 * time.Minute) }})
	_, err := v.Verify(h, []byte(goodBody))
	if err == nil || err.Error() != "webhook: too-old: signed before the tolerance of 5m0s by 1m0s" {
		t.Errorf("error text: %v", err)
	}
}

func TestRotation(t *testing.T) {
	old, next, other := testSecret(1), testSecret(2), testSecret(3)
	for name, tc := range map[string]struct {
		verifier, signer []string
		want             error
	}{
		"before":                {[]string{old}, []string{old}, nil},
		"receiver first":        {[]string{next, old}, []string{old}, nil},
		"sender first":          {[]string{old}, []string{next, old}, nil},
		"both":                  {[]string{next, old}, []string{next, old}, nil},
		"after":                 {[]string{next}, []string{next}, nil},
		"receiver forgot":       {[]string{old}, []string{next}, ErrNoMatchingSignature},
		"old one taken out":     {[]string{next}, []string{old}, ErrNoMatchingSignature},
		"all of them different": {[]string{old, next}, []string{other}, ErrNoMatchingSignature},
	} {
		v := newVerifier(t, Config{Secrets: tc.verifier})
		if _, err := v.Verify(signed(t, goodBody, tc.signer...), []byte(goodBody)); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestZeroVerifierRefuses(t *testing.T) {
	var v Verifier
	if ev, err := v.Verify(signed(t, goodBody), []byte(goodBody)); ev != nil || !errors.Is(err, ErrNoMatchingSignature) {
		t.Errorf("got %v, %v", ev, err)
	}
	var s Signer
	if err := s.Sign(http.Header{}, "msg_1", testNow, nil); err == nil {
		t.Error("the zero Signer signs")
	}
}

func TestVerifyKeepsNothing(t *testing.T) {
	v := newVerifier(t, Config{})
	body := []byte(goodBody)
	h := signed(t, goodBody)
	id := []byte("msg_1")
	h["Svix-Id"] = []string{unsafe.String(&id[0], len(id))} // like strings of fasthttp
	ev, err := v.Verify(h, body)
	if err != nil {
		t.Fatal(err)
	}
	if string(body) != goodBody || len(h) != 3 {
		t.Error("Verify changed what it was given")
	}
	copy(id, "xxxxx") // the memory is reused
	copy(body, bytes.Repeat([]byte("x"), len(body)))
	if ev.ID != "msg_1" || string(ev.Data) != `{"id":"user_1","first_name":"Ada"}` {
		t.Errorf("the event aliases what Verify got: %v %s", ev, ev.Data)
	}
}

func TestVerifyConcurrently(t *testing.T) {
	v := newVerifier(t, Config{Secrets: []string{testSecret(1), testSecret(2)}})
	good, bad := signed(t, goodBody), signed(t, goodBody, testSecret(3))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				if i%2 == 0 {
					if _, err := v.Verify(good, []byte(goodBody)); err != nil {
						t.Error(err)
					}
				} else if _, err := v.Verify(bad, []byte(goodBody)); err == nil {
					t.Error("accepted a forgery")
				}
			}
		})
	}
	wg.Wait()
}

func TestVerifyAllocs(t *testing.T) {
	v := newVerifier(t, Config{})
	h, body := signed(t, goodBody), []byte(goodBody)
	if n := testing.AllocsPerRun(100, func() { _, _ = v.Verify(h, body) }); n > 30 {
		t.Errorf("%v allocations", n)
	}
	h.Set("svix-timestamp", "1")
	if n := testing.AllocsPerRun(100, func() { _, _ = v.Verify(h, body) }); n > 3 {
		t.Errorf("%v allocations for a refusal by its header", n)
	}
}
