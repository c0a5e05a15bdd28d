package handshake

import (
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/endpoint"
	"github.com/clerkkit/clerkkit/internal/forwarded"
	"github.com/clerkkit/clerkkit/internal/observe"
	"github.com/clerkkit/clerkkit/verify"
)

// Config configures an [Authenticator].
type Config struct {
	// Clerk holds the settings of the instance and the application. The state machine
	// reads PublishableKey, FrontendAPI, ProxyURL, Domain, the satellite settings,
	// SignInURL, SignUpURL, OrganizationSync, AllowedRedirectOrigins,
	// AuthorizedParties, AuthorizedPartyFunc and PublicURL (as origins that redirects
	// may go to), InsecureAnyRedirectOrigin, Handshake, TrustedProxyHops, Limits,
	// OpaqueTokenCacheTTL, Audience, Issuers, Logger, Observer and Now. The other fields are for
	// the Verifier and the Backend.
	Clerk clerk.Config

	// Verifier verifies tokens. It is required, and must be for the same instance.
	Verifier *verify.Verifier

	// Backend makes the calls to the Backend API. With nil there are no calls:
	// handshakes by nonce end signed out, sessions are not refreshed, and opaque
	// machine tokens are refused.
	Backend Backend
}

// Authenticator is the state machine of one instance and one application. It stores
// nothing about browsers and is safe for concurrent use. It starts goroutines only for
// calls in progress and needs no Close. A server for several domains or instances has
// one for each.
type Authenticator struct {
	verifier      *verify.Verifier
	skewTolerant  *verify.Verifier // for development machines whose clock is off
	ignoresTime   *verify.Verifier // to read handshakes that are over
	backend       Backend
	observer      *observe.Observer // nil for none
	calls         backendCalls
	notices       notices
	originNotices originNotices
	now           func() time.Time

	instance   clerk.InstanceType
	redirects  bool // the handshake is on
	headerOnly bool // cookies and the handshake's parameters are not read
	suffix     string
	audience   []string

	ownIssuers     []string // the values of iss that mark a session cookie as ours
	fapi           string   // base of the Frontend API, with a final slash
	fapiHost       string
	accountsOrigin string // of the account portal
	proxyPath      string // where it is proxied on the application's own origin, with a final slash

	satellite, autoSync bool
	signInURL           webURL
	origins             *forwarded.Rules
	liveNotices         bool // a live instance, and not the emulator's
	pages               signInPages
	organizations       organizations
}

// errSignInOrigin can be detected only in requests with an Origin header.
var errSignInOrigin = &clerk.ConfigError{Field: "SignInURL", Problem: "is on the satellite's own origin; users sign in on the primary"}

// New makes an Authenticator. It does no I/O. The error is a *[clerk.ConfigError]. New
// checks only the settings that it uses; [clerk.Config.Validate] checks all.
func New(cfg Config) (*Authenticator, error) {
	c := cfg.Clerk
	if cfg.Verifier == nil {
		return nil, &clerk.ConfigError{Field: "handshake.Config.Verifier", Problem: "is nil"}
	}
	m := &Authenticator{
		verifier:     cfg.Verifier,
		skewTolerant: cfg.Verifier.WithClockSkew(developmentSkew),
		ignoresTime:  cfg.Verifier.WithClockSkew(noSkew),
		backend:      cfg.Backend,
		now:          c.Now,
		audience:     slices.DeleteFunc(slices.Clone(c.Audience), func(s string) bool { return s == "" }),
		satellite:    c.IsSatellite,
		autoSync:     c.SatelliteAutoSync,
		origins:      forwarded.New(c),
		headerOnly:   c.HeaderOnly,
		observer:     observe.New(c.Observer, c.Logger),
	}
	if m.now == nil {
		m.now = time.Now
	}
	m.notices.log, m.notices.now = c.Logger, m.now
	if m.notices.log == nil {
		m.notices.log = slog.Default()
	}
	m.originNotices.log, m.originNotices.fixed = m.notices.log, c.PublicURL != ""
	if err := m.setInstance(c); err != nil {
		return nil, err
	}
	if err := m.setSatellite(c); err != nil {
		return nil, err
	}
	m.setSignInPages(c)
	var err error
	if m.organizations, err = newOrganizations(c.OrganizationSync); err != nil {
		return nil, err
	}
	if err := m.setBackendCalls(c); err != nil {
		return nil, err
	}
	return m, nil
}

