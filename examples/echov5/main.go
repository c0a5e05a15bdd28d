// Echov5 receives measurements from devices and shows them to users, with echo v5.
// Devices have API keys or M2M tokens, and users have sessions. Machine tokens are
// accepted, and verified through the Backend API, only on routes that list them.
//
//	CLERK_SECRET_KEY=sk_… CLERK_PUBLISHABLE_KEY=pk_… go run ./examples/echov5
package main

import (
	"log"
	"net/http"
	"slices"
	"sync"

	"github.com/labstack/echo/v5"
	echomw "github.com/labstack/echo/v5/middleware"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
	clerkecho "github.com/clerkkit/clerkkit/middleware/echov5"
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
	s := &station{}
	// README:routes
	e := echo.New()
	e.Use(echomw.Recover(), echomw.BodyLimit(64<<10))

	device := clerk.Tokens(clerk.APIKey, clerk.M2M)
	v1 := e.Group("/v1")
	v1.POST("/measurements", s.take, clerkecho.Require(auth, device))
	v1.GET("/measurements", s.list, clerkecho.Require(auth, clerk.Tokens(clerk.SessionToken, clerk.APIKey)))
	v1.DELETE("/measurements", s.forget, clerkecho.Require(auth, clerk.Role("org:admin")))
	// README:end
	return e
}

type measurement struct {
	Sensor  string  `json:"sensor"`
	Celsius float64 `json:"celsius"`
	Device  string  `json:"device"` // the verified sender
}

// station holds the measurements.
type station struct {
	mu   sync.Mutex
	data []measurement
}

func (s *station) take(c *echo.Context) error {
	id := clerkecho.Auth(c)
	// An API key can be limited to reading by its scopes.
	if id.TokenType == clerk.APIKey && !slices.Contains(id.Scopes(), "measurements:write") {
		return echo.NewHTTPError(http.StatusForbidden, "this key does not write measurements")
	}
	var batch []measurement
	if err := c.Bind(&batch); err != nil {
		return err
	}
	for i := range batch {
		batch[i].Device = id.Subject
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = append(s.data, batch...)
	return c.JSON(http.StatusAccepted, map[string]int{"taken": len(batch)})
}

func (s *station) list(c *echo.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.JSON(http.StatusOK, append([]measurement{}, s.data...))
}

func (s *station) forget(c *echo.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = nil
	return c.NoContent(http.StatusNoContent)
}
