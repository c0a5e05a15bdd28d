package jwks

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

const secret = "sk_test_c2VjcmV0IHNlY3JldA"

func TestRequestHeaders(t *testing.T) {
	srv := &server{handler: serving("a")}
	s := newTestSource(t, srv, func(c *Config) { c.URL, c.SecretKey = BackendURL(""), secret })
	mustKey(t, s, "a")
	r := srv.request()
	if r.Method != http.MethodGet || r.URL.String() != "https://api.clerk.com/v1/jwks" {
		t.Errorf("%s %s", r.Method, r.URL)
	}
	for name, want := range map[string]string{
		"Authorization":     "Bearer " + secret,
		"Clerk-API-Version": clerk.DefaultAPIVersion,
		"User-Agent":        "clerkkit/" + clerk.Version,
		"Accept":            "application/json",
		"Cache-Control":     "no-cache",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}

	s = newTestSource(t, srv, func(c *Config) { c.URL, c.SecretKey, c.APIVersion = BackendURL(""), secret, "2025-11-10" })
	mustKey(t, s, "a")
	if got := srv.request().Header.Get("Clerk-API-Version"); got != "2025-11-10" {
		t.Errorf("Clerk-API-Version %q", got)
	}

	s = newTestSource(t, srv, func(c *Config) { c.APIVersion = "2025-11-10" })
	mustKey(t, s, "a")
	for _, name := range []string{"Authorization", "Clerk-API-Version"} {
		if got := srv.request().Header.Get(name); got != "" {
			t.Errorf("the Frontend API got %s: %q", name, got)
		}
	}
}

// Each kind of bad response gives its own reason on a first fetch, and never empties or
// replaces an existing set.
func TestBadAnswers(t *testing.T) {
	const body = "raw body of the response"
	for name, tc := range map[string]struct {
		handler  handler
		reason   Reason
		status   int
		attempts int
		is       error
	}{
		"500":             {answer(500, body), ReasonStatus, 500, 5, nil},
		"503 retry-after": {answer(503, body, "Retry-After", "3"), ReasonStatus, 503, 1, nil},
		"401":             {answer(401, `{"errors":[{"code":"`+body+`"}]}`), ReasonStatus, 401, 1, clerk.ErrSecretKeyInvalid},
		"403":             {answer(403, body), ReasonStatus, 403, 1, nil},
		"404":             {answer(404, body), ReasonStatus, 404, 1, nil},
		"404 with keys":   {answer(404, keysJSON("b")), ReasonStatus, 404, 1, nil},
		"201 with keys":   {answer(201, keysJSON("b")), ReasonStatus, 201, 1, nil},
		"204":             {answer(204, ""), ReasonStatus, 204, 1, nil},
		"304":             {answer(304, ""), ReasonRedirect, 304, 1, nil},
		"429":             {answer(429, body), ReasonRateLimited, 429, 1, nil},
		"redirect":        {answer(302, body, "Location", "https://evil.example.com/"), ReasonRedirect, 0, 1, nil},
		"html":            {answer(200, "<!doctype html><p>"+body), ReasonMalformed, 0, 1, nil},
		"empty body":      {answer(200, ""), ReasonMalformed, 0, 1, nil},
		"empty set":       {answer(200, `{"keys":[]}`), ReasonNoKeys, 0, 1, nil},
		"huge":            {answer(200, `{"keys":[`+strings.Repeat(" ", maxBody)+`]}`), ReasonTooLarge, 0, 1, nil},
		"endless":         {endless, ReasonTooLarge, 0, 1, nil},
		"no connection":   {broken, ReasonNetwork, 0, 5, errBroken},
		"breaks off":      {breaksOff, ReasonNetwork, 0, 5, io.ErrUnexpectedEOF},
		"refused": {failing(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}),
			ReasonNetwork, 0, 5, syscall.ECONNREFUSED},
		"no such host":     {failing(&net.DNSError{Err: "no such host " + secret, Name: "x", IsNotFound: true}), ReasonNetwork, 0, 5, nil},
		"client's timeout": {failing(&net.DNSError{IsTimeout: true}), ReasonTimeout, 0, 5, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				logs := &logBuffer{}
				srv := &server{handler: tc.handler}
				s := newTestSource(t, srv, func(c *Config) { c.SecretKey, c.Logger = secret, logs.logger() })
				_, err := s.Key(context.Background(), "a")
				isUnavailable(t, err, tc.reason)
				e := failure(t, err)
				if e.StatusCode != tc.status {
					t.Errorf("status %d, want %d", e.StatusCode, tc.status)
				}
				if n := srv.count(); n != tc.attempts {
					t.Errorf("%d attempts, want %d", n, tc.attempts)
				}
				if tc.is != nil && !errors.Is(e, tc.is) {
					t.Errorf("%v is not %v", e, tc.is)
				}
				if !errors.Is(tc.is, clerk.ErrSecretKeyInvalid) && errors.Is(e, clerk.ErrSecretKeyInvalid) {
					t.Errorf("%v blames the secret key", e)
				}

				srv.set(serving("a"))
				time.Sleep(DefaultRefreshInterval)
				key := mustKey(t, s, "a")
				srv.set(tc.handler)
				time.Sleep(DefaultUnknownKeyCooldown)
				wantUnavailable(t, s, "b", tc.reason)
				time.Sleep(2*DefaultRefreshInterval + time.Minute)
				if mustKey(t, s, "a") != key {
					t.Error("another key after a bad answer")
				}
				for _, leak := range []string{body, "<html>", secret} {
					if strings.Contains(e.Error()+logs.String(), leak) {
						t.Errorf("%q in %q or in the log\n%s", leak, e, logs)
					}
				}
				if !strings.Contains(logs.String(), "level=WARN") || !strings.Contains(logs.String(), "reason="+string(tc.reason)) {
					t.Errorf("the failure is not in the log:\n%s", logs)
				}
			})
		})
	}
}

