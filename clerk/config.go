package clerk

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Config identifies the Clerk instance of a server and configures its checks. Zero
// values are the safe choice. Every setting that weakens a check is named Insecure….
// [ConfigFromEnv] fills a Config from the environment.
//
// Package fmt (every verb but %p and %w) and log/slog print a Config without its
// secrets: by itself, through a pointer, in slices, maps and exported fields. An
// unexported field of your own struct is not covered, because fmt reads such fields
// without calling methods. Store what New returns instead of a Config; the kit stores
// none.
type Config struct {
	// SecretKey (sk_…) authorizes calls to the Backend API, including the one that
	// fetches the signing keys. CLERK_SECRET_KEY.
	SecretKey string

	// PublishableKey (pk_…) names the instance. The handshake needs it, and the issuer
	// of tokens is checked against it. Without it only the signature proves the
	// instance, and the handshake is off. CLERK_PUBLISHABLE_KEY.
	PublishableKey string

	// JWTKey is the instance's public key as PEM, for verification without network. The
	// BEGIN and END lines may be missing, and line breaks may be escaped (\n) or
	// missing; base64 of a PEM is accepted too. After a key rotation the server needs
	// the new key and a restart. CLERK_JWT_KEY.
	JWTKey string

	// MachineSecretKey (ak_…) authorizes the verification of M2M tokens instead
	// of the secret key. CLERK_MACHINE_SECRET_KEY.
	MachineSecretKey string

	// WebhookSigningSecret (whsec_…) is used by package clerk/webhook only.
	// CLERK_WEBHOOK_SIGNING_SECRET.
	WebhookSigningSecret string

	// AuthorizedParties are the origins whose session tokens are accepted
	// (https://app.example.com). They are compared byte for byte with the azp claim.
	// The azp of machine tokens is not compared, because they are not issued to
	// browsers. Always set this field: without it, the server accepts tokens that were
	// issued to any other origin of the instance. Empty means unchecked, which is
	// logged once.
	//
	// They also decide which forwarded origins count: the host and scheme in
	// X-Forwarded-Host, X-Forwarded-Proto or Forwarded count if together they are one
	// of these origins. Redirects that carry a token go only to these and to
	// AllowedRedirectOrigins. So a server behind a proxy needs no other setting, unless
	// the proxy does not forward the original host; see PublicURL. Validate refuses an
	// entry that no browser sends as an origin (a path, a wildcard, upper case, the
	// default port). CLERK_AUTHORIZED_PARTIES, separated by commas.
	AuthorizedParties []string

	// AuthorizedPartyFunc accepts further origins that no list can name, for example
	// those of preview deployments. The kit calls it with the azp claim of a session
	// token that has a good signature and is not in AuthorizedParties. It also calls it
	// with origins from Host, X-Forwarded-Host and Forwarded, which strangers can
	// write: redirects that carry a token may go to every origin that it accepts. So it
	// must compare the whole origin, including the scheme. The owner of an accepted
	// origin can use this server with the sessions of that origin's users. It must be
	// fast, safe for concurrent use, and always return the same result for the same
	// origin. nil accepts no further origin.
	AuthorizedPartyFunc func(origin string) bool

	// InsecureAllowMissingAuthorizedParty accepts session tokens without an azp claim
	// although AuthorizedParties is set. A token with another azp is still refused.
	// Session tokens from the Backend API have no azp, and neither have those of native
	// applications, which send no Origin. Machine tokens (M2M, OAuth, API keys) do not
	// need this setting.
	InsecureAllowMissingAuthorizedParty bool

	// Audience are the accepted values of the aud claim. A token with an aud must name
	// one of them. Clerk's own session tokens have no aud and pass. Empty means
	// unchecked.
	Audience []string

	// Issuers are further accepted values of the iss claim. The Frontend API, the
	// proxy, and https://clerk.<Domain> of a satellite are always accepted.
	Issuers []string

	// InsecureAnyIssuer turns the comparison of the iss claim off.
	InsecureAnyIssuer bool

	// ClockSkew is how far the clocks of Clerk and of this server may differ when
	// exp, nbf and iat are checked. 0 means 5 seconds; a negative value allows no
	// difference. An hour is the most.
	ClockSkew time.Duration

	// TokenCacheBytes bounds the memory of the verified-token cache. For a token in the
	// cache the signature check is skipped; all other checks run each time. 0 means 32
	// MiB, room for some 25,000 sessions; a negative value turns the cache off.
	TokenCacheBytes int64

	// AllowPendingSessions counts sessions with unfinished tasks as signed in, on all
	// routes. [Auth.AllowPending] does so for one identity.
	AllowPendingSessions bool

	// Handshake says when the kit may redirect a browser through the Frontend API to
	// determine whether it is signed in.
	Handshake HandshakeMode

	// HeaderOnly reads the session token from the Authorization header and never
	// from a cookie, and never redirects: for servers that are only an API. Without
	// it, a page of another site can send a request with the user's cookies to this
	// server. The default of false reads both. CLERK_HEADER_ONLY.
	HeaderOnly bool

	// OpaqueTokenCacheTTL is how long the Backend API's answer about an opaque token
	// (API key, M2M or OAuth token) is reused. A token that is revoked at Clerk stays
	// accepted for at most that long. 0 means 15 seconds. A negative value turns the
	// cache off: each request then calls the Backend API, and concurrent requests share
	// one call. An hour is the most. A refusal is always reused for 15 seconds.
	OpaqueTokenCacheTTL time.Duration

	// Limits bound the calls to the Backend API that requests can cause. The zero
	// value is the defaults.
	Limits Limits

	// APIURL is the Backend API, [DefaultAPIURL] if empty. "/v1" at its end, as at
	// that of FrontendAPI and ProxyURL, is ignored. CLERK_API_URL.
	APIURL string

	// FrontendAPI is the URL of the Frontend API. Empty means https:// and the host in
	// the publishable key. With a ProxyURL only this server uses it, and browsers use
	// the proxy. CLERK_FAPI.
	FrontendAPI string

	// ProxyURL is the application's proxy of the Frontend API: a URL, or a path like
	// /__clerk on the application's own origin. With a path, session tokens are sent to
	// the origin of the request, so AuthorizedParties, AllowedRedirectOrigins,
	// AuthorizedPartyFunc or PublicURL must accept that origin. CLERK_PROXY_URL.
	ProxyURL string

	// Domain is the domain of a satellite application. CLERK_DOMAIN.
	Domain string

	// IsSatellite marks a satellite, which needs Domain or ProxyURL. Sign-in
	// happens on the primary. CLERK_IS_SATELLITE.
	IsSatellite bool

	// SatelliteAutoSync makes a satellite sync with its primary on the first
	// visit, instead of only after a sign-in there.
	SatelliteAutoSync bool

	// AllowedRedirectOrigins are further origins to which redirects with tokens may go,
	// in addition to AuthorizedParties: those of satellites, to which a development
	// primary sends a browser back with its dev browser token, and other origins of
	// this server. If no setting names an origin, a development primary also accepts
	// its own.
	AllowedRedirectOrigins []string

	// InsecureAnyRedirectOrigin allows redirects with tokens to any origin. The author
	// of a link to a development primary can then steal dev browser tokens, and with a
	// ProxyURL that is a path, session tokens go to any host that a request names.
	// TrustedProxyHops works as if no origin were configured.
	InsecureAnyRedirectOrigin bool

	// SignInURL is the sign-in page: a URL, or a path on the application's own origin.
	// Empty means the account portal of the instance that PublishableKey names:
	// https://accounts.<domain>/sign-in, or https://<slug>.accounts.dev/sign-in in
	// development. RedirectToSignIn and WithSignInRedirect of package middleware send
	// browsers there. In development the URL carries the dev browser token to another
	// origin, so the page must be yours or Clerk's. A satellite in development needs a
	// URL on its primary. CLERK_SIGN_IN_URL.
	SignInURL string

	// SignUpURL is the sign-up page, in the forms of SignInURL. Empty means the path
	// create below SignInURL, where Clerk's combined component signs up, and without
	// SignInURL the account portal's /sign-up. CLERK_SIGN_UP_URL.
	SignUpURL string

	// SignInFallbackRedirectURL and SignInForceRedirectURL are where clerk-js sends a
	// browser after a sign-in: URLs, or paths on the application's own origin. They are
	// in [Config.LoadOptions], and nothing else of the kit reads them: only a page that
	// loads clerk-js follows them. The fallback gives way to the redirect_url that
	// RedirectToSignIn and WithSignInRedirect of package middleware send along; the
	// forced one does not. Empty means Clerk's default.
	// CLERK_SIGN_IN_FALLBACK_REDIRECT_URL, or the deprecated CLERK_AFTER_SIGN_IN_URL;
	// CLERK_SIGN_IN_FORCE_REDIRECT_URL.
	SignInFallbackRedirectURL, SignInForceRedirectURL string

	// SignUpFallbackRedirectURL and SignUpForceRedirectURL are the same after a sign-up.
	// CLERK_SIGN_UP_FALLBACK_REDIRECT_URL, or the deprecated CLERK_AFTER_SIGN_UP_URL;
	// CLERK_SIGN_UP_FORCE_REDIRECT_URL.
	SignUpFallbackRedirectURL, SignUpForceRedirectURL string

	// JSURL is where [Config.ScriptTag] has a page load clerk-js from: a URL, or a path
	// on the application's own origin. Empty means the Frontend API. CLERK_JS_URL, or
	// CLERK_JS.
	JSURL string

	// JSVersion is the version or npm tag of clerk-js that ScriptTag names: 6, 6.29.3.
	// Empty means 6. It is not read where JSURL is set. CLERK_JS_VERSION.
	JSVersion string

	// OrganizationSync activates the organization that a URL names.
	OrganizationSync OrganizationSync

	// PublicURL is the origin at which browsers reach this server
	// (https://app.example.com), for gateways that change the Host header and do not
	// forward the original. It is the origin of every request, regardless of the
	// request's fields. Empty takes the origin from the request. CLERK_PUBLIC_URL.
	PublicURL string

	// TrustedProxyHops is the number of your reverse proxies in front of the server.
	// The client's address is the X-Forwarded-For entry that many places from the
	// right. 0 means the connection's peer, because anyone can send that
	// field. If no origin is configured (AuthorizedParties, AllowedRedirectOrigins,
	// AuthorizedPartyFunc, PublicURL), or InsecureAnyRedirectOrigin is set,
	// X-Forwarded-Host and -Proto of that many proxies count too: your proxies must
	// then set or remove both. If origins are configured, the hops do not affect the
	// origin of requests. CLERK_TRUSTED_PROXY_HOPS.
	TrustedProxyHops int

	// InsecureEmulator accepts tokens signed with the emulator's published key, and a
	// Backend API on plain http. The emulator's Config sets it. A production instance's
	// configuration with it is an error. CLERK_INSECURE_EMULATOR.
	InsecureEmulator bool

	// HTTPClient makes the calls to Clerk. nil means a client with timeouts that
	// honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
	HTTPClient *http.Client

	// Logger gets diagnostics. They never hold a secret or a token. nil means
	// slog.Default().
	Logger *slog.Logger

	// Observer gets an event for each decision, key fetch, Backend API call and
	// webhook, for metrics and traces. The zero value observes nothing.
	Observer Observer

	// Now is the clock for the checks of tokens and keys. nil means time.Now.
	Now func() time.Time
}

