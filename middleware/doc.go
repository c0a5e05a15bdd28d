// Package middleware authenticates the requests of a net/http server whose users
// sign in with Clerk. chi, gorilla/mux and every router that takes func(http.Handler) http.Handler use it as it is.
//
//	auth, err := middleware.New(cfg)
//	mux.Handle("GET /api/me", auth.Require()(http.HandlerFunc(me)))
//	http.ListenAndServe(":3000", auth.Handler(mux))
//
// A server that is only an API, called with tokens in the Authorization header, sets
// Config.HeaderOnly (CLERK_HEADER_ONLY): it then ignores cookies and redirects no
// request.
//
// The entry points:
//
//   - [Middleware.Handler] authenticates every request and puts the identity into its
//     context. It rejects none. It redirects a browser where only the Frontend API
//     knows its session.
//   - [Middleware.Require] gates a route: 401 if the request is not signed in, 403 if
//     it is not allowed, 503 if the identity could not be determined.
//   - [Middleware.VerifyToken] verifies one token of any kind, for gRPC, messages of
//     a WebSocket, and jobs.
//   - [Middleware.Deny] answers as a gate does, for a check that a handler makes.
//   - [Choose] gives each request one of several Middlewares.
//   - [WithObserver] is told of decisions, fetches of keys and calls to the Backend API,
//     for metrics and traces. [Middleware.Stats] returns the counts of the caches.
//   - [TokenFromQuery] takes the token of a WebSocket or an EventSource out of the URL.
//   - [Middleware.Identify] and [Middleware.Check] are the first two without net/http.
//
// gin, echo (v4 and v5) and fiber (v2 and v3) have adapters, modules of their own:
// github.com/clerkkit/clerkkit/middleware/gin, …/echo, …/echov5, …/fiber, …/fiberv3.
// Package adapter is for authors of further ones.
package middleware
