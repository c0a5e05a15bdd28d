package clerktest

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"sync"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// pageRoutes are the pages that people see.
var pageRoutes = []route{
	{"GET", "/", "IndexPage", (*Emulator).indexPage},
	{"GET", "/sign-in", "SignInPage", (*Emulator).signInPage},
	{"POST", "/sign-in", "SignIn", (*Emulator).signInSubmit},
	{"GET", pathChoose, "OrganizationPage", (*Emulator).choosePage},
	{"POST", pathChoose, "ChooseOrganization", (*Emulator).chooseSubmit},
	{"GET", "/sign-out", "SignOutPage", (*Emulator).signOutPage},
	{"POST", "/sign-out", "SignOut", (*Emulator).signOutSubmit},
	{"GET", "/oauth-provider/{provider}", "ProviderPage", (*Emulator).providerPage},
	{"POST", "/oauth-provider/{provider}", "Provider", (*Emulator).providerSubmit},
	{"GET", pathConsent, "ConsentPage", (*Emulator).consentPage},
	{"POST", pathConsent, "Consent", (*Emulator).consentSubmit},
	{"GET", "/static/avatar.svg", "Avatar", (*Emulator).avatar},
	{"GET", "/static/images/{image_id}", "Image", (*Emulator).serveImage},
}

//go:embed pages.html
var pagesHTML string

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("pages").Parse(pagesHTML))
})

// pageData is what the pages show. Redirect has been checked.
type pageData struct {
	Kind, Title          string
	Origin               string // of the application
	Redirect, DevBrowser string
	Continue             string
	Error, Identifier    string
	Name                 string
	Users                []pageUser
	Provider, State      string // of a provider's page
	Action               string
	More                 int
	Client               string // of the consent page
	Scopes               []string
	Organizations        []pageUser
	Params               map[string]string
}

type pageUser struct{ ID, Name, Note string }

// maxPageUsers is how many users the sign-in page lists.
const maxPageUsers = 25

func (c *call) page(status int, data *pageData) error {
	var b bytes.Buffer
	if err := pageTemplate().ExecuteTemplate(&b, "page", data); err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(b.Bytes()) // the client may have gone
	return nil
}

// visit is a page's request: who, and where to go afterwards.
type visit struct {
	browser  state.Browser
	redirect *url.URL
}

// visit reads redirect_url and dev browser of a page's parameters. Without a
// redirect_url it is the application's first origin. If it cannot be used, the
// page says so and is done.
func (e *Emulator) visit(c *call, params url.Values) (v visit, done bool, err error) {
	target := params.Get("redirect_url")
	if target == "" {
		target = e.cfg.Origins[0] + "/"
	}
	if v.redirect, err = e.redirectURL(target); err != nil {
		c.note("refused: redirect_url")
		return v, true, c.page(http.StatusUnprocessableEntity, &pageData{Title: "This link does not work", Error: err.Error()})
	}
	v.browser = e.browserOfPage(c, params.Get(paramDevBrowser))
	return v, false, nil
}

func (e *Emulator) pageData(kind, title string, v *visit) *pageData {
	origin, _ := hosts.OriginOf(v.redirect)
	return &pageData{
		Kind: kind, Title: title, Origin: origin, Redirect: v.redirect.String(), DevBrowser: v.browser.DevBrowser,
		Continue: e.returnURL(v),
	}
}

// returnURL is where a page sends the browser. In development the dev browser
// goes along, because the application may be on another site and see none of the
// cookies here; its server then does a handshake.
func (e *Emulator) returnURL(v *visit) string {
	if v.browser.DevBrowser == "" {
		return v.redirect.String()
	}
	return withParam(v.redirect, paramDevBrowser, v.browser.DevBrowser)
}

func (e *Emulator) indexPage(c *call) error {
	c.redirect(http.StatusSeeOther, "/_emulator/")
	return nil
}

func (e *Emulator) signInPage(c *call) error {
	if done, err := e.syncDevelopment(c); done || err != nil {
		return err
	}
	v, done, err := e.visit(c, c.r.URL.Query())
	if done || err != nil {
		return err
	}
	// An authorization request may want the user to sign in anew.
	if id := e.activeSession(v.browser.ClientID); id != "" && c.r.URL.Query().Get("prompt") != "login" {
		if s, err := e.store.SessionOf(v.browser.ClientID, id); err == nil {
			if e.cfg.Instance == clerk.Development {
				v.browser = e.store.EnsureDevBrowser(v.browser)
			}
			if mustChoose(&s.Session) {
				c.note("sign-in page: to the organization page")
				c.redirect(http.StatusSeeOther, v.chooseURL())
				return nil
			}
			data := e.pageData("signed-in", "Signed in", &v)
			data.Name = s.User.DisplayName()
			c.note("sign-in page: signed in already")
			return c.page(http.StatusOK, data)
		}
	}
	c.note("sign-in page")
	return e.signInForm(c, http.StatusOK, &v, "", "")
}

