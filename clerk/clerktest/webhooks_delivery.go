package clerktest

import (
	"bytes"
	"container/heap"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// retryAfter is how long after a failed attempt the next one is made
// (docs.svix.com, "Retry Schedule").
var retryAfter = [...]time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour,
}

// Bounds of one attempt.
const (
	webhookTimeout = 15 * time.Second
	maxResponse    = 1 << 10  // of an answer that is remembered
	maxDrained     = 64 << 10 // of an answer that is read, so that the connection can be used again
)

// serve delivers to one endpoint until ctx ends.
func (h *webhooks) serve(ctx context.Context, ep *hookEndpoint) {
	if ep.HTTPClient == nil {
		defer ep.client.CloseIdleConnections()
	}
	for ctx.Err() == nil {
		h.complain(ctx)
		d, wait := h.next(ep)
		if d != nil {
			a, control := h.attempt(ctx, d)
			h.finish(ctx, d, a, control)
			continue
		}
		var due <-chan time.Time
		stop := func() bool { return false }
		if wait > 0 {
			timer := time.NewTimer(wait)
			due, stop = timer.C, timer.Stop
		}
		select {
		case <-ctx.Done():
		case <-ep.wake:
		case <-due:
		}
		stop()
	}
}

// next takes what is due, or says how long to wait for it: 0 for ever.
func (h *webhooks) next(ep *hookEndpoint) (*delivery, time.Duration) {
	now := h.e.server.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(ep.queue) == 0 {
		return nil, 0
	}
	d := ep.queue[0]
	if wait := d.due.Sub(now); wait > 0 {
		return nil, wait
	}
	heap.Pop(&ep.queue)
	d.running, ep.running = true, d
	return d, 0
}

// complain tells the log of messages that were given up. Those who do it hold the
// store's lock, under which no foreign code may run.
func (h *webhooks) complain(ctx context.Context) {
	h.mu.Lock()
	n := h.givenUp
	h.givenUp = 0
	h.mu.Unlock()
	if n > 0 {
		h.e.server.Config.Logger.WarnContext(ctx, "clerktest: too many webhook messages wait; the oldest are given up", "messages", n)
	}
}

// attempt makes one request. control is what the answer says of further ones.
func (h *webhooks) attempt(ctx context.Context, d *delivery) (a WebhookAttempt, control string) {
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	a.Time = h.e.server.Now()
	start := time.Now()
	defer func() { a.Duration = time.Since(start) }()
	body, err := h.e.webhookBody(d.m)
	if err != nil {
		a.Error = "the event is no JSON"
		return a, ""
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.endpoint.URL, bytes.NewReader(body))
	if err == nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("User-Agent", "clerk-emulator/"+clerk.Version)
		err = d.endpoint.signer.Sign(req.Header, d.m.id, a.Time, body)
	}
	if err != nil { // both were checked when the endpoint came
		a.Error = "the request cannot be made"
		return a, ""
	}
	res, err := d.endpoint.send(req)
	if err != nil {
		a.Error = deliveryProblem(err)
		return a, ""
	}
	defer func() { _ = res.Body.Close() }() // the status is what counts
	a.Status = res.StatusCode
	excerpt, _ := io.ReadAll(io.LimitReader(res.Body, maxResponse))
	_, _ = io.CopyN(io.Discard, res.Body, maxDrained)
	a.Response = strings.ToValidUTF8(string(excerpt), "\uFFFD")
	return a, strings.ToLower(strings.TrimSpace(res.Header.Get("Webhook-Delivery")))
}

// finish draws the conclusion from an attempt.
func (h *webhooks) finish(ctx context.Context, d *delivery, a WebhookAttempt, control string) {
	if ctx.Err() != nil && a.Status == 0 { // cut off by the end, not by the endpoint
		h.cutOff(d)
		return
	}
	state := h.conclude(ctx, d, a, control)
	h.e.server.Config.Logger.LogAttrs(ctx, deliveryLevel(state), "clerktest: webhook",
		slog.String("id", d.m.id), slog.String("type", d.m.Kind), slog.String("endpoint", d.endpoint.ID),
		slog.Int("status", a.Status), slog.String("error", a.Error), slog.Duration("duration", a.Duration), slog.String("state", state))
}

// cutOff puts a delivery back where the emulator is closed, so that it shows as
// pending.
func (h *webhooks) cutOff(d *delivery) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d.running, d.endpoint.running, d.state = false, nil, WebhookFailed
	if h.closed {
		h.pushLocked(d, d.due)
	}
	h.tellLocked()
}

