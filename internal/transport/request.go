package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Request is one call of the Backend API.
type Request struct {
	// Method is the HTTP method.
	Method string

	// Path holds the path segments under /v1: {"users", id, "ban"}. If [CheckSegment]
	// refuses a segment, the call fails and sends nothing, because the request could reach
	// another resource.
	Path []string

	// Unversioned leaves "/v1" out of the URL, as the official SDKs do for the
	// verification of machine tokens.
	Unversioned bool

	// Query is added to the URL. It never appears in an error or a log record.
	Query url.Values

	// Header is added to the request and overrides the client's own headers, except
	// Authorization, Clerk-API-Version and User-Agent, which cannot be set here.
	Header http.Header

	// Body is sent unchanged. Empty means no body.
	Body []byte

	// Stream replaces Body for content that should not be in memory. It is called once per
	// attempt and must return the content from its beginning. If it cannot, it must return
	// an error; the result of the call is then that of the previous attempt.
	Stream func() (io.ReadCloser, error)

	// ContentType of Body or Stream. Default application/json.
	ContentType string

	// SecretKey replaces the client's key for this request, for example with a machine
	// secret key (ak_…) if the operation accepts one.
	SecretKey string

	// NoRetry turns retries off for this request.
	NoRetry bool

	// Idempotent means that sending this POST or PATCH twice has the same effect as once,
	// such as a verification or a body with an idempotency key. It is then also retried
	// after a connection error, 502, 503 and 504.
	Idempotent bool

	// Timeout, if not zero, replaces the client's timeout of one attempt.
	Timeout time.Duration
}

// Response is a response with a 2xx status.
type Response struct {
	// Status is the HTTP status.
	Status int
	// Header is the header of the response.
	Header http.Header
	// Body is the whole body, decompressed.
	Body []byte
	// Attempts is how often the request was sent, at least 1.
	Attempts int
}

// Do sends req, retries it if that is safe, and decodes the response into out with
// encoding/json. If out is nil, or the status is 204, nothing is decoded. The body is
// in the Response in any case.
//
// Every error is an [*Error], also if the request could not be built or ctx ended; in
// the latter case errors.Is matches ctx.Err(). If the response cannot be decoded into
// out, Do returns both the Response and an error.
func (c *Client) Do(ctx context.Context, req Request, out any) (*Response, error) {
	target, path, err := c.target(req)
	fail := &Error{Method: req.Method, Path: path}
	if err == nil && req.SecretKey != "" {
		if err = checkKey(req.SecretKey); err != nil {
			err = fmt.Errorf("%w: the secret key %w", ErrInvalidArgument, err)
		}
	}
	if err != nil {
		fail.Err = err
		return nil, fail
	}
	res, last := c.attempts(ctx, req, target, fail)
	if last != nil {
		return nil, last
	}
	if out == nil || res.Status == http.StatusNoContent {
		return res, nil
	}
	if err := json.Unmarshal(res.Body, out); err != nil {
		return res, c.undecodable(req, fail, res, err)
	}
	return res, nil
}

// Undecodable returns the error for a response that the caller cannot decode, for
// callers that decode Response.Body themselves.
func (c *Client) Undecodable(req Request, res *Response, err error) *Error {
	_, path, _ := c.target(req)
	return c.undecodable(req, &Error{Method: req.Method, Path: path}, res, err)
}

func (c *Client) undecodable(req Request, e *Error, res *Response, err error) *Error {
	e.Status, e.Attempts = res.Status, res.Attempts
	e.TraceID = traceHeader(res.Header)
	e.Excerpt = excerpt(res.Body, c.key(), req.SecretKey)
	e.Err = &answerError{err: err, contentType: mediaType(res.Header), empty: len(bytes.TrimSpace(res.Body)) == 0}
	return e
}

// target returns the URL, and the path for errors and logs.
func (c *Client) target(req Request) (target, path string, err error) {
	if len(req.Path) == 0 {
		return "", "", fmt.Errorf("%w: the path is empty", ErrInvalidArgument)
	}
	var b strings.Builder
	for i, seg := range req.Path {
		if problem := CheckSegment(seg); problem != "" {
			err = fmt.Errorf("%w: part %d of the path %s", ErrInvalidArgument, i+1, problem)
			seg = "{}" // the value may be a misplaced secret
		}
		b.WriteByte('/')
		b.WriteString(seg)
	}
	path = b.String()
	if !req.Unversioned {
		path = "/v1" + path
	}
	target = strings.TrimSuffix(c.base, "/v1") + path
	if len(req.Query) > 0 {
		target += "?" + req.Query.Encode()
	}
	return target, path, err
}

