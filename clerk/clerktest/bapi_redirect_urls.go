package clerktest

import (
	"net/url"
	"time"
)

// allowedRedirect is a URL that native applications may be sent back to.
type allowedRedirect struct {
	ID, URL   string
	Created   made
	UpdatedAt time.Time
}

type redirectURLResource struct {
	Object    string `json:"object"`
	ID        string `json:"id"`
	URL       string `json:"url"`
	CreatedAt int64  `json:"created_at"`
	UpdatedAt int64  `json:"updated_at"`
}

func describeRedirect(r *allowedRedirect) redirectURLResource {
	return redirectURLResource{"redirect_url", r.ID, r.URL, millis(r.Created.At), millis(r.UpdatedAt)}
}

func (e *Emulator) listRedirectURLs(c *call) error {
	query := c.r.URL.Query()
	page, total, err := pick(e.store, func(tx *stateTx) map[string]*allowedRedirect { return tx.RedirectURLs }, query, listing[allowedRedirect]{made: func(r *allowedRedirect) made { return r.Created }})
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
		return errMissing("url")
	}
	u, err := url.Parse(in.URL)
	if err != nil || u.Scheme == "" || u.Host == "" || u.User != nil || len(in.URL) > maxURL {
		return errParam("url", "form_param_format_invalid", "url is not one like https://my-app.com/oauth-callback or my-app://oauth-callback")
	}
	switch u.Scheme {
	case "javascript", "data", "vbscript", "file":
		return errParam("url", "form_param_format_invalid", "url has a scheme that no application has")
	case "http":
		if e.production() || !isLoopback(u.Hostname()) {
			return errParam("url", "insecure_url", "Please provide a secure URL (https)")
		}
	}
	return e.store.Update(func(tx *stateTx) error {
		for _, other := range tx.RedirectURLs {
			if other.URL == in.URL {
				return errParam("url", "form_already_exists", "The redirect URL exists already.")
			}
		}
		r := &allowedRedirect{ID: tx.ids.next("ru"), URL: in.URL, Created: tx.made()}
		r.UpdatedAt = r.Created.At
		tx.RedirectURLs[r.ID] = r
		c.note("redirect URL added")
		return c.ok(describeRedirect(r))
	})
}

func (e *Emulator) getRedirectURL(c *call) error {
	r, err := e.store.allowedRedirect(c.param(0), false)
	if err != nil {
		return err
	}
	c.note("redirect URL")
	return c.ok(describeRedirect(&r))
}

// allowedRedirect returns a redirect URL, and removes it if it shall.
func (s *store) allowedRedirect(id string, remove bool) (allowedRedirect, error) {
	return with2(s, func(tx *stateTx) (allowedRedirect, error) {
		r := tx.RedirectURLs[id]
		if r == nil {
			return allowedRedirect{}, errNotFound("RedirectURL with id " + quoted(id))
		}
		if remove {
			delete(tx.RedirectURLs, id)
		}
		return *r, nil
	})
}

func (e *Emulator) deleteRedirectURL(c *call) error {
	r, err := e.store.allowedRedirect(c.param(0), true)
	if err != nil {
		return err
	}
	c.note("redirect URL deleted")
	return c.ok(deletedResource{Object: "redirect_url", ID: r.ID, Deleted: true})
}
