package handshake

import (
	"strings"

	"github.com/clerkkit/clerkkit/internal/forwarded"
)

// webURL is an absolute http or https URL in the form that browsers give it
// (https://url.spec.whatwg.org), so that comparisons here agree with what a browser
// does. Package net/url leaves backslashes, dot segments and upper-case hosts
// unchanged.
type webURL struct {
	scheme   string // http or https
	host     string // lower case; with the port, unless it is the scheme's own
	path     string // begins with a slash
	query    string // without its question mark
	hasQuery bool
	fragment string // with its #, or empty
}

func (u *webURL) origin() string { return u.scheme + "://" + u.host }

// at returns the origin in the form of package forwarded, to compare it with configured
// ones.
func (u *webURL) at() forwarded.Origin { return forwarded.Origin{Scheme: u.scheme, Host: u.host} }

// hostname returns the host without its port.
func (u *webURL) hostname() string { return u.at().Hostname() }

func (u *webURL) String() string {
	s := u.scheme + "://" + u.host + u.path
	if u.hasQuery {
		s += "?" + u.query
	}
	return s + u.fragment
}

// parseURL parses an absolute http or https URL as browsers do. It refuses URLs that
// browsers would change strongly: those with user names, hosts beyond ASCII, or
// abbreviated IPv4 addresses.
func parseURL(s string) (webURL, bool) {
	s = cleanURL(s)
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok {
		return webURL{}, false
	}
	rest = strings.TrimLeft(rest, `/\`)
	end := len(rest)
	if i := strings.IndexAny(rest, `/\?#`); i >= 0 {
		end = i
	}
	u, ok := parseOrigin(scheme, rest[:end])
	if !ok {
		return webURL{}, false
	}
	u.setTarget(rest[end:])
	return u, true
}

// parseOrigin parses a scheme and a host with an optional port, as
// [forwarded.ParseOrigin] does.
func parseOrigin(scheme, hostport string) (webURL, bool) {
	o, ok := forwarded.ParseOrigin(scheme, hostport)
	return webURL{scheme: o.Scheme, host: o.Host}, ok
}

// setTarget sets path, query and fragment from what follows the authority.
func (u *webURL) setTarget(s string) {
	s, fragment, hasFragment := strings.Cut(s, "#")
	if hasFragment {
		u.fragment = "#" + escapeBytes(fragment, fragmentEscapes)
	}
	var path string
	path, u.query, u.hasQuery = strings.Cut(s, "?")
	u.path = normalPath(path)
	u.query = escapeBytes(u.query, queryEscapes)
}

// normalPath normalizes a path: backslashes become slashes, dot segments (%2e too) are
// resolved, and characters that are invalid in a path are escaped. Empty segments stay:
// //host remains a path.
func normalPath(path string) string {
	if strings.IndexByte(path, '\\') >= 0 {
		path = strings.ReplaceAll(path, `\`, "/")
	}
	if path == "" || path[0] != '/' {
		path = "/" + path
	}
	if strings.Contains(path, "/.") || strings.Contains(path, "/%2") {
		path = removeDots(path)
	}
	return escapeBytes(path, pathEscapes)
}

func removeDots(path string) string {
	var out []string
	segments := strings.Split(path[1:], "/")
	for i, s := range segments {
		last := i == len(segments)-1
		switch strings.ReplaceAll(strings.ToLower(s), "%2e", ".") {
		case "..":
			if len(out) > 0 {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, "")
			}
		case ".":
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, s)
		}
	}
	return "/" + strings.Join(out, "/")
}

// cleanURL removes the characters that browsers remove before they parse a URL.
func cleanURL(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	if !strings.ContainsAny(s, "\t\r\n") {
		return s
	}
	return strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(s)
}

// The printable ASCII characters that browsers escape; they also escape control
// characters and all bytes beyond ASCII.
const (
	pathEscapes     = " \"#<>?`{}"
	queryEscapes    = " \"#<>'"
	fragmentEscapes = " \"<>`"
)

const upperHex = "0123456789ABCDEF"

func escapeBytes(s, set string) string {
	n := 0
	for i := range len(s) {
		if mustEscape(s[i], set) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	out := make([]byte, 0, len(s)+2*n)
	for i := range len(s) {
		if c := s[i]; mustEscape(c, set) {
			out = append(out, '%', upperHex[c>>4], upperHex[c&15])
		} else {
			out = append(out, c)
		}
	}
	return string(out)
}

func mustEscape(c byte, set string) bool {
	return c < ' ' || c >= 0x7f || strings.IndexByte(set, c) >= 0
}
