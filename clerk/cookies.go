package clerk

import (
	"crypto/sha1" //nolint:gosec // Clerk names its cookies by SHA-1; nothing is secured by it.
	"encoding/base64"
)

// Names of Clerk's cookies. The session, refresh, client_uat and dev browser
// cookies also come with a suffix, see [PublishableKey.CookieSuffix].
const (
	CookieSession        = "__session"                // the session token
	CookieRefresh        = "__refresh"                // the refresh token
	CookieClientUAT      = "__client_uat"             // when the client last changed, Unix seconds; 0 is signed out
	CookieClient         = "__client"                 // the long-lived client token, on the Frontend API's host only
	CookieDevBrowser     = "__clerk_db_jwt"           // the dev browser of a development instance
	CookieHandshake      = "__clerk_handshake"        // the handshake's result, as a token
	CookieHandshakeNonce = "__clerk_handshake_nonce"  // the handshake's result, as a nonce for the Backend API
	CookieRedirectCount  = "__clerk_redirect_count"   // the redirect-loop guard
	CookieSignInCount    = "__clerkkit_sign_in_count" // the loop guard of redirects to the sign-in page; clerkkit's own
)

// CookieSuffix returns the suffix that distinguishes the cookies of several instances
// on one domain: __session_<suffix> belongs to this key. It is the first eight
// characters of the URL-safe base64 of the key's SHA-1.
func (k PublishableKey) CookieSuffix() string {
	sum := sha1.Sum([]byte(k.raw)) //nolint:gosec // see the import
	return base64.URLEncoding.EncodeToString(sum[:])[:8]
}

// SuffixedCookie returns name with the suffix of the key.
func (k PublishableKey) SuffixedCookie(name string) string {
	return name + "_" + k.CookieSuffix()
}
