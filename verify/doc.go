// Package verify verifies Clerk's tokens and returns their claims. Use it directly in
// gRPC servers, WebSocket handlers and workers, where package middleware is not in use.
//
// Start with:
//
//   - [New] takes a [Config] with a source of signing keys: a jwks.Source, or [PEM] to
//     verify without network access.
//   - [Verifier.Verify] verifies a session token. Its error is an [*Error] with a
//     clerk.Reason.
//   - [Verifier.VerifyM2M], [Verifier.VerifyOAuth] and [Verifier.VerifyHandshake]
//     verify the other kinds of JWT that an instance signs. Each method accepts only
//     its own kind.
//
// Only RS256 with keys of at least 2048 bits is accepted (RFC 7518 section 3.3).
package verify
