package nethttp

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
)

// CookieWriter adds a decision's cookies at the last moment, so that a handler
// that sets Set-Cookie anew does not lose them, and keeps the answer out of
// caches. It stands only around the few answers that carry such cookies.
type CookieWriter struct {
	http.ResponseWriter
	cookies []string
	sent    bool // the header has gone out, or goes now
}

// NewCookieWriter returns a writer for the handler below. Callers must defer Finish.
func NewCookieWriter(w http.ResponseWriter, cookies []string) *CookieWriter {
	return &CookieWriter{ResponseWriter: w, cookies: cookies}
}

// Finish adds the cookies where the handler wrote nothing: net/http then sends the
// header after it, or an error handler or a recovery above writes an answer.
func (w *CookieWriter) Finish() {
	if !w.sent {
		w.add()
	}
}

func (w *CookieWriter) send() {
	if !w.sent {
		w.sent = true
		w.add()
	}
}

// add may run twice: what it added the first time may have been overwritten.
func (w *CookieWriter) add() {
	h := w.Header()
	for _, c := range w.cookies {
		if !slices.Contains(h["Set-Cookie"], c) {
			h.Add("Set-Cookie", c)
		}
	}
	h.Set("Cache-Control", "no-store")
}

// WriteHeader implements http.ResponseWriter.
func (w *CookieWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols { // other 1xx are not the answer yet
		w.send()
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *CookieWriter) Write(b []byte) (int, error) {
	w.send()
	return w.ResponseWriter.Write(b)
}

// ReadFrom keeps sendfile for the handlers that can use it.
func (w *CookieWriter) ReadFrom(r io.Reader) (int64, error) {
	w.send()
	return io.Copy(w.ResponseWriter, r)
}

// Flush serves handlers that stream.
func (w *CookieWriter) Flush() {
	w.send()
	_ = http.NewResponseController(w.ResponseWriter).Flush() // http.Flusher has no error
}

// WriteString implements io.StringWriter.
func (w *CookieWriter) WriteString(s string) (int, error) {
	w.send()
	return io.WriteString(w.ResponseWriter, s)
}

// Hijack serves handlers that take the connection over. The cookies are in Header
// then: httputil.ReverseProxy sends that with its 101, and others can
// (websocket.Upgrader takes w.Header() as its responseHeader).
func (w *CookieWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.add()
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.sent = w.sent || err == nil
	return conn, rw, err
}

// Push implements http.Pusher. It answers http.ErrNotSupported where the writer
// below cannot push.
func (w *CookieWriter) Push(target string, opts *http.PushOptions) error {
	if p, ok := underneath[http.Pusher](w.ResponseWriter); ok {
		return p.Push(target, opts)
	}
	return http.ErrNotSupported
}

// CloseNotify implements http.CloseNotifier, which gin's streams ask for without
// asking whether it is there. Nothing ever comes where the writer below has none.
func (w *CookieWriter) CloseNotify() <-chan bool {
	//lint:ignore SA1019 gin asks for it
	n, ok := underneath[http.CloseNotifier](w.ResponseWriter) //nolint:staticcheck // gin asks for it
	if ok {
		return n.CloseNotify()
	}
	return make(chan bool, 1)
}

// underneath finds an interface of the writer, or of those that it wraps.
func underneath[T any](w http.ResponseWriter) (found T, ok bool) {
	for {
		if found, ok = w.(T); ok {
			return found, true
		}
		wrapper, wraps := w.(interface{ Unwrap() http.ResponseWriter })
		if !wraps {
			return found, false
		}
		w = wrapper.Unwrap()
	}
}

// Unwrap serves http.ResponseController.
func (w *CookieWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Format keeps the cookies, which hold tokens, out of every verb.
func (w *CookieWriter) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "adapter.CookieWriter") }
