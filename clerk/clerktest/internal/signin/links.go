package signin

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/pages"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// deadLink is the page for a link that leads nowhere.
func deadLink(c *wire.Call, problem string) error {
	c.Note("link refused")
	return pages.Page(c, http.StatusBadRequest, &pages.PageData{Kind: "message", Title: "This link does not work", Error: problem})
}

// verifyLink is where the links of e-mails lead: it verifies, and sends the
// browser to the application with the outcome.
func (e *API) verifyLink(c *wire.Call) error {
	var l *state.Link
	var status, sessionID string
	var err error
	e.Store.Apply(func(tx *state.Tx) {
		l = tx.Links[c.R.URL.Query().Get("token")]
		if l != nil && l.Provider == "" {
			status, sessionID, err = tx.OpenLink(l)
		}
	})
	if l == nil || l.Provider != "" {
		return deadLink(c, "The link is not one of this emulator's, or it is too old.")
	}
	if err != nil {
		status = state.Failed
	}
	location := wire.WithParam(l.Redirect, "__clerk_status", status)
	if sessionID != "" {
		if u, err := url.Parse(location); err == nil {
			location = wire.WithParam(u, "__clerk_created_session", sessionID)
		}
	}
	c.Note("e-mail link opened: " + status)
	c.Redirect(http.StatusSeeOther, location)
	return nil
}

// providerPage is the page of every OAuth provider: who do you want to be there?
func (e *API) providerPage(c *wire.Call) error {
	return e.providerForm(c, http.StatusOK, c.R.URL.Query().Get("state"), "")
}

func (e *API) providerForm(c *wire.Call, status int, shown, problem string) error {
	var l *state.Link
	e.Store.View(func(tx *state.Tx) {
		l = tx.Links[shown]
	})
	if l == nil || l.Provider == "" || l.Provider != c.Param(0) || !e.Now().Before(l.ExpireAt) {
		return deadLink(c, "This way to the provider is over. Start again in the application.")
	}
	data := &pages.PageData{
		Kind: "provider", Title: "Sign in with " + providerName(l.Provider), Provider: providerName(l.Provider), State: shown,
		Action: "/oauth-provider/" + l.Provider, Error: problem,
	}
	data.Origin, _ = hosts.OriginOf(l.Redirect)
	users, more := e.Store.FirstUsers(pages.MaxPageUsers, func(u *state.User) bool { return u.Email != "" })
	data.More = more
	for _, u := range users {
		data.Users = append(data.Users, pages.PageUser{ID: u.Email, Name: u.DisplayName(), Note: u.Email})
	}
	c.Note("provider's page")
	return pages.Page(c, status, data)
}

func providerName(provider string) string {
	name := strings.TrimPrefix(provider, "custom_")
	return strings.ToUpper(name[:1]) + name[1:]
}

// providerSubmit goes back to the callback as a provider does: with a code, or
// with an error.
func (e *API) providerSubmit(c *wire.Call) error {
	if err := c.SameOrigin(); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	shown := form.Get("state")
	email := state.EmailKind.Normalize(form.Get("email_address"))
	if form.Get("deny") == "" && !state.ValidEmail(email) {
		return e.providerForm(c, http.StatusUnprocessableEntity, shown, "That is not an e-mail address.")
	}
	query := url.Values{"state": {shown}}
	l := linkTo(e.Store, c.Param(0), shown)
	switch {
	case l == nil:
		return deadLink(c, "This way to the provider is over. Start again in the application.")
	case form.Get("deny") != "":
		query.Set("error", "access_denied")
	default:
		query.Set("code", answerOfProvider(e.Store, l, email, form.Get("first_name"), form.Get("last_name")))
	}
	c.Note("provider: done")
	c.Redirect(http.StatusSeeOther, "/v1/oauth_callback?"+query.Encode())
	return nil
}

// linkTo finds a way to a provider, nil if there is none.
func linkTo(s *state.Store, provider, shown string) *state.Link {
	return state.With(s, func(tx *state.Tx) *state.Link {
		if l := tx.Links[shown]; l != nil && l.Provider != "" && l.Provider == provider {
			return l
		}
		return nil
	})
}

