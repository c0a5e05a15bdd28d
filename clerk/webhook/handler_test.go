package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestHandler(t *testing.T) {
	errApp := errors.New("database is locked")
	for name, tc := range map[string]struct {
		method string
		header http.Header
		body   string
		err    error
		status int
		called bool
		log    string // level and text of the log line
		answer string
	}{
		"handled":         {"POST", signed(t, goodBody), goodBody, nil, 200, true, "", ""},
		"failed":          {"POST", signed(t, goodBody), goodBody, errApp, 500, true, "level=ERROR msg=\"webhook not handled\"", "webhook: not handled\n"},
		"permanent":       {"POST", signed(t, goodBody), goodBody, Permanent(errApp), 422, true, "level=ERROR msg=\"webhook not handled\"", "webhook: not handled\n"},
		"wrapped":         {"POST", signed(t, goodBody), goodBody, fmt.Errorf("x: %w", Permanent(errApp)), 422, true, "level=ERROR", "webhook: not handled\n"},
		"permanent nil":   {"POST", signed(t, goodBody), goodBody, Permanent(nil), 200, true, "", ""},
		"not signed":      {"POST", http.Header{}, goodBody, nil, 400, false, "level=DEBUG msg=\"webhook refused\"", "webhook: not-signed: the header Svix-Id is missing\n"},
		"forged":          {"POST", signed(t, goodBody, testSecret(2)), goodBody, nil, 400, false, "level=WARN msg=\"webhook refused\"", "webhook: no-matching-signature: "},
		"malformed":       {"POST", signed(t, "[]"), "[]", nil, 400, false, "level=WARN", "webhook: malformed-event: "},
		"too large":       {"POST", signed(t, goodBody), strings.Repeat("a", 1001), nil, 413, false, "level=WARN", "webhook: too-large: the body is larger than 1000 bytes\n"},
		"GET":             {"GET", signed(t, goodBody), goodBody, nil, 405, false, "", "webhook: only POST\n"},
		"method override": {"PUT", signed(t, goodBody), goodBody, nil, 405, false, "", "webhook: only POST\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			v := newVerifier(t, Config{MaxBodyBytes: 1000, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
			called := false
			h := v.Handler(func(ctx context.Context, ev *Event) error {
				called = true
				if ctx.Value(http.ServerContextKey) != "here" || ev.ID != "msg_1" {
					t.Errorf("context %v, event %v", ctx, ev)
				}
				return tc.err
			})
			r := httptest.NewRequest(tc.method, "/webhooks", strings.NewReader(tc.body))
			r.Header = tc.header.Clone()
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, "here")))
			if w.Code != tc.status || called != tc.called {
				t.Errorf("status %d, called %v; want %d, %v", w.Code, called, tc.status, tc.called)
			}
			if got := w.Header().Get("Webhook-Delivery"); (got == "abort-message") != (tc.status == 422) {
				t.Errorf("Webhook-Delivery: %q", got)
			}
			if got := w.Header().Get("Allow"); (got == "POST") != (tc.status == 405) {
				t.Errorf("Allow: %q", got)
			}
			if got := w.Body.String(); !strings.HasPrefix(got, tc.answer) || (tc.answer == "") != (got == "") || strings.Contains(got, errApp.Error()) {
				t.Errorf("answer %q, want %q", got, tc.answer)
			}
			if got := log.String(); !strings.Contains(got, tc.log) || (tc.log == "") != (got == "") || strings.Contains(got, "Ada") {
				t.Errorf("logged %q, want %q", got, tc.log)
			}
			if tc.err != nil && !strings.Contains(log.String(), errApp.Error()) {
				t.Errorf("the app's error is lost: %s", log.String())
			}
		})
	}
}

// Invalid deliveries from anyone must not flood the log.
func TestRefusalsAreLoggedSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		v := newVerifier(t, Config{Logger: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now})
		h := v.Handler(func(context.Context, *Event) error { return nil })
		for range 100 {
			r := httptest.NewRequest("POST", "/webhooks", strings.NewReader(goodBody))
			r.Header = signed(t, goodBody, testSecret(2))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusBadRequest {
				t.Fatal(w.Code)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if n := strings.Count(log.String(), "\n"); n != 5 || strings.Count(log.String(), "left_out=19\n") != 4 {
			t.Errorf("%d lines: %s", n, log.String())
		}
	})
}

func TestHandlerLetsPanicsThrough(t *testing.T) {
	v := newVerifier(t, Config{})
	h := v.Handler(func(context.Context, *Event) error { panic("boom") })
	r, _ := request(signed(t, goodBody), strings.NewReader(goodBody))
	defer func() {
		if got := recover(); got != "boom" {
			t.Errorf("recovered %v", got)
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), r)
}

func TestHandlerNeedsAFunction(t *testing.T) {
	var log bytes.Buffer
	h := newVerifier(t, Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}).Handler(nil)
	r, _ := request(signed(t, goodBody), strings.NewReader(goodBody))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError || !strings.Contains(log.String(), "no function") {
		t.Errorf("%d, %s", w.Code, log.String())
	}
}

func TestPermanent(t *testing.T) {
	err := Permanent(io.EOF)
	if !errors.Is(err, io.EOF) || err.Error() != "EOF" {
		t.Errorf("got %v", err)
	}
}

// TestHandlerOverTheWire uses a real server and client, with header names as sent in
// HTTP/1.1.
func TestHandlerOverTheWire(t *testing.T) {
	v := newVerifier(t, Config{})
	var got []string
	server := httptest.NewServer(v.Handler(func(_ context.Context, ev *Event) error {
		got = append(got, ev.ID)
		return nil
	}))
	defer server.Close()
	for range 2 { // a redelivery has the same id
		req, err := http.NewRequest(http.MethodPost, server.URL, io.NopCloser(strings.NewReader(goodBody))) // chunked
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range signed(t, goodBody) {
			req.Header[strings.ToLower(name)] = values
		}
		res, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("status %d", res.StatusCode)
		}
	}
	if len(got) != 2 || got[0] != "msg_1" || got[1] != "msg_1" {
		t.Errorf("ids %q", got)
	}
}
