package clerktest

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// deadLink is the page for a link that leads nowhere.
func (c *call) deadLink(problem string) error {
	c.note("link refused")
	return c.page(http.StatusBadRequest, &pageData{Kind: "message", Title: "This link does not work", Error: problem})
}

// verifyLink is where the links of e-mails lead: it verifies, and sends the
// browser to the application with the outcome.
func (e *Emulator) verifyLink(c *call) error {
	var l *link
	var status, sessionID string
	var err error
	e.store.Apply(func(tx *stateTx) {
		l = tx.Links[c.r.URL.Query().Get("token")]
		if l != nil && l.Provider == "" {
			status, sessionID, err = tx.openLink(l)
		}
	})
	if l == nil || l.Provider != "" {
		return c.deadLink("The link is not one of this emulator's, or it is too old.")
	}
	if err != nil {
		status = failed
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

func (e *Emulator) providerForm(c *call, status int, state, problem string) error {
	var l *link
	e.store.View(func(tx *stateTx) {
		l = tx.Links[state]
	})
	if l == nil || l.Provider == "" || l.Provider != c.param(0) || !e.Now().Before(l.ExpireAt) {
		return c.deadLink("This way to the provider is over. Start again in the application.")
	}
	data := &pageData{
		Kind: "provider", Title: "Sign in with " + providerName(l.Provider), Provider: providerName(l.Provider), State: state,
		Action: "/oauth-provider/" + l.Provider, Error: problem,
	}
	data.Origin, _ = originOf(l.Redirect)
	users, more := e.store.firstUsers(maxPageUsers, func(u *user) bool { return u.Email != "" })
	data.More = more
	for _, u := range users {
		data.Users = append(data.Users, pageUser{ID: u.Email, Name: u.displayName(), Note: u.Email})
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
	state := form.Get("state")
	email := emailKind.normalize(form.Get("email_address"))
	if form.Get("deny") == "" && !validEmail(email) {
		return e.providerForm(c, http.StatusUnprocessableEntity, state, "That is not an e-mail address.")
	}
	query := url.Values{"state": {state}}
	l := e.store.linkTo(c.param(0), state)
	switch {
	case l == nil:
		return c.deadLink("This way to the provider is over. Start again in the application.")
	case form.Get("deny") != "":
		query.Set("error", "access_denied")
	default:
		query.Set("code", e.store.answerOfProvider(l, email, form.Get("first_name"), form.Get("last_name")))
	}
	c.note("provider: done")
	c.redirect(http.StatusSeeOther, "/v1/oauth_callback?"+query.Encode())
	return nil
}

// linkTo finds a way to a provider, nil if there is none.
func (s *store) linkTo(provider, state string) *link {
	return with(s, func(tx *stateTx) *link {
		if l := tx.Links[state]; l != nil && l.Provider != "" && l.Provider == provider {
			return l
		}
		return nil
	})
}

// answerOfProvider notes who somebody is at the provider, and returns the code for
// it. Names that nobody gave are those of the user with the address.
func (s *store) answerOfProvider(l *link, email, first, last string) (code string) {
	return with(s, func(tx *stateTx) (code string) {
		if u := tx.Users[tx.emails[email]]; u != nil && first == "" && last == "" {
			first, last = u.FirstName, u.LastName
		}
		l.Profile, l.Code = newProfile(l.Provider, email, first[:min(len(first), maxName)], last[:min(len(last), maxName)]), tx.ids.random(32)
		return l.Code
	})
}

// endWay ends a way through a provider, and returns where the browser goes on and
// the client that it belongs to.
func (s *store) endWay(state, code string, refused bool) (back url.URL, clientID string, err error) {
	return with3(s, func(tx *stateTx) (back url.URL, clientID string, err error) {
		l := tx.Links[state]
		if l == nil || l.Provider == "" {
			return back, "", errBadRequest("oauth_callback_invalid", "The state is not one of this emulator's.")
		}
		if !refused && (l.Profile == nil || subtle.ConstantTimeCompare([]byte(code), []byte(l.Code)) != 1) {
			return back, "", errBadRequest("oauth_callback_invalid", "The code is not the one that the provider handed out.")
		}
		if err := tx.endWay(l, refused); err != nil {
			return back, "", err
		}
		delete(tx.Links, l.Token)
		if tx.complete(l) {
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
	back, clientID, err := e.store.endWay(query.Get("state"), query.Get("code"), query.Get("error") != "")
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
	var t *ticket
	var err error
	var target string
	var status string
	e.store.View(func(tx *stateTx) {
		t, err = tx.ticket(token)
		target, status = e.cfg.Origins[0]+"/", "sign_in"
		if err == nil {
			if i := tx.Invitations[t.InvitationID]; i != nil {
				if i.Redirect != "" {
					target = i.Redirect
				}
				if tx.emails[i.Email] == "" {
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
	e.setBrowserCookies(c, b.clientID)
	c.note("cookies renewed")
	c.redirect(http.StatusTemporaryRedirect, redirect.String())
	return nil
}

// sessionAges says how fresh a session's factors are.
func (e *Emulator) sessionAges(s *session) (first, second int) {
	now := e.Now()
	return ageMinutes(now, s.FirstFactorAt), ageMinutes(now, s.SecondFactorAt)
}

// reverificationWindow is how fresh a factor must be for sensitive changes.
const reverificationWindow = 10 * time.Minute

// fresh refuses a sensitive change by a session whose factors are old, where the
// settings say so.
func (e *Emulator) fresh(s *sessionState) error {
	if !e.settings().Reverification {
		return nil
	}
	first, second := e.sessionAges(&s.session)
	level, ages := "first_factor", []int{first}
	if s.user.hasSecondFactor() {
		level, ages = "second_factor", []int{second}
	}
	limit := int(reverificationWindow / time.Minute)
	if !slices.ContainsFunc(ages, func(age int) bool { return age < 0 || age >= limit }) {
		return nil
	}
	return &apiError{
		http.StatusForbidden, "session_reverification_required", "Reverification required",
		"You need to provide additional verification to perform this operation.", "",
		map[string]any{"reverification": map[string]any{"level": level, "afterMinutes": limit}},
	}
}
