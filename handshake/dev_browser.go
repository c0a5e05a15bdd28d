package handshake

import "github.com/clerkkit/clerkkit/clerk"

// In development the application and the Frontend API are on different sites, so
// neither gets the other's cookies. A dev browser token replaces the client cookie: it
// is in a cookie of the application, and in the URLs between the two.

// devBrowser returns the dev browser token, from the query or else the cookie.
func (q *exchange) devBrowser() string {
	if v, _ := param(q.query(), clerk.CookieDevBrowser); v != "" {
		return v
	}
	return q.chosen(&q.cookies.devBrowser)
}

// syncDevBrowser starts a handshake if a development instance does not know this
// browser yet, or if a token in the URL must move into the cookie.
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
