package handshake

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// strangersFields are what somebody can send to move a redirect elsewhere. The
// request's Host is app.example.com, but for those that have another.
var strangersFields = []struct {
	name, host, target string
	fields             []string
}{
	{"X-Forwarded-Host", "", "", []string{"X-Forwarded-Host", "evil.example"}},
	{"X-Forwarded-Host in a list", "", "", []string{"X-Forwarded-Host", "evil.example, app.example.com"}},
	{"X-Forwarded-Host twice", "", "", []string{"X-Forwarded-Host", "app.example.com", "X-Forwarded-Host", "evil.example"}},
	{"Forwarded", "", "", []string{"Forwarded", "host=evil.example;proto=https"}},
	{"X-Forwarded-Port", "", "", []string{"X-Forwarded-Port", "8443"}},
	{"X-Forwarded-Proto", "", "", []string{"X-Forwarded-Proto", "http"}},
	{"Host", "evil.example", "", nil},
	{"Host and X-Forwarded-Host", "evil.example", "", []string{"X-Forwarded-Host", "evil.example"}},
	{"a port in the Host", "app.example.com:8443", "", nil},
	{"a dot after the Host", "app.example.com.", "", nil},
	{"an absolute target", "", "https://evil.example/p", nil},
	{"an absolute target on plain http", "", "http://app.example.com/p", nil},
	{"a target that looks like a host", "", "//evil.example/p", nil},
	{"a backslash in the Host", `evil.example\app.example.com`, "", nil},
}

// TestTokensStayAtConfiguredOrigins: with a proxied Frontend API, the handshake
// carries the session token to the application's own origin, and that has to be a
// configured one, whatever the request says and however many hops are trusted.
func TestTokensStayAtConfiguredOrigins(t *testing.T) {
	live := "; __session=" + expired(t)
	for _, configure := range []func(*clerk.Config){
		func(c *clerk.Config) { c.AuthorizedParties = []string{"https://app.example.com"} },
		func(c *clerk.Config) { c.AllowedRedirectOrigins = []string{"https://app.example.com"} },
		func(c *clerk.Config) { c.PublicURL = "https://app.example.com" },
		func(c *clerk.Config) {
			c.AuthorizedPartyFunc = func(o string) bool { return o == "https://app.example.com" }
		},
	} {
		for _, hops := range []int{0, 1, 9} {
			for _, s := range strangersFields {
				for _, w := range []*world{production(), development()} {
					configure(&w.config)
					w.config.ProxyURL, w.config.TrustedProxyHops = "/__clerk", hops
					r := page(uatNow+devDB+live, s.fields...)
					if s.host != "" {
						r.Host = s.host
					}
					if s.target != "" {
						r.Target = s.target
					}
					d := w.decide(t, r)
					if d.Location == "" {
						if d.Status != SignedOut {
							t.Errorf("%s: %v %q", s.name, d.Status, d.Reason)
						}
						continue
					}
					if !strings.HasPrefix(d.Location, "https://app.example.com/__clerk/v1/client/handshake?") {
						t.Errorf("%s, %d hops: %s", s.name, hops, d.Location)
					}
					u, err := url.Parse(d.Location)
					if err != nil || !strings.HasPrefix(u.Query().Get("redirect_url"), "https://app.example.com/") {
						t.Errorf("%s, %d hops: back to %s", s.name, hops, u.Query().Get("redirect_url"))
					}
				}
			}
			// And the browser that comes as it should is redirected.
			w := production()
			configure(&w.config)
			w.config.ProxyURL, w.config.TrustedProxyHops = "/__clerk", hops
			want(t, w.decide(t, page(uatNow+live)), Redirect, "session-token-expired-refresh-non-eligible-no-refresh-cookie")
		}
	}
}

// TestDevBrowserStaysAtConfiguredOrigins: a development primary sends a dev browser
// to its own origin only where that is configured, or nothing is.
func TestDevBrowserStaysAtConfiguredOrigins(t *testing.T) {
	for _, s := range strangersFields {
		for _, hops := range []int{0, 1} {
			w := development()
			w.config.AuthorizedParties, w.config.TrustedProxyHops = []string{"https://app.example.com"}, hops
			r := page("__clerk_db_jwt=dvb", s.fields...)
			r.Target = "/sign-in?__clerk_redirect_url=" + url.QueryEscape("https://evil.example/x")
			if s.host != "" {
				r.Host = s.host
			}
			want(t, w.decide(t, r), SignedOut, clerk.ReasonPrimaryRespondsToSyncing)
		}
	}
	for _, c := range []struct {
		parties []string
		want    Status
	}{
		{nil, Redirect}, {[]string{"https://app.example.com"}, Redirect}, {[]string{"https://other.example.com"}, SignedOut},
	} {
		w := development()
		w.config.AuthorizedParties = c.parties
		r := page("__clerk_db_jwt=dvb")
		r.Target = "/sign-in?__clerk_redirect_url=" + url.QueryEscape("https://app.example.com/x")
		want(t, w.decide(t, r), c.want, clerk.ReasonPrimaryRespondsToSyncing)
	}
}

