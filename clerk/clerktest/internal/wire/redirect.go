package wire

import (
	"net/url"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Redirect answers with a Location. (http.Redirect would rewrite the path and
// add a body that repeats the URL.)
func (c *Call) Redirect(status int, location string) {
	c.W.Header().Set("Location", location)
	c.W.WriteHeader(status)
}

// RedirectURL reads the redirect_url of a request. Only URLs of the application
// pass, so that the emulator never sends anybody, or anybody's cookies, elsewhere.
func (e *Server) RedirectURL(s string) (*url.URL, error) {
	if s == "" {
		return nil, refusal.Param("redirect_url", "form_param_missing", "redirect_url must be given")
	}
	bad := func(problem string) (*url.URL, error) {
		return nil, refusal.Param("redirect_url", "form_param_format_invalid", "redirect_url "+problem)
	}
	if len(s) > state.MaxURL {
		return bad("is too long")
	}
	// Browsers drop or turn around what net/url does not: control characters,
	// white space at the ends, and backslashes.
	if strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '\\' }) {
		return bad("holds white space, a control character or a backslash")
	}
	u, err := url.Parse(s)
	if err != nil {
		return bad("is no URL")
	}
	origin, ok := hosts.OriginOf(u)
	switch {
	case !ok || u.Hostname() == "" || u.Opaque != "":
		return bad("is not an absolute http or https URL")
	case u.User != nil:
		return bad("holds a user name")
	case !e.AllowedOrigin(origin):
		return bad("leads to " + refusal.Quoted(origin) + ", which is not among the emulator's origins")
	}
	return u, nil
}

// WithParam returns the URL with one query parameter replaced, and the others
// byte for byte as they were.
func WithParam(u *url.URL, name, value string) string {
	var kept []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if key, err := url.QueryUnescape(key); pair != "" && (err != nil || key != name) {
			kept = append(kept, pair)
		}
	}
	out := *u
	out.RawQuery = strings.Join(append(kept, name+"="+url.QueryEscape(value)), "&")
	if out.Path == "" {
		out.Path = "/"
	}
	return out.String()
}

// Site returns the domain whose cookies host and the Frontend API share, "" for
// cookies of the host alone. Without a list of public suffixes: the domain below
// which the Frontend API is, clerk.<domain>, and else the last two labels.
func (e *Server) Site(host string) string {
	host = strings.ToLower(host)
	if hosts.IsAddress(host) || !strings.Contains(host, ".") {
		return ""
	}
	if domain, ok := strings.CutPrefix(hosts.Name(e.Config.FrontendAPI), "clerk."); ok && hosts.Below(host, domain) {
		return domain
	}
	labels := strings.Split(host, ".")
	return strings.Join(labels[len(labels)-2:], ".")
}
