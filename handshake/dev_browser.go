package handshake

import "github.com/clerkkit/clerkkit/clerk"

// In development the application and the Frontend API live on different sites, so
// that no cookie of one reaches the other. A dev browser token, in a cookie of the
// application and in URLs on the way, stands in for the client cookie.

// devBrowser returns the dev browser token, from the query or else the cookie.
func (q *exchange) devBrowser() string {
	if v, _ := param(q.query(), clerk.CookieDevBrowser); v != "" {
		return v
	}
	return q.chosen(&q.cookies.devBrowser)
}

// syncDevBrowser sees to it that a development instance knows this browser, and
// that a token in the URL moves into the cookie.
func (q *exchange) syncDevBrowser() (done bool) {
	if q.m.instance != clerk.Development {
		return false
	}
	if _, inURL := param(q.query(), clerk.CookieDevBrowser); inURL {
		return q.decide(q.handshake(clerk.ReasonDevBrowserSync))
	}
	if q.devBrowser() == "" {
		return q.decide(q.handshake(clerk.ReasonDevBrowserMissing))
	}
	return false
}
