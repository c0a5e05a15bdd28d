package handshake

// Bounds on the input that is parsed, and copied into redirects and calls. They are
// larger than what browsers, servers and Clerk send: URLs and header blocks of some 8
// KB, cookies of 4 KB (RFC 6265 section 6.1), host names of 253 characters (RFC 1035
// section 2.3.4) and a port. Larger requests are not redirected.
const (
	// maxTarget bounds the request target, and the Referer that is compared with it.
	maxTarget = 16 << 10
	// maxCookie bounds the value of a cookie that is decoded, and what goes into a
	// redirect or a refresh as a token.
	maxCookie = 16 << 10
	maxHost   = 260
	maxNonce  = 1 << 10
	// maxField bounds each header field that a refresh sends to the Backend API.
	maxField = 4 << 10
	// maxPatternPath bounds the path that organization patterns are matched with.
	// Matching takes some hundred nanoseconds for each byte.
	maxPatternPath = 2 << 10
)

// bounded makes the exchange of a request. Every entry point must use it: it removes
// the parts that exceed their bounds, and a request with such a part cannot be
// redirected.
func bounded(m *Authenticator, r Request) exchange {
	q := exchange{m: m, r: r}
	if q.r.Header == nil {
		q.r.Header = noHeader{}
	}
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
