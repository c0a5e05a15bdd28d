package handshake

import "strings"

// url returns the URL of the request as the browser knows it. It is computed when
// it is first needed, which for most requests is never. ok is false where the
// request does not say a usable host: there is nowhere to come back to then.
func (q *exchange) url() (u *webURL, ok bool) {
	if !q.urlRead {
		q.urlRead = true
		q.own, q.urlOK = q.m.requestURL(q.r)
	}
	return &q.own, q.urlOK
}

// query returns the query of the request target, without computing an URL.
func (q *exchange) query() string {
	target, _, _ := strings.Cut(q.r.Target, "#")
	_, query, _ := strings.Cut(target, "?")
	return query
}

// requestURL puts the URL together: path and query are those of the request,
// the origin is what the nearest trusted proxy says it was asked for, or else the
// Host header and the scheme of the connection. A host or scheme that no browser
// would have sent is not repaired but passed over.
func (m *Machine) requestURL(r *Request) (webURL, bool) {
	scheme, host, target := r.Scheme, r.Host, r.Target
	if scheme == "" {
		scheme = "http"
	}
	u, ok := webURL{}, false
	if strings.HasPrefix(target, "/") {
		u, ok = parseOrigin(scheme, host)
		u.setTarget(cleanURL(target))
	} else if u, ok = parseURL(target); ok { // absolute form, RFC 9112 section 3.2.2
		scheme = u.scheme
	}
	if m.hops > 0 {
		if h, present := forwarded(r.Header.Values("X-Forwarded-Host"), m.hops); present {
			host = h
		}
		if s, present := forwarded(r.Header.Values("X-Forwarded-Proto"), m.hops); present {
			scheme = s
		}
	}
	// A header that is there and says nothing makes all of them say nothing.
	if host == "" || scheme == "" {
		return u, ok
	}
	if o, valid := parseOrigin(scheme, host); valid {
		u.scheme, u.host, ok = o.scheme, o.host, true
	}
	if u.path == "" {
		u.path = "/"
	}
	return u, ok
}

// forwarded picks from a list, in one or several fields, the value that the
// outermost trusted proxy wrote: each proxy appends one, so with n of ours in
// front it is the n-th from the right. What stands left of it anyone may have
// sent. Where the list is shorter, some of our proxies replace instead of append,
// and the first value is theirs.
func forwarded(fields []string, n int) (value string, present bool) {
	if len(fields) == 0 {
		return "", false
	}
	list := strings.Split(strings.Join(fields, ","), ",")
	return strings.TrimLeft(list[max(0, len(list)-n)], " \t"), true
}
