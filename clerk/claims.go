package clerk

import (
	"encoding/json"
	"github.com/clerkkit/clerkkit/internal/jsonscan"
	"math"
	"strconv"
	"strings"
	"time"
)

// Claims are the claims of a token, read once and never changed, so that one
// value can serve many requests. Versions 1 and 2 of Clerk's session token are
// read alike: see https://clerk.com/docs/guides/sessions/session-tokens.
//
// Claims from package verify are verified. [ParseClaims] reads a payload without
// verifying anything.
type Claims struct {
	raw string

	subject, sessionID, issuer, azp, jti string
	status                               string
	audience                             []string

	exp, nbf, iat int64
	has           claimSet

	v2                        bool
	orgID, orgSlug, orgRole   string
	per, fpm                  string // version 2: permission names, and a bitmap for each feature
	orgPermissions            string // version 1: the raw JSON array
	features, plans           string
	firstFactor, secondFactor int
	actor, actorSub, actorSID string
}

// claimSet remembers which of the claims in [claimNames] were there.
type claimSet uint32

// The names that the reader knows, each with its bit in a claimSet.
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

// ClaimError says which claim of a payload cannot be used. It never holds the
// claim's value.
type ClaimError struct {
	// Claim is the name of the claim, "" where the payload as a whole is not a
	// JSON object.
	Claim string
	// Problem is what is wrong with it.
	Problem string
}

// Error implements the error interface.
func (e *ClaimError) Error() string {
	if e.Claim == "" {
		return "clerk: payload " + e.Problem
	}
	return "clerk: claim " + e.Claim + " " + e.Problem
}

// ParseClaims reads the JSON payload of a token. It verifies nothing: the result
// says what somebody claims. Use it in tests, to build an identity with
// permissions or custom claims (see [Claims.Auth]); servers take their Claims
// from package verify.
//
// A payload that is not a JSON object, a name that occurs twice (RFC 7519
// section 4), and a claim of Clerk's with a JSON type that Clerk never gives it
// are a *[ClaimError]. null counts as absent where Clerk's own SDKs read it so:
// for the organization, actor, feature and status claims, but not for the
// registered ones (sub, exp, …).
func ParseClaims(payload string) (*Claims, error) {
	c := &Claims{raw: payload, firstFactor: -1, secondFactor: -1}
	var late lateClaims
	var seen seenNames
	err := jsonscan.Object(payload, func(name string, v jsonscan.Value) error {
		bit := claimBit(name)
		if bit == 0 {
			if !seen.add(name) {
				return &ClaimError{name, "occurs twice"}
			}
			return nil
		}
		if c.has&bit != 0 {
			return &ClaimError{name, "occurs twice"}
		}
		c.has |= bit
		return c.set(bit, name, v, &late)
	})
	if err == nil {
		err = c.setOrganization(&late)
	}
	switch e := err.(type) { //nolint:errorlint // made a few lines above, never wrapped
	case nil:
		return c, nil
	case *ClaimError:
		return nil, e
	default:
		return nil, &ClaimError{"", err.Error()}
	}
}

// lateClaims wait for v, which may stand after them and decides whether they
// are Clerk's or custom claims of a version 1 token.
type lateClaims struct{ v, o, fea, pla jsonscan.Value }

