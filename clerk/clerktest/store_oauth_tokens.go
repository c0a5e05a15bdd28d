package clerktest

import (
	"maps"
	"slices"
	"time"
)

// Lifetimes of what the OAuth 2.0 provider issues (operation getOAuthToken).
const (
	oauthCodeLifetime    = 10 * time.Minute
	oauthAccessLifetime  = 24 * time.Hour
	oauthRefreshLifetime = 10 * 365 * 24 * time.Hour
)

// oauthGrant is what a user allows a client. All tokens that come from one
// authorization share it, and its id.
type oauthGrant struct {
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
	Grant    oauthGrant
	Used     bool
	ExpireAt time.Time
}

// oauthToken is an access or refresh token. JWTs are kept too, by [jwtKey], for
// the calls that ask about them.
type oauthToken struct {
	Grant            oauthGrant
	TokenID          string // oat_…, of access tokens
	Refresh          bool
	Revoked          bool
	Used             bool // a refresh token that was exchanged
	RevocationReason string
	ExpireAt         time.Time
	Created          made
	UpdatedAt        time.Time
}

// jwtKey is what a JWT is kept under. It is no token itself.
func jwtKey(jti string) string { return "jwt " + jti }

func (t *oauthToken) good(now time.Time) bool { return !t.Revoked && !t.Used && now.Before(t.ExpireAt) }

// newOAuthCode makes a code for a grant.
func (s *store) newOAuthCode(g oauthGrant) string {
	return with(s, func(tx *stateTx) string {
		now := tx.now()
		maps.DeleteFunc(tx.OAuthCodes, func(_ string, c *oauthCode) bool { return !now.Before(c.ExpireAt) })
		code := tx.ids.random(40)
		g.ID = tx.ids.next("grant")
		tx.OAuthCodes[code] = &oauthCode{Grant: g, ExpireAt: now.Add(oauthCodeLifetime)}
		return code
	})
}

// takeOAuthCode uses a code up. Somebody who uses it again may have stolen it, and
// ends all that came from it (RFC 6749 section 4.1.2). What check refuses is not
// used up.
func (s *store) takeOAuthCode(code, clientID string, check func(*oauthGrant) bool) (oauthGrant, bool) {
	return with2(s, func(tx *stateTx) (oauthGrant, bool) {
		c := tx.OAuthCodes[code]
		if c == nil || c.Grant.ClientID != clientID || !tx.now().Before(c.ExpireAt) {
			return oauthGrant{}, false
		}
		if c.Used {
			tx.revokeGrant(c.Grant.ID, "The authorization code was used twice")
			return oauthGrant{}, false
		}
		if !check(&c.Grant) {
			return oauthGrant{}, false
		}
		c.Used = true
		return c.Grant, true
	})
}

// putOAuthToken keeps a token under its text or jti.
func (s *store) putOAuthToken(key string, t oauthToken) oauthToken {
	return with(s, func(tx *stateTx) oauthToken {
		t.Created = tx.made()
		t.UpdatedAt = t.Created.At
		tx.OAuthTokens[key] = &t
		return t
	})
}

// oauthTokenOf finds a token that is good, and whose user and client are there.
func (s *store) oauthTokenOf(key string) (oauthToken, bool) {
	return with2(s, func(tx *stateTx) (oauthToken, bool) {
		t := tx.OAuthTokens[key]
		if t == nil || !t.good(tx.now()) || tx.Users[t.Grant.UserID] == nil || tx.OAuthApps[t.Grant.ClientID] == nil {
			return oauthToken{}, false
		}
		return *t, true
	})
}

// useRefreshToken exchanges a refresh token, which is good once. A second use ends
// the grant, as with codes.
func (s *store) useRefreshToken(token, clientID string) (oauthGrant, bool) {
	return with2(s, func(tx *stateTx) (oauthGrant, bool) {
		t := tx.OAuthTokens[token]
		if t == nil || !t.Refresh || t.Grant.ClientID != clientID || tx.Users[t.Grant.UserID] == nil {
			return oauthGrant{}, false
		}
		if t.Used {
			tx.revokeGrant(t.Grant.ID, "The refresh token was used twice")
			return oauthGrant{}, false
		}
		if !t.good(tx.now()) {
			return oauthGrant{}, false
		}
		t.Used, t.UpdatedAt = true, tx.now()
		return t.Grant, true
	})
}

// revokeOAuthToken ends a token of a client, with all of its grant. It reports
// whether there is one.
func (s *store) revokeOAuthToken(token, clientID, reason string) bool {
	return with(s, func(tx *stateTx) bool {
		t := tx.OAuthTokens[token]
		if t == nil || t.Grant.ClientID != clientID {
			return false
		}
		tx.revokeGrant(t.Grant.ID, reason)
		return true
	})
}

func (tx *stateTx) revokeGrant(id, reason string) {
	for _, t := range tx.OAuthTokens {
		if t.Grant.ID == id && !t.Revoked {
			t.Revoked, t.RevocationReason, t.UpdatedAt = true, reason, tx.now()
		}
	}
}

// hasScope reports whether a grant has a scope.
func (g *oauthGrant) hasScope(scope string) bool { return slices.Contains(g.Scopes, scope) }
