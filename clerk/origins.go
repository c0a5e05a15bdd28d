package clerk

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// validateOrigins checks the settings that name origins. They are compared byte for
// byte with what browsers send, so an origin in another spelling matches nothing.
func (c Config) validateOrigins(bad func(field, problem string), complete bool) {
	for i, p := range c.AuthorizedParties {
		if problem := originProblem(p); problem != "" {
			bad(fmt.Sprintf("AuthorizedParties[%d]", i), problem)
		}
	}
	web := func(field, origin string) {
		if problem := originProblem(origin); problem != "" {
			bad(field, problem)
		} else if !isHTTP(origin) {
			bad(field, "is not an http or https origin")
		}
	}
	for i, o := range c.AllowedRedirectOrigins {
		web(fmt.Sprintf("AllowedRedirectOrigins[%d]", i), o)
	}
	if c.PublicURL != "" {
		web("PublicURL", c.PublicURL)
	}
	if complete && isPath(c.ProxyURL) && !c.namesOrigin() && !c.InsecureAnyRedirectOrigin {
		bad("ProxyURL", "is a path, and no setting names the origin that it is on, so a session token could be sent to any host that a request names; "+
			"set AuthorizedParties or PublicURL")
	}
}

// namesOrigin reports whether a setting names the origins of this server.
func (c Config) namesOrigin() bool {
	if c.AuthorizedPartyFunc != nil || c.PublicURL != "" {
		return true
	}
	return slices.ContainsFunc(c.AuthorizedParties, isHTTP) || slices.ContainsFunc(c.AllowedRedirectOrigins, isHTTP)
}

// publicOrigin is PublicURL as a list.
func (c Config) publicOrigin() []string {
	if c.PublicURL == "" {
		return nil
	}
	return []string{c.PublicURL}
}

// schemesWithoutPages are schemes that people write by mistake: those of connections
// that a page makes, and those without an origin (https://url.spec.whatwg.org, Origin).
var schemesWithoutPages = []string{"ws", "wss", "ftp", "file", "data", "blob", "javascript", "mailto"}

// originProblem returns why no browser sends s as an origin, or "". Origins of other
// schemes (chrome-extension://…) have no port and no canonical form.
func originProblem(s string) string {
	if s == "" {
		return "is empty"
	}
	if problem := pastedProblem(s); problem != "" {
		return problem
	}
	if strings.Contains(s, "*") {
		return "holds a wildcard, and origins are compared as they are; list them, or accept them with AuthorizedPartyFunc"
	}
	for i := range len(s) {
		switch {
		case s[i] >= 0x80:
			return "holds a letter beyond ASCII; write the host as browsers send it, as xn--… (Punycode)"
		case s[i] <= ' ', s[i] == 0x7f, s[i] == '\\':
			return "is not an origin like https://app.example.com"
		}
	}
	u, err := url.Parse(s)
	web := err == nil && (u.Scheme == "http" || u.Scheme == "https")
	switch {
	case err != nil || u.Scheme == "" || u.Hostname() == "":
		return "is not an origin like https://app.example.com"
	case u.User != nil:
		return "holds a user name, which is no part of an origin"
	case s != strings.ToLower(s):
		return "holds upper-case letters, which no browser sends"
	case s != u.Scheme+"://"+u.Host:
		return "is more than an origin: leave out everything after the host and port, a slash too"
	case slices.Contains(schemesWithoutPages, u.Scheme):
		return "has a scheme that no page has; write that of the page, http or https"
	case !web:
		return ""
	case u.Scheme == "https" && u.Port() == "443", u.Scheme == "http" && u.Port() == "80":
		return "names the default port, which no browser sends"
	}
	if problem := portProblem(u); problem != "" {
		return problem
	}
	return hostProblem(u.Hostname(), strings.HasPrefix(u.Host, "["))
}

func portProblem(u *url.URL) string {
	port := u.Port()
	switch {
	case port == "" && strings.HasSuffix(u.Host, ":"):
		return "ends in a colon without a port"
	case strings.HasPrefix(port, "0"):
		return "has a port that begins with a zero, which no browser sends"
	case len(port) > 5, len(port) == 5 && port > "65535":
		return "has a port above 65535"
	}
	return ""
}

// hostProblem compares a host with the form that browsers give it
// (https://url.spec.whatwg.org, host parsing).
func hostProblem(host string, brackets bool) string {
	if brackets {
		addr, err := netip.ParseAddr(host)
		switch {
		case err != nil || !addr.Is6() || addr.Zone() != "":
			return "holds no IPv6 address in its brackets"
		case addr.Is4In6():
			return "holds an IPv4 address in IPv6 form; write the IPv4 address"
		case addr.String() != host:
			return "holds an IPv6 address in another form than browsers send; write [" + addr.String() + "]"
		}
		return ""
	}
	for i := range len(host) {
		if c := host[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_') {
			return "holds a character that no host name has"
		}
	}
	// A name whose last label is a number is an IPv4 address to a browser.
	last := strings.TrimSuffix(host, ".")
	last = last[strings.LastIndexByte(last, '.')+1:]
	hex, isHex := strings.CutPrefix(last, "0x")
	if last != "" && strings.Trim(last, "0123456789") == "" || isHex && strings.Trim(hex, "0123456789abcdef") == "" {
		if addr, err := netip.ParseAddr(host); err != nil || !addr.Is4() {
			return "holds a short or unusual form of an IPv4 address; write all four numbers, without leading zeros"
		}
	}
	if strings.Contains("."+strings.TrimSuffix(host, ".")+".", "..") {
		return "holds an empty label between two dots"
	}
	return ""
}
