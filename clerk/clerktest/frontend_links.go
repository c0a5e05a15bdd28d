package clerktest

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// deadLink is the page for a link that leads nowhere.
func (c *call) deadLink(problem string) error {
	c.note("link refused")
	return c.page(http.StatusBadRequest, &pageData{Kind: "message", Title: "This link does not work", Error: problem})
}

// verifyLink is where the links of e-mails lead: it verifies, and sends the
// browser to the application with the outcome.
func (e *Emulator) verifyLink(c *call) error {
	var l *state.Link
	var status, sessionID string
	var err error
	e.store.Apply(func(tx *state.Tx) {
		l = tx.Links[c.r.URL.Query().Get("token")]
		if l != nil && l.Provider == "" {
			status, sessionID, err = tx.OpenLink(l)
		}
	})
	if l == nil || l.Provider != "" {
		return c.deadLink("The link is not one of this emulator's, or it is too old.")
	}
	if err != nil {
		status = state.Failed
	}
	location := withParam(l.Redirect, "__clerk_status", status)
	if sessionID != "" {
		if u, err := url.Parse(location); err == nil {
			location = withParam(u, "__clerk_created_session", sessionID)
		}
	}
	c.note("e-mail link opened: " + status)
	c.redirect(http.StatusSeeOther, location)
	return nil
}

// providerPage is the page of every OAuth provider: who do you want to be there?
func (e *Emulator) providerPage(c *call) error {
	return e.providerForm(c, http.StatusOK, c.r.URL.Query().Get("state"), "")
}

func (e *Emulator) providerForm(c *call, status int, shown, problem string) error {
	var l *state.Link
	e.store.View(func(tx *state.Tx) {
		l = tx.Links[shown]
	})
	if l == nil || l.Provider == "" || l.Provider != c.param(0) || !e.Now().Before(l.ExpireAt) {
		return c.deadLink("This way to the provider is over. Start again in the application.")
	}
	data := &pageData{
		Kind: "provider", Title: "Sign in with " + providerName(l.Provider), Provider: providerName(l.Provider), State: shown,
		Action: "/oauth-provider/" + l.Provider, Error: problem,
	}
	data.Origin, _ = hosts.OriginOf(l.Redirect)
	users, more := e.store.FirstUsers(maxPageUsers, func(u *state.User) bool { return u.Email != "" })
	data.More = more
	for _, u := range users {
		data.Users = append(data.Users, pageUser{ID: u.Email, Name: u.DisplayName(), Note: u.Email})
	}
	c.note("provider's page")
	return c.page(status, data)
}

func providerName(provider string) string {
	name := strings.TrimPrefix(provider, "custom_")
	return strings.ToUpper(name[:1]) + name[1:]
}

// providerSubmit goes back to the callback as a provider does: with a code, or
// with an error.
func (e *Emulator) providerSubmit(c *call) error {
	if err := c.sameOrigin(); err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	shown := form.Get("state")
	email := state.EmailKind.Normalize(form.Get("email_address"))
	if form.Get("deny") == "" && !state.ValidEmail(email) {
		return e.providerForm(c, http.StatusUnprocessableEntity, shown, "That is not an e-mail address.")
	}
	query := url.Values{"state": {shown}}
	l := linkTo(e.store, c.param(0), shown)
	switch {
	case l == nil:
		return c.deadLink("This way to the provider is over. Start again in the application.")
	case form.Get("deny") != "":
		query.Set("error", "access_denied")
	default:
		query.Set("code", answerOfProvider(e.store, l, email, form.Get("first_name"), form.Get("last_name")))
	}
	c.note("provider: done")
	c.redirect(http.StatusSeeOther, "/v1/oauth_callback?"+query.Encode())
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
		l.Profile, l.Code = newProfile(l.Provider, email, first[:min(len(first), state.MaxName)], last[:min(len(last), state.MaxName)]), tx.IDs.Random(32)
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
		if err := settleWay(tx, l, refused); err != nil {
			return back, "", err
		}
		delete(tx.Links, l.Token)
		if complete(tx, l) {
			return *l.Complete, l.Target.ClientID, nil
		}
		return *l.Redirect, l.Target.ClientID, nil
	})
}

// oauthCallback takes what the provider said, and sends the browser back to the
// application, where clerk-js reads the outcome from the client.
func (e *Emulator) oauthCallback(c *call) error {
	query := c.r.URL.Query()
	if c.method == http.MethodPost {
		form, err := c.form()
		if err != nil {
			return err
		}
		query = form
	}
	back, clientID, err := finishWay(e.store, query.Get("state"), query.Get("code"), query.Get("error") != "")
	if err != nil {
		return err
	}
	if clientID != "" {
		e.setBrowserCookies(c, clientID)
	}
	c.note("back from the provider")
	c.redirect(http.StatusSeeOther, back.String())
	return nil
}

// acceptTicket is where invitations lead: to the application, which signs up or
// in with the ticket.
func (e *Emulator) acceptTicket(c *call) error {
	token := c.r.URL.Query().Get("ticket")
	var t *state.Ticket
	var err error
	var target string
	var status string
	e.store.View(func(tx *state.Tx) {
		t, err = tx.Ticket(token)
		target, status = e.cfg.Origins[0]+"/", "sign_in"
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
		return c.deadLink(err.Error())
	}
	redirect, err := e.redirectURL(target)
	if err != nil {
		return err
	}
	location := withParam(redirect, "__clerk_ticket", token)
	if u, err := url.Parse(location); err == nil {
		location = withParam(u, "__clerk_status", status)
	}
	c.note("invitation opened: " + status)
	c.redirect(http.StatusSeeOther, location)
	return nil
}

// touchClient renews the browser's cookies on the way of a navigation.
func (e *Emulator) touchClient(c *call) error {
	redirect, err := e.redirectURL(c.r.URL.Query().Get("redirect_url"))
	if err != nil {
		return err
	}
	b := e.browserOfPage(c, c.r.URL.Query().Get(paramDevBrowser))
	e.setBrowserCookies(c, b.ClientID)
	c.note("cookies renewed")
	c.redirect(http.StatusTemporaryRedirect, redirect.String())
	return nil
}

// sessionAges says how fresh a session's factors are.
func (e *Emulator) sessionAges(s *state.Session) (first, second int) {
	now := e.Now()
	return state.AgeMinutes(now, s.FirstFactorAt), state.AgeMinutes(now, s.SecondFactorAt)
}

// reverificationWindow is how fresh a factor must be for sensitive changes.
const reverificationWindow = 10 * time.Minute

// fresh refuses a sensitive change by a session whose factors are old, where the
// settings say so.
func (e *Emulator) fresh(s *state.SessionState) error {
	if !e.settings().Reverification {
		return nil
	}
	first, second := e.sessionAges(&s.Session)
	level, ages := "first_factor", []int{first}
	if s.User.HasSecondFactor() {
		level, ages = "second_factor", []int{second}
	}
	limit := int(reverificationWindow / time.Minute)
	if !slices.ContainsFunc(ages, func(age int) bool { return age < 0 || age >= limit }) {
		return nil
	}
	return &refusal.Error{
		Kind: refusal.KindNotAllowed, Code: "session_reverification_required", Message: "Reverification required",
		Long: "You need to provide additional verification to perform this operation.", Param: "",
		Meta: map[string]any{"reverification": map[string]any{"level": level, "afterMinutes": limit}},
	}
}
