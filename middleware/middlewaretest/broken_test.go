package middlewaretest_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/authcontext"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
	"github.com/clerkkit/clerkkit/middleware/middlewaretest"
)

// layer is one middleware of net/http.
type layer = func(http.Handler) http.Handler

// check is Identify, or Check with the requirements of a route.
type check func(context.Context, handshake.Request) (context.Context, handshake.Decision, *middleware.Failure)

// TestBrokenAdaptersAreNamed runs the suite on adapters with one mistake each,
// such as people make. It must name what they break, and leave the rest alone.
func TestBrokenAdaptersAreNamed(t *testing.T) {
	rest := []string{"identity/bearer token", "identity/cookies", "gates/role", "refusals/signed out", "methods/POST keeps its body", "routing/group"}
	for _, tt := range []struct {
		name string
		// breakIt changes what Handler or Require gives, good, which is made of
		// check.
		breakIt func(auth adapter.Middleware, check check, good layer) layer
		violate []string
	}{
		{
			name: "several cookies in one field",
			breakIt: func(_ adapter.Middleware, _ check, good layer) layer {
				return func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						good(next).ServeHTTP(&headerHook{w, func(h http.Header) {
							if all := h["Set-Cookie"]; len(all) > 1 {
								h["Set-Cookie"] = []string{strings.Join(all, ", ")}
							}
						}}, r)
					})
				}
			},
			violate: []string{"cookies/kept in order", "handshakes/development takes it from the URL", "handshakes/production takes it from a cookie"},
		},
		{
			name: "cookies before the handler",
			breakIt: func(_ adapter.Middleware, check check, _ layer) layer {
				return func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						ctx, d, f := check(r.Context(), adapter.NewRequest(r))
						for name, value := range d.Fields() {
							w.Header().Set(name, value)
						}
						for _, c := range d.Cookies {
							w.Header().Add("Set-Cookie", c)
						}
						switch r = r.WithContext(ctx); {
						case d.Location != "":
							w.Header().Set("Location", d.Location)
							w.WriteHeader(http.StatusTemporaryRedirect)
						case f != nil:
							f.Answer(w, r)
						default:
							next.ServeHTTP(w, r)
						}
					})
				}
			},
			violate: []string{"cookies/kept where the handler overwrites them", "cookies/kept in a stream", "cookies/kept out of caches"},
		},
		{
			name: "one identity for all",
			breakIt: func(auth adapter.Middleware, _ check, good layer) layer {
				var last atomic.Pointer[clerk.Auth]
				return func(next http.Handler) http.Handler {
					return good(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						a := clerk.FromContext(r.Context())
						last.Store(&a)
						next.ServeHTTP(w, r.WithContext(lazily{r.Context(), &last, auth}))
					}))
				}
			},
			violate: []string{"concurrency/a thousand users at once"},
		},
		{
			name: "an outage as a sign-out",
			breakIt: func(_ adapter.Middleware, _ check, good layer) layer {
				return func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						good(next).ServeHTTP(&statusHook{w, http.StatusServiceUnavailable, http.StatusUnauthorized}, r)
					})
				}
			},
			violate: []string{"outages/gated route", "outages/gate alone", "machines/Backend API out of reach"},
		},
		{
			name: "preflights pass",
			breakIt: func(_ adapter.Middleware, _ check, good layer) layer {
				return func(next http.Handler) http.Handler {
					h := good(next)
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != "" {
							next.ServeHTTP(w, r)
							return
						}
						h.ServeHTTP(w, r)
					})
				}
			},
			violate: []string{
				"methods/a preflight is gated", "preflights/refused, gate at route", "preflights/refused, gate at group", "preflights/refused, gate at everything",
				"preflights/answered by WithPreflightHandler",
			},
		},
		{
			name: "WithPreflightHandler is ignored",
			breakIt: func(_ adapter.Middleware, check check, good layer) layer {
				return func(next http.Handler) http.Handler {
					h := good(next)
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if _, _, f := check(r.Context(), adapter.NewRequest(r)); f != nil && f.PreflightHandler() != nil {
							f.ServeHTTP(w, r)
							return
						}
						h.ServeHTTP(w, r)
					})
				}
			},
			violate: []string{"preflights/answered by WithPreflightHandler"},
		},
		{
			name: "the scheme is only ever Bearer",
			breakIt: func(_ adapter.Middleware, _ check, good layer) layer {
				return func(next http.Handler) http.Handler {
					h := good(next)
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
							r.Header.Del("Authorization")
						}
						h.ServeHTTP(w, r)
					})
				}
			},
			violate: []string{"identity/bearer in any case", "identity/token without a scheme"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			broken := middlewaretest.Router{EveryMethod: everyMethod, New: func(app middlewaretest.App) (func(net.Listener) error, error) {
				return layers{
					handler: func(auth adapter.Middleware) layer {
						identify := func(ctx context.Context, r handshake.Request) (context.Context, handshake.Decision, *middleware.Failure) {
							ctx, d := auth.Identify(ctx, r)
							return ctx, d, nil
						}
						return tt.breakIt(auth, identify, good.handler(auth))
					},
					require: func(auth adapter.Middleware, reqs ...clerk.Requirement) layer {
						check := func(ctx context.Context, r handshake.Request) (context.Context, handshake.Decision, *middleware.Failure) {
							return auth.Check(ctx, r, reqs...)
						}
						return tt.breakIt(auth, check, good.require(auth, reqs...))
					},
				}.build(app)
			}}
			named := violated(t, middlewaretest.Check(broken, append(slices.Clone(rest), tt.violate...)...))
			slices.Sort(tt.violate)
			if !slices.Equal(named, tt.violate) {
				t.Errorf("the suite names %q, want %q", named, tt.violate)
			}
		})
	}
}

// violated returns the names of the behaviours in an error of Check.
func violated(t *testing.T, err error) []string {
	t.Helper()
	all, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("got %v, want violations", err)
	}
	var names []string
	for _, err := range all.Unwrap() {
		var v *middlewaretest.Violation
		if !errors.As(err, &v) || v.Problem == "" || !strings.HasPrefix(v.Error(), v.Behaviour+": ") {
			t.Fatalf("got %v, want violations", err)
		}
		names = append(names, v.Behaviour)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// headerHook changes the header before it goes out.
type headerHook struct {
	http.ResponseWriter
	change func(http.Header)
}

func (w *headerHook) WriteHeader(status int) {
	w.change(w.Header())
	w.ResponseWriter.WriteHeader(status)
}

func (w *headerHook) Write(b []byte) (int, error) {
	w.change(w.Header())
	return w.ResponseWriter.Write(b)
}

func (w *headerHook) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// statusHook answers one status instead of another.
type statusHook struct {
	http.ResponseWriter
	from, to int
}

func (w *statusHook) WriteHeader(status int) {
	if status == w.from {
		status = w.to
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusHook) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// lazily looks the identity up when it is asked for, in a place that requests
// share.
type lazily struct {
	context.Context
	last *atomic.Pointer[clerk.Auth]
	auth adapter.Middleware
}

func (c lazily) Value(key any) any {
	return authcontext.New(c.Context, *c.last.Load(), c.auth, 0, nil).Value(key)
}
