package webhook

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSignerRefuses(t *testing.T) {
	s, err := NewSigner(testSecret(1))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		id string
		at time.Time
	}{
		"no id":         {"", testNow},
		"dot":           {"msg.1", testNow},
		"line break":    {"msg\r\nSet-Cookie: a", testNow},
		"long id":       {strings.Repeat("a", 256), testNow},
		"zero time":     {"msg_1", time.Time{}},
		"1970":          {"msg_1", time.Unix(0, 0)},
		"year 40000":    {"msg_1", time.Date(40000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"before 1970":   {"msg_1", time.Unix(-5, 0)},
		"beyond int64s": {"msg_1", time.Unix(1<<62, 0)},
	} {
		h := http.Header{}
		if err := s.Sign(h, tc.id, tc.at, nil); err == nil || len(h) != 0 {
			t.Errorf("%s: signed: %v", name, h)
		}
	}
}

func TestSignerVerifies(t *testing.T) {
	secrets := make([]string, maxSecrets)
	for i := range secrets {
		secrets[i] = testSecret(byte(i * 3))
	}
	v := newVerifier(t, Config{Secrets: secrets[maxSecrets-1:]})
	if _, err := v.Verify(signed(t, goodBody, secrets...), []byte(goodBody)); err != nil {
		t.Errorf("the last of %d signatures: %v", maxSecrets, err)
	}
	h := signed(t, goodBody)
	h.Set("X-Other", "stays")
	s, err := NewSigner(testSecret(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Sign(h, "msg_2", testNow, []byte(goodBody)); err != nil { // signed over again
		t.Fatal(err)
	}
	if ev, err := newVerifier(t, Config{}).Verify(h, []byte(goodBody)); err != nil || ev.ID != "msg_2" || h.Get("X-Other") != "stays" {
		t.Errorf("got %v, %v", ev, err)
	}
}
