package main

import (
	"net"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	fiberv3 "github.com/gofiber/fiber/v3"
	adaptorv3 "github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/labstack/echo/v4"
	echov5 "github.com/labstack/echo/v5"

	"github.com/clerkkit/clerkkit/clerk"
	clerkecho "github.com/clerkkit/clerkkit/middleware/echo"
	clerkechov5 "github.com/clerkkit/clerkkit/middleware/echov5"
	clerkfiber "github.com/clerkkit/clerkkit/middleware/fiber"
	clerkfiberv3 "github.com/clerkkit/clerkkit/middleware/fiberv3"
	clerkgin "github.com/clerkkit/clerkkit/middleware/gin"
)

// routers build the application and return a function that serves it. Each routes the
// paths below /__clerk to the proxy, for every method. Handler wraps all of them and
// does not change those requests.
var routers = map[string]func(*site) func(net.Listener) error{
	"net/http": (*site).netHTTP,
	"chi":      (*site).chi,
	"gin":      (*site).gin,
	"echo":     (*site).echo,
	"echov5":   (*site).echov5,
	"fiber":    (*site).fiber,
	"fiberv3":  (*site).fiberv3,
}

func (s *site) netHTTP() func(net.Listener) error {
	mux := http.NewServeMux()
	mux.Handle(s.proxy.Path()+"/", s.proxy)
	mux.HandleFunc("GET /{$}", s.home)
	mux.Handle("GET /api/me", s.auth.Require()(http.HandlerFunc(me)))
	return serve(s.auth.Handler(mux))
}

func (s *site) chi() func(net.Listener) error {
	r := chi.NewRouter()
	r.Use(s.auth.Handler)
	r.Handle(s.proxy.Path()+"/*", s.proxy)
	r.Get("/", s.home)
	r.With(s.auth.Require()).Get("/api/me", me)
	return serve(r)
}

func (s *site) home(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, theme())
	w.Header().Set("Content-Type", htmlType)
	_, _ = w.Write(s.page(clerk.FromContext(r.Context()))) // the client may have disconnected
}

func me(w http.ResponseWriter, r *http.Request) {
	_, _ = w.Write([]byte(clerk.FromContext(r.Context()).UserID))
}

// serve serves routers that are an http.Handler.
func serve(h http.Handler) func(net.Listener) error {
	return (&http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}).Serve
}

func (s *site) gin() func(net.Listener) error {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(clerkgin.Handler(s.auth))
	r.Any(s.proxy.Path()+"/*path", gin.WrapH(s.proxy))
	r.GET("/", func(c *gin.Context) {
		http.SetCookie(c.Writer, theme())
		c.Data(http.StatusOK, htmlType, s.page(clerkgin.Auth(c)))
	})
	r.GET("/api/me", clerkgin.Require(s.auth), func(c *gin.Context) { c.String(http.StatusOK, clerkgin.Auth(c).UserID) })
	return serve(r)
}

func (s *site) echo() func(net.Listener) error {
	e := echo.New()
	e.Use(clerkecho.Handler(s.auth))
	e.Any(s.proxy.Path()+"/*", echo.WrapHandler(s.proxy))
	e.GET("/", func(c echo.Context) error {
		c.SetCookie(theme())
		return c.HTMLBlob(http.StatusOK, s.page(clerkecho.Auth(c)))
	})
	e.GET("/api/me", func(c echo.Context) error { return c.String(http.StatusOK, clerkecho.Auth(c).UserID) }, clerkecho.Require(s.auth))
	return serve(e)
}

func (s *site) echov5() func(net.Listener) error {
	e := echov5.New()
	e.Use(clerkechov5.Handler(s.auth))
	e.Any(s.proxy.Path()+"/*", echov5.WrapHandler(s.proxy))
	e.GET("/", func(c *echov5.Context) error {
		c.SetCookie(theme())
		return c.HTMLBlob(http.StatusOK, s.page(clerkechov5.Auth(c)))
	})
	e.GET("/api/me", func(c *echov5.Context) error { return c.String(http.StatusOK, clerkechov5.Auth(c).UserID) }, clerkechov5.Require(s.auth))
	return serve(e)
}

// Limits that must be larger than fiber's defaults: the header of a signed-in browser,
// and the body of a profile image.
const headerRoom, bodyRoom = 16 << 10, 12 << 20

// fiber does not use net/http: its adaptor runs the proxy, and clerkfiber the rest.
func (s *site) fiber() func(net.Listener) error {
	app := fiber.New(fiber.Config{ReadBufferSize: headerRoom, BodyLimit: bodyRoom, DisableStartupMessage: true})
	app.Use(clerkfiber.Handler(s.auth))
	app.Use(s.proxy.Path(), adaptor.HTTPHandler(s.proxy))
	app.Get("/", func(c *fiber.Ctx) error {
		t := theme()
		c.Cookie(&fiber.Cookie{Name: t.Name, Value: t.Value, Path: t.Path, Secure: t.Secure, SameSite: fiber.CookieSameSiteLaxMode})
		c.Set(fiber.HeaderContentType, htmlType)
		return c.Send(s.page(clerkfiber.Auth(c)))
	})
	app.Get("/api/me", clerkfiber.Require(s.auth), func(c *fiber.Ctx) error { return c.SendString(clerkfiber.Auth(c).UserID) })
	return app.Listener
}

func (s *site) fiberv3() func(net.Listener) error {
	app := fiberv3.New(fiberv3.Config{ReadBufferSize: headerRoom, BodyLimit: bodyRoom})
	app.Use(clerkfiberv3.Handler(s.auth))
	app.Use(s.proxy.Path(), adaptorv3.HTTPHandler(s.proxy))
	app.Get("/", func(c fiberv3.Ctx) error {
		t := theme()
		c.Cookie(&fiberv3.Cookie{Name: t.Name, Value: t.Value, Path: t.Path, Secure: t.Secure, SameSite: fiberv3.CookieSameSiteLaxMode})
		c.Set(fiberv3.HeaderContentType, htmlType)
		return c.Send(s.page(clerkfiberv3.Auth(c)))
	})
	app.Get("/api/me", clerkfiberv3.Require(s.auth), func(c fiberv3.Ctx) error { return c.SendString(clerkfiberv3.Auth(c).UserID) })
	return func(ln net.Listener) error {
		return app.Listener(ln, fiberv3.ListenConfig{DisableStartupMessage: true})
	}
}
