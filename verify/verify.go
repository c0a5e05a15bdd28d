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

// KeySource gives the public key with the id that a token names. Its errors wrap
// clerk.ErrKeyUnknown, for a key that does not exist, or
// clerk.ErrUnavailable, and others count as the latter. kid is "" where the
// token names none, which no key of a set should answer to. It must be safe for
// concurrent use.
type KeySource interface {
	Key(ctx context.Context, kid string) (*rsa.PublicKey, error)
}

// Config says which tokens a [Verifier] accepts.
type Config struct {
	// Keys gives the signing keys; required.
	Keys KeySource

	// AuthorizedParties are the accepted values of azp in session tokens, compared
	// as they are. Empty means that azp is not checked, which [New] logs. Machine
	// tokens are accepted whatever their azp.
	AuthorizedParties []string

	// AuthorizedPartyFunc accepts further values of azp, those that no list can name.
	// It is asked about session tokens with a good signature, and again each time a
	// cached one is presented, so it must be fast, safe for concurrent use and give
	// the same answer for the same value. nil accepts none. Where it is set, azp is
	// checked, with or without AuthorizedParties.
	AuthorizedPartyFunc func(origin string) bool

	// InsecureAllowMissingAuthorizedParty accepts session tokens without azp
	// although AuthorizedParties are set: those that the Backend API made, and those
	// of native applications, which send no Origin.
	InsecureAllowMissingAuthorizedParty bool

	// Audience are the accepted values of aud; empty means unchecked. A session
	// token without aud passes, as Clerk's own have none; an OAuth token does not.
	Audience []string

	// Issuers are the accepted values of iss, compared as they are. Empty means
	// that the signature alone says which instance a token is from.
	Issuers []string

	// ClockSkew is how far clocks may differ. 0 means [DefaultClockSkew]; a negative
	// value allows no difference.
	ClockSkew time.Duration

	// InsecureEmulator accepts the emulator's published signing key.
	InsecureEmulator bool

	// CacheBytes bounds the memory of the verified-token cache. 0 means
	// [DefaultCacheBytes], a negative value turns the cache off.
	CacheBytes int64

	// Now is the clock; nil means time.Now.
	Now func() time.Time

	// Logger gets a warning when AuthorizedParties are missing. nil means
	// slog.Default().
	Logger *slog.Logger
}

// DefaultClockSkew is how far clocks may differ unless the Config says otherwise.
const DefaultClockSkew = 5 * time.Second

// DefaultCacheBytes is the size of the verified-token cache unless the Config says
// otherwise: room for some 25,000 sessions.
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

// New makes a Verifier. It does no I/O. Without keys, and for empty strings among
// the accepted values, the error is a *clerk.ConfigError.
func New(cfg Config) (*Verifier, error) {
	if cfg.Keys == nil {
		return nil, &clerk.ConfigError{Field: "Keys", Problem: "is nil: there is no source of signing keys"}
	}
	if slices.Contains(cfg.AuthorizedParties, "") {
		return nil, &clerk.ConfigError{Field: "AuthorizedParties", Problem: "holds an empty string"}
	}
	if slices.Contains(cfg.Issuers, "") {
		return nil, &clerk.ConfigError{Field: "Issuers", Problem: "holds an empty string"}
	}
	if slices.Contains(cfg.Audience, "") { // or a list of nothing but that would check nothing
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
		logger.Warn("clerk: tokens are accepted whatever origin they were issued to; set AuthorizedParties (CLERK_AUTHORIZED_PARTIES)")
	}
	return v, nil
}

// WithClockSkew returns a Verifier that differs in its skew alone: d is as in
// [Config].ClockSkew. The two share their cache, whose entries are checked against the
// skew of who asks.
func (v *Verifier) WithClockSkew(d time.Duration) *Verifier {
	w := *v
	w.skew = skew(d)
	return &w
}

// skew reads a setting: zero is the default, and negative is none.
func skew(d time.Duration) time.Duration {
	if d == 0 {
		return DefaultClockSkew
	}
	return max(d, 0)
}

// Verify verifies a session token: form, kind, signature, and all claims that
// the Config has an opinion on. A pending session verifies; what it is worth is
// for [clerk.Claims.Auth] to say. The Claims are shared by all who present the
// token: assign nothing to what the pointer points to.
//
// ctx ends the wait for a key, if there is one. The error is always an [*Error].
func (v *Verifier) Verify(ctx context.Context, token string) (*clerk.Claims, error) {
	claims, _, err := v.VerifyCached(ctx, token)
	return claims, err
}

// VerifyCached is [Verifier.Verify], and also says whether the verified-token cache had
// the token, so that the signature was not checked again. cached is false for a token that
// is refused.
func (v *Verifier) VerifyCached(ctx context.Context, token string) (claims *clerk.Claims, cached bool, err error) {
	if len(token) > maxTokenBytes {
		return nil, false, errTooLarge
	}
	s, _ := scratchPool.Get().(*scratch)
	defer scratchPool.Put(s)
	// The header of a cached token is remembered. What begins otherwise is mostly
	// garbage, and not worth a hash before it verifies.
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
			v.cache.remove(&sum) // and let the whole check say why
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

// verifySession is the whole check.
func (v *Verifier) verifySession(ctx context.Context, token string, s *scratch) (*clerk.Claims, cacheEntry, error) {
	var c compact
	if err := c.parse(token, s, v.memo); err != nil {
		return nil, cacheEntry{}, err
	}
	var err error
	switch {
	case isMachine(&c):
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

// checkSession checks the claims of a session token, in the order of the
// official SDKs, so that a token with several faults gets the same reason.
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

// checkIssuer pins the instance by the iss claim.
func (v *Verifier) checkIssuer(iss string) error {
	if len(v.issuers) > 0 && !slices.Contains(v.issuers, iss) {
		return errIssuer.mismatch("iss", []string{iss}, v.issuers)
	}
	return nil
}

// checkAudience is the aud check of tokens that need not have one.
func (v *Verifier) checkAudience(claims *clerk.Claims) error {
	if len(v.audience) > 0 && claims.Has("aud") && len(claims.Audience()) > 0 && !claims.HasAudience(v.audience...) {
		return errAudience.mismatch("aud", claims.Audience(), v.audience)
	}
	return nil
}

// checkAuthorizedParty is the azp check: a token that one origin of the instance
// got is not good for another one.
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

// checkTimes is the check of exp, nbf and iat (RFC 7519 section 4.1), with skew
// on each; exp is required.
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

// checkStart is the check of nbf and iat, where they are present.
func (v *Verifier) checkStart(claims *clerk.Claims, now time.Time) error {
	if early := claims.NotBefore().Sub(now); claims.Has("nbf") && early > v.skew {
		return &Error{Reason: clerk.ReasonTokenNotActiveYet, problem: "not valid yet (is the clock right?)", off: early}
	}
	if early := claims.IssuedAt().Sub(now); claims.Has("iat") && early > v.skew {
		return &Error{Reason: clerk.ReasonTokenIATInTheFuture, problem: "issued in the future (is the clock right?)", off: early}
	}
	return nil
}

// sessionCategory accepts the categories that a session token may have.
func sessionCategory(h header) bool {
	return !h.hasCat || h.cat == categorySession || h.cat == categoryIgnore
}
