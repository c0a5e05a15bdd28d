package handshake

import (
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// maxRedirects is how many handshakes in a row a browser may go through. The cookie
// that counts them expires after two seconds.
const maxRedirects = 3

// redirects returns the number of recent redirects in the browser's cookie, which is
// not verified. A value that is not a number counts as none, and a larger one as the
// maximum. So the count reaches the maximum from every value, and every loop ends.
func (q *exchange) redirects() int {
	s := strings.TrimSpace(q.cookies.redirectCount.value)
	if s == "" {
		return 0
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0
		}
	}
	if len(s) > 9 {
		return maxRedirects
	}
	n, err := strconv.Atoi(s)
	if err != nil || n > maxRedirects {
		return maxRedirects
	}
	return n
}

// redirect sends the browser to location. After too many redirects it signs the request
// out instead, with the same reason.
func (q *exchange) redirect(reason clerk.Reason, location string) Decision {
	n := q.redirects()
	if n >= maxRedirects {
		q.m.notices.loop(reason, q.answer)
		return q.signedOut(reason)
	}
	d := q.signedOut(reason)
	d.Status = Redirect
	d.Location = location
	d.Cookies = []string{clerk.CookieRedirectCount + "=" + strconv.Itoa(n+1) + "; SameSite=Lax; HttpOnly; Max-Age=2"}
	return d
}
