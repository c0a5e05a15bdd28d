package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// firstWait is the pause before the first repetition when the answer names none; it
// doubles with every further one. The pauses of DefaultMaxRetries fit into
// DefaultMaxRetryWait.
const firstWait = 400 * time.Millisecond

// retryWait decides whether the request may be sent again after attempt n failed with e,
// and how long to wait before. A pause that would reach limit is not begun: a handler whose
// caller waits must not hang, and the error says when to come again.
//
//   - 429 was refused before it did anything: every method.
//   - no answer, 502, 503, 504: methods that RFC 9110 section 9.2.2 calls idempotent, and
//     requests whose caller says so. The server may have done the work, and for these it
//     does not matter.
//   - 500: GET and HEAD only. A server that failed half-way through a DELETE or PUT is not
//     asked again.
func (c *Client) retryWait(req Request, e *Error, n int, limit time.Duration) (time.Duration, bool) {
	if req.NoRetry || n > c.maxRetries || !repeatable(req, e) {
		return 0, false
	}
	wait := backoff(n)
	if e.RetryAfter > 0 {
		// Never earlier than asked; a little later, so that callers that were refused
		// together do not come back together.
		wait = e.RetryAfter + rand.N(e.RetryAfter/10+time.Millisecond) //nolint:gosec // jitter, not a secret
	}
	if wait >= limit {
		return 0, false
	}
	// A 429 says when to come back and did no work: it does not touch the budget.
	return wait, e.Status == http.StatusTooManyRequests || c.budget.spend()
}

func repeatable(req Request, e *Error) bool {
	read := req.Method == http.MethodGet || req.Method == http.MethodHead
	idempotent := read || req.Idempotent || req.Method == http.MethodPut || req.Method == http.MethodDelete || req.Method == http.MethodOptions
	switch e.Status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return idempotent
	case http.StatusInternalServerError:
		return read
	case 0:
		return idempotent && !permanent(e.Err)
	}
	return false
}

// permanent reports whether a failure without an answer would only happen again.
func permanent(err error) bool {
	var cert *tls.CertificateVerificationError
	return errors.Is(err, ErrTooLarge) || errors.As(err, &cert)
}

// backoff is the pause after attempt n: half of it fixed, half of it random.
func backoff(n int) time.Duration {
	d := firstWait << min(n-1, 6)
	return d/2 + rand.N(d/2) //nolint:gosec // jitter, not a secret
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// The retry budget of one client, in tenths of a repetition: while the API is down, all
// its callers together send a hundred repetitions and then one for every ten requests that
// succeed, instead of multiplying the load by MaxRetries.
const (
	budgetSize = 1000
	retryCost  = 10
)

// budget counts what was spent rather than what is left, so that its zero value is full.
type budget struct {
	mu    sync.Mutex
	spent int
}

func (b *budget) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spent+retryCost > budgetSize {
		return false
	}
	b.spent += retryCost
	return true
}

func (b *budget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = max(0, b.spent-1)
}

// parseRetryAfter reads a Retry-After header: seconds or an HTTP date (RFC 9110 section
// 10.2.3). What it cannot read, and what lies in the past, is zero; it caps at a day.
func parseRetryAfter(v string, now time.Time) time.Duration {
	const day = 24 * time.Hour
	if v == "" {
		return 0
	}
	if s, err := strconv.ParseUint(v, 10, 63); err == nil {
		if s > uint64(day/time.Second) {
			return day
		}
		return time.Duration(s) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return min(max(0, t.Sub(now)), day)
	}
	return 0
}