func (e *Emulator) signInForm(c *call, status int, v *visit, identifier, problem string) error {
	data := e.pageData("sign-in", "Sign in", v)
	data.Identifier, data.Error = identifier, problem
	users, more := e.store.FirstUsers(maxPageUsers, nil)
	data.More = more
	for _, u := range users {
		shown := pageUser{ID: u.ID, Name: u.DisplayName()}
		if u.Identifier() != shown.Name {
			shown.Note = u.Identifier()
		}
		data.Users = append(data.Users, shown)
	}
	return c.page(status, data)
}

// sameOrigin refuses forms that pages of other origins send (cross-site request
// forgery).
func (c *call) sameOrigin() error {
	if err := http.NewCrossOriginProtection().Check(c.r); err != nil {
		return &refusal.Error{Kind: refusal.KindNotAllowed, Code: "cross_origin_form", Message: "Forbidden", Long: "This form was sent by a page of another origin.", Param: "", Meta: nil}
	}
	return nil
}

func (e *Emulator) signInSubmit(c *call) error {
	if err := c.sameOrigin(); err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	v, done, err := e.visit(c, form)
	if done || err != nil {
		return err
	}
	u, strategy, problem := e.signInUser(form)
	if problem != nil {
		c.note("sign-in refused: " + problem.Code)
		return e.signInForm(c, http.StatusUnprocessableEntity, &v, form.Get("identifier"), problem.Error())
	}
	v.browser = e.store.EnsureClient(v.browser)
	e.store.SignOut(v.browser.ClientID, state.StatusReplaced) // one session at a time
	rec, err := e.store.SignIn(state.SignIn{
		UserID: u.ID, ClientID: v.browser.ClientID, SecondFactor: -1, Strategy: strategy,
	})
	if err != nil {
		return err
	}
	if e.cfg.Instance == clerk.Development {
		v.browser = e.store.EnsureDevBrowser(v.browser)
	}
	e.setBrowserCookies(c, rec.ClientID)
	c.note("signed in as " + u.ID)
	if mustChoose(&rec) {
		c.redirect(http.StatusSeeOther, v.chooseURL())
		return nil
	}
	c.redirect(http.StatusSeeOther, e.returnURL(&v))
	return nil
}

// signInUser finds who signs in: by one click, or by name and password.
func (e *Emulator) signInUser(form url.Values) (u state.User, strategy string, problem *refusal.Error) {
	var err error
	if id := form.Get("user_id"); id != "" {
		if u, err = e.store.User(id); err != nil {
			return u, "", refusal.Param("user_id", "form_identifier_not_found", "Couldn't find your account.")
		}
		return u, "ticket", u.MayEnter(e.store.Now())
	}
	if u, err = e.store.UserByIdentifier(form.Get("identifier")); err != nil {
		return u, "", refusal.Param("identifier", "form_identifier_not_found", "Couldn't find your account.")
	}
	if !u.CheckPassword(form.Get("password")) {
		return u, "", refusal.IncorrectPassword()
	}
	return u, "password", u.MayEnter(e.store.Now())
}

// signOutPage signs out at once where the application sent the browser. Where
// another site did, it asks first.
func (e *Emulator) signOutPage(c *call) error {
	if site := c.r.Header.Get("Sec-Fetch-Site"); site == "cross-site" {
		v, done, err := e.visit(c, c.r.URL.Query())
		if done || err != nil {
			return err
		}
		c.note("sign-out page: another site asks, so the user is asked")
		return c.page(http.StatusOK, e.pageData("sign-out", "Sign out?", &v))
	}
	return e.signOut(c, c.r.URL.Query())
}

func (e *Emulator) signOutSubmit(c *call) error {
	if err := c.sameOrigin(); err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	return e.signOut(c, form)
}

func (e *Emulator) signOut(c *call, params url.Values) error {
	v, done, err := e.visit(c, params)
	if done || err != nil {
		return err
	}
	if e.store.SignOut(v.browser.ClientID, state.StatusEnded) > 0 {
		c.note("signed out")
	} else {
		c.note("sign-out: was not signed in")
	}
	if e.cfg.Instance == clerk.Development {
		v.browser = e.store.EnsureDevBrowser(v.browser)
	}
	e.setBrowserCookies(c, v.browser.ClientID)
	c.redirect(http.StatusSeeOther, e.returnURL(&v))
	return nil
}

// avatar is everyone's picture. It is here because browsers fetch it.
func (e *Emulator) avatar(c *call) error {
	c.w.Header().Set("Content-Type", "image/svg+xml")
	c.w.Header().Set("Cache-Control", "public, max-age=3600")
	c.w.Header().Set("Access-Control-Allow-Origin", "*") // components fetch it without credentials
	_, _ = c.w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="#d9d4f5"/><circle cx="32" cy="25" r="11" fill="#5b3fd6"/><path d="M10 64a22 20 0 0 1 44 0z" fill="#5b3fd6"/></svg>`))
	return nil
}
