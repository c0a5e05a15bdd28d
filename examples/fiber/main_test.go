package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp/fasthttputil"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

func TestChat(t *testing.T) {
	em := clerktest.NewServer(t)
	auth, err := middleware.New(em.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	app := routes(auth, &hub{}, em.Now)
	alice := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}), clerktest.WithOrg("acme", "org:admin"))
	eve := em.SignIn(em.AddUser(clerktest.User{Email: "eve@example.com"}))
	for _, step := range []struct {
		who    *clerktest.Session
		path   string
		status int
		want   string
	}{
		{nil, "/", 200, "hello "},
		{alice, "/", 200, "hello " + alice.UserID},
		{nil, "/room/events", 401, "authentication_required"},
		{eve, "/room/events", 409, "choose an organization"},
	} {
		r := httptest.NewRequest("GET", step.path, http.NoBody)
		if step.who != nil {
			step.who.Authorize(r)
		}
		res, err := app.Test(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != step.status || !strings.Contains(string(body), step.want) {
			t.Errorf("%s: %d %s, %v; want %d %s", step.path, res.StatusCode, body, err, step.status, step.want)
		}
	}
}

// TestStream: a listener receives only the messages of its room, and the stream ends
// when the token expires.
func TestStream(t *testing.T) {
	em := clerktest.NewServer(t)
	auth, err := middleware.New(em.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	h := &hub{}
	alice := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}), clerktest.WithOrg("acme", "org:admin"))
	claims := alice.Claims()
	expires, ok := claims["exp"].(int64)
	if !ok {
		t.Fatalf("exp %v", claims["exp"])
	}
	app := routes(auth, h, func() time.Time { return time.Unix(expires, 0).Add(-300 * time.Millisecond) })
	client := serve(t, app)

	r, err := http.NewRequestWithContext(t.Context(), "GET", "http://localhost:3000/room/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+em.Sign(nil, claims))
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)

	h.send("rival", "not for you")
	say, err := http.NewRequestWithContext(t.Context(), "POST", "http://localhost:3000/room/", strings.NewReader("hello all"))
	if err != nil {
		t.Fatal(err)
	}
	alice.Authorize(say)
	said, err := client.Do(say)
	if err != nil || said.StatusCode != http.StatusAccepted {
		t.Fatalf("say: %v, %v", said, err)
	}
	said.Body.Close()

	var heard []string
	for lines.Scan() {
		if lines.Text() != "" {
			heard = append(heard, lines.Text())
		}
	}
	if got := strings.Join(heard, "|"); got != ": welcome|data: "+alice.UserID+": hello all|event: expired|data:" {
		t.Errorf("heard %q", got)
	}
}

// serve runs the app on in-memory connections.
func serve(t *testing.T, app *fiber.App) *http.Client {
	t.Helper()
	ln := fasthttputil.NewInmemoryListener()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = app.Listener(ln)
	}()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return ln.Dial() }}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = ln.Close()
		<-done
	})
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

// TestNobodyForgesEvents: a message with line breaks is still one event.
func TestNobodyForgesEvents(t *testing.T) {
	for _, end := range []string{"\n", "\r", "\r\n"} {
		var out strings.Builder
		event(&out, "hi"+end+"event: expired"+end+end+"data: user_boss: pay")
		if got, want := out.String(), "data: hi\ndata: event: expired\ndata: \ndata: data: user_boss: pay\n\n"; got != want {
			t.Errorf("%q: got %q", end, got)
		}
	}
}
