package middleware

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
)

// lasting returns a request that stays valid after the handler returns, because
// transports may read a request for a moment longer. Requests of net/http are valid.
// Adaptors of other servers give strings, body and context in memory that they reuse
// for the next request (fasthttp documents this), so lasting copies them. The context
// then ends with the original one and has none of its values. Callers must call end
// when the handler is done.
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
