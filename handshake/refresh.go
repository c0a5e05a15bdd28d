package handshake

import (
	"context"
	"errors"
	"strings"
)

// The failures of a refresh: the detail after session-token-expired-refresh-
// (RefreshTokenErrorReason in clerk/javascript). The detail may also be an error code
// of the Backend API.
const (
	refreshHeaderToken  = "non-eligible-header-token" // ours
	refreshNotGet       = "non-eligible-non-get"
	refreshNoCookie     = "non-eligible-no-refresh-cookie"
	refreshNoBackend    = "missing-api-client"
	refreshDecode       = "expired-session-token-decode-failed"
	refreshNoSessionID  = "expired-session-token-missing-sid-claim"
	refreshUnreachable  = "fetch-error"
	refreshUnexpected   = "unexpected-bapi-error"
	refreshNoCookies    = "unexpected-sdk-error"
	refreshInvalidToken = "invalid-session-token"
)

// refresh exchanges the expired session token of a cookie for a new one, with the
// refresh cookie and without a redirect. If it fails, the caller starts a handshake,
// and d holds only the cause. A failure is never an outage.
func (q *exchange) refresh(ctx context.Context) (d Decision, failure string) {
	switch {
	case !q.get():
		return d, refreshNotGet
	case q.cookies.refresh.value == "":
		return d, refreshNoCookie
	case q.bearer != "":
		return d, refreshHeaderToken // the cookie may be of somebody else
	case q.m.backend == nil:
		return d, refreshNoBackend
	}
	token := q.sessionCookie()
	u, ok := peek(token)
	switch {
	case len(q.cookies.refresh.value) > maxCookie:
		return d, refreshUnexpected
	case !ok:
		return d, refreshDecode
	case u.sessionID == "":
		return d, refreshNoSessionID
	case !plainID(u.sessionID): // it goes into a path
		return d, refreshUnexpected
	}
	request := RefreshRequest{
		SessionID:       u.sessionID,
		SuffixedCookies: q.suffixed(),
		ExpiredToken:    token,
		RefreshToken:    q.cookies.refresh.value,
		RequestHeaders:  q.activity(),
	}
	if own, ok := q.url(); ok {
		request.RequestOrigin = own.origin()
	}
	directives, err := q.refreshSession(ctx, request)
	if err != nil {
		d.Cause = err
		return d, refreshFailure(err)
	}
	if len(directives) == 0 {
		return d, refreshNoCookies
	}
	cookies, session, ok := clerkCookies(directives)
	if !ok {
		return d, refreshNoCookies
	}
	fresh, err := q.verify(ctx, session)
	if err != nil {
		d.Cause = err
		return d, refreshInvalidToken
	}
	signedIn(&d, fresh, session)
	d.Cookies = cookies
	return d, ""
}

// refreshFailure returns the detail for an error of the Backend. A code comes from
// outside and becomes part of a reason, so it must have the form of a code.
func refreshFailure(err error) string {
	e := (*BackendError)(nil)
	switch {
	case !errors.As(err, &e) || e.Status == 0 || e.Code == "unexpected_error":
		return refreshUnreachable
	case e.Code != "" && len(e.Code) <= 64 && plainID(e.Code):
		return e.Code
	}
	return refreshUnexpected
}

// plainID accepts ids and error codes of Clerk: letters, digits, _ and -.
func plainID(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return s != ""
}

// activityHeaders are the fields from which Clerk records where a session is used and
// with which browser. The official SDK sends all fields, including cookies and
// credentials.
var activityHeaders = []string{
	"User-Agent", "Accept-Language", "Origin", "Referer",
	"X-Forwarded-For", "X-Real-Ip", "Cf-Connecting-Ip", "True-Client-Ip",
}

func (q *exchange) activity() map[string][]string {
	headers := make(map[string][]string)
	for _, name := range activityHeaders {
		if v := q.header(name); v != "" && len(v) <= maxField {
			headers[strings.ToLower(name)] = []string{v}
		}
	}
	return headers
}
