package nethttp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

var kitCookies = []string{"__session=a; Path=/", "__client_uat=1; Path=/"}

// run serves one request whose decision carries cookies.
func run(t *testing.T, handler http.HandlerFunc) *http.Response {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cw := NewCookieWriter(w, kitCookies)
		defer cw.Finish()
		handler(cw, r)
	}))
	t.Cleanup(srv.Close)
	res, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

func TestCookiesSurviveTheHandler(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"nothing written": func(http.ResponseWriter, *http.Request) {},
		"own cookie":      func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Set-Cookie", "own=1") },
		"own cookie, status": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Set-Cookie", "own=1")
			w.WriteHeader(http.StatusTeapot)
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "#x", http.StatusNotModified) },
		"write":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") },
		"copy": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, struct{ io.Reader }{strings.NewReader("hello")})
		},
		"flush": func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, "hello")
		},
		"early hints": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</a>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Del("Set-Cookie")
			_, _ = io.WriteString(w, "hello")
		},
		"cached": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=3600")
			_, _ = io.WriteString(w, "hello")
		},
		"not found": http.NotFound,
	} {
		t.Run(name, func(t *testing.T) {
			res := run(t, handler)
			got := res.Header.Values("Set-Cookie")
			if strings.HasPrefix(name, "own") && (len(got) == 0 || got[0] != "own=1") {
				t.Errorf("the handler's cookie is gone: %q", got)
			}
			if len(got) < 2 || !slices.Equal(got[len(got)-2:], kitCookies) {
				t.Errorf("Set-Cookie %q", got)
			}
			if got := res.Header.Values("Cache-Control"); !slices.Equal(got, []string{"no-store"}) {
				t.Errorf("Cache-Control %q", got)
			}
		})
	}
}

func TestCookieWriterStandsInNobodysWay(t *testing.T) {
	run(t, func(w http.ResponseWriter, _ *http.Request) {
		_, flusher := w.(http.Flusher)
		_, hijacker := w.(http.Hijacker)
		_, unwraps := w.(interface{ Unwrap() http.ResponseWriter })
		if !flusher || !hijacker || !unwraps {
			t.Errorf("Flusher %t, Hijacker %t, Unwrap %t", flusher, hijacker, unwraps)
			return
		}
		w.(http.Flusher).Flush()
	})
	done := make(chan error, 1)
	res := run(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
			err = errors.Join(rw.Flush(), conn.Close())
		}
		done <- err
	})
	body, _ := io.ReadAll(res.Body)
	if err := <-done; err != nil || string(body) != "hi" {
		t.Errorf("hijack: %q", body)
	}
	// A recorder cannot be hijacked; that is an error, not a panic.
	w := NewCookieWriter(httptest.NewRecorder(), kitCookies)
	if _, _, err := w.Hijack(); !errors.Is(err, http.ErrNotSupported) {
		t.Errorf("got %v", err)
	}
}

// TestCookiesSurviveAnotherAnswer: an error handler or a recovery that
// wraps the handler writes through the writer that it has.
func TestCookiesSurviveAnotherAnswer(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"error": func(http.ResponseWriter, *http.Request) {},
		"panic": func(http.ResponseWriter, *http.Request) { panic("oops") },
	} {
		t.Run(name, func(t *testing.T) {
			rec := httptest.NewRecorder()
			func() {
				defer func() { _ = recover() }()
				cw := NewCookieWriter(rec, kitCookies)
				defer cw.Finish()
				handler(cw, nil)
			}()
			rec.WriteHeader(http.StatusInternalServerError)
			if got := rec.Result().Header["Set-Cookie"]; !slices.Equal(got, kitCookies) {
				t.Errorf("Set-Cookie %q", got)
			}
		})
	}
	// Through the same writer, after the handler: what overwrites them does not win.
	rec := httptest.NewRecorder()
	cw := NewCookieWriter(rec, kitCookies)
	cw.Finish()
	cw.Header().Set("Set-Cookie", "own=1")
	cw.WriteHeader(http.StatusInternalServerError)
	if got := rec.Result().Header["Set-Cookie"]; !slices.Equal(got, append([]string{"own=1"}, kitCookies...)) {
		t.Errorf("Set-Cookie %q", got)
	}
}

func TestNewRequest(t *testing.T) {
	// A router that strips a prefix must not change where the browser comes back to.
	r := httptest.NewRequest("GET", "http://app.example.com/api/x?q=1", nil)
	http.StripPrefix("/api", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if got := NewRequest(r); got.Target != "http://app.example.com/api/x?q=1" && got.Target != "/api/x?q=1" {
			t.Errorf("target %q", got.Target)
		}
	})).ServeHTTP(httptest.NewRecorder(), r)
	made, err := http.NewRequestWithContext(context.Background(), "GET", "https://app.example.com/a?b", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if got := NewRequest(made); got.Target != "/a?b" || got.Host != "app.example.com" || got.Scheme != "http" {
		t.Errorf("got %+v", got)
	}
	if got := NewRequest(httptest.NewRequest("GET", "https://app.example.com/", nil)); got.Scheme != "https" {
		t.Errorf("scheme %q", got.Scheme)
	}
}
