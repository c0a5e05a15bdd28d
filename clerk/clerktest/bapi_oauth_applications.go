package clerktest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

type oauthApplicationResource struct {
	Object           string   `json:"object"`
	ID               string   `json:"id"`
	InstanceID       string   `json:"instance_id"`
	Name             string   `json:"name"`
	ClientID         string   `json:"client_id"`
	ClientSecret     string   `json:"client_secret,omitempty"` // once, to who made it
	ClientURI        *string  `json:"client_uri"`
	ClientImageURL   *string  `json:"client_image_url"`
	Dynamic          bool     `json:"dynamically_registered"`
	Consent          bool     `json:"consent_screen_enabled"`
	PKCE             bool     `json:"pkce_required"`
	Public           bool     `json:"public"`
	Scopes           string   `json:"scopes"`
	RedirectURIs     []string `json:"redirect_uris"`
	CallbackURL      string   `json:"callback_url"`
	AuthorizeURL     string   `json:"authorize_url"`
	TokenFetchURL    string   `json:"token_fetch_url"`
	UserInfoURL      string   `json:"user_info_url"`
	DiscoveryURL     string   `json:"discovery_url"`
	IntrospectionURL string   `json:"token_introspection_url"`
	CreatedAt        int64    `json:"created_at"`
	UpdatedAt        int64    `json:"updated_at"`
}

func (e *Emulator) oauthApplicationResource(a *state.OAuthApplication) oauthApplicationResource {
	face := e.faceURL()
	return oauthApplicationResource{
		Object: "oauth_application", ID: a.ID, InstanceID: e.instanceID(), Name: a.Name, ClientID: a.ClientID,
		ClientURI: optString(a.URI), ClientImageURL: optString(a.Logo), Dynamic: a.Dynamic, Consent: a.Consent,
		PKCE: a.PKCE, Public: a.Public, Scopes: strings.Join(a.Scopes, " "), RedirectURIs: append([]string{}, a.RedirectURIs...),
		CallbackURL:  strings.Join(a.RedirectURIs[:min(1, len(a.RedirectURIs))], ""),
		AuthorizeURL: face + pathAuthorize, TokenFetchURL: face + pathToken, UserInfoURL: face + pathUserInfo,
		DiscoveryURL: face + pathDiscovery, IntrospectionURL: face + pathTokenInfo,
		CreatedAt: millis(a.Created.At), UpdatedAt: millis(a.UpdatedAt),
	}
}

var oauthApplicationOrder = map[string]func(a, b *state.OAuthApplication) int{
	"created_at": func(a, b *state.OAuthApplication) int { return a.Created.Compare(b.Created) },
	"name":       func(a, b *state.OAuthApplication) int { return compareText(a.Name, b.Name) },
}

func (e *Emulator) listOAuthApplications(c *call) error {
	query := c.r.URL.Query()
	text := query.Get("name_query")
	all := e.store.ListOAuthApplications(func(a *state.OAuthApplication) bool { return text == "" || holds(text, a.Name) })
	if err := order(all, query, oauthApplicationOrder); err != nil {
		return err
	}
	total := len(all)
	all, err := page(all, query)
	if err != nil {
		return err
	}
	out := make([]oauthApplicationResource, len(all))
	for i := range all {
		out[i] = e.oauthApplicationResource(&all[i])
	}
	c.note("list of OAuth applications")
	return c.ok(listResource[oauthApplicationResource]{out, total})
}

// oauthApplicationInput is the body of the calls that make or change one.
type oauthApplicationInput struct {
	Name         field[string]   `json:"name"`
	CallbackURL  field[string]   `json:"callback_url"`
	RedirectURIs field[[]string] `json:"redirect_uris"`
	Scopes       field[string]   `json:"scopes"`
	Consent      field[bool]     `json:"consent_screen_enabled"`
	PKCE         field[bool]     `json:"pkce_required"`
	Public       field[bool]     `json:"public"`
}

