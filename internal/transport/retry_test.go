package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// step is one scripted response: a status with a header and a body, an error, or a
// hang.
type step struct {
	status     int
	retryAfter string
	body       string
	err        error
	hang       bool
	cutBody    bool
}

// script is a RoundTripper that plays its steps and repeats the last one. It records
// the times and bodies of requests.
type script struct {
	mu    sync.Mutex
	steps []step
	times []time.Time
	sent  []string
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
	}
	s.mu.Lock()
	st := s.steps[min(len(s.times), len(s.steps)-1)]
	s.times = append(s.times, time.Now())
	s.sent = append(s.sent, string(body))
	s.mu.Unlock()
	switch {
	case st.hang:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case st.err != nil:
		return nil, st.err
	}
	var rd io.Reader = strings.NewReader(st.body)
	if st.cutBody {
		rd = io.MultiReader(rd, errReader{})
	}
	res := &http.Response{StatusCode: st.status, Header: http.Header{}, Body: io.NopCloser(rd), Request: r}
	if st.retryAfter != "" {
		res.Header.Set("Retry-After", st.retryAfter)
	}
	return res, nil
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func scripted(t *testing.T, cfg Config, steps ...step) (*Client, *script) {
	t.Helper()
	s := &script{steps: steps}
	cfg.SecretKey, cfg.HTTPClient = testKey, &http.Client{Transport: s}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

func TestWhatIsRepeated(t *testing.T) {
	reset := errors.New("connection reset")
	tests := []struct {
		name     string
		req      Request
		step     step
		attempts int
	}{
		{"GET, connection", Request{Method: "GET"}, step{err: reset}, 4},
		{"GET, hang", Request{Method: "GET"}, step{hang: true}, 4},
		{"GET, cut body", Request{Method: "GET"}, step{status: 200, body: "{", cutBody: true}, 4},
		{"GET, 500", Request{Method: "GET"}, step{status: 500}, 4},
		{"GET, 503", Request{Method: "GET"}, step{status: 503}, 4},
		{"GET, 429", Request{Method: "GET"}, step{status: 429}, 4},
		{"GET, 404", Request{Method: "GET"}, step{status: 404}, 1},
		{"GET, 501", Request{Method: "GET"}, step{status: 501}, 1},
		{"GET, bad certificate", Request{Method: "GET"}, step{err: &tls.CertificateVerificationError{Err: reset}}, 1},
		{"GET, NoRetry", Request{Method: "GET", NoRetry: true}, step{status: 503}, 1},
		{"PUT, 502", Request{Method: "PUT"}, step{status: 502}, 4},
		{"PUT, 500", Request{Method: "PUT"}, step{status: 500}, 1},
		{"DELETE, 504", Request{Method: "DELETE"}, step{status: 504}, 4},
		{"DELETE, connection", Request{Method: "DELETE"}, step{err: reset}, 4},
		{"POST, 429", Request{Method: "POST"}, step{status: 429}, 4},
		{"POST, 502", Request{Method: "POST"}, step{status: 502}, 1},
		{"POST, 503", Request{Method: "POST"}, step{status: 503, retryAfter: "1"}, 1},
		{"POST, connection", Request{Method: "POST"}, step{err: reset}, 1},
		{"POST, cut body", Request{Method: "POST"}, step{status: 200, body: "{", cutBody: true}, 1},
		{"PATCH, 503", Request{Method: "PATCH"}, step{status: 503}, 1},
		{"PATCH, 429", Request{Method: "PATCH"}, step{status: 429}, 4},
		{"POST marked idempotent, 503", Request{Method: "POST", Idempotent: true}, step{status: 503}, 4},
		{"POST marked idempotent, 500", Request{Method: "POST", Idempotent: true}, step{status: 500}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, s := scripted(t, Config{}, tt.step)
				tt.req.Path = []string{"x"}
				tt.req.Body = []byte("{}")
				_, err := c.Do(t.Context(), tt.req, nil)
				var e *Error
				if !errors.As(err, &e) || e.Attempts != tt.attempts || len(s.times) != tt.attempts {
					t.Fatalf("sent %d, want %d: %v", len(s.times), tt.attempts, err)
				}
				want := tt.step.status
				if tt.step.cutBody {
					want = 0
				}
				if e.Status != want {
					t.Errorf("status %d, want %d", e.Status, want)
				}
			})
		})
	}
}

