package verify

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// KeySource returns the public key with the id that a token names. Its errors wrap
// clerk.ErrKeyUnknown if the key does not exist, or clerk.ErrUnavailable; any other
// error counts as clerk.ErrUnavailable. kid is "" if the token names none; a source
// with a key set must not return a key for it. A KeySource must be safe for concurrent
// use.
type KeySource interface {
	Key(ctx context.Context, kid string) (*rsa.PublicKey, error)
}

// Config says which tokens a [Verifier] accepts.
type Config struct {
	// Keys is the source of signing keys. Required.
	Keys KeySource

	// AuthorizedParties are the accepted values of azp in session tokens. They are
	// compared exactly. If empty, azp is not checked, and [New] logs a warning. azp of
	// machine tokens is never checked.
	AuthorizedParties []string

	// AuthorizedPartyFunc accepts values of azp that a list cannot name. It is called for
	// session tokens whose signature was verified, also for each use of a cached token. It
	// must be fast, safe for concurrent use, and return the same answer for the same
	// value. nil accepts no further value. If it is set, azp is checked even if
	// AuthorizedParties is empty.
	AuthorizedPartyFunc func(origin string) bool

	// InsecureAllowMissingAuthorizedParty accepts session tokens without azp even if
	// AuthorizedParties are set. Tokens from the Backend API have no azp, nor have those
	// of native applications, which send no Origin.
	InsecureAllowMissingAuthorizedParty bool

	// Audience are the accepted values of aud. If empty, aud is not checked. A session
	// token without aud is accepted, because Clerk's session tokens have none by default.
	// An OAuth token without aud is refused.
	Audience []string

	// Issuers are the accepted values of iss. They are compared exactly. If empty, iss is
	// not checked, and only the signing key determines the instance.
	Issuers []string

	// ClockSkew is the tolerance for exp, nbf and iat. 0 means [DefaultClockSkew]; a
	// negative value allows no difference.
	ClockSkew time.Duration

	// InsecureEmulator accepts the emulator's published signing key.
	InsecureEmulator bool

	// CacheBytes is the maximum memory of the verified-token cache. 0 means
	// [DefaultCacheBytes]; a negative value turns the cache off.
	CacheBytes int64

	// Now is the clock; nil means time.Now.
	Now func() time.Time

	// Logger gets a warning if AuthorizedParties are missing. nil means slog.Default().
	Logger *slog.Logger
}

// DefaultClockSkew is the clock skew if Config.ClockSkew is zero.
const DefaultClockSkew = 5 * time.Second

// DefaultCacheBytes is the size of the verified-token cache if Config.CacheBytes is
// zero. It holds about 25,000 session tokens.
const DefaultCacheBytes = 32 << 20

// Verifier verifies tokens. It is safe for concurrent use.
type Verifier struct {
	keys              KeySource
	parties           []string
	partyFunc         func(origin string) bool
	allowMissingParty bool
	audience          []string
	issuers           []string
	skew              time.Duration
	insecureEmulator  bool
	now               func() time.Time
	memo              *headerMemo
	origins           *originMemo
	cache             *tokenCache // nil if off
}

