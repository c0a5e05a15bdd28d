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
//   - [ClaimsAs] decodes custom claims into your own type; [NewContext] puts an
//     identity into a context for a unit test.
//
// An Auth is a value. A handler that changes its Auth changes no other request's.
//
// # Zero, default and off
//
// Each Config of the kit (here, and in packages webhook, verify, jwks, handshake, bapi
// and clerktest) reads its fields by one rule:
//
//   - A zero value means the default: 0, "", false, nil, an empty list. The comment of
//     the field says what that is. It is the safe choice.
//   - A negative number turns off what can be turned off, and its comment says so:
//     ClockSkew, TokenCacheBytes and OpaqueTokenCacheTTL here, MaxRetries, RateLimit and
//     MaxStale of package bapi. For every other number it is an error.
//   - A bool is off when it is false. What weakens a check is named Insecure….
//   - A value that cannot be used is a *[ConfigError] that names the field, from the
//     function that takes the Config. No value is corrected silently.
//   - No function of the kit panics for a nil option, function or interface in a Config.
//     What a field needs and lacks is an error.
package clerk
