package instance

import (
	"net/url"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type redirectURLResource struct {
	Object    string `json:"object"`
	ID        string `json:"id"`
	URL       string `json:"url"`
	CreatedAt int64  `json:"created_at"`
	UpdatedAt int64  `json:"updated_at"`
}

func describeRedirect(r *state.AllowedRedirect) redirectURLResource {
	return redirectURLResource{"redirect_url", r.ID, r.URL, wire.Millis(r.Created.At), wire.Millis(r.UpdatedAt)}
}

func (e *API) listRedirectURLs(c *wire.Call) error {
	query := c.R.URL.Query()
	page, total, err := wire.Pick(e.Store, func(tx *state.Tx) map[string]*state.AllowedRedirect { return tx.RedirectURLs }, query, wire.Listing[state.AllowedRedirect]{Made: func(r *state.AllowedRedirect) state.Made { return r.Created }})
	if err != nil {
		return err
	}
	out := make([]redirectURLResource, len(page))
	for i := range page {
		out[i] = describeRedirect(&page[i])
	}
	c.Note("list of redirect URLs")
	return c.OkList(query, out, total)
}

// createRedirectURL takes https and the schemes of native applications. The
// emulator itself redirects to the application's origins alone.
func (e *API) createRedirectURL(c *wire.Call) error {
	var in struct {
		URL string `json:"url"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.URL == "" {
		return refusal.Missing("url")
	}
	u, err := url.Parse(in.URL)
	if err != nil || u.Scheme == "" || u.Host == "" || u.User != nil || len(in.URL) > state.MaxURL {
		return refusal.Param("url", "form_param_format_invalid", "url is not one like https://my-app.com/oauth-callback or my-app://oauth-callback")
	}
	switch u.Scheme {
	case "javascript", "data", "vbscript", "file":
		return refusal.Param("url", "form_param_format_invalid", "url has a scheme that no application has")
	case "http":
		if e.Production() || !hosts.Loopback(u.Hostname()) {
			return refusal.Param("url", "insecure_url", "Please provide a secure URL (https)")
		}
	}
	return e.Store.Update(func(tx *state.Tx) error {
		for _, other := range tx.RedirectURLs {
			if other.URL == in.URL {
				return refusal.Param("url", "form_already_exists", "The redirect URL exists already.")
			}
		}
		r := &state.AllowedRedirect{ID: tx.IDs.Next("ru"), URL: in.URL, Created: tx.Made()}
		r.UpdatedAt = r.Created.At
		tx.RedirectURLs[r.ID] = r
		c.Note("redirect URL added")
		return c.OK(describeRedirect(r))
	})
}

func (e *API) getRedirectURL(c *wire.Call) error {
	r, err := allowedRedirect(e.Store, c.Param(0), false)
	if err != nil {
		return err
	}
	c.Note("redirect URL")
	return c.OK(describeRedirect(&r))
}

// allowedRedirect returns a redirect URL, and removes it if it shall.
func allowedRedirect(s *state.Store, id string, remove bool) (state.AllowedRedirect, error) {
	return state.With2(s, func(tx *state.Tx) (state.AllowedRedirect, error) {
		r := tx.RedirectURLs[id]
		if r == nil {
			return state.AllowedRedirect{}, refusal.NotFound("RedirectURL with id " + refusal.Quoted(id))
		}
		if remove {
			delete(tx.RedirectURLs, id)
		}
		return *r, nil
	})
}

func (e *API) deleteRedirectURL(c *wire.Call) error {
	r, err := allowedRedirect(e.Store, c.Param(0), true)
	if err != nil {
		return err
	}
	c.Note("redirect URL deleted")
	return c.OK(answers.DeletedResource{Object: "redirect_url", ID: r.ID, Deleted: true})
}
