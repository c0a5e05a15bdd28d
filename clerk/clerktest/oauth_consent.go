package clerktest

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
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
func (e *Emulator) consentPage(c *call) error {
	a, s, b, done, err := e.consentRequest(c, c.r.URL.Query())
	if done || err != nil {
		return err
	}
	return e.consentForm(c, a, &s, b)
}

func (e *Emulator) consentForm(c *call, a *authorization, s *state.SessionState, b state.Browser) error {
	data := &pageData{Kind: "consent", Title: "Consent", Name: s.User.DisplayName(), Action: pathConsent, Client: a.client.Name, Params: map[string]string{}}
	if u, err := url.Parse(a.redirect); err == nil {
		data.Origin = u.Scheme + "://" + u.Host
	}
	for name := range a.params {
		data.Params[name] = a.params.Get(name)
	}
	if b.DevBrowser != "" {
		data.Params[paramDevBrowser] = b.DevBrowser
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
			data.Organizations = append(data.Organizations, pageUser{ID: m.Organization.ID, Name: m.Organization.Name})
		}
	}
	c.note("consent page")
	return c.page(http.StatusOK, data)
}

// consentRequest reads the request that the consent page is about. Where it
// cannot be used, or the user is no longer signed in, the answer is done.
func (e *Emulator) consentRequest(c *call, params url.Values) (a *authorization, s state.SessionState, b state.Browser, done bool, err error) {
	a, err = e.readAuthorization(params)
	if err != nil {
		var refused *oauthError
		if !errors.As(err, &refused) {
			return nil, s, b, true, err
		}
		c.note("refused: " + refused.Code)
		return nil, s, b, true, c.page(http.StatusBadRequest, &pageData{Title: "This link does not work", Error: refused.Description})
	}
	b = e.browserOfPage(c, params.Get(paramDevBrowser))
	s, signedIn := e.authorizedSession(b)
	if !signedIn {
		c.note("consent page: to the sign-in page")
		c.redirect(http.StatusSeeOther, e.signInFor(c, a))
		return nil, s, b, true, nil
	}
	return a, s, b, false, nil
}

// consentSubmit takes the decision of the consent page.
func (e *Emulator) consentSubmit(c *call) error {
	if err := c.sameOrigin(); err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	a, s, _, done, err := e.consentRequest(c, form)
	if done || err != nil {
		return err
	}
	return e.consentDecision(c, a, &s, form)
}

func (e *Emulator) consentDecision(c *call, a *authorization, s *state.SessionState, form url.Values) error {
	if form.Get("consented") != "true" {
		return e.answerClientError(c, a, &oauthError{Code: "access_denied", Description: "The user refused"})
	}
	organization, err := organizationOf(a, s, form.Get("organization_id"))
	if err != nil {
		return err
	}
	e.store.Consent(s.User.ID, a.client.ClientID, a.scopes)
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
func (e *Emulator) consentClient(c *call) (state.OAuthApplication, error) {
	app, ok := e.store.OAuthClient(c.param(0))
	switch {
	case !ok:
		return app, refusal.NotFound("OAuth application with client id " + refusal.Quoted(c.param(0)))
	case !app.Consent:
		return app, &refusal.Error{Kind: refusal.KindNotAllowed, Code: "consent_screen_disabled", Message: "Consent screen disabled", Long: "The OAuth application has no consent screen.", Param: "", Meta: nil}
	}
	return app, nil
}

// getOAuthConsent says what a consent page of the application's own shows.
func (e *Emulator) getOAuthConsent(c *call) error {
	if _, _, err := e.me(c); err != nil {
		return err
	}
	app, err := e.consentClient(c)
	if err != nil {
		return err
	}
	query := c.r.URL.Query()
	r := consentResource{Name: app.Name, Logo: app.Logo, URL: app.URI, ClientID: app.ClientID, Scopes: []scopeResource{}}
	if uri := query.Get("redirect_uri"); slices.Contains(app.RedirectURIs, uri) {
		if u, err := url.Parse(uri); err == nil && u.Hostname() != "" {
			domain := u.Hostname()
			if site := e.site(domain); site != "" {
				domain = site
			}
			r.RedirectDomain = &domain
		}
	}
	wanted := strings.Fields(query.Get("scope"))
	for _, scope := range app.Scopes {
		if len(wanted) == 0 || slices.Contains(wanted, scope) {
			r.Scopes = append(r.Scopes, scopeResource{scope, optString(scopeText(scope)), scope != state.ScopeOpenID})
		}
	}
	c.note("consent information for " + app.ID)
	return c.ok(r)
}

// submitOAuthConsent takes the decision of a consent page of the application's
// own, which sends the request's parameters along.
func (e *Emulator) submitOAuthConsent(c *call) error {
	_, s, err := e.me(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	if _, err := e.consentClient(c); err != nil {
		return err
	}
	if s.Session.Status != state.StatusActive {
		return refusal.SignedOut()
	}
	for name, values := range c.r.URL.Query() { // a form's action may carry them
		if !form.Has(name) && slices.Contains(authorizeParams, name) {
			form[name] = values
		}
	}
	form.Set("client_id", c.param(0))
	a, err := e.readAuthorization(form)
	if a == nil {
		return c.oauthRefused(err)
	}
	if err != nil {
		return e.answerClientError(c, a, err)
	}
	return e.consentDecision(c, a, &s, form)
}
