// Package middleware is the front door of clerkkit: it authenticates the
// requests of a net/http server whose users sign in with Clerk. chi, gorilla/mux
// and every router that takes func(http.Handler) http.Handler use it as it is.
//
//	auth, err := middleware.New(cfg)
//	mux.Handle("GET /api/me", auth.Require()(http.HandlerFunc(me)))
//	http.ListenAndServe(":3000", auth.Handler(mux))
//
// A server that is only an API, called with tokens in the Authorization header, sets
// Config.HeaderOnly (CLERK_HEADER_ONLY): cookies then count for nothing, and no request
// is redirected.
//
// The entry points:
//
//   - [Middleware.Handler] finds out who a request is from and puts the answer
//     into its context. It rejects nobody; it redirects browsers where only the
//     Frontend API knows the answer.
//   - [Middleware.Require] gates a route: 401 for who is not signed in, 403 for
//     who is not allowed, 503 where it could not be found out.
//   - [Middleware.VerifyToken] verifies one token of any kind, for gRPC, messages of
//     a WebSocket, and jobs.
//   - [WithObserver] receives decisions, fetches of keys and calls to the Backend API, for
//     metrics and traces. [Middleware.Stats] returns the counts of the caches.
//   - [TokenFromQuery] takes the token of a WebSocket or an EventSource out of the URL.
//   - [Middleware.OpenGate] and [Middleware.Gate] are the first two without
//     net/http, for the adapters of other frameworks: github.com/clerkkit/clerkkit/middleware/gin,
//     …/echo, …/echov5, …/fiber and …/fiberv3, modules of their own. Package
//     middlewaretest is the suite that all of them pass.
package middleware