// HandshakeMode says when the handshake may redirect a browser.
type HandshakeMode int

// The handshake modes.
const (
	// HandshakeAuto redirects document requests of browsers, if there is a
	// publishable key.
	HandshakeAuto HandshakeMode = iota
	// HandshakeOff never redirects and never reads handshake parameters: for
	// servers that are only an API.
	HandshakeOff
)

// OrganizationSync lists URL patterns that name the organization a page is
// about, in the syntax of path-to-regexp: /orgs/:id, /orgs/:slug/(.*).
type OrganizationSync struct {
	// OrganizationPatterns have a parameter :id or :slug.
	OrganizationPatterns []string
	// PersonalAccountPatterns match pages of the personal account.
	PersonalAccountPatterns []string
}

// String describes the Config without its secrets.
func (c Config) String() string {
	pk := redacted(c.PublishableKey) // it may be a secret in the wrong place
	if k, err := c.publishableKey(); err == nil && k.raw != "" {
		pk = k.raw
	}
	api := c.APIURL
	if _, problem := parseBaseURL(api); api != "" && problem != "" {
		api = redacted(api)
	}
	return fmt.Sprintf("clerk.Config{PublishableKey: %s, SecretKey: %s, AuthorizedParties: %q, APIURL: %q}",
		pk, redacted(c.SecretKey), c.AuthorizedParties, api)
}

// Format is String for every verb, so %d and %x show no secret either. fmt does not
// call it for %p and %w, which are for pointers and errors.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue implements slog.LogValuer.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

func redacted(secret string) string {
	if secret == "" {
		return "none"
	}
	return "redacted"
}