// New returns a Verifier. It does no I/O. If Keys is nil, or a list contains an empty
// string, the error is a *clerk.ConfigError.
func New(cfg Config) (*Verifier, error) {
	if cfg.Keys == nil {
		return nil, &clerk.ConfigError{Field: "Keys", Problem: "is nil: no source of signing keys is set"}
	}
	if slices.Contains(cfg.AuthorizedParties, "") {
		return nil, &clerk.ConfigError{Field: "AuthorizedParties", Problem: "holds an empty string"}
	}
	if slices.Contains(cfg.Issuers, "") {
		return nil, &clerk.ConfigError{Field: "Issuers", Problem: "holds an empty string"}
	}
	if slices.Contains(cfg.Audience, "") { // a list of only "" would check nothing
		return nil, &clerk.ConfigError{Field: "Audience", Problem: "holds an empty string"}
	}
	v := &Verifier{
		keys:              cfg.Keys,
		parties:           slices.Clone(cfg.AuthorizedParties),
		partyFunc:         cfg.AuthorizedPartyFunc,
		allowMissingParty: cfg.InsecureAllowMissingAuthorizedParty,
		audience:          slices.Clone(cfg.Audience),
		issuers:           slices.Clone(cfg.Issuers),
		skew:              skew(cfg.ClockSkew),
		insecureEmulator:  cfg.InsecureEmulator,
		now:               cfg.Now,
		memo:              new(headerMemo),
		origins:           new(originMemo),
	}
	if cfg.CacheBytes >= 0 {
		var err error
		size := cfg.CacheBytes
		if size == 0 {
			size = DefaultCacheBytes
		}
		if v.cache, err = newTokenCache(size); err != nil {
			return nil, err
		}
	}
	if v.now == nil {
		v.now = time.Now
	}
	if len(v.parties) == 0 && v.partyFunc == nil {
		logger := cfg.Logger
		if logger == nil {
			logger = slog.Default()
		}
		logger.Warn("clerk: tokens issued to any origin are accepted; set AuthorizedParties (CLERK_AUTHORIZED_PARTIES)")
	}
	return v, nil
}

// WithClockSkew returns a copy of v with another clock skew. d is as in
// [Config].ClockSkew. Both share one cache. Each checks cached tokens with its own
// skew.
func (v *Verifier) WithClockSkew(d time.Duration) *Verifier {
	if v == nil {
		return nil // as good as v
	}
	w := *v
	w.skew = skew(d)
	return &w
}

// skew returns the value of a setting: zero means the default, negative means none.
func skew(d time.Duration) time.Duration {
	if d == 0 {
		return DefaultClockSkew
	}
	return max(d, 0)
}

// Verify verifies a session token: its form, kind, signature and claims. A token of a
// pending session is accepted: [clerk.Claims.Auth] returns an identity that is not
// signed in for it. All calls with the same token return the same Claims, so callers
// must not modify them.
//
// ctx bounds the wait for a key. The error is always an [*Error].
func (v *Verifier) Verify(ctx context.Context, token string) (*clerk.Claims, error) {
	claims, _, err := v.VerifyCached(ctx, token)
	return claims, err
}

// VerifyCached is [Verifier.Verify], and also says whether the verified-token cache had
// the token, so that the signature was not checked again. cached is false for a token that
// is refused.
func (v *Verifier) VerifyCached(ctx context.Context, token string) (claims *clerk.Claims, cached bool, err error) {
	switch {
	case len(token) > maxTokenBytes:
		return nil, false, errTooLarge
	case v == nil || v.keys == nil:
		return nil, false, errNoSource
	case ctx == nil:
		ctx = context.Background()
	}
	s, _ := scratchPool.Get().(*scratch)
	defer scratchPool.Put(s)
	// Only a token whose header is in the memo can be in the cache. Others are mostly
	// invalid, so do not hash them before they are verified.
	first, _, _ := strings.Cut(token, ".")
	var sum tokenSum
	look := v.cache != nil && v.memo.get(first) != nil
	if look {
		s.load(token)
		sum = sha256.Sum256(s.token)
		if e, ok := v.cache.get(&sum); ok {
			if v.stillGood(ctx, &e) {
				return e.claims, true, nil
			}
			v.cache.remove(&sum) // the full check below returns the reason
		}
	}
	claims, e, err := v.verifySession(ctx, token, s)
	if err == nil && v.cache != nil {
		if !look {
			sum = sha256.Sum256(s.token)
			v.cache.missed(&sum)
		}
		v.cache.add(&sum, e)
	}
	return claims, false, err
}

