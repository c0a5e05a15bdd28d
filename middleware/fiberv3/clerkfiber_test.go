package clerkfiber_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	clerkfiber "github.com/clerkkit/clerkkit/middleware/fiberv3"
)

func newAuth(t *testing.T) (*clerktest.Emulator, *middleware.Middleware) {
	t.Helper()
	em := clerktest.NewServer(t)
	cfg := em.Config()
	cfg.Logger = slog.New(slog.DiscardHandler)
	auth, err := middleware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = auth.Close() })
	return em, auth
}

func send(t *testing.T, app *fiber.App, r *http.Request) (int, string, http.Header) {
	t.Helper()
	res, err := app.Test(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body), res.Header
}

// TestNamesAsTheyCame: with DisableHeaderNormalizing fasthttp compares names as
// they are, and proxies in front of the app send them in lower case.
func TestNamesAsTheyCame(t *testing.T) {
	em, auth := newAuth(t)
	app := fiber.New(fiber.Config{DisableHeaderNormalizing: true})
	app.Get("/", clerkfiber.Handler(auth), func(c fiber.Ctx) error { return c.SendString(clerkfiber.Auth(c).UserID) })
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	token := httptest.NewRequest("GET", "/", http.NoBody)
	sess.Authorize(token)
	cookies := httptest.NewRequest("GET", "/", http.NoBody)
	sess.Cookies(cookies)
	for name, r := range map[string]*http.Request{"authorization": token, "cookie": cookies} {
		value := r.Header.Get(name)
		for _, spelling := range []string{name, http.CanonicalHeaderKey(name), strings.ToUpper(name)} {
			r.Header = http.Header{spelling: {value}}
			if status, body, _ := send(t, app, r); status != 200 || body != sess.UserID {
				t.Errorf("%s: %d %s", spelling, status, body)
			}
		}
	}
}

// TestBadTokenInAnySpelling: a token that is present and bad does not give way to a
// cookie because its field is written in another way.
func TestBadTokenInAnySpelling(t *testing.T) {
	em, auth := newAuth(t)
	app := fiber.New(fiber.Config{DisableHeaderNormalizing: true})
	app.Get("/", clerkfiber.Require(auth), func(c fiber.Ctx) error { return c.SendString("in") })
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	for _, spelling := range []string{"AUTHORIZATION", "authorization", "aUTHORIZATION"} {
		r := httptest.NewRequest("GET", "/", http.NoBody)
		sess.Cookies(r)
		r.Header[spelling] = []string{"Bearer bad"}
		if status, body, _ := send(t, app, r); status != 401 {
			t.Errorf("%s: %d %s", spelling, status, body)
		}
	}
}

// TestRefusalsAreErrors: an error handler that knows nothing of this package still
// gets the status; one that does gets everything.
func TestRefusalsAreErrors(t *testing.T) {
	_, auth := newAuth(t)
	var got error
	own := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		got = err
		return fiber.DefaultErrorHandler(c, err)
	}})
	own.Get("/", clerkfiber.Require(auth), func(c fiber.Ctx) error { return c.SendString("in") })
	status, body, header := send(t, own, httptest.NewRequest("GET", "/", http.NoBody))
	var f *middleware.Failure
	var e *fiber.Error
	if !errors.As(got, &f) || f.Status != 401 || !errors.As(got, &e) || e.Code != 401 {
		t.Errorf("the error handler got %v", got)
	}
	if status != 401 || body != "clerk: not signed in: dev-browser-missing" || !strings.HasPrefix(header.Get("Content-Type"), "text/plain") {
		t.Errorf("own: %d %s %s", status, header.Get("Content-Type"), body)
	}
	if header.Get("Www-Authenticate") != "Bearer" || header.Get("Cache-Control") != "no-store" {
		t.Errorf("own: header %v", header)
	}

	standard := fiber.New(fiber.Config{ErrorHandler: fiber.DefaultErrorHandler})
	standard.Get("/", clerkfiber.Require(auth), func(c fiber.Ctx) error { return c.SendString("in") })
	status, body, header = send(t, standard, httptest.NewRequest("GET", "/", http.NoBody))
	if status != 401 || !strings.Contains(body, "authentication_required") || !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
		t.Errorf("standard: %d %s %s", status, header.Get("Content-Type"), body)
	}
}

// TestMethodOverride: the kit goes by the method that fiber routes by.
func TestMethodOverride(t *testing.T) {
	_, auth := newAuth(t)
	var seen []string
	chooser := middleware.Choose(func(r handshake.Request) *middleware.Middleware {
		seen = append(seen, r.Method)
		return auth
	})
	app := fiber.New()
	app.Use(func(c fiber.Ctx) error {
		if method := c.Get("X-HTTP-Method-Override"); method != "" {
			c.Method(method)
		}
		return c.Next()
	}, clerkfiber.Handler(chooser))
	r := httptest.NewRequest("POST", "/", http.NoBody)
	send(t, app, r)
	r.Header.Set("X-HTTP-Method-Override", "DELETE")
	send(t, app, r)
	r.Header.Set("X-HTTP-Method-Override", "BREW")
	send(t, app, r)
	seen = slices.Compact(seen)
	if want := []string{"POST", "DELETE", "POST"}; !slices.Equal(seen, want) {
		t.Errorf("the kit saw %q, want %q", seen, want)
	}
}

// TestCredentialsChanged: what stands between Handler and Require may change the
// request; the gate goes by what the request has then.
func TestCredentialsChanged(t *testing.T) {
	em, auth := newAuth(t)
	alice, bob := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"})), em.SignIn(em.AddUser(clerktest.User{Email: "b@example.com"}))
	app := fiber.New()
	app.Get("/", clerkfiber.Handler(auth), func(c fiber.Ctx) error {
		if token := c.Get("X-Token"); token != "" {
			c.Request().Header.Set("Authorization", "Bearer "+token)
		}
		return c.Next()
	}, clerkfiber.Require(auth), func(c fiber.Ctx) error { return c.SendString(clerkfiber.Auth(c).UserID) })
	for token, want := range map[string]string{"": alice.UserID, bob.Token(): bob.UserID, "forged": ""} {
		r := httptest.NewRequest("GET", "/", http.NoBody)
		alice.Authorize(r)
		r.Header.Set("X-Token", token)
		if status, body, _ := send(t, app, r); want == "" && status != 401 || want != "" && body != want {
			t.Errorf("got %d %s, want %s", status, body, want)
		}
	}
}

// TestStandardHandlerBelow: a handler of net/http below the adaptor sees who it is,
// and a gate of its own too.
func TestStandardHandlerBelow(t *testing.T) {
	em, auth := newAuth(t)
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	who := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, clerk.FromContext(r.Context()).UserID)
	})
	app := fiber.New()
	app.All("/std", clerkfiber.Require(auth), adaptor.HTTPHandler(who))
	app.All("/gated", clerkfiber.Handler(auth), adaptor.HTTPHandler(auth.Require()(who)))
	for _, path := range []string{"/std", "/gated"} {
		r := httptest.NewRequest("GET", path, http.NoBody)
		sess.Authorize(r)
		if status, body, _ := send(t, app, r); status != 200 || body != sess.UserID {
			t.Errorf("%s: got %d %s", path, status, body)
		}
		if status, body, _ := send(t, app, httptest.NewRequest("GET", path, http.NoBody)); status != 401 {
			t.Errorf("%s, signed out: got %d %s", path, status, body)
		}
	}
}
