// Package adapter is for authors of adapters, which bring clerkkit into a router that
// does not take func(http.Handler) http.Handler. Applications do not need it.
//
// An adapter shows a request to [Middleware.Identify] or [Middleware.Check], and does
// what the answer says:
//
//   - The context that comes back carries the identity. The handlers below get it.
//   - The header fields and cookies of the decision go into the response, the cookies
//     at the last moment: see [SetFields] and [NewCookieWriter].
//   - A Location is answered 307.
//   - A failure is answered by [middleware.Failure.Answer], or by the error handler that
//     the framework has. Otherwise the next handler runs.
//
// The example of this package is a complete adapter. Those of clerkkit are further ones:
// middleware/gin, /echo and /echov5 on net/http, /fiber and /fiberv3 on fasthttp.
//
// An adapter must pass the suite of package middlewaretest. What it checks goes wrong in
// ways that no example shows: cookies that a handler overwrites, identities that get into
// another request, redirects that a group of routes swallows, handlers that take every
// method.
package adapter
