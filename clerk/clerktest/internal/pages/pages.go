// Package pages holds the markup of the pages that the emulator shows.
package pages

import (
	"bytes"
	_ "embed"
	"html/template"
	"sync"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

//go:embed pages.html
var pagesHTML string

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("pages").Parse(pagesHTML))
})

// PageData is what the pages show. Redirect has been checked.
type PageData struct {
	Kind, Title          string
	Origin               string // of the application
	Redirect, DevBrowser string
	Continue             string
	Error, Identifier    string
	Name                 string
	Users                []PageUser
	Provider, State      string // of a provider's page
	Action               string
	More                 int
	Client               string // of the consent page
	Scopes               []string
	Organizations        []PageUser
	Params               map[string]string
}

type PageUser struct{ ID, Name, Note string }

// MaxPageUsers is how many users the sign-in page lists.
const MaxPageUsers = 25

func Page(c *wire.Call, status int, data *PageData) error {
	var b bytes.Buffer
	if err := pageTemplate().ExecuteTemplate(&b, "page", data); err != nil {
		return err
	}
	h := c.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	c.W.WriteHeader(status)
	_, _ = c.W.Write(b.Bytes()) // the client may have gone
	return nil
}
