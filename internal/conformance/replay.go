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

// Result is the kit's result for a case.
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

// Failure is a refused configuration or a failed handshake.
type Failure struct {
	Name    string `json:"name"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"` // of a ConfigError, without an index
}

// workers is the number of concurrent cases. It is large because cases with a failing
// key server wait between attempts.
const workers = 256

// RunAll runs cases and returns their results in order. Cases run concurrently, except
// that those of one sequence run one after the other.
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
	now  atomic.Int64 // Unix microseconds; atomic because background refreshes read it
	// A sequence can have cases of several instances, which do not share keys, as in the
	// reference's cache.
	sources map[keyServer]*jwks.Source
}

// keyServer identifies a key source by address and secret key.
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
	// The reference uses the Host header, or else the host of the URL that it is called
	// with. A server builds the URL from the two.
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

// accepted returns the kinds of tokens for Authenticate. The reference treats a list of
// one kind differently from a single kind, so a list of one is repeated here, and an
// empty list becomes an unknown kind.
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

// needs reports whether the reference prepares a request of this kind like one for
// sessions, which needs both keys.
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

// machine connects the real packages with the configuration of the reference: issuers
// are not checked, forwarded headers are trusted, and a development primary may
// redirect to any origin.
func (r *replayer) machine(c *Case) (*handshake.Authenticator, error) {
	o := c.Options
	cfg := clerk.Config{
		PublishableKey: o.PublishableKey, SecretKey: o.SecretKey, MachineSecretKey: o.MachineSecretKey, JWTKey: o.JWTKey,
		APIURL: o.APIURL, Domain: o.Domain, IsSatellite: o.IsSatellite, ProxyURL: o.ProxyURL, SignInURL: o.SignInURL,
		AuthorizedParties: o.AuthorizedParties,
		InsecureAnyIssuer: true, TrustedProxyHops: math.MaxInt32, InsecureAnyRedirectOrigin: true,
		HTTPClient: r.http, Logger: r.log, Now: func() time.Time { return time.UnixMicro(r.now.Load()) },
	}
	for _, a := range o.Audience { // the reference ignores empty ones
		if a != "" {
			cfg.Audience = append(cfg.Audience, a)
		}
	}
	cfg.SatelliteAutoSync = o.SatelliteAutoSync == true
	if ms, ok := o.ClockSkewInMS.(float64); ok {
		if ms < 0 { // tokens that expire before exp; the kit has no such setting
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
	// The reference requires these. Only the kit has token-only modes.
	if o.PublishableKey == "" && c.needs("m2m_token", "api_key") {
		return nil, &clerk.ConfigError{Field: "PublishableKey", Problem: "is empty"}
	}
	if o.SecretKey == "" && o.JWTKey == "" && (c.needs("m2m_token") || o.MachineSecretKey == "") {
		return nil, &clerk.ConfigError{Field: "SecretKey", Problem: "is empty"}
	}
	if strings.HasPrefix(cfg.SecretKey, "pk_") { // like clerk.Config.Validate
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

// platformProxy reports whether the reference reads a proxy from the variables of a
// hosting platform. The kit gets it as ProxyURL.
func platformProxy(c *Case) bool {
	off, _ := strconv.ParseBool(c.Env["CLERK_DISABLE_AUTO_PROXY"]) // false if invalid
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
		// The reference fetches again after five minutes and waits for the response. The kit
		// waits only past twice its interval.
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

// identity returns an identity in the reference's format.
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

// officialReason returns the official SDK's text of a reason. It differs for one
// reason, for which the SDK has a sentence.
func officialReason(r clerk.Reason) string {
	if r == clerk.ReasonNoTokenInHeader {
		return "No token in header"
	}
	return string(r)
}
