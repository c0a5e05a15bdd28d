package handshake

import (
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// maxRedirects is how many handshakes in a row a browser may be sent through. The
// cookie that counts them lives for two seconds.
const maxRedirects = 3

// redirects is how many redirects this browser just came through, by its own
// word. What is not a plain number counts as none, and a number beyond the
// maximum as the maximum, so that whatever the cookie holds, it reaches the
// maximum and stays there: every loop ends.
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

// redirect sends the browser to location, unless it has been sent round too often
// already: then it is signed out, for the reason that it would have gone for.
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
