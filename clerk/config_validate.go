package clerk

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/internal/ascii"
	"github.com/clerkkit/clerkkit/internal/endpoint"
)

// Validate reports settings that cannot be used or contradict each other, as
// joined *[ConfigError]s. It does no I/O. middleware.New calls it.
func (c Config) Validate() error { return c.validate(true) }

// validate implements Validate. A Config that ConfigFromEnv made may be incomplete: the
// program may set the rest.
func (c Config) validate(complete bool) error {
	var errs []error
	bad := func(field, problem string) { errs = append(errs, &ConfigError{field, problem}) }

	if c.SecretKey == "" && c.PublishableKey == "" && c.JWTKey == "" {
		bad("SecretKey", "is empty, and so are PublishableKey and JWTKey: there is no source of signing keys")
	}
	pk, err := c.publishableKey()
	if err != nil {
		errs = append(errs, err)
	}
	production := pk.instance == Production
	if c.SecretKey != "" {
		instance, err := SecretKeyInstance(c.SecretKey)
		switch {
		case err != nil:
			errs = append(errs, err)
		case pk.instance != "" && pk.instance != instance:
			bad("SecretKey", "belongs to a "+string(instance)+" instance, PublishableKey to a "+string(pk.instance)+" one; copy both from the API keys page of one instance")
		}
		production = production || instance == Production
	}
	// The emulator's production instances have a host that is not on the internet.
	if production && c.InsecureEmulator && !loopbackHost(pk.frontendAPI) && !reservedHost(pk.frontendAPI) {
		bad("InsecureEmulator", "is set for a production instance")
	}
	c.validateOrigins(bad, complete)
	if i := slices.Index(c.Audience, ""); i >= 0 {
		bad(fmt.Sprintf("Audience[%d]", i), "is empty")
	}
	if i := slices.Index(c.Issuers, ""); i >= 0 {
		bad(fmt.Sprintf("Issuers[%d]", i), "is empty")
	}
	if c.InsecureAnyIssuer && len(c.Issuers) > 0 {
		bad("InsecureAnyIssuer", "contradicts Issuers")
	}
	if c.JWTKey != "" {
		if problem := jwtKeyProblem(c.JWTKey); problem != "" {
			bad("JWTKey", problem)
		}
	}
	switch problem := pastedProblem(c.MachineSecretKey); {
	case problem != "":
		bad("MachineSecretKey", problem)
	case !ascii.Visible(c.MachineSecretKey):
		bad("MachineSecretKey", "holds white space or a character that no key has")
	case c.MachineSecretKey != "" && !strings.HasPrefix(c.MachineSecretKey, "ak_"):
		bad("MachineSecretKey", "does not begin with ak_; copy it from the machine in the Clerk Dashboard")
	}
	for secret := range strings.FieldsSeq(c.WebhookSigningSecret) { // several are separated by white space
		if problem := pastedProblem(secret); problem != "" {
			bad("WebhookSigningSecret", problem)
		} else if !strings.HasPrefix(secret, "whsec_") {
			bad("WebhookSigningSecret", "does not begin with whsec_; copy it from the endpoint under Webhooks in the Clerk Dashboard")
		}
	}
	if len(c.AuthorizedParties) == 0 && c.AuthorizedPartyFunc == nil && c.InsecureAllowMissingAuthorizedParty {
		bad("InsecureAllowMissingAuthorizedParty", "has no meaning without AuthorizedParties")
	}
	switch {
	case c.ClockSkew > time.Hour:
		bad("ClockSkew", "is above an hour")
	case withoutUnit(c.ClockSkew):
		bad("ClockSkew", "is less than a millisecond; multiply the number by time.Second")
	}
	c.validateHeaderOnly(bad)
	c.validateURLs(bad)
	switch {
	case withoutUnit(c.OpaqueTokenCacheTTL):
		bad("OpaqueTokenCacheTTL", "is less than a millisecond; multiply the number by time.Second")
	case c.OpaqueTokenCacheTTL > maxOpaqueTokenCacheTTL:
		bad("OpaqueTokenCacheTTL", "is above an hour: a key revoked at Clerk is accepted for that long")
	}
	if err := c.Limits.Validate(); err != nil {
		errs = append(errs, err)
	}
	if c.TrustedProxyHops < 0 {
		bad("TrustedProxyHops", "is negative")
	}
	if c.Handshake != HandshakeAuto && c.Handshake != HandshakeOff {
		bad("Handshake", "is not a known mode")
	}
	return errors.Join(errs...)
}

