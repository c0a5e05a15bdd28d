package conformance

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/backend"
	"github.com/clerkkit/clerkkit/jwks"
	"github.com/clerkkit/clerkkit/verify"
)

// Result is what the kit answers to a case.
type Result struct {
	ID                 string            `json:"id"`
	Status             string            `json:"status,omitempty"`
	Error              *Failure          `json:"error,omitempty"`
	Reason             *string           `json:"reason"`
	TokenType          *string           `json:"tokenType"`
	Headers            map[string]string `json:"headers"`
	SetCookie          []string          `json:"setCookie"`
	Location           *string           `json:"location"`
	Auth               map[string]any    `json:"auth"`
	AuthPendingAllowed map[string]any    `json:"authPendingAllowed,omitempty"`
	Outage             bool              `json:"outage,omitempty"`
	BAPICalls          []Call            `json:"bapiCalls"`
}

// Failure is a refused configuration, or a handshake that ends in an error.
type Failure struct {
	Name    string `json:"name"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"` // of a ConfigError, without an index
}

// workers is how many cases run at the same time. Most of them compute; those whose
// key server fails wait, as the kit waits between attempts.
const workers = 256

// RunAll runs cases, at the same time but those of one sequence one after the
// other, and returns their results in order.
func RunAll(cases []*Case) []Result {
	results := make([]Result, len(cases))
	jobs := make(chan [2]int)
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for j := range jobs {
				r := newReplayer()
				for i := j[0]; i < j[1]; i++ {
					results[i] = r.run(cases[i])
				}
				r.close()
			}
		})
	}
	for from := 0; from < len(cases); {
		to := from + 1
		for to < len(cases) && cases[from].Sequence != "" && cases[to].Sequence == cases[from].Sequence {
			to++
		}
		jobs <- [2]int{from, to}
		from = to
	}
	close(jobs)
	done.Wait()
	return results
}

// replayer runs cases one after the other.
type replayer struct {
	wire wire
	http *http.Client
	log  *slog.Logger
	now  atomic.Int64 // Unix microseconds; a refresh in the background reads it too
	// A sequence may hold cases of several instances: what one may ask is no answer
	// for another, as with the reference's cache.
	sources map[keyServer]*jwks.Source
}

// keyServer tells key sources apart: by address and secret key.
type keyServer struct{ url, secretKey string }

func newReplayer() *replayer {
	r := &replayer{log: slog.New(slog.DiscardHandler), sources: map[keyServer]*jwks.Source{}}
	r.http = &http.Client{Transport: &r.wire}
	return r
}

func (r *replayer) close() {
	for _, s := range r.sources {
		_ = s.Close()
	}
}

func (r *replayer) run(c *Case) Result {
	r.now.Store(int64(c.Now * 1000))
	r.wire.load(c.BAPI)
	res := r.decide(c)
	res.ID = c.ID
	r.wire.mu.Lock()
	res.BAPICalls = r.wire.calls
	r.wire.mu.Unlock()
	return res
}

func (r *replayer) decide(c *Case) Result {
	accepted := c.accepted()
	machine, err := r.machine(c)
	if err != nil {
		return failure(err)
	}
	target := c.Request.Href
	if target == "" {
		target = c.Request.URL
	}
	h := c.header()
	req := handshake.Request{Method: c.Request.Method, Target: target, Header: h}
	// The reference believes the Host rather than the URL that it is called with; a
	// server reads the URL from the two. The URL's own host is what the reference
	// falls back to.
	if host := h["host"]; len(host) > 0 {
		req.Host = host[0]
		forwarded, empty := h["x-forwarded-host"], false
		if len(forwarded) > 0 {
			empty = strings.TrimSpace(strings.Split(forwarded[0], ",")[0]) == ""
		}
		if proto := h["x-forwarded-proto"]; len(proto) > 0 && strings.TrimSpace(strings.Split(proto[0], ",")[0]) == "" {
			empty = true
		}
		scheme, rest, absolute := strings.Cut(target, "://")
		if u, err := url.Parse("http://" + host[0]); absolute && err == nil && u.Hostname() != "" && plainHost(host[0]) && !empty {
			req.Scheme, req.Target = scheme, "/"
			if i := strings.IndexAny(rest, "/?#"); i >= 0 {
				req.Target = "/" + strings.TrimPrefix(rest[i:], "/")
			}
		}
	}
	return result(machine.Authenticate(context.Background(), req, accepted...))
}

// accepted are the kinds of tokens as Authenticate takes them. The reference
// treats a list of one otherwise than a single kind, so a list of one is given
// twice here, and an empty one as a kind that there is not.
func (c *Case) accepted() (types []clerk.TokenType) {
	a := c.Options.AcceptsToken
	if len(a.list) == 1 && a.list[0] == "any" && !a.isList {
		return []clerk.TokenType{clerk.SessionToken, clerk.APIKey, clerk.M2M, clerk.OAuth}
	}
	for _, t := range a.list {
		types = append(types, clerk.TokenType(t))
	}
	if a.isList {
		switch len(types) {
		case 0:
			types = []clerk.TokenType{"none", "none"}
		case 1:
			types = append(types, types[0])
		}
	}
	return types
}

