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
	"github.com/clerkkit/clerkkit/internal/endpoint"
)

// Defaults of [Config].
const (
	// DefaultRefreshInterval is the age at which keys are fetched again.
	DefaultRefreshInterval = 5 * time.Minute
	// DefaultMaxAge is the age at which keys stop serving.
	DefaultMaxAge = time.Hour
	// DefaultFetchTimeout bounds one fetch with all its attempts.
	DefaultFetchTimeout = 5 * time.Second
	// DefaultUnknownKeyCooldown is the least time between two fetches for key
	// ids that a fresh set lacks.
	DefaultUnknownKeyCooldown = 10 * time.Second
)

// Config says where the keys are and how long they are good for. Only URL is
// required.
type Config struct {
	// URL is the full URL of the key set: [BackendURL] (together with SecretKey)
	// or [FrontendURL]. It must be https; http is taken for loopback hosts alone
	// (a local emulator). Who can change the answer can sign in as anybody.
	URL string

	// SecretKey, when set, is sent as a bearer token, to URL and nowhere else:
	// redirects are not followed then. The Backend API needs it, the Frontend
	// API must not get it.
	SecretKey string

	// APIVersion is the Clerk-API-Version header, sent only with SecretKey. Empty
	// means clerk.DefaultAPIVersion.
	APIVersion string

	// RefreshInterval is the age at which keys are fetched again. 0 means
	// [DefaultRefreshInterval]. A key that Clerk withdraws is refused after this
	// and one fetch at the latest while the key server answers.
	RefreshInterval time.Duration

	// MaxAge is the age at which keys stop serving because no refresh worked.
	// 0 means [DefaultMaxAge]; at least RefreshInterval. Longer rides out longer
	// outages, and keeps a withdrawn key alive as long if somebody blocks the
	// way to the key server.
	MaxAge time.Duration

	// FetchTimeout bounds one fetch with all its attempts, and so the wait of
	// anybody who has no key. 0 means [DefaultFetchTimeout].
	FetchTimeout time.Duration

	// UnknownKeyCooldown is the least time between two fetches caused by key ids
	// that a fresh set lacks, and the longest pause after a failed fetch.
	// 0 means [DefaultUnknownKeyCooldown]. It bounds what random key ids cost,
	// and how long they can hide a key that is really new.
	UnknownKeyCooldown time.Duration

	// HTTPClient sends the requests, its redirect policy tightened as said
	// above. nil means http.DefaultTransport without kept connections, with
	// proxies from the environment. Its transport must honour the context of a
	// request; one that does not costs a goroutine per hanging fetch.
	HTTPClient *http.Client

	// Logger gets a warning for every failed fetch and for key sets with
	// suspicious entries, and changes of the keys. nil means slog.Default().
	Logger *slog.Logger

	// Observer is told of each fetch. Only its KeyFetch is used. The zero value observes
	// nothing.
	Observer clerk.Observer

	// Now is the clock that key age is measured with. nil means time.Now. Set it
	// only where another part of the program shares it (an emulator's clock).
	Now func() time.Time

	// InsecureHTTP takes an http URL with any host. Keys then arrive as whoever
	// is on the way likes them: for test networks alone.
	InsecureHTTP bool
}

// BackendURL is the URL of the key set at the Backend API (GetJWKS, GET
// /v1/jwks), which wants the secret key. apiURL is as in CLERK_API_URL; empty
// means clerk.DefaultAPIURL; "/v1" may stand at its end.
func BackendURL(apiURL string) string {
	if apiURL == "" {
		apiURL = clerk.DefaultAPIURL
	}
	return endpoint.WithoutVersion(apiURL) + "/v1/jwks"
}

// FrontendURL is the URL of the key set at the Frontend API (GET
// /.well-known/jwks.json), which is public. fapi is the host that the publishable
// key names, or a URL: a proxy's, or an emulator's with its scheme. Empty gives
// the empty string, which [New] refuses.
func FrontendURL(fapi string) string {
	if fapi == "" {
		return ""
	}
	if !strings.Contains(fapi, "://") {
		fapi = "https://" + fapi
	}
	return endpoint.WithoutVersion(fapi) + "/.well-known/jwks.json"
}

// String describes c without its secret.
func (c Config) String() string {
	secret := "none"
	if c.SecretKey != "" {
		secret = "set"
	}
	return fmt.Sprintf("jwks.Config{URL: %s, SecretKey: %s, RefreshInterval: %s, MaxAge: %s, FetchTimeout: %s, UnknownKeyCooldown: %s}",
		displayURL(c.URL), secret, c.RefreshInterval, c.MaxAge, c.FetchTimeout, c.UnknownKeyCooldown)
}

// Format is String for every verb. As with clerk.Config, an unexported field of a
// caller's struct is not covered; a [Source] is covered everywhere.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue keeps the secret out of structured logs.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// withDefaults returns c with its zero fields filled in, or a *clerk.ConfigError.
func (c Config) withDefaults() (Config, error) {
	if problem := checkURL(c.URL, c.InsecureHTTP); problem != "" {
		return c, configError("URL", problem)
	}
	if !visibleASCII(c.SecretKey) {
		return c, configError("SecretKey", "has a space, a line break or another character no key has")
	}
	if c.APIVersion == "" {
		c.APIVersion = clerk.DefaultAPIVersion
	}
	if !visibleASCII(c.APIVersion) {
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
		return "holds user information; a secret key goes into SecretKey"
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

func visibleASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// displayURL is raw without what could be a secret: user information and query.
func displayURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(not a URL)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// newHTTPClient returns the client of one Source: a copy, so that the redirect
// policy stays ours alone.
func newHTTPClient(c Config) *http.Client {
	var client http.Client
	if c.HTTPClient != nil {
		client = *c.HTTPClient
	} else if t, ok := http.DefaultTransport.(*http.Transport); ok {
		// A connection kept for five minutes is closed by then, or dead after a
		// freeze, and outlives Close.
		t = t.Clone()
		t.DisableKeepAlives = true
		client.Transport = t
	}
	client.CheckRedirect = redirectPolicy(c.SecretKey != "", client.CheckRedirect)
	return &client
}
