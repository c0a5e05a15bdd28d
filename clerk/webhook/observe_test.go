package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

type ctxKey struct{}

// slowBody takes a second to be read.
type slowBody struct{ io.Reader }

func (b slowBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		time.Sleep(time.Second)
	}
	return n, err
}

// What is verified is one event each, with its type only where Clerk signed it.
func TestEachVerificationIsObserved(t *testing.T) {
	const malformed = `{"object":"event","type":""}`
	altered := strings.Replace(goodBody, "Ada", "Eve", 1)
	old := signed(t, goodBody)
	old.Set("Svix-Timestamp", "1")
	for _, c := range []struct {
		header http.Header
		body   io.Reader
		want   string
	}{
		{signed(t, goodBody), slowBody{strings.NewReader(goodBody)}, "ok user.created 1s"},
		{http.Header{}, strings.NewReader(goodBody), "not-signed  0s"},
		{old, strings.NewReader(goodBody), "too-old  0s"},
		{signed(t, goodBody, testSecret(9)), strings.NewReader(goodBody), "no-matching-signature  0s"},
		{signed(t, goodBody), strings.NewReader(altered), "no-matching-signature  0s"},
		{signed(t, malformed), strings.NewReader(malformed), "malformed-event  0s"},
		{signed(t, goodBody), strings.NewReader(strings.Repeat("x", 5000)), "too-large  0s"},
		{signed(t, goodBody), iotest.ErrReader(errors.New("broken")), "unreadable-body  0s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var got []string
			start := time.Now()
			v := newVerifier(t, Config{MaxBodyBytes: 4096, Logger: slog.New(slog.DiscardHandler), Observer: clerk.Observer{Webhook: func(ctx context.Context, e clerk.WebhookEvent) {
				got = append(got, fmt.Sprintf("%s %s %s", e.Outcome, e.Type, e.Duration))
				if ctx.Value(ctxKey{}) != "request" || !e.Start.Equal(start) {
					t.Error(ctx, e.Start)
				}
			}}})
			r := httptest.NewRequestWithContext(context.WithValue(t.Context(), ctxKey{}, "request"), http.MethodPost, "/", c.body)
			r.Header = c.header
			v.Handler(func(context.Context, *Event) error { return nil }).ServeHTTP(httptest.NewRecorder(), r)
			if !slices.Equal(got, []string{c.want}) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// A function that panics does not change what becomes of a delivery, with Verify as well.
func TestAnObserverCannotBreakAVerification(t *testing.T) {
	var mu sync.Mutex
	told := 0
	v := newVerifier(t, Config{Logger: slog.New(slog.DiscardHandler), Observer: clerk.Observer{Webhook: func(context.Context, clerk.WebhookEvent) {
		mu.Lock()
		defer mu.Unlock()
		told++
		panic("no")
	}}})
	good, forged := signed(t, goodBody), signed(t, goodBody, testSecret(9))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if ev, err := v.Verify(good, []byte(goodBody)); err != nil || ev.ID != "msg_1" {
				t.Error(ev, err)
			}
			if ev, err := v.Verify(forged, []byte(goodBody)); !errors.Is(err, ErrNoMatchingSignature) || ev != nil {
				t.Error(ev, err)
			}
		})
	}
	all.Wait()
	if told != 16 {
		t.Error(told, "events")
	}
}

// What New did not make refuses everything, and does not panic.
func TestNotMadeByNew(t *testing.T) {
	for _, v := range []*Verifier{nil, {}} {
		if ev, err := v.Verify(signed(t, goodBody), []byte(goodBody)); ev != nil || !errors.Is(err, ErrNoMatchingSignature) {
			t.Error(ev, err)
		}
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader(goodBody))
		r.Header = signed(t, goodBody)
		v.Handler(func(context.Context, *Event) error { return nil }).ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest {
			t.Error(w.Code)
		}
	}
	v := newVerifier(t, Config{})
	if ev, err := v.VerifyRequest(nil); ev != nil || !errors.Is(err, ErrNotSigned) {
		t.Error(ev, err)
	}
	if _, err := v.Verify(nil, nil); !errors.Is(err, ErrNotSigned) {
		t.Error(err)
	}
	if _, err := v.VerifyRequest(&http.Request{}); !errors.Is(err, ErrNotSigned) {
		t.Error(err)
	}
}
