package clerktest_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

const hookSecret = "whsec_c29tZXRoaW5nIHRoYXQgbm9ib2R5IGd1ZXNzZXMh"

// mail makes an event: somebody signs in with a code that is sent.
func mail(t testing.TB, em *clerktest.Emulator) {
	t.Helper()
	const address = "hooked@example.com"
	if !slices.ContainsFunc(em.Outbox(), func(m clerktest.Message) bool { return m.To == address }) {
		em.AddUser(clerktest.User{Email: address})
	}
	newFAPI(t, em).ok("POST /client/sign_ins", "identifier", address, "strategy", "email_code")
}

// flush waits for deliveries and returns those of one type.
func flush(t testing.TB, em *clerktest.Emulator, kind string) (messages []clerktest.WebhookMessage) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := em.FlushWebhooks(ctx); err != nil {
		t.Fatal(err)
	}
	for _, m := range em.WebhookMessages() {
		if m.Type == kind {
			messages = append(messages, m)
		}
	}
	return messages
}

// TestWebhooksOverTheNetwork has the receiver that applications have.
func TestWebhooksOverTheNetwork(t *testing.T) {
	em := clerktest.NewServer(t)
	var mu sync.Mutex
	var got []*webhook.Event
	var headers []http.Header
	app := http.NewServeMux()
	server := httptest.NewServer(app)
	defer server.Close()
	secret := em.AddWebhook(clerktest.WebhookEndpoint{URL: server.URL + "/hooks?key=1", Events: []string{webhook.EmailCreated}})
	v, err := webhook.New(webhook.Config{Secrets: []string{em.Config().WebhookSigningSecret}})
	if err != nil || secret != em.Config().WebhookSigningSecret {
		t.Fatal(err)
	}
	hook := v.Handler(func(_ context.Context, ev *webhook.Event) error {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, ev)
		return nil
	})
	app.HandleFunc("POST /hooks", func(w http.ResponseWriter, r *http.Request) {
		headers = append(headers, r.Header)
		hook.ServeHTTP(w, r)
	})
	mail(t, em)
	m := flush(t, em, webhook.EmailCreated)
	if len(m) != 1 || len(got) != 1 || got[0].ID != m[0].ID {
		t.Fatalf("%+v, received %v", m, got)
	}
	if ev := got[0]; ev.ClientIP != "127.0.0.1" || ev.InstanceID == "" {
		t.Errorf("caused by %q, instance %q", ev.ClientIP, ev.InstanceID)
	}
	if h := headers[0]; h.Get("Content-Type") != "application/json" || !strings.HasPrefix(h.Get("User-Agent"), "clerk-emulator/") {
		t.Errorf("%v", h)
	}
	var data struct {
		To   string `json:"to_email_address"`
		Slug string
		Data struct {
			Code string `json:"otp_code"`
		}
		UserID         string `json:"user_id"`
		EmailAddressID string `json:"email_address_id"`
	}
	sent, _ := em.LastMessage("hooked@example.com")
	if err := json.Unmarshal(got[0].Data, &data); err != nil || data.To != sent.To || data.Data.Code != sent.Code || data.Slug != "verification_code" ||
		!strings.HasPrefix(data.UserID, "user_") || !strings.HasPrefix(data.EmailAddressID, "idn_") {
		t.Errorf("%s %v", got[0].Data, err)
	}
	if !slices.Contains(em.Environ(), "CLERK_WEBHOOK_SIGNING_SECRET="+secret) {
		t.Error("the environment has no secret")
	}
}

// rawServer answers each connection with bytes of its own.
func rawServer(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer func() { _ = c.Close() }()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					serve(c)
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	return "http://" + l.Addr().String()
}

