package clerk

import "unsafe"

// rawToken is the text of a token as a pointer and a length: package fmt prints
// an address, where it would print a string, also in an unexported field of a
// caller's struct. Packages json and slog see no exported field.
type rawToken struct {
	data   *byte
	length int
}

func (t rawToken) text() string {
	return unsafe.String(t.data, t.length) //nolint:gosec // both are those of one string
}

// Token returns the token that was accepted, for calls to other services in the
// caller's name:
//
//	req.Header.Set("Authorization", "Bearer "+clerk.FromContext(ctx).Token())
//
// After a handshake or a refresh it is the new session token, which is not in the
// request. It is "" for an identity that is not [Auth.Authenticated], and for one
// built by hand without [Auth.WithToken].
//
// A session token is good for 60 seconds, see ExpiresAt. It is a secret: no verb of
// package fmt, no slog handler and no JSON encoder shows the token of an Auth, but
// they show the string that Token returns.
func (a Auth) Token() string {
	if !a.Authenticated() {
		return ""
	}
	return a.token.text()
}

// WithToken returns the identity with token as what [Auth.Token] returns. Package
// handshake calls it; a test may.
func (a Auth) WithToken(token string) Auth {
	a.token = rawToken{unsafe.StringData(token), len(token)} //nolint:gosec // see text
	return a
}
