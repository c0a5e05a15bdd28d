package middleware_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/clerk/webhook"
	"github.com/clerkkit/clerkkit/middleware"
)

var update = flag.Bool("update", false, "write docs/wrong-settings.md")

const wrongSettings = "../docs/wrong-settings.md"

// wrongSetting is one row of the table.
type wrongSetting struct {
	what   string
	env    map[string]string   // over the environment that the emulator prints
	change func(*clerk.Config) // after the environment was read
	token  func() string       // instead of the session's
	page   bool                // a browser asks for a page, without cookies; else an API client with a bearer token
	hook   bool                // the application takes webhooks
}

// TestWrongSettings starts a small application with each wrong setting, sends it one
// request of a signed-in user, and compares what the log and the answer say with
// docs/wrong-settings.md. Run it with -update to write that.
func TestWrongSettings(t *testing.T) {
	emulator := func(fapi, secret string) *clerktest.Emulator {
		em, err := clerktest.New(clerktest.Config{
			FrontendAPI: fapi, SecretKey: "sk_test_emulator" + secret, Deterministic: true, Origins: []string{"https://app.example.com"},
			Now: func() time.Time { return time.Unix(1_800_000_000, 0) },
		})
		if err != nil {
			t.Fatal(err)
		}
		return em
	}
	em := emulator("one.example.test", "SuperSecretOne")
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	key, err := clerktest.New(clerktest.Config{FrontendAPI: "two.example.test", SecretKey: "sk_test_emulatorSuperSecretTwo", GenerateKey: true})
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	table.WriteString("# What a wrong setting says\n\n" +
		"Each row is a small application that is started with one wrong setting and gets one\nrequest of a signed-in user. A test makes this table (`go test ./middleware -run WrongSettings -update`).\n\n" +
		"| wrong setting | what the log says | what the answer says |\n|---|---|---|\n")
	rows := wrongSettingRows(t, em, key)
	for _, row := range rows {
		log, answer := tryWrongSetting(t, em, sess, row)
		for _, text := range []string{log, answer} {
			if strings.Contains(text, "SuperSecret") || strings.Contains(text, "eyJ") {
				t.Errorf("%s: a secret or a token shows: %s", row.what, text)
			}
		}
		if log == "" && !strings.HasPrefix(answer, "does not start") && !strings.HasPrefix(answer, "200") {
			t.Errorf("%s: refused with %s, and the log says nothing", row.what, answer)
		}
		cell := func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "|", `\|`), "\n", "<br>") }
		fmt.Fprintf(&table, "| %s | %s | %s |\n", cell(row.what), cell(log), cell(answer))
	}
	if len(rows) < 25 {
		t.Errorf("only %d rows", len(rows))
	}
	if *update {
		if err := os.WriteFile(wrongSettings, table.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(wrongSettings)
	if err != nil {
		t.Fatal(err)
	}
	if got := table.String(); got != string(want) {
		g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
		for i := range min(len(g), len(w)) {
			if g[i] != w[i] {
				t.Errorf("line %d:\n got %s\nwant %s", i+1, g[i], w[i])
			}
		}
		if len(g) != len(w) {
			t.Errorf("%d lines, want %d", len(g), len(w))
		}
	}
}

// tryWrongSetting runs the application.
func tryWrongSetting(t *testing.T, em *clerktest.Emulator, sess *clerktest.Session, row wrongSetting) (log, answer string) {
	t.Helper()
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "CLERK_") {
			t.Setenv(name, "")
		}
	}
	for _, v := range em.Environ() {
		if name, value, _ := strings.Cut(v, "="); strings.HasPrefix(name, "CLERK_") {
			t.Setenv(name, value)
		}
	}
	for name, value := range row.env {
		t.Setenv(name, value)
	}
	notStarted := func(err error) (string, string) {
		return "", "does not start: " + err.Error()
	}
	cfg, err := clerk.ConfigFromEnv()
	if err != nil {
		return notStarted(err)
	}
	var lines bytes.Buffer
	cfg.HTTPClient, cfg.Now = em.Config().HTTPClient, em.Now
	cfg.Logger = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelWarn, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "next_try_in" {
			return slog.Attr{}
		}
		return a
	}}))
	if row.change != nil {
		row.change(&cfg)
	}
	if row.hook {
		if _, err := webhook.New(webhook.Config{Secrets: []string{cfg.WebhookSigningSecret}, InsecureEmulator: false}); err != nil {
			return notStarted(err)
		}
	}
	auth, err := middleware.New(cfg)
	if err != nil {
		return notStarted(err)
	}
	defer func() { _ = auth.Close() }()
	app := httptest.NewServer(auth.Handler(auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}))))
	defer app.Close()
	r, err := http.NewRequestWithContext(t.Context(), "GET", app.URL+"/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case row.page:
		r.Header.Set("Sec-Fetch-Dest", "document")
		r.Header.Set("Accept", "text/html")
	case row.token != nil:
		r.Header.Set("Authorization", "Bearer "+row.token())
	default:
		sess.Authorize(r)
	}
	client := app.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer = fmt.Sprint(res.StatusCode)
	if reason := res.Header.Get("X-Clerk-Auth-Reason"); reason != "" {
		answer += " " + reason
	}
	return strings.TrimSpace(lines.String()), answer
}

