package jwks

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/ascii"
	"github.com/clerkkit/clerkkit/internal/endpoint"
)

// Defaults of [Config].
const (
	// DefaultRefreshInterval is the default of Config.RefreshInterval.
	DefaultRefreshInterval = 5 * time.Minute
	// DefaultMaxAge is the default of Config.MaxAge.
	DefaultMaxAge = time.Hour
	// DefaultFetchTimeout is the default of Config.FetchTimeout.
	DefaultFetchTimeout = 5 * time.Second
	// DefaultUnknownKeyCooldown is the default of Config.UnknownKeyCooldown.
	DefaultUnknownKeyCooldown = 10 * time.Second
)

// Config says where to fetch the keys and how long to use them. Only URL is required.
type Config struct {
	// URL is the full URL of the key set: [BackendURL] (together with SecretKey) or
	// [FrontendURL]. It must be https; http is allowed only for loopback hosts (a local
	// emulator). Anyone who can change the response can sign in as any user.
	URL string

	// SecretKey, if set, is sent to URL as a bearer token. With it, redirects are not
	// followed, so no other server gets it. The Backend API requires it. Do not set it for
	// the Frontend API.
	SecretKey string

	// APIVersion is the value of the Clerk-API-Version header, which is sent only with
	// SecretKey. Empty means clerk.DefaultAPIVersion.
	APIVersion string

	// RefreshInterval is the age at which keys are fetched again. 0 means
	// [DefaultRefreshInterval]. While the key server responds, a key that Clerk withdraws
	// is refused after at most RefreshInterval plus the duration of one fetch.
	RefreshInterval time.Duration

	// MaxAge is the age at which keys are no longer used because every refresh failed.
	// 0 means [DefaultMaxAge]; it must be at least RefreshInterval. A larger value
	// survives longer outages. It also keeps a withdrawn key valid for that long if an
	// attacker blocks the connection to the key server.
	MaxAge time.Duration

	// FetchTimeout bounds one fetch with all its attempts, and therefore how long a call
	// waits for a key. 0 means [DefaultFetchTimeout].
	FetchTimeout time.Duration

	// UnknownKeyCooldown is the minimum time between two fetches caused by key ids that a
	// fresh set lacks, and the maximum pause after a failed fetch. 0 means
	// [DefaultUnknownKeyCooldown]. It limits the fetches that random key ids cause, and
	// how long they can delay the fetch of a new key.
	UnknownKeyCooldown time.Duration

	// HTTPClient sends the requests. A copy of it is used, with redirects restricted to
	// the same scheme and host, and refused with SecretKey. nil means http.DefaultTransport
	// without keep-alive, with proxies from the environment. The transport must respect
	// the context of a request; otherwise each hanging fetch leaks a goroutine.
	HTTPClient *http.Client

	// Logger gets a warning for each failed fetch and for key sets with suspicious
	// entries, and a message for each change of the keys. nil means slog.Default().
	Logger *slog.Logger

	// Observer is called for each fetch. Only its KeyFetch is used. The zero value
	// observes nothing.
	Observer clerk.Observer

	// Now is the clock that measures the age of keys. nil means time.Now. Set it only to a
	// clock that other parts of the program use too (an emulator's clock).
	Now func() time.Time

	// InsecureHTTP accepts an http URL with any host. Anyone on the network path can then
	// replace the keys. Use it only in test networks.
	InsecureHTTP bool
}

// BackendURL returns the URL of the key set at the Backend API (GetJWKS, GET /v1/jwks),
// which requires the secret key. apiURL is as in CLERK_API_URL and may end in "/v1".
// Empty means clerk.DefaultAPIURL.
func BackendURL(apiURL string) string {
	if apiURL == "" {
		apiURL = clerk.DefaultAPIURL
	}
	return endpoint.WithoutVersion(apiURL) + "/v1/jwks"
}

// origin says in a log line from which setting the address of the keys comes.
func (s *Source) origin() string {
	switch {
	case strings.HasSuffix(s.cfg.URL, "/v1/jwks"):
		return "; their address follows from APIURL (CLERK_API_URL)"
	case strings.HasSuffix(s.cfg.URL, "/.well-known/jwks.json"):
		return "; their address follows from PublishableKey (CLERK_PUBLISHABLE_KEY) and FrontendAPI (CLERK_FAPI)"
	}
	return ""
}