// needs reports whether the reference sets a request of this kind up as
// one for sessions, for which it wants both keys.
func (c *Case) needs(kinds ...string) bool {
	a := c.Options.AcceptsToken
	if a.isList || len(a.list) != 1 {
		return true
	}
	for _, k := range kinds {
		if a.list[0] == k {
			return false
		}
	}
	return true
}

// machine wires the real packages in the configuration that the reference has:
// issuers are not compared, forwarded headers are believed, redirects of a
// development primary may go anywhere.
func (r *replayer) machine(c *Case) (*handshake.Authenticator, error) {
	o := c.Options
	cfg := clerk.Config{
		PublishableKey: o.PublishableKey, SecretKey: o.SecretKey, MachineSecretKey: o.MachineSecretKey, JWTKey: o.JWTKey,
		APIURL: o.APIURL, Domain: o.Domain, IsSatellite: o.IsSatellite, ProxyURL: o.ProxyURL, SignInURL: o.SignInURL,
		AuthorizedParties: o.AuthorizedParties,
		InsecureAnyIssuer: true, TrustedProxyHops: math.MaxInt32, InsecureAnyRedirectOrigin: true,
		HTTPClient: r.http, Logger: r.log, Now: func() time.Time { return time.UnixMicro(r.now.Load()) },
	}
	for _, a := range o.Audience { // the reference passes over empty ones
		if a != "" {
			cfg.Audience = append(cfg.Audience, a)
		}
	}
	cfg.SatelliteAutoSync = o.SatelliteAutoSync == true
	if ms, ok := o.ClockSkewInMS.(float64); ok {
		if ms < 0 { // a token that ends before its exp; the kit has no setting for that
			return nil, &clerk.ConfigError{Field: "ClockSkew", Problem: "is negative"}
		}
		cfg.ClockSkew = cmp.Or(time.Duration(ms*float64(time.Millisecond)), -1) // 0 is none there
	}
	if s := o.OrganizationSync; s != nil {
		cfg.OrganizationSync = clerk.OrganizationSync{OrganizationPatterns: s.OrganizationPatterns, PersonalAccountPatterns: s.PersonalAccountPatterns}
	}
	if cfg.ProxyURL == "" && cfg.Domain == "" && platformProxy(c) {
		cfg.ProxyURL = "/__clerk"
	}
	// The reference does not do without these; the kit has token-only modes that
	// it does not have.
	if o.PublishableKey == "" && c.needs("m2m_token", "api_key") {
		return nil, &clerk.ConfigError{Field: "PublishableKey", Problem: "is empty"}
	}
	if o.SecretKey == "" && o.JWTKey == "" && (c.needs("m2m_token") || o.MachineSecretKey == "") {
		return nil, &clerk.ConfigError{Field: "SecretKey", Problem: "is empty"}
	}
	if strings.HasPrefix(cfg.SecretKey, "pk_") { // as clerk.Config.Validate says
		return nil, &clerk.ConfigError{Field: "SecretKey", Problem: "is a publishable key"}
	}
	keys, err := r.keys(cfg)
	if err != nil {
		return nil, err
	}
	v, err := verify.New(verify.Config{
		Keys: keys, AuthorizedParties: cfg.AuthorizedParties, Audience: cfg.Audience, ClockSkew: cfg.ClockSkew,
		Now: cfg.Now, Logger: cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	hc := handshake.Config{Clerk: cfg, Verifier: v}
	if c.Entry != "no-api-client" {
		if hc.Backend, err = r.backend(cfg); err != nil {
			return nil, err
		}
	}
	return handshake.New(hc)
}

// platformProxy is what the reference reads from the variables of a hosting
// platform; the kit is told ProxyURL.
func platformProxy(c *Case) bool {
	off, _ := strconv.ParseBool(c.Env["CLERK_DISABLE_AUTO_PROXY"]) // false for what is neither
	host := strings.TrimPrefix(strings.TrimPrefix(c.Env["VERCEL_PROJECT_PRODUCTION_URL"], "https://"), "http://")
	host, _, _ = strings.Cut(host, "/")
	return !off && c.Env["VERCEL_TARGET_ENV"] == "production" && strings.HasSuffix(host, ".vercel.app") &&
		strings.HasPrefix(c.Options.PublishableKey, "pk_live_")
}

func (r *replayer) keys(cfg clerk.Config) (verify.KeySource, error) {
	if cfg.JWTKey != "" {
		return verify.PEM(cfg.JWTKey)
	}
	jc := jwks.Config{
		URL: jwks.BackendURL(cfg.APIURL), SecretKey: cfg.SecretKey, HTTPClient: r.http, Logger: cfg.Logger, Now: cfg.Now,
		// The reference asks again after five minutes and waits for the answer.
		// The kit waits past twice its interval.
		RefreshInterval: 150 * time.Second,
	}
	if key, err := clerk.ParsePublishableKey(cfg.PublishableKey); err == nil && cfg.SecretKey == "" {
		jc.URL = jwks.FrontendURL(key.FrontendAPI())
	}
	server := keyServer{jc.URL, jc.SecretKey}
	if s := r.sources[server]; s != nil {
		return s, nil
	}
	s, err := jwks.New(jc)
	if err != nil {
		return nil, err
	}
	r.sources[server] = s
	return s, nil
}

func (r *replayer) backend(cfg clerk.Config) (handshake.Backend, error) {
	if cfg.SecretKey == "" && cfg.MachineSecretKey == "" {
		return nil, nil
	}
	return backend.New(cfg)
}

func failure(err error) Result {
	f := &Failure{Name: "Error", Message: err.Error()}
	if ce := (*clerk.ConfigError)(nil); errors.As(err, &ce) {
		f.Name = "ConfigError"
		f.Field, _, _ = strings.Cut(ce.Field, "[")
	}
	return Result{Error: f}
}

func result(d handshake.Decision) Result {
	if d.Err != nil {
		return failure(d.Err)
	}
	res := Result{Status: d.Status.String(), Outage: d.Status == handshake.Outage, SetCookie: d.Cookies}
	if res.Outage {
		res.Status = handshake.SignedOut.String()
	}
	if d.Reason != "" {
		res.Reason = ptr(officialReason(d.Reason))
	}
	if d.Auth.TokenType != "" {
		res.TokenType = ptr(string(d.Auth.TokenType))
	}
	if d.Location != "" {
		res.Location = &d.Location
	}
	res.Headers = map[string]string{}
	for name, value := range d.Fields() {
		res.Headers[strings.ToLower(name)] = value
	}
	if d.Status != handshake.Redirect {
		res.Auth = identity(d.Auth)
		if d.Auth.SessionStatus == "pending" {
			res.AuthPendingAllowed = identity(d.Auth.AllowPending())
		}
	}
	return res
}

func ptr[T any](v T) *T { return &v }

// identity shows an identity in the reference's terms.
func identity(a clerk.Auth) map[string]any {
	out := map[string]any{"isAuthenticated": a.Authenticated(), "tokenType": text(string(a.TokenType))}
	if a.TokenType != clerk.SessionToken {
		if a.Authenticated() {
			machineIdentity(out, a)
		}
		return out
	}
	out["sessionStatus"] = text(a.SessionStatus)
	if !a.SignedIn() {
		return out
	}
	out["userId"] = text(a.UserID)
	out["orgId"], out["orgRole"], out["orgSlug"] = text(a.OrgID), text(a.OrgRole), text(a.OrgSlug)
	out["sessionId"], out["orgPermissions"] = nil, nil
	c := a.Claims()
	if c.Has("sid") {
		out["sessionId"] = a.SessionID
	}
	if p := a.Permissions(); p != nil {
		out["orgPermissions"] = p
	} else if c.Version() == 2 && c.Has("o") {
		out["orgPermissions"] = []string{}
	}
	if first, second, ok := a.FactorAges(); ok {
		out["factorVerificationAge"] = []int{first, second}
	}
	if actor, ok := a.Actor(); ok {
		out["actor"] = actor.Raw
	}
	out["sessionClaims"] = a.RawClaims()
	return out
}

func machineIdentity(out map[string]any, a clerk.Auth) {
	m := a.Machine()
	out["id"], out["subject"], out["scopes"] = a.TokenID, a.Subject, m.Scopes
	if m.Scopes == nil {
		out["scopes"] = []string{}
	}
	switch a.TokenType {
	case clerk.APIKey:
		out["name"], out["userId"], out["orgId"] = text(m.Name), text(a.UserID), text(a.OrgID)
		out["claims"] = jsonOrNil(m.Claims)
	case clerk.M2M:
		out["machineId"], out["claims"] = a.Subject, jsonOrNil(m.Claims)
	case clerk.OAuth:
		out["userId"], out["clientId"] = a.Subject, m.ClientID
	}
}

func jsonOrNil(raw json.RawMessage) any {
	if raw == nil {
		return nil
	}
	return raw
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// officialReason is the official SDK's text of a reason. It differs for one: the
// SDK has a sentence where clerkkit has a word.
func officialReason(r clerk.Reason) string {
	if r == clerk.ReasonNoTokenInHeader {
		return "No token in header"
	}
	return string(r)
}