func failing(err error) handler {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func endless(r *http.Request) (*http.Response, error) {
	res := response(r, 200, "")
	res.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"keys":[`), zeros{}))
	return res, nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func breaksOff(r *http.Request) (*http.Response, error) {
	res := response(r, 200, "")
	res.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"keys":[`), brokenReader{}))
	return res, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Without a secret key, a 401 is not reported as an invalid secret key.
func TestUnauthorizedWithoutSecret(t *testing.T) {
	s := newTestSource(t, &server{handler: answer(401, "")})
	_, err := s.Key(context.Background(), "a")
	isUnavailable(t, err, ReasonStatus)
	if errors.Is(err, clerk.ErrSecretKeyInvalid) {
		t.Errorf("%v", err)
	}
}

func TestQuickAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		srv := &server{handler: func(r *http.Request) (*http.Response, error) {
			switch n.Add(1) {
			case 1, 3:
				return nil, errBroken
			case 2, 4:
				return response(r, 503, ""), nil
			}
			return serving("a")(r)
		}}
		s := newTestSource(t, srv)
		start := time.Now()
		mustKey(t, s, "a")
		if d := time.Since(start); d < 750*time.Millisecond || d > 1500*time.Millisecond {
			t.Errorf("five attempts took %s", d)
		}
		for i, gap := range srv.gaps() {
			if most := attemptPause << i; gap < most/2 || gap > most {
				t.Errorf("pause %d: %s, want %s to %s", i+1, gap, attemptPause<<i/2, attemptPause<<i)
			}
		}
	})
}

func TestJitter(t *testing.T) {
	seen := make(map[time.Duration]bool)
	for range 100 {
		d := jitter(time.Second)
		if d < time.Second/2 || d > time.Second {
			t.Fatalf("%s", d)
		}
		seen[d] = true
	}
	if len(seen) < 50 {
		t.Errorf("%d different pauses of 100", len(seen))
	}
	for _, d := range []time.Duration{0, 1, 2} {
		if got := jitter(d); got < 0 || got > d {
			t.Errorf("jitter(%d) = %d", d, got)
		}
	}
}

