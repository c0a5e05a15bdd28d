package clerk

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/internal/jsonscan"
)

// Claims are the claims of a token. They are parsed once and never change, so that many
// requests can share one value. They hold versions 1 and 2 of Clerk's session token in
// one form; see https://clerk.com/docs/guides/sessions/session-tokens.
//
// Claims from package verify are verified. [ParseClaims] reads a payload without
// verifying anything.
//
// The methods of a nil *Claims return zero values: it has no claim.
type Claims struct {
	// The fields that Auth reads are adjacent, so that they share few cache lines.
	subject, sessionID, status string
	orgID, orgSlug, orgRole    string
	exp, iat, nbf              int64
	has                        claimSet
	v2                         bool
	known                      claimSet // the names that were read as Clerk's

	raw                       string
	issuer, azp, jti          string
	audience                  []string
	per, fpm                  string // version 2: permission names, and a bitmap for each feature
	orgPermissions            string // version 1: the raw JSON array
	features, plans           string
	firstFactor, secondFactor int
	actor, actorSub, actorSID string
}

// claimSet has one bit for each name in [claimNames] that the payload has.
type claimSet uint32

// The claims that the parser knows, each with its bit in a claimSet.
const (
	claimSub claimSet = 1 << iota
	claimSID
	claimIss
	claimAzp
	claimAud
	claimJTI
	claimExp
	claimNbf
	claimIat
	claimSts
	claimFva
	claimV
	claimO
	claimFea
	claimPla
	claimAct
	claimOrgID
	claimOrgSlug
	claimOrgRole
	claimOrgPermissions
	claimHandshake
)

func claimBit(name string) claimSet {
	switch name {
	case "sub":
		return claimSub
	case "sid":
		return claimSID
	case "iss":
		return claimIss
	case "azp":
		return claimAzp
	case "aud":
		return claimAud
	case "jti":
		return claimJTI
	case "exp":
		return claimExp
	case "nbf":
		return claimNbf
	case "iat":
		return claimIat
	case "sts":
		return claimSts
	case "fva":
		return claimFva
	case "v":
		return claimV
	case "o":
		return claimO
	case "fea":
		return claimFea
	case "pla":
		return claimPla
	case "act":
		return claimAct
	case "org_id":
		return claimOrgID
	case "org_slug":
		return claimOrgSlug
	case "org_role":
		return claimOrgRole
	case "org_permissions":
		return claimOrgPermissions
	case "handshake":
		return claimHandshake
	}
	return 0
}

// Subject returns sub: the user's id in a session token, "" where it is absent.
func (c *Claims) Subject() string { return c.read().subject }

// SessionID returns sid.
func (c *Claims) SessionID() string { return c.read().sessionID }

// SessionStatus returns sts, "" for instances that do not send it.
func (c *Claims) SessionStatus() string { return c.read().status }

// Issuer returns iss: the Frontend API URL of the instance.
func (c *Claims) Issuer() string { return c.read().issuer }

// AuthorizedParty returns azp: the origin that the token was issued to. It is
// absent where the browser sent no Origin.
func (c *Claims) AuthorizedParty() string { return c.read().azp }

// Audience returns a copy of aud. A single string becomes a list of one.
func (c *Claims) Audience() []string { return append([]string(nil), c.read().audience...) }

// HasAudience reports whether aud names one of the given audiences.
func (c *Claims) HasAudience(any ...string) bool {
	for _, have := range c.read().audience {
		for _, want := range any {
			if have == want && have != "" {
				return true
			}
		}
	}
	return false
}

// TokenID returns jti.
func (c *Claims) TokenID() string { return c.read().jti }

// ExpiresAt returns exp, the zero time where it is absent.
func (c *Claims) ExpiresAt() time.Time { return unixTime(c.read().exp, c.read().has&claimExp) }

// NotBefore returns nbf, the zero time where it is absent.
func (c *Claims) NotBefore() time.Time { return unixTime(c.read().nbf, c.read().has&claimNbf) }