// withoutUnit reports a duration that was meant as a number of seconds: 5 is 5 ns.
func withoutUnit(d time.Duration) bool { return 0 < d && d < time.Millisecond }

// validateHeaderOnly refuses settings for cookies and redirects. HeaderOnly would
// silently disable them.
func (c Config) validateHeaderOnly(bad func(field, problem string)) {
	if !c.HeaderOnly {
		return
	}
	if c.IsSatellite {
		bad("HeaderOnly", "contradicts IsSatellite: a satellite syncs its cookies by redirects")
	}
	if len(c.OrganizationSync.OrganizationPatterns)+len(c.OrganizationSync.PersonalAccountPatterns) > 0 {
		bad("HeaderOnly", "contradicts OrganizationSync, which redirects browsers")
	}
}

func (c Config) validateURLs(bad func(field, problem string)) {
	for _, u := range []struct {
		field, value string
		secret       bool
	}{
		{"APIURL", c.APIURL, true},
		{"FrontendAPI", c.FrontendAPI, false},
	} {
		if u.value == "" {
			continue
		}
		parsed, problem := parseBaseURL(u.value)
		switch {
		case problem != "":
			bad(u.field, problem)
		case notBackendAPI(parsed) && u.field == "APIURL":
			bad(u.field, "is not the address of the Backend API, https://api.clerk.com")
		case u.secret && parsed.Scheme == "http" && !loopbackHost(parsed.Host) && !c.InsecureEmulator:
			bad(u.field, "would send the secret key over plain http")
		}
	}
	switch {
	case c.ProxyURL == "":
	case !isPath(c.ProxyURL):
		if _, problem := parseBaseURL(c.ProxyURL); problem != "" {
			bad("ProxyURL", problem+"; write a URL, or a path that begins with one slash")
		}
	case strings.ContainsAny(c.ProxyURL, "?#"):
		bad("ProxyURL", "holds a query or fragment; write a path like /__clerk")
	case strings.Trim(endpoint.WithoutVersion(c.ProxyURL), "/") == "":
		bad("ProxyURL", "is the path of the whole application; write one of its own, like /__clerk")
	}
	switch {
	case c.Domain == "":
	case pastedProblem(c.Domain) != "":
		bad("Domain", pastedProblem(c.Domain))
	case !validHost(c.Domain):
		bad("Domain", "is not a host name; leave out scheme and path")
	case c.Domain != strings.ToLower(c.Domain), strings.HasSuffix(c.Domain, "."):
		bad("Domain", "holds upper-case letters or ends in a dot, and no issuer of a token does; write it like example.com")
	case strings.HasPrefix(c.Domain, "clerk."), strings.HasPrefix(c.Domain, "accounts."):
		bad("Domain", "is a host of Clerk's; write the satellite's own domain, without "+c.Domain[:strings.IndexByte(c.Domain, '.')+1]+" in front")
	}
	if c.IsSatellite && c.Domain == "" && c.ProxyURL == "" {
		bad("IsSatellite", "needs Domain or ProxyURL")
	}
	if c.JSVersion != "" && !isVersion(c.JSVersion) {
		bad("JSVersion", "is not a version or tag of npm, like 6 or 6.29.3")
	}
	for _, u := range []struct{ field, value string }{
		{"SignInURL", c.SignInURL}, {"SignUpURL", c.SignUpURL}, {"JSURL", c.JSURL},
		{"SignInFallbackRedirectURL", c.SignInFallbackRedirectURL}, {"SignInForceRedirectURL", c.SignInForceRedirectURL},
		{"SignUpFallbackRedirectURL", c.SignUpFallbackRedirectURL}, {"SignUpForceRedirectURL", c.SignUpForceRedirectURL},
	} {
		if problem := pastedProblem(u.value); problem != "" {
			bad(u.field, problem)
		} else if u.value != "" && !isPath(u.value) && !isHTTP(u.value) {
			bad(u.field, "is neither an http or https URL nor a path that begins with one slash")
		}
	}
}

// notBackendAPI recognizes what people give for the Backend API's address: another
// server of Clerk's, an operation, or another version than v1.
func notBackendAPI(u *url.URL) bool {
	switch u.Hostname() {
	case "clerk.com", "www.clerk.com", "dashboard.clerk.com", "accounts.clerk.com":
		return true
	case "api.clerk.com", "api.clerk.dev":
		return endpoint.WithoutVersion(u.Path) != ""
	}
	return false
}

func (c Config) publishableKey() (PublishableKey, error) {
	if c.PublishableKey == "" {
		return PublishableKey{}, nil
	}
	return ParsePublishableKey(c.PublishableKey)
}
