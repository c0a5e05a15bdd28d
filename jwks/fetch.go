package jwks

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

const (
	maxAttempts  = 5
	attemptPause = 100 * time.Millisecond // doubled after every attempt
	maxRedirects = 3
)

var errRedirect = errors.New("jwks: redirect refused")

// redirectPolicy follows no redirect of a request with a secret, and otherwise only
// redirects to the same scheme and host. The client's own policy can refuse more.
func redirectPolicy(secret bool, own func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		first := via[0].URL
		if secret || len(via) > maxRedirects || next.URL.Scheme != first.Scheme || !strings.EqualFold(next.URL.Host, first.Host) {
			return errRedirect
		}
		if own != nil {
			return own(next, via)
		}
		return nil
	}
}

// request is the first half of a fetch. It makes up to five attempts before the
// flight's deadline, and retries only failures that are likely to be temporary. The
// body of the response is in memory.
func (s *Source) request(f *flight) (*http.Response, error) {
	for n := 0; ; n++ {
		f.asOf = s.cfg.Now()
		res, err := s.attempt(f.ctx)
		if again(res, err) && n < maxAttempts-1 && pause(f.ctx, attemptPause<<n) {
			continue
		}
		if err != nil {
			return nil, transportError(f.ctx, err)
		}
		return res, nil
	}
}

// attempt sends one request and reads the whole body.
func (s *Source) attempt(ctx context.Context) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.cfg.URL, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Cache-Control", "no-cache") // a CDN's copy would hide a rotation
	req.Header.Set("User-Agent", "clerkkit/"+clerk.Version)
	if s.secret != nil {
		req.Header.Set("Authorization", "Bearer "+s.secret())
		req.Header.Set("Clerk-API-Version", s.cfg.APIVersion)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	stream := res.Body
	defer func() { _ = stream.Close() }() // read up to the limit; its error does not matter
	body, err := io.ReadAll(io.LimitReader(stream, maxBody+1))
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

// again reports whether to retry at once: after a broken connection or a 5xx, but not
// if the server asked to wait or if the response is final.
func again(res *http.Response, err error) bool {
	if err != nil {
		var cert *tls.CertificateVerificationError
		return !errors.Is(err, errRedirect) && !errors.As(err, &cert)
	}
	return res.StatusCode >= 500 && res.Header.Get("Retry-After") == ""
}

// pause waits between d/2 and d, and reports whether ctx has not ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(jitter(d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// jitter returns a random duration between d/2 and d, so that the processes of a
// service do not all retry at once.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2+1) //nolint:gosec // spreads load; not security
}

// read is the second half of a fetch: it checks the status, then parses the document.
func (s *Source) read(res *http.Response) (*document, error) {
	if err := s.checkStatus(res); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, &Error{Reason: ReasonNetwork, detail: "the response ended early", cause: err}
	}
	return parseSet(body)
}

// checkStatus turns everything but a 200 into an error.
func (s *Source) checkStatus(res *http.Response) error {
	e := &Error{Reason: ReasonStatus, StatusCode: res.StatusCode, detail: "the key server refused"}
	switch code := res.StatusCode; {
	case code == http.StatusOK:
		return nil
	case code == http.StatusTooManyRequests:
		e.Reason, e.detail = ReasonRateLimited, "the key server asks to wait"
	case code == http.StatusUnauthorized && s.secret != nil:
		e.detail, e.cause = "the key server refused the secret key", clerk.ErrSecretKeyInvalid
	case code >= 300 && code < 400:
		e.Reason, e.detail = ReasonRedirect, "the key server answered with a redirect"
	case code >= 500:
		e.detail = "the key server failed"
	}
	return e
}

// retryAfter returns the delay in the Retry-After header (RFC 9110 section 10.2.3:
// seconds or a date), or 0 if it is missing or invalid.
func retryAfter(res *http.Response, now time.Time) time.Duration {
	const most = 24 * time.Hour // avoids overflow; the caller has a lower limit
	value := strings.TrimSpace(res.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(most/time.Second))) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(date.Sub(now), 0), most)
	}
	return 0
}

// transportError converts an error of http.Client. Its text can contain the URL and
// what the server sent instead of HTTP, so it becomes only the cause.
func transportError(ctx context.Context, err error) *Error {
	var (
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		errno   syscall.Errno
		timeout net.Error
	)
	switch {
	case errors.Is(err, errRedirect):
		return &Error{Reason: ReasonRedirect, detail: "the key server answered with a redirect, which is not followed"}
	case ctx.Err() != nil:
		return errTimeout(ctx.Err())
	case errors.As(err, &timeout) && timeout.Timeout():
		return errTimeout(err)
	case errors.As(err, &dns):
		return &Error{Reason: ReasonNetwork, detail: "the key server's name was not found", cause: err}
	case errors.As(err, &cert):
		return &Error{Reason: ReasonNetwork, detail: "the key server's certificate is not trusted", cause: err}
	case errors.As(err, &errno):
		return &Error{Reason: ReasonNetwork, detail: "cannot connect to the key server:  " + errno.Error(), cause: err}
	}
	return &Error{Reason: ReasonNetwork, detail: "no response from the key server", cause: err}
}
