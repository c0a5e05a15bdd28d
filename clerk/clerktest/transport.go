package clerktest

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/internal/endpoint"
)

// Transport returns an http.RoundTripper that calls the emulator directly. A request to
// another host than the emulator's is an error, so that a test cannot use the network
// by mistake. It works inside testing/synctest.
func (e *Emulator) Transport() http.RoundTripper { return (*memoryTransport)(e) }

type memoryTransport Emulator

// RoundTrip implements http.RoundTripper.
func (t *memoryTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	e := (*Emulator)(t)
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }() // RoundTrip must close it
	}
	if !e.ownURL(r.URL) {
		return nil, fmt.Errorf("clerktest: %s is not the emulator, which is at %s", r.URL.Host, e.server.URL)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	in.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	in.RequestURI = r.URL.RequestURI()
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	in.RemoteAddr = "127.0.0.1:0"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if r.URL.Scheme == "https" {
		in.TLS = &tls.ConnectionState{} // cookies are Secure then
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := &memoryResponse{header: http.Header{}}
	if aborted := w.serve(e, in); aborted {
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("clerktest: connection cut: %w", io.ErrUnexpectedEOF)
	}
	return w.response(r), nil
}

// ownURL tells the emulator's URL under the names of this machine, and the host
// in the publishable key.
func (e *Emulator) ownURL(u *url.URL) bool {
	own, err := url.Parse(e.server.URL)
	if err != nil {
		return false
	}
	return strings.EqualFold(u.Host, own.Host) || u.Port() == own.Port() && endpoint.Loopback(u.Hostname()) ||
		strings.EqualFold(u.Host, e.server.Config.FrontendAPI)
}

// memoryResponse collects an answer. (httptest.ResponseRecorder would bring
// flags of package flag into every program.)
type memoryResponse struct {
	header http.Header
	sent   http.Header // header as it was when the status was written
	status int
	body   bytes.Buffer
}

func (w *memoryResponse) Header() http.Header { return w.header }

func (w *memoryResponse) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *memoryResponse) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// serve calls the handler; a handler that cuts the connection has aborted.
func (w *memoryResponse) serve(h http.Handler, r *http.Request) (aborted bool) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler { //nolint:errorlint // net/http compares so too
			aborted = true
		} else if p != nil {
			panic(p)
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

func (w *memoryResponse) response(r *http.Request) *http.Response {
	w.WriteHeader(http.StatusOK)
	body := w.body.Bytes()
	if r.Method == http.MethodHead {
		body = nil
	}
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}