// IssuedAt returns iat, the zero time where it is absent.
func (c *Claims) IssuedAt() time.Time { return unixTime(c.read().iat, c.read().has&claimIat) }

func unixTime(sec int64, present claimSet) time.Time {
	if present == 0 {
		return time.Time{}
	}
	return time.Unix(sec, 0).UTC()
}

// Has reports whether the payload has the claim, with any value. null counts as absent
// for the claims that [ParseClaims] names.
func (c *Claims) Has(name string) bool {
	c = c.read()
	if bit := claimBit(name) & c.known; bit != 0 {
		return c.has&bit != 0
	}
	found := false
	_ = jsonscan.Object(c.raw, func(have string, _ jsonscan.Value) error {
		found = found || have == name
		return nil
	})
	return found
}

// Version returns 2 for version 2 of the session token, else 1.
func (c *Claims) Version() int {
	if c.read().v2 {
		return 2
	}
	return 1
}

// OrgID returns the id of the active organization, "" for a personal account.
func (c *Claims) OrgID() string { return c.read().orgID }

// OrgSlug returns the slug of the active organization.
func (c *Claims) OrgSlug() string { return c.read().orgSlug }

// OrgRole returns the role in the active organization, org:admin. Version 1 tokens of
// old instances have roles without the prefix; OrgRole returns them unchanged, and
// [Role] accepts both.
func (c *Claims) OrgRole() string { return c.read().orgRole }

// Features returns the enabled features with their scope, as in fea: o:teams.
func (c *Claims) Features() []string { return splitList(c.read().features) }

// Plans returns the active plans with their scope, as in pla: u:free.
func (c *Claims) Plans() []string { return splitList(c.read().plans) }

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	list := strings.Split(s, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// FactorAges returns how many minutes before the token was issued the user verified the
// first and the second factor, -1 for never (fva). ok is false where the token has no
// fva.
func (c *Claims) FactorAges() (first, second int, ok bool) {
	c = c.read()
	return c.firstFactor, c.secondFactor, c.has&claimFva != 0
}

// Actor is the party that acts for a user, usually an impersonator.
type Actor struct {
	// Subject is the user id of the impersonator.
	Subject string
	// SessionID is the session that the act claim names, "" if none.
	SessionID string
	// Raw is the act claim as JSON.
	Raw json.RawMessage
}

// Actor returns the act claim. ok is false where the token has none.
func (c *Claims) Actor() (a Actor, ok bool) {
	if c = c.read(); c.actor == "" {
		return Actor{}, false
	}
	return Actor{Subject: c.actorSub, SessionID: c.actorSID, Raw: json.RawMessage(c.actor)}, true
}

// Raw returns a copy of the payload as it was signed.
func (c *Claims) Raw() json.RawMessage {
	if c == nil || c.raw == "" {
		return nil
	}
	return json.RawMessage(c.raw)
}

// Decode decodes the payload into v, as json.Unmarshal does. Use it for custom claims.
func (c *Claims) Decode(v any) error {
	if c == nil || c.raw == "" {
		return ErrNoClaims
	}
	return json.Unmarshal([]byte(c.raw), v)
}

// Auth returns the identity in the claims of a session token. It checks nothing:
// package verify does that. For a pending session it returns an Auth that is not signed
// in.
func (c *Claims) Auth() Auth {
	if c == nil {
		return Auth{Reason: ReasonNotAuthenticated}
	}
	if c.status == statusPending {
		return Auth{TokenType: SessionToken, Reason: ReasonSessionPending, SessionStatus: statusPending, pending: c}
	}
	return Auth{
		TokenType:     SessionToken,
		UserID:        c.subject,
		SessionID:     c.sessionID,
		SessionStatus: c.status,
		OrgID:         c.orgID,
		OrgRole:       c.orgRole,
		OrgSlug:       c.orgSlug,
		IssuedAt:      c.IssuedAt(),
		ExpiresAt:     c.ExpiresAt(),
		claims:        c,
	}
}
