package handshake

import "strings"

// url returns the URL of the request as the browser knows it. It is computed when
// it is first needed, which for most requests is never. ok is false where the
// request does not say a usable host: there is nowhere to come back to then.
func (q *exchange) url() (u *webURL, ok bool) {
	if !q.urlRead {
		q.urlRead = true
		q.own, q.doubtful, q.urlOK = q.m.requestURL(&q.r)
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
// the origin is what the outermost trusted proxy says it was asked for, or else the
// Host header and the scheme of the connection. A host or scheme that no browser
// would have sent is not repaired but passed over. That, or a path that some take
// for a host (//host/path), makes the URL doubtful: what it says of its origin then
// counts against the request, never for it.
func (m *Machine) requestURL(r *Request) (u webURL, doubtful, ok bool) {
	scheme, host, target := r.Scheme, r.Host, r.Target
	if scheme == "" {
		scheme = "http"
	}
	if strings.HasPrefix(target, "/") {
		u, ok = parseOrigin(scheme, host)
		u.setTarget(cleanURL(target))
	} else if u, ok = parseURL(target); ok { // absolute form, RFC 9112 section 3.2.2
		scheme = u.scheme
	}
	if u.path == "" {
		u.path = "/"
	}
	doubtful = strings.HasPrefix(u.path, "//")
	if m.hops > 0 {
		if h, present := forwarded(r.Header.Values("X-Forwarded-Host"), m.hops); present {
			host = strings.TrimRight(h, " \t")
		}
		if s, present := forwarded(r.Header.Values("X-Forwarded-Proto"), m.hops); present {
			scheme = s
		}
	}
	// A header that is there and says nothing makes all of them say nothing.
	if host == "" || scheme == "" {
		return u, doubtful, ok
	}
	o, usable := parseOrigin(scheme, host)
	if !usable {
		return u, true, ok
	}
	u.scheme, u.host = o.scheme, o.host
	return u, doubtful, true
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