func (c *Claims) set(bit claimSet, name string, v jsonscan.Value, late *lateClaims) (err error) {
	switch bit {
	case claimSub:
		c.subject, err = wantString(name, v)
	case claimSID:
		c.sessionID, err = wantString(name, v)
	case claimIss:
		c.issuer, err = wantString(name, v)
	case claimAzp:
		c.azp, err = wantString(name, v)
	case claimJTI:
		c.jti, err = wantString(name, v)
	case claimAud:
		c.audience, err = wantAudience(v)
	case claimExp:
		c.exp, err = wantTime(name, v)
	case claimNbf:
		c.nbf, err = wantTime(name, v)
	case claimIat:
		c.iat, err = wantTime(name, v)
	case claimSts:
		c.status, err = c.optional(bit, name, v)
	case claimFva:
		err = c.setFactorAges(v)
	case claimAct:
		err = c.setActor(v)
	case claimOrgID:
		c.orgID, err = c.optional(bit, name, v)
	case claimOrgSlug:
		c.orgSlug, err = c.optional(bit, name, v)
	case claimOrgRole:
		c.orgRole, err = c.optional(bit, name, v)
	case claimOrgPermissions:
		err = c.setOrgPermissions(v)
	case claimV:
		late.v = v
	case claimO:
		late.o = v
	case claimFea:
		late.fea = v
	case claimPla:
		late.pla = v
	}
	return err
}

// setOrganization reads what depends on the version.
func (c *Claims) setOrganization(late *lateClaims) (err error) {
	if c.has&claimV != 0 && late.v.Kind == jsonscan.KindNumber {
		f, err := strconv.ParseFloat(late.v.Raw, 64)
		c.v2 = err == nil && f == 2
	}
	if !c.v2 { // o, fea and pla are free names there
		return nil
	}
	// Version 2 has its organization in o alone; org_id and the like would be
	// custom claims.
	c.orgID, c.orgSlug, c.orgRole, c.orgPermissions = "", "", "", ""
	if c.has&claimFea != 0 {
		if c.features, err = c.optional(claimFea, "fea", late.fea); err != nil {
			return err
		}
	}
	if c.has&claimPla != 0 {
		if c.plans, err = c.optional(claimPla, "pla", late.pla); err != nil {
			return err
		}
	}
	if c.has&claimO == 0 || late.o.Kind == jsonscan.KindNull {
		return nil
	}
	if late.o.Kind != jsonscan.KindObject {
		return &ClaimError{"o", "is not an object"}
	}
	// The permissions in o count features by their place in fea, so one that
	// cannot be read makes them mean something else.
	for f := range strings.SplitSeq(c.features, ",") {
		if c.features != "" && !strings.Contains(f, ":") {
			return &ClaimError{"fea", "holds a feature without its scope"}
		}
	}
	var seen uint8
	return jsonscan.Object(late.o.Raw, func(name string, v jsonscan.Value) error {
		var dst *string
		var bit uint8
		switch name {
		case "id":
			dst, bit = &c.orgID, 1
		case "slg":
			dst, bit = &c.orgSlug, 2
		case "rol":
			dst, bit = &c.orgRole, 4
		case "per":
			dst, bit = &c.per, 8
		case "fpm":
			dst, bit = &c.fpm, 16
		default:
			return nil
		}
		if seen&bit != 0 {
			return &ClaimError{"o." + name, "occurs twice"}
		}
		seen |= bit
		if v.Kind == jsonscan.KindNull {
			return nil
		}
		s, err := wantString("o."+name, v)
		if name == "rol" && s != "" {
			s = "org:" + s
		}
		*dst = s
		return err
	})
}

func wantString(name string, v jsonscan.Value) (string, error) {
	if v.Kind != jsonscan.KindString {
		return "", &ClaimError{name, "is not a string"}
	}
	return v.Text(), nil
}

// optional reads a string for which null is the same as absent.
func (c *Claims) optional(bit claimSet, name string, v jsonscan.Value) (string, error) {
	if v.Kind == jsonscan.KindNull {
		c.has &^= bit
		return "", nil
	}
	return wantString(name, v)
}

// maxTime is the last second that a date of JavaScript can hold, in year 275760;
// what lies beyond is no time.
const maxTime = 8.64e12

// wantTime reads a NumericDate (RFC 7519 section 2), fractions cut off.
func wantTime(name string, v jsonscan.Value) (int64, error) {
	if v.Kind != jsonscan.KindNumber {
		return 0, &ClaimError{name, "is not a number"}
	}
	if n, err := strconv.ParseInt(v.Raw, 10, 64); err == nil && -maxTime <= n && n <= maxTime {
		return n, nil
	}
	f, err := strconv.ParseFloat(v.Raw, 64)
	if err != nil || math.Abs(f) > maxTime {
		return 0, &ClaimError{name, "is not a time"}
	}
	return int64(f), nil
}

