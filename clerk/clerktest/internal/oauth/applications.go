package oauth

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/machines"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
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

func (e *API) oauthApplicationResource(a *state.OAuthApplication) oauthApplicationResource {
	face := e.FaceURL()
	return oauthApplicationResource{
		Object: "oauth_application", ID: a.ID, InstanceID: e.InstanceID(), Name: a.Name, ClientID: a.ClientID,
		ClientURI: wire.OptString(a.URI), ClientImageURL: wire.OptString(a.Logo), Dynamic: a.Dynamic, Consent: a.Consent,
		PKCE: a.PKCE, Public: a.Public, Scopes: strings.Join(a.Scopes, " "), RedirectURIs: append([]string{}, a.RedirectURIs...),
		CallbackURL:  strings.Join(a.RedirectURIs[:min(1, len(a.RedirectURIs))], ""),
		AuthorizeURL: face + pathAuthorize, TokenFetchURL: face + pathToken, UserInfoURL: face + pathUserInfo,
		DiscoveryURL: face + pathDiscovery, IntrospectionURL: face + pathTokenInfo,
		CreatedAt: wire.Millis(a.Created.At), UpdatedAt: wire.Millis(a.UpdatedAt),
	}
}

var oauthApplicationOrder = map[string]func(a, b *state.OAuthApplication) int{
	"created_at": func(a, b *state.OAuthApplication) int { return a.Created.Compare(b.Created) },
	"name":       func(a, b *state.OAuthApplication) int { return wire.CompareText(a.Name, b.Name) },
}

func (e *API) listOAuthApplications(c *wire.Call) error {
	query := c.R.URL.Query()
	text := query.Get("name_query")
	all := e.Store.ListOAuthApplications(func(a *state.OAuthApplication) bool { return text == "" || wire.Holds(text, a.Name) })
	if err := wire.Order(all, query, oauthApplicationOrder); err != nil {
		return err
	}
	total := len(all)
	all, err := wire.Page(all, query)
	if err != nil {
		return err
	}
	out := make([]oauthApplicationResource, len(all))
	for i := range all {
		out[i] = e.oauthApplicationResource(&all[i])
	}
	c.Note("list of OAuth applications")
	return c.OK(machines.ListResource[oauthApplicationResource]{Data: out, TotalCount: total})
}