// verifySession verifies a session token without the cache.
func (v *Verifier) verifySession(ctx context.Context, token string, s *scratch) (*clerk.Claims, cacheEntry, error) {
	var c compact
	if err := c.parse(token, s, v.memo); err != nil {
		return nil, cacheEntry{}, err
	}
	var err error
	switch {
	case c.kind() == clerk.M2M, c.kind() == clerk.OAuth:
		err = errMachine
	case !sessionCategory(c.header):
		err = errCategory
	case c.header.hasTyp && c.header.typ != "JWT":
		err = errType
	}
	if err != nil {
		return nil, cacheEntry{}, err
	}
	key, err := v.checkSignature(ctx, &c)
	if err == nil {
		err = c.claimErr
	}
	if err == nil {
		if !c.memoized {
			first, _, _ := strings.Cut(token, ".")
			v.memo.put(first, c.header)
		}
		err = v.checkSession(c.claims)
	}
	if err != nil {
		return nil, cacheEntry{}, err
	}
	return c.claims, v.newEntry(&c, key), nil
}

// checkSession checks the claims of a session token in the order of the official SDKs,
// so that a token with several faults gets the same reason.
func (v *Verifier) checkSession(claims *clerk.Claims) error {
	if claims.Subject() == "" {
		if claims.Has("handshake") {
			return errHandshake
		}
		return errSubject
	}
	if err := v.checkIssuer(claims.Issuer()); err != nil {
		return err
	}
	if err := v.checkAudience(claims); err != nil {
		return err
	}
	if err := v.checkAuthorizedParty(claims.AuthorizedParty()); err != nil {
		return err
	}
	return v.checkTimes(claims)
}

// checkIssuer checks the iss claim.
func (v *Verifier) checkIssuer(iss string) error {
	if len(v.issuers) > 0 && !slices.Contains(v.issuers, iss) {
		return errIssuer.mismatch("iss", []string{iss}, v.issuers)
	}
	return nil
}

// checkAudience checks aud of tokens that may lack it.
func (v *Verifier) checkAudience(claims *clerk.Claims) error {
	if len(v.audience) > 0 && claims.Has("aud") && len(claims.Audience()) > 0 && !claims.HasAudience(v.audience...) {
		return errAudience.mismatch("aud", claims.Audience(), v.audience)
	}
	return nil
}

// checkAuthorizedParty checks azp: a token that was issued to one origin of the
// instance is not accepted at another.
// https://clerk.com/docs/guides/sessions/manual-jwt-verification
func (v *Verifier) checkAuthorizedParty(azp string) error {
	if len(v.parties) == 0 && v.partyFunc == nil {
		return nil
	}
	switch {
	case azp == "" && v.allowMissingParty:
		return nil
	case azp == "":
		return errNoParty.mismatch("azp", nil, v.parties)
	case !slices.Contains(v.parties, azp) && (v.partyFunc == nil || !v.partyFunc(azp)):
		return errParty.mismatch("azp", []string{azp}, v.parties)
	}
	return nil
}

// checkTimes checks exp, nbf and iat (RFC 7519 section 4.1), each with the clock skew.
// exp is required.
func (v *Verifier) checkTimes(claims *clerk.Claims) error {
	if !claims.Has("exp") {
		return errNoExpiry
	}
	now := v.now()
	if late := now.Sub(claims.ExpiresAt()); late >= v.skew {
		return &Error{Reason: clerk.ReasonTokenExpired, problem: "expired", off: late}
	}
	return v.checkStart(claims, now)
}

// checkStart checks nbf and iat if present.
func (v *Verifier) checkStart(claims *clerk.Claims, now time.Time) error {
	if early := claims.NotBefore().Sub(now); claims.Has("nbf") && early > v.skew {
		return &Error{Reason: clerk.ReasonTokenNotActiveYet, problem: "not valid yet (is the clock right?)", off: early}
	}
	if early := claims.IssuedAt().Sub(now); claims.Has("iat") && early > v.skew {
		return &Error{Reason: clerk.ReasonTokenIATInTheFuture, problem: "issued in the future (is the clock right?)", off: early}
	}
	return nil
}

// sessionCategory reports whether cat is one that a session token may have.
func sessionCategory(h header) bool {
	return !h.hasCat || h.cat == categorySession || h.cat == categoryIgnore
}