func (h *webhooks) conclude(ctx context.Context, d *delivery, a WebhookAttempt, control string) (state string) {
	now := h.e.server.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	ep := d.endpoint
	d.running, ep.running = false, nil
	defer h.tellLocked()
	if d.attempts = append(d.attempts, a); len(d.attempts) > maxAttempted {
		d.attempts = d.attempts[1:]
	}
	d.tries++
	switch delivered := a.Status >= 200 && a.Status <= 299; {
	case delivered:
		d.state = WebhookDelivered
	case control == "abort-message":
		d.state = WebhookAborted
	case d.tries > len(retryAfter) || ep.Disabled || ctx.Err() != nil:
		d.state = WebhookFailed
	default:
		h.pushLocked(d, now.Add(retryAfter[d.tries-1]))
	}
	if control == "disable" { // docs.svix.com, "Delivery Control"
		ep.Disabled = true
		h.emptyLocked(ep) // of this message too
	}
	if d.again && !ep.Disabled && ctx.Err() == nil {
		h.giveUpLocked(d)
		d.tries = 0
		h.pushLocked(d, now)
	}
	d.again = false
	return d.state
}

func deliveryLevel(state string) slog.Level {
	if state == WebhookDelivered {
		return slog.LevelInfo
	}
	return slog.LevelWarn
}

// tellLocked wakes those who wait for the end of a delivery.
func (h *webhooks) tellLocked() {
	if h.settled != nil {
		close(h.settled)
		h.settled = nil
	}
}

// wake lets all workers look at their queues: the clock was moved.
func (h *webhooks) wake() {
	if !h.watched.Load() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ep := range h.endpoints {
		ep.poke()
	}
}

// flush waits until nothing is due.
func (h *webhooks) flush(ctx context.Context) error {
	h.wake()
	for {
		settled, err := h.busy()
		if settled == nil {
			return err
		}
		select {
		case <-settled:
		case <-ctx.Done():
			return fmt.Errorf("clerktest: webhooks are still being delivered: %w", ctx.Err())
		}
	}
}

// busy returns what to wait for, nil if nothing is due.
func (h *webhooks) busy() (settled <-chan struct{}, err error) {
	now := h.e.server.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ep := range h.endpoints {
		if ep.running == nil && (len(ep.queue) == 0 || ep.queue[0].due.After(now)) {
			continue
		}
		if h.closed {
			return nil, errors.New("clerktest: the emulator is closed, and webhooks are not delivered")
		}
		if h.settled == nil {
			h.settled = make(chan struct{})
		}
		return h.settled, nil
	}
	return nil, nil
}

// close ends all deliveries and waits for the workers.
func (h *webhooks) close() {
	h.mu.Lock()
	h.closed = true
	h.stop()
	h.tellLocked()
	h.mu.Unlock()
	h.workers.Wait()
}

// send makes the request, over the network or to the handler. A handler that goes
// on although its request's context has ended is left alone.
func (ep *hookEndpoint) send(req *http.Request) (*http.Response, error) {
	if ep.Handler == nil {
		return ep.client.Do(req)
	}
	in := req.Clone(req.Context())
	in.RequestURI, in.RemoteAddr = req.URL.RequestURI(), "127.0.0.1:0"
	done := make(chan *handlerResponse, 1)
	go func() {
		w := &handlerResponse{memoryResponse: memoryResponse{header: http.Header{}}}
		defer func() {
			if p := recover(); p != nil { // as net/http does
				w.cut = true
			}
			done <- w
		}()
		ep.Handler.ServeHTTP(w, in)
	}()
	select {
	case w := <-done:
		if w.cut {
			return nil, io.ErrUnexpectedEOF
		}
		return w.response(req), nil
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// handlerResponse is a memoryResponse that keeps the beginning of the body alone.
type handlerResponse struct {
	memoryResponse
	cut bool // the handler panicked
}

func (w *handlerResponse) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.body.Write(p[:min(len(p), maxResponse-w.body.Len())])
	return len(p), nil
}

// hookClient returns a client that does what senders of webhooks do.
func hookClient(base *http.Client) *http.Client {
	c := http.Client{Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: webhookTimeout}).DialContext,
		TLSHandshakeTimeout:    webhookTimeout,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConns:           4,
		IdleConnTimeout:        30 * time.Second,
	}}
	if base != nil {
		c = *base
	}
	c.Jar, c.Timeout = nil, webhookTimeout
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// deliveryProblem says why there was no answer. It leaves out the URL, whose query
// may be a secret, and what an endpoint sent that does not speak HTTP.
func deliveryProblem(err error) string {
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer within " + webhookTimeout.String()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed without an answer"
	case errors.As(err, &op):
		return op.Error()
	case errors.As(err, &certificate):
		return certificate.Error()
	}
	return "there was no answer in HTTP"
}
