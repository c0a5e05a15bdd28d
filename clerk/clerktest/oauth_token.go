package clerktest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// typeAccessToken is the typ of access tokens that are JWTs (RFC 9068 section
// 2.1).
const typeAccessToken = "at+jwt"

type oauthTokenAnswer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope"`
	IDToken      string `json:"id_token,omitempty"`
}

func errInvalidGrant(description string) *oauthError {
	return &oauthError{http.StatusBadRequest, "invalid_grant", description}
}

// clientOf authenticates a client: a confidential one by its secret, in a Basic
// header or in the form, a public one by nothing, for it has PKCE (RFC 6749
// section 2.3).
func (e *Emulator) clientOf(c *call, form url.Values) (state.OAuthApplication, error) {
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, password, ok := c.r.BasicAuth(); ok {
		// They are form-encoded inside (RFC 6749 section 2.3.1).
		name, err1 := url.QueryUnescape(user)
		pass, err2 := url.QueryUnescape(password)
		if err1 != nil || err2 != nil || secret != "" || id != "" && id != name {
			return state.OAuthApplication{}, &oauthError{http.StatusBadRequest, "invalid_request", "The client authenticates in two ways, or in none"}
		}
		id, secret = name, pass
	}
	app, ok := e.store.OAuthClient(id)
	if !ok || app.Public && secret != "" || !app.Public && !app.CheckSecret(secret) {
		return state.OAuthApplication{}, &oauthError{http.StatusUnauthorized, "invalid_client", "Client authentication failed"}
	}
	return app, nil
}

// oauthToken answers /oauth/token.
func (e *Emulator) oauthToken(c *call) error {
	c.w.Header().Set("Pragma", "no-cache") // RFC 6749 section 5.1
	form, err := c.form()
	if err != nil {
		return err
	}
	app, err := e.clientOf(c, form)
	if err != nil {
		return c.oauthRefused(err)
	}
	var grant state.OAuthGrant
	switch form.Get("grant_type") {
	case "authorization_code":
		grant, err = e.exchangeCode(&app, form)
	case "refresh_token":
		grant, err = e.exchangeRefreshToken(&app, form)
	case "":
		err = &oauthError{http.StatusBadRequest, "invalid_request", "grant_type is missing"}
	default:
		err = &oauthError{http.StatusUnauthorized, "unsupported_grant_type", "grant_type is neither authorization_code nor refresh_token"}
	}
	if err != nil {
		return c.oauthRefused(err)
	}
	answer, err := e.issue(&grant)
	if err != nil {
		return err
	}
	c.note("OAuth tokens of " + grant.UserID + " for " + app.ID)
	return c.ok(answer)
}

func (e *Emulator) exchangeCode(app *state.OAuthApplication, form url.Values) (state.OAuthGrant, error) {
	verifier := form.Get("code_verifier")
	grant, ok := e.store.TakeOAuthCode(form.Get("code"), app.ClientID, func(g *state.OAuthGrant) bool {
		return g.Redirect == form.Get("redirect_uri") && checkVerifier(g.Challenge, verifier)
	})
	if !ok {
		return grant, errInvalidGrant("The code is unknown, expired or used, or redirect_uri or code_verifier is another than it was made for")
	}
	if _, err := e.store.User(grant.UserID); err != nil {
		return grant, errInvalidGrant("The user is gone")
	}
	return grant, nil
}

// checkVerifier checks PKCE (RFC 7636 section 4.6). A verifier without a challenge
// is refused too: somebody may have cut the challenge off the request.
func checkVerifier(challenge, verifier string) bool {
	if challenge == "" || verifier == "" {
		return challenge == verifier
	}
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(challenge), []byte(base64.RawURLEncoding.EncodeToString(sum[:]))) == 1
}

func (e *Emulator) exchangeRefreshToken(app *state.OAuthApplication, form url.Values) (state.OAuthGrant, error) {
	grant, ok := e.store.UseRefreshToken(form.Get("refresh_token"), app.ClientID)
	if !ok {
		return grant, errInvalidGrant("The refresh token is unknown, expired, revoked or used")
	}
	grant.Nonce = ""
	return grant, nil
}

