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
	"github.com/clerkkit/clerkkit/internal/observe"
	"github.com/clerkkit/clerkkit/internal/transport"
)

// Config configures a [Client]. Only SecretKey is required. A zero value means the
// default of the field. An invalid value is a *clerk.ConfigError that names the field.
//
// Printing a Config with fmt, log/slog or encoding/json does not show its secrets. But
// fmt does print them if the Config is in an unexported field of another struct: keep
// the Client there instead, which never shows them.
type Config struct {
	// SecretKey (sk_…) authorizes every call. A machine secret key (ak_…) works only for
	// the operations on M2M tokens.
	SecretKey string `json:"-"`

	// APIURL is the base URL of the Backend API, of an emulator, or of your own proxy.
	// "/v1" is appended if it is missing. "" means clerk.DefaultAPIURL. Plain http is
	// allowed only for loopback hosts.
	APIURL string

	// HTTPClient sends the requests. Middleware belongs in its Transport. New copies it,
	// and the copy follows no redirects, so that no other host gets the secret key. nil
	// means a client with its own connections and the proxy settings of the environment.
	HTTPClient *http.Client `json:"-"`

	// UserAgent is put in front of the kit's own User-Agent, for example "billing/1.4".
	UserAgent string

	// AttemptTimeout bounds each attempt, from dialing to the last byte of the response. 0
	// means 15 seconds. The context of a call bounds all its attempts together.
	AttemptTimeout time.Duration

	// MaxRetries is how often a request is retried. 0 means 3. A negative value turns
	// retries off.
	MaxRetries int

	// MaxRetryWait bounds the sum of all pauses between the attempts of a call whose
	// context has no deadline. 0 means 3 seconds, so that a browser's request does not
	// hang if Clerk asks to wait for a minute. If a pause would exceed the limit, the call
	// returns the error at once, and Error.RetryAfter says when to retry. If the context
	// has a deadline, only the deadline bounds the pauses. For a background job without a
	// deadline, set a minute.
	MaxRetryWait time.Duration

	// RateLimit is the maximum number of requests that the client sends in 10 seconds, to
	// avoid 429. Clerk allows 1000 in 10 seconds in production and 100 in development, for
	// all clients of an instance together. 0 means no limit. A negative value
	// means no limit too.
	RateLimit int

	// Logger gets a debug record for each retry, without keys, bodies and query strings.
	// nil means slog.Default().
	Logger *slog.Logger `json:"-"`

	// Observer is told of each call that is sent. Only its BackendCall is used. The zero
	// value observes nothing.
	Observer clerk.Observer `json:"-"`

	// Now is the clock that a Retry-After with a date is read with. nil means time.Now.
	Now func() time.Time `json:"-"`

	// InsecureHTTP allows plain http to hosts that are not loopback. Anyone on the network
	// path can then read the secret key. Use it only for an emulator in a container
	// network.
	InsecureHTTP bool
}

// rateLimitPeriod is the period of Clerk's rate limits.
const rateLimitPeriod = 10 * time.Second

// String describes the Config without its secrets.
func (c Config) String() string {
	return fmt.Sprintf("bapi.Config{AttemptTimeout: %v, MaxRetries: %d, MaxRetryWait: %v, RateLimit: %d}",
		c.AttemptTimeout, c.MaxRetries, c.MaxRetryWait, c.RateLimit)
}

// Format writes String for every verb, so that no verb shows secrets.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue implements slog.LogValuer.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Option changes the Config that [FromConfig] makes.
type Option func(*Config)

// FromConfig returns a client for the instance of a shared configuration: with its secret
// key (without one, its machine secret key), API URL, HTTP client, logger, observer and
// clock. Each change may set what cfg does not say; a nil one changes nothing.
//
//	api, err := bapi.FromConfig(cfg, func(c *bapi.Config) { c.RateLimit = 90 })
//
// The errors are those of [New].
func FromConfig(cfg clerk.Config, changes ...Option) (*Client, error) {
	c := Config{
		SecretKey:    cfg.SecretKey,
		APIURL:       cfg.APIURL,
		HTTPClient:   cfg.HTTPClient,
		Logger:       cfg.Logger,
		Observer:     cfg.Observer,
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

// New returns a client for the instance of cfg.SecretKey. It does not access the
// network. If a setting is invalid, the error is a *clerk.ConfigError, which does not
// repeat the key.
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
	return newClient(&core{t: t, observer: observe.New(cfg.Observer, tc.Logger)}), nil
}

// keyProblem returns why a key cannot call the Backend API, and how to fix it.
func keyProblem(key string) string {
	const cure = "; set CLERK_SECRET_KEY to the secret key (sk_test_… or sk_live_…) of the API keys page of the Clerk Dashboard"
	switch {
	case key == "":
		return "is empty" + cure
	case strings.HasPrefix(key, "pk_"):
		return "is a publishable key (CLERK_PUBLISHABLE_KEY), which cannot call the Backend API" + cure
	case strings.HasPrefix(key, "whsec_"):
		return "is the signing secret of a webhook (CLERK_WEBHOOK_SIGNING_SECRET)" + cure
	case strings.HasPrefix(key, "ak_"):
		key = "sk_test_" + strings.TrimPrefix(key, "ak_") // a machine's key: the rest has the same form
	}
	_, err := clerk.SecretKeyInstance(key)
	if e := (*clerk.ConfigError)(nil); errors.As(err, &e) {
		return e.Problem + cure
	}
	return ""
}
