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

// firstWait is the pause before the first retry if the response names none. It doubles
// with each retry. The pauses of DefaultMaxRetries fit into DefaultMaxRetryWait.
const firstWait = 400 * time.Millisecond

// retryWait decides whether to retry after attempt n failed with e, and how long to
// wait before. It does not retry if the pause would reach limit: a handler must not
// hang, and the error says when to retry.
//
//   - 429: every method, because the request had no effect.
//   - no response, 502, 503, 504: methods that are idempotent according to RFC 9110
//     section 9.2.2, and requests marked Idempotent. The server may have processed the
//     request, which does not matter for these.
//   - 500: only GET and HEAD. A DELETE or PUT may have failed half-way and is not
//     retried.
func (c *Client) retryWait(req Request, e *Error, n int, limit time.Duration) (time.Duration, bool) {
	if req.NoRetry || n > c.maxRetries || !repeatable(req, e) {
		return 0, false
	}
	wait := backoff(n)
	if e.RetryAfter > 0 {
		// Never earlier than requested, and a little later at random, so that callers do not
		// all retry at the same time.
		wait = e.RetryAfter + rand.N(e.RetryAfter/10+time.Millisecond) //nolint:gosec // jitter, not a secret
	}
	if wait >= limit {
		return 0, false
	}
	// A 429 does not use the budget: the server names the time to retry and did no work.
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

// permanent reports whether a retry after a failure without a response would fail
// again.
func permanent(err error) bool {
	var cert *tls.CertificateVerificationError
	return errors.Is(err, ErrTooLarge) || errors.As(err, &cert)
}

// backoff returns the pause after attempt n. Half of it is random.
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

// The retry budget of one client, in tenths of a retry. While the API is down, all its
// callers together send a hundred retries, and then one for every ten requests that
// succeed, instead of multiplying the load by MaxRetries.
const (
	budgetSize = 1000
	retryCost  = 10
)

// budget counts used retries, so that its zero value is a full budget.
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

// parseRetryAfter parses a Retry-After header: seconds or an HTTP date (RFC 9110
// section 10.2.3). It returns 0 for an invalid value or a date in the past, and at most
// a day.
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
