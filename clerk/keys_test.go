package clerk_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

// publishable makes a publishable key that holds text.
func publishable(prefix, text string) string {
	return prefix + base64.RawStdEncoding.EncodeToString([]byte(text))
}

func TestParsePublishableKey(t *testing.T) {
	for _, tt := range []struct {
		key, frontendAPI string
		instance         clerk.InstanceType
	}{
		{livePK, "clerk.example.com", clerk.Production},
		{testPK, "foo-bar-13.clerk.accounts.dev", clerk.Development},
		{"pk_test_Y2xlcmsuOGQxZjRjMWUtMmE1Ny00YzNmLTlkNTUtMGYzYjJmNmE3ZTEwLmNvbSQ=", "clerk.8d1f4c1e-2a57-4c3f-9d55-0f3b2f6a7e10.com", clerk.Development},
		{publishable("pk_test_", "127.0.0.1:4010$"), "127.0.0.1:4010", clerk.Development},
		{publishable("pk_test_", "127.0.0.1:4010/inst_1$"), "127.0.0.1:4010/inst_1", clerk.Development},
		{publishable("pk_live_", "a_b.example.com$"), "a_b.example.com", clerk.Production},
	} {
		k, err := clerk.ParsePublishableKey(tt.key)
		if err != nil || k.FrontendAPI() != tt.frontendAPI || k.Instance() != tt.instance || k.String() != tt.key {
			t.Errorf("%s: %q %q %q, %v", tt.key, k.FrontendAPI(), k.Instance(), k, err)
		}
	}
}

func TestParsePublishableKeyRefuses(t *testing.T) {
	for _, key := range []string{
		"", "pk_", "pk_live_", "pk_test_", "pk_live", "PK_LIVE_Y2xlcmsuZXhhbXBsZS5jb20k", "pk_prod_Y2xlcmsuZXhhbXBsZS5jb20k",
		"sk_live_Y2xlcmsuZXhhbXBsZS5jb20k", "Y2xlcmsuZXhhbXBsZS5jb20k",
		" " + livePK, livePK + " ", livePK + "\n", livePK + "\r\n", livePK[:20] + "\n" + livePK[20:], "\ufeff" + livePK, livePK + "\x00",
		livePK[:len(livePK)-1], livePK + "!", livePK + "é", "pk_live_####",
		publishable("pk_live_", "clerk.example.com"),    // no $
		publishable("pk_live_", "clerk.example.com$$"),  // two
		publishable("pk_live_", "clerk$.example.com$"),  // one too early
		publishable("pk_live_", "$"),                    // nothing
		publishable("pk_live_", ".$"),                   // no names
		publishable("pk_live_", "clerk..com$"),          //
		publishable("pk_live_", "clerk.example.com.$"),  //
		publishable("pk_live_", "-clerk.example.com$"),  //
		publishable("pk_live_", "localhost$"),           // no dot
		publishable("pk_live_", "https://clerk.a.com$"), // a URL
		publishable("pk_live_", "//clerk.example.com$"),
		publishable("pk_live_", "/clerk.example.com$"),
		publishable("pk_live_", "clerk.example.com//evil.example$"),
		publishable("pk_live_", "clerk.example.com/../x$"),
		publishable("pk_live_", "clerk.example.com/a b$"),
		publishable("pk_live_", "clerk.example.com/%2e$"),
		publishable("pk_live_", "clerk@evil.example$"),
		publishable("pk_live_", "clerk.example.com?x=$"),
		publishable("pk_live_", "clerk.example.com#x$"),
		publishable("pk_live_", `clerk.example.com\x$`),
		publishable("pk_live_", "clerk.example.com:$"),
		publishable("pk_live_", "clerk.example.com:0$"),
		publishable("pk_live_", "clerk.example.com:99999$"),
		publishable("pk_live_", "clerk.example.com:80:80$"),
		publishable("pk_live_", "[::1.x]$"),
		publishable("pk_live_", "cl\nerk.example.com$"),
		publishable("pk_live_", "cl\x00erk.example.com$"),
		publishable("pk_live_", "clérk.example.com$"),
		publishable("pk_live_", strings.Repeat("\xff", 40)+".com$"),
	} {
		k, err := clerk.ParsePublishableKey(key)
		var ce *clerk.ConfigError
		if !errors.As(err, &ce) || ce.Field != "PublishableKey" {
			t.Errorf("%q: %v, %v", key, k, err)
		}
		if k != (clerk.PublishableKey{}) {
			t.Errorf("%q: a key came with the error", key)
		}
		if len(key) > 8 && err != nil && strings.Contains(err.Error(), key) {
			t.Errorf("the error repeats the key: %v", err)
		}
	}
}

func TestSecretKeyInstance(t *testing.T) {
	for key, want := range map[string]clerk.InstanceType{
		testSK: clerk.Development, liveSK: clerk.Production, "test_abc": clerk.Development, "live_abc": clerk.Production,
	} {
		if got, err := clerk.SecretKeyInstance(key); got != want || err != nil {
			t.Errorf("%s: %q, %v", key, got, err)
		}
	}
	for _, key := range []string{
		"", "sk_", "sk_test_", "sk_live_", "test_", testPK, "SK_TEST_x", " " + testSK, testSK + " ", testSK + "\n", "sk_test_a b",
		"sk_test_a\x00b", "sk_test_é", "sk_test_a\r\nX-Evil: 1", "Bearer " + testSK, "ak_SuperSecret", "\"" + testSK + "\"",
	} {
		got, err := clerk.SecretKeyInstance(key)
		var ce *clerk.ConfigError
		if !errors.As(err, &ce) || ce.Field != "SecretKey" || got != "" {
			t.Errorf("%q: %q, %v", key, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "SuperSecret") {
			t.Errorf("the error shows the key: %v", err)
		}
	}
}

// TestCookieSuffix has names that recorded requests of real clerk-js and
// @clerk/backend 3.25.0 carry for these keys.
func TestCookieSuffix(t *testing.T) {
	for key, want := range map[string]string{
		livePK: "naoXFJnI",
		testPK: "nx2hSE6I",
		"pk_live_Y2xlcmsuaW5zcGlyZWQucHVtYS03NC5sY2wuZGV2JA":                   "MqCvchyS",
		"pk_test_Y2xlcmsuaW5zcGlyZWQucHVtYS03NC5sY2wuZGV2JA":                   "vWCgMp3A",
		"pk_live_Y2xlcmsuY2xlcmsuZGV2JA":                                       "1Z8AzTQD",
		"pk_test_ZW5vdWdoLWFscGFjYS04Mi5jbGVyay5hY2NvdW50cy5sY2xjbGVyay5jb20k": "jtYvyt_H",
		"pk_test_eHh4eHh4LXhhYWFhYS1hYS5jbGVyay5hY2NvdW50cy5sY2xjbGVyay5jb20k": "tZJdb-5s",
	} {
		k, err := clerk.ParsePublishableKey(key)
		if err != nil {
			t.Fatal(err)
		}
		if got := k.SuffixedCookie(clerk.CookieSession); got != "__session_"+want || k.CookieSuffix() != want {
			t.Errorf("%s: %s, want the suffix %s", key, got, want)
		}
	}
}
