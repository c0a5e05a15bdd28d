package clerktest

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"
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
	session      session
	user         user
	organization *organization
	role         role
}

// tokenState collects what a token of the session says. A session that is over,
// and an organization that the user is no member of, are errors.
func (s *store) tokenState(sessionID string, organization *string) (tokenState, error) {
	return with2(s, func(tx *stateTx) (tokenState, error) {
		rec := tx.Sessions[sessionID]
		if rec == nil {
			return tokenState{}, errNotFound("session with id " + quoted(sessionID))
		}
		tx.expire(rec)
		u := tx.Users[rec.UserID]
		if !rec.live() || u == nil {
			return tokenState{}, errSignedOut()
		}
		rec.LastActiveAt = tx.now()
		u.LastActiveAt = rec.LastActiveAt
		state := tokenState{session: *rec, user: *u}
		id := rec.OrganizationID
		if organization != nil {
			id = *organization
		}
		if id == "" {
			return state, nil
		}
		o := tx.organization(id)
		if o != nil {
			if m := tx.Memberships[membershipKey{o.ID, u.ID}]; m != nil {
				found := *o
				state.organization, state.role = &found, *tx.Roles[m.Role]
				return state, nil
			}
		}
		if organization == nil { // the membership ended; the session lives on without it
			return state, nil
		}
		return tokenState{}, errNotFound("organization " + quoted(id))
	})
}

// claims builds the payload of a session token
// (https://clerk.com/docs/guides/sessions/session-tokens).
func (e *Emulator) claims(state *tokenState, req tokenRequest) map[string]any {
	now := e.Now()
	s := &state.session
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
	claims["fva"] = []int{ageMinutes(now, s.FirstFactorAt), ageMinutes(now, s.SecondFactorAt)}
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
		claimsV1(claims, state)
	} else {
		claims["jti"] = e.ids.random(20)
		claimsV2(claims, state)
	}
	return claims
}

// claimsV1 adds what version 1 has on its own. It has no sts, but a token of a
// pending session must not look like one of an active session.
func claimsV1(claims map[string]any, state *tokenState) {
	if state.session.Status != statusActive {
		claims["sts"] = state.session.Status
	}
	if o := state.organization; o != nil {
		claims["org_id"] = o.ID
		claims["org_slug"] = o.Slug
		claims["org_role"] = state.role.Key
		claims["org_permissions"] = append([]string{}, state.role.Permissions...)
	}
}

func claimsV2(claims map[string]any, state *tokenState) {
	claims["v"] = 2
	claims["sts"] = state.session.Status
	o := state.organization
	var orgFeatures []string
	if o != nil {
		orgFeatures = slices.Clone(o.Features)
		for _, p := range state.role.Permissions {
			feature, _, _ := splitPermission(p)
			orgFeatures = append(orgFeatures, feature)
		}
	}
	elements, scoped := featureClaim(orgFeatures, state.user.Features)
	if len(elements) > 0 {
		claims["fea"] = strings.Join(elements, ",")
	}
	var plans []string
	if state.user.Plan != "" {
		plans = append(plans, "u:"+state.user.Plan)
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
	claim := map[string]any{"id": o.ID, "slg": o.Slug, "rol": strings.TrimPrefix(state.role.Key, "org:")}
	if per, fpm := packPermissions(scoped, state.role.Permissions); per != "" {
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
		_, name, _ := splitPermission(p)
		names = append(names, name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	masks := make([]big.Int, len(features))
	for _, p := range permissions {
		feature, name, _ := splitPermission(p)
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
	state, err := e.store.tokenState(sessionID, req.organization)
	if err != nil {
		return "", err
	}
	key := e.keys.current()
	return signRS256(key.private, tokenHeader(key.id, nil), e.claims(&state, req))
}

// actorClaim is the act claim of an impersonation.
func (e *Emulator) actorClaim(userID string) json.RawMessage {
	claim, _ := json.Marshal(map[string]string{"iss": e.Issuer(), "sid": e.ids.next("sess"), "sub": userID}) // strings always encode
	return claim
}
