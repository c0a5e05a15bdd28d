// Package transport sends requests to Clerk's Backend API (BAPI). It adds the secret
// key and the version header, limits time and size, retries requests if that is safe,
// and converts every failure to an [*Error].
//
// Package bapi and internal/backend share it, so that an application that only
// authenticates requests does not compile 253 operations.
package transport

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/ascii"
	"github.com/clerkkit/clerkkit/internal/endpoint"
)

// Defaults of [Config].
const (
	// DefaultTimeout bounds one attempt, from dialing to the last byte of the response.
	DefaultTimeout = 15 * time.Second
	// DefaultMaxRetries is how often a request is retried.
	DefaultMaxRetries = 3
	// DefaultMaxRetryWait bounds the sum of the pauses between the attempts of a request
	// whose context has no deadline.
	DefaultMaxRetryWait = 3 * time.Second
	// DefaultMaxResponseBytes is the maximum size of a decompressed response: 32 MiB,
	// several times a page of 500 users with full metadata.
	DefaultMaxResponseBytes = 32 << 20
)

// Config configures a [Client]. Only SecretKey is required.
type Config struct {
	// SecretKey is sent as the bearer token: an instance secret key (sk_…) or, for the
	// operations that take one, a machine secret key (ak_…). If it is empty, or contains a
	// character that is not allowed in a header, New returns an error.
	SecretKey string

	// APIURL is the origin of the Backend API, optionally with a path prefix. "/v1" is
	// appended unless the path ends in it already. Default clerk.DefaultAPIURL. Plain
	// http is accepted for loopback hosts only, see InsecureHTTP.
	APIURL string

	// APIVersion is sent as Clerk-API-Version. Default clerk.DefaultAPIVersion, the only
	// version that this kit is tested with.
	APIVersion string

	// HTTPClient sends the requests. Middleware belongs in its Transport. New copies it,
	// and the copy never follows redirects, so that no other host gets the secret key.
	// Default: a client with its own connection pool and the proxy settings of the
	// environment.
	HTTPClient *http.Client

	// UserAgent is put in front of the kit's own User-Agent, for example "billing/1.4".
	UserAgent string

	// Timeout bounds each attempt. Zero means DefaultTimeout. A negative value means no
	// timeout; then only the caller's context ends a request that hangs.
	Timeout time.Duration

	// MaxRetries is how often a request is retried. Zero means DefaultMaxRetries. A
	// negative value turns retries off.
	MaxRetries int

	// MaxRetryWait bounds the sum of the pauses between the attempts of a request whose
	// context has no deadline. If Retry-After exceeds it, the error is returned at once,
	// with RetryAfter set. If the context has a deadline, only the deadline bounds the
	// pauses. Zero means DefaultMaxRetryWait.
	MaxRetryWait time.Duration

	// MaxResponseBytes is the maximum size of a decompressed response. A larger response
	// is an error. Zero means DefaultMaxResponseBytes.
	MaxResponseBytes int64

	// Limiter, if set, limits all attempts, including retries.
	Limiter *Limiter

	// Logger gets one debug record per retry, without keys, bodies and query strings.
	// Default: no logging.
	Logger *slog.Logger

	// Now is the clock for a Retry-After header with a date. Default time.Now.
	Now func() time.Time

	// InsecureHTTP allows plain http to a host that is not loopback. Anyone on the network
	// path can then read the secret key. Use it only for an emulator in a container
	// network.
	InsecureHTTP bool
}

// Format hides the secret key from every fmt verb.
func (c Config) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "transport.Config{APIURL: "+c.APIURL+"}")
}

// Client sends requests to one Backend API with one secret key. It is safe for
// concurrent use, owns no goroutine and needs no Close.
type Client struct {
	http         *http.Client
	base         string // scheme, host and path up to and including "/v1", no final slash
	key          secret
	version      string
	userAgent    string
	timeout      time.Duration
	maxRetries   int
	maxRetryWait time.Duration
	maxBytes     int64
	limiter      *Limiter
	log          *slog.Logger
	now          func() time.Time
	budget       budget
}

