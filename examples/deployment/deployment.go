// Package deployment has the code of docs/deployment.md: the settings that depend on
// where an application runs.
package deployment

import (
	"io"
	"net/http"
	"strings"

	gincors "github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	chicors "github.com/go-chi/cors"
	"github.com/gofiber/fiber/v2"
	fibercors "github.com/gofiber/fiber/v2/middleware/cors"
	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
	clerkecho "github.com/clerkkit/clerkkit/middleware/echo"
	clerkfiber "github.com/clerkkit/clerkkit/middleware/fiber"
	clerkgin "github.com/clerkkit/clerkkit/middleware/gin"
)

// front is the origin of the front end.
const front = "https://app.example.com"

// Pages returns the middleware of a server behind a proxy that redirects browsers to
// the sign-in page.
func Pages(cfg clerk.Config) (*middleware.Middleware, error) {
	// README:pages
	cfg.AuthorizedParties = []string{"https://app.example.com"} // or CLERK_AUTHORIZED_PARTIES
	auth, err := middleware.New(cfg,
		middleware.WithSignInRedirect(),
		middleware.WithCrossOriginProtection(http.NewCrossOriginProtection()))
	// README:end
	return auth, err
}

// API returns the middleware of a server that reads only the Authorization header.
func API(cfg clerk.Config) (*middleware.Middleware, error) {
	// README:api
	cfg.HeaderOnly = true // or CLERK_HEADER_ONLY=true
	cfg.AuthorizedParties = []string{"https://app.example.com"}
	auth, err := middleware.New(cfg)
	// README:end
	return auth, err
}

// README:preview

// preview accepts https://pr-<number>.preview.example.com and nothing else.
func preview(origin string) bool {
	number, ok := strings.CutPrefix(origin, "https://pr-")
	if !ok {
		return false
	}
	number, ok = strings.CutSuffix(number, ".preview.example.com")
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}

// README:end

// Preview returns the middleware of a server whose origins cannot be listed.
func Preview(cfg clerk.Config) (*middleware.Middleware, error) {
	cfg.AuthorizedParties = nil
	// README:party
	cfg.AuthorizedPartyFunc = preview
	auth, err := middleware.New(cfg)
	// README:end
	return auth, err
}

// Chi puts CORS before Require.
func Chi(auth *middleware.Middleware) http.Handler {
	// README:chi
	r := chi.NewRouter()
	r.Use(chicors.Handler(chicors.Options{
		AllowedOrigins: []string{"https://app.example.com"},
		AllowedHeaders: []string{"Authorization", "Content-Type"},
	}))
	r.Use(auth.Handler)
	r.With(auth.Require()).Get("/api/me", chiMe)
	// README:end
	return r
}

func chiMe(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, clerk.FromContext(r.Context()).UserID)
}

// Gin puts CORS before Require.
func Gin(auth *middleware.Middleware) http.Handler {
	// README:gin
	r := gin.New()
	r.Use(gincors.New(gincors.Config{
		AllowOrigins: []string{"https://app.example.com"},
		AllowMethods: []string{"GET"},
		AllowHeaders: []string{"Authorization", "Content-Type"},
	}))
	r.Use(clerkgin.Handler(auth))
	r.GET("/api/me", clerkgin.Require(auth), ginMe)
	// README:end
	return r
}

func ginMe(c *gin.Context) { c.String(http.StatusOK, clerkgin.Auth(c).UserID) }

// Echo puts CORS before Require.
func Echo(auth *middleware.Middleware) http.Handler {
	// README:echo
	e := echo.New()
	e.Use(echomiddleware.CORSWithConfig(echomiddleware.CORSConfig{
		AllowOrigins: []string{"https://app.example.com"},
		AllowHeaders: []string{"Authorization", "Content-Type"},
	}))
	e.Use(clerkecho.Handler(auth))
	e.GET("/api/me", me, clerkecho.Require(auth))
	// README:end
	return e
}

func me(c echo.Context) error { return c.String(http.StatusOK, clerkecho.Auth(c).UserID) }

// Fiber puts CORS before Require.
func Fiber(auth *middleware.Middleware) *fiber.App {
	// README:fiber
	app := fiber.New()
	app.Use(fibercors.New(fibercors.Config{
		AllowOrigins: "https://app.example.com",
		AllowHeaders: "Authorization,Content-Type",
	}))
	app.Use(clerkfiber.Handler(auth))
	app.Get("/api/me", clerkfiber.Require(auth), fiberMe)
	// README:end
	return app
}

func fiberMe(c *fiber.Ctx) error { return c.SendString(clerkfiber.Auth(c).UserID) }