func TestBackoffGrowsAndIsJittered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, Config{MaxRetries: 4, MaxRetryWait: time.Minute}, step{status: 503})
		_, _ = c.Do(t.Context(), Request{Method: "GET", Path: []string{"x"}}, nil)
		for i := 1; i < len(s.times); i++ {
			got, full := s.times[i].Sub(s.times[i-1]), firstWait<<(i-1)
			if got < full/2 || got > full {
				t.Errorf("pause %d is %v, want within %v and %v", i, got, full/2, full)
			}
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		date := time.Now().Add(7 * time.Second).UTC().Format(http.TimeFormat)
		c, s := scripted(t, Config{}, step{status: 429, retryAfter: "4"}, step{status: 429, retryAfter: date}, step{status: 200, body: `{}`})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		res, err := c.Do(ctx, Request{Method: "POST", Path: []string{"users"}, Body: []byte(`{"n":1}`)}, nil)
		if err != nil || res.Attempts != 3 {
			t.Fatal(res, err)
		}
		first, second := s.times[1].Sub(s.times[0]), s.times[2].Sub(s.times[0])
		if first < 4*time.Second || first > 5*time.Second || second < 6*time.Second || second > 8*time.Second {
			t.Errorf("waited %v and %v", first, second)
		}
		for _, b := range s.sent {
			if b != `{"n":1}` {
				t.Errorf("body %q was sent", b)
			}
		}
	})
}

// TestRetryAfterDoesNotHangAHandler: the pauses of a request without a deadline add up
// to at most DefaultMaxRetryWait. With a deadline, the deadline is the limit.
func TestRetryAfterDoesNotHangAHandler(t *testing.T) {
	for _, tt := range []struct {
		retryAfter string
		deadline   time.Duration // 0 for none
		maxWait    time.Duration
		attempts   int
		atMost     time.Duration
	}{
		{"7", 0, 0, 1, 0},
		{"600", 0, 0, 1, 0},
		{"2", 0, 0, 2, DefaultMaxRetryWait}, // the second pause would not fit
		{"1", 0, 0, 3, DefaultMaxRetryWait},
		{"0", 0, 0, 4, DefaultMaxRetryWait},
		{"7", 0, time.Minute, 4, time.Minute},
		{"7", 10 * time.Second, 0, 2, 10 * time.Second},
		{"7", 5 * time.Second, time.Minute, 1, 0},
		{"600", time.Hour, 0, 4, time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, s := scripted(t, Config{MaxRetryWait: tt.maxWait}, step{status: 429, retryAfter: tt.retryAfter})
			ctx := t.Context()
			if tt.deadline > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, tt.deadline)
				defer cancel()
			}
			start := time.Now()
			_, err := c.Do(ctx, Request{Method: "GET", Path: []string{"x"}}, nil)
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, ErrRateLimited) || e.Attempts != tt.attempts || len(s.times) != tt.attempts {
				t.Fatalf("%+v: %v", tt, err)
			}
			if waited := time.Since(start); waited > tt.atMost {
				t.Errorf("%+v: returned after %v", tt, waited)
			}
			want, _ := time.ParseDuration(tt.retryAfter + "s")
			if e.RetryAfter != want || want > 0 && !strings.Contains(err.Error(), "try again in "+want.String()) {
				t.Errorf("%+v: RetryAfter %v, %v", tt, e.RetryAfter, err)
			}
		})
	}
}

func TestContextEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := scripted(t, Config{MaxRetryWait: time.Minute}, step{status: 429, retryAfter: "20"})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		start := time.Now()
		_, err := c.Do(ctx, Request{Method: "GET", Path: []string{"x"}}, nil)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrRateLimited) || time.Since(start) != 2*time.Second {
			t.Fatalf("%v after %v", err, time.Since(start))
		}
	})
	synctest.Test(t, func(t *testing.T) { // a deadline before the next attempt: no pointless wait
		c, _ := scripted(t, Config{}, step{status: 429, retryAfter: "20"})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Do(ctx, Request{Method: "GET", Path: []string{"x"}}, nil)
		if !errors.Is(err, ErrRateLimited) || time.Since(start) != 0 {
			t.Fatalf("%v after %v", err, time.Since(start))
		}
	})
	synctest.Test(t, func(t *testing.T) { // a caller that leaves while the API hangs
		c, s := scripted(t, Config{}, step{hang: true})
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("shutting down"))
		defer cancel()
		_, err := c.Do(ctx, Request{Method: "GET", Path: []string{"x"}}, nil)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "shutting down") || len(s.times) != 1 {
			t.Fatalf("%v", err)
		}
	})
}

func TestBudgetEndsRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, Config{}, step{status: 503})
		for range 100 {
			_, _ = c.Do(t.Context(), Request{Method: "GET", Path: []string{"x"}}, nil)
		}
		if len(s.times) != 200 {
			t.Errorf("an outage was asked %d times by 100 calls, want 100 and a budget of 100", len(s.times))
		}
		s.mu.Lock()
		s.steps = []step{{status: 200}}
		s.mu.Unlock()
		for range 10 {
			if _, err := c.Do(t.Context(), Request{Method: "GET", Path: []string{"x"}}, nil); err != nil {
				t.Fatal(err)
			}
		}
		s.mu.Lock()
		s.steps = []step{{status: 503}}
		n := len(s.times)
		s.mu.Unlock()
		_, _ = c.Do(t.Context(), Request{Method: "GET", Path: []string{"x"}}, nil)
		if got := len(s.times) - n; got != 2 {
			t.Errorf("after ten good answers %d attempts, want 2", got)
		}
	})
}

func TestStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // repeatable content is sent in full again
		c, s := scripted(t, Config{}, step{status: 429}, step{status: 200})
		_, err := c.Do(t.Context(), Request{Method: "POST", Path: []string{"x"}, ContentType: "text/plain", Stream: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader([]byte("picture"))), nil
		}}, nil)
		if err != nil || len(s.sent) != 2 || s.sent[0] != "picture" || s.sent[1] != "picture" {
			t.Fatal(s.sent, err)
		}
	})
	synctest.Test(t, func(t *testing.T) { // content that is gone leaves the first answer standing
		c, s := scripted(t, Config{}, step{status: 429, retryAfter: "1"}, step{status: 200})
		calls := 0
		_, err := c.Do(t.Context(), Request{Method: "POST", Path: []string{"x"}, Stream: func() (io.ReadCloser, error) {
			if calls++; calls > 1 {
				return nil, errors.New("read already")
			}
			return io.NopCloser(strings.NewReader("once")), nil
		}}, nil)
		if !errors.Is(err, ErrRateLimited) || len(s.sent) != 1 {
			t.Fatal(s.sent, err)
		}
	})
	c, s := scripted(t, Config{}, step{status: 200})
	_, err := c.Do(t.Context(), Request{Method: "PUT", Path: []string{"x"}, Stream: func() (io.ReadCloser, error) { return nil, io.ErrClosedPipe }}, nil)
	if !errors.Is(err, io.ErrClosedPipe) || len(s.sent) != 0 {
		t.Fatal(s.sent, err)
	}
}

func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := NewLimiter(10, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		c, s := scripted(t, Config{Limiter: l}, step{status: 200})
		start := time.Now()
		var wg sync.WaitGroup
		for range 35 {
			wg.Go(func() { _, _ = c.Do(t.Context(), Request{Method: "GET", Path: []string{"x"}}, nil) })
		}
		wg.Wait()
		for i, at := range s.times { // request i may not run before the bucket has filled for it
			if want := time.Duration(max(0, i-9)) * 100 * time.Millisecond; at.Sub(start) < want {
				t.Errorf("request %d after %v, not before %v", i, at.Sub(start), want)
			}
		}
		if took := time.Since(start); took != 2500*time.Millisecond {
			t.Errorf("35 requests took %v, want 2.5s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err = c.Do(ctx, Request{Method: "GET", Path: []string{"x"}}, nil)
		if !errors.Is(err, context.DeadlineExceeded) || len(s.times) != 35 {
			t.Errorf("a waiting caller whose context ended: %v", err)
		}
	})
	for _, bad := range []struct {
		n   int
		per time.Duration
	}{{0, time.Second}, {-1, time.Second}, {1, 0}, {100, 5}} {
		if _, err := NewLimiter(bad.n, bad.per); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("NewLimiter(%d, %v): %v", bad.n, bad.per, err)
		}
	}
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	tests := map[string]time.Duration{
		"": 0, "0": 0, "3": 3 * time.Second, "-3": 0, "3.5": 0, "soon": 0, " 3": 0,
		"99999999999999999999":          0,
		"9223372036854775807":           24 * time.Hour,
		"Sat, 21 Nov 2026 10:00:09 GMT": 9 * time.Second,
		"Sat, 21 Nov 2026 09:00:00 GMT": 0,
		"Sat, 21 Nov 2099 09:00:00 GMT": 24 * time.Hour,
	}
	for in, want := range tests {
		if got := parseRetryAfter(in, now); got != want {
			t.Errorf("parseRetryAfter(%q) = %v, want %v", in, got, want)
		}
	}
}
