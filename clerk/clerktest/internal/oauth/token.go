package oauth

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
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
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

func errInvalidGrant(description string) *OAuthError {
	return &OAuthError{http.StatusBadRequest, "invalid_grant", description}
}

// clientOf authenticates a client: a confidential one by its secret, in a Basic
// header or in the form, a public one by nothing, for it has PKCE (RFC 6749
// section 2.3).
func (e *API) clientOf(c *wire.Call, form url.Values) (state.OAuthApplication, error) {
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, password, ok := c.R.BasicAuth(); ok {
		// They are form-encoded inside (RFC 6749 section 2.3.1).
		name, err1 := url.QueryUnescape(user)
		pass, err2 := url.QueryUnescape(password)
		if err1 != nil || err2 != nil || secret != "" || id != "" && id != name {
			return state.OAuthApplication{}, &OAuthError{http.StatusBadRequest, "invalid_request", "The client authenticates in two ways, or in none"}
		}
		id, secret = name, pass
	}
	app, ok := e.Store.OAuthClient(id)
	if !ok || app.Public && secret != "" || !app.Public && !app.CheckSecret(secret) {
		return state.OAuthApplication{}, &OAuthError{http.StatusUnauthorized, "invalid_client", "Client authentication failed"}
	}
	return app, nil
}

// oauthToken answers /oauth/token.
func (e *API) oauthToken(c *wire.Call) error {
	c.W.Header().Set("Pragma", "no-cache") // RFC 6749 section 5.1
	form, err := c.Form()
	if err != nil {
		return err
	}
	app, err := e.clientOf(c, form)
	if err != nil {
		return oauthRefused(c, err)
	}
	var grant state.OAuthGrant
	switch form.Get("grant_type") {
	case "authorization_code":
		grant, err = e.exchangeCode(&app, form)
	case "refresh_token":
		grant, err = e.exchangeRefreshToken(&app, form)
	case "":
		err = &OAuthError{http.StatusBadRequest, "invalid_request", "grant_type is missing"}
	default:
		err = &OAuthError{http.StatusUnauthorized, "unsupported_grant_type", "grant_type is neither authorization_code nor refresh_token"}
	}
	if err != nil {
		return oauthRefused(c, err)
	}
	answer, err := e.issue(&grant)
	if err != nil {
		return err
	}
	c.Note("OAuth tokens of " + grant.UserID + " for " + app.ID)
	return c.OK(answer)
}

