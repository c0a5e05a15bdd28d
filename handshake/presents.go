package handshake

import "strings"

// PresentsToken reports whether a request has a token, good or bad: in the
// Authorization header or, if cookies is true, in a session cookie. The answer to a
// request without a token must not name an error (RFC 6750 section 3.1).
func (m *Authenticator) PresentsToken(r Request, cookies bool) bool {
	if m.unmade() {
		return false
	}
	q := bounded(m, r)
	if token := q.bearerToken(); token != "" && !strings.EqualFold(token, "Bearer") { // a scheme alone
		return true
	}
	if !cookies {
		return false
	}
	q.readCookies() // none with HeaderOnly
	return q.cookies.session.plain.value != "" || q.cookies.session.suffixed.value != ""
}
