package handshake

import (
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/ascii"
)

// clerkCookies selects from the Set-Cookie values of a handshake or refresh those that
// set one of Clerk's cookies and are valid in a header, and returns the session token
// that they set. Of several that begin with __session the last one counts, as in the
// official SDK. If one value would end its header field, all are suspect and ok is
// false.
func clerkCookies(directives []string) (cookies []string, session string, ok bool) {
	for _, d := range directives {
		d = strings.Trim(d, " \t\r\n")
		for _, r := range d {
			if r == 0 || r == '\r' || r == '\n' || r > 0xff {
				return nil, "", false
			}
		}
	}
	for _, d := range directives {
		pair, _, _ := strings.Cut(d, ";")
		name, value, assigned := strings.Cut(pair, "=")
		if strings.HasPrefix(name, clerk.CookieSession) {
			session, _, _ = strings.Cut(value, "=")
			if !assigned {
				session = name // no token, but not "no session" either
			}
		}
		if assigned && clerkCookie(name) && ascii.Printable(d) {
			cookies = append(cookies, d)
		}
	}
	return cookies, session, true
}

// clerkCookie reports whether a cookie is Clerk's: a known name, with or without a
// suffix, or a name with the prefix of names that Clerk may add.
func clerkCookie(name string) bool {
	for i := range len(name) {
		if !tokenByte(name[i]) {
			return false
		}
	}
	return cookieNamed(name, clerk.CookieSession) || cookieNamed(name, clerk.CookieRefresh) ||
		cookieNamed(name, clerk.CookieClient) || strings.HasPrefix(name, "__clerk_")
}

// cookieNamed matches the name itself and what follows an underscore:
// __client_uat and __session_<suffix> too.
func cookieNamed(name, base string) bool {
	rest, ok := strings.CutPrefix(name, base)
	return ok && (rest == "" || rest[0] == '_')
}

// tokenByte accepts the characters of a cookie's name (RFC 6265 section 4.1.1).
func tokenByte(c byte) bool {
	return c > ' ' && c < 0x7f && strings.IndexByte(`()<>@,;:\"/[]?={}`, c) < 0
}