// wantAudience reads aud: a string, or a list of them (RFC 7519 section 4.1.3).
func wantAudience(v jsonscan.Value) ([]string, error) {
	bad := &ClaimError{"aud", "is neither a string nor a list of strings"}
	switch v.Kind {
	case jsonscan.KindString:
		return []string{v.Text()}, nil
	case jsonscan.KindArray:
		var list []string
		err := jsonscan.Array(v.Raw, func(e jsonscan.Value) error {
			if e.Kind != jsonscan.KindString {
				return bad
			}
			list = append(list, e.Text())
			return nil
		})
		return list, err
	case jsonscan.KindNull:
		return nil, nil
	}
	return nil, bad
}

func (c *Claims) setFactorAges(v jsonscan.Value) error {
	if v.Kind == jsonscan.KindNull {
		c.has &^= claimFva
		return nil
	}
	bad := &ClaimError{"fva", "is not a pair of ages in minutes"}
	if v.Kind != jsonscan.KindArray {
		return bad
	}
	var n int
	err := jsonscan.Array(v.Raw, func(e jsonscan.Value) error {
		age, err := strconv.Atoi(e.Raw)
		if err != nil || age < -1 || n == 2 {
			return bad
		}
		if n == 0 {
			c.firstFactor = age
		} else {
			c.secondFactor = age
		}
		n++
		return nil
	})
	if err == nil && n != 2 {
		return bad
	}
	return err
}

func (c *Claims) setActor(v jsonscan.Value) error {
	if v.Kind == jsonscan.KindNull {
		c.has &^= claimAct
		return nil
	}
	if v.Kind != jsonscan.KindObject {
		return &ClaimError{"act", "is not an object"}
	}
	c.actor = v.Raw
	return jsonscan.Object(v.Raw, func(name string, v jsonscan.Value) error {
		dst := &c.actorSub
		switch name {
		case "sub":
		case "sid":
			dst = &c.actorSID
		default:
			return nil
		}
		if *dst != "" {
			return &ClaimError{"act." + name, "occurs twice"}
		}
		s, err := wantString("act."+name, v)
		*dst = s
		return err
	})
}

func (c *Claims) setOrgPermissions(v jsonscan.Value) error {
	if v.Kind == jsonscan.KindNull {
		return nil
	}
	bad := &ClaimError{"org_permissions", "is not a list of strings"}
	if v.Kind != jsonscan.KindArray {
		return bad
	}
	c.orgPermissions = v.Raw
	return jsonscan.Array(v.Raw, func(e jsonscan.Value) error {
		if e.Kind != jsonscan.KindString {
			return bad
		}
		return nil
	})
}

// seenNames finds custom claims that occur twice. Few tokens have more than a
// handful, for which a scan beats a map.
type seenNames struct {
	few  [16]string
	n    int
	many map[string]bool
}

func (s *seenNames) add(name string) bool {
	for _, have := range s.few[:s.n] {
		if have == name {
			return false
		}
	}
	if s.n < len(s.few) {
		s.few[s.n] = name
		s.n++
		return true
	}
	if s.many[name] {
		return false
	}
	if s.many == nil {
		s.many = make(map[string]bool)
	}
	s.many[name] = true
	return true
}

// Subject returns sub: the user's id in a session token, "" where it is absent.
func (c *Claims) Subject() string { return c.subject }

// SessionID returns sid.
func (c *Claims) SessionID() string { return c.sessionID }

// SessionStatus returns sts, "" for instances that do not send it.
func (c *Claims) SessionStatus() string { return c.status }

// Issuer returns iss: the Frontend API URL of the instance.
func (c *Claims) Issuer() string { return c.issuer }

