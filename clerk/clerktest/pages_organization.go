package clerktest

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// pathChoose is the page where a user whose session waits for it chooses an
// organization.
const pathChoose = "/sign-in/organization"

// mustChoose tells a session that waits for its user to choose an organization.
func mustChoose(s *state.Session) bool {
	return s.Status == state.StatusPending && slices.Contains(s.Tasks, state.TaskChooseOrganization)
}

// chooseURL leads to that page, and from there on.
func (v *visit) chooseURL() string {
	query := url.Values{"redirect_url": {v.redirect.String()}}
	if v.browser.DevBrowser != "" {
		query.Set(paramDevBrowser, v.browser.DevBrowser)
	}
	return pathChoose + "?" + query.Encode()
}

// choosing is who chooses. Where nobody must, the answer is done.
func (e *Emulator) choosing(c *call, params url.Values) (v visit, s state.SessionState, done bool, err error) {
	if v, done, err = e.visit(c, params); done || err != nil {
		return v, s, done, err
	}
	if id := e.activeSession(v.browser.ClientID); id != "" {
		s, err = e.store.SessionOf(v.browser.ClientID, id)
	}
	switch {
	case err != nil || s.Session.ID == "":
		c.note("organization page: to the sign-in page")
		c.redirect(http.StatusSeeOther, "/sign-in?redirect_url="+url.QueryEscape(v.redirect.String()))
	case !mustChoose(&s.Session):
		c.note("organization page: there is nothing to choose")
		c.redirect(http.StatusSeeOther, e.returnURL(&v))
	default:
		return v, s, false, nil
	}
	return v, s, true, nil
}

func (e *Emulator) choosePage(c *call) error {
	v, s, done, err := e.choosing(c, c.r.URL.Query())
	if done || err != nil {
		return err
	}
	c.note("organization page")
	return e.chooseForm(c, http.StatusOK, &v, &s, "")
}

func (e *Emulator) chooseForm(c *call, status int, v *visit, s *state.SessionState, problem string) error {
	data := e.pageData("organization", "Choose an organization", v)
	data.Name, data.Action, data.Error = s.User.DisplayName(), pathChoose, problem
	for _, m := range s.Memberships {
		data.Organizations = append(data.Organizations, pageUser{ID: m.Organization.ID, Name: m.Organization.Name, Note: m.Role.Name})
	}
	return c.page(status, data)
}

// chooseSubmit takes the organization, or makes one.
func (e *Emulator) chooseSubmit(c *call) error {
	if err := c.sameOrigin(); err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	v, s, done, err := e.choosing(c, form)
	if done || err != nil {
		return err
	}
	id := form.Get("organization_id")
	if id == "" {
		o, err := e.store.FoundOrganization(state.Founding{Name: form.Get("name"), Creator: s.User.ID})
		if err != nil {
			return e.chooseForm(c, http.StatusUnprocessableEntity, &v, &s, err.Error())
		}
		id = o.ID
	}
	if err := e.store.Activate(v.browser.ClientID, s.Session.ID, &id); err != nil {
		return e.chooseForm(c, http.StatusUnprocessableEntity, &v, &s, err.Error())
	}
	e.setBrowserCookies(c, v.browser.ClientID)
	c.note("organization chosen: " + id)
	c.redirect(http.StatusSeeOther, e.returnURL(&v))
	return nil
}