// apply changes an application. What is null stays as it is.
func (in *oauthApplicationInput) apply(a *state.OAuthApplication) {
	if in.Name.Set && !in.Name.Null {
		a.Name = in.Name.Value
	}
	if in.CallbackURL.Set && in.CallbackURL.Value != "" {
		a.RedirectURIs = []string{in.CallbackURL.Value}
	}
	if in.RedirectURIs.Set && !in.RedirectURIs.Null {
		a.RedirectURIs = slices.Clone(in.RedirectURIs.Value)
	}
	if in.Scopes.Set && !in.Scopes.Null {
		a.Scopes = strings.Fields(in.Scopes.Value)
	}
	if in.PKCE.Set && !in.PKCE.Null {
		a.PKCE = in.PKCE.Value
	}
	if in.Public.Set && !in.Public.Null {
		a.Public = in.Public.Value
	}
	if in.Consent.Set && !in.Consent.Null {
		a.Consent = in.Consent.Value
	}
	a.Consent = a.Consent || a.Dynamic // it cannot be switched off for those
}

func (e *Emulator) createOAuthApplication(c *call) error {
	var in oauthApplicationInput
	if err := c.decode(&in); err != nil {
		return err
	}
	a := state.OAuthApplication{Consent: true, Scopes: strings.Fields(state.DefaultScopes)}
	in.apply(&a)
	a, err := e.store.AddOAuthApplication(a)
	if err != nil {
		return err
	}
	c.note("OAuth application " + a.ID + " made")
	return c.ok(e.withSecret(&a))
}

func (e *Emulator) withSecret(a *state.OAuthApplication) oauthApplicationResource {
	r := e.oauthApplicationResource(a)
	r.ClientSecret = a.ClientSecret
	return r
}

func (e *Emulator) getOAuthApplication(c *call) error {
	a, err := e.store.OnOAuthApplication(c.param(0), nil)
	if err != nil {
		return err
	}
	c.note("OAuth application " + a.ID)
	return c.ok(e.oauthApplicationResource(&a))
}

func (e *Emulator) updateOAuthApplication(c *call) error {
	var in oauthApplicationInput
	if err := c.decode(&in); err != nil {
		return err
	}
	a, err := e.store.OnOAuthApplication(c.param(0), in.apply)
	if err != nil {
		return err
	}
	c.note("OAuth application " + a.ID + " changed")
	return c.ok(e.oauthApplicationResource(&a))
}

func (e *Emulator) deleteOAuthApplication(c *call) error {
	if err := e.store.DeleteOAuthApplication(c.param(0)); err != nil {
		return err
	}
	c.note("OAuth application deleted")
	return c.ok(deletedResource{Object: "oauth_application", ID: c.param(0), Deleted: true})
}

func (e *Emulator) rotateOAuthSecret(c *call) error {
	a, err := e.store.OnOAuthApplication(c.param(0), func(a *state.OAuthApplication) { a.ClientSecret = "" })
	if err != nil {
		return err
	}
	c.note("new secret for OAuth application " + a.ID)
	return c.ok(e.withSecret(&a))
}

