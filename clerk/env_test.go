package clerk_test

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

// cleanEnv unsets what the machine may have.
func cleanEnv(t *testing.T) {
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "CLERK_") {
			t.Setenv(name, "")
		}
	}
}

// TestConfigFromEnvNames goes through every documented name, one at a time.
func TestConfigFromEnvNames(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		want        clerk.Config // what it sets, without the secret key
	}{
		{"CLERK_PUBLISHABLE_KEY", testPK, clerk.Config{PublishableKey: testPK}},
		{"CLERK_JWT_KEY", "MIIB", clerk.Config{JWTKey: "MIIB"}},
		{"CLERK_MACHINE_SECRET_KEY", "ak_x", clerk.Config{MachineSecretKey: "ak_x"}},
		{"CLERK_WEBHOOK_SIGNING_SECRET", "whsec_x", clerk.Config{WebhookSigningSecret: "whsec_x"}},
		{"CLERK_API_URL", "https://api.example.com", clerk.Config{APIURL: "https://api.example.com"}},
		{"CLERK_API_VERSION", "v1", clerk.Config{}},
		{"CLERK_FAPI", "clerk.example.com", clerk.Config{FrontendAPI: "https://clerk.example.com"}},
		{"CLERK_FAPI", "http://localhost:4000", clerk.Config{FrontendAPI: "http://localhost:4000"}},
		{"CLERK_PROXY_URL", "/__clerk", clerk.Config{ProxyURL: "/__clerk"}},
		{"CLERK_PUBLIC_URL", "https://app.example.com/", clerk.Config{PublicURL: "https://app.example.com"}},
		{"CLERK_HEADER_ONLY", "true", clerk.Config{HeaderOnly: true}},
		{"CLERK_TRUSTED_PROXY_HOPS", "2", clerk.Config{TrustedProxyHops: 2}},
		{"CLERK_DOMAIN", "sat.example", clerk.Config{Domain: "sat.example"}},
		{"CLERK_IS_SATELLITE", "false", clerk.Config{}},
		{"CLERK_AUTHORIZED_PARTIES", " https://a.example , https://b.example,", clerk.Config{AuthorizedParties: []string{"https://a.example", "https://b.example"}}},
		{"CLERK_SIGN_IN_URL", "/sign-in", clerk.Config{SignInURL: "/sign-in"}},
		{"CLERK_SIGN_UP_URL", "/sign-up", clerk.Config{SignUpURL: "/sign-up"}},
		{"CLERK_SIGN_IN_FALLBACK_REDIRECT_URL", "/a", clerk.Config{SignInFallbackRedirectURL: "/a"}},
		{"CLERK_SIGN_IN_FORCE_REDIRECT_URL", "/a", clerk.Config{SignInForceRedirectURL: "/a"}},
		{"CLERK_SIGN_UP_FALLBACK_REDIRECT_URL", "/a", clerk.Config{SignUpFallbackRedirectURL: "/a"}},
		{"CLERK_SIGN_UP_FORCE_REDIRECT_URL", "/a", clerk.Config{SignUpForceRedirectURL: "/a"}},
		{"CLERK_AFTER_SIGN_IN_URL", "/a", clerk.Config{SignInFallbackRedirectURL: "/a"}},
		{"CLERK_AFTER_SIGN_UP_URL", "/a", clerk.Config{SignUpFallbackRedirectURL: "/a"}},
		{"CLERK_JS_URL", "https://cdn.example/clerk.js", clerk.Config{JSURL: "https://cdn.example/clerk.js"}},
		{"CLERK_JS", "https://cdn.example/clerk.js", clerk.Config{JSURL: "https://cdn.example/clerk.js"}},
		{"CLERK_JS_VERSION", "5", clerk.Config{JSVersion: "5"}},
		{"CLERK_INSECURE_EMULATOR", "1", clerk.Config{InsecureEmulator: true}},
		{"CLERK_TELEMETRY_DISABLED", "1", clerk.Config{}},
		{"CLERK_TELEMETRY_DEBUG", "1", clerk.Config{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cleanEnv(t)
			t.Setenv("CLERK_SECRET_KEY", testSK)
			t.Setenv(tt.name, tt.value)
			got, err := clerk.ConfigFromEnv()
			if err != nil {
				t.Fatal(err)
			}
			tt.want.SecretKey = testSK
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %#v, want %#v", got, tt.want)
			}
		})
	}
	t.Run("satellite", func(t *testing.T) {
		cleanEnv(t)
		t.Setenv("CLERK_SECRET_KEY", " "+testSK+"\n")
		t.Setenv("CLERK_IS_SATELLITE", "TRUE")
		t.Setenv("CLERK_DOMAIN", "sat.example")
		got, err := clerk.ConfigFromEnv()
		if err != nil || !got.IsSatellite || got.SecretKey != testSK {
			t.Errorf("got %#v, %v", got, err)
		}
	})
	t.Run("new name before deprecated one", func(t *testing.T) {
		cleanEnv(t)
		t.Setenv("CLERK_SECRET_KEY", testSK)
		t.Setenv("CLERK_AFTER_SIGN_IN_URL", "/old")
		t.Setenv("CLERK_SIGN_IN_FALLBACK_REDIRECT_URL", "/new")
		if got, err := clerk.ConfigFromEnv(); err != nil || got.SignInFallbackRedirectURL != "/new" {
			t.Errorf("got %q, %v", got.SignInFallbackRedirectURL, err)
		}
	})
}

func TestConfigFromEnvRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		want []string // the variables that the errors name
	}{
		{"nothing set", nil, []string{"CLERK_SECRET_KEY"}},
		{"secret key damaged", map[string]string{"CLERK_SECRET_KEY": "SuperSecret"}, []string{"CLERK_SECRET_KEY"}},
		{"secret as publishable key", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_PUBLISHABLE_KEY": testSK}, []string{"CLERK_PUBLISHABLE_KEY"}},
		{"satellite neither true nor false", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_IS_SATELLITE": "yes"}, []string{"CLERK_IS_SATELLITE"}},
		{"satellite without domain", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_IS_SATELLITE": "1"}, []string{"CLERK_IS_SATELLITE"}},
		{"emulator neither true nor false", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_INSECURE_EMULATOR": "on"}, []string{"CLERK_INSECURE_EMULATOR"}},
		{"emulator in production", map[string]string{"CLERK_SECRET_KEY": liveSK, "CLERK_INSECURE_EMULATOR": "1"}, []string{"CLERK_INSECURE_EMULATOR"}},
		{"header only neither true nor false", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_HEADER_ONLY": "api"}, []string{"CLERK_HEADER_ONLY"}},
		{"hops in words", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_TRUSTED_PROXY_HOPS": "one"}, []string{"CLERK_TRUSTED_PROXY_HOPS"}},
		{"hops negative", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_TRUSTED_PROXY_HOPS": "-1"}, []string{"CLERK_TRUSTED_PROXY_HOPS"}},
		{"public URL with a path", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_PUBLIC_URL": "https://a.example/app"}, []string{"CLERK_PUBLIC_URL"}},
		{"API version", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_API_VERSION": "v2"}, []string{"CLERK_API_VERSION"}},
		{"machine key", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_MACHINE_SECRET_KEY": "ak_Super Secret"}, []string{"CLERK_MACHINE_SECRET_KEY"}},
		{"parties that are none", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_AUTHORIZED_PARTIES": " , "}, []string{"CLERK_AUTHORIZED_PARTIES"}},
		{"party with path", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_AUTHORIZED_PARTIES": "https://a.example/"}, []string{"CLERK_AUTHORIZED_PARTIES[0]"}},
		{"FAPI of another host", map[string]string{"CLERK_SECRET_KEY": testSK, "CLERK_FAPI": "//a.example"}, []string{"CLERK_FAPI"}},
		{"several", map[string]string{"CLERK_API_VERSION": "2", "CLERK_API_URL": "x"}, []string{"CLERK_API_VERSION", "CLERK_SECRET_KEY", "CLERK_API_URL"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cleanEnv(t)
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			got, err := clerk.ConfigFromEnv()
			if err == nil {
				t.Fatalf("accepted: %v", got)
			}
			if !reflect.DeepEqual(got, clerk.Config{}) {
				t.Errorf("a Config came with the error: %v", got)
			}
			if strings.Contains(err.Error(), "Super") {
				t.Errorf("the error shows a secret: %v", err)
			}
			var fields []string
			for _, f := range flatten(err) {
				fields = append(fields, errorFields(f)...)
			}
			if !slices.Equal(fields, tt.want) {
				t.Errorf("errors about %q, want %q: %v", fields, tt.want, err)
			}
			for line := range strings.SplitSeq(err.Error(), "\n") {
				for _, field := range []string{"SecretKey", "PublishableKey", "JWTKey", "ProxyURL", "IsSatellite", "FrontendAPI"} {
					if strings.Contains(line, field) {
						t.Errorf("the error speaks of %s, which is not what was set: %s", field, line)
					}
				}
			}
		})
	}
}

// TestConfigFromEnvUnpastes goes through every variable with what a paste or a
// settings file leaves around a value.
func TestConfigFromEnvUnpastes(t *testing.T) {
	values := map[string]string{
		"CLERK_SECRET_KEY": testSK, "CLERK_PUBLISHABLE_KEY": testPK, "CLERK_JWT_KEY": "MIIB", "CLERK_MACHINE_SECRET_KEY": "ak_x",
		"CLERK_WEBHOOK_SIGNING_SECRET": "whsec_x", "CLERK_API_URL": "https://api.example.com", "CLERK_FAPI": "https://clerk.example.com",
		"CLERK_PROXY_URL": "/__clerk", "CLERK_DOMAIN": "sat.example", "CLERK_IS_SATELLITE": "false", "CLERK_HEADER_ONLY": "true",
		"CLERK_AUTHORIZED_PARTIES": "https://a.example", "CLERK_SIGN_IN_URL": "https://a.example/in", "CLERK_SIGN_UP_URL": "/up",
		"CLERK_SIGN_IN_FALLBACK_REDIRECT_URL": "/a", "CLERK_JS_URL": "https://cdn.example/c.js", "CLERK_JS_VERSION": "5",
		"CLERK_API_VERSION": "v1", "CLERK_PUBLIC_URL": "https://a.example", "CLERK_TRUSTED_PROXY_HOPS": "1", "CLERK_INSECURE_EMULATOR": "false",
	}
	set := func(around string) clerk.Config {
		cleanEnv(t)
		for name, value := range values {
			t.Setenv(name, strings.Replace(around, "x", value, 1))
		}
		cfg, err := clerk.ConfigFromEnv()
		if err != nil {
			t.Errorf("%q: %v", around, err)
		}
		return cfg
	}
	want := set("x")
	for _, around := range []string{`"x"`, "'x'", "\ufeffx", "\ufeff\"x\"\r\n", "\u201cx\u201d", "`x`", " x ", "\u00a0x", `"x`} {
		if got := set(around); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %#v", around, got)
		}
	}
}

// flatten splits joined errors into joins of one.
func flatten(err error) (list []error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{oneError{err}}
	}
	for _, e := range joined.Unwrap() {
		list = append(list, flatten(e)...)
	}
	return list
}

type oneError struct{ error }

func (e oneError) Unwrap() []error { return []error{e.error} }
