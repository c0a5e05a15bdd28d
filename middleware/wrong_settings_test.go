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
	times  int                 // how many requests come, one if it is not set
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
	client := app.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for range max(1, row.times) {
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
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		answer = fmt.Sprint(res.StatusCode)
		if reason := res.Header.Get("X-Clerk-Auth-Reason"); reason != "" {
			answer += " " + reason
		}
	}
	return strings.TrimSpace(lines.String()), answer
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
