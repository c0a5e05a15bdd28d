package clerk

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Config says which Clerk instance a server belongs to, and what it accepts from
// it. Its zero values are the safe choices; whatever weakens a check is named
// Insecure…. [ConfigFromEnv] fills one from the environment.
//
// Every verb of fmt but %p and %w, and log/slog, shows a Config without its secrets: by
// itself, by a pointer, in slices, maps and exported fields. In an unexported field of a
// struct of yours it is not covered: fmt reads such fields without calling methods,
// and the secrets are strings. Keep what New returns instead of a Config; nothing in
// the kit keeps one.
type Config struct {
	// SecretKey (sk_…) authorizes calls to the Backend API, among them the one
	// for the signing keys. CLERK_SECRET_KEY.
	SecretKey string

	// PublishableKey (pk_…) names the instance. It is needed for the handshake,
	// and pins the issuer of tokens. Without it the signature alone pins the
	// instance, and the handshake is off. CLERK_PUBLISHABLE_KEY.
	PublishableKey string

	// JWTKey is the instance's public key as PEM, for verification without
	// network. The armour may be missing, and line breaks may be escaped (\n) or
	// gone; base64 of a PEM is read too. A rotated key then needs a new
	// deployment. CLERK_JWT_KEY.
	JWTKey string

	// MachineSecretKey (ak_…) authorizes the verification of M2M tokens instead
	// of the secret key. CLERK_MACHINE_SECRET_KEY.
	MachineSecretKey string

	// WebhookSigningSecret (whsec_…) is for package clerk/webhook; nothing else
	// reads it. CLERK_WEBHOOK_SIGNING_SECRET.
	WebhookSigningSecret string

	// AuthorizedParties are the origins whose session tokens are accepted
	// (https://app.example.com), compared with the azp claim as they are. Machine
	// tokens are not compared: no browser got them. Set it
	// always: without it, a token that leaked to another origin of the instance
	// is accepted here. Empty means unchecked, which is logged once.
	//
	// They also say which origin a request may be for: a host and scheme in
	// X-Forwarded-Host, X-Forwarded-Proto or Forwarded are believed if the origin that
	// they make is one of these. Redirects that carry a token go to these and
	// AllowedRedirectOrigins alone. So a server behind a proxy needs no other setting,
	// unless the proxy does not tell the original host; see PublicURL. An entry that no browser sends as an origin (a path,
	// a wildcard, upper case, the default port) is an error of Validate.
	// CLERK_AUTHORIZED_PARTIES, separated by commas.
	AuthorizedParties []string

	// AuthorizedPartyFunc accepts further origins that no list can name, those of
	// preview deployments for example. It is asked about the azp claim of a session
	// token whose signature is good, where AuthorizedParties does not list it. It is
	// also asked about origins that a request names in Host, X-Forwarded-Host or
	// Forwarded, which strangers can write: redirects that carry a token may go to
	// each origin that it accepts. So it must compare the whole origin, scheme
	// included; on an origin that it accepts, the owner of its pages can use this server
	// with the sessions of that origin's users. It must be fast, safe for concurrent
	// use, and give the same answer for the same origin. nil accepts none.
	AuthorizedPartyFunc func(origin string) bool

	// InsecureAllowMissingAuthorizedParty accepts session tokens without an azp
	// claim although AuthorizedParties are set; one that has another azp is still
	// refused. Session tokens that the Backend API made have none, and neither have
	// those of native applications, which send no Origin. Machine tokens (M2M, OAuth,
	// API keys) do not need it: their azp is not compared.
	InsecureAllowMissingAuthorizedParty bool

	// Audience are the accepted values of the aud claim. A token that has an aud
	// must then name one of them; Clerk's own session tokens have none. Empty
	// means unchecked.
	Audience []string

	// Issuers are accepted besides those that follow from the other settings:
	// the Frontend API, the proxy, and https://clerk.<Domain> for a satellite.
	Issuers []string

	// InsecureAnyIssuer turns the comparison of the iss claim off.
	InsecureAnyIssuer bool

	// ClockSkew is how far the clocks of Clerk and of this server may differ when
	// exp, nbf and iat are checked. 0 means 5 seconds; a negative value allows no
	// difference. An hour is the most.
	ClockSkew time.Duration

	// TokenCacheBytes bounds the memory of the verified-token cache, which spares
	// the signature check for a token that was verified before; everything else is
	// checked each time. 0 means 32 MiB, room for some 25,000 sessions;
	// a negative value turns the cache off.
	TokenCacheBytes int64

	// AllowPendingSessions counts sessions with unfinished tasks as signed in, on
	// all routes. [Auth.AllowPending] does so in one place.
	AllowPendingSessions bool

	// Handshake is when a browser may be redirected through the Frontend API to
	// find out whether it is signed in.
	Handshake HandshakeMode

	// HeaderOnly reads the session token from the Authorization header and never
	// from a cookie, and never redirects: for servers that are only an API. Without
	// it, a page of another site can send a request with the user's cookies to this
	// server. The default of false reads both. CLERK_HEADER_ONLY.
	HeaderOnly bool

	// OpaqueTokenCacheTTL is for how long an answer of the Backend API about an
	// opaque token (API key, M2M or OAuth token) is reused. A token that is revoked
	// at Clerk is accepted here for at most that long. 0 means 15 seconds; a negative
	// value turns the cache off, so that each request asks the Backend API; requests at
	// the same moment share one call. An hour is the most. A refusal is remembered for
	// 15 seconds in any case.
	OpaqueTokenCacheTTL time.Duration

	// Limits bound the calls to the Backend API that requests can cause. The zero
	// value is the defaults.
	Limits Limits

	// APIURL is the Backend API, [DefaultAPIURL] if empty. "/v1" at its end, as at
	// that of FrontendAPI and ProxyURL, is ignored. CLERK_API_URL.
	APIURL string

	// FrontendAPI is the URL of the Frontend API where it is not https:// and
	// the host in the publishable key. Browsers that use a ProxyURL do not see
	// it: this server alone does. CLERK_FAPI.
	FrontendAPI string

	// ProxyURL is where the application proxies the Frontend API: a URL, or a
	// path like /__clerk on the application's own origin. With a path, session tokens
	// travel to the origin of the request, so AuthorizedParties, AllowedRedirectOrigins,
	// AuthorizedPartyFunc or PublicURL must name that. CLERK_PROXY_URL.
	ProxyURL string

	// Domain is the domain of a satellite application. CLERK_DOMAIN.
	Domain string

	// IsSatellite marks a satellite, which needs Domain or ProxyURL. Sign-in
	// happens on the primary. CLERK_IS_SATELLITE.
	IsSatellite bool

	// SatelliteAutoSync makes a satellite sync with its primary on the first
	// visit, instead of only after a sign-in there.
	SatelliteAutoSync bool

	// AllowedRedirectOrigins are origins that count as this application's in redirects,
	// beside AuthorizedParties: those of satellites, to which a development primary may
	// send a browser back with its dev browser token, and others at which this server
	// is reached. A development primary's own origin needs no entry while no setting
	// names any.
	AllowedRedirectOrigins []string

	// InsecureAnyRedirectOrigin allows redirects with tokens to any origin: links to a
	// development primary then hand dev browser tokens to the link's author, and with a
	// ProxyURL that is a path, session tokens go to any host that a request names.
	// TrustedProxyHops then counts as if no origin were configured.
	InsecureAnyRedirectOrigin bool

	// SignInURL is the sign-in page: a URL, or a path on the application's own origin.
	// Empty means the account portal of the instance that PublishableKey names:
	// https://accounts.<domain>/sign-in, or https://<slug>.accounts.dev/sign-in in
	// development. The middleware sends browsers there with RedirectToSignIn and
	// WithSignInRedirect. In development their dev browser token goes along to another
	// origin, so it must be a page of yours or of Clerk's. A satellite in development
	// needs a URL on its primary. CLERK_SIGN_IN_URL.
	SignInURL string

	// SignUpURL is the sign-up page, as SignInURL is the sign-in page. Empty means the
	// page create below SignInURL, which is where Clerk's combined component signs up,
	// or without that the account portal's /sign-up. CLERK_SIGN_UP_URL.
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
	// tell the original one. It is then the origin of every request, whatever the
	// request says. Empty means that the origin comes from the request.
	// CLERK_PUBLIC_URL.
	PublicURL string

	// TrustedProxyHops is how many reverse proxies of yours stand in front of the
	// server. The client's address is the X-Forwarded-For entry that many hops from
	// the right; 0 means the connection's peer, because anyone can send
	// that field. Where no origin is configured (AuthorizedParties,
	// AllowedRedirectOrigins, AuthorizedPartyFunc, PublicURL), or
	// InsecureAnyRedirectOrigin is set, X-Forwarded-Host and -Proto are believed from
	// that many hops too: your proxies must then set or remove both. Where origins are
	// configured it does not matter for them: a forwarded host and scheme are believed
	// if the origin that they make is a configured one. CLERK_TRUSTED_PROXY_HOPS.
	TrustedProxyHops int

	// InsecureEmulator accepts tokens signed with the emulator's published key
	// and Backend APIs on plain http. The emulator's Config sets it; a
	// production instance refuses it. CLERK_INSECURE_EMULATOR.
	InsecureEmulator bool

	// HTTPClient makes the calls to Clerk. nil means a client of the kit's own,
	// with timeouts, that honours HTTP_PROXY and friends.
	HTTPClient *http.Client

	// Logger gets diagnostics, never with a secret or a token. nil means
	// slog.Default().
	Logger *slog.Logger

	// Observer is told of decisions, fetches of keys, calls to the Backend API and
	// webhooks, to make metrics and traces of. The zero value observes nothing.
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

// Format is String for every verb: %d and %x show no secret either. fmt asks it
// neither for %p nor for %w, which are for pointers and errors.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue implements slog.LogValuer.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

func redacted(secret string) string {
	if secret == "" {
		return "none"
	}
	return "redacted"
}
