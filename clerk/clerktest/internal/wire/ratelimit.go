package wire

import (
	"crypto/subtle"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// limit is one of Clerk's rate limits
// (https://clerk.com/docs/guides/how-clerk-works/system-limits).
type limit struct {
	api     API
	methods string // of one operation, separated by spaces
	pattern string // with placeholders, of the route
	group   string // operations that count together; the pattern if empty
	per     int    // how many placeholders tell one counter from another
	most    int
	within  time.Duration
}

var rateLimits = []limit{
	{apiFrontend, "POST", "/v1/client/sign_ins", "", 0, 5, 10 * time.Second},
	{apiFrontend, "POST", "/v1/client/sign_ups", "", 0, 5, 10 * time.Second},
	{apiFrontend, "POST", "/v1/client/sign_ins/{sign_in_id}/attempt_first_factor", "attempt", 0, 3, 10 * time.Second},
	{apiFrontend, "POST", "/v1/client/sign_ins/{sign_in_id}/attempt_second_factor", "attempt", 0, 3, 10 * time.Second},
	{apiFrontend, "POST", "/v1/client/sign_ups/{sign_up_id}/attempt_verification", "", 0, 3, 10 * time.Second},
	{APIBackend, "POST", "/v1/invitations", "", 0, 100, time.Hour},
	{APIBackend, "POST", "/v1/invitations/bulk", "", 0, 25, time.Hour},
	{APIBackend, "POST", "/v1/organizations/{organization_id}/invitations", "", 0, 250, time.Hour},
	{APIBackend, "POST", "/v1/organizations/{organization_id}/invitations/bulk", "", 0, 50, time.Hour},
	{APIBackend, "PATCH", "/v1/users/{user_id}", "user", 1, 10, 10 * time.Second},
	{APIBackend, "PATCH PUT", "/v1/users/{user_id}/metadata", "user", 1, 10, 10 * time.Second},
	{APIBackend, "PATCH", "/v1/organizations/{organization_id}", "organization", 1, 10, 10 * time.Second},
	{APIBackend, "PATCH PUT", "/v1/organizations/{organization_id}/metadata", "organization", 1, 10, 10 * time.Second},
	{APIBackend, "PATCH", "/v1/organizations/{organization_id}/memberships/{user_id}", "membership", 2, 10, 10 * time.Second},
	{APIBackend, "PATCH", "/v1/organizations/{organization_id}/memberships/{user_id}/metadata", "membership", 2, 10, 10 * time.Second},
}

// backendLimit is that of the whole Backend API, without its keys.
func backendLimit(instance clerk.InstanceType) limit {
	most := 100
	if instance == clerk.Production {
		most = 1000
	}
	return limit{api: APIBackend, group: "all", most: most, within: 10 * time.Second}
}

// Limiter counts requests by the emulator's clock.
type Limiter struct {
	on      atomic.Bool
	mu      sync.Mutex
	windows map[string]*window
}

// window counts what came since its start.
type window struct {
	end   time.Time
	count int
}

// maxWindows is how many counters are kept before those that are over go.
const maxWindows = 10_000

// Switch turns the limits on or off, with no request counted yet.
func (l *Limiter) Switch(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.windows = nil
	l.on.Store(on)
}

// IsOn reports whether requests are limited.
func (l *Limiter) IsOn() bool { return l.on.Load() }

// allow counts a request, and says how long to wait where there were too many.
func (l *Limiter) allow(key string, lim *limit, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.windows[key]
	if w == nil || !now.Before(w.end) || w.end.Sub(now) > lim.within { // new, over, or the clock went back
		if len(l.windows) >= maxWindows {
			for k, other := range l.windows {
				if !now.Before(other.end) {
					delete(l.windows, k)
				}
			}
		}
		if l.windows == nil {
			l.windows = map[string]*window{}
		}
		w = &window{end: now.Add(lim.within)}
		l.windows[key] = w
	}
	w.count++
	return w.end.Sub(now), w.count <= lim.most
}

// limitRate refuses a request that comes too often: for the Frontend API by
// address, for the Backend API by instance.
func (e *Server) limitRate(c *Call, kind API) error {
	if !e.Limits.on.Load() || c.Operation == "" || kind != apiFrontend && kind != APIBackend {
		return nil
	}
	now := e.Now()
	check := func(lim *limit) error {
		group := lim.group
		if group == "" {
			group = lim.pattern
		}
		parts := append([]string{string(kind), group}, c.params[:lim.per]...)
		if kind == apiFrontend {
			parts = append(parts, e.remote(c.R))
		}
		wait, ok := e.Limits.allow(strings.Join(parts, "\n"), lim, now)
		if ok {
			return nil
		}
		c.W.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		c.Note("rate limit: " + strconv.Itoa(lim.most) + " in " + lim.within.String())
		return &refusal.Error{
			Kind: refusal.KindTooMany, Code: "too_many_requests", Message: "Too many requests", Long: "Too many requests. Please try again in a bit.", Param: "", Meta: nil,
		}
	}
	if kind == APIBackend && c.Pattern != "/v1/jwks" {
		all := backendLimit(e.Config.Instance)
		if err := check(&all); err != nil {
			return err
		}
	}
	for i := range rateLimits {
		lim := &rateLimits[i]
		if lim.api == kind && lim.pattern == c.Pattern && strings.Contains(lim.methods, c.Method) {
			return check(lim)
		}
	}
	return nil
}

// remote is the address that a request comes from: that of the browser, where the
// application's proxy forwards it and proves who it is.
func (e *Server) remote(r *http.Request) string {
	if forwarded, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ","); forwarded != "" &&
		subtle.ConstantTimeCompare([]byte(r.Header.Get("Clerk-Secret-Key")), []byte(e.Config.SecretKey)) == 1 {
		return strings.TrimSpace(forwarded)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
