package handshake

import "strings"

// documentRequest reports whether a browser asks for a page by GET. Only such a request
// may be redirected through the Frontend API: that accepts only GET, and a script
// cannot follow the redirect. On plain http, except for localhost, browsers send no
// Sec-Fetch-Dest. There the Accept header decides, and the absence of the fields that
// scripts send (see scripted).
func (q *exchange) documentRequest() bool {
	if !q.get() {
		return false
	}
	switch dest := q.header("Sec-Fetch-Dest"); dest {
	case "document", "iframe":
		return true
	case "":
		return strings.HasPrefix(q.header("Accept"), "text/html") && !q.scripted()
	}
	return false
}

// topLevelGet is stricter: the page in the address bar, not one in a frame.
func (q *exchange) topLevelGet() bool {
	return q.get() && q.header("Sec-Fetch-Dest") == "document"
}

func (q *exchange) get() bool { return strings.EqualFold(q.r.Method, "GET") }

// header returns the value of a field. Several fields with one name make one list (RFC
// 9110 section 5.3).
func (q *exchange) header(name string) string {
	switch values := q.r.Header.Values(name); len(values) {
	case 0:
		return ""
	case 1:
		return values[0]
	default:
		return strings.Join(values, ", ")
	}
}

// bearerToken returns the token in the Authorization header. Bearer is matched in any
// case (RFC 9110 section 11.1), and one or more spaces follow it (section 11.4). A
// value without a space is a token without a scheme. Other schemes are not for Clerk
// and count as no token.
//
// Several credentials count as one bad token, even if the first has another scheme: a
// bad token must not give way to a cookie.
func (q *exchange) bearerToken() string {
	value := strings.Trim(q.header("Authorization"), " \t") // HTTP/2 lets white space around a value pass
	token := credential(value)
	if token == "" && strings.IndexByte(value, ',') >= 0 && q.hidesBearer() {
		return severalCredentials
	}
	return token
}

// severalCredentials is the token of a request with more than one. It never verifies,
// because no token has a comma.
const severalCredentials = ","

// hidesBearer reports whether a Bearer token follows credentials of another scheme.
func (q *exchange) hidesBearer() bool {
	for _, field := range q.r.Header.Values("Authorization") {
		first, rest, _ := strings.Cut(field, ",")
		if credential(strings.Trim(first, " \t")) != "" {
			return true
		}
		for part := range strings.SplitSeq(rest, ",") {
			part = strings.Trim(part, " \t")
			if len(part) >= len("Bearer") && strings.EqualFold(part[:len("Bearer")], "Bearer") {
				return true
			}
		}
	}
	return false
}

// credential parses one value of the Authorization header.
func credential(value string) string {
	scheme, rest, _ := strings.Cut(value, " ")
	token, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	switch {
	case token == "":
		return scheme
	case strings.EqualFold(scheme, "Bearer"):
		return token
	}
	return ""
}