func TestWebhookEndpointsThatMisbehave(t *testing.T) {
	say := func(text string) func(net.Conn) {
		return func(c net.Conn) { _, _ = io.WriteString(c, text) }
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	var log bytes.Buffer
	for name, c := range map[string]struct {
		url    string
		status int
		error  string
	}{
		"nobody there":       {"http://127.0.0.1:1", 0, "connection refused"}, // a port that no other test gets,
		"closes":             {rawServer(t, func(net.Conn) {}), 0, "closed without an answer"},
		"garbage":            {rawServer(t, say("\x00\x01topsecret\r\n\r\n")), 0, "no answer in HTTP"},
		"half an answer":     {rawServer(t, say("HTTP/1.1 200 OK\r\nContent-Le")), 0, "answer"},
		"endless headers":    {rawServer(t, func(c net.Conn) { endless(c, "HTTP/1.1 200 OK\r\n", "X: "+strings.Repeat("x", 1000)+"\r\n") }), 0, "no answer in HTTP"},
		"endless body":       {rawServer(t, func(c net.Conn) { endless(c, "HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("\xffx", 1000)) }), 200, ""},
		"body cut off":       {rawServer(t, say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")), 200, ""},
		"redirects":          {rawServer(t, say("HTTP/1.1 307 Go\r\nLocation: "+elsewhere.URL+"\r\nContent-Length: 0\r\n\r\n")), 307, ""},
		"unknown authority":  {secure.URL, 0, "certificate"},
		"TLS without TLS":    {strings.Replace(rawServer(t, say("no")), "http:", "https:", 1), 0, ""},
		"status of nonsense": {rawServer(t, say("HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n")), 999, ""},
	} {
		em := clerktest.NewServer(t, clerktest.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		em.AddWebhook(clerktest.WebhookEndpoint{URL: c.url + "/?token=topsecret", Secret: hookSecret, Events: []string{webhook.EmailCreated}})
		mail(t, em)
		d := flush(t, em, webhook.EmailCreated)[0].Deliveries[0]
		a := d.Attempts[0]
		if len(d.Attempts) != 1 || a.Status != c.status || !strings.Contains(a.Error, c.error) || (a.Error == "") != (a.Status != 0) {
			t.Errorf("%s: %+v", name, a)
		}
		if want := c.status == 200; want != (d.State == clerktest.WebhookDelivered) || !want && d.NextAttempt.IsZero() {
			t.Errorf("%s: %+v", name, d)
		}
		if strings.Contains(a.Error, "topsecret") || len(a.Response) > 4096 {
			t.Errorf("%s: %q and %d bytes of the answer are remembered", name, a.Error, len(a.Response))
		}
		if err := em.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, secret := range []string{"topsecret", hookSecret, strings.TrimPrefix(hookSecret, "whsec_")} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log has %s", secret)
		}
	}
	if !strings.Contains(log.String(), "email.created") {
		t.Error("the log says nothing of deliveries")
	}
}

// endless writes until the other side has had enough.
func endless(c net.Conn, head, more string) {
	_, err := io.WriteString(c, head)
	for err == nil {
		_, err = io.WriteString(c, more)
	}
}

func TestWebhookEndpointsThatCannotBe(t *testing.T) {
	for name, endpoint := range map[string]clerktest.WebhookEndpoint{
		"nothing":          {},
		"no scheme":        {URL: "localhost:3000"},
		"a path":           {URL: "/hooks"},
		"a file":           {URL: "file:///etc/passwd"},
		"javascript":       {URL: "javascript:alert(1)"},
		"no host":          {URL: "http:///x"},
		"a port alone":     {URL: "http://:80/"},
		"opaque":           {URL: "http:host"},
		"a password":       {URL: "https://user:topsecret@localhost/"},
		"a fragment":       {URL: "http://localhost/#topsecret"},
		"no URL at all":    {URL: "http://local host/%zz"},
		"a long one":       {URL: "http://localhost/" + strings.Repeat("x", 3000)},
		"a short secret":   {URL: "http://localhost", Secret: "whsec_dG9wc2VjcmV0"},
		"a plain secret":   {URL: "http://localhost", Secret: "topsecret"},
		"an unknown event": {URL: "http://localhost", Events: []string{"user.created", "user.exploded"}},
		"two ways":         {URL: "http://localhost", Handler: http.NotFoundHandler(), HTTPClient: http.DefaultClient},
	} {
		em, err := clerktest.New(clerktest.Config{Webhooks: []clerktest.WebhookEndpoint{endpoint}})
		if err == nil || em != nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		if text := err.Error(); strings.Contains(text, "topsecret") || strings.Contains(text, "dG9wc2VjcmV0") || !strings.Contains(text, "Webhooks[0]") {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := new(recorder)
	em := clerktest.NewServer(r)
	em.AddWebhook(clerktest.WebhookEndpoint{})
	if !strings.Contains(r.fatal, "AddWebhook") {
		t.Errorf("the test goes on: %q", r.fatal)
	}
	em.ReplayWebhook("msg_none")
	if !strings.Contains(r.fatal, "ReplayWebhook") {
		t.Errorf("the test goes on: %q", r.fatal)
	}
	for _, f := range r.cleanups {
		f()
	}
}

// TestWebhookClient: an endpoint may have a client of its own, which is used
// without what it would do on its own.
func TestWebhookClient(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/again" || r.Header.Get("Cookie") != "" {
			t.Error("the redirect was followed, or a cookie sent")
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b", Secure: true})
		http.Redirect(w, r, "/again", http.StatusTemporaryRedirect)
	}))
	defer secure.Close()
	client := secure.Client()
	em := newEmulator(t, clerktest.Config{Webhooks: []clerktest.WebhookEndpoint{{URL: secure.URL, HTTPClient: client}}})
	defer func() { _ = em.Close() }()
	mail(t, em)
	mail(t, em)
	for _, m := range flush(t, em, webhook.EmailCreated) {
		if a := m.Deliveries[0].Attempts[0]; a.Status != http.StatusTemporaryRedirect {
			t.Errorf("%+v", a)
		}
	}
	if client.CheckRedirect != nil || client.Timeout != 0 {
		t.Error("the client was changed")
	}
	if tr, ok := client.Transport.(*http.Transport); !ok || tr.TLSClientConfig.MinVersion > tls.VersionTLS13 {
		t.Error("the transport was changed")
	}
}

// TestSvixApp: the operations that lead to Svix lead to the inspector.
func TestSvixApp(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	defer func() { _ = em.Close() }()
	call := func(method, path string, status int, code string) {
		t.Helper()
		resp, body := do(t, em, method, path, bearer(em.SecretKey()), "")
		switch {
		case code != "":
			wantError(t, resp, body, status, code)
		case resp.StatusCode != status:
			t.Errorf("%s %s: %d %s", method, path, resp.StatusCode, body)
		case status == http.StatusOK && decode[map[string]string](t, body)["svix_url"] != em.URL+"/_emulator/webhooks":
			t.Errorf("%s %s: %s", method, path, body)
		}
	}
	call("POST", "/v1/webhooks/svix_url", 400, "svix_app_missing")
	call("DELETE", "/v1/webhooks/svix", 400, "svix_app_missing")
	call("POST", "/v1/webhooks/svix", 200, "")
	call("POST", "/v1/webhooks/svix", 400, "svix_app_exists")
	call("POST", "/v1/webhooks/svix_url", 200, "")
	em.AddWebhook(clerktest.WebhookEndpoint{Handler: http.NotFoundHandler()})
	call("DELETE", "/v1/webhooks/svix", 204, "")
	if len(em.Webhooks()) != 0 || em.Config().WebhookSigningSecret != "" {
		t.Error("the endpoint outlives its app")
	}
	em.AddWebhook(clerktest.WebhookEndpoint{Handler: http.NotFoundHandler()})
	call("POST", "/v1/webhooks/svix_url", 200, "")
}

// TestWebhooksAfterReset: endpoints stay, messages of what was undone go, and what
// is loaded again is told again.
func TestWebhooksAfterReset(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Webhooks: []clerktest.WebhookEndpoint{{Handler: http.NotFoundHandler(), Secret: hookSecret}}})
	defer func() { _ = em.Close() }()
	if err := em.Load(clerktest.Seed{Users: []clerktest.User{{ID: "user_seeded"}}}); err != nil {
		t.Fatal(err)
	}
	em.AddUser(clerktest.User{})
	snapshot := em.Snapshot()
	if n := len(flush(t, em, webhook.UserCreated)); n != 2 {
		t.Fatalf("%d users came", n)
	}
	em.Advance(time.Hour)
	em.Reset()
	m := flush(t, em, webhook.UserCreated)
	if len(m) != 1 || !strings.Contains(string(m[0].Payload), "user_seeded") || len(m[0].Deliveries) != 1 || len(em.WebhookMessages()) != 1 {
		t.Errorf("after Reset: %+v", m)
	}
	if err := em.Restore(snapshot); err != nil {
		t.Fatal(err)
	}
	if n := len(em.WebhookMessages()); n != 0 || em.Config().WebhookSigningSecret != hookSecret {
		t.Errorf("after Restore: %d messages", n)
	}
	em.AddUser(clerktest.User{})
	if m := flush(t, em, webhook.UserCreated); len(m) != 1 || len(m[0].Deliveries[0].Attempts) != 1 {
		t.Errorf("a user after Restore: %+v", m)
	}
}

// Whatever an endpoint is made of, it can be used or is refused silently of
// its secret.
func FuzzWebhookEndpoint(f *testing.F) {
	f.Add("http://localhost:3000/hooks?x=1", hookSecret, "user.created")
	f.Add("https://[::1]:0/", "whsec_", "")
	f.Add("http://user:pw@host", "whsec_AAAA", "user.*")
	f.Add("http://%00", "\x00", "\xff")
	f.Fuzz(func(t *testing.T, url, secret, event string) {
		em, err := clerktest.New(clerktest.Config{Webhooks: []clerktest.WebhookEndpoint{{
			URL: url, Secret: secret, Events: []string{event},
			HTTPClient: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.URL.Scheme != "http" && r.URL.Scheme != "https" || r.URL.Host == "" || r.URL.User != nil {
					t.Errorf("%q leads to %v", url, r.URL)
				}
				return nil, io.ErrUnexpectedEOF
			})},
		}}})
		if err != nil {
			if len(secret) > 12 && strings.Contains(err.Error(), secret) {
				t.Errorf("%v holds the secret", err)
			}
			return
		}
		defer func() { _ = em.Close() }()
		em.AddUser(clerktest.User{})
		if err := em.FlushWebhooks(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
