package clerk

import (
	"math"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/internal/jsonscan"
)

// ClaimError names the claim of a payload that cannot be used. It never holds the value
// of the claim. Its text never holds a name that the author of the token chose.
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

// ParseClaims parses the JSON payload of a token. It verifies nothing. Use it in tests,
// to build an identity with permissions or custom claims (see [Claims.Auth]). Servers
// get their Claims from package verify.
//
// It returns a *[ClaimError] for a payload that is not a JSON object, for a name that
// occurs twice (RFC 7519 section 4), and for a claim of Clerk's whose JSON type is
// wrong. null counts as absent where Clerk's own SDKs read it so: for aud and the
// organization, actor, feature, plan, factor and status claims. For the other
// registered claims (sub, exp, …) null is an error.
func ParseClaims(payload string) (*Claims, error) { return parseClaims(payload, ^claimSet(0)) }

// templateClaims are the claims of a JWT template that Clerk sets itself, and sid,
// which a template may add and which then has its usual meaning.
const templateClaims = claimSub | claimSID | claimIss | claimAzp | claimAud | claimJTI | claimExp | claimNbf | claimIat

// ParseTemplateClaims is [ParseClaims] for the payload of a JWT template
// (https://clerk.com/docs/guides/sessions/jwt-templates). In it only sub, sid, iss,
// azp, aud, jti, exp, nbf and iat are Clerk's claims. The template's author chooses all
// others: they may have any JSON type, and they grant no permission, feature or plan.
// [ClaimsAs] and [Claims.Decode] decode them.
func ParseTemplateClaims(payload string) (*Claims, error) {
	return parseClaims(payload, templateClaims)
}

// parseClaims parses the claims in known as Clerk's, and all others as custom claims.
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

// lateClaims are parsed after the rest of the payload: the claim v, which may follow
// them, decides which of them are Clerk's and which are custom.
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

// setOrganization sets the fields that depend on the version. In version 2 only o is
// Clerk's, and org_id, org_role and the others are custom claims. In version 1 it is
// the other way round.
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

// wantScopedList reads fea or pla: names with their scope, o:teams,u:beta. Clerk makes
// no element without a scope. A list that has one grants nothing, because the rest of
// it may be wrong too.
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

// maxTime is the last second that a JavaScript Date can hold, in the year 275760.
// Larger values are errors.
const maxTime = 8.64e12

// wantTime parses a NumericDate (RFC 7519 section 2) and drops the fraction.
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
