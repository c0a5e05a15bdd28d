package webhook

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"
)

const goodBody = `{"object":"event","type":"user.created","timestamp":1767225600123,"instance_id":"ins_1",` +
	`"event_attributes":{"http_request":{"client_ip":"192.0.2.7","user_agent":"curl/8"}},"data":{"id":"user_1","first_name":"Ada"}}`

// testNow has a fraction, as real clocks do.
var testNow = time.Unix(1767225900, 250_000_000)

func testSecret(seed byte) string {
	raw := make([]byte, 32)
	for i := range raw {
		raw[i] = seed + byte(i)
	}
	return secretPrefix + base64.StdEncoding.EncodeToString(raw)
}

// newVerifier returns a Verifier whose clock always shows testNow.
func newVerifier(tb testing.TB, cfg Config) *Verifier {
	tb.Helper()
	if cfg.Secrets == nil {
		cfg.Secrets = []string{testSecret(1)}
	}
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return testNow }
	}
	v, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// signed returns the headers of a delivery signed at testNow.
func signed(tb testing.TB, body string, secrets ...string) http.Header {
	tb.Helper()
	if secrets == nil {
		secrets = []string{testSecret(1)}
	}
	s, err := NewSigner(secrets...)
	if err != nil {
		tb.Fatal(err)
	}
	h := http.Header{}
	if err := s.Sign(h, "msg_1", testNow, []byte(body)); err != nil {
		tb.Fatal(err)
	}
	return h
}

// noSecret fails the test if text contains a part of a secret.
func noSecret(tb testing.TB, text string, secrets ...string) {
	tb.Helper()
	for _, s := range secrets {
		bare := strings.TrimPrefix(s, secretPrefix)
		for i := 0; i+8 <= len(bare); i++ {
			if strings.Contains(text, bare[i:i+8]) {
				tb.Errorf("part of a secret in %q", text)
				return
			}
		}
	}
}