// TestRelativeProxyNeedsAnOrigin: New refuses a path without the origin that it is on.
func TestRelativeProxyNeedsAnOrigin(t *testing.T) {
	w := production()
	w.config.ProxyURL = "/__clerk"
	_, err := w.new(t)
	var ce *clerk.ConfigError
	if !errors.As(err, &ce) || ce.Field != "ProxyURL" || !strings.Contains(ce.Problem, "AuthorizedParties") || !strings.Contains(ce.Problem, "PublicURL") {
		t.Errorf("got %v", err)
	}
	w.config.InsecureAnyRedirectOrigin = true
	if d := w.decide(t, page(uatNow)); !strings.HasPrefix(d.Location, "https://app.example.com/__clerk/") {
		t.Errorf("InsecureAnyRedirectOrigin: %+v", d)
	}
}

// TestPublicURL fixes the origin where the gateway rewrites the Host.
func TestPublicURL(t *testing.T) {
	w := production()
	w.config.PublicURL = "https://app.example.com"
	r := page(uatNow, "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "http")
	r.Host, r.Scheme = "10.0.0.1:3000", "http"
	if d := w.decide(t, r); !strings.Contains(d.Location, "?redirect_url=https%3A%2F%2Fapp.example.com%2Fdashboard%3Fa%3D1&") {
		t.Error(d.Location)
	}
	// The Referer of its own pages is no other origin.
	r = page(uatNow+"; __session="+token(t, nil), "Referer", "https://app.example.com/x")
	r.Host, r.Scheme = "10.0.0.1:3000", "http"
	want(t, w.decide(t, r), SignedIn, "")
}

// TestOriginNotices: what is likely wrong with the origin is said once, with the
// setting that cures it, and without a value from the request.
func TestOriginNotices(t *testing.T) {
	for name, c := range map[string]struct {
		world  *world
		change func(*clerk.Config)
		host   string
		fields []string
		line   string // "" for none
	}{
		"nothing wrong":            {production(), nil, "app.example.com", []string{"X-Forwarded-Proto", "https"}, ""},
		"not believed":             {production(), nil, "other.example.com", []string{"X-Forwarded-Host", "stranger.example", "X-Forwarded-Proto", "https"}, "AuthorizedParties (CLERK_AUTHORIZED_PARTIES)"},
		"a client's own":           {production(), nil, "app.example.com", []string{"X-Forwarded-Host", "stranger.example", "X-Forwarded-Proto", "https"}, ""},
		"plain http":               {production(), nil, "app.example.com", nil, "X-Forwarded-Proto"},
		"loopback":                 {production(), nil, "127.0.0.1:3000", nil, "PublicURL (CLERK_PUBLIC_URL)"},
		"loopback in development":  {development(), nil, "localhost:3000", nil, ""},
		"loopback of the emulator": {production(), func(c *clerk.Config) { c.InsecureEmulator = true }, "localhost:3000", nil, ""},
		"a proxied Frontend API": {development(), func(c *clerk.Config) { c.ProxyURL = "/__clerk" }, "stranger.example", nil,
			"the proxied Frontend API"},
	} {
		var buf bytes.Buffer
		clock := now
		c.world.clock = func() time.Time { return clock }
		c.world.config.AuthorizedParties = []string{"https://app.example.com"}
		if c.change != nil {
			c.change(&c.world.config)
		}
		m := c.world.machine(t)
		m.originNotices.log = slog.New(slog.NewTextHandler(&buf, nil))
		ask := func() {
			r := page(uatNow, c.fields...)
			r.Host, r.Scheme = c.host, "http"
			m.Authenticate(context.Background(), r)
		}
		for range 100 {
			ask()
		}
		log := buf.String()
		want := 1
		if c.line == "" {
			want = 0
		}
		if strings.Count(log, "level=WARN") != want || !strings.Contains(log, c.line) || strings.Contains(log, "stranger") {
			t.Errorf("%s: log %q", name, log)
		}
		clock = clock.Add(time.Hour)
		if ask(); want == 1 && !strings.Contains(buf.String(), "left_out=99") {
			t.Errorf("%s: after an hour %q", name, buf.String())
		}
	}
}
