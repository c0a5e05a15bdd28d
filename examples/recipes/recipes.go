// Package recipes is the code of docs/recipes.md: small tasks, each in a few lines. A test
// counts the lines.
package recipes

import (
	"context"
	"errors"
	"expvar"
	"net/http"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
)

// CallReports calls another service on behalf of the caller.
func CallReports(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	// README:token
	req.Header.Set("Authorization", "Bearer "+clerk.FromContext(ctx).Token())
	// README:end
	return http.DefaultClient.Do(req)
}

// Invoices answers for one organization, the one in the path.
func Invoices(auth *middleware.Middleware) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := clerk.FromContext(r.Context()).Check(clerk.Org(r.PathValue("org"))); err != nil {
			// README:deny
			auth.Deny(w, r, err)
			// README:end
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// Admin makes a Middleware for the routes that the administrators' site may call. The
// application's own Middleware, made of cfg, serves the other routes.
func Admin(cfg clerk.Config) (*middleware.Middleware, error) {
	// README:parties
	cfg.AuthorizedParties = []string{"https://admin.example.com"}
	admin, err := middleware.New(cfg) // mux.Handle("DELETE /users/{id}", admin.Require()(remove))
	// README:end
	return admin, err
}

// These have the shapes of google.golang.org/grpc, so that the examples need no gRPC.
type (
	serverInfo   struct{}                                          // grpc.UnaryServerInfo
	unaryHandler = func(ctx context.Context, req any) (any, error) // grpc.UnaryHandler
)

type metadataKey struct{}

// fromIncomingContext is metadata.FromIncomingContext.
func fromIncomingContext(ctx context.Context) (md map[string][]string, ok bool) {
	md, ok = ctx.Value(metadataKey{}).(map[string][]string)
	return md, ok
}

// The errors are status.Error(codes.Unauthenticated, …) and of codes.Unavailable.
var (
	errUnauthenticated = errors.New("unauthenticated")
	errUnavailable     = errors.New("unavailable")
)

// Interceptor is what grpc.UnaryInterceptor takes.
func Interceptor(auth *middleware.Middleware) func(context.Context, any, *serverInfo, unaryHandler) (any, error) {
	return func(ctx context.Context, req any, _ *serverInfo, next unaryHandler) (any, error) {
		// README:grpc
		md, _ := fromIncomingContext(ctx)
		id, err := auth.VerifyToken(ctx, strings.TrimPrefix(strings.Join(md["authorization"], ""), "Bearer "))
		if errors.Is(err, clerk.ErrUnavailable) {
			return nil, errUnavailable
		} else if err != nil {
			return nil, errUnauthenticated
		}
		return next(clerk.NewContext(ctx, id), req)
		// README:end
	}
}

// Metrics counts the decisions by their status.
func Metrics(cfg clerk.Config) (*middleware.Middleware, error) {
	// README:metrics
	decisions := expvar.NewMap("clerk_decisions")
	count := func(_ context.Context, e clerk.DecisionEvent) { decisions.Add(e.Status, 1) }
	auth, err := middleware.New(cfg, middleware.WithObserver(middleware.Observer{Decision: count}))
	// README:end
	return auth, err
}

// Files is an API for OAuth clients.
func Files(auth *middleware.Middleware, files http.Handler) http.Handler {
	mux := http.NewServeMux()
	// README:scope
	mux.Handle("GET /files", auth.Require(clerk.Scope("files:read"))(files))
	// README:end
	return mux
}

// Tenants gates a server that answers for several Clerk instances, by host.
func Tenants(tenants map[string]*middleware.Middleware, next http.Handler) http.Handler {
	// README:several
	auth := middleware.Choose(func(r handshake.Request) *middleware.Middleware {
		return tenants[r.Host] // nil: nobody is signed in
	})
	// README:end
	return auth.Require()(next)
}
