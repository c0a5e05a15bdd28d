// Echo is an invoice API with echo v4. One error handler writes all errors as problem
// details (RFC 9457): refusals of Require, binding errors and errors of handlers.
//
//	CLERK_SECRET_KEY=sk_… CLERK_PUBLISHABLE_KEY=pk_… go run ./examples/echo
package main

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strconv"
	"sync"

	"github.com/labstack/echo/v4"
	echomw "github.com/labstack/echo/v4/middleware"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
	clerkecho "github.com/clerkkit/clerkkit/middleware/echo"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	cfg, err := clerk.ConfigFromEnv()
	if err != nil {
		return err
	}
	auth, err := middleware.New(cfg)
	if err != nil {
		return err
	}
	defer auth.Close()
	log.Println("listening on http://localhost:3000 (for a Clerk of your own: go run ./clerk/clerk-emulator prints the environment)")
	return routes(auth).Start("localhost:3000")
}

func routes(auth *middleware.Middleware) *echo.Echo {
	b := &books{}
	// README:routes
	e := echo.New()
	e.HTTPErrorHandler = problem
	e.Use(echomw.Recover(), clerkecho.Handler(auth))

	invoices := e.Group("/invoices", clerkecho.Require(auth, clerk.Permission("org:invoices:read")))
	invoices.GET("/:number", b.show)
	invoices.POST("", b.create, clerkecho.Require(auth, clerk.Permission("org:invoices:create")))
	invoices.DELETE("/:number", b.cancel, clerkecho.Require(auth, clerk.Role("org:admin"), clerk.Reverified(clerk.Strict)))
	// README:end
	return e
}

// problem writes every error in the same form.
func problem(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	p := map[string]any{"type": "about:blank", "status": http.StatusInternalServerError}
	var refused *middleware.Failure
	var he *echo.HTTPError
	switch {
	case errors.As(err, &refused):
		p["status"], p["detail"] = refused.Status, refused.Error()
		// Clerk's front-end SDKs look for this and ask the user to reverify.
		var body map[string]json.RawMessage
		if json.Unmarshal(refused.Body(), &body) == nil && body["clerk_error"] != nil {
			p["clerk_error"] = body["clerk_error"]
		}
	case errors.As(err, &he):
		p["status"], p["detail"] = he.Code, he.Message
	}
	status, _ := p["status"].(int)
	p["title"] = http.StatusText(status)
	c.Response().Header().Set(echo.HeaderContentType, "application/problem+json")
	if err := c.JSON(status, p); err != nil {
		c.Logger().Error(err)
	}
}

type invoice struct {
	Number int    `json:"number"`
	Cents  int    `json:"cents"`
	To     string `json:"to"`
	By     string `json:"by"`
	org    string
}

// books holds the invoices of all organizations.
type books struct {
	mu       sync.Mutex
	invoices []*invoice
}

func (b *books) create(c echo.Context) error {
	in := new(invoice)
	if err := c.Bind(in); err != nil {
		return err
	}
	if in.Cents <= 0 || in.To == "" {
		return echo.NewHTTPError(http.StatusUnprocessableEntity, "an invoice needs a sum and a payer")
	}
	id := clerkecho.Auth(c)
	b.mu.Lock()
	defer b.mu.Unlock()
	in.Number, in.By, in.org = len(b.invoices)+1, id.UserID, id.OrgID
	b.invoices = append(b.invoices, in)
	return c.JSON(http.StatusCreated, in)
}

// find returns the invoice in the path if it belongs to the caller's organization.
func (b *books) find(c echo.Context) (*invoice, error) {
	n, err := strconv.Atoi(c.Param("number"))
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil || n < 1 || n > len(b.invoices) || b.invoices[n-1].org != clerkecho.Auth(c).OrgID {
		return nil, echo.NewHTTPError(http.StatusNotFound, "no such invoice")
	}
	return b.invoices[n-1], nil
}

func (b *books) show(c echo.Context) error {
	in, err := b.find(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, in)
}

func (b *books) cancel(c echo.Context) error {
	in, err := b.find(c)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.invoices[in.Number-1].org = "" // numbers are never reused
	return c.NoContent(http.StatusNoContent)
}
