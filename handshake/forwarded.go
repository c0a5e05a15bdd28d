package handshake

import (
	"strings"

	"github.com/clerkkit/clerkkit/internal/forwarded"
)

// url returns the URL of the request as the browser sees it. It computes the URL when
// it is first needed; most requests never need it. ok is false where the request has no
// usable host, so no redirect could come back.
func (q *exchange) url() (u *webURL, ok bool) {
	if !q.urlRead {
		q.urlRead = true
		q.own, q.doubtful, q.urlOK = q.requestURL()
	}
	return &q.own, q.urlOK
}

// query returns the query of the request target, without computing an URL.
func (q *exchange) query() string {
	target, _, _ := strings.Cut(q.r.Target, "#")
	_, query, _ := strings.Cut(target, "?")
	return query
}

// requestURL builds the URL from the path and query of the request and the origin that
// package forwarded computes. The authority of a target in absolute form wins over the
// Host header (RFC 9112 section 3.2.2). A host or scheme that no browser sends is
// ignored. Such a host, and a path that some parsers take for a host (//host/path),
// make the URL doubtful: a doubtful origin never counts in favour of a request.
func (q *exchange) requestURL() (u webURL, doubtful, ok bool) {
	r := &q.r
	req := forwarded.Request{RemoteAddr: r.RemoteAddr, Scheme: r.Scheme, Host: r.Host, Header: r.Header}
	if strings.HasPrefix(r.Target, "/") {
		u.setTarget(cleanURL(r.Target))
	} else if absolute, isURL := parseURL(r.Target); isURL {
		u, req.Scheme, req.Host = absolute, absolute.scheme, absolute.host
	}
	if u.path == "" {
		u.path = "/"
	}
	public := q.m.origins.Public(req)
	u.scheme, u.host = public.Origin.Scheme, public.Origin.Host
	if public.NotBelieved {
		q.m.originNotices.notBelieved(q.m.now())
	}
	return u, public.Doubtful || strings.HasPrefix(u.path, "//"), u.host != ""
}
