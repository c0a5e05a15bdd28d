package clerk

import (
	"math"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/internal/jsonscan"
)

// ClaimError says which claim of a payload cannot be used. It never holds the
// claim's value, and its text no name that the token's author chose.
type ClaimError struct {
	// Claim is the name of the claim, "" where the payload as a whole is not a
	// JSON object. Members of o and act are o.id and so on.
	Claim string
	// Problem is what is wrong with it.
	Problem string
}

// Error implements the error interface.
func (e *ClaimError) Error() string {
	switch e.Claim {
	case "":
		return "clerk: payload " + e.Problem
	case "o.id", "o.slg", "o.rol", "o.per", "o.fpm", "act.sub", "act.sid":
	default:
		if claimBit(e.Claim) == 0 {
			return "clerk: a custom claim " + e.Problem
		}
	}
	return "clerk: claim " + e.Claim + " " + e.Problem
}

// nullable are the claims for which null is the same as absent.
const nullable = claimAud | claimSts | claimFva | claimO | claimFea | claimPla | claimAct |
	claimOrgID | claimOrgSlug | claimOrgRole | claimOrgPermissions

// ParseClaims reads the JSON payload of a token. It verifies nothing: the result
// says what somebody claims. Use it in tests, to build an identity with
// permissions or custom claims (see [Claims.Auth]); servers take their Claims
// from package verify.
//
// A payload that is not a JSON object, a name that occurs twice (RFC 7519
// section 4), and a claim of Clerk's with a JSON type that Clerk never gives it
// are a *[ClaimError]. null counts as absent where Clerk's own SDKs read it so:
// for aud and the organization, actor, feature, plan, factor and status claims,
// but not for the other registered ones (sub, exp, …).
func ParseClaims(payload string) (*Claims, error) { return parseClaims(payload, ^claimSet(0)) }

// templateClaims are the claims of a JWT template that Clerk sets itself. sid is
// not one of them, but says the same wherever it stands.
const templateClaims = claimSub | claimSID | claimIss | claimAzp | claimAud | claimJTI | claimExp | claimNbf | claimIat

// ParseTemplateClaims is [ParseClaims] for the payload of a JWT template
// (https://clerk.com/docs/guides/sessions/jwt-templates). Only sub, sid, iss, azp,
// aud, jti, exp, nbf and iat are read as Clerk's there. Every other name is the
// template author's: it may have any JSON type, it grants no permission, feature or
// plan, and it is read with [ClaimsAs] or [Claims.Decode].
func ParseTemplateClaims(payload string) (*Claims, error) {
	return parseClaims(payload, templateClaims)
}

