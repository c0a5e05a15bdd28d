package oauth

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// Paths of the instance as an OAuth 2.0 provider.
const (
	pathAuthorize = "/oauth/authorize"
	pathToken     = "/oauth/token"
	pathUserInfo  = "/oauth/userinfo"
	pathTokenInfo = "/oauth/token_info"
	pathRevoke    = "/oauth/token/revoke"
	pathRegister  = "/oauth/register"
	pathDiscovery = "/.well-known/openid-configuration"
	PathConsent   = "/oauth-consent"
)

// minState is the least length of state where nothing else protects the client
// (operation requestOAuthAuthorize).
const minState = 8

// authorizeParams are those of an authorization request, which the pages on the
// way carry along.
var authorizeParams = []string{
	"response_type", "client_id", "redirect_uri", "scope", "state", "prompt", "code_challenge",
	"code_challenge_method", "response_mode", "nonce",
}

// OAuthError is an answer of the OAuth 2.0 endpoints (RFC 6749 section 5.2).
type OAuthError struct {
	status      int
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

// Error implements the error interface.
func (e *OAuthError) Error() string { return e.Code + ": " + e.Description }

// oauthRefused answers with an OAuth 2.0 error. Other errors are passed on.
func oauthRefused(c *wire.Call, err error) error {
	var refused *OAuthError
	if !errors.As(err, &refused) {
		return err
	}
	c.Note("refused: " + refused.Code)
	if refused.status == http.StatusUnauthorized && c.R.Header.Get("Authorization") != "" {
		c.W.Header().Set("WWW-Authenticate", `Basic realm="OAuth"`) // RFC 6749 section 5.2
	}
	wire.WriteJSON(c.W, refused.status, refused)
	return nil
}

// authorization is an authorization request that was checked.
type authorization struct {
	client   state.OAuthApplication
	params   url.Values // authorizeParams alone
	redirect string     // where the answer goes
	scopes   []string
	prompts  []string
}

// readAuthorization checks a request. Until the redirect URI is known to be the
// client's own, errors are for the person in front of the browser (RFC 6749
// section 4.1.2.1); then they are for the client, and the authorization is there.
func (e *API) readAuthorization(all url.Values) (*authorization, error) {
	params := url.Values{}
	for _, name := range authorizeParams {
		if len(all[name]) > 1 {
			return nil, &OAuthError{http.StatusBadRequest, "invalid_request", name + " is given twice"}
		}
		if v := all.Get(name); v != "" {
			params.Set(name, v)
		}
	}
	app, ok := e.Store.OAuthClient(params.Get("client_id"))
	if !ok {
		return nil, &OAuthError{http.StatusUnauthorized, "invalid_client", "There is no OAuth application with this client_id"}
	}
	a := &authorization{client: app, params: params, prompts: strings.Fields(params.Get("prompt"))}
	switch uri := params.Get("redirect_uri"); {
	case uri != "" && slices.Contains(app.RedirectURIs, uri):
		a.redirect = uri
	case uri == "" && len(app.RedirectURIs) == 1:
		a.redirect = app.RedirectURIs[0]
	default:
		return nil, &OAuthError{http.StatusBadRequest, "invalid_request", "redirect_uri is not one of the OAuth application"}
	}
	a.scopes = e.requestedScopes(&app, params.Get("scope"))
	return a, a.problem()
}

// requestedScopes are the scopes of a request, and without any the instance's
// default ones that the application has.
func (e *API) requestedScopes(app *state.OAuthApplication, scope string) []string {
	scopes := strings.Fields(scope)
	if len(scopes) == 0 {
		scopes = slices.DeleteFunc(slices.Clone(e.Store.OAuthSettings(nil).DefaultScopes), func(s string) bool { return !slices.Contains(app.Scopes, s) })
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

func (a *authorization) problem() error {
	bad := func(code, description string) error { return &OAuthError{http.StatusBadRequest, code, description} }
	challenge, method := a.params.Get("code_challenge"), a.params.Get("code_challenge_method")
	state, mode := a.params.Get("state"), a.params.Get("response_mode")
	switch {
	case a.params.Get("response_type") != "code":
		return bad("unsupported_response_type", "response_type is not code")
	case mode != "" && mode != "query" && mode != "form_post":
		return bad("unsupported_response_mode", "response_mode is neither query nor form_post")
	case challenge == "" && (a.client.Public || a.client.PKCE):
		return bad("invalid_request", "The client must use PKCE: code_challenge is missing")
	case challenge != "" && method != "S256":
		return bad("invalid_request", "code_challenge_method is not S256")
	case challenge != "" && !validChallenge(challenge):
		return bad("invalid_request", "code_challenge is not that of a SHA-256 hash")
	case len(state) < minState && (state != "" || challenge == ""):
		return bad("invalid_state", "state is missing, or shorter than 8 characters")
	}
	for _, s := range a.scopes {
		if !slices.Contains(a.client.Scopes, s) {
			return bad("invalid_scope", "The OAuth application does not have the scope "+refusal.Quoted(s))
		}
	}
	for _, p := range a.prompts {
		if p != "none" && p != "login" && p != "consent" || p == "none" && len(a.prompts) > 1 {
			return bad("invalid_request", "prompt is not none, login or consent")
		}
	}
	return nil
}

// validChallenge holds to RFC 7636 section 4.2.
func validChallenge(challenge string) bool {
	sum, err := base64.RawURLEncoding.DecodeString(challenge)
	return err == nil && len(sum) == sha256.Size
}

// oauthAuthorize answers /oauth/authorize: it sends who is not signed in to the
// sign-in page, asks for consent where that is needed, and else sends a code to
// the client.
func (e *API) oauthAuthorize(c *wire.Call) error {
	params := c.R.URL.Query()
	if c.Method == http.MethodPost {
		form, err := c.Form()
		if err != nil {
			return err
		}
		params = form
	}
	a, err := e.readAuthorization(params)
	if a == nil {
		return oauthRefused(c, err)
	}
	if err != nil {
		return e.answerClientError(c, a, err)
	}
	b := e.BrowserOfPage(c, c.R.URL.Query().Get(wire.ParamDevBrowser))
	s, signedIn := e.authorizedSession(b)
	silent := slices.Contains(a.prompts, "none")
	switch {
	case !signedIn && silent:
		return e.answerClientError(c, a, &OAuthError{Code: "login_required", Description: "The user is not signed in"})
	case !signedIn || slices.Contains(a.prompts, "login"):
		c.Note("authorization request: to the sign-in page")
		c.Redirect(http.StatusSeeOther, e.signInFor(c, a))
		return nil
	}
	asked := a.client.Consent && (slices.Contains(a.prompts, "consent") || !e.Store.Consented(s.User.ID, a.client.ClientID, a.scopes) ||
		slices.Contains(a.scopes, state.ScopeOrg))
	switch {
	case asked && silent:
		return e.answerClientError(c, a, &OAuthError{Code: "consent_required", Description: "The user has to consent"})
	case asked:
		c.Note("authorization request: to the consent page")
		location := e.Face(c).String() + PathConsent + "?" + a.params.Encode()
		if b.DevBrowser != "" {
			location += "&" + wire.ParamDevBrowser + "=" + url.QueryEscape(b.DevBrowser)
		}
		c.Redirect(http.StatusSeeOther, location)
		return nil
	}
	return e.grant(c, a, &s, "")
}

// authorizedSession is the session that a page of the provider works with. A
// pending one has a task to finish first.
func (e *API) authorizedSession(b state.Browser) (state.SessionState, bool) {
	s, err := e.Store.SessionOf(b.ClientID, e.sessions.ActiveSession(b.ClientID))
	return s, err == nil && s.Session.Status == state.StatusActive
}

// signInFor is the sign-in page, from which the user comes back to the request.
func (e *API) signInFor(c *wire.Call, a *authorization) string {
	params := url.Values{}
	for name, v := range a.params {
		params[name] = v
	}
	again := ""
	if slices.Contains(a.prompts, "login") {
		again = "&prompt=login"
		rest := slices.DeleteFunc(slices.Clone(a.prompts), func(p string) bool { return p == "login" })
		if params.Set("prompt", strings.Join(rest, " ")); len(rest) == 0 {
			params.Del("prompt")
		}
	}
	face := e.Face(c).String()
	return face + "/sign-in?redirect_url=" + url.QueryEscape(face+pathAuthorize+"?"+params.Encode()) + again
}

// grant sends a code for what the user granted to the client.
func (e *API) grant(c *wire.Call, a *authorization, s *state.SessionState, organization string) error {
	code := e.Store.NewOAuthCode(state.OAuthGrant{
		ClientID: a.client.ClientID, UserID: s.User.ID, OrganizationID: organization, Scopes: a.scopes,
		Nonce: a.params.Get("nonce"), AuthAt: s.Session.Created.At.Truncate(time.Second),
		Redirect: a.params.Get("redirect_uri"), Challenge: a.params.Get("code_challenge"),
	})
	c.Note("authorization of " + s.User.ID + " for " + a.client.ID)
	return e.sendToClient(c, a, url.Values{"code": {code}, "scope": {strings.Join(a.scopes, " ")}})
}

func (e *API) answerClientError(c *wire.Call, a *authorization, err error) error {
	var refused *OAuthError
	if !errors.As(err, &refused) {
		return err
	}
	c.Note("authorization refused: " + refused.Code)
	return e.sendToClient(c, a, url.Values{"error": {refused.Code}, "error_description": {refused.Description}})
}

// sendToClient sends the browser back to the client.
func (e *API) sendToClient(c *wire.Call, a *authorization, answer url.Values) error {
	if state := a.params.Get("state"); state != "" {
		answer.Set("state", state)
	}
	if a.params.Get("response_mode") == "form_post" {
		return formPost(c, a.redirect, answer)
	}
	sep := "?"
	if strings.Contains(a.redirect, "?") {
		sep = "&"
	}
	c.Redirect(http.StatusSeeOther, a.redirect+sep+answer.Encode())
	return nil
}

// submitScript is all that the page of [call.formPost] runs.
const submitScript = "document.forms[0].submit()"

var formPostTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("form_post").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Continue</title></head>
<body><form method="post" action="{{.Action}}">
{{range $name, $values := .Answer}}{{range $values}}<input type="hidden" name="{{$name}}" value="{{.}}">
{{end}}{{end}}<button>Continue</button>
</form><script>` + submitScript + `</script></body></html>
`))
})

// formPost answers with a form that sends itself (OAuth 2.0 Form Post Response
// Mode).
func formPost(c *wire.Call, action string, answer url.Values) error {
	var b bytes.Buffer
	data := struct {
		Action template.URL
		Answer url.Values
	}{template.URL(action), answer} //nolint:gosec // RedirectURIProblem refused what runs in a page
	if err := formPostTemplate().Execute(&b, data); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(submitScript))
	h := c.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	c.W.WriteHeader(http.StatusOK)
	_, _ = c.W.Write(b.Bytes()) // the client may have gone
	return nil
}

// organizationOf checks that a user is a member of the organization that was
// chosen for a grant.
func organizationOf(a *authorization, s *state.SessionState, id string) (string, error) {
	if !slices.Contains(a.scopes, state.ScopeOrg) || id == "" {
		return "", nil
	}
	for _, m := range s.Memberships {
		if m.Organization.ID == id {
			return id, nil
		}
	}
	return "", refusal.Param("organization_id", "form_param_value_invalid", "organization_id is not an organization of the user")
}
