package handshake

import (
	"strconv"

	"github.com/clerkkit/clerkkit/clerk"
)

// handshake redirects the browser to the Frontend API, which knows its session and
// sends it back with the result. A request that cannot be redirected is signed out with
// the same reason.
func (q *exchange) handshake(reason clerk.Reason) (d Decision) {
	d = q.signedOut(reason)
	if q.m.redirects && !q.tooLarge && q.documentRequest() {
		if location, ok := q.handshakeLocation(reason); ok {
			d = q.redirect(reason, location)
		}
	}
	d.Cause = q.answer
	return d
}

// handshakeLocation builds the URL of the handshake endpoint
// (GET /v1/client/handshake of the Frontend API). The order of the parameters is
// that of the official SDK.
func (q *exchange) handshakeLocation(reason clerk.Reason) (string, bool) {
	own, ok := q.url()
	session := q.sessionToken()
	if !ok || len(own.host) > maxHost || len(session) > maxCookie {
		return "", false
	}
	base, ok := q.frontendAPI(own)
	if !ok {
		return "", false
	}
	if q.m.liveNotices {
		q.m.originNotices.redirecting(own, q.m.now())
	}
	back := *own
	back.setQuery(without(own.query, clerk.CookieDevBrowser, paramLegacyDevBrowser))

	var p []byte
	p = appendParam(p, paramReturn, back.String())
	p = appendParam(p, "__clerk_api_version", clerk.DefaultAPIVersion)
	p = appendParam(p, "suffixed_cookies", strconv.FormatBool(q.suffixed()))
	p = appendParam(p, "__clerk_hs_reason", string(reason))
	p = appendParam(p, "format", "nonce")
	if session != "" {
		p = appendParam(p, clerk.CookieSession, session)
	}
	if q.m.instance == clerk.Development {
		if token := q.devBrowser(); token != "" && len(token) <= maxCookie {
			p = appendParam(p, clerk.CookieDevBrowser, token)
		}
	}
	if target, ok := q.m.organizations.find(own.path); ok {
		p = appendParam(p, "organization_id", target.organization)
	}
	return base + "v1/client/handshake?" + string(p), true
}

// frontendAPI returns the base of the Frontend API with a final slash, or that of the
// application's proxy. The session token goes there. With a proxy, it returns nothing
// for an origin that is not configured, because anyone can send any Host.
func (q *exchange) frontendAPI(own *webURL) (base string, ok bool) {
	switch {
	case q.m.proxyPath == "":
		return q.m.fapi, true
	case q.m.origins.MayCarryToken(own.at()):
		return own.origin() + q.m.proxyPath, true
	}
	q.m.originNotices.notProxied(q.m.now())
	return "", false
}
