// Package clerk is the vocabulary that the packages of clerkkit share: the
// configuration, the identity of a request, and what a route may require of it.
// It does no I/O and imports the standard library alone.
//
// Start with these names:
//
//   - [Config] and [ConfigFromEnv] say which Clerk instance a server belongs to.
//     Package middleware turns a Config into a net/http middleware.
//   - [FromContext] returns the [Auth] of a request: the verified identity, or the
//     [Reason] why nobody is signed in.
//   - [Role], [Permission], [Feature], [Plan], [Reverified], [Tokens], [Any] and [All]
//     are requirements, for middleware's Require and for [Auth.Has].
//   - [ClaimsAs] decodes custom claims into a type of yours; [NewContext] puts an
//     identity into a context for a unit test.
//
// An Auth is a value. A handler that changes its Auth changes no other request's.
package clerk