func (e *Emulator) revokeOAuthTokenBAPI(c *call) error {
	var in struct {
		Token string `json:"token"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	a, err := e.store.OnOAuthApplication(c.param(0), nil)
	switch {
	case err != nil:
		return err
	case in.Token == "":
		return refusal.Param("token", "form_param_missing", "token must be given")
	case strings.Count(in.Token, ".") == 2:
		return refusal.BadRequest("unsupported_token_type", "Access tokens that are JWTs cannot be revoked.")
	case !e.store.RevokeOAuthToken(in.Token, a.ClientID, "Revoked by the Backend API"):
		return refusal.NotFound("OAuth token of the application")
	}
	c.note("OAuth token of application " + a.ID + " revoked")
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

type oauthTokenResource struct {
	Object           string   `json:"object"`
	ID               string   `json:"id"`
	ClientID         string   `json:"client_id"`
	Subject          string   `json:"subject"`
	Scopes           []string `json:"scopes"`
	Revoked          bool     `json:"revoked"`
	RevocationReason *string  `json:"revocation_reason"`
	Expired          bool     `json:"expired"`
	Expiration       int64    `json:"expiration"` // these three in seconds
	CreatedAt        int64    `json:"created_at"`
	UpdatedAt        int64    `json:"updated_at"`
}

func (e *Emulator) verifyOAuthAccessToken(c *call) error {
	var in struct {
		AccessToken string `json:"access_token"`
		Secret      string `json:"secret"` // its old name
	}
	if err := bad400(c.decodeLoosely(&in)); err != nil {
		return err
	}
	token := cmp.Or(in.AccessToken, in.Secret)
	if token == "" {
		return refusal.BadParam("access_token", "must be given")
	}
	t, ok := e.accessToken(token)
	if !ok {
		return refusal.NotFound("valid OAuth access token")
	}
	c.note("OAuth access token of " + t.Grant.UserID + " verified")
	return c.ok(oauthTokenResource{
		Object: "clerk_idp_oauth_access_token", ID: t.TokenID, ClientID: t.Grant.ClientID, Subject: t.Grant.UserID,
		Scopes: append([]string{}, t.Grant.Scopes...), Revoked: t.Revoked, RevocationReason: optString(t.RevocationReason),
		Expiration: t.ExpireAt.Unix(), CreatedAt: t.Created.At.Unix(), UpdatedAt: t.UpdatedAt.Unix(),
	})
}

// accessToken finds an access token that is good, in either form.
func (e *Emulator) accessToken(token string) (state.OAuthToken, bool) {
	key := token
	if strings.Count(token, ".") == 2 {
		jwt, ok := e.keys.Own(token)
		if !ok || jwt.Type != typeAccessToken || e.Now().Unix() >= jwt.Exp {
			return state.OAuthToken{}, false
		}
		key = state.JWTKey(jwt.ID)
	}
	t, ok := e.store.OAuthTokenOf(key)
	return t, ok && !t.Refresh
}

type oauthSettingsResource struct {
	Object string `json:"object"`
	state.OAuthSettings
}

func (e *Emulator) getOAuthSettings(c *call) error {
	c.note("settings of OAuth applications")
	return c.ok(oauthSettingsResource{"oauth_application_settings", e.store.OAuthSettings(nil)})
}

func (e *Emulator) updateOAuthSettings(c *call) error {
	var in struct {
		Dynamic       *bool           `json:"dynamic_oauth_client_registration"`
		DefaultScopes field[[]string] `json:"default_scopes"`
		JWT           *bool           `json:"oauth_jwt_access_tokens"`
		Advertised    *bool           `json:"client_id_metadata_documents_advertised"`
		Only          *bool           `json:"client_id_metadata_documents_only_allow_pre_registered_clients"`
		Block         *bool           `json:"client_id_metadata_documents_block_implicitly_allowed_clients"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	for _, s := range in.DefaultScopes.Value {
		if !state.ValidScope(s) {
			return refusal.Param("default_scopes", "form_param_value_invalid", "scope "+refusal.Quoted(s)+" holds characters that a scope cannot have")
		}
	}
	after := e.store.OAuthSettings(func(s *state.OAuthSettings) {
		for _, one := range []struct{ to, from *bool }{
			{&s.DynamicRegistration, in.Dynamic}, {&s.JWTAccessTokens, in.JWT}, {&s.CIMDAdvertised, in.Advertised},
			{&s.CIMDOnlyRegistered, in.Only}, {&s.CIMDBlockImplicit, in.Block},
		} {
			if one.from != nil {
				*one.to = *one.from
			}
		}
		if in.DefaultScopes.Set {
			s.DefaultScopes = slices.Clone(in.DefaultScopes.Value)
			if len(s.DefaultScopes) == 0 {
				s.DefaultScopes = strings.Fields(state.DefaultScopes)
			}
		}
	})
	c.note("settings of OAuth applications changed")
	return c.ok(oauthSettingsResource{"oauth_application_settings", after})
}
