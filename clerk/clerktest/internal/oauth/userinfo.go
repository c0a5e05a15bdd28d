package oauth

import (
	"encoding/json"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// userClaims are what a grant lets a client know of a user: the claims of ID
// tokens, and members of the user info.
func (e *API) userClaims(g *state.OAuthGrant, u *state.User) map[string]any {
	claims := map[string]any{}
	if g.HasScope(state.ScopeProfile) {
		claims["name"] = strings.TrimSpace(u.FirstName + " " + u.LastName)
		claims["given_name"], claims["family_name"] = wire.OptString(u.FirstName), wire.OptString(u.LastName)
		claims["preferred_username"], claims["username"] = wire.OptString(u.Username), wire.OptString(u.Username)
		claims["picture"] = e.answers.ImageURL()
	}
	if g.HasScope(state.ScopeEmail) {
		claims["email"], claims["email_verified"] = wire.OptString(u.Email), u.Email != ""
	}
	if g.HasScope(state.ScopePublic) {
		claims["public_metadata"], claims["unsafe_metadata"] = object(u.Public), object(u.Unsafe)
	}
	if g.HasScope(state.ScopePrivate) {
		claims["private_metadata"] = object(u.Private)
	}
	if g.HasScope(state.ScopeOrg) && g.OrganizationID != "" {
		if o, err := e.Store.Organization(g.OrganizationID); err == nil {
			claims["org_id"], claims["org_name"], claims["org_slug"] = o.ID, o.Name, o.Slug
		}
	}
	return claims
}

func object(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("{}")
	}
	return raw
}

// oauthUserInfo answers /oauth/userinfo (OpenID Connect Core section 5.3).
func (e *API) oauthUserInfo(c *wire.Call) error {
	token, ok := strings.CutPrefix(c.R.Header.Get("Authorization"), "Bearer ")
	t, good := e.accessToken(token)
	if !ok || !good {
		c.W.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`) // RFC 6750 section 3
		return &refusal.Error{
			Kind: refusal.KindUnauthenticated, Code: "oauth_invalid_access_token", Message: "Invalid access token",
			Long: "The access token is missing, unknown, expired or revoked.", Param: "", Meta: nil,
		}
	}
	u, err := e.Store.User(t.Grant.UserID)
	if err != nil {
		return err
	}
	answer := e.userClaims(&t.Grant, &u)
	answer["object"], answer["instance_id"], answer["user_id"], answer["sub"] = "oauth_user_info", e.InstanceID(), u.ID, u.ID
	c.Note("user info of " + u.ID)
	return c.OK(answer)
}
