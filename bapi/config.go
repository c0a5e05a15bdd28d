package bapi

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/transport"
)

// Config is what [New] makes a [Client] from. Only SecretKey is required. A zero value is
// the default of its field; a value that cannot be used is a *clerk.ConfigError that names
// the field.
//
// Printing a Config with any verb, log/slog or encoding/json shows none of its secrets. As
// an unexported field of a struct of yours, fmt prints it field by field: keep the Client
// instead, which no verb opens.
type Config struct {
	// SecretKey (sk_…) authorizes every call. A machine secret key (ak_…) is for the
	// operations on M2M tokens alone.
	SecretKey string `json:"-"`

	// APIURL is where the Backend API is: an emulator, or a proxy of yours. "/v1" is
	// appended unless it is there. "" means clerk.DefaultAPIURL. Plain http is for loopback
	// hosts only.
	APIURL string

	// HTTPClient sends the requests; put middleware into its Transport. It is copied, and
	// the copy follows no redirects, so that the secret key stays on one host. nil means a
	// client with connections of its own and the proxy settings of the environment.
	HTTPClient *http.Client `json:"-"`

	// UserAgent is a name in front of the kit's own User-Agent, like "billing/1.4".
	UserAgent string

	// AttemptTimeout bounds each attempt, from dialling to the last byte of the answer. 0
	// means 15 seconds. The context of a call bounds all its attempts together.
	AttemptTimeout time.Duration

	// MaxRetries is how often a request is repeated. 0 means 3; a negative value turns
	// repetition off.
	MaxRetries int

	// MaxRetryWait is how long one call pauses between its attempts, all pauses together,
	// where its context has no deadline. 0 means 3 seconds: a request that a browser waits
	// for must not hang because Clerk asks for a minute. A pause that would be longer is
	// not begun: the error comes at once, and Error.RetryAfter says when to come again.
	// Where the context has a deadline, the deadline bounds the pauses and not this field.
	// A job without a deadline sets a minute here.
	MaxRetryWait time.Duration

	// RateLimit keeps the client below so many requests in 10 seconds, instead of running
	// into 429. Clerk allows 1000 in 10 seconds in production and 100 in development, for
	// all clients of an instance together. 0 means no limit, and so
	// does a negative value.
	RateLimit int

	// Logger gets a debug record for each repetition, without keys, bodies and query
	// strings. nil means slog.Default().
	Logger *slog.Logger `json:"-"`

	// Now is the clock that a Retry-After with a date is read with. nil means time.Now.
	Now func() time.Time `json:"-"`

	// InsecureHTTP allows plain http to hosts that are not loopback, which shows the secret
	// key to the network. For an emulator in a container network.
	InsecureHTTP bool
}

// rateLimitPeriod is the period in which Clerk counts requests.
const rateLimitPeriod = 10 * time.Second

// String describes the Config without its secrets.
func (c Config) String() string {
	return fmt.Sprintf("bapi.Config{AttemptTimeout: %v, MaxRetries: %d, MaxRetryWait: %v, RateLimit: %d}",
		c.AttemptTimeout, c.MaxRetries, c.MaxRetryWait, c.RateLimit)
}

// Format is String for every verb, so that none shows secrets.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue implements slog.LogValuer.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Option changes the Config that [FromConfig] makes.
type Option func(*Config)

// FromConfig returns a client for the instance of a shared configuration: with its secret
// key (without one, its machine secret key), API URL, HTTP client, logger and clock. Each
// change may set what cfg does not say; a nil one changes nothing.
//
//	api, err := bapi.FromConfig(cfg, func(c *bapi.Config) { c.RateLimit = 90 })
//
// Errors are those of [New].
func FromConfig(cfg clerk.Config, changes ...Option) (*Client, error) {
	c := Config{
		SecretKey:    cfg.SecretKey,
		APIURL:       cfg.APIURL,
		HTTPClient:   cfg.HTTPClient,
		Logger:       cfg.Logger,
		Now:          cfg.Now,
		InsecureHTTP: cfg.InsecureEmulator,
	}
	if c.SecretKey == "" {
		c.SecretKey = cfg.MachineSecretKey
	}
	for _, change := range changes {
		if change != nil {
			change(&c)
		}
	}
	return New(c)
}

// New returns a client for the instance that cfg.SecretKey belongs to. It does not touch
// the network. A setting that cannot be used is a *clerk.ConfigError, which does not repeat
// the key.
func New(cfg Config) (*Client, error) {
	if problem := keyProblem(cfg.SecretKey); problem != "" {
		return nil, &clerk.ConfigError{Field: "SecretKey", Problem: problem}
	}
	switch {
	case cfg.AttemptTimeout < 0:
		return nil, &clerk.ConfigError{Field: "AttemptTimeout", Problem: "is negative"}
	case cfg.MaxRetryWait < 0:
		return nil, &clerk.ConfigError{Field: "MaxRetryWait", Problem: "is negative; a negative MaxRetries turns repetition off"}
	}
	tc := transport.Config{
		SecretKey:    cfg.SecretKey,
		APIURL:       cfg.APIURL,
		HTTPClient:   cfg.HTTPClient,
		UserAgent:    cfg.UserAgent,
		Timeout:      cfg.AttemptTimeout,
		MaxRetries:   cfg.MaxRetries,
		MaxRetryWait: cfg.MaxRetryWait,
		Logger:       cfg.Logger,
		Now:          cfg.Now,
		InsecureHTTP: cfg.InsecureHTTP,
	}
	if tc.Logger == nil {
		tc.Logger = slog.Default()
	}
	if cfg.RateLimit > 0 {
		limiter, err := transport.NewLimiter(cfg.RateLimit, rateLimitPeriod)
		if err != nil {
			return nil, &clerk.ConfigError{Field: "RateLimit", Problem: "is too large"}
		}
		tc.Limiter = limiter
	}
	t, err := transport.New(tc)
	if err != nil {
		if e := (*clerk.ConfigError)(nil); errors.As(err, &e) {
			return nil, e
		}
		return nil, fmt.Errorf("bapi: %w", err)
	}
	return newClient(&core{t: t}), nil
}

// keyProblem says why a key cannot call the Backend API, and what to do about it.
func keyProblem(key string) string {
	const cure = "; set CLERK_SECRET_KEY to the secret key (sk_test_… or sk_live_…) of the API keys page of the Clerk Dashboard"
	switch {
	case key == "":
		return "is empty" + cure
	case strings.HasPrefix(key, "pk_"):
		return "is a publishable key (CLERK_PUBLISHABLE_KEY), which is public and calls nothing" + cure
	case strings.HasPrefix(key, "whsec_"):
		return "is the signing secret of a webhook (CLERK_WEBHOOK_SIGNING_SECRET)" + cure
	case strings.HasPrefix(key, "ak_"):
		key = "sk_test_" + strings.TrimPrefix(key, "ak_") // a machine's: the rest has the same form
	}
	_, err := clerk.SecretKeyInstance(key)
	if e := (*clerk.ConfigError)(nil); errors.As(err, &e) {
		return e.Problem + cure
	}
	return ""
}
