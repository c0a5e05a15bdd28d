package clerktest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/ids"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
	"github.com/clerkkit/clerkkit/internal/recording"
)

// Emulator is one Clerk instance. It is safe for concurrent use.
//
// Methods that a test calls to set something up (AddUser, SignIn, …) have no
// error result. What cannot be done fails the test if the emulator comes from
// [NewServer], and panics otherwise; [Emulator.Load] returns an error.
type Emulator struct {
	// URL is the address of both APIs and the pages: http://localhost:PORT, because for
	// a browser it must be the same site as the application on localhost. If
	// Config.Addr names one interface, URL has its address. An emulator of [New] has
	// http://localhost:0, which only [Emulator.Transport] reaches.
	URL string

	server *wire.Server // what requests need
	rooms
	tb    TB
	hooks *webhooks

	// What Reset goes back to.
	seeds       seedList
	firstRandom []byte

	http   *http.Server
	served chan struct{}
}

// TB is the part of *testing.T, *testing.B and *testing.F that the emulator uses.
type TB interface {
	// As in package testing.
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// New returns an emulator that does not listen: it is an http.Handler, and
// [Emulator.Transport] reaches it without a network. It starts no goroutine but
// for [Config].Webhooks.
func New(cfg Config) (*Emulator, error) {
	ids := ids.New(cfg.Deterministic)
	cfg, err := cfg.withDefaults(ids)
	if err != nil {
		return nil, err
	}
	key, err := clerk.ParsePublishableKey(encodePublishableKey(cfg.FrontendAPI, cfg.Instance))
	if err != nil {
		return nil, err
	}
	keys, err := keys.NewRing(cfg.SigningKey, cfg.GenerateKey)
	if err != nil {
		return nil, err
	}
	e := &Emulator{URL: "http://localhost:0"}
	e.server = &wire.Server{
		URL: e.URL, Key: key, IDs: ids, Keys: keys, FirstKey: keys.Current(),
		Config: &wire.Config{
			Instance: cfg.Instance, FrontendAPI: cfg.FrontendAPI, SecretKey: cfg.SecretKey, Origins: cfg.Origins, Settings: state.Settings(cfg.Settings),
			TokenVersion: cfg.TokenVersion, TokenLifetime: cfg.TokenLifetime, RateLimits: cfg.RateLimits, Deterministic: cfg.Deterministic,
			Now: cfg.Now, Logger: cfg.Logger,
		},
	}
	e.rooms = newRooms(e.server)
	if e.firstRandom, err = ids.State(); err != nil {
		return nil, err
	}
	if e.server.Recorder, err = recording.FromEnv(); err != nil {
		return nil, err
	}
	e.hooks = newWebhooks(e, cfg.Deterministic)
	e.server.Enter = e.hooks.enterRequest
	e.server.Store = state.New(e.server.Now, ids, cfg.SessionLifetime)
	e.server.Store.Begin(cfg.Instance == clerk.Development, e.server.Config.Settings, e.hooks)
	e.server.Limits.Switch(cfg.RateLimits)
	for i, endpoint := range cfg.Webhooks {
		if _, err := e.hooks.addEndpoint(endpoint); err != nil {
			e.hooks.close()
			return nil, &clerk.ConfigError{Field: fmt.Sprintf("clerktest.Config.Webhooks[%d]", i), Problem: "cannot be used: " + err.Error()}
		}
	}
	return e, nil
}

// Start returns an emulator that listens on [Config].Addr. Close it.
func Start(cfg Config) (*Emulator, error) {
	e, err := New(cfg)
	if err != nil {
		return nil, err
	}
	addr := cfg.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		e.hooks.close()
		return nil, fmt.Errorf("clerktest: %w", err)
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok {
		e.URL = listenURL(tcp)
		e.server.URL = e.URL
		if !tcp.IP.IsLoopback() {
			cfg.warn("clerktest: listening beyond loopback: everyone on the network can sign in as any user", "addr", addr)
		}
	}
	e.http = &http.Server{
		Handler:           e,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    256 << 10,
	}
	e.served = make(chan struct{})
	go func() {
		defer close(e.served)
		if err := e.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			e.server.Config.Logger.Error("clerktest: serve", "error", err)
		}
	}()
	return e, nil
}

// listenURL says localhost where that name leads to the address.
func listenURL(addr *net.TCPAddr) string {
	host := addr.IP.String()
	if host == "127.0.0.1" || host == "::1" || addr.IP.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(addr.Port))
}

// NewServer starts an emulator for a test, closes it when the test ends, and
// fails the test where something cannot be done. It takes at most one Config.
func NewServer(tb TB, cfg ...Config) *Emulator {
	tb.Helper()
	var c Config
	if len(cfg) > 0 {
		c = cfg[0]
	}
	if len(cfg) > 1 {
		tb.Fatalf("clerktest: NewServer takes at most one Config")
	}
	e, err := Start(c)
	if err != nil {
		tb.Fatalf("%v", err)
		return nil
	}
	e.tb = tb
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Fatalf("%v", err)
		}
	})
	return e
}

