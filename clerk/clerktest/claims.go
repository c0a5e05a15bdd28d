package clerktest

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

// reservedClaims are Clerk's own, which no customization of the session token
// can change.
var reservedClaims = []string{
	"act", "aud", "azp", "exp", "fea", "fva", "iat", "iss", "jti", "nbf", "o",
	"org_id", "org_permissions", "org_role", "org_slug", "pla", "sid", "sts", "sub", "v",
}

// tokenRequest says how one token differs from the session's next ordinary one.
type tokenRequest struct {
	origin       string        // azp, "" for none
	organization *string       // organization id for this token alone; "" for none, nil for the session's
	version      int           // 0 for the session's
	lifetime     time.Duration // 0 for the instance's
}

// tokenState is what of the store goes into a token.
type tokenState struct {
	session      state.Session
	user         state.User
	organization *state.Organization
	role         state.Role
}

// tokenStateOf collects what a token of the session says. A session that is over,
// and an organization that the user is no member of, are errors.
func tokenStateOf(s *state.Store, sessionID string, organization *string) (tokenState, error) {
	return state.With2(s, func(tx *state.Tx) (tokenState, error) {
		rec := tx.Sessions[sessionID]
		if rec == nil {
			return tokenState{}, refusal.NotFound("session with id " + refusal.Quoted(sessionID))
		}
		tx.Expire(rec)
		u := tx.Users[rec.UserID]
		if !rec.Live() || u == nil {
			return tokenState{}, refusal.SignedOut()
		}
		rec.LastActiveAt = tx.Now()
		u.LastActiveAt = rec.LastActiveAt
		shown := tokenState{session: *rec, user: *u}
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
				shown.organization, shown.role = &found, *tx.Roles[m.Role]
				return shown, nil
			}
		}
		if organization == nil { // the membership ended; the session lives on without it
			return shown, nil
		}
		return tokenState{}, refusal.NotFound("organization " + refusal.Quoted(id))
	})
}

// claims builds the payload of a session token
// (https://clerk.com/docs/guides/sessions/session-tokens).
func (e *Emulator) claims(shown *tokenState, req tokenRequest) map[string]any {
	now := e.Now()
	s := &shown.session
	iat := now.Unix()
	lifetime := req.lifetime
	if lifetime == 0 {
		lifetime = e.cfg.TokenLifetime
	}
	claims := map[string]any{}
	for name, v := range s.Custom {
		claims[name] = v
	}
	claims["iss"] = e.issuerFor(req.origin)
	claims["sub"] = s.UserID
	claims["sid"] = s.ID
	claims["iat"] = iat
	claims["nbf"] = iat - 10 // Clerk's default for clock skew
	claims["exp"] = now.Add(lifetime).Unix()
	claims["fva"] = []int{state.AgeMinutes(now, s.FirstFactorAt), state.AgeMinutes(now, s.SecondFactorAt)}
	if req.origin != "" {
		claims["azp"] = req.origin
	}
	if s.Actor != nil {
		claims["act"] = s.Actor
	}
	version := req.version
	if version == 0 {
		version = s.Version
	}
	if version == 0 {
		version = e.cfg.TokenVersion
	}
	if version == 1 {
		claimsV1(claims, shown)
	} else {
		claims["jti"] = e.ids.Random(20)
		claimsV2(claims, shown)
	}
	return claims
}

// claimsV1 adds what version 1 has on its own. It has no sts, but a token of a
// pending session must not look like one of an active session.
func claimsV1(claims map[string]any, shown *tokenState) {
	if shown.session.Status != state.StatusActive {
		claims["sts"] = shown.session.Status
	}
	if o := shown.organization; o != nil {
		claims["org_id"] = o.ID
		claims["org_slug"] = o.Slug
		claims["org_role"] = shown.role.Key
		claims["org_permissions"] = append([]string{}, shown.role.Permissions...)
	}
}

func claimsV2(claims map[string]any, shown *tokenState) {
	claims["v"] = 2
	claims["sts"] = shown.session.Status
	o := shown.organization
	var orgFeatures []string
	if o != nil {
		orgFeatures = slices.Clone(o.Features)
		for _, p := range shown.role.Permissions {
			feature, _, _ := state.SplitPermission(p)
			orgFeatures = append(orgFeatures, feature)
		}
	}
	elements, scoped := featureClaim(orgFeatures, shown.user.Features)
	if len(elements) > 0 {
		claims["fea"] = strings.Join(elements, ",")
	}
	var plans []string
	if shown.user.Plan != "" {
		plans = append(plans, "u:"+shown.user.Plan)
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
	claim := map[string]any{"id": o.ID, "slg": o.Slug, "rol": strings.TrimPrefix(shown.role.Key, "org:")}
	if per, fpm := packPermissions(scoped, shown.role.Permissions); per != "" {
		claim["per"], claim["fpm"] = per, fpm
	}
	claims["o"] = claim
}

// featureClaim lists features with their scope, by name: o of the organization,
// u of the user, uo of both. scoped are the names that have a number in o.fpm,
// those that an organization has.
func featureClaim(organization, user []string) (elements, scoped []string) {
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

// sessionToken makes a session token.
func (e *Emulator) sessionToken(sessionID string, req tokenRequest) (string, error) {
	state, err := tokenStateOf(e.store, sessionID, req.organization)
	if err != nil {
		return "", err
	}
	key := e.keys.Current()
	return keys.SignRS256(key.Private, keys.Header(key.ID, nil), e.claims(&state, req))
}

// actorClaim is the act claim of an impersonation.
func (e *Emulator) actorClaim(userID string) json.RawMessage {
	claim, _ := json.Marshal(map[string]string{"iss": e.Issuer(), "sid": e.ids.Next("sess"), "sub": userID}) // strings always encode
	return claim
}
