package clerk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// Keys of the forms that Clerk hands out; the secrets are of no instance.
const (
	livePK = "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k"                 // clerk.example.com
	testPK = "pk_test_Zm9vLWJhci0xMy5jbGVyay5hY2NvdW50cy5kZXYk" // foo-bar-13.clerk.accounts.dev
	liveSK = "sk_live_SuperSecretValue1"
	testSK = "sk_test_SuperSecretValue2"
)

func TestConfigValidate(t *testing.T) {
	base := func(change func(*clerk.Config)) clerk.Config {
		c := clerk.Config{SecretKey: testSK, PublishableKey: testPK, AuthorizedParties: []string{"https://app.example.com"}}
		change(&c)
		return c
	}
	for _, tt := range []struct {
		name  string
		cfg   clerk.Config
		field string // of the one error, "" for a good config
	}{
		{"plain", base(func(*clerk.Config) {}), ""},
		{"only a secret key", clerk.Config{SecretKey: testSK}, ""},
		{"only a publishable key", clerk.Config{PublishableKey: livePK}, ""},
		{"only a PEM", clerk.Config{JWTKey: "MIIB"}, ""},
		{"nothing", clerk.Config{}, "SecretKey"},
		{"no source of keys", clerk.Config{MachineSecretKey: "ak_x", AuthorizedParties: []string{"https://a.example"}}, "SecretKey"},
		{"secret key has another form", base(func(c *clerk.Config) { c.SecretKey = "whatever" }), "SecretKey"},
		{"secret key with a line break", base(func(c *clerk.Config) { c.SecretKey = testSK + "\n" }), "SecretKey"},
		{"keys swapped", clerk.Config{SecretKey: testSK, PublishableKey: testSK}, "PublishableKey"},
		{"publishable key as secret key", clerk.Config{SecretKey: testPK, PublishableKey: testPK}, "SecretKey"},
		{"keys of two instances", base(func(c *clerk.Config) { c.SecretKey = liveSK }), "SecretKey"},
		{"machine key with a line break", base(func(c *clerk.Config) { c.MachineSecretKey = "ak_secret\r\nX: y" }), "MachineSecretKey"},
		{"party with path", base(func(c *clerk.Config) { c.AuthorizedParties[0] += "/" }), "AuthorizedParties[0]"},
		{"party empty", base(func(c *clerk.Config) { c.AuthorizedParties = []string{"https://a.example", ""} }), "AuthorizedParties[1]"},
		{"party without scheme", base(func(c *clerk.Config) { c.AuthorizedParties = []string{"app.example.com"} }), "AuthorizedParties[0]"},
		{"party with wildcard alone", base(func(c *clerk.Config) { c.AuthorizedParties = []string{"*"} }), "AuthorizedParties[0]"},
		{"party in upper case", base(func(c *clerk.Config) { c.AuthorizedParties = []string{"https://App.example.com"} }), "AuthorizedParties[0]"},
		{"party with default port", base(func(c *clerk.Config) { c.AuthorizedParties = []string{"https://app.example.com:443"} }), "AuthorizedParties[0]"},
		{"party with an empty query", base(func(c *clerk.Config) { c.AuthorizedParties = []string{"https://app.example.com?"} }), "AuthorizedParties[0]"},
		{"party with an empty fragment", base(func(c *clerk.Config) { c.AuthorizedParties = []string{"https://app.example.com#"} }), "AuthorizedParties[0]"},
		{"party with user", base(func(c *clerk.Config) { c.AuthorizedParties = []string{"https://u@app.example.com"} }), "AuthorizedParties[0]"},
		{"party null", base(func(c *clerk.Config) { c.AuthorizedParties = []string{"null"} }), "AuthorizedParties[0]"},
		{"party with port", base(func(c *clerk.Config) { c.AuthorizedParties = []string{"http://localhost:3000"} }), ""},
		{"party of an extension", base(func(c *clerk.Config) { c.AuthorizedParties = []string{"chrome-extension://abcdef"} }), ""},
		{"missing azp allowed without parties", clerk.Config{SecretKey: testSK, InsecureAllowMissingAuthorizedParty: true}, "InsecureAllowMissingAuthorizedParty"},
		{"missing azp allowed with parties", base(func(c *clerk.Config) { c.InsecureAllowMissingAuthorizedParty = true }), ""},
		{"audience empty", base(func(c *clerk.Config) { c.Audience = []string{""} }), "Audience[0]"},
		{"issuer empty", base(func(c *clerk.Config) { c.Issuers = []string{"https://a.example", ""} }), "Issuers[1]"},
		{"issuers and any issuer", base(func(c *clerk.Config) { c.Issuers, c.InsecureAnyIssuer = []string{"https://a.example"}, true }), "InsecureAnyIssuer"},
		{"skew zero", base(func(c *clerk.Config) { c.ClockSkew = 0 }), ""},
		{"no skew", base(func(c *clerk.Config) { c.ClockSkew = -1 }), ""},
		{"skew of days", base(func(c *clerk.Config) { c.ClockSkew = 48 * time.Hour }), "ClockSkew"},
		{"API over http", base(func(c *clerk.Config) { c.APIURL = "http://api.example.com" }), "APIURL"},
		{"API over http on loopback", base(func(c *clerk.Config) { c.APIURL = "http://127.0.0.1:4000" }), ""},
		{"API over http on IPv6 loopback", base(func(c *clerk.Config) { c.APIURL = "http://[::1]:4000" }), ""},
		{"API over http on localhost", base(func(c *clerk.Config) { c.APIURL = "http://x.localhost:4000" }), ""},
		{"API over http, host looks local", base(func(c *clerk.Config) { c.APIURL = "http://127.0.0.1.evil.example/" }), "APIURL"},
		{"API over http, path looks local", base(func(c *clerk.Config) { c.APIURL = "http://evil.example/localhost" }), "APIURL"},
		{"API over http in the emulator", base(func(c *clerk.Config) { c.APIURL, c.InsecureEmulator = "http://clerk:4000", true }), ""},
		{"API with password", base(func(c *clerk.Config) { c.APIURL = "https://user:hunter2@api.example.com" }), "APIURL"},
		{"API with query", base(func(c *clerk.Config) { c.APIURL = "https://api.example.com?" }), "APIURL"},
		{"API with fragment", base(func(c *clerk.Config) { c.APIURL = "https://api.example.com#" }), "APIURL"},
		{"API relative", base(func(c *clerk.Config) { c.APIURL = "api.example.com" }), "APIURL"},
		{"API without host", base(func(c *clerk.Config) { c.APIURL = "https://:443" }), "APIURL"},
		{"API of another scheme", base(func(c *clerk.Config) { c.APIURL = "ftp://api.example.com" }), "APIURL"},
		{"FAPI relative", base(func(c *clerk.Config) { c.FrontendAPI = "/x" }), "FrontendAPI"},
		{"proxy path", base(func(c *clerk.Config) { c.ProxyURL = "/__clerk" }), ""},
		{"proxy path with a query", base(func(c *clerk.Config) { c.ProxyURL = "/__clerk?a=b" }), "ProxyURL"},
		{"proxy path with a fragment", base(func(c *clerk.Config) { c.ProxyURL = "/__clerk#f" }), "ProxyURL"},
		{"proxy URL with a fragment", base(func(c *clerk.Config) { c.ProxyURL = "https://px.example/__clerk#f" }), "ProxyURL"},
		{"proxy on another host", base(func(c *clerk.Config) { c.ProxyURL = "//evil.example" }), "ProxyURL"},
		{"proxy on another host, backslash", base(func(c *clerk.Config) { c.ProxyURL = `/\evil.example` }), "ProxyURL"},
		{"proxy on another host, tab", base(func(c *clerk.Config) { c.ProxyURL = "/\t/evil.example" }), "ProxyURL"},
		{"proxy path with a query", base(func(c *clerk.Config) { c.ProxyURL = "/__clerk?x=1" }), "ProxyURL"},
		{"proxy path with a fragment", base(func(c *clerk.Config) { c.ProxyURL = "/__clerk#x" }), "ProxyURL"},
		{"proxy path of everything", base(func(c *clerk.Config) { c.ProxyURL = "/" }), "ProxyURL"},
		{"proxy path of everything, with version", base(func(c *clerk.Config) { c.ProxyURL = "/v1/" }), "ProxyURL"},
		{"domain in upper case", base(func(c *clerk.Config) { c.Domain = "Clerk.Example.com" }), "Domain"},
		{"domain with a dot at its end", base(func(c *clerk.Config) { c.Domain = "example.com." }), "Domain"},
		{"proxy of another scheme", base(func(c *clerk.Config) { c.ProxyURL = "javascript:alert(1)" }), "ProxyURL"},
		{"proxy and FAPI", base(func(c *clerk.Config) { c.ProxyURL, c.FrontendAPI = "/__clerk", "https://clerk.example.com" }), ""},
		{"domain", base(func(c *clerk.Config) { c.Domain = "sat.example.com:8443" }), ""},
		{"domain localhost", base(func(c *clerk.Config) { c.Domain = "localhost:3000" }), ""},
		{"domain IPv6", base(func(c *clerk.Config) { c.Domain = "[::1]:3000" }), ""},
		{"domain IPv6 damaged", base(func(c *clerk.Config) { c.Domain = "[::1" }), "Domain"},
		{"domain in brackets", base(func(c *clerk.Config) { c.Domain = "[sat.example.com]" }), "Domain"},
		{"domain without a dot", base(func(c *clerk.Config) { c.Domain = "sat" }), "Domain"},
		{"domain with scheme", base(func(c *clerk.Config) { c.Domain = "https://sat.example.com" }), "Domain"},
		{"domain with path", base(func(c *clerk.Config) { c.Domain = "sat.example.com/x" }), "Domain"},
		{"domain with user", base(func(c *clerk.Config) { c.Domain = "u@sat.example.com" }), "Domain"},
		{"domain with a bad port", base(func(c *clerk.Config) { c.Domain = "sat.example.com:http" }), "Domain"},
		{"domain with an empty label", base(func(c *clerk.Config) { c.Domain = "sat..com" }), "Domain"},
		{"satellite", base(func(c *clerk.Config) { c.IsSatellite = true }), "IsSatellite"},
		{"satellite with domain", base(func(c *clerk.Config) { c.IsSatellite, c.Domain = true, "sat.example.com" }), ""},
		{"sign-in page is script", base(func(c *clerk.Config) { c.SignInURL = "javascript:alert(1)" }), "SignInURL"},
		{"sign-in page elsewhere", base(func(c *clerk.Config) { c.SignInURL = "//evil.example" }), "SignInURL"},
		{"sign-up page", base(func(c *clerk.Config) { c.SignUpURL = "https://accounts.example.com/sign-up?x=1" }), ""},
		{"clerk-js is data", base(func(c *clerk.Config) { c.JSURL = "data:text/javascript,1" }), "JSURL"},
		{"clerk-js of a path", base(func(c *clerk.Config) { c.JSVersion = "../evil" }), "JSVersion"},
		{"clerk-js of a tag", base(func(c *clerk.Config) { c.JSVersion = "7.0.0-canary.1" }), ""},
		{"public URL", base(func(c *clerk.Config) { c.PublicURL = "https://app.example.com" }), ""},
		{"public URL with a path", base(func(c *clerk.Config) { c.PublicURL = "https://app.example.com/app" }), "PublicURL"},
		{"public URL of another scheme", base(func(c *clerk.Config) { c.PublicURL = "chrome-extension://abcdef" }), "PublicURL"},
		{"opaque tokens not cached", base(func(c *clerk.Config) { c.OpaqueTokenCacheTTL = -1 }), ""},
		{"opaque tokens cached for two hours", base(func(c *clerk.Config) { c.OpaqueTokenCacheTTL = 2 * time.Hour }), "OpaqueTokenCacheTTL"},
		{"secret key in quotes", base(func(c *clerk.Config) { c.SecretKey = `"` + testSK + `"` }), "SecretKey"},
		{"secret key after a byte order mark", base(func(c *clerk.Config) { c.SecretKey = "\ufeff" + testSK }), "SecretKey"},
		{"secret key is a placeholder", base(func(c *clerk.Config) { c.SecretKey = "sk_test_..." }), "SecretKey"},
		{"machine key as secret key", base(func(c *clerk.Config) { c.SecretKey = "ak_SuperSecret" }), "SecretKey"},
		{"publishable key in quotes", base(func(c *clerk.Config) { c.PublishableKey = "'" + testPK + "'" }), "PublishableKey"},
		{"publishable key is a placeholder", base(func(c *clerk.Config) { c.PublishableKey = "$CLERK_PUBLISHABLE_KEY" }), "PublishableKey"},
		{"secret key as machine key", base(func(c *clerk.Config) { c.MachineSecretKey = testSK }), "MachineSecretKey"},
		{"signing secret of something else", base(func(c *clerk.Config) { c.WebhookSigningSecret = testSK }), "WebhookSigningSecret"},
		{"two signing secrets", base(func(c *clerk.Config) { c.WebhookSigningSecret = "whsec_a whsec_b" }), ""},
		{"URL of the key set", base(func(c *clerk.Config) { c.JWTKey = "https://clerk.example.com/.well-known/jwks.json" }), "JWTKey"},
		{"key set", base(func(c *clerk.Config) { c.JWTKey = `{"keys":[]}` }), "JWTKey"},
		{"secret key as public key", base(func(c *clerk.Config) { c.JWTKey = testSK }), "JWTKey"},
		{"private key", base(func(c *clerk.Config) { c.JWTKey = "-----BEGIN PRIVATE KEY-----SuperSecret" }), "JWTKey"},
		{"two public keys", base(func(c *clerk.Config) {
			c.JWTKey = strings.Repeat("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n", 2)
		}), "JWTKey"},
		{"API in quotes", base(func(c *clerk.Config) { c.APIURL = `"https://api.clerk.com"` }), "APIURL"},
		{"API with version", base(func(c *clerk.Config) { c.APIURL = "https://api.clerk.com/v1" }), ""},
		{"proxy without slash", base(func(c *clerk.Config) { c.ProxyURL = "__clerk" }), "ProxyURL"},
		{"domain of the Frontend API", base(func(c *clerk.Config) { c.Domain = "clerk.example.com" }), "Domain"},
		{"domain of the account portal", base(func(c *clerk.Config) { c.Domain = "accounts.example.com" }), "Domain"},
		{"domain in quotes", base(func(c *clerk.Config) { c.Domain = `"sat.example"` }), "Domain"},
		{"sign-in page in quotes", base(func(c *clerk.Config) { c.SignInURL = `"/sign-in"` }), "SignInURL"},
		{"hops negative", base(func(c *clerk.Config) { c.TrustedProxyHops = -1 }), "TrustedProxyHops"},
		{"handshake mode", base(func(c *clerk.Config) { c.Handshake = 7 }), "Handshake"},
		{"handshake off", base(func(c *clerk.Config) { c.Handshake = clerk.HandshakeOff }), ""},
		{"emulator with live secret key", clerk.Config{SecretKey: liveSK, InsecureEmulator: true}, "InsecureEmulator"},
		{"emulator with live publishable key", clerk.Config{PublishableKey: livePK, InsecureEmulator: true}, "InsecureEmulator"},
		{"emulator on loopback", clerk.Config{PublishableKey: publishable("pk_live_", "127.0.0.1:4000$"), InsecureEmulator: true}, ""},
		{"emulator on a reserved name", clerk.Config{PublishableKey: publishable("pk_live_", "clerk.app.test$"), InsecureEmulator: true}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.cfg.Validate()
			if tt.field == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			fields := errorFields(err)
			if !slices.Equal(fields, []string{tt.field}) {
				t.Fatalf("errors for fields %q, want %q: %v", fields, tt.field, err)
			}
			if strings.Contains(err.Error(), "SuperSecret") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestConfigValidateTellsAll(t *testing.T) {
	err := clerk.Config{SecretKey: "x", PublishableKey: "y", APIURL: "z", TrustedProxyHops: -1}.Validate()
	if got := errorFields(err); !slices.Equal(got, []string{"PublishableKey", "SecretKey", "APIURL", "TrustedProxyHops"}) {
		t.Errorf("fields %q: %v", got, err)
	}
}

// errorFields lists the fields of joined ConfigErrors.
func errorFields(err error) (fields []string) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, e := range joined.Unwrap() {
		var ce *clerk.ConfigError
		if !errors.As(e, &ce) {
			fields = append(fields, fmt.Sprintf("%T", e))
			continue
		}
		fields = append(fields, ce.Field)
	}
	return fields
}

func TestAcceptedIssuers(t *testing.T) {
	const fapi = "https://clerk.example.com"
	for _, tt := range []struct {
		name string
		cfg  clerk.Config
		want []string
	}{
		{"publishable key", clerk.Config{PublishableKey: livePK}, []string{fapi}},
		{"secret key alone", clerk.Config{SecretKey: liveSK}, nil},
		{"PEM alone", clerk.Config{JWTKey: "MIIB"}, nil},
		{"any", clerk.Config{PublishableKey: livePK, InsecureAnyIssuer: true}, nil},
		{"secret key and issuers", clerk.Config{SecretKey: liveSK, Issuers: []string{"https://a.example"}}, []string{"https://a.example"}},
		{"secret key and FAPI", clerk.Config{SecretKey: liveSK, FrontendAPI: "https://fapi.example/"}, []string{"https://fapi.example"}},
		{"proxy URL", clerk.Config{PublishableKey: livePK, ProxyURL: "https://app.example.com/__clerk/"}, []string{fapi, "https://app.example.com/__clerk"}},
		{"proxy URL with version", clerk.Config{PublishableKey: livePK, ProxyURL: "https://app.example.com/__clerk/v1/"}, []string{fapi, "https://app.example.com/__clerk"}},
		{
			"proxy path", clerk.Config{PublishableKey: livePK, ProxyURL: "/__clerk", AuthorizedParties: []string{"https://a.example", "https://b.example"}},
			[]string{fapi, "https://a.example/__clerk", "https://b.example/__clerk"},
		},
		{"satellite", clerk.Config{PublishableKey: livePK, IsSatellite: true, Domain: "sat.example"}, []string{fapi, "https://clerk.sat.example"}},
		{"domain without satellite", clerk.Config{PublishableKey: livePK, Domain: "sat.example"}, []string{fapi}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.cfg.AcceptedIssuers(); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("own list", func(t *testing.T) {
		backing := make([]string, 1, 8)
		backing[0] = "https://a.example"
		cfg := clerk.Config{PublishableKey: livePK, Issuers: backing}
		cfg.AcceptedIssuers()[0] = "changed"
		if cfg.Issuers[0] != "https://a.example" || backing[:2][1] != "" {
			t.Error("the list shares memory with Config.Issuers")
		}
	})
}

// TestConfigShowsNoSecret prints a Config in every way that somebody might, with
// the secrets in their places and in wrong ones.
func TestConfigShowsNoSecret(t *testing.T) {
	secret := clerk.Config{
		SecretKey: liveSK, PublishableKey: livePK, MachineSecretKey: "ak_SuperSecret", WebhookSigningSecret: "whsec_SuperSecret",
		JWTKey: "-----BEGIN PRIVATE KEY-----SuperSecret", APIURL: "https://api.example.com",
	}
	misplaced := clerk.Config{SecretKey: liveSK, PublishableKey: liveSK, APIURL: "https://user:SuperSecret@api.example.com"}
	for name, cfg := range map[string]clerk.Config{"in place": secret, "misplaced": misplaced} {
		var texts []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X"} {
			for _, v := range []any{cfg, &cfg, []clerk.Config{cfg}, map[string]clerk.Config{"x": cfg}, struct{ C clerk.Config }{cfg}} {
				texts = append(texts, fmt.Sprintf(verb, v))
			}
		}
		var buf bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&buf, nil), slog.NewJSONHandler(&buf, nil)} {
			slog.New(h).Info("x", "cfg", cfg, "ptr", &cfg, slog.Group("g", "cfg", cfg), "in", struct{ C clerk.Config }{cfg})
		}
		texts = append(texts, buf.String())
		for _, v := range []any{cfg, &cfg} {
			if raw, err := json.Marshal(v); err == nil || len(raw) > 0 {
				t.Errorf("json.Marshal gives %s", raw)
			}
		}
		if err := cfg.Validate(); err != nil {
			texts = append(texts, err.Error(), fmt.Sprintf("%#v", errors.Unwrap(err)))
		}
		for _, text := range texts {
			hexed := fmt.Sprintf("%x", "SuperSecret")
			if strings.Contains(text, "SuperSecret") || strings.Contains(strings.ToLower(text), hexed) {
				t.Errorf("%s: a secret shows in %s", name, text)
			}
		}
		if name == "in place" && !strings.Contains(cfg.String(), livePK) {
			t.Errorf("the publishable key, which is public, is not in %s", cfg)
		}
	}
	if s := (clerk.Config{}).String(); !strings.Contains(s, "SecretKey: none") {
		t.Errorf("an unset key looks like a set one: %s", s)
	}
}
