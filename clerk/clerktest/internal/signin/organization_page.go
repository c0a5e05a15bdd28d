package signin

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/pages"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// PathChoose is the page where a user whose session waits for it chooses an
// organization.
const PathChoose = "/sign-in/organization"

// mustChoose tells a session that waits for its user to choose an organization.
func mustChoose(s *state.Session) bool {
	return s.Status == state.StatusPending && slices.Contains(s.Tasks, state.TaskChooseOrganization)
}

// chooseURL leads to that page, and from there on.
func (v *visit) chooseURL() string {
	query := url.Values{"redirect_url": {v.redirect.String()}}
	if v.browser.DevBrowser != "" {
		query.Set(wire.ParamDevBrowser, v.browser.DevBrowser)
	}
	return PathChoose + "?" + query.Encode()
}

// choosing is who chooses. Where nobody must, the answer is done.
func (e *API) choosing(c *wire.Call, params url.Values) (v visit, s state.SessionState, done bool, err error) {
	if v, done, err = e.visit(c, params); done || err != nil {
		return v, s, done, err
	}
	if id := e.sessions.ActiveSession(v.browser.ClientID); id != "" {
		s, err = e.Store.SessionOf(v.browser.ClientID, id)
	}
	switch {
	case err != nil || s.Session.ID == "":
		c.Note("organization page: to the sign-in page")
		c.Redirect(http.StatusSeeOther, "/sign-in?redirect_url="+url.QueryEscape(v.redirect.String()))
	case !mustChoose(&s.Session):
		c.Note("organization page: there is nothing to choose")
		c.Redirect(http.StatusSeeOther, e.returnURL(&v))
	default:
		return v, s, false, nil
	}
	return v, s, true, nil
}

func (e *API) choosePage(c *wire.Call) error {
	v, s, done, err := e.choosing(c, c.R.URL.Query())
	if done || err != nil {
		return err
	}
	c.Note("organization page")
	return e.chooseForm(c, http.StatusOK, &v, &s, "")
}

func (e *API) chooseForm(c *wire.Call, status int, v *visit, s *state.SessionState, problem string) error {
	data := e.pageData("organization", "Choose an organization", v)
	data.Name, data.Action, data.Error = s.User.DisplayName(), PathChoose, problem
	for _, m := range s.Memberships {
		data.Organizations = append(data.Organizations, pages.PageUser{ID: m.Organization.ID, Name: m.Organization.Name, Note: m.Role.Name})
	}
	return pages.Page(c, status, data)
}

// chooseSubmit takes the organization, or makes one.
func (e *API) chooseSubmit(c *wire.Call) error {
	if err := c.SameOrigin(); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	v, s, done, err := e.choosing(c, form)
	if done || err != nil {
		return err
	}
	id := form.Get("organization_id")
	if id == "" {
		o, err := e.Store.FoundOrganization(state.Founding{Name: form.Get("name"), Creator: s.User.ID})
		if err != nil {
			return e.chooseForm(c, http.StatusUnprocessableEntity, &v, &s, err.Error())
		}
		id = o.ID
	}
	if err := e.Store.Activate(v.browser.ClientID, s.Session.ID, &id); err != nil {
		return e.chooseForm(c, http.StatusUnprocessableEntity, &v, &s, err.Error())
	}
	e.SetBrowserCookies(c, v.browser.ClientID)
	c.Note("organization chosen: " + id)
	c.Redirect(http.StatusSeeOther, e.returnURL(&v))
	return nil
}
