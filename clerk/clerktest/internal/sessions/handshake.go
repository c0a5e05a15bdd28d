package sessions

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/tokens"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// handshakeLifetime is how long a handshake's result is good.
const handshakeLifetime = time.Minute

// handshake answers GET /v1/client/handshake: the browser comes from the
// application with a question, and goes back with the answer as a list of
// Set-Cookie strings, signed or behind a nonce. In development the answer is in
// the URL, in production in a cookie of the site.
func (e *API) handshake(c *wire.Call) error {
	query := c.R.URL.Query()
	redirect, err := e.RedirectURL(query.Get("redirect_url"))
	if err != nil {
		return err
	}
	if key := c.R.Header.Get("Clerk-Secret-Key"); key != "" && subtle.ConstantTimeCompare([]byte(key), []byte(e.Config.SecretKey)) != 1 {
		return wire.ErrSecretKey()
	}
	format := query.Get("format")
	if format != "" && format != "nonce" && format != "token" {
		return refusal.Param("format", "form_param_value_invalid", "format is neither nonce nor token")
	}
	domain, err := e.HandshakeDomain(c, redirect)
	if err != nil {
		return err
	}
	b := e.BrowserOfPage(c, "")
	if e.needsSync(c, b) {
		return nil
	}
	return e.SendHandshake(c, b, redirect, domain, "handshake"+reasonOf(query))
}

// HandshakeDomain is the Domain of a handshake's cookies, which production
// instances have.
func (e *API) HandshakeDomain(c *wire.Call, redirect *url.URL) (string, error) {
	if e.Config.Instance != clerk.Production {
		return "", nil
	}
	return e.sharedSite(e.Face(c), redirect)
}

// SendHandshake sends a browser to the application with the answer. What it was
// about goes into the log.
func (e *API) SendHandshake(c *wire.Call, b state.Browser, redirect *url.URL, domain, what string) error {
	query := c.R.URL.Query()
	format := query.Get("format")
	if e.Config.Instance == clerk.Development {
		b = e.Store.EnsureDevBrowser(b)
	}
	directives, outcome, err := e.directives(b, redirect, query)
	if err != nil {
		return err
	}
	if e.Config.Instance == clerk.Production {
		// Nobody else removes them, and they would be replayed.
		for _, name := range []string{clerk.CookieHandshake, clerk.CookieHandshakeNonce} {
			gone := http.Cookie{Name: name, Path: "/", Domain: domain, MaxAge: -1}
			directives = append(directives, gone.String())
		}
	}

	name, value := clerk.CookieHandshake, ""
	if format == "nonce" {
		name, value = clerk.CookieHandshakeNonce, e.Store.PutNonce(directives)
	} else if value, err = e.handshakeToken(directives); err != nil {
		return err
	}
	location := redirect.String()
	if e.Config.Instance == clerk.Development {
		location = wire.WithParam(redirect, name, value)
	} else {
		c.SetCookie(&http.Cookie{
			Name: name, Value: value, Path: "/", Domain: domain, MaxAge: int(handshakeLifetime / time.Second),
			SameSite: http.SameSiteLaxMode, Secure: redirect.Scheme == "https",
		})
	}
	if c.Pattern == "/v1/client/handshake" {
		c.Shake = &wire.HandshakeTrace{
			Reason: strings.Trim(reasonOf(query), " ()"), Outcome: outcome, Format: name, Page: redirect.Host + redirect.EscapedPath(),
		}
	}
	c.Note(what + ": " + outcome + ", sent back as " + strings.TrimPrefix(name, "__clerk_"))
	c.Redirect(http.StatusTemporaryRedirect, location)
	return nil
}

// reasonOf repeats why the SDK asks, if it is a reason.
func reasonOf(query url.Values) string {
	reason := query.Get("__clerk_hs_reason")
	if !state.ValidSlug(reason) {
		return ""
	}
	return " (" + reason + ")"
}