// issue makes the tokens for a grant. The scope offline_access brings a refresh
// token, openid an ID token.
func (e *Emulator) issue(g *state.OAuthGrant) (*oauthTokenAnswer, error) {
	answer := &oauthTokenAnswer{TokenType: "Bearer", ExpiresIn: int64(state.OAuthAccessLifetime / time.Second), Scope: strings.Join(g.Scopes, " ")}
	var err error
	if answer.AccessToken, err = e.newAccessToken(g, e.store.OAuthSettings(nil).JWTAccessTokens, state.OAuthAccessLifetime); err != nil {
		return nil, err
	}
	if g.HasScope(state.ScopeOffline) {
		answer.RefreshToken = e.ids.Random(43)
		e.store.PutOAuthToken(answer.RefreshToken, state.OAuthToken{Grant: *g, Refresh: true, ExpireAt: e.Now().Add(state.OAuthRefreshLifetime)})
	}
	if g.HasScope(state.ScopeOpenID) {
		if answer.IDToken, err = e.idToken(g); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// newAccessToken makes an access token, opaque or as a JWT (RFC 9068).
func (e *Emulator) newAccessToken(g *state.OAuthGrant, jwt bool, lifetime time.Duration) (string, error) {
	now := e.Now()
	t := state.OAuthToken{Grant: *g, TokenID: e.ids.Hex("oat"), ExpireAt: now.Add(lifetime)}
	if !jwt {
		token := "oat_" + e.ids.Random(43)
		e.store.PutOAuthToken(token, t)
		return token, nil
	}
	claims := map[string]any{
		"iss": e.Issuer(), "sub": g.UserID, "client_id": g.ClientID, "jti": t.TokenID, "scope": strings.Join(g.Scopes, " "),
		"iat": now.Unix(), "nbf": now.Unix() - 10, "exp": t.ExpireAt.Unix(),
	}
	if g.OrganizationID != "" {
		claims["org_id"] = g.OrganizationID
	}
	key := e.keys.Current()
	token, err := keys.SignRS256(key.Private, keys.Header(key.ID, map[string]any{"typ": typeAccessToken, "cat": nil}), claims)
	if err != nil {
		return "", err
	}
	e.store.PutOAuthToken(state.JWTKey(t.TokenID), t)
	return token, nil
}

// idToken is what OpenID Connect says about the user (OpenID Connect Core section
// 2).
func (e *Emulator) idToken(g *state.OAuthGrant) (string, error) {
	u, err := e.store.User(g.UserID)
	if err != nil {
		return "", err
	}
	now := e.Now()
	claims := e.userClaims(g, &u)
	claims["iss"], claims["sub"], claims["aud"], claims["azp"] = e.Issuer(), u.ID, g.ClientID, g.ClientID
	claims["iat"], claims["exp"], claims["auth_time"] = now.Unix(), now.Add(state.OAuthAccessLifetime).Unix(), g.AuthAt.Unix()
	claims["jti"] = e.ids.Random(20)
	if g.Nonce != "" {
		claims["nonce"] = g.Nonce
	}
	key := e.keys.Current()
	return keys.SignRS256(key.Private, keys.Header(key.ID, map[string]any{"cat": nil}), claims)
}

// oauthTokenInfo answers /oauth/token_info for a client about its own tokens (RFC
// 7662).
func (e *Emulator) oauthTokenInfo(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	app, err := e.clientOf(c, form)
	if err != nil {
		return c.oauthRefused(err)
	}
	token := form.Get("token")
	t, ok := e.accessToken(token)
	if !ok {
		t, ok = e.store.OAuthTokenOf(token)
	}
	wanted := strings.Fields(form.Get("scope"))
	if !ok || t.Grant.ClientID != app.ClientID || slices.ContainsFunc(wanted, func(s string) bool { return !t.Grant.HasScope(s) }) {
		c.note("token of the OAuth provider: not active")
		return c.ok(map[string]bool{"active": false})
	}
	answer := map[string]any{
		"active": true, "client_id": t.Grant.ClientID, "iat": t.Created.At.Unix(),
		"scope": strings.Join(t.Grant.Scopes, " "), "sub": t.Grant.UserID,
	}
	if t.Grant.OrganizationID != "" {
		answer["org_id"] = t.Grant.OrganizationID
	}
	c.note("token of the OAuth provider: active")
	return c.ok(answer)
}

// oauthRevoke answers /oauth/token/revoke. An unknown token is revoked already
// (RFC 7009 section 2.2).
func (e *Emulator) oauthRevoke(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	app, err := e.clientOf(c, form)
	if err != nil {
		return c.oauthRefused(err)
	}
	token := form.Get("token")
	switch {
	case token == "":
		return c.oauthRefused(&oauthError{http.StatusBadRequest, "invalid_request", "token is missing"})
	case strings.Count(token, ".") == 2:
		return c.oauthRefused(&oauthError{http.StatusBadRequest, "unsupported_token_type", "Access tokens that are JWTs cannot be revoked"})
	}
	e.store.RevokeOAuthToken(token, app.ClientID, "Revoked by the client")
	c.note("token of the OAuth provider revoked")
	c.w.WriteHeader(http.StatusOK)
	return nil
}
