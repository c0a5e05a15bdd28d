package clerk_test

import (
	"bytes"
	"errors"
	"html/template"
	"reflect"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

func TestScriptTag(t *testing.T) {
	const npm = "/npm/@clerk/clerk-js@6/dist/clerk.browser.js"
	for _, tt := range []struct {
		name   string
		change func(*clerk.Config)
		want   []string // attributes
		not    string
	}{
		{"publishable key", func(*clerk.Config) {}, []string{`data-clerk-publishable-key="` + livePK + `"`, `src="https://clerk.example.com` + npm + `"`, " async ", `crossorigin="anonymous"`}, "proxy"},
		{"proxy path", func(c *clerk.Config) { c.ProxyURL = "/__clerk/v1/" }, []string{`data-clerk-proxy-url="/__clerk"`, `src="/__clerk` + npm + `"`}, "domain"},
		{"proxy URL", func(c *clerk.Config) { c.ProxyURL = "https://app.example.com/__clerk" }, []string{`data-clerk-proxy-url="https://app.example.com/__clerk"`, `src="https://app.example.com/__clerk` + npm + `"`}, "domain"},
		{"satellite", func(c *clerk.Config) { c.IsSatellite, c.Domain = true, "sat.example.org" }, []string{`data-clerk-domain="sat.example.org"`, `src="https://clerk.sat.example.org` + npm + `"`}, "proxy"},
		{"satellite in development", func(c *clerk.Config) { c.PublishableKey, c.IsSatellite, c.Domain = testPK, true, "sat.example.org" }, []string{`data-clerk-domain="sat.example.org"`, `src="https://foo-bar-13.clerk.accounts.dev` + npm + `"`}, "proxy"},
		{"Frontend API", func(c *clerk.Config) { c.FrontendAPI = "http://localhost:4000/" }, []string{`src="http://localhost:4000` + npm + `"`}, "proxy"},
		{"version", func(c *clerk.Config) { c.JSVersion = "6.29.3" }, []string{`src="https://clerk.example.com/npm/@clerk/clerk-js@6.29.3/dist/clerk.browser.js"`}, "proxy"},
		{"URL", func(c *clerk.Config) { c.JSURL, c.JSVersion = `/js/clerk.js?a=1&b="x`, "5" }, []string{`src="/js/clerk.js?a=1&amp;b=&#34;x"`}, "@5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := clerk.Config{PublishableKey: livePK, SecretKey: liveSK}
			tt.change(&cfg)
			tag, err := cfg.ScriptTag("cjRuZDBt+/=")
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range append(tt.want, `nonce="cjRuZDBt+/="`) {
				if !strings.Contains(tag, want) {
					t.Errorf("%s lacks %s", tag, want)
				}
			}
			if strings.Contains(tag, tt.not) || strings.Contains(tag, "SuperSecret") || strings.Count(tag, "<") != 2 || strings.Count(tag, ">") != 2 {
				t.Error(tag)
			}
			if tag, err := cfg.ScriptTag(""); err != nil || strings.Contains(tag, "nonce") {
				t.Error(tag, err)
			}
		})
	}
}

// TestScriptTagRefuses: each of these would load another script, or break out of the element.
func TestScriptTagRefuses(t *testing.T) {
	for _, tt := range []struct {
		field, nonce string
		change       func(*clerk.Config)
	}{
		{"PublishableKey", "", func(c *clerk.Config) { c.PublishableKey = "" }},
		{"PublishableKey", "", func(c *clerk.Config) { c.PublishableKey = `"><script>` }},
		{"JSURL", "", func(c *clerk.Config) { c.JSURL = "data:text/javascript,1" }},
		{"JSURL", "", func(c *clerk.Config) { c.JSURL = "//evil.example/clerk.js" }},
		{"JSVersion", "", func(c *clerk.Config) { c.JSVersion = "6/../../evil" }},
		{"JSVersion", "", func(c *clerk.Config) { c.JSVersion = ".." }},
		{"JSVersion", "", func(c *clerk.Config) { c.JSVersion = `6"x` }},
		{"ProxyURL", "", func(c *clerk.Config) { c.ProxyURL = "//evil.example" }},
		{"Domain", "", func(c *clerk.Config) { c.IsSatellite, c.Domain = true, "sat.example/x" }},
		{"nonce", `x" onload="alert(1)`, func(*clerk.Config) {}},
		{"nonce", "=", func(*clerk.Config) {}},
	} {
		cfg := clerk.Config{PublishableKey: livePK}
		tt.change(&cfg)
		tag, err := cfg.ScriptTag(tt.nonce)
		if e := (*clerk.ConfigError)(nil); !errors.As(err, &e) || e.Field != tt.field || tag != "" {
			t.Errorf("%+v, %q: %q, %v, want an error about %s", cfg, tt.nonce, tag, err, tt.field)
		}
	}
}

func TestLoadOptions(t *testing.T) {
	if got := (clerk.Config{SecretKey: liveSK, SatelliteAutoSync: true}).LoadOptions(); len(got) != 0 {
		t.Errorf("the zero settings: %v", got)
	}
	cfg := clerk.Config{
		SecretKey: liveSK, SignInURL: "/sign-in", SignUpURL: "/sign-up",
		SignInFallbackRedirectURL: "/a", SignInForceRedirectURL: "/b", SignUpFallbackRedirectURL: "/c", SignUpForceRedirectURL: "/d</script>",
		IsSatellite: true, SatelliteAutoSync: true,
	}
	want := map[string]any{
		"signInUrl": "/sign-in", "signUpUrl": "/sign-up",
		"signInFallbackRedirectUrl": "/a", "signInForceRedirectUrl": "/b", "signUpFallbackRedirectUrl": "/c", "signUpForceRedirectUrl": "/d</script>",
		"isSatellite": true, "satelliteAutoSync": true,
	}
	if got := cfg.LoadOptions(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	var page bytes.Buffer
	err := template.Must(template.New("").Parse(`<script>Clerk.load({{.}})</script>`)).Execute(&page, cfg.LoadOptions())
	if err != nil || strings.Count(page.String(), "</script>") != 1 || !strings.Contains(page.String(), `"signInUrl":"/sign-in"`) {
		t.Error(page.String(), err)
	}
}