// wrongSettingRows are what people get wrong.
func wrongSettingRows(t *testing.T, em, other *clerktest.Emulator) []wrongSetting {
	env := func(name, value string) map[string]string { return map[string]string{name: value} }
	otherPEM, ourPEM := other.JWTKey(), em.JWTKey()
	claims := func(change func(map[string]any)) func() string {
		return func() string {
			now := em.Now().Unix()
			c := map[string]any{
				"sub": "user_1", "sid": "sess_1", "iss": em.Issuer(), "azp": "https://app.example.com", "iat": now - 1, "nbf": now - 1, "exp": now + 60,
			}
			change(c)
			return em.Sign(nil, c)
		}
	}
	quoted := map[string]string{}
	for _, v := range em.Environ() {
		if name, value, _ := strings.Cut(v, "="); strings.HasPrefix(name, "CLERK_") {
			quoted[name] = "\ufeff\"" + value + "\""
		}
	}
	return []wrongSetting{
		{what: "`CLERK_SECRET_KEY` and everything else missing", env: map[string]string{"CLERK_SECRET_KEY": "", "CLERK_PUBLISHABLE_KEY": ""}},
		{what: "`CLERK_SECRET_KEY` holds the publishable key", env: env("CLERK_SECRET_KEY", em.PublishableKey())},
		{what: "the two keys are swapped", env: map[string]string{"CLERK_SECRET_KEY": em.PublishableKey(), "CLERK_PUBLISHABLE_KEY": em.SecretKey()}},
		{what: "`CLERK_SECRET_KEY=sk_test_...`", env: env("CLERK_SECRET_KEY", "sk_test_...")},
		{what: "`CLERK_SECRET_KEY` with a line break in it", env: env("CLERK_SECRET_KEY", "sk_test_Super\nSecret")},
		{what: "`CLERK_SECRET_KEY` holds a machine's key", env: env("CLERK_SECRET_KEY", "ak_SuperSecret")},
		{what: "`CLERK_SECRET_KEY` of production, `CLERK_PUBLISHABLE_KEY` of development", env: env("CLERK_SECRET_KEY", "sk_live_SuperSecret")},
		{what: "`CLERK_PUBLISHABLE_KEY` cut short", env: env("CLERK_PUBLISHABLE_KEY", em.PublishableKey()[:20])},
		{what: "`CLERK_PUBLISHABLE_KEY=$NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY`", env: env("CLERK_PUBLISHABLE_KEY", "$NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY")},
		{what: "`CLERK_MACHINE_SECRET_KEY` holds the secret key", env: env("CLERK_MACHINE_SECRET_KEY", em.SecretKey())},
		{what: "`CLERK_JWT_KEY` is the URL of the key set", env: env("CLERK_JWT_KEY", "https://one.example.test/.well-known/jwks.json")},
		{what: "`CLERK_JWT_KEY` is the key set", env: env("CLERK_JWT_KEY", `{"keys":[]}`)},
		{what: "`CLERK_JWT_KEY` is a private key", env: env("CLERK_JWT_KEY", "-----BEGIN PRIVATE KEY-----\nSuperSecret\n-----END PRIVATE KEY-----")},
		{what: "`CLERK_JWT_KEY` holds two keys", env: env("CLERK_JWT_KEY", ourPEM+"\n"+otherPEM)},
		{what: "`CLERK_JWT_KEY` is damaged", env: env("CLERK_JWT_KEY", ourPEM[:100])},
		{what: "`CLERK_JWT_KEY` is an expired certificate", env: env("CLERK_JWT_KEY", expiredCertificate(t))},
		{what: "`CLERK_AUTHORIZED_PARTIES` with a slash at the end", env: env("CLERK_AUTHORIZED_PARTIES", "https://app.example.com/")},
		{what: "`CLERK_AUTHORIZED_PARTIES` without scheme", env: env("CLERK_AUTHORIZED_PARTIES", "app.example.com")},
		{what: "`CLERK_DOMAIN=clerk.example.com`", env: env("CLERK_DOMAIN", "clerk.example.com")},
		{what: "`CLERK_DOMAIN` with scheme", env: env("CLERK_DOMAIN", "https://example.com")},
		{what: "`CLERK_IS_SATELLITE` without a domain", env: map[string]string{"CLERK_IS_SATELLITE": "true", "CLERK_PROXY_URL": ""}},
		{what: "`CLERK_PROXY_URL` without a slash", env: env("CLERK_PROXY_URL", "__clerk")},
		{what: "`CLERK_API_URL` over plain http", env: map[string]string{"CLERK_API_URL": "http://api.example.com", "CLERK_INSECURE_EMULATOR": ""}},
		{what: "`CLERK_HEADER_ONLY=yes`", env: env("CLERK_HEADER_ONLY", "yes")},
		{what: "`CLERK_TRUSTED_PROXY_HOPS=one`", env: env("CLERK_TRUSTED_PROXY_HOPS", "one")},
		{what: "`CLERK_PUBLIC_URL` with a path", env: env("CLERK_PUBLIC_URL", "https://app.example.com/app")},
		{what: "`CLERK_WEBHOOK_SIGNING_SECRET` holds another secret", env: env("CLERK_WEBHOOK_SIGNING_SECRET", "topSuperSecret")},
		{what: "`CLERK_WEBHOOK_SIGNING_SECRET` is the emulator's, without `CLERK_INSECURE_EMULATOR`", env: env("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_ZW11bGF0b3JPblRoaXNNYWNoaW5lT25seTAx"), hook: true},
		{what: "quotes and a byte order mark around every value", env: quoted},
		{what: "`CLERK_API_URL` with `/v1` at its end", env: env("CLERK_API_URL", em.Config().APIURL+"/v1")},
		{what: "`CLERK_PROXY_URL` with `/v1` at its end", env: env("CLERK_PROXY_URL", em.Config().ProxyURL+"/v1")},
		{what: "`CLERK_AUTHORIZED_PARTIES` of another origin", env: env("CLERK_AUTHORIZED_PARTIES", "https://www.example.com")},
		{what: "`CLERK_AUTHORIZED_PARTIES` set, and a token without `azp`", token: claims(func(c map[string]any) { delete(c, "azp") })},
		{what: "`CLERK_PUBLISHABLE_KEY` of another instance", env: env("CLERK_PUBLISHABLE_KEY", other.PublishableKey())},
		{what: "`Audience` that the token does not name", change: func(c *clerk.Config) { c.Audience = []string{"https://api.example.com"} }, token: claims(func(c map[string]any) { c["aud"] = "https://other.example.com" })},
		{what: "`CLERK_INSECURE_EMULATOR` missing, with the emulator", env: env("CLERK_INSECURE_EMULATOR", "")},
		{what: "`CLERK_JWT_KEY` of another instance", env: env("CLERK_JWT_KEY", otherPEM)},
		{what: "`CLERK_SECRET_KEY` of another instance", env: env("CLERK_SECRET_KEY", other.SecretKey()), change: func(c *clerk.Config) { c.HTTPClient = other.Config().HTTPClient }},
		{what: "`CLERK_SECRET_KEY` that was rotated", env: env("CLERK_SECRET_KEY", "sk_test_emulatorSuperSecretOld")},
		{what: "a clock that is 10 minutes behind", change: func(c *clerk.Config) { c.Now = func() time.Time { return em.Now().Add(-10 * time.Minute) } }},
		{what: "`CLERK_PUBLISHABLE_KEY` missing, and a browser that is not signed in asks for a page", env: env("CLERK_PUBLISHABLE_KEY", ""), page: true},
	}
}

// expiredCertificate has a fixed time, which the error shows.
func expiredCertificate(t *testing.T) string {
	t.Helper()
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(em.JWTKey()))
	pub, err1 := x509.ParsePKIXPublicKey(block.Bytes)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err2 := x509.CreateCertificate(rand.Reader, c, &x509.Certificate{SerialNumber: big.NewInt(1)}, pub, signingKey(t))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// signingKey signs the certificate; whose it is does not matter.
func signingKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