// secret hides a key in a function, because fmt and reflection print only its address.
type secret func() string

func newSecret(s string) secret { return func() string { return s } }

// New returns a Client. It does not access the network. No error text contains the
// secret key.
func New(cfg Config) (*Client, error) {
	if err := checkKey(cfg.SecretKey); err != nil {
		return nil, &clerk.ConfigError{Field: "SecretKey", Problem: err.Error()}
	}
	base, err := baseURL(cfg.APIURL, cfg.InsecureHTTP)
	if err != nil {
		return nil, &clerk.ConfigError{Field: "APIURL", Problem: err.Error()}
	}
	c := &Client{
		http:         newHTTPClient(cfg.HTTPClient),
		base:         base,
		key:          newSecret(cfg.SecretKey),
		version:      orDefault(cfg.APIVersion, clerk.DefaultAPIVersion),
		userAgent:    "clerkkit/" + clerk.Version + " (" + runtime.Version() + ")",
		timeout:      orDefault(cfg.Timeout, DefaultTimeout),
		maxRetries:   max(0, orDefault(cfg.MaxRetries, DefaultMaxRetries)),
		maxRetryWait: orDefault(cfg.MaxRetryWait, DefaultMaxRetryWait),
		maxBytes:     orDefault(cfg.MaxResponseBytes, DefaultMaxResponseBytes),
		limiter:      cfg.Limiter,
		log:          cfg.Logger,
		now:          cfg.Now,
	}
	if cfg.UserAgent != "" {
		c.userAgent = cfg.UserAgent + " " + c.userAgent
	}
	if !ascii.Printable(c.userAgent) || !ascii.Printable(c.version) {
		return nil, &clerk.ConfigError{Field: "UserAgent", Problem: "holds a character that is not printable ASCII"}
	}
	if c.maxBytes < 0 || c.maxRetryWait < 0 {
		return nil, errors.New("transport: MaxResponseBytes and MaxRetryWait must not be negative")
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.now == nil {
		c.now = time.Now
	}
	return c, nil
}

// String returns the URL of the API, without the key.
func (c *Client) String() string { return "transport.Client(" + c.base + ")" }

// CloseIdleConnections closes the kept-alive connections that no request is using.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// newHTTPClient copies c, or makes a client, and forbids redirects. net/http would
// forward the Authorization header to subdomains, and from https to http.
func newHTTPClient(c *http.Client) *http.Client {
	var own http.Client
	if c != nil {
		own = *c
	}
	if own.Transport == nil {
		if t, ok := http.DefaultTransport.(*http.Transport); ok {
			t = t.Clone()
			t.MaxIdleConnsPerHost = 16
			own.Transport = t
		}
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

func checkKey(key string) error {
	if key == "" {
		return errors.New("is empty")
	}
	if strings.HasPrefix(strings.Trim(key, "\"'"), "pk_") {
		return errors.New("transport: this is a publishable key; set the secret key (sk_…, CLERK_SECRET_KEY)")
	}
	if strings.ContainsAny(key, "\"'`") {
		return errors.New("transport: the secret key is in quotes; remove them")
	}
	if !ascii.Visible(key) {
		return errors.New("holds white space or a character that is not ASCII")
	}
	return nil
}

// baseURL checks the API URL and returns it with "/v1" and without a final slash. Its
// errors do not repeat the URL, which could contain a password.
func baseURL(raw string, insecureHTTP bool) (string, error) {
	u, err := url.Parse(orDefault(raw, clerk.DefaultAPIURL))
	switch {
	case err != nil:
		return "", errors.New("cannot be parsed")
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "":
		return "", errors.New("is not an absolute http or https URL")
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "":
		return "", errors.New("has a user, a query or a fragment")
	case u.Scheme == "http" && !insecureHTTP && !endpoint.Loopback(u.Hostname()):
		return "", errors.New("uses plain http to a host that is not loopback, which would expose the secret key on the network")
	}
	base := u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/")
	if !strings.HasSuffix(base, "/v1") {
		base += "/v1"
	}
	return base, nil
}
