package signin

import (
	"net/http"
	"net/url"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/pages"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// visit is a page's request: who, and where to go afterwards.
type visit struct {
	browser  state.Browser
	redirect *url.URL
}

// visit reads redirect_url and dev browser of a page's parameters. Without a
// redirect_url it is the application's first origin. If it cannot be used, the
// page says so and is done.
func (e *API) visit(c *wire.Call, params url.Values) (v visit, done bool, err error) {
	target := params.Get("redirect_url")
	if target == "" {
		target = e.Config.Origins[0] + "/"
	}
	if v.redirect, err = e.RedirectURL(target); err != nil {
		c.Note("refused: redirect_url")
		return v, true, pages.Page(c, http.StatusUnprocessableEntity, &pages.PageData{Title: "This link does not work", Error: err.Error()})
	}
	v.browser = e.BrowserOfPage(c, params.Get(wire.ParamDevBrowser))
	return v, false, nil
}

func (e *API) pageData(kind, title string, v *visit) *pages.PageData {
	origin, _ := hosts.OriginOf(v.redirect)
	return &pages.PageData{
		Kind: kind, Title: title, Origin: origin, Redirect: v.redirect.String(), DevBrowser: v.browser.DevBrowser,
		Continue: e.returnURL(v),
	}
}

// returnURL is where a page sends the browser. In development the dev browser
// goes along, because the application may be on another site and see none of the
// cookies here; its server then does a handshake.
func (e *API) returnURL(v *visit) string {
	if v.browser.DevBrowser == "" {
		return v.redirect.String()
	}
	return wire.WithParam(v.redirect, wire.ParamDevBrowser, v.browser.DevBrowser)
}

func (e *API) indexPage(c *wire.Call) error {
	c.Redirect(http.StatusSeeOther, "/_emulator/")
	return nil
}

func (e *API) signInPage(c *wire.Call) error {
	if done, err := e.sessions.SyncDevelopment(c); done || err != nil {
		return err
	}
	v, done, err := e.visit(c, c.R.URL.Query())
	if done || err != nil {
		return err
	}
	// An authorization request may want the user to sign in anew.
	if id := e.sessions.ActiveSession(v.browser.ClientID); id != "" && c.R.URL.Query().Get("prompt") != "login" {
		if s, err := e.Store.SessionOf(v.browser.ClientID, id); err == nil {
			if e.Config.Instance == clerk.Development {
				v.browser = e.Store.EnsureDevBrowser(v.browser)
			}
			if mustChoose(&s.Session) {
				c.Note("sign-in page: to the organization page")
				c.Redirect(http.StatusSeeOther, v.chooseURL())
				return nil
			}
			data := e.pageData("signed-in", "Signed in", &v)
			data.Name = s.User.DisplayName()
			c.Note("sign-in page: signed in already")
			return pages.Page(c, http.StatusOK, data)
		}
	}
	c.Note("sign-in page")
	return e.signInForm(c, http.StatusOK, &v, "", "")
}

func (e *API) signInForm(c *wire.Call, status int, v *visit, identifier, problem string) error {
	data := e.pageData("sign-in", "Sign in", v)
	data.Identifier, data.Error = identifier, problem
	users, more := e.Store.FirstUsers(pages.MaxPageUsers, nil)
	data.More = more
	for _, u := range users {
		shown := pages.PageUser{ID: u.ID, Name: u.DisplayName()}
		if u.Identifier() != shown.Name {
			shown.Note = u.Identifier()
		}
		data.Users = append(data.Users, shown)
	}
	return pages.Page(c, status, data)
}

func (e *API) signInSubmit(c *wire.Call) error {
	if err := c.SameOrigin(); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	v, done, err := e.visit(c, form)
	if done || err != nil {
		return err
	}
	u, strategy, problem := e.signInUser(form)
	if problem != nil {
		c.Note("sign-in refused: " + problem.Code)
		return e.signInForm(c, http.StatusUnprocessableEntity, &v, form.Get("identifier"), problem.Error())
	}
	v.browser = e.Store.EnsureClient(v.browser)
	e.Store.SignOut(v.browser.ClientID, state.StatusReplaced) // one session at a time
	rec, err := e.Store.SignIn(state.SignIn{
		UserID: u.ID, ClientID: v.browser.ClientID, SecondFactor: -1, Strategy: strategy,
	})
	if err != nil {
		return err
	}
	if e.Config.Instance == clerk.Development {
		v.browser = e.Store.EnsureDevBrowser(v.browser)
	}
	e.SetBrowserCookies(c, rec.ClientID)
	c.Note("signed in as " + u.ID)
	if mustChoose(&rec) {
		c.Redirect(http.StatusSeeOther, v.chooseURL())
		return nil
	}
	c.Redirect(http.StatusSeeOther, e.returnURL(&v))
	return nil
}

// signInUser finds who signs in: by one click, or by name and password.
func (e *API) signInUser(form url.Values) (u state.User, strategy string, problem *refusal.Error) {
	var err error
	if id := form.Get("user_id"); id != "" {
		if u, err = e.Store.User(id); err != nil {
			return u, "", refusal.Param("user_id", "form_identifier_not_found", "Couldn't find your account.")
		}
		return u, "ticket", u.MayEnter(e.Store.Now())
	}
	if u, err = e.Store.UserByIdentifier(form.Get("identifier")); err != nil {
		return u, "", refusal.Param("identifier", "form_identifier_not_found", "Couldn't find your account.")
	}
	if !u.CheckPassword(form.Get("password")) {
		return u, "", refusal.IncorrectPassword()
	}
	return u, "password", u.MayEnter(e.Store.Now())
}

// signOutPage signs out at once where the application sent the browser. Where
// another site did, it asks first.
func (e *API) signOutPage(c *wire.Call) error {
	if site := c.R.Header.Get("Sec-Fetch-Site"); site == "cross-site" {
		v, done, err := e.visit(c, c.R.URL.Query())
		if done || err != nil {
			return err
		}
		c.Note("sign-out page: another site asks, so the user is asked")
		return pages.Page(c, http.StatusOK, e.pageData("sign-out", "Sign out?", &v))
	}
	return e.signOut(c, c.R.URL.Query())
}

func (e *API) signOutSubmit(c *wire.Call) error {
	if err := c.SameOrigin(); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	return e.signOut(c, form)
}

func (e *API) signOut(c *wire.Call, params url.Values) error {
	v, done, err := e.visit(c, params)
	if done || err != nil {
		return err
	}
	if e.Store.SignOut(v.browser.ClientID, state.StatusEnded) > 0 {
		c.Note("signed out")
	} else {
		c.Note("sign-out: was not signed in")
	}
	if e.Config.Instance == clerk.Development {
		v.browser = e.Store.EnsureDevBrowser(v.browser)
	}
	e.SetBrowserCookies(c, v.browser.ClientID)
	c.Redirect(http.StatusSeeOther, e.returnURL(&v))
	return nil
}

// avatar is everyone's picture. It is here because browsers fetch it.
func (e *API) avatar(c *wire.Call) error {
	c.W.Header().Set("Content-Type", "image/svg+xml")
	c.W.Header().Set("Cache-Control", "public, max-age=3600")
	c.W.Header().Set("Access-Control-Allow-Origin", "*") // components fetch it without credentials
	_, _ = c.W.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="#d9d4f5"/><circle cx="32" cy="25" r="11" fill="#5b3fd6"/><path d="M10 64a22 20 0 0 1 44 0z" fill="#5b3fd6"/></svg>`))
	return nil
}