// FrontendURL returns the URL of the key set at the Frontend API (GET
// /.well-known/jwks.json), which is public. fapi is the host in the publishable key, or
// the URL of a proxy or an emulator. If fapi is empty, the result is empty, which [New]
// refuses.
func FrontendURL(fapi string) string {
	if fapi == "" {
		return ""
	}
	if !strings.Contains(fapi, "://") {
		fapi = "https://" + fapi
	}
	return endpoint.WithoutVersion(fapi) + "/.well-known/jwks.json"
}

// String describes c without the secret key.
func (c Config) String() string {
	secret := "none"
	if c.SecretKey != "" {
		secret = "set"
	}
	return fmt.Sprintf("jwks.Config{URL: %s, SecretKey: %s, RefreshInterval: %s, MaxAge: %s, FetchTimeout: %s, UnknownKeyCooldown: %s}",
		displayURL(c.URL), secret, c.RefreshInterval, c.MaxAge, c.FetchTimeout, c.UnknownKeyCooldown)
}

// Format writes String for every verb. fmt does not call it for a Config in an
// unexported field of another struct, as with clerk.Config. A [Source] never shows its
// key.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue implements slog.LogValuer. It leaves out the secret key.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// withDefaults returns c with defaults for zero fields, or a *clerk.ConfigError.
func (c Config) withDefaults() (Config, error) {
	if problem := checkURL(c.URL, c.InsecureHTTP); problem != "" {
		return c, configError("URL", problem)
	}
	if !ascii.Visible(c.SecretKey) {
		return c, configError("SecretKey", "has a space, a line break or another character that keys do not have")
	}
	if c.APIVersion == "" {
		c.APIVersion = clerk.DefaultAPIVersion
	}
	if !ascii.Visible(c.APIVersion) {
		return c, configError("APIVersion", "cannot be a header value")
	}
	for _, d := range []struct {
		field    string
		value    *time.Duration
		fallback time.Duration
	}{
		{"RefreshInterval", &c.RefreshInterval, DefaultRefreshInterval},
		{"MaxAge", &c.MaxAge, DefaultMaxAge},
		{"FetchTimeout", &c.FetchTimeout, DefaultFetchTimeout},
		{"UnknownKeyCooldown", &c.UnknownKeyCooldown, DefaultUnknownKeyCooldown},
	} {
		if *d.value < 0 {
			return c, configError(d.field, "is negative")
		}
		if *d.value == 0 {
			*d.value = d.fallback
		}
	}
	if c.MaxAge < c.RefreshInterval {
		return c, configError("MaxAge", fmt.Sprintf("%s is shorter than RefreshInterval %s", c.MaxAge, c.RefreshInterval))
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

func configError(field, problem string) error {
	return &clerk.ConfigError{Field: "jwks.Config." + field, Problem: problem}
}

func checkURL(raw string, insecure bool) string {
	if raw == "" {
		return "is empty"
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "is not a URL" // the parser's error repeats the URL
	case u.Host == "" || u.Hostname() == "":
		return "has no host"
	case u.User != nil:
		return "has user information; set the secret key in SecretKey"
	case u.Fragment != "":
		return "has a fragment"
	case u.Scheme == "https":
		return ""
	case u.Scheme != "http":
		return "is neither https nor http"
	case !insecure && !endpoint.Loopback(u.Hostname()):
		return "is http to a host that is not loopback"
	}
	return ""
}

// displayURL returns raw without user information and query, which could contain a
// secret.
func displayURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(not a URL)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// newHTTPClient returns a copy of the configured client, so that setting the redirect
// policy does not change the caller's client.
func newHTTPClient(c Config) *http.Client {
	var client http.Client
	if c.HTTPClient != nil {
		client = *c.HTTPClient
	} else if t, ok := http.DefaultTransport.(*http.Transport); ok {
		// A connection that is kept for five minutes between fetches is probably closed, or
		// dead after a freeze, and it would outlive Close.
		t = t.Clone()
		t.DisableKeepAlives = true
		client.Transport = t
	}
	client.CheckRedirect = redirectPolicy(c.SecretKey != "", client.CheckRedirect)
	return &client
}
