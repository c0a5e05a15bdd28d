package clerktest

import (
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/ids"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Config configures an emulator. The zero value is a development instance for an
// application at http://localhost:3000.
type Config struct {
	// Addr is where [Start] and [NewServer] listen, "127.0.0.1:0" if empty: a free
	// port of the loopback interface. Anything but loopback lets others on the
	// network sign in as your users.
	Addr string

	// Instance is the kind of instance, [clerk.Development] if empty.
	Instance clerk.InstanceType

	// FrontendAPI is the host in the publishable key, which also makes the issuer of
	// tokens. It must not be possible as the host of a real production instance:
	// loopback, a name below .test, .example, .invalid or .localhost, or, in
	// development, one below accounts.dev or Clerk's other development domains. Empty
	// means clerktest-….clerk.accounts.dev, different in each emulator, or
	// clerk.example.test in production. Nothing ever connects to it: applications reach
	// the emulator by [clerk.Config].ProxyURL.
	FrontendAPI string

	// SecretKey is the secret key, a random one if empty. It must begin with
	// sk_test_emulator or sk_live_emulator, so that a real one cannot end up here.
	SecretKey string

	// Origins are the origins of the application: the azp of tokens, where the
	// handshake and the sign-in page may redirect to, and AuthorizedParties in
	// [Emulator.Config]. Empty means http://localhost:3000. A development instance
	// also redirects to any port of loopback.
	Origins []string

	// SigningKey signs tokens, RSA of at least 2048 bits. nil means the key that
	// is published with this package.
	SigningKey *rsa.PrivateKey

	// GenerateKey makes a new signing key instead of the published one, which
	// takes about 70 ms.
	GenerateKey bool

	// Settings are the settings of the instance's dashboard.
	Settings Settings

	// Webhooks are endpoints that get all events, see [Emulator.AddWebhook], including
	// those of [Emulator.Load].
	Webhooks []WebhookEndpoint

	// TokenVersion is the version of session tokens, 1 or 2. 0 means 2.
	TokenVersion int

	// TokenLifetime is how long a session token lives. 0 means 60 seconds, as
	// at Clerk.
	TokenLifetime time.Duration

	// SessionLifetime is how long a session lives. 0 means 7 days, as at Clerk.
	SessionLifetime time.Duration

	// RateLimits turns on the rate limits that Clerk documents
	// (https://clerk.com/docs/guides/how-clerk-works/system-limits), by the
	// emulator's clock: 429 with Retry-After. Off by default, because tests are
	// quick. [Emulator.SetRateLimits] changes it while the emulator runs.
	RateLimits bool

	// Deterministic makes all random values (ids, jti, nonces, …) the same in each run,
	// for golden files. Anyone can then guess them.
	Deterministic bool

	// Now is the clock, before [Emulator.Advance] moves it. nil means time.Now.
	Now func() time.Time

	// Logger gets one line for each request, without secrets and tokens. nil
	// means none.
	Logger *slog.Logger
}

// Defaults of Clerk's own.
const (
	defaultTokenLifetime   = 60 * time.Second
	defaultSessionLifetime = 7 * 24 * time.Hour
	defaultOrigin          = "http://localhost:3000"
)

// developmentSuffixes end the Frontend API hosts of development instances, as
// clerk-js tells them.
var developmentSuffixes = []string{
	".accounts.dev", ".accountsstage.dev", ".lcl.dev", ".stg.dev", ".lclstage.dev", ".stgstage.dev",
	".dev.lclclerk.com", ".stg.lclclerk.com", ".accounts.lclclerk.com",
}

// withDefaults returns the configuration with its zero values filled in, or all
// that is wrong with it.
func (c Config) withDefaults(ids *ids.Source) (Config, error) {
	var errs []error
	bad := func(field, problem string) {
		errs = append(errs, &clerk.ConfigError{Field: "clerktest.Config." + field, Problem: problem})
	}
	if c.Instance == "" {
		c.Instance = clerk.Development
	}
	prefix := "sk_test_emulator"
	switch c.Instance {
	case clerk.Development:
		if c.FrontendAPI == "" {
			c.FrontendAPI = "clerktest-" + ids.Lower(8) + ".clerk.accounts.dev"
		}
	case clerk.Production:
		prefix = "sk_live_emulator"
		if c.FrontendAPI == "" {
			c.FrontendAPI = "clerk.example.test"
		}
	default:
		bad("Instance", "is neither development nor production")
	}
	if problem := frontendAPIProblem(c.FrontendAPI, c.Instance); problem != "" {
		bad("FrontendAPI", problem)
	}
	if c.SecretKey == "" {
		c.SecretKey = prefix + ids.Random(32)
	}
	if _, err := clerk.SecretKeyInstance(c.SecretKey); err != nil || !strings.HasPrefix(c.SecretKey, prefix) {
		bad("SecretKey", "does not begin with "+prefix+"; keys of real instances do not belong here")
	}
	if len(c.Origins) == 0 {
		c.Origins = []string{defaultOrigin}
	}
	c.Origins = append([]string(nil), c.Origins...)
	for i, o := range c.Origins {
		if parsed, ok := hosts.ParseOrigin(o); !ok || parsed != o {
			bad(fmt.Sprintf("Origins[%d]", i), "is not an origin like http://localhost:3000, without anything after host and port")
		}
	}
	if c.SigningKey != nil {
		switch {
		case c.GenerateKey:
			bad("GenerateKey", "is set although there is a SigningKey")
		case c.SigningKey.N == nil || c.SigningKey.N.BitLen() < 2048:
			bad("SigningKey", "has less than 2048 bits")
		}
	}
	var badSettings []string
	var set state.Settings
	if set, badSettings = state.Settings(c.Settings).WithDefaults(); len(badSettings) > 0 {
		for _, name := range badSettings {
			bad("Settings."+name, "is not one of the values that it can have")
		}
	}
	c.Settings = Settings(set)
	if c.TokenVersion == 0 {
		c.TokenVersion = 2
	}
	if c.TokenVersion != 1 && c.TokenVersion != 2 {
		bad("TokenVersion", "is neither 1 nor 2")
	}
	if c.TokenLifetime == 0 {
		c.TokenLifetime = defaultTokenLifetime
	}
	if c.TokenLifetime < time.Second {
		bad("TokenLifetime", "is less than a second")
	}
	if c.SessionLifetime == 0 {
		c.SessionLifetime = defaultSessionLifetime
	}
	if c.SessionLifetime < c.TokenLifetime {
		bad("SessionLifetime", "is less than TokenLifetime")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, errors.Join(errs...)
}

// frontendAPIProblem is the guard: it lets only hosts pass that no production
// instance can have.
func frontendAPIProblem(host string, instance clerk.InstanceType) string {
	if _, err := clerk.ParsePublishableKey(encodePublishableKey(host, instance)); err != nil {
		return "cannot be the host of a Frontend API: it needs a dot, and no scheme"
	}
	name, _, _ := strings.Cut(host, "/")
	if hosts.Reserved(name) {
		return ""
	}
	if instance == clerk.Development {
		for _, suffix := range developmentSuffixes {
			if strings.HasSuffix(hosts.Name(name), suffix) {
				return ""
			}
		}
		return "is neither loopback, a reserved name (.test, .example, .localhost) nor below accounts.dev: the emulator does not pose as a host of the internet"
	}
	return "is neither loopback nor a reserved name (.test, .example, .localhost): the emulator does not pose as a production host"
}

func encodePublishableKey(host string, instance clerk.InstanceType) string {
	prefix := "pk_test_"
	if instance == clerk.Production {
		prefix = "pk_live_"
	}
	return prefix + base64.StdEncoding.EncodeToString([]byte(host+"$"))
}
