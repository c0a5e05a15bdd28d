package middlewaretest

import (
	"context"
	"io"
	"net"
	"net/http"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// NewExchange returns the Exchange of a net/http handler, for routers that have
// no context of their own.
func NewExchange(w http.ResponseWriter, r *http.Request) Exchange { return &netHTTP{w, r} }

// HandlerFunc returns the route's handler for routers of net/http. An error of
// Handle is answered with status 500.
func (r Route) HandlerFunc() http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		if err := r.Handle(NewExchange(w, req)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
}

type netHTTP struct {
	w http.ResponseWriter
	r *http.Request
}

func (x *netHTTP) Auth() clerk.Auth             { return clerk.FromContext(x.r.Context()) }
func (x *netHTTP) Context() context.Context     { return x.r.Context() }
func (x *netHTTP) Method() string               { return x.r.Method }
func (x *netHTTP) Host() string                 { return x.r.Host }
func (x *netHTTP) Header(name string) string    { return x.r.Header.Get(name) }
func (x *netHTTP) Body() ([]byte, error)        { return io.ReadAll(x.r.Body) }
func (x *netHTTP) SetHeader(name, value string) { x.w.Header().Set(name, value) }
func (x *netHTTP) AddHeader(name, value string) { x.w.Header().Add(name, value) }

func (x *netHTTP) SetCookie(name, value string) {
	http.SetCookie(x.w, &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
}

func (x *netHTTP) Text(status int, body string) error {
	x.w.WriteHeader(status)
	_, err := io.WriteString(x.w, body)
	return err
}

func (x *netHTTP) Redirect(status int, location string) error {
	http.Redirect(x.w, x.r, location, status)
	return nil
}

func (x *netHTTP) RedirectToSignIn(auth adapter.Middleware) error {
	d, f := auth.SignInRedirect(x.r.Context(), adapter.NewRequest(x.r), handshake.SignInPage)
	adapter.SetFields(x.w.Header(), &d)
	for _, cookie := range d.Cookies {
		x.w.Header().Add("Set-Cookie", cookie)
	}
	if f != nil {
		f.Answer(x.w, x.r)
		return nil
	}
	return x.Redirect(http.StatusSeeOther, d.Location)
}

func (x *netHTTP) Deny(auth adapter.Middleware, err error) error {
	auth.Failure(x.r.Context(), err).Answer(x.w, x.r)
	return nil
}

func (x *netHTTP) Stream(stream func(send func(string))) error {
	stream(func(piece string) {
		if piece != "" {
			_, _ = io.WriteString(x.w, piece) // a client that is gone
		}
		_ = http.NewResponseController(x.w).Flush() // is what tests of streams notice
	})
	return nil
}

func (x *netHTTP) Hijack(take func(net.Conn)) error {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		return err
	}
	take(conn)
	return nil
}