// attempts sends the request until it succeeds or must not be retried.
func (c *Client) attempts(ctx context.Context, req Request, target string, proto *Error) (*Response, *Error) {
	var last *Error
	var waited time.Duration
	for n := 1; ; n++ {
		if c.limiter != nil {
			if err := c.limiter.Wait(ctx); err != nil {
				return nil, ended(ctx, proto, last, n-1)
			}
		}
		res, failed, unsent := c.once(ctx, req, target, *proto, n)
		if failed == nil {
			c.budget.earn()
			return res, nil
		}
		if unsent {
			if last != nil {
				return nil, last // the content cannot be sent again: return the previous result
			}
			return nil, failed
		}
		last = failed
		if ctx.Err() != nil {
			return nil, ended(ctx, proto, last, n)
		}
		limit := c.maxRetryWait - waited
		if deadline, has := ctx.Deadline(); has {
			limit = time.Until(deadline)
		}
		wait, ok := c.retryWait(req, last, n, limit)
		if !ok {
			return nil, last // more useful than the error of a deadline that passes during the wait
		}
		waited += wait
		c.log.LogAttrs(ctx, slog.LevelDebug, "clerk: retrying a Backend API request",
			slog.String("method", req.Method), slog.String("path", proto.Path), slog.Int("attempt", n),
			slog.Int("status", last.Status), slog.String("trace_id", last.TraceID), slog.Duration("wait", wait))
		if sleep(ctx, wait) != nil {
			return nil, ended(ctx, proto, last, n)
		}
	}
}

// ended returns the error for a context that ended: the cause of the context, with the
// details of the last response.
func ended(ctx context.Context, proto, last *Error, attempts int) *Error {
	e := *proto
	if last != nil {
		e = *last
	}
	e.Attempts = attempts
	e.Err = ctx.Err()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, e.Err) {
		e.Err = errors.Join(e.Err, cause)
	}
	return &e
}

// once sends the request one time. unsent is true if nothing was sent.
func (c *Client) once(ctx context.Context, req Request, target string, fail Error, n int) (res *Response, failed *Error, unsent bool) {
	fail.Attempts = n
	timeout := orDefault(req.Timeout, c.timeout)
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	hr, err := c.build(ctx, req, target)
	if err != nil {
		fail.Err, fail.Attempts = err, n-1
		return nil, &fail, true
	}
	hres, err := c.http.Do(hr)
	if err != nil {
		fail.Err = plain(err)
		return nil, &fail, false
	}
	defer func() { _ = hres.Body.Close() }()
	body, err := readBounded(hres.Body, hres.ContentLength, c.maxBytes)
	if hres.StatusCode < 200 || hres.StatusCode > 299 {
		fail.answer(hres, body, c.now(), c.key(), req.SecretKey) // keep the status of an unreadable body
		return nil, &fail, false
	}
	if err != nil {
		fail.Err = plain(err)
		return nil, &fail, false
	}
	return &Response{Status: hres.StatusCode, Header: hres.Header, Body: body, Attempts: n}, nil, false
}

func (c *Client) build(ctx context.Context, req Request, target string) (*http.Request, error) {
	var body io.Reader
	switch {
	case req.Stream != nil:
		rc, err := req.Stream()
		if err != nil {
			return nil, err
		}
		body = rc
	case len(req.Body) > 0:
		body = bytes.NewReader(req.Body)
	}
	hr, err := http.NewRequestWithContext(ctx, req.Method, target, body)
	if err != nil {
		if rc, ok := body.(io.Closer); ok {
			_ = rc.Close()
		}
		return nil, plain(err)
	}
	for k, v := range req.Header {
		hr.Header[http.CanonicalHeaderKey(k)] = v
	}
	if body != nil {
		hr.Header.Set("Content-Type", orDefault(req.ContentType, "application/json"))
	}
	if hr.Header.Get("Accept") == "" {
		hr.Header.Set("Accept", "application/json")
	}
	key := req.SecretKey
	if key == "" {
		key = c.key()
	}
	hr.Header.Set("Authorization", "Bearer "+key)
	hr.Header.Set("Clerk-API-Version", c.version)
	hr.Header.Set("User-Agent", c.userAgent)
	return hr, nil
}

// readBounded reads at most limit bytes, so that an endless or highly compressed
// response costs neither memory nor time. size is the announced size, or -1; at most 4
// MiB are allocated in advance because of it.
func readBounded(r io.Reader, size, limit int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(max(size, 0), limit, 4<<20)) + bytes.MinRead)
	_, err := b.ReadFrom(io.LimitReader(r, limit+1))
	if err == nil && int64(b.Len()) > limit {
		err = fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
		b.Truncate(int(limit))
	}
	return b.Bytes(), err
}

// plain unwraps *url.Error, whose text contains the URL with its query, such as a
// handshake nonce or an e-mail address.
func plain(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}