// sharedSite returns the Domain of cookies that both the Frontend API and the
// page see; "" for cookies of the one host that they share.
func (e *API) sharedSite(face, page *url.URL) (string, error) {
	if strings.EqualFold(face.Hostname(), page.Hostname()) && e.Site(page.Hostname()) == "" {
		return "", nil
	}
	domain := e.Site(page.Hostname())
	if domain == "" || !hosts.Below(strings.ToLower(face.Hostname()), domain) {
		return "", refusal.Param("redirect_url", "form_param_value_invalid",
			"redirect_url is on another site than the Frontend API, "+refusal.Quoted(face.Hostname())+
				": they cannot share cookies, which a production instance needs")
	}
	return domain, nil
}

// directives builds the Set-Cookie strings for a page.
func (e *API) directives(b state.Browser, page *url.URL, query url.Values) (list []string, outcome string, err error) {
	secure := page.Scheme == "https"
	if b.DevBrowser != "" {
		list = append(list, e.Twice(http.Cookie{
			Name: clerk.CookieDevBrowser, Value: b.DevBrowser, Path: "/", MaxAge: wire.YearSeconds,
			SameSite: http.SameSiteLaxMode, Secure: secure,
		})...)
	}
	sessionID := e.ActiveSession(b.ClientID)
	if sessionID != "" && query.Has("organization_id") {
		// An organization that the user is not in changes nothing.
		organization := query.Get("organization_id")
		_ = e.Store.Activate(b.ClientID, sessionID, &organization)
	}
	uat := e.Store.ClientUAT(b.ClientID) // before the token, which must not be older
	var cookies []string
	if sessionID != "" {
		cookies, err = e.sessionCookies(sessionID, page)
		if signedOut := (*refusal.Error)(nil); err != nil && !errors.As(err, &signedOut) {
			return nil, "", err
		}
	}
	outcome = "signed in"
	if cookies == nil { // no session, or one that ended this moment
		uat, outcome = 0, "signed out"
		gone := http.Cookie{Name: clerk.CookieSession, Path: "/", Expires: wire.Expired, MaxAge: -1}
		cookies = e.Twice(gone)
		gone.Name = e.Key.SuffixedCookie(clerk.CookieRefresh)
		cookies = append(cookies, gone.String())
	}
	list = append(list, e.ClientUATCookies(page, uat)...)
	return append(list, cookies...), outcome, nil
}

// sessionCookies are the directives of a fresh session token for a page, and of
// the refresh token, with which the Backend API makes the next one.
func (e *API) sessionCookies(sessionID string, page *url.URL) ([]string, error) {
	origin, _ := hosts.OriginOf(page)
	token, err := e.tokens.SessionToken(sessionID, tokens.TokenRequest{Origin: origin})
	if err != nil {
		return nil, err
	}
	rec, err := e.Store.Session(sessionID)
	if err != nil {
		return nil, err
	}
	session := http.Cookie{
		Name: clerk.CookieSession, Value: token, Path: "/", MaxAge: wire.YearSeconds,
		SameSite: http.SameSiteLaxMode, Secure: page.Scheme == "https",
	}
	refresh := session
	refresh.Name, refresh.Value, refresh.HttpOnly = e.Key.SuffixedCookie(clerk.CookieRefresh), rec.RefreshToken, true
	return append(e.Twice(session), refresh.String()), nil
}

// ActiveSession returns the session that a page gets, "" if there is none.
func (e *API) ActiveSession(clientID string) string {
	state, ok := e.Store.Client(clientID)
	if !ok || len(state.Sessions) == 0 {
		return ""
	}
	for _, s := range state.Sessions {
		if s.Session.ID == state.Client.LastActive {
			return s.Session.ID
		}
	}
	return state.Sessions[0].Session.ID
}

// handshakeToken signs directives. It has the category of session tokens, as at
// Clerk.
func (e *API) handshakeToken(directives []string) (string, error) {
	now := e.Now()
	key := e.Keys.Current()
	return keys.SignRS256(key.Private, keys.Header(key.ID, nil), map[string]any{
		"handshake": directives, "iat": now.Unix(), "nbf": now.Unix() - 5, "exp": now.Add(handshakeLifetime).Unix(),
	})
}