// parseClaims reads the claims in known as Clerk's, and all others as custom ones.
func parseClaims(payload string, known claimSet) (*Claims, error) {
	c := &Claims{raw: payload, known: known, firstFactor: -1, secondFactor: -1}
	var late lateClaims
	var once claimSet
	var seen seenNames
	err := jsonscan.Object(payload, func(name string, v jsonscan.Value) error {
		bit := claimBit(name) & known
		if bit == 0 {
			if !seen.add(name) {
				return &ClaimError{name, "occurs twice"}
			}
			return nil
		}
		if once&bit != 0 {
			return &ClaimError{name, "occurs twice"}
		}
		once |= bit
		if v.Kind == jsonscan.KindNull && nullable&bit != 0 {
			return nil
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

// lateClaims wait for v, which may stand after them and decides which of them
// are Clerk's and which are custom claims.
type lateClaims struct {
	v, o, fea, pla                          jsonscan.Value
	orgID, orgSlug, orgRole, orgPermissions jsonscan.Value
}

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
		c.status, err = wantString(name, v)
	case claimFva:
		err = c.setFactorAges(v)
	case claimAct:
		err = c.setActor(v)
	case claimV:
		late.v = v
	case claimO:
		late.o = v
	case claimFea:
		late.fea = v
	case claimPla:
		late.pla = v
	case claimOrgID:
		late.orgID = v
	case claimOrgSlug:
		late.orgSlug = v
	case claimOrgRole:
		late.orgRole = v
	case claimOrgPermissions:
		late.orgPermissions = v
	}
	return err
}

// setOrganization reads what depends on the version. Version 2 has its
// organization in o alone, and org_id and the like are free names there; in
// version 1 it is the other way round.
func (c *Claims) setOrganization(late *lateClaims) (err error) {
	if c.has&claimV != 0 && late.v.Kind == jsonscan.KindNumber {
		f, err := strconv.ParseFloat(late.v.Raw, 64)
		c.v2 = err == nil && f == 2
	}
	if c.v2 {
		return c.setOrganizationV2(late)
	}
	if c.has&claimOrgID != 0 {
		c.orgID, err = wantString("org_id", late.orgID)
	}
	if c.has&claimOrgSlug != 0 && err == nil {
		c.orgSlug, err = wantString("org_slug", late.orgSlug)
	}
	if c.has&claimOrgRole != 0 && err == nil {
		c.orgRole, err = wantString("org_role", late.orgRole)
	}
	if c.has&claimOrgPermissions != 0 && err == nil {
		err = c.setOrgPermissions(late.orgPermissions)
	}
	return err
}

func (c *Claims) setOrganizationV2(late *lateClaims) (err error) {
	if c.has&claimFea != 0 {
		if c.features, err = wantScopedList("fea", late.fea); err != nil {
			return err
		}
	}
	if c.has&claimPla != 0 {
		if c.plans, err = wantScopedList("pla", late.pla); err != nil {
			return err
		}
	}
	if c.has&claimO == 0 {
		return nil
	}
	if late.o.Kind != jsonscan.KindObject {
		return &ClaimError{"o", "is not an object"}
	}
	var seen uint8
	return jsonscan.Object(late.o.Raw, func(name string, v jsonscan.Value) error {
		var dst *string
		var bit uint8
		switch name {
		case "id":
			name, dst, bit = "o.id", &c.orgID, 1
		case "slg":
			name, dst, bit = "o.slg", &c.orgSlug, 2
		case "rol":
			name, dst, bit = "o.rol", &c.orgRole, 4
		case "per":
			name, dst, bit = "o.per", &c.per, 8
		case "fpm":
			name, dst, bit = "o.fpm", &c.fpm, 16
		default:
			return nil
		}
		if seen&bit != 0 {
			return &ClaimError{name, "occurs twice"}
		}
		seen |= bit
		if v.Kind == jsonscan.KindNull {
			return nil
		}
		s, err := wantString(name, v)
		if dst == &c.orgRole && s != "" {
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

// wantScopedList reads fea or pla: names with their scope, o:teams,u:beta. An
// element without one is not of Clerk's making, and nothing is granted by a list
// that is understood in part.
func wantScopedList(name string, v jsonscan.Value) (string, error) {
	list, err := wantString(name, v)
	if list == "" || err != nil {
		return "", err
	}
	for e := range strings.SplitSeq(list, ",") {
		if strings.IndexByte(e, ':') < 0 {
			return "", &ClaimError{name, "is not a list of names with a scope"}
		}
	}
	return list, nil
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
	bad := func() error { return &ClaimError{"aud", "is neither a string nor a list of strings"} }
	switch v.Kind {
	case jsonscan.KindString:
		return []string{v.Text()}, nil
	case jsonscan.KindArray:
		var list []string
		err := jsonscan.Array(v.Raw, func(e jsonscan.Value) error {
			if e.Kind != jsonscan.KindString {
				return bad()
			}
			list = append(list, e.Text())
			return nil
		})
		return list, err
	}
	return nil, bad()
}

func (c *Claims) setFactorAges(v jsonscan.Value) error {
	bad := func() error { return &ClaimError{"fva", "is not a pair of ages in minutes"} }
	if v.Kind != jsonscan.KindArray {
		return bad()
	}
	var n int
	err := jsonscan.Array(v.Raw, func(e jsonscan.Value) error {
		age, err := strconv.Atoi(e.Raw)
		if err != nil || age < -1 || n == 2 {
			return bad()
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
		return bad()
	}
	return err
}

func (c *Claims) setActor(v jsonscan.Value) error {
	if v.Kind != jsonscan.KindObject {
		return &ClaimError{"act", "is not an object"}
	}
	c.actor = v.Raw
	var sub, sid bool
	return jsonscan.Object(v.Raw, func(name string, v jsonscan.Value) error {
		var dst *string
		var seen *bool
		switch name {
		case "sub":
			name, dst, seen = "act.sub", &c.actorSub, &sub
		case "sid":
			name, dst, seen = "act.sid", &c.actorSID, &sid
		default:
			return nil
		}
		if *seen {
			return &ClaimError{name, "occurs twice"}
		}
		*seen = true
		s, err := wantString(name, v)
		*dst = s
		return err
	})
}

func (c *Claims) setOrgPermissions(v jsonscan.Value) error {
	bad := func() error { return &ClaimError{"org_permissions", "is not a list of strings"} }
	if v.Kind != jsonscan.KindArray {
		return bad()
	}
	c.orgPermissions = v.Raw
	return jsonscan.Array(v.Raw, func(e jsonscan.Value) error {
		if e.Kind != jsonscan.KindString {
			return bad()
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
