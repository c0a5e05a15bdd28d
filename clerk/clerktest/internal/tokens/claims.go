package tokens

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// ReservedClaims are Clerk's own, which no customization of the session token
// can change.
var ReservedClaims = []string{
	"act", "aud", "azp", "exp", "fea", "fva", "iat", "iss", "jti", "nbf", "o",
	"org_id", "org_permissions", "org_role", "org_slug", "pla", "sid", "sts", "sub", "v",
}

// TokenRequest says how one token differs from the session's next ordinary one.
type TokenRequest struct {
	Origin       string        // azp, "" for none
	Organization *string       // organization id for this token alone; "" for none, nil for the session's
	version      int           // 0 for the session's
	Lifetime     time.Duration // 0 for the instance's
}

// TokenState is what of the store goes into a token.
type TokenState struct {
	Session      state.Session
	User         state.User
	Organization *state.Organization
	Role         state.Role
}

// TokenStateOf collects what a token of the session says. A session that is over,
// and an organization that the user is no member of, are errors.
func TokenStateOf(s *state.Store, sessionID string, organization *string) (TokenState, error) {
	return state.With2(s, func(tx *state.Tx) (TokenState, error) {
		rec := tx.Sessions[sessionID]
		if rec == nil {
			return TokenState{}, refusal.NotFound("session with id " + refusal.Quoted(sessionID))
		}
		tx.Expire(rec)
		u := tx.Users[rec.UserID]
		if !rec.Live() || u == nil {
			return TokenState{}, refusal.SignedOut()
		}
		rec.LastActiveAt = tx.Now()
		u.LastActiveAt = rec.LastActiveAt
		shown := TokenState{Session: *rec, User: *u}
		id := rec.OrganizationID
		if organization != nil {
			id = *organization
		}
		if id == "" {
			return shown, nil
		}
		o := tx.Organization(id)
		if o != nil {
			if m := tx.Memberships[state.MembershipKey{Organization: o.ID, User: u.ID}]; m != nil {
				found := *o
				shown.Organization, shown.Role = &found, *tx.Roles[m.Role]
				return shown, nil
			}
		}
		if organization == nil { // the membership ended; the session lives on without it
			return shown, nil
		}
		return TokenState{}, refusal.NotFound("organization " + refusal.Quoted(id))
	})
}

// Claims builds the payload of a session token
// (https://clerk.com/docs/guides/sessions/session-tokens).
func (e *API) Claims(shown *TokenState, req TokenRequest) map[string]any {
	now := e.Now()
	s := &shown.Session
	iat := now.Unix()
	lifetime := req.Lifetime
	if lifetime == 0 {
		lifetime = e.Config.TokenLifetime
	}
	claims := map[string]any{}
	for name, v := range s.Custom {
		claims[name] = v
	}
	claims["iss"] = e.IssuerFor(req.Origin)
	claims["sub"] = s.UserID
	claims["sid"] = s.ID
	claims["iat"] = iat
	claims["nbf"] = iat - 10 // Clerk's default for clock skew
	claims["exp"] = now.Add(lifetime).Unix()
	claims["fva"] = []int{state.AgeMinutes(now, s.FirstFactorAt), state.AgeMinutes(now, s.SecondFactorAt)}
	if req.Origin != "" {
		claims["azp"] = req.Origin
	}
	if s.Actor != nil {
		claims["act"] = s.Actor
	}
	version := req.version
	if version == 0 {
		version = s.Version
	}
	if version == 0 {
		version = e.Config.TokenVersion
	}
	if version == 1 {
		claimsV1(claims, shown)
	} else {
		claims["jti"] = e.IDs.Random(20)
		ClaimsV2(claims, shown)
	}
	return claims
}

