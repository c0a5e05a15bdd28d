package sessions

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/tokens"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// TemplateToken makes a token of a template for a session, which lives as long as
// the template says unless lifetime is set.
func (e *API) TemplateToken(sessionID, name, origin string, lifetime time.Duration) (string, error) {
	shown, err := tokens.TokenStateOf(e.Store, sessionID, nil)
	if err != nil {
		return "", err
	}
	var t *state.JWTTemplate
	e.Store.View(func(tx *state.Tx) {
		t = tx.Templates[name]
	})
	if t == nil {
		return "", refusal.NotFound("JWT template " + refusal.Quoted(name))
	}
	var claims map[string]any
	if err := json.Unmarshal(t.Claims, &claims); err != nil {
		return "", err // PutTemplate let it pass
	}
	if claims == nil {
		claims = map[string]any{}
	}
	values := e.shortcodes(&shown)
	for k, v := range claims {
		claims[k] = expand(v, values)
	}
	now := e.Now()
	claims["iss"], claims["sub"], claims["jti"] = e.IssuerFor(origin), shown.User.ID, e.IDs.Random(20)
	claims["iat"], claims["exp"] = now.Unix(), now.Add(cmp.Or(lifetime, t.Lifetime)).Unix()
	claims["nbf"] = now.Add(-t.ClockSkew).Unix()
	if origin != "" {
		claims["azp"] = origin
	}
	own, err := t.Key()
	if err != nil {
		return "", err
	}
	if own != nil {
		return keys.SignWith(own, keys.Header(t.ID, map[string]any{"alg": t.Alg(), "cat": keys.CategoryTemplate}), claims)
	}
	key := e.Keys.Current()
	return keys.SignRS256(key.Private, keys.Header(key.ID, map[string]any{"cat": keys.CategoryTemplate}), claims)
}

// shortcodes are the values that a template's claims may refer to
// (https://clerk.com/docs/guides/sessions/jwt-templates#shortcodes).
func (e *API) shortcodes(shown *tokens.TokenState) map[string]any {
	u := &shown.User
	values := map[string]any{
		"id": u.ID, "external_id": wire.OptString(u.ExternalID), "first_name": wire.OptString(u.FirstName), "last_name": wire.OptString(u.LastName),
		"full_name": strings.TrimSpace(u.FirstName + " " + u.LastName), "username": wire.OptString(u.Username),
		"image_url": e.answers.ImageURL(), "has_image": false, "primary_email_address": wire.OptString(u.Email), "primary_phone_number": wire.OptString(u.Phone),
		"primary_web3_wallet": nil, "email_verified": u.Email != "", "phone_number_verified": u.Phone != "",
		"public_metadata": state.DecodeJSON(u.Public), "unsafe_metadata": state.DecodeJSON(u.Unsafe), "two_factor_enabled": u.HasSecondFactor(),
		"created_at": u.Created.At.Unix(), "updated_at": u.UpdatedAt.Unix(), "last_sign_in_at": u.LastSignInAt.Unix(),
	}
	out := map[string]any{"user": values, "session": map[string]any{"id": shown.Session.ID, "actor": state.DecodeJSON(shown.Session.Actor)}}
	if o := shown.Organization; o != nil {
		out["org"] = map[string]any{
			"id": o.ID, "name": o.Name, "slug": o.Slug, "role": shown.Role.Key, "image_url": e.answers.PictureURL(o.LogoID), "has_image": o.LogoID != "",
			"public_metadata": state.DecodeJSON(o.Public),
		}
	}
	return out
}

// expand replaces shortcodes. What they name and does not exist is null, or the
// default that they give.
func expand(v any, values map[string]any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = expand(inner, values)
		}
	case []any:
		for i, inner := range v {
			v[i] = expand(inner, values)
		}
	case string:
		if m := state.Shortcode.FindStringSubmatch(v); m != nil && m[0] == v {
			return state.Lookup(m, values)
		}
		return state.Shortcode.ReplaceAllStringFunc(v, func(s string) string {
			switch found := state.Lookup(state.Shortcode.FindStringSubmatch(s), values).(type) {
			case nil:
				return ""
			case string:
				return found
			default:
				text, _ := json.Marshal(found) // it came from JSON
				return string(text)
			}
		})
	}
	return v
}
