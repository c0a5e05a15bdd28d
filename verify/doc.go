// Package verify turns a token into verified claims, or into an error that says
// why not. It is the core of clerkkit, usable alone: in gRPC servers, WebSocket
// handlers and workers, where no middleware stands.
//
// The doors:
//
//   - [New] takes a [Config] with a source of signing keys: one of package jwks,
//     or [PEM] for verification without network.
//   - [Verifier.Verify] verifies a session token. Its error is an [*Error] with a
//     clerk.Reason.
//   - [Verifier.VerifyM2M], [Verifier.VerifyOAuth] and [Verifier.VerifyHandshake]
//     verify the other kinds of JWT that an instance signs. None of them passes
//     for another.
//
// Only RS256 with keys of 2048 bits and more is accepted (RFC 7518 section 3.3).
package verify
