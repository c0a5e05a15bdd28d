package verify

import (
	"context"
	"crypto/rsa"
	"strings"
	"sync/atomic"
)

// origin has what the tokens of one application have in common: signing key, issuer,
// audience and authorized party. Cached tokens share it. On a busy server the claims of
// a token are not in a processor's cache, and a hit that does not read them is twice as
// fast.
type origin struct {
	kid           string
	key           *rsa.PublicKey
	issuer, party string
}

// newEntry returns the cache entry of a token that passed every check.
func (v *Verifier) newEntry(c *compact, key *rsa.PublicKey) cacheEntry {
	claims := c.claims
	e := cacheEntry{
		claims:  claims,
		payload: c.payload,
		from:    v.origins.get(origin{c.header.kid, key, claims.Issuer(), claims.AuthorizedParty()}),
		end:     claims.ExpiresAt().Unix(),
	}
	if claims.Has("nbf") {
		e.start = claims.NotBefore().Unix()
	}
	if claims.Has("iat") {
		e.start = max(e.start, claims.IssuedAt().Unix())
	}
	return e
}

// stillGood reports whether a token that was verified before still is valid: by time,
// by the key source and by the settings of v. An unchanged key means that the signature
// and the checks of the key still hold.
func (v *Verifier) stillGood(ctx context.Context, e *cacheEntry) bool {
	key, err := v.keys.Key(ctx, e.from.kid)
	if err != nil || key != e.from.key || v.checkIssuer(e.from.issuer) != nil || v.checkAuthorizedParty(e.from.party) != nil ||
		len(v.audience) > 0 && v.checkAudience(e.claims) != nil {
		return false
	}
	if now := v.now().Unix(); e.start <= now && now < e.end {
		return true
	}
	return v.checkTimes(e.claims) == nil // inside the clock skew
}

// originMemo holds the last few origins. Most instances have one or two.
type originMemo struct {
	slots [8]atomic.Pointer[origin]
	next  atomic.Uint32
}

// get returns the stored origin that equals o. It stores o if there is none.
func (m *originMemo) get(o origin) *origin {
	for i := range m.slots {
		if s := m.slots[i].Load(); s != nil && *s == o {
			return s
		}
	}
	kept := &origin{strings.Clone(o.kid), o.key, strings.Clone(o.issuer), strings.Clone(o.party)}
	m.slots[m.next.Add(1)%uint32(len(m.slots))].Store(kept)
	return kept
}
