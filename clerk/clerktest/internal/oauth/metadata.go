package oauth

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// metadata is what both documents have: RFC 8414 section 2. Endpoints are where
// the request came to; the issuer is that of the tokens.
func (e *API) metadata(c *wire.Call) map[string]any {
	face := strings.TrimSuffix(e.Face(c).String(), "/")
	return map[string]any{
		"issuer":                                e.Issuer(),
		"authorization_endpoint":                face + pathAuthorize,
		"token_endpoint":                        face + pathToken,
		"revocation_endpoint":                   face + pathRevoke,
		"jwks_uri":                              face + "/.well-known/jwks.json",
		"scopes_supported":                      state.BuiltInScopes(),
		"response_types_supported":              []string{"code"},
		"grant_types_supported":                 []string{"authorization_code", "refresh_token"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post", "none"},
		"code_challenge_methods_supported":      []string{"S256"},
		"claims_supported": []string{
			"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "email", "email_verified", "name", "given_name",
			"family_name", "preferred_username", "picture", "org_id",
		},
	}
}

func (e *API) openIDConfiguration(c *wire.Call) error {
	m := e.metadata(c)
	face := strings.TrimSuffix(e.Face(c).String(), "/")
	m["userinfo_endpoint"], m["introspection_endpoint"] = face+pathUserInfo, face+pathTokenInfo
	m["response_modes_supported"] = []string{"query", "form_post"}
	m["backchannel_logout_supported"], m["frontchannel_logout_supported"] = false, false
	c.Note("OpenID configuration")
	return c.OK(m)
}

func (e *API) authorizationServerMetadata(c *wire.Call) error {
	m := e.metadata(c)
	settings := e.Store.OAuthSettings(nil)
	if settings.DynamicRegistration {
		m["registration_endpoint"] = strings.TrimSuffix(e.Face(c).String(), "/") + pathRegister
	}
	c.Note("authorization server metadata")
	return c.OK(m)
}

// registration is the request and the answer of dynamic client registration (RFC
// 7591 sections 2 and 3.2.1).
type registration struct {
	ClientID       string   `json:"client_id,omitempty"`
	ClientSecret   string   `json:"client_secret,omitempty"`
	IssuedAt       int64    `json:"client_id_issued_at,omitempty"`
	SecretExpireAt *int64   `json:"client_secret_expires_at,omitempty"`
	Name           string   `json:"client_name"`
	URI            string   `json:"client_uri,omitempty"`
	Logo           string   `json:"logo_uri,omitempty"`
	RedirectURIs   []string `json:"redirect_uris"`
	GrantTypes     []string `json:"grant_types"`
	ResponseTypes  []string `json:"response_types"`
	Scope          string   `json:"scope"`
	AuthMethod     string   `json:"token_endpoint_auth_method"`
}

// oauthRegister lets anyone register a client, where the settings allow that.
func (e *API) oauthRegister(c *wire.Call) error {
	settings := e.Store.OAuthSettings(nil)
	if !settings.DynamicRegistration {
		return refusal.Param("", "dynamic_client_registration_disabled", "Dynamic client registration is not enabled")
	}
	var in registration
	if err := c.DecodeLoosely(&in); err != nil { // unknown metadata is to be ignored
		return oauthRefused(c, &OAuthError{http.StatusBadRequest, "invalid_client_metadata", "The client metadata is not that of RFC 7591"})
	}
	if len(in.RedirectURIs) == 0 {
		return oauthRefused(c, &OAuthError{http.StatusBadRequest, "invalid_redirect_uri", "redirect_uris is missing"})
	}
	for _, uri := range in.RedirectURIs {
		if problem := state.RedirectURIProblem(uri); problem != "" {
			return oauthRefused(c, &OAuthError{http.StatusBadRequest, "invalid_redirect_uri", "A redirect URI " + problem})
		}
	}
	if in.AuthMethod == "" {
		in.AuthMethod = "client_secret_basic"
	}
	scopes := strings.Fields(in.Scope)
	if len(scopes) == 0 {
		scopes = settings.DefaultScopes
	}
	unknown := slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(state.BuiltInScopes(), s) })
	known := slices.Contains([]string{"client_secret_basic", "client_secret_post", "none"}, in.AuthMethod)
	if unknown || !known || !webURL(in.URI) || !webURL(in.Logo) {
		return oauthRefused(c, &OAuthError{http.StatusBadRequest, "invalid_client_metadata", "scope, token_endpoint_auth_method, client_uri or logo_uri cannot be used"})
	}
	app := state.OAuthApplication{
		Name: in.Name, URI: in.URI, Logo: in.Logo, Dynamic: true, Consent: true, Public: in.AuthMethod == "none",
		Scopes: slices.Clone(scopes), RedirectURIs: in.RedirectURIs,
	}
	app, err := e.Store.AddOAuthApplication(app)
	if err != nil {
		return oauthRefused(c, &OAuthError{http.StatusBadRequest, "invalid_client_metadata", err.Error()})
	}
	never := int64(0)
	c.Note("OAuth client registered: " + app.ID)
	return c.Created(registration{
		ClientID: app.ClientID, ClientSecret: app.ClientSecret, IssuedAt: app.Created.At.Unix(), SecretExpireAt: &never,
		Name: app.Name, URI: app.URI, Logo: app.Logo, RedirectURIs: app.RedirectURIs,
		GrantTypes: []string{"authorization_code", "refresh_token"}, ResponseTypes: []string{"code"},
		Scope: strings.Join(app.Scopes, " "), AuthMethod: in.AuthMethod,
	})
}

// webURL reports whether a text is empty or an http or https URL.
func webURL(s string) bool {
	if s == "" {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}