// claimsV1 adds what version 1 has on its own. It has no sts, but a token of a
// pending session must not look like one of an active session.
func claimsV1(claims map[string]any, shown *TokenState) {
	if shown.Session.Status != state.StatusActive {
		claims["sts"] = shown.Session.Status
	}
	if o := shown.Organization; o != nil {
		claims["org_id"] = o.ID
		claims["org_slug"] = o.Slug
		claims["org_role"] = shown.Role.Key
		claims["org_permissions"] = append([]string{}, shown.Role.Permissions...)
	}
}

func ClaimsV2(claims map[string]any, shown *TokenState) {
	claims["v"] = 2
	claims["sts"] = shown.Session.Status
	o := shown.Organization
	var orgFeatures []string
	if o != nil {
		orgFeatures = slices.Clone(o.Features)
		for _, p := range shown.Role.Permissions {
			feature, _, _ := state.SplitPermission(p)
			orgFeatures = append(orgFeatures, feature)
		}
	}
	elements, scoped := FeatureClaim(orgFeatures, shown.User.Features)
	if len(elements) > 0 {
		claims["fea"] = strings.Join(elements, ",")
	}
	var plans []string
	if shown.User.Plan != "" {
		plans = append(plans, "u:"+shown.User.Plan)
	}
	if o != nil && o.Plan != "" {
		plans = append(plans, "o:"+o.Plan)
	}
	if len(plans) > 0 {
		claims["pla"] = strings.Join(plans, ",")
	}
	if o == nil {
		return
	}
	claim := map[string]any{"id": o.ID, "slg": o.Slug, "rol": strings.TrimPrefix(shown.Role.Key, "org:")}
	if per, fpm := packPermissions(scoped, shown.Role.Permissions); per != "" {
		claim["per"], claim["fpm"] = per, fpm
	}
	claims["o"] = claim
}

// FeatureClaim lists features with their scope, by name: o of the organization,
// u of the user, uo of both. scoped are the names that have a number in o.fpm,
// those that an organization has.
func FeatureClaim(organization, user []string) (elements, scoped []string) {
	scopes := map[string]string{}
	for _, f := range user {
		scopes[f] = "u"
	}
	for _, f := range organization {
		if s := scopes[f]; s == "u" || s == "uo" {
			scopes[f] = "uo"
		} else {
			scopes[f] = "o"
		}
	}
	names := make([]string, 0, len(scopes))
	for name := range scopes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		elements = append(elements, scopes[name]+":"+name)
		if scopes[name] != "u" {
			scoped = append(scoped, name)
		}
	}
	return elements, scoped
}

// packPermissions packs permissions as version 2 does: per lists their names,
// and fpm has for each feature a number whose bits, lowest first, say which of
// the names are granted. Numbers grow beyond 64 bits.
func packPermissions(features, permissions []string) (per, fpm string) {
	var names []string
	for _, p := range permissions {
		_, name, _ := state.SplitPermission(p)
		names = append(names, name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	masks := make([]big.Int, len(features))
	for _, p := range permissions {
		feature, name, _ := state.SplitPermission(p)
		i, bit := slices.Index(features, feature), slices.Index(names, name)
		if i >= 0 {
			masks[i].SetBit(&masks[i], bit, 1)
		}
	}
	numbers := make([]string, len(masks))
	for i := range masks {
		numbers[i] = masks[i].String()
	}
	return strings.Join(names, ","), strings.Join(numbers, ",")
}

// SessionToken makes a session token.
func (e *API) SessionToken(sessionID string, req TokenRequest) (string, error) {
	state, err := TokenStateOf(e.Store, sessionID, req.Organization)
	if err != nil {
		return "", err
	}
	key := e.Keys.Current()
	return keys.SignRS256(key.Private, keys.Header(key.ID, nil), e.Claims(&state, req))
}

// ActorClaim is the act claim of an impersonation.
func (e *API) ActorClaim(userID string) json.RawMessage {
	claim, _ := json.Marshal(map[string]string{"iss": e.Issuer(), "sid": e.IDs.Next("sess"), "sub": userID}) // strings always encode
	return claim
}
