package clerktest

import (
	"net/url"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

type redirectURLResource struct {
	Object    string `json:"object"`
	ID        string `json:"id"`
	URL       string `json:"url"`
	CreatedAt int64  `json:"created_at"`
	UpdatedAt int64  `json:"updated_at"`
}

func describeRedirect(r *state.AllowedRedirect) redirectURLResource {
	return redirectURLResource{"redirect_url", r.ID, r.URL, millis(r.Created.At), millis(r.UpdatedAt)}
}

func (e *Emulator) listRedirectURLs(c *call) error {
	query := c.r.URL.Query()
	page, total, err := pick(e.store, func(tx *state.Tx) map[string]*state.AllowedRedirect { return tx.RedirectURLs }, query, listing[state.AllowedRedirect]{made: func(r *state.AllowedRedirect) state.Made { return r.Created }})
	if err != nil {
		return err
	}
	out := make([]redirectURLResource, len(page))
	for i := range page {
		out[i] = describeRedirect(&page[i])
	}
	c.note("list of redirect URLs")
	return c.okList(query, out, total)
}

// createRedirectURL takes https and the schemes of native applications. The
// emulator itself redirects to the application's origins alone.
func (e *Emulator) createRedirectURL(c *call) error {
	var in struct {
		URL string `json:"url"`
	}
	if err := c.decode(&in); err != nil {
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
		if e.production() || !hosts.Loopback(u.Hostname()) {
			return refusal.Param("url", "insecure_url", "Please provide a secure URL (https)")
		}
	}
	return e.store.Update(func(tx *state.Tx) error {
		for _, other := range tx.RedirectURLs {
			if other.URL == in.URL {
				return refusal.Param("url", "form_already_exists", "The redirect URL exists already.")
			}
		}
		r := &state.AllowedRedirect{ID: tx.IDs.Next("ru"), URL: in.URL, Created: tx.Made()}
		r.UpdatedAt = r.Created.At
		tx.RedirectURLs[r.ID] = r
		c.note("redirect URL added")
		return c.ok(describeRedirect(r))
	})
}

func (e *Emulator) getRedirectURL(c *call) error {
	r, err := allowedRedirect(e.store, c.param(0), false)
	if err != nil {
		return err
	}
	c.note("redirect URL")
	return c.ok(describeRedirect(&r))
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

func (e *Emulator) deleteRedirectURL(c *call) error {
	r, err := allowedRedirect(e.store, c.param(0), true)
	if err != nil {
		return err
	}
	c.note("redirect URL deleted")
	return c.ok(deletedResource{Object: "redirect_url", ID: r.ID, Deleted: true})
}
