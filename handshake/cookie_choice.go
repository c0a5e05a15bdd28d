package handshake

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// Clerk sets each cookie twice: plain, as old versions of clerk-js read it, and with
// the suffix of the instance, so that several applications on one domain do not
// overwrite each other's. The two can contradict each other after an upgrade or
// downgrade of clerk-js, or when another application wrote the plain ones. The rules
// below choose one of the two for all cookies of a request.

// suffixed reports whether the suffixed cookies count. It decodes tokens, so it
// computes the answer only when a rule needs it.
func (q *exchange) suffixed() bool {
	if q.choice == 0 {
		q.choice = 1
		if q.preferSuffixed() {
			q.choice = 2
		}
	}
	return q.choice == 2
}

func (q *exchange) preferSuffixed() bool {
	if q.m.suffix == "" {
		return false
	}
	plain, suffixed := q.cookies.session.plain.value, q.cookies.session.suffixed.value
	plainUAT, suffixedUAT := q.cookies.clientUAT.plain.value, q.cookies.clientUAT.suffixed.value

	var fromPlain, fromSuffixed unverified
	if plain != "" {
		fromPlain, _ = peek(plain)
		switch {
		case !fromPlain.hasIssuer:
			return false // garbage is told to be garbage, not redirected about
		case !slices.Contains(q.m.ownIssuers, fromPlain.issuer):
			return true // another application's: ours can only be the suffixed one
		}
	}
	if suffixed == "" && suffixedUAT == "" {
		return false
	}
	if suffixed != "" {
		fromSuffixed, _ = peek(suffixed)
	}
	// Both are signed in: the newer token.
	if suffixedUAT != signedOutUAT && plainUAT != signedOutUAT && fromPlain.iat > fromSuffixed.iat {
		return false
	}
	// Old and new versions of clerk-js write the plain client_uat, so it is the
	// newer one where it alone says signed in.
	if suffixedUAT == signedOutUAT && plainUAT != signedOutUAT {
		return false
	}
	// In development clerk-js, not the Frontend API, writes the suffixed client_uat,
	// and a version that knows no suffixes leaves it behind. An expired session shows
	// that this happened.
	if q.m.instance != clerk.Production && suffixedUAT != signedOutUAT && plainUAT == signedOutUAT && q.expired(fromSuffixed) {
		return false
	}
	// The instance has no suffixed cookies.
	if suffixedUAT == "" && suffixed != "" {
		return false
	}
	return true
}

// expired compares without clock skew.
func (q *exchange) expired(u unverified) bool {
	return u.exp != 0 && u.exp <= float64(q.m.now().Unix())
}

// chosen returns the value of the cookie that counts. Usually the two are equal and no
// choice is needed.
func (q *exchange) chosen(c *twin) string {
	if c.plain.value == c.suffixed.value || !q.suffixed() {
		return c.plain.value
	}
	return c.suffixed.value
}

func (q *exchange) sessionCookie() string { return q.chosen(&q.cookies.session) }

func (q *exchange) clientUAT() float64 { return parseClientUAT(q.chosen(&q.cookies.clientUAT)) }

// sessionToken returns the token that handshake and refresh send to Clerk.
func (q *exchange) sessionToken() string {
	if s := q.sessionCookie(); s != "" {
		return s
	}
	return q.bearer
}

// nullPayloadCookie reports whether a session cookie is a token whose payload is the
// JSON text null. Clerk makes no such token, and the official SDK fails on it
// regardless of the rest of the request. So the request is refused, even with a good
// token in the header.
func (q *exchange) nullPayloadCookie() bool {
	c := &q.cookies.session
	return hasNullPayload(c.plain.value) || c.plain.value != c.suffixed.value && hasNullPayload(c.suffixed.value)
}

func hasNullPayload(token string) bool {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, ok := strings.Cut(rest, ".")
	if !ok || len(payload) > 64 {
		return false
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(payload, "="))
	return err == nil && strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff")) == "null"
}
