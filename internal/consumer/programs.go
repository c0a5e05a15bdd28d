package main

import "strings"

const verifyAlone = `package main

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

type noKeys struct{}

func (noKeys) Key(context.Context, string) (*rsa.PublicKey, error) { return nil, clerk.ErrKeyUnknown }

func main() {
	v, err := verify.New(verify.Config{Keys: noKeys{}, AuthorizedParties: []string{"https://app.example.com"}})
	if err != nil {
		panic(err)
	}
	_, err = v.Verify(context.Background(), "not.a.token")
	var refused *verify.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Reason)
	}
}
`

const bapiAndWebhooks = `package main

import (
	"fmt"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

func main() {
	_, err := bapi.New(bapi.Config{SecretKey: "sk_test_consumer"})
	if err != nil {
		panic(err)
	}
	if _, err := webhook.New(webhook.Config{Secrets: []string{""}}); err == nil {
		panic("a webhook verifier without a secret")
	}
	fmt.Println("a client, and no verifier without a secret")
}
`

// refused is the output of the programs that server returns.
const refused = "401 authentication_required"

// server returns a program with one protected route that requests it without a token.
// imports are separated by semicolons. serve is the source of a function
// serve(*middleware.Middleware, *http.Request) *http.Response.
func server(imports, serve string) string {
	return strings.NewReplacer("IMPORTS", imports, "SERVE", serve).Replace(`package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
	IMPORTS
)

func main() {
	auth, err := middleware.New(clerk.Config{
		SecretKey:         "sk_test_consumer",
		AuthorizedParties: []string{"https://app.example.com"},
	})
	if err != nil {
		panic(err)
	}
	defer auth.Close()
	res := serve(auth, httptest.NewRequest("GET", "/", nil))
	var body struct{ Errors []struct{ Code string } }
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil || len(body.Errors) != 1 {
		panic(fmt.Sprint(res.StatusCode, err))
	}
	fmt.Println(res.StatusCode, body.Errors[0].Code)
}

func record(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

SERVE
`)
}

const netHTTP = `func serve(auth *middleware.Middleware, r *http.Request) *http.Response {
	return record(auth.Handler(auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, clerk.FromContext(r.Context()).UserID)
	}))), r)
}`

const withGin = `func serve(auth *middleware.Middleware, r *http.Request) *http.Response {
	gin.SetMode(gin.ReleaseMode)
	app := gin.New()
	app.Use(clerkgin.Handler(auth))
	app.GET("/", clerkgin.Require(auth), func(c *gin.Context) { c.String(200, clerkgin.Auth(c).UserID) })
	return record(app, r)
}`

// withEcho serves with echo, whose context is an interface or a pointer.
func withEcho(context string) string {
	return strings.ReplaceAll(`func serve(auth *middleware.Middleware, r *http.Request) *http.Response {
	app := echo.New()
	app.Use(clerkecho.Handler(auth))
	app.GET("/", func(c CONTEXT) error { return c.String(200, clerkecho.Auth(c).UserID) }, clerkecho.Require(auth))
	return record(app, r)
}`, "CONTEXT", context)
}

// withFiber serves with fiber, which has no http.Handler.
func withFiber(context string) string {
	return strings.ReplaceAll(`func serve(auth *middleware.Middleware, r *http.Request) *http.Response {
	app := fiber.New()
	app.Use(clerkfiber.Handler(auth))
	app.Get("/", clerkfiber.Require(auth), func(c CONTEXT) error { return c.SendString(clerkfiber.Auth(c).UserID) })
	res, err := app.Test(r)
	if err != nil {
		panic(err)
	}
	return res
}`, "CONTEXT", context)
}