// Close stops listening and delivering webhooks, cuts open connections and waits
// until the goroutines that did it have ended. The emulator can still be used as a
// handler. Closing twice is fine.
func (e *Emulator) Close() error {
	defer e.hooks.close()
	if e.http == nil {
		return nil
	}
	e.server.Faults.Release()
	err := e.http.Close()
	<-e.served
	if err != nil {
		return fmt.Errorf("clerktest: close: %w", err)
	}
	return nil
}

// Shutdown stops listening and waits for open requests, until ctx ends. Webhooks
// that are not delivered then are lost.
func (e *Emulator) Shutdown(ctx context.Context) error {
	defer e.hooks.close()
	if e.http == nil {
		return nil
	}
	e.server.Faults.Release()
	err := e.http.Shutdown(ctx)
	if err != nil {
		_ = e.http.Close() // what did not end in time
		err = fmt.Errorf("clerktest: shutdown: %w", err)
	}
	<-e.served
	return err
}

// Environ returns the settings of [Emulator.Config] as environment variables,
// NAME=value, for the process of an application: those that clerk.ConfigFromEnv
// and Clerk's other SDKs read, and those that front ends do.
func (e *Emulator) Environ() []string {
	c := e.Config()
	env := []string{
		"CLERK_PUBLISHABLE_KEY=" + c.PublishableKey,
		"CLERK_SECRET_KEY=" + c.SecretKey,
		"CLERK_API_URL=" + c.APIURL,
		"CLERK_AUTHORIZED_PARTIES=" + strings.Join(c.AuthorizedParties, ","),
		"CLERK_SIGN_IN_URL=" + c.SignInURL,
		"CLERK_SIGN_UP_URL=" + c.SignUpURL,
		"CLERK_INSECURE_EMULATOR=true",
		"CLERK_TELEMETRY_DISABLED=1",
		"NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY=" + c.PublishableKey,
		"VITE_CLERK_PUBLISHABLE_KEY=" + c.PublishableKey,
	}
	if c.WebhookSigningSecret != "" {
		env = append(env, "CLERK_WEBHOOK_SIGNING_SECRET="+c.WebhookSigningSecret)
	}
	if c.ProxyURL != "" {
		env = append(env, "CLERK_PROXY_URL="+c.ProxyURL, "NEXT_PUBLIC_CLERK_PROXY_URL="+c.ProxyURL, "VITE_CLERK_PROXY_URL="+c.ProxyURL)
	}
	return env
}

// Config returns the settings for a server of this instance, ready for
// middleware.New: keys, URLs, authorized parties, the signing secret of the first
// webhook endpoint, the emulator's clock, and a client that reaches the emulator
// without a network.
//
// ProxyURL, where browsers find the Frontend API, is the emulator's URL. Only a
// production instance whose application is not on localhost has none: it shares
// cookies with the host in the publishable key, which the browser must then be
// told to find here.
func (e *Emulator) Config() clerk.Config {
	face := e.server.FaceURL()
	cfg := clerk.Config{
		SecretKey:         e.server.Config.SecretKey,
		PublishableKey:    e.server.Key.String(),
		AuthorizedParties: append([]string(nil), e.server.Config.Origins...),
		APIURL:            e.server.URL,
		SignInURL:         face + "/sign-in",
		SignUpURL:         face + "/sign-in",
		InsecureEmulator:  true,
		HTTPClient:        &http.Client{Transport: e.Transport(), Timeout: 30 * time.Second},
		Now:               e.server.Now,
	}
	if face == e.server.URL {
		cfg.ProxyURL = face
	}
	if hooks := e.hooks.list(); len(hooks) > 0 {
		cfg.WebhookSigningSecret = hooks[0].Secret
	}
	return cfg
}

// PublishableKey returns the instance's publishable key, pk_….
func (e *Emulator) PublishableKey() string { return e.server.Key.String() }

// SecretKey returns the instance's secret key, sk_test_emulator… or
// sk_live_emulator….
func (e *Emulator) SecretKey() string { return e.server.Config.SecretKey }

// Issuer returns the iss of tokens: https:// and the host in the publishable
// key.
func (e *Emulator) Issuer() string { return e.server.Issuer() }

// Now returns the emulator's time.
func (e *Emulator) Now() time.Time { return e.server.Now() }

// Advance moves the emulator's clock ahead for everything: tokens and sessions
// expire, webhooks become due again, and applications with [Emulator.Config] see the same time. It cannot
// go back.
func (e *Emulator) Advance(d time.Duration) {
	e.helper()
	if d < 0 {
		e.fail("Advance(%v): time does not go back", d)
		return
	}
	e.server.Offset.Add(int64(d))
	e.hooks.wake()
}

func (e *Emulator) helper() {
	if e.tb != nil {
		e.tb.Helper()
	}
}

// fail ends the test, or panics where there is none.
func (e *Emulator) fail(format string, args ...any) {
	e.helper()
	message := "clerktest: " + fmt.Sprintf(format, args...)
	if e.tb == nil {
		panic(message)
	}
	e.tb.Fatalf("%s", message)
}

func (c *Config) warn(message string, args ...any) {
	if c.Logger != nil {
		c.Logger.Warn(message, args...)
	}
}