// answerOfProvider notes who somebody is at the provider, and returns the code for
// it. Names that nobody gave are those of the user with the address.
func answerOfProvider(s *state.Store, l *state.Link, email, first, last string) (code string) {
	return state.With(s, func(tx *state.Tx) (code string) {
		if u := tx.Users[tx.Emails[email]]; u != nil && first == "" && last == "" {
			first, last = u.FirstName, u.LastName
		}
		l.Profile, l.Code = strategies.NewProfile(l.Provider, email, first[:min(len(first), state.MaxName)], last[:min(len(last), state.MaxName)]), tx.IDs.Random(32)
		return l.Code
	})
}

// finishWay ends a way through a provider, and returns where the browser goes on and
// the client that it belongs to.
func finishWay(s *state.Store, shown, code string, refused bool) (back url.URL, clientID string, err error) {
	return state.With3(s, func(tx *state.Tx) (back url.URL, clientID string, err error) {
		l := tx.Links[shown]
		if l == nil || l.Provider == "" {
			return back, "", refusal.BadRequest("oauth_callback_invalid", "The state is not one of this emulator's.")
		}
		if !refused && (l.Profile == nil || subtle.ConstantTimeCompare([]byte(code), []byte(l.Code)) != 1) {
			return back, "", refusal.BadRequest("oauth_callback_invalid", "The code is not the one that the provider handed out.")
		}
		if err := strategies.SettleWay(tx, l, refused); err != nil {
			return back, "", err
		}
		delete(tx.Links, l.Token)
		if strategies.Complete(tx, l) {
			return *l.Complete, l.Target.ClientID, nil
		}
		return *l.Redirect, l.Target.ClientID, nil
	})
}

// oauthCallback takes what the provider said, and sends the browser back to the
// application, where clerk-js reads the outcome from the client.
func (e *API) oauthCallback(c *wire.Call) error {
	query := c.R.URL.Query()
	if c.Method == http.MethodPost {
		form, err := c.Form()
		if err != nil {
			return err
		}
		query = form
	}
	back, clientID, err := finishWay(e.Store, query.Get("state"), query.Get("code"), query.Get("error") != "")
	if err != nil {
		return err
	}
	if clientID != "" {
		e.SetBrowserCookies(c, clientID)
	}
	c.Note("back from the provider")
	c.Redirect(http.StatusSeeOther, back.String())
	return nil
}

// acceptTicket is where invitations lead: to the application, which signs up or
// in with the ticket.
func (e *API) acceptTicket(c *wire.Call) error {
	token := c.R.URL.Query().Get("ticket")
	var t *state.Ticket
	var err error
	var target string
	var status string
	e.Store.View(func(tx *state.Tx) {
		t, err = tx.Ticket(token)
		target, status = e.Config.Origins[0]+"/", "sign_in"
		if err == nil {
			if i := tx.Invitations[t.InvitationID]; i != nil {
				if i.Redirect != "" {
					target = i.Redirect
				}
				if tx.Emails[i.Email] == "" {
					status = "sign_up"
				}
			}
		}
	})
	if err != nil {
		return deadLink(c, err.Error())
	}
	redirect, err := e.RedirectURL(target)
	if err != nil {
		return err
	}
	location := wire.WithParam(redirect, "__clerk_ticket", token)
	if u, err := url.Parse(location); err == nil {
		location = wire.WithParam(u, "__clerk_status", status)
	}
	c.Note("invitation opened: " + status)
	c.Redirect(http.StatusSeeOther, location)
	return nil
}

// touchClient renews the browser's cookies on the way of a navigation.
func (e *API) touchClient(c *wire.Call) error {
	redirect, err := e.RedirectURL(c.R.URL.Query().Get("redirect_url"))
	if err != nil {
		return err
	}
	b := e.BrowserOfPage(c, c.R.URL.Query().Get(wire.ParamDevBrowser))
	e.SetBrowserCookies(c, b.ClientID)
	c.Note("cookies renewed")
	c.Redirect(http.StatusTemporaryRedirect, redirect.String())
	return nil
}
