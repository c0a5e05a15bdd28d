package middleware

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/backend"
	"github.com/clerkkit/clerkkit/internal/forwarded"
	"github.com/clerkkit/clerkkit/internal/loglimit"
	"github.com/clerkkit/clerkkit/internal/observe"
	"github.com/clerkkit/clerkkit/jwks"
	"github.com/clerkkit/clerkkit/verify"
)

// Middleware authenticates requests for one Clerk instance. It is safe for
// concurrent use. Two of them in one server do not share keys, caches or
// identities.
type Middleware struct {
	verifier       *verify.Verifier
	machine        *handshake.Authenticator
	keys           *jwks.Source // nil where keys come from elsewhere
	errorHandler   ErrorHandler
	logger         *slog.Logger
	allowPending   bool
	proxyPath      string
	preflight      http.Handler                // see WithPreflightHandler; nil is none
	crossOrigin    *http.CrossOriginProtection // see WithCrossOriginProtection; nil is none
	signInRedirect bool                        // see WithSignInRedirect
	origins        *forwarded.Rules            // for crossOrigin
	party          func(origin string) bool    // whether an origin is an authorized party; nil is none
	now            func() time.Time
	seed           maphash.Seed                        // of the hash of credentials
	choose         func(handshake.Request) *Middleware // set in the Middleware of a Choice, see there

	refusedPreflights, outages, mistakes loglimit.Line // the last two: see log

	warnings *warnings         // nil with choose
	observer *observe.Observer // of decisions; nil for none
}

// Option changes what [New] builds. A nil Option changes nothing.
type Option func(*options)

type options struct {
	keys           verify.KeySource
	backend        handshake.Backend
	errorHandler   ErrorHandler
	preflight      http.Handler
	crossOrigin    *http.CrossOriginProtection
	signInRedirect bool
	observer       Observer
}

func optionsOf(opts []Option) (o options) {
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	return o
}

// WithKeySource uses keys for the signing keys: a jwks.Source with other intervals, or
// one that several Middlewares share. The caller must close it.
func WithKeySource(keys verify.KeySource) Option { return func(o *options) { o.keys = keys } }

// WithBackend makes the handshake's Backend API calls through b.
func WithBackend(b handshake.Backend) Option { return func(o *options) { o.backend = b } }

// WithErrorHandler answers refused requests with h instead of
// [Failure.ServeHTTP]. The fields of the default answer are set already, except for
// Content-Type: in net/http, and in gin. The adapters of echo and fiber
// leave refusals to the error handlers that these frameworks have.
func WithErrorHandler(h ErrorHandler) Option { return func(o *options) { o.errorHandler = h } }

// New makes a Middleware. It checks cfg with [clerk.Config.Validate]. It uses no
// network and starts no goroutine: keys are fetched when they are first needed, or by
// [Middleware.Warm]. Callers must Close it. The error joins *clerk.ConfigError values.
//
// Signing keys come from cfg.JWTKey if it is set, else from the Backend API if
// there is a secret key, else from the Frontend API of the publishable key.
func New(cfg clerk.Config, opts ...Option) (*Middleware, error) {
	o := optionsOf(opts)
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &Middleware{errorHandler: o.errorHandler, logger: cfg.Logger, allowPending: cfg.AllowPendingSessions, proxyPath: proxyPath(cfg),
		preflight: o.preflight, crossOrigin: o.crossOrigin, signInRedirect: o.signInRedirect, origins: forwarded.New(cfg), party: partyOf(cfg), now: cfg.Now, seed: maphash.MakeSeed()}
	if m.now == nil {
		m.now = time.Now
	}
	if m.logger == nil {
		m.logger = slog.Default()
	}
	m.warnings = newWarnings(cfg, m.logger)
	cfg.Observer = m.observe(cfg.Observer, o.observer)
	keys := o.keys
	if keys == nil {
		var err error
		if keys, err = m.keySource(cfg); err != nil {
			return nil, err
		}
	}
	issuers := cfg.AcceptedIssuers()
	if issuers == nil && !cfg.InsecureAnyIssuer {
		m.logger.Info("clerk: the issuer of tokens is not compared, the signature alone names the instance; set PublishableKey (CLERK_PUBLISHABLE_KEY)")
	}
	var err error
	shared := cfg
	shared.Logger = m.logger
	m.verifier, err = verify.FromConfig(shared, keys)
	if err != nil {
		return nil, err
	}
	if o.backend == nil && (cfg.SecretKey != "" || cfg.MachineSecretKey != "") {
		if o.backend, err = backend.New(cfg); err != nil {
			return nil, err
		}
	}
	m.machine, err = handshake.New(handshake.Config{Clerk: cfg, Verifier: m.verifier, Backend: o.backend})
	if err != nil {
		return nil, err
	}
	if err := m.checkSignInRedirect(cfg); err != nil {
		return nil, err
	}
	return m, nil
}

// keySource chooses where signing keys come from.
func (m *Middleware) keySource(cfg clerk.Config) (verify.KeySource, error) {
	if cfg.JWTKey != "" {
		return verify.PEM(cfg.JWTKey)
	}
	cfg.Logger = m.logger
	var err error
	m.keys, err = jwks.FromConfig(cfg)
	return m.keys, err
}

// Warm fetches the signing keys, so that the first request does not wait for them. It
// does nothing if they are configured. After an error the server can start: the next
// request that needs the keys fetches them again.
func (m *Middleware) Warm(ctx context.Context) error {
	if m == nil || m.keys == nil {
		return nil
	}
	return m.keys.Warm(ctx)
}

