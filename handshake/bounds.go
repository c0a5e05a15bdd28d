package handshake

// Bounds on what is read of a request and copied into a redirect or a call. They
// are above what browsers, servers and Clerk send: URLs and header blocks of some 8
// KB, cookies of 4 KB (RFC 6265 section 6.1), host names of 253 characters (RFC 1035
// section 2.3.4) and a port. Beyond them nobody is redirected.
const (
	// maxTarget bounds the request target, and the Referer that is compared with it.
	maxTarget = 16 << 10
	// maxCookie bounds the value of a cookie that is decoded, and what goes into a
	// redirect or a refresh as a token.
	maxCookie = 16 << 10
	maxHost   = 260
	maxNonce  = 1 << 10
	// maxField bounds a header field that a refresh tells the Backend API about.
	maxField = 4 << 10
	// maxPatternPath bounds the path that organization patterns are matched with.
	// Matching is linear in the path, but for some hundred nanoseconds a byte.
	maxPatternPath = 2 << 10
)

// bounded begins the work on a request. Everything that reads one begins here: what is
// out of bounds is taken out first, and then the request has no page to come back to.
func bounded(m *Authenticator, r Request) exchange {
	q := exchange{m: m, r: r}
	if len(r.Target) > maxTarget {
		q.tooLarge = true
		q.r.Target = "/"
	}
	if len(r.Host) > maxHost {
		q.tooLarge = true
		q.r.Host = ""
	}
	if r.Header == nil {
		q.r.Header = noHeader{}
	}
	return q
}