// setInstance derives the instance from the publishable key, and the address of the
// Frontend API.
func (m *Authenticator) setInstance(c clerk.Config) error {
	if c.PublishableKey == "" {
		return nil
	}
	key, err := clerk.ParsePublishableKey(c.PublishableKey)
	if err != nil {
		return err
	}
	m.instance = key.Instance()
	m.suffix = key.CookieSuffix()
	m.liveNotices = m.instance == clerk.Production && !c.InsecureEmulator
	m.redirects = c.Handshake != clerk.HandshakeOff && !c.HeaderOnly

	host := key.FrontendAPI()
	if c.IsSatellite && c.Domain != "" && m.instance == clerk.Production {
		host = "clerk." + c.Domain // a satellite has a Frontend API host of its own
	}
	m.ownIssuers = append([]string{host, "https://" + host, "http://" + host}, c.Issuers...)
	base, field := "https://"+host, "PublishableKey"
	switch {
	case strings.ContainsAny(c.ProxyURL, "?#"):
		return &clerk.ConfigError{Field: "ProxyURL", Problem: "holds a query or fragment"}
	case strings.HasPrefix(c.ProxyURL, "/") && !m.origins.Limited() && !c.InsecureAnyRedirectOrigin:
		return &clerk.ConfigError{Field: "ProxyURL", Problem: "is a path, and no setting names the origin that it is on; set AuthorizedParties or PublicURL"}
	case strings.HasPrefix(c.ProxyURL, "/"):
		m.proxyPath = endpoint.WithoutVersion(normalPath(c.ProxyURL)) + "/"
	case c.ProxyURL != "":
		base, field = c.ProxyURL, "ProxyURL"
	case c.FrontendAPI != "":
		base, field = c.FrontendAPI, "FrontendAPI"
		m.ownIssuers = append(m.ownIssuers, endpoint.WithoutVersion(base))
	}
	u, ok := parseURL(base)
	if !ok {
		problem := "is not an absolute http or https URL"
		if field == "ProxyURL" {
			problem = "is neither an absolute http or https URL nor a path that begins with a slash"
		}
		return &clerk.ConfigError{Field: field, Problem: problem}
	}
	u.path = endpoint.WithoutVersion(u.path) + "/"
	u.fragment = ""
	u.setQuery("")
	m.fapi, m.fapiHost = u.String(), u.hostname()
	if c.ProxyURL == "" {
		m.accountsOrigin = accountPortal(host)
	}
	return nil
}

// accountPortal returns the origin of the instance's hosted sign-in pages: the Frontend
// API's host with accounts instead of clerk.
func accountPortal(fapi string) string {
	host := strings.Replace(fapi, "clerk.accountsstage.", "accountsstage.", 1)
	if i := strings.Index(host, "clerk."); i >= 0 {
		rest := host[i+len("clerk."):]
		host = host[:i] + "accounts." + strings.TrimPrefix(rest, "accounts.")
	}
	u, ok := parseURL("https://" + host)
	if !ok {
		return ""
	}
	return u.origin()
}

func (m *Authenticator) setSatellite(c clerk.Config) error {
	if !m.satellite {
		return nil
	}
	if c.Domain == "" && c.ProxyURL == "" {
		return &clerk.ConfigError{Field: "IsSatellite", Problem: "needs Domain or ProxyURL"}
	}
	var ok bool
	m.signInURL, ok = parseURL(c.SignInURL)
	switch {
	case ok:
		return nil
	case c.SignInURL != "":
		return &clerk.ConfigError{Field: "SignInURL", Problem: "is not an absolute http or https URL, and a satellite has no sign-in page of its own"}
	}
	secret, _ := clerk.SecretKeyInstance(c.SecretKey)
	if m.redirects && (m.instance == clerk.Development || secret == clerk.Development) {
		return &clerk.ConfigError{Field: "SignInURL", Problem: "is empty: a satellite in development needs the primary's sign-in page"}
	}
	return nil
}
