package wire

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

var clientOrigin = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[A-Za-z0-9.-]{1,255}(:[0-9]{1,5})?$`)

// ValidClientOrigin tells origins of browsers and of what is built like one: an
// extension, an app.
func ValidClientOrigin(origin string) bool { return clientOrigin.MatchString(origin) }

// allowedClient tells whose scripts may read answers of the Frontend API.
func (e *Server) allowedClient(origin string) bool {
	if e.AllowedOrigin(origin) {
		return true
	}
	set := e.Store.Instance()
	return slices.Contains(set.AllowedOrigins, origin)
}

// AllowedOrigin tells the origins of the application, and in development every
// port of this machine.
func (e *Server) AllowedOrigin(origin string) bool {
	parsed, ok := hosts.ParseOrigin(origin)
	if !ok {
		return false
	}
	if slices.Contains(e.Config.Origins, parsed) || parsed == e.URL {
		return true
	}
	u, err := url.Parse(parsed)
	if err == nil && strings.EqualFold(u.Host, e.Config.FrontendAPI) {
		return true // the emulator's own pages
	}
	return err == nil && (e.Config.Instance == clerk.Development && hosts.Loopback(u.Hostname()) || e.SatelliteOf(u.Host) != "")
}

// crossOrigin sets the headers that let clerk-js read answers with credentials,
// and answers preflights. A page of an unknown origin gets no such headers, and
// cannot change anything.
func (e *Server) crossOrigin(c *Call) (done bool, err error) {
	h := c.W.Header()
	h.Add("Vary", "Origin")
	origin := c.R.Header.Get("Origin")
	if origin != "" && e.allowedClient(origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", "Authorization, Clerk-Db-Jwt")
	}
	switch {
	case c.Method == http.MethodOptions:
	case c.Method != http.MethodGet && origin != "" && !e.allowedClient(origin):
		return false, &refusal.Error{
			Kind: refusal.KindBadRequest, Code: "origin_invalid", Message: "Invalid HTTP Origin header",
			Long: "The Origin " + refusal.Quoted(origin) + " is not among the emulator's origins.", Param: "", Meta: nil,
		}
	default:
		return false, nil
	}
	c.Note("preflight")
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Clerk-Auth")
	h.Set("Access-Control-Max-Age", "600")
	c.W.WriteHeader(http.StatusNoContent)
	return true, nil
}