// Close stops fetching keys. Requests that need keys are then answered as in an outage.
func (m *Middleware) Close() error {
	if m == nil || m.keys == nil {
		return nil
	}
	return m.keys.Close()
}

// Authenticate decides about a request, without net/http. accepted are the kinds of
// tokens to accept, sessions if there are none.
func (m *Middleware) Authenticate(ctx context.Context, r handshake.Request, accepted ...clerk.TokenType) (d handshake.Decision) {
	m, r = m.orNobody(), withHeader(r)
	return m.authenticate(ctx, m.chosen(r), &r, accepted)
}

// authenticate is Authenticate for a request whose Middleware is already chosen. The
// cross-origin protections of the Choice and of the chosen Middleware both apply.
func (m *Middleware) authenticate(ctx context.Context, chosen *Middleware, r *handshake.Request, accepted []clerk.TokenType) (d handshake.Decision) {
	above := m.crossOrigin
	if m = chosen; m == nil {
		return handshake.Decision{Reason: clerk.ReasonNotAuthenticated, Auth: clerk.Auth{Reason: clerk.ReasonNotAuthenticated}}
	}
	start := m.observer.DecisionStart()
	d = m.machine.Authenticate(ctx, *r, accepted...)
	if d.FromCookie && (m.forgeable(r, m.crossOrigin) || m.forgeable(r, above)) {
		distrust(&d)
	}
	if m.allowPending {
		d.Auth = d.Auth.AllowPending()
	}
	if d.Status != handshake.SignedIn {
		d.Exposed = m.exposed(r)
	}
	m.warnings.decided(ctx, m.machine, r, &d)
	m.log(ctx, r, &d)
	m.tell(ctx, start, &d)
	return d
}

// logEvery is the shortest time between two lines of a kind that strangers can cause,
// so that all kinds together stay below one line a second.
const logEvery = 2 * time.Second

// log writes mistakes of the configuration as ERROR and outages as WARN, each at most
// once in two seconds with the number of those left out, and everything else as DEBUG.
// Lines hold reasons and statuses, and no tokens or URLs.
func (m *Middleware) log(ctx context.Context, r *handshake.Request, d *handshake.Decision) {
	level, line := slog.LevelDebug, (*loglimit.Line)(nil)
	switch {
	case d.Err != nil:
		level, line = slog.LevelError, &m.mistakes
	case d.Status == handshake.Outage:
		level, line = slog.LevelWarn, &m.outages
	}
	if !m.logger.Enabled(ctx, level) {
		return
	}
	var leftOut int64
	if line != nil {
		var due bool
		if leftOut, due = line.Due(time.Now(), logEvery); !due {
			return
		}
	}
	attrs := []slog.Attr{
		loglimit.LeftOut(leftOut),
		slog.String("reason", string(d.Reason)), slog.String("method", r.Method),
		slog.String("user", d.Auth.UserID), slog.String("session", d.Auth.SessionID),
	}
	if d.Cause != nil {
		attrs = append(attrs, slog.String("cause", d.Cause.Error()))
	}
	if d.Err != nil {
		attrs = append(attrs, slog.Any("err", d.Err))
	}
	m.logger.LogAttrs(ctx, level, "clerk: "+d.Status.String(), attrs...)
}

// VerifyToken verifies a token that came by another way than an HTTP request: gRPC
// metadata, a WebSocket message, a job. kinds are the kinds of tokens to accept;
// without any, sessions. Other kinds are refused with clerk.ReasonTokenTypeMismatch,
// without a call to Clerk. Opaque tokens (API keys, M2M and OAuth tokens) are verified
// through the Backend API, with the cache and the limits of requests.
//
// If the error is nil, the identity is authenticated; a session is signed in. A pending
// session is an error unless the Config allows it. Auth.ExpiresAt says when the token
// ends: ask for a new one then.
//
// The error is or wraps a *[verify.Error]. errors.Is(err, clerk.ErrUnavailable)
// distinguishes an outage, also of the Backend API, from a bad token.
func (m *Middleware) VerifyToken(ctx context.Context, token string, kinds ...clerk.TokenType) (clerk.Auth, error) {
	if m == nil || m.machine == nil {
		return clerk.Auth{Reason: clerk.ReasonNotAuthenticated}, &verify.Error{Reason: clerk.ReasonNotAuthenticated}
	}
	start := m.observer.DecisionStart()
	d := m.machine.VerifyToken(ctx, token, kinds...)
	if m.allowPending {
		d.Auth = d.Auth.AllowPending()
	}
	m.warnings.refused(ctx, d.Cause)
	m.tell(ctx, start, &d)
	if d.Auth.Authenticated() {
		return d.Auth, nil
	}
	return d.Auth, tokenError(&d)
}

// tokenError is the error of VerifyToken for a decision that accepts nobody.
func tokenError(d *handshake.Decision) error {
	e := (*verify.Error)(nil)
	switch {
	case errors.As(d.Cause, &e) && e.Reason == d.Auth.Reason:
		return d.Cause
	case d.Auth.Outage && !errors.Is(d.Cause, clerk.ErrUnavailable):
		return &verify.Error{Reason: d.Auth.Reason, Err: errors.Join(clerk.ErrUnavailable, d.Cause)}
	}
	return &verify.Error{Reason: d.Auth.Reason, Err: d.Cause}
}
