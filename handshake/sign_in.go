package handshake

import (
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// Page is a page of the instance that a browser is sent to.
type Page int

// The pages.
const (
	// SignInPage is [clerk.Config].SignInURL, else the account portal's sign-in page:
	// https://accounts.<domain>/sign-in, or https://<slug>.accounts.dev/sign-in in
	// development.
	SignInPage Page = iota
	// SignUpPage is [clerk.Config].SignUpURL, else the page create below SignInURL,
	// else the account portal's sign-up page.
	SignUpPage
)

// signInPages are the pages as they are configured.
type signInPages struct {
	signIn, signUp string // URLs, or paths on the application's own origin
	portal         string // origin of the account portal, "" where no key names it
	off            bool   // see clerk.Config.HeaderOnly
}

func (m *Authenticator) setSignInPages(c clerk.Config) {
	m.pages.signIn, m.pages.signUp, m.pages.off = c.SignInURL, c.SignUpURL, c.HeaderOnly
	if key, err := clerk.ParsePublishableKey(c.PublishableKey); err == nil {
		m.pages.portal = accountPortal(key.FrontendAPI()) // the primary's, on a satellite too
	}
}

// HasPage reports whether the configuration has an address for the page.
func (m *Authenticator) HasPage(p Page) bool {
	return !m.unmade() && !m.pages.off && (m.pages.portal != "" || m.pages.signIn != "" || p == SignUpPage && m.pages.signUp != "")
}

// PageURL returns the URL of a page with the parameters that bring the browser back, as
// createRedirect of @clerk/backend builds it. a is the identity of r: with a pending
// session it is the URL of the page's tasks.
//
//   - redirect_url is the page that the browser is on. That is the request's own URL
//     for GET and HEAD. Else, and for what a script fetched, it is the page that
//     Referer or htmx's HX-Current-URL name, if that is on the request's origin, or
//     else the origin's root. The handshake's parameters are removed.
//   - On a satellite, redirect_url has __clerk_synced=false if the page is on another
//     origin, so that the browser is synced when it comes back.
//   - In development, the dev browser token goes along to a page on another origin. No
//     request can choose that origin: it is the configured URL's or the portal's.
//
// PageURL returns "" where neither SignInURL nor PublishableKey say where the page
// is, where the request names no usable host or is out of bounds (see
// clerk.ReasonRequestTooLarge), and with HeaderOnly.
func (m *Authenticator) PageURL(r Request, p Page, a clerk.Auth) string {
	if m.unmade() {
		return ""
	}
	q := bounded(m, r)
	return q.pageURL(p, a)
}

func (q *exchange) pageURL(p Page, a clerk.Auth) string {
	own, ok := q.url()
	if !ok || q.tooLarge || !q.m.HasPage(p) {
		return ""
	}
	page, ok := q.m.pages.find(p, own)
	if !ok {
		return ""
	}
	if a.Reason == clerk.ReasonSessionPending {
		page.descend("tasks")
	}
	elsewhere := page.host != own.host // the scheme does not count for cookies either

	back := q.currentPage(own)
	query := leaveOut(back.query, clerk.CookieDevBrowser, paramLegacyDevBrowser,
		clerk.CookieHandshake, clerk.CookieHandshakeNonce, paramHandshakeHelp, paramSynced)
	if q.m.satellite && elsewhere {
		query = string(appendParam([]byte(query), paramSynced, syncNeeded))
	}
	if query != back.query {
		back.setQuery(query)
	}

	target := appendParam([]byte(without(page.query, paramReturn, clerk.CookieDevBrowser)), paramReturn, back.String())
	if q.m.instance == clerk.Development && elsewhere {
		q.cookies.read(q.r.Header, q.m.suffix)
		if token := q.devBrowser(); token != "" && len(token) <= maxCookie {
			target = appendParam(target, clerk.CookieDevBrowser, token)
		}
	}
	page.setQuery(string(target))
	return page.String()
}

// find returns the configured URL of a page.
func (s *signInPages) find(p Page, own *webURL) (u webURL, ok bool) {
	portal := func(path string) (webURL, bool) { return resolveURL(s.portal+path, own) }
	switch {
	case p == SignUpPage && s.signUp != "":
		return resolveURL(s.signUp, own)
	case p == SignUpPage && s.signIn != "":
		u, ok = resolveURL(s.signIn, own)
		u.descend("create")
		return u, ok
	case p == SignUpPage:
		return portal("/sign-up")
	case s.signIn != "":
		return resolveURL(s.signIn, own)
	}
	return portal("/sign-in")
}

// resolveURL parses a URL, or a path on the application's own origin.
func resolveURL(s string, own *webURL) (webURL, bool) {
	if strings.HasPrefix(s, "/") {
		u := webURL{scheme: own.scheme, host: own.host}
		u.setTarget(s)
		return u, true
	}
	return parseURL(s)
}

// descend appends a path to the page's path, or to its fragment where the page uses
// hash routing.
func (u *webURL) descend(name string) {
	if strings.HasPrefix(u.fragment, "#/") {
		u.fragment = strings.TrimRight(u.fragment, "/") + "/" + name
		return
	}
	u.path = strings.TrimRight(u.path, "/") + "/" + name
}

// currentPage returns the page that the browser shows, see [Authenticator.PageURL].
// Header fields that name another page count only for the request's own origin.
func (q *exchange) currentPage(own *webURL) webURL {
	part := q.fetchesPart()
	if !part && (q.get() || q.head()) {
		back := *own
		back.fragment = ""
		return back
	}
	name := "Referer"
	if part {
		name = "Hx-Current-Url"
	}
	if value := q.header(name); len(value) <= maxTarget {
		if u, ok := parseURL(value); ok && u.origin() == own.origin() {
			u.fragment = ""
			return u
		}
	}
	return webURL{scheme: own.scheme, host: own.host, path: "/"}
}

// fetchesPart reports whether htmx fetches a part of a page. A boosted link fetches a
// whole page.
func (q *exchange) fetchesPart() bool {
	return q.fromHTMX() && (q.header("Hx-Boosted") != "true" || !q.get())
}

func (q *exchange) fromHTMX() bool { return q.header("Hx-Request") == "true" }

func (q *exchange) head() bool { return strings.EqualFold(q.r.Method, "HEAD") }

// maxSignIns is how often in a row a browser may be sent to sign in. A browser that is
// signed in on the sign-in page, but signed out here, would be redirected between the
// two without end. This loop is slower than the handshake's, whose count expires after
// two seconds; this count expires ten seconds after the last redirect.
const maxSignIns = 5

// signIns returns the number of recent redirects to sign in from the browser's cookie,
// which is not verified. A value that is not a number in the range counts as the
// maximum.
func (q *exchange) signIns() int {
	for _, field := range q.r.Header.Values("Cookie") {
		for pair := range strings.SplitSeq(field, ";") {
			name, value, _ := strings.Cut(strings.Trim(pair, " \t"), "=")
			if name != clerk.CookieSignInCount {
				continue
			}
			if n, err := strconv.ParseUint(value, 10, 8); err == nil && n < maxSignIns {
				return int(n)
			}
			return maxSignIns
		}
	}
	return 0
}

// SignInRedirect returns the decision that sends the browser of r to a page: Location
// is [Authenticator.PageURL], and a cookie counts the redirect. Use it for GET and HEAD
// requests of pages, and for other requests if the answer is 303.
//
// ok is false where there is no such page. It is also false after five redirects in a
// row, each within ten seconds of the one before, which ends a redirect loop and is
// logged.
func (m *Authenticator) SignInRedirect(r Request, p Page, a clerk.Auth) (d Decision, ok bool) {
	if m.unmade() {
		return d, false
	}
	q := bounded(m, r)
	location := q.pageURL(p, a)
	if location == "" {
		return d, false
	}
	n := q.signIns()
	if n >= maxSignIns {
		m.notices.signInLoop(a.Reason)
		return d, false
	}
	d = Decision{Status: SignedOut, Reason: a.Reason, Auth: a, Location: location}
	d.Cookies = []string{clerk.CookieSignInCount + "=" + strconv.Itoa(n+1) + "; Path=/; SameSite=Lax; HttpOnly; Max-Age=10"}
	return d, true
}

// Navigates reports whether a browser asks for a page by GET or HEAD. A request with a
// token in the Authorization header is not a navigation. htmx reports whether htmx sent
// the request, for a page or a part of one: htmx follows no redirect to another origin,
// but follows HX-Redirect to any.
func (m *Authenticator) Navigates(r Request) (page, htmx bool) {
	if m.unmade() {
		return false, false
	}
	q := bounded(m, r)
	if q.bearerToken() != "" || m.pages.off {
		return false, false
	}
	if q.fromHTMX() {
		return false, true
	}
	if q.head() {
		q.r.Method = "GET"
	}
	return q.documentRequest(), false
}