func (e *API) exchangeCode(app *state.OAuthApplication, form url.Values) (state.OAuthGrant, error) {
	verifier := form.Get("code_verifier")
	grant, ok := e.Store.TakeOAuthCode(form.Get("code"), app.ClientID, func(g *state.OAuthGrant) bool {
		return g.Redirect == form.Get("redirect_uri") && checkVerifier(g.Challenge, verifier)
	})
	if !ok {
		return grant, errInvalidGrant("The code is unknown, expired or used, or redirect_uri or code_verifier is another than it was made for")
	}
	if _, err := e.Store.User(grant.UserID); err != nil {
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

func (e *API) exchangeRefreshToken(app *state.OAuthApplication, form url.Values) (state.OAuthGrant, error) {
	grant, ok := e.Store.UseRefreshToken(form.Get("refresh_token"), app.ClientID)
	if !ok {
		return grant, errInvalidGrant("The refresh token is unknown, expired, revoked or used")
	}
	grant.Nonce = ""
	return grant, nil
}

// issue makes the tokens for a grant. The scope offline_access brings a refresh
// token, openid an ID token.
func (e *API) issue(g *state.OAuthGrant) (*oauthTokenAnswer, error) {
	answer := &oauthTokenAnswer{TokenType: "Bearer", ExpiresIn: int64(state.OAuthAccessLifetime / time.Second), Scope: strings.Join(g.Scopes, " ")}
	var err error
	if answer.AccessToken, err = e.NewAccessToken(g, e.Store.OAuthSettings(nil).JWTAccessTokens, state.OAuthAccessLifetime); err != nil {
		return nil, err
	}
	if g.HasScope(state.ScopeOffline) {
		answer.RefreshToken = e.IDs.Random(43)
		e.Store.PutOAuthToken(answer.RefreshToken, state.OAuthToken{Grant: *g, Refresh: true, ExpireAt: e.Now().Add(state.OAuthRefreshLifetime)})
	}
	if g.HasScope(state.ScopeOpenID) {
		if answer.IDToken, err = e.idToken(g); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// NewAccessToken makes an access token, opaque or as a JWT (RFC 9068).
func (e *API) NewAccessToken(g *state.OAuthGrant, jwt bool, lifetime time.Duration) (string, error) {
	now := e.Now()
	t := state.OAuthToken{Grant: *g, TokenID: e.IDs.Hex("oat"), ExpireAt: now.Add(lifetime)}
	if !jwt {
		token := "oat_" + e.IDs.Random(43)
		e.Store.PutOAuthToken(token, t)
		return token, nil
	}
	claims := map[string]any{
		"iss": e.Issuer(), "sub": g.UserID, "client_id": g.ClientID, "jti": t.TokenID, "scope": strings.Join(g.Scopes, " "),
		"iat": now.Unix(), "nbf": now.Unix() - 10, "exp": t.ExpireAt.Unix(),
	}
	if g.OrganizationID != "" {
		claims["org_id"] = g.OrganizationID
	}
	key := e.Keys.Current()
	token, err := keys.SignRS256(key.Private, keys.Header(key.ID, map[string]any{"typ": typeAccessToken, "cat": nil}), claims)
	if err != nil {
		return "", err
	}
	e.Store.PutOAuthToken(state.JWTKey(t.TokenID), t)
	return token, nil
}

// idToken is what OpenID Connect says about the user (OpenID Connect Core section
// 2).
func (e *API) idToken(g *state.OAuthGrant) (string, error) {
	u, err := e.Store.User(g.UserID)
	if err != nil {
		return "", err
	}
	now := e.Now()
	claims := e.userClaims(g, &u)
	claims["iss"], claims["sub"], claims["aud"], claims["azp"] = e.Issuer(), u.ID, g.ClientID, g.ClientID
	claims["iat"], claims["exp"], claims["auth_time"] = now.Unix(), now.Add(state.OAuthAccessLifetime).Unix(), g.AuthAt.Unix()
	claims["jti"] = e.IDs.Random(20)
	if g.Nonce != "" {
		claims["nonce"] = g.Nonce
	}
	key := e.Keys.Current()
	return keys.SignRS256(key.Private, keys.Header(key.ID, map[string]any{"cat": nil}), claims)
}

// oauthTokenInfo answers /oauth/token_info for a client about its own tokens (RFC
// 7662).
func (e *API) oauthTokenInfo(c *wire.Call) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	app, err := e.clientOf(c, form)
	if err != nil {
		return oauthRefused(c, err)
	}
	token := form.Get("token")
	t, ok := e.accessToken(token)
	if !ok {
		t, ok = e.Store.OAuthTokenOf(token)
	}
	wanted := strings.Fields(form.Get("scope"))
	if !ok || t.Grant.ClientID != app.ClientID || slices.ContainsFunc(wanted, func(s string) bool { return !t.Grant.HasScope(s) }) {
		c.Note("token of the OAuth provider: not active")
		return c.OK(map[string]bool{"active": false})
	}
	answer := map[string]any{
		"active": true, "client_id": t.Grant.ClientID, "iat": t.Created.At.Unix(),
		"scope": strings.Join(t.Grant.Scopes, " "), "sub": t.Grant.UserID,
	}
	if t.Grant.OrganizationID != "" {
		answer["org_id"] = t.Grant.OrganizationID
	}
	c.Note("token of the OAuth provider: active")
	return c.OK(answer)
}

// oauthRevoke answers /oauth/token/revoke. An unknown token is revoked already
// (RFC 7009 section 2.2).
func (e *API) oauthRevoke(c *wire.Call) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	app, err := e.clientOf(c, form)
	if err != nil {
		return oauthRefused(c, err)
	}
	token := form.Get("token")
	switch {
	case token == "":
		return oauthRefused(c, &OAuthError{http.StatusBadRequest, "invalid_request", "token is missing"})
	case strings.Count(token, ".") == 2:
		return oauthRefused(c, &OAuthError{http.StatusBadRequest, "unsupported_token_type", "Access tokens that are JWTs cannot be revoked"})
	}
	e.Store.RevokeOAuthToken(token, app.ClientID, "Revoked by the client")
	c.Note("token of the OAuth provider revoked")
	c.W.WriteHeader(http.StatusOK)
	return nil
}
