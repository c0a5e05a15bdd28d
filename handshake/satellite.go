package handshake

import (
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// A satellite is an application on another domain whose users sign in on the primary
// domain. A sync copies the cookies: in production by a handshake with the satellite's
// own Frontend API host, in development through the primary's sign-in page, which sends
// the browser back with its dev browser token.

// The values of the parameter for the state of a sync.
const (
	syncNeeded    = "false" // back from a sign-in on the primary
	syncCompleted = "true"
)

// syncSatellite starts a sync when a browser opens a page of a satellite without
// cookies. Without SatelliteAutoSync it does so only after a sign-in on the primary, so
// visitors who never sign in are never redirected.
func (q *exchange) syncSatellite() (done bool) {
	if !q.m.satellite || !q.topLevelGet() {
		return false
	}
	state, _ := param(q.query(), paramSynced)
	if state == syncCompleted {
		return false
	}
	cookies := q.sessionCookie() != "" || q.clientUAT() != 0
	if state != syncNeeded {
		if cookies {
			return false
		}
		if !q.m.autoSync {
			return q.decide(q.signedOut(clerk.ReasonSessionTokenAndUATMissing))
		}
	}
	if q.m.instance == clerk.Production {
		return q.decide(q.handshake(clerk.ReasonSatelliteCookieNeedsSyncing))
	}
	own, ok := q.url()
	if !ok {
		return q.decide(q.signedOut(clerk.ReasonSatelliteCookieNeedsSyncing))
	}
	location := q.m.signInURL
	location.setQuery(string(appendParam([]byte(without(location.query)), paramRedirectURL, own.String())))
	return q.decide(q.redirect(clerk.ReasonSatelliteCookieNeedsSyncing, location.String()))
}

// onSignInOrigin reports a satellite that is configured as its own primary. Only
// requests with an Origin header reveal it.
func (q *exchange) onSignInOrigin() bool {
	return q.m.satellite && q.m.signInURL.host != "" && q.header("Origin") == q.m.signInURL.origin()
}

// respondToSatellite sends a browser that came to a development primary for a sync back
// to its satellite. The address is in the URL, which anyone can write, and the dev
// browser token goes there. So its origin must be configured. A request with any other
// address is signed out.
func (q *exchange) respondToSatellite() (done bool) {
	if q.m.instance != clerk.Development || q.m.satellite {
		return false
	}
	given, _ := param(q.query(), paramRedirectURL)
	if given == "" {
		return false
	}
	back, ok := parseURL(given)
	if !ok || !q.mayRedirectTo(&back) {
		q.m.notices.refusedRedirect()
		return q.decide(q.signedOut(clerk.ReasonPrimaryRespondsToSyncing))
	}
	if !q.documentRequest() {
		return q.decide(q.signedOut(clerk.ReasonPrimaryRespondsToSyncing))
	}
	var p []byte
	state := false
	for name, value := range pairs(back.query) {
		if name == paramSynced {
			if state {
				continue
			}
			state, value = true, syncCompleted
		}
		p = appendParam(p, name, value)
	}
	if token := q.devBrowser(); token != "" {
		p = appendParam(p, clerk.CookieDevBrowser, token)
	}
	if !state {
		p = appendParam(p, paramSynced, syncCompleted)
	}
	back.setQuery(string(p))
	return q.decide(q.redirect(clerk.ReasonPrimaryRespondsToSyncing, back.String()))
}

// mayRedirectTo reports whether a dev browser token may be sent to u: to a configured
// origin or, where none is configured, to the application's own. Strangers choose a
// request's own origin, so it does not count where origins are configured.
func (q *exchange) mayRedirectTo(u *webURL) bool {
	if q.m.origins.Limited() {
		return q.m.origins.MayCarryToken(u.at())
	}
	own, ok := q.url()
	return ok && own.origin() == u.origin() || q.m.origins.MayCarryToken(u.at())
}

// syncCrossOrigin sends a signed-in browser that comes to the primary from another
// origin through one handshake, because it may have signed out or in again there.
// Clerk's own pages and the way back from a redirect are exempt.
func (q *exchange) syncCrossOrigin() (done bool) {
	if q.m.satellite || !q.topLevelGet() {
		return false
	}
	referrer := q.header("Referer")
	if referrer == "" {
		return false
	}
	own, ok := q.url()
	if !ok || !q.doubtful && !crossOrigin(referrer, own) || q.m.clerkPage(referrer, own, q.doubtful) || q.redirects() != 0 {
		return false
	}
	return q.decide(q.handshake(clerk.ReasonPrimaryDomainCrossOriginSync))
}

// crossOrigin compares origins. An address without an origin (about:blank, an Android
// app) and one that cannot be parsed count as another origin. Text that is not an
// address does not.
func crossOrigin(referrer string, own *webURL) bool {
	if len(referrer) > maxTarget {
		return true
	}
	if u, ok := parseURL(referrer); ok {
		return u.origin() != own.origin()
	}
	scheme, _, ok := strings.Cut(cleanURL(referrer), ":")
	return ok && validScheme(scheme)
}

func validScheme(s string) bool {
	for i, c := range []byte(strings.ToLower(s)) {
		if letter := 'a' <= c && c <= 'z'; !letter && (i == 0 || strings.IndexByte("0123456789+-.", c) < 0) {
			return false
		}
	}
	return s != ""
}

// The suffixes of hosts that hold the account portals of development instances
// (constants of clerk/javascript), older and current.
var (
	legacyPortals  = []string{".lcl.dev", ".lclstage.dev", ".lclclerk.com"}
	currentPortals = []string{".accounts.dev", ".accountsstage.dev", ".accounts.lclclerk.com"}
)

// clerkPage reports whether the referrer is the instance's Frontend API or its account
// portal. Anyone can have a development instance with a portal, so production accepts
// only its own. A doubtful host of the request never counts as Clerk's.
func (m *Authenticator) clerkPage(referrer string, own *webURL, doubtful bool) bool {
	if len(referrer) > maxTarget {
		return false
	}
	u, ok := parseURL(referrer)
	if !ok {
		return false
	}
	host, fapi := u.hostname(), m.fapiHost
	if m.proxyPath != "" {
		fapi = own.hostname()
	}
	if host == fapi && (m.proxyPath == "" || !doubtful) {
		return true
	}
	if m.instance != clerk.Production {
		for _, suffix := range legacyPortals {
			if strings.HasPrefix(host, "accounts.") && strings.HasSuffix(host, suffix) {
				return true
			}
		}
		for _, suffix := range currentPortals {
			if strings.HasSuffix(host, suffix) && !strings.HasSuffix(host, ".clerk"+suffix) {
				return true
			}
		}
	}
	return m.accountsOrigin != "" && u.origin() == m.accountsOrigin
}
