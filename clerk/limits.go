package clerk

import (
	"errors"
	"time"
)

// Limits bound the calls to the Backend API that requests can cause. A nonce, a refresh
// cookie and an opaque token (API key, M2M or OAuth token) each cost one call, and
// anyone can send a made-up one. Clerk allows an instance 100 calls in ten seconds in
// development and 1,000 in production
// (https://clerk.com/docs/guides/how-clerk-works/system-limits), and answers 429 beyond
// that, to all servers of the instance. A request that finds nothing left is answered
// as an outage (503 at a gate), never as a sign-out.
//
// Zero values are the defaults below. They are for one process. Servers with n
// processes divide BackendCalls by n, or raise it to what Clerk allows them.
//
// Each purpose has a share of its own that the others cannot use. Calls with good
// answers may also use the rest that belongs to no purpose, 8 % by default.
type Limits struct {
	// BackendCalls is how many such calls may begin in any ten seconds. 0 means 50
	// in development and 500 in production, half of what Clerk allows: the
	// other half is for your own calls and other servers. With InsecureEmulator it
	// is 50,000.
	BackendCalls int

	// BackendParallel is how many such calls may run at the same time, so that a slow
	// Backend API cannot pile up requests. 0 means 64. Nonces may use a quarter
	// of them, and tokens never seen before another quarter.
	BackendParallel int

	// NonceCalls are the calls in ten seconds that are kept for the end of
	// handshakes; refused nonces get two thirds of them at most. 0 means 14 % of
	// BackendCalls.
	NonceCalls int

	// RefreshCalls are the calls in ten seconds that are kept for sessions whose token
	// has expired; failed refreshes get two thirds of them at most. Only tokens with a
	// good signature are refreshed. The session with the fewest refreshes so far goes
	// first. 0 means 6 % of BackendCalls.
	RefreshCalls int

	// KnownTokenCalls are the most calls in ten seconds that are kept for opaque
	// tokens that were verified before. No stranger can use these. A token that is
	// used all the time needs one each OpaqueTokenCacheTTL. 0 means
	// 60 % of BackendCalls: 300 tokens in production.
	KnownTokenCalls int

	// UnknownTokenCalls are the calls in ten seconds that are kept for opaque tokens
	// never verified before; made-up ones get two thirds of them at most. Like those
	// for nonces they are shared by client address (see TrustedProxyHops): the address
	// with the fewest calls so far goes first. 0 means 12 % of BackendCalls.
	UnknownTokenCalls int

	// KnownTokens is how many verified tokens are remembered, by their SHA-256. The
	// least recently used one is dropped first. 0 means 16,384, which take about 2 MB.
	KnownTokens int

	// Wait is how long a request waits for a call. Then it is answered as an outage.
	// 0 means 2 seconds.
	Wait time.Duration
}

// maxOpaqueTokenCacheTTL bounds for how long a revoked key may still be accepted.
const maxOpaqueTokenCacheTTL = time.Hour

// Validate reports limits that cannot be used, as joined *[ConfigError]s.
// [Config.Validate] calls it.
func (l Limits) Validate() error {
	var errs []error
	for _, v := range []struct {
		name  string
		value int64
	}{
		{"BackendCalls", int64(l.BackendCalls)}, {"BackendParallel", int64(l.BackendParallel)},
		{"NonceCalls", int64(l.NonceCalls)}, {"RefreshCalls", int64(l.RefreshCalls)},
		{"KnownTokenCalls", int64(l.KnownTokenCalls)}, {"UnknownTokenCalls", int64(l.UnknownTokenCalls)},
		{"KnownTokens", int64(l.KnownTokens)}, {"Wait", int64(l.Wait)},
	} {
		switch {
		case v.value < 0:
			errs = append(errs, &ConfigError{"Limits." + v.name, "is negative; 0 means the default"})
		case v.name != "Wait" && v.value > maxLimit:
			errs = append(errs, &ConfigError{"Limits." + v.name, "is above a million"})
		}
	}
	if l.Wait > maxWait {
		errs = append(errs, &ConfigError{"Limits.Wait", "is above ten seconds, the most that a call may take"})
	}
	if n := l.BackendCalls; errs == nil && n > 0 && l.NonceCalls+l.RefreshCalls+l.KnownTokenCalls+l.UnknownTokenCalls > n {
		errs = append(errs, &ConfigError{"Limits.BackendCalls", "is less than what the other limits keep for their purposes"})
	}
	return errors.Join(errs...)
}

const (
	maxLimit = 1_000_000
	maxWait  = 10 * time.Second
)