// AuthorizedParty returns azp: the origin that the token was issued to. It is
// absent where the browser sent no Origin.
func (c *Claims) AuthorizedParty() string { return c.azp }

// Audience returns a copy of aud, as a list in either of its forms.
func (c *Claims) Audience() []string { return append([]string(nil), c.audience...) }

// HasAudience reports whether aud names one of the given audiences.
func (c *Claims) HasAudience(any []string) bool {
	for _, have := range c.audience {
		for _, want := range any {
			if have == want && have != "" {
				return true
			}
		}
	}
	return false
}

// TokenID returns jti.
func (c *Claims) TokenID() string { return c.jti }

// ExpiresAt returns exp, the zero time where it is absent.
func (c *Claims) ExpiresAt() time.Time { return unixTime(c.exp, c.has&claimExp) }

// NotBefore returns nbf, the zero time where it is absent.
func (c *Claims) NotBefore() time.Time { return unixTime(c.nbf, c.has&claimNbf) }

// IssuedAt returns iat, the zero time where it is absent.
func (c *Claims) IssuedAt() time.Time { return unixTime(c.iat, c.has&claimIat) }

func unixTime(sec int64, present claimSet) time.Time {
	if present == 0 {
		return time.Time{}
	}
	return time.Unix(sec, 0).UTC()
}

// Has reports whether the payload has the claim, whatever its value.
func (c *Claims) Has(name string) bool {
	if bit := claimBit(name); bit != 0 {
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
	if c.v2 {
		return 2
	}
	return 1
}

// OrgID returns the id of the active organization, "" for a personal account.
func (c *Claims) OrgID() string { return c.orgID }

// OrgSlug returns the slug of the active organization.
func (c *Claims) OrgSlug() string { return c.orgSlug }

// OrgRole returns the role in the active organization, with its org: prefix in
// either version.
func (c *Claims) OrgRole() string { return c.orgRole }

// Features returns the enabled features with their scope, as in fea: o:teams.
func (c *Claims) Features() []string { return splitList(c.features) }

// Plans returns the active plans with their scope, as in pla: u:free.
func (c *Claims) Plans() []string { return splitList(c.plans) }

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

// FactorAges returns for how many minutes the first and the second factor had
// been verified when the token was issued, -1 for a factor that never was. ok is
// false for instances that do not send fva.
func (c *Claims) FactorAges() (first, second int, ok bool) {
	return c.firstFactor, c.secondFactor, c.has&claimFva != 0
}

// Actor is who acts in a user's name: the impersonator.
type Actor struct {
	// Subject is the user id of the impersonator.
	Subject string
	// SessionID is the session that the act claim names, "" if none.
	SessionID string
	// Raw is the act claim as JSON.
	Raw json.RawMessage
}

// Actor returns the act claim. ok is false where nobody impersonates the user.
func (c *Claims) Actor() (a Actor, ok bool) {
	if c.actor == "" {
		return Actor{}, false
	}
	return Actor{Subject: c.actorSub, SessionID: c.actorSID, Raw: json.RawMessage(c.actor)}, true
}

// Raw returns a copy of the payload as it was signed.
func (c *Claims) Raw() json.RawMessage { return json.RawMessage(c.raw) }

// Size returns the length of the payload in bytes.
func (c *Claims) Size() int { return len(c.raw) }

// Decode reads the payload into v, as json.Unmarshal does: for custom claims.
func (c *Claims) Decode(v any) error { return json.Unmarshal([]byte(c.raw), v) }

// Auth returns the identity that the claims of a session token stand for,
// without checking anything else: package verify does that. A pending session
// gives an Auth that is not signed in.
func (c *Claims) Auth() Auth {
	a := Auth{
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
	if c.status != statusPending {
		return a
	}
	return Auth{TokenType: SessionToken, Reason: ReasonSessionPending, SessionStatus: statusPending, pending: c}
}
