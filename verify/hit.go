package verify

import (
	"context"
	"crypto/rsa"
	"strings"
	"sync/atomic"
)

// origin is what the tokens of one application have in common: who signed them,
// and for whom. Cached tokens share theirs: on a busy server the claims of a token
// are in no processor's cache, and a hit that does not read them is twice as fast.
type origin struct {
	kid           string
	key           *rsa.PublicKey
	issuer, party string
}

// newEntry is the cache entry of a token that passed every check.
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

// stillGood is the check of a token that was verified before: all that time, the
// key source and the Verifier that asks can say against it. That the key has not
// changed stands for the signature, and for the demands on keys.
func (v *Verifier) stillGood(ctx context.Context, e *cacheEntry) bool {
	key, err := v.keys.Key(ctx, e.from.kid)
	if err != nil || key != e.from.key || v.checkIssuer(e.from.issuer) != nil || v.checkAuthorizedParty(e.from.party) != nil ||
		len(v.audience) > 0 && v.checkAudience(e.claims) != nil {
		return false
	}
	if now := v.now().Unix(); e.start <= now && now < e.end {
		return true
	}
	return v.checkTimes(e.claims) == nil // what the skew says
}

// originMemo keeps the last few origins. Most instances have one or two.
type originMemo struct {
	slots [8]atomic.Pointer[origin]
	next  atomic.Uint32
}

// get returns the remembered equal of o, which it remembers from now on if there
// is none.
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
