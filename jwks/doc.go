// Package jwks is where the signing keys of a Clerk instance come from: the JSON
// Web Key Set (RFC 7517) of its Backend API or of its Frontend API.
//
// The doors:
//
//   - [New] makes a [Source] from a [Config]; [BackendURL] and [FrontendURL] say
//     where the key set of an instance is.
//   - [Source.Key] answers "which key has this id?" and is all a verifier needs;
//     package verify takes a Source as its key source.
//   - [Source.Warm] fetches before the first request does, [Source.Close] ends
//     what a Source started.
//   - [Error] and its [Reason] say what went wrong; clerk.ErrKeyUnknown (refuse
//     the token) and clerk.ErrUnavailable (an outage, answer 503) decide.
//
// # How keys age
//
// The age of a key set is the time since the request that brought it was sent,
// computed on every read, so no traffic can stretch it:
//
//   - younger than RefreshInterval, it serves, without a lock or an allocation;
//   - from there on it serves and starts a refresh;
//   - past twice RefreshInterval with no refresh tried lately (the process was
//     idle or frozen), the first requests wait for one refresh, at most
//     FetchTimeout, and are served by the old set if it fails;
//   - past MaxAge it serves nobody: keys unavailable.
//
// A fetched set replaces the whole set before it. A key that is in both keeps its
// *rsa.PublicKey pointer, so a cache of verified tokens may hang on the pointer.
// An answer that is no key set replaces nothing.
//
// # What is asked of the network
//
// One fetch at a time, whoever needs it; everyone else waits for that one, and a
// caller whose context ends leaves without ending it. A fetch is up to five quick
// attempts inside one FetchTimeout. A key id that a fresh set lacks causes at most
// one fetch per UnknownKeyCooldown in the whole Source; after a failure the next
// fetch waits up to one second, then two, four and so on to the cool-down, or as
// long as Retry-After asks (at most RefreshInterval).
//
// # Which keys are used
//
// RSA keys of 2048 to 8192 bits with an odd exponent from 65537 to 2^31-1, for
// RS256 signatures: "use" absent or "sig", "alg" absent or "RS256", "key_ops"
// absent or with "verify". Other entries are left out, as RFC 7517 section 5 asks.
// A kid that occurs twice in one document is left out altogether, whatever its
// entries are (the official JavaScript SDK lets the last one win), and so is a kid
// published with private key material. Refusing the kid and not the document keeps
// a withdrawal that came with it in force. A document without one usable key is an
// error.
package jwks
