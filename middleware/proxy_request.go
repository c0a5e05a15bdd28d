package middleware

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
)

// lasting returns a request that is good beyond the handler: transports look into
// a request for a moment longer. Those of net/http are. Adaptors of other servers
// hand out strings, body and context in memory that the next request is read into
// (fasthttp's says so), and all of that is copied. The context then has the end of
// the other and none of its values. end is to be called when the handler is done.
func lasting(r *http.Request) (own *http.Request, end context.CancelFunc, err error) {
	if r.Context().Value(http.ServerContextKey) != nil {
		return r, func() {}, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, nil, err
	}
	ctx, end := context.WithCancel(context.Background())
	if done := r.Context().Done(); done != nil {
		go func() { // until end at the latest
			select {
			case <-done:
				end()
			case <-ctx.Done():
			}
		}()
	}
	own = r.Clone(ctx)
	own.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) == 0 {
		own.Body = http.NoBody
	}
	u := own.URL
	for _, s := range []*string{&own.Method, &own.Host, &own.RequestURI, &own.RemoteAddr, &own.Proto, &u.Scheme, &u.Host, &u.Path, &u.RawPath, &u.RawQuery} {
		*s = strings.Clone(*s)
	}
	own.Header = make(http.Header, len(r.Header))
	for name, values := range r.Header {
		name = strings.Clone(name)
		for _, v := range values {
			own.Header[name] = append(own.Header[name], strings.Clone(v))
		}
	}
	return own, end, nil
}
