package oauth

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/pages"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// scopeTexts say what scopes are for.
func scopeText(scope string) string {
	return map[string]string{
		state.ScopeOpenID: "Know who you are", state.ScopeProfile: "See your name, user name and picture", state.ScopeEmail: "See your e-mail address",
		state.ScopePublic: "See your public and unsafe metadata", state.ScopePrivate: "See your private metadata",
		state.ScopeOffline: "Keep this access while you are away", state.ScopeOrg: "See one of your organizations",
	}[scope]
}

// consentPage asks whether a client may have what it wants.
func (e *API) consentPage(c *wire.Call) error {
	a, s, b, done, err := e.consentRequest(c, c.R.URL.Query())
	if done || err != nil {
		return err
	}
	return e.consentForm(c, a, &s, b)
}

func (e *API) consentForm(c *wire.Call, a *authorization, s *state.SessionState, b state.Browser) error {
	data := &pages.PageData{Kind: "consent", Title: "Consent", Name: s.User.DisplayName(), Action: PathConsent, Client: a.client.Name, Params: map[string]string{}}
	if u, err := url.Parse(a.redirect); err == nil {
		data.Origin = u.Scheme + "://" + u.Host
	}
	for name := range a.params {
		data.Params[name] = a.params.Get(name)
	}
	if b.DevBrowser != "" {
		data.Params[wire.ParamDevBrowser] = b.DevBrowser
	}
	for _, scope := range a.scopes {
		text := scopeText(scope)
		if text == "" {
			text = scope
		}
		data.Scopes = append(data.Scopes, text)
	}
	if slices.Contains(a.scopes, state.ScopeOrg) {
		for _, m := range s.Memberships {
			data.Organizations = append(data.Organizations, pages.PageUser{ID: m.Organization.ID, Name: m.Organization.Name})
		}
	}
	c.Note("consent page")
	return pages.Page(c, http.StatusOK, data)
}

// consentRequest reads the request that the consent page is about. Where it
// cannot be used, or the user is no longer signed in, the answer is done.
func (e *API) consentRequest(c *wire.Call, params url.Values) (a *authorization, s state.SessionState, b state.Browser, done bool, err error) {
	a, err = e.readAuthorization(params)
	if err != nil {
		var refused *OAuthError
		if !errors.As(err, &refused) {
			return nil, s, b, true, err
		}
		c.Note("refused: " + refused.Code)
		return nil, s, b, true, pages.Page(c, http.StatusBadRequest, &pages.PageData{Title: "This link does not work", Error: refused.Description})
	}
	b = e.BrowserOfPage(c, params.Get(wire.ParamDevBrowser))
	s, signedIn := e.authorizedSession(b)
	if !signedIn {
		c.Note("consent page: to the sign-in page")
		c.Redirect(http.StatusSeeOther, e.signInFor(c, a))
		return nil, s, b, true, nil
	}
	return a, s, b, false, nil
}

// consentSubmit takes the decision of the consent page.
func (e *API) consentSubmit(c *wire.Call) error {
	if err := c.SameOrigin(); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	a, s, _, done, err := e.consentRequest(c, form)
	if done || err != nil {
		return err
	}
	return e.consentDecision(c, a, &s, form)
}

func (e *API) consentDecision(c *wire.Call, a *authorization, s *state.SessionState, form url.Values) error {
	if form.Get("consented") != "true" {
		return e.answerClientError(c, a, &OAuthError{Code: "access_denied", Description: "The user refused"})
	}
	organization, err := organizationOf(a, s, form.Get("organization_id"))
	if err != nil {
		return err
	}
	e.Store.Consent(s.User.ID, a.client.ClientID, a.scopes)
	return e.grant(c, a, s, organization)
}

type consentResource struct {
	Name           string          `json:"oauth_application_name"`
	Logo           string          `json:"oauth_application_logo_url"`
	URL            string          `json:"oauth_application_url"`
	ClientID       string          `json:"client_id"`
	RedirectDomain *string         `json:"redirect_domain"`
	Scopes         []scopeResource `json:"scopes"`
}

type scopeResource struct {
	Scope       string  `json:"scope"`
	Description *string `json:"description"`
	Consent     bool    `json:"requires_consent"`
}

// consentClient is the client of the path, which must have a consent screen.
func (e *API) consentClient(c *wire.Call) (state.OAuthApplication, error) {
	app, ok := e.Store.OAuthClient(c.Param(0))
	switch {
	case !ok:
		return app, refusal.NotFound("OAuth application with client id " + refusal.Quoted(c.Param(0)))
	case !app.Consent:
		return app, &refusal.Error{Kind: refusal.KindNotAllowed, Code: "consent_screen_disabled", Message: "Consent screen disabled", Long: "The OAuth application has no consent screen.", Param: "", Meta: nil}
	}
	return app, nil
}

// getOAuthConsent says what a consent page of the application's own shows.
func (e *API) getOAuthConsent(c *wire.Call) error {
	if _, _, err := e.sessions.Me(c); err != nil {
		return err
	}
	app, err := e.consentClient(c)
	if err != nil {
		return err
	}
	query := c.R.URL.Query()
	r := consentResource{Name: app.Name, Logo: app.Logo, URL: app.URI, ClientID: app.ClientID, Scopes: []scopeResource{}}
	if uri := query.Get("redirect_uri"); slices.Contains(app.RedirectURIs, uri) {
		if u, err := url.Parse(uri); err == nil && u.Hostname() != "" {
			domain := u.Hostname()
			if site := e.Site(domain); site != "" {
				domain = site
			}
			r.RedirectDomain = &domain
		}
	}
	wanted := strings.Fields(query.Get("scope"))
	for _, scope := range app.Scopes {
		if len(wanted) == 0 || slices.Contains(wanted, scope) {
			r.Scopes = append(r.Scopes, scopeResource{scope, wire.OptString(scopeText(scope)), scope != state.ScopeOpenID})
		}
	}
	c.Note("consent information for " + app.ID)
	return c.OK(r)
}

// submitOAuthConsent takes the decision of a consent page of the application's
// own, which sends the request's parameters along.
func (e *API) submitOAuthConsent(c *wire.Call) error {
	_, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	if _, err := e.consentClient(c); err != nil {
		return err
	}
	if s.Session.Status != state.StatusActive {
		return refusal.SignedOut()
	}
	for name, values := range c.R.URL.Query() { // a form's action may carry them
		if !form.Has(name) && slices.Contains(authorizeParams, name) {
			form[name] = values
		}
	}
	form.Set("client_id", c.Param(0))
	a, err := e.readAuthorization(form)
	if a == nil {
		return oauthRefused(c, err)
	}
	if err != nil {
		return e.answerClientError(c, a, err)
	}
	return e.consentDecision(c, a, &s, form)
}
