package middleware

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// cookieWriter adds the kit's cookies at the last moment, so that a handler that
// sets Set-Cookie anew does not lose them, and keeps the answer out of caches.
// It stands only around the few answers that carry such cookies.
type cookieWriter struct {
	http.ResponseWriter
	cookies []string
}

// finish adds the cookies, once. net/http sends the header after the handler
// returns if nothing was written.
func (w *cookieWriter) finish() {
	h := w.Header()
	for _, c := range w.cookies {
		h.Add("Set-Cookie", c)
	}
	if w.cookies != nil {
		h.Set("Cache-Control", "no-store")
	}
	w.cookies = nil
}

func (w *cookieWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols { // other 1xx are not the answer yet
		w.finish()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *cookieWriter) Write(b []byte) (int, error) {
	w.finish()
	return w.ResponseWriter.Write(b)
}

// ReadFrom keeps sendfile for the handlers that can use it.
func (w *cookieWriter) ReadFrom(r io.Reader) (int64, error) {
	w.finish()
	return io.Copy(w.ResponseWriter, r)
}

// Flush serves handlers that stream.
func (w *cookieWriter) Flush() {
	w.finish()
	_ = http.NewResponseController(w.ResponseWriter).Flush() // http.Flusher has no error
}

// Hijack serves handlers that take the connection over.
func (w *cookieWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// Unwrap serves http.ResponseController.
func (w *cookieWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
