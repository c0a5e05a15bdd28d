package state

import (
	"maps"
	"slices"
	"time"
)

// Lifetimes of what the OAuth 2.0 provider issues (operation getOAuthToken).
const (
	oauthCodeLifetime    = 10 * time.Minute
	OAuthAccessLifetime  = 24 * time.Hour
	OAuthRefreshLifetime = 10 * 365 * 24 * time.Hour
)

// OAuthGrant is what a user allows a client. All tokens that come from one
// authorization share it, and its id.
type OAuthGrant struct {
	ID               string
	ClientID, UserID string
	OrganizationID   string
	Scopes           []string
	Nonce            string // for the ID token
	AuthAt           time.Time
	Redirect         string // redirect_uri of the request, "" where it had none
	Challenge        string // of PKCE
}

// oauthCode is an authorization code.
type oauthCode struct {
	Grant    OAuthGrant
	Used     bool
	ExpireAt time.Time
}

// OAuthToken is an access or refresh token. JWTs are kept too, by [JWTKey], for
// the calls that ask about them.
type OAuthToken struct {
	Grant            OAuthGrant
	TokenID          string // oat_…, of access tokens
	Refresh          bool
	Revoked          bool
	Used             bool // a refresh token that was exchanged
	RevocationReason string
	ExpireAt         time.Time
	Created          Made
	UpdatedAt        time.Time
}

// JWTKey is what a JWT is kept under. It is no token itself.
func JWTKey(jti string) string { return "jwt " + jti }

func (t *OAuthToken) good(now time.Time) bool { return !t.Revoked && !t.Used && now.Before(t.ExpireAt) }

// NewOAuthCode makes a code for a grant.
func (s *Store) NewOAuthCode(g OAuthGrant) string {
	return With(s, func(tx *Tx) string {
		now := tx.Now()
		maps.DeleteFunc(tx.OAuthCodes, func(_ string, c *oauthCode) bool { return !now.Before(c.ExpireAt) })
		code := tx.IDs.Random(40)
		g.ID = tx.IDs.Next("grant")
		tx.OAuthCodes[code] = &oauthCode{Grant: g, ExpireAt: now.Add(oauthCodeLifetime)}
		return code
	})
}

// TakeOAuthCode uses a code up. Somebody who uses it again may have stolen it, and
// ends all that came from it (RFC 6749 section 4.1.2). What check refuses is not
// used up.
func (s *Store) TakeOAuthCode(code, clientID string, check func(*OAuthGrant) bool) (OAuthGrant, bool) {
	return With2(s, func(tx *Tx) (OAuthGrant, bool) {
		c := tx.OAuthCodes[code]
		if c == nil || c.Grant.ClientID != clientID || !tx.Now().Before(c.ExpireAt) {
			return OAuthGrant{}, false
		}
		if c.Used {
			tx.revokeGrant(c.Grant.ID, "The authorization code was used twice")
			return OAuthGrant{}, false
		}
		if !check(&c.Grant) {
			return OAuthGrant{}, false
		}
		c.Used = true
		return c.Grant, true
	})
}

// PutOAuthToken keeps a token under its text or jti.
func (s *Store) PutOAuthToken(key string, t OAuthToken) OAuthToken {
	return With(s, func(tx *Tx) OAuthToken {
		t.Created = tx.Made()
		t.UpdatedAt = t.Created.At
		tx.OAuthTokens[key] = &t
		return t
	})
}

// OAuthTokenOf finds a token that is good, and whose user and client are there.
func (s *Store) OAuthTokenOf(key string) (OAuthToken, bool) {
	return With2(s, func(tx *Tx) (OAuthToken, bool) {
		t := tx.OAuthTokens[key]
		if t == nil || !t.good(tx.Now()) || tx.Users[t.Grant.UserID] == nil || tx.OAuthApps[t.Grant.ClientID] == nil {
			return OAuthToken{}, false
		}
		return *t, true
	})
}

// UseRefreshToken exchanges a refresh token, which is good once. A second use ends
// the grant, as with codes.
func (s *Store) UseRefreshToken(token, clientID string) (OAuthGrant, bool) {
	return With2(s, func(tx *Tx) (OAuthGrant, bool) {
		t := tx.OAuthTokens[token]
		if t == nil || !t.Refresh || t.Grant.ClientID != clientID || tx.Users[t.Grant.UserID] == nil {
			return OAuthGrant{}, false
		}
		if t.Used {
			tx.revokeGrant(t.Grant.ID, "The refresh token was used twice")
			return OAuthGrant{}, false
		}
		if !t.good(tx.Now()) {
			return OAuthGrant{}, false
		}
		t.Used, t.UpdatedAt = true, tx.Now()
		return t.Grant, true
	})
}

// RevokeOAuthToken ends a token of a client, with all of its grant. It reports
// whether there is one.
func (s *Store) RevokeOAuthToken(token, clientID, reason string) bool {
	return With(s, func(tx *Tx) bool {
		t := tx.OAuthTokens[token]
		if t == nil || t.Grant.ClientID != clientID {
			return false
		}
		tx.revokeGrant(t.Grant.ID, reason)
		return true
	})
}

func (tx *Tx) revokeGrant(id, reason string) {
	for _, t := range tx.OAuthTokens {
		if t.Grant.ID == id && !t.Revoked {
			t.Revoked, t.RevocationReason, t.UpdatedAt = true, reason, tx.Now()
		}
	}
}

// HasScope reports whether a grant has a scope.
func (g *OAuthGrant) HasScope(scope string) bool { return slices.Contains(g.Scopes, scope) }