// Every body is closed, and an untrusted certificate is not retried.
func TestBodiesAreClosed(t *testing.T) {
	for name, h := range map[string]handler{
		"good": serving("a"), "404": answer(404, "x"), "huge": endless, "breaks off": breaksOff, "500": answer(500, ""),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var opened, closed atomic.Int32
				srv := &server{handler: func(r *http.Request) (*http.Response, error) {
					res, err := h(r)
					opened.Add(1)
					res.Body = closer{res.Body, &closed}
					return res, err
				}}
				s := newTestSource(t, srv)
				_, _ = s.Key(context.Background(), "a")
				if o, c := opened.Load(), closed.Load(); o != c {
					t.Errorf("%d bodies, %d closed", o, c)
				}
			})
		})
	}
	if again(nil, fmt.Errorf("wrapped: %w", &tls.CertificateVerificationError{Err: io.EOF})) {
		t.Error("another attempt with a bad certificate")
	}
}

// An endless response is read only up to the limit.
func TestBodiesAreBounded(t *testing.T) {
	var read atomic.Int64
	s := newTestSource(t, &server{handler: func(r *http.Request) (*http.Response, error) {
		res := response(r, http.StatusOK, "")
		res.Body = io.NopCloser(counter{zeros{}, &read})
		return res, nil
	}})
	wantUnavailable(t, s, "a", ReasonTooLarge)
	if n := read.Load(); n > 4*maxBody {
		t.Errorf("%d bytes read", n)
	}
}

type counter struct {
	io.Reader
	n *atomic.Int64
}

func (c counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

type closer struct {
	io.Reader
	closed *atomic.Int32
}

func (c closer) Close() error {
	c.closed.Add(1)
	return nil
}

func TestAttemptsEndWithTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: slowly(200*time.Millisecond, answer(500, ""))}
		s := newTestSource(t, srv, func(c *Config) { c.FetchTimeout = 300 * time.Millisecond })
		start := time.Now()
		_, err := s.Key(context.Background(), "a")
		if !errors.Is(err, clerk.ErrUnavailable) || time.Since(start) > 300*time.Millisecond {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

// The pauses after failures grow up to the cool-down.
func TestPausesBetweenFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: answer(404, "")}
		s := newTestSource(t, srv)
		for start := time.Now(); time.Since(start) < 2*time.Minute; time.Sleep(50 * time.Millisecond) {
			wantUnavailable(t, s, "a", ReasonStatus)
		}
		gaps := srv.gaps()
		for i, most := range []time.Duration{1, 2, 4, 8, 10, 10, 10} {
			most *= time.Second
			if gap := gaps[i]; gap < most/2 || gap > most+50*time.Millisecond {
				t.Errorf("pause %d: %s, want %s to %s", i+1, gaps[i], most/2, most)
			}
		}
	})
}

func TestRateLimitIsRespected(t *testing.T) {
	for name, tc := range map[string]struct {
		header func() []string
		wait   time.Duration
	}{
		"seconds": {func() []string { return []string{"Retry-After", "47"} }, 47 * time.Second},
		"date": {func() []string {
			return []string{"Retry-After", time.Now().Add(47 * time.Second).UTC().Format(http.TimeFormat)}
		}, 47 * time.Second},
		"absent":     {func() []string { return nil }, DefaultUnknownKeyCooldown},
		"negative":   {func() []string { return []string{"Retry-After", "-5"} }, DefaultUnknownKeyCooldown},
		"nonsense":   {func() []string { return []string{"Retry-After", "soon"} }, DefaultUnknownKeyCooldown},
		"past":       {func() []string { return []string{"Retry-After", "Fri, 31 Dec 1999 15:04:05 GMT"} }, DefaultUnknownKeyCooldown},
		"a year":     {func() []string { return []string{"Retry-After", "31536000"} }, DefaultRefreshInterval},
		"overflow":   {func() []string { return []string{"Retry-After", "18446744073709551615"} }, DefaultRefreshInterval},
		"a far date": {func() []string { return []string{"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"} }, DefaultRefreshInterval},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := &server{handler: answer(429, "", tc.header()...)}
				s := newTestSource(t, srv)
				wantUnavailable(t, s, "a", ReasonRateLimited)
				srv.set(serving("a"))
				for start := time.Now(); time.Since(start) < tc.wait-time.Second; time.Sleep(time.Second) {
					wantUnavailable(t, s, "a", ReasonRateLimited)
				}
				if n := srv.count(); n != 1 {
					t.Fatalf("%d requests while asked to wait", n)
				}
				time.Sleep(time.Second)
				mustKey(t, s, "a")
			})
		})
	}
}
