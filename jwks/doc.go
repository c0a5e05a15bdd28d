// Package jwks fetches and caches the signing keys of a Clerk instance: the JSON Web
// Key Set (RFC 7517) of its Backend API or Frontend API.
//
// Start with:
//
//   - [New] makes a [Source] from a [Config]. [BackendURL] and [FrontendURL] return the
//     URL of an instance's key set.
//   - [Source.Key] returns the key with an id. Package verify accepts a Source as its
//     key source.
//   - [Source.Warm] fetches the keys before the first request. [Source.Close] stops the
//     background refresh.
//   - [Source.Stats] returns the age of the keys and the number of fetches, and
//     [Config].Observer receives each fetch.
//   - [Error] and its [Reason] say what went wrong. With errors.Is it is
//     clerk.ErrKeyUnknown (refuse the token) or clerk.ErrUnavailable (an outage:
//     respond with 503).
//
// # Age of keys
//
// The age of a key set is the time since its request was sent. It is computed on every
// read and does not depend on traffic:
//
//   - below RefreshInterval, the set is used without a lock or an allocation;
//   - from RefreshInterval on, it is used and a refresh starts;
//   - past twice RefreshInterval without a recent attempt to refresh (the process was
//     idle or frozen), the first requests wait up to FetchTimeout for one refresh, and
//     use the old set if it fails;
//   - past MaxAge it is not used: the error is clerk.ErrUnavailable.
//
// A fetched set replaces the previous one completely. A key that is in both keeps its
// *rsa.PublicKey pointer, so a cache of verified tokens can compare pointers. A
// response that is not a key set replaces nothing.
//
// # Network requests
//
// A Source runs one fetch at a time, and all callers wait for the same one. If the
// context of a caller ends, that caller stops waiting but the fetch goes on. A fetch
// makes up to five quick attempts within FetchTimeout. Key ids that a fresh set lacks
// cause at most one fetch per UnknownKeyCooldown in the whole Source. After a failure
// the next fetch waits up to one second, then two, four and so on up to
// UnknownKeyCooldown, or as long as Retry-After says (at most RefreshInterval).
//
// # Accepted keys
//
// Only RSA keys of 2048 to 8192 bits with an odd exponent from 65537 to 2^31-1 are
// used, and only for RS256 signatures: "use" must be absent or "sig", "alg" absent or
// "RS256", "key_ops" absent or contain "verify". Other entries are ignored, as RFC 7517
// section 5 requires. If a kid occurs twice in a document, none of its entries is used
// (the official JavaScript SDK uses the last one). The same applies to a kid that is
// published with private key material. Only that kid is refused, not the document, so
// that other keys can still be withdrawn by it. A document without a usable key is an
// error.
package jwks