// oauthApplicationInput is the body of the calls that make or change one.
type oauthApplicationInput struct {
	Name         wire.Field[string]   `json:"name"`
	CallbackURL  wire.Field[string]   `json:"callback_url"`
	RedirectURIs wire.Field[[]string] `json:"redirect_uris"`
	Scopes       wire.Field[string]   `json:"scopes"`
	Consent      wire.Field[bool]     `json:"consent_screen_enabled"`
	PKCE         wire.Field[bool]     `json:"pkce_required"`
	Public       wire.Field[bool]     `json:"public"`
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

func (e *API) createOAuthApplication(c *wire.Call) error {
	var in oauthApplicationInput
	if err := c.Decode(&in); err != nil {
		return err
	}
	a := state.OAuthApplication{Consent: true, Scopes: strings.Fields(state.DefaultScopes)}
	in.apply(&a)
	a, err := e.Store.AddOAuthApplication(a)
	if err != nil {
		return err
	}
	c.Note("OAuth application " + a.ID + " made")
	return c.OK(e.withSecret(&a))
}

func (e *API) withSecret(a *state.OAuthApplication) oauthApplicationResource {
	r := e.oauthApplicationResource(a)
	r.ClientSecret = a.ClientSecret
	return r
}

func (e *API) getOAuthApplication(c *wire.Call) error {
	a, err := e.Store.OnOAuthApplication(c.Param(0), nil)
	if err != nil {
		return err
	}
	c.Note("OAuth application " + a.ID)
	return c.OK(e.oauthApplicationResource(&a))
}

func (e *API) updateOAuthApplication(c *wire.Call) error {
	var in oauthApplicationInput
	if err := c.Decode(&in); err != nil {
		return err
	}
	a, err := e.Store.OnOAuthApplication(c.Param(0), in.apply)
	if err != nil {
		return err
	}
	c.Note("OAuth application " + a.ID + " changed")
	return c.OK(e.oauthApplicationResource(&a))
}

func (e *API) deleteOAuthApplication(c *wire.Call) error {
	if err := e.Store.DeleteOAuthApplication(c.Param(0)); err != nil {
		return err
	}
	c.Note("OAuth application deleted")
	return c.OK(answers.DeletedResource{Object: "oauth_application", ID: c.Param(0), Deleted: true})
}

func (e *API) rotateOAuthSecret(c *wire.Call) error {
	a, err := e.Store.OnOAuthApplication(c.Param(0), func(a *state.OAuthApplication) { a.ClientSecret = "" })
	if err != nil {
		return err
	}
	c.Note("new secret for OAuth application " + a.ID)
	return c.OK(e.withSecret(&a))
}

func (e *API) revokeOAuthTokenBAPI(c *wire.Call) error {
	var in struct {
		Token string `json:"token"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	a, err := e.Store.OnOAuthApplication(c.Param(0), nil)
	switch {
	case err != nil:
		return err
	case in.Token == "":
		return refusal.Param("token", "form_param_missing", "token must be given")
	case strings.Count(in.Token, ".") == 2:
		return refusal.BadRequest("unsupported_token_type", "Access tokens that are JWTs cannot be revoked.")
	case !e.Store.RevokeOAuthToken(in.Token, a.ClientID, "Revoked by the Backend API"):
		return refusal.NotFound("OAuth token of the application")
	}
	c.Note("OAuth token of application " + a.ID + " revoked")
	c.W.WriteHeader(http.StatusNoContent)
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

func (e *API) verifyOAuthAccessToken(c *wire.Call) error {
	var in struct {
		AccessToken string `json:"access_token"`
		Secret      string `json:"secret"` // its old name
	}
	if err := machines.Bad400(c.DecodeLoosely(&in)); err != nil {
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
	c.Note("OAuth access token of " + t.Grant.UserID + " verified")
	return c.OK(oauthTokenResource{
		Object: "clerk_idp_oauth_access_token", ID: t.TokenID, ClientID: t.Grant.ClientID, Subject: t.Grant.UserID,
		Scopes: append([]string{}, t.Grant.Scopes...), Revoked: t.Revoked, RevocationReason: wire.OptString(t.RevocationReason),
		Expiration: t.ExpireAt.Unix(), CreatedAt: t.Created.At.Unix(), UpdatedAt: t.UpdatedAt.Unix(),
	})
}

// accessToken finds an access token that is good, in either form.
func (e *API) accessToken(token string) (state.OAuthToken, bool) {
	key := token
	if strings.Count(token, ".") == 2 {
		jwt, ok := e.Keys.Own(token)
		if !ok || jwt.Type != typeAccessToken || e.Now().Unix() >= jwt.Exp {
			return state.OAuthToken{}, false
		}
		key = state.JWTKey(jwt.ID)
	}
	t, ok := e.Store.OAuthTokenOf(key)
	return t, ok && !t.Refresh
}

type oauthSettingsResource struct {
	Object string `json:"object"`
	state.OAuthSettings
}

func (e *API) getOAuthSettings(c *wire.Call) error {
	c.Note("settings of OAuth applications")
	return c.OK(oauthSettingsResource{"oauth_application_settings", e.Store.OAuthSettings(nil)})
}

func (e *API) updateOAuthSettings(c *wire.Call) error {
	var in struct {
		Dynamic       *bool                `json:"dynamic_oauth_client_registration"`
		DefaultScopes wire.Field[[]string] `json:"default_scopes"`
		JWT           *bool                `json:"oauth_jwt_access_tokens"`
		Advertised    *bool                `json:"client_id_metadata_documents_advertised"`
		Only          *bool                `json:"client_id_metadata_documents_only_allow_pre_registered_clients"`
		Block         *bool                `json:"client_id_metadata_documents_block_implicitly_allowed_clients"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	for _, s := range in.DefaultScopes.Value {
		if !state.ValidScope(s) {
			return refusal.Param("default_scopes", "form_param_value_invalid", "scope "+refusal.Quoted(s)+" holds characters that a scope cannot have")
		}
	}
	after := e.Store.OAuthSettings(func(s *state.OAuthSettings) {
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
	c.Note("settings of OAuth applications changed")
	return c.OK(oauthSettingsResource{"oauth_application_settings", after})
}
