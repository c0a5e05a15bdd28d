package clerkgin_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware/adapter"
	clerkgin "github.com/clerkkit/clerkkit/middleware/gin"
	"github.com/clerkkit/clerkkit/middleware/middlewaretest"
)

var router = middlewaretest.Router{New: newApp, EveryMethod: []string{"Any", "Any with a parameter", "NoRoute", "file server", "http.Handler"}}

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(m.Run())
}

func TestConformance(t *testing.T) { middlewaretest.Run(t, router) }

func BenchmarkSignedIn(b *testing.B) { middlewaretest.Benchmark(b, router) }

func newApp(app middlewaretest.App) (func(net.Listener) error, error) {
	r := gin.New()
	r.Use(gin.RecoveryWithWriter(io.Discard))
	register(r, &r.RouterGroup, app.Group)
	return (&http.Server{Handler: r, ErrorLog: log.New(io.Discard, "", 0)}).Serve, nil
}

func register(e *gin.Engine, r *gin.RouterGroup, g middlewaretest.Group) {
	if g.Handler {
		r.Use(clerkgin.Handler(g.Auth))
	}
	for _, gate := range g.Gates {
		r.Use(clerkgin.Require(g.Auth, gate...))
	}
	for _, route := range g.Routes {
		var chain []gin.HandlerFunc
		for _, gate := range route.Gates {
			chain = append(chain, clerkgin.Require(g.Auth, gate...))
		}
		chain = append(chain, func(c *gin.Context) {
			if err := route.Handle(exchange{c}); err != nil {
				c.String(http.StatusInternalServerError, err.Error())
			}
		})
		last := len(chain) - 1
		switch route.Every {
		case "":
			r.Handle(route.Method, route.Path, chain...)
		case "Any":
			r.Any(route.Path, chain...)
		case "Any with a parameter":
			r.Any(path.Dir(route.Path)+"/*file", chain...)
		case "NoRoute": // takes the groups of a path no further than the engine
			for _, gate := range g.Gates {
				chain = append([]gin.HandlerFunc{clerkgin.Require(g.Auth, gate...)}, chain...)
			}
			e.NoRoute(chain...)
		case "file server":
			chain[last] = gin.WrapH(http.FileServerFS(route.Files()))
			r.Any(route.Path, chain...)
		case "http.Handler":
			chain[last] = gin.WrapH(route.HandlerFunc())
			r.Any(route.Path, chain...)
		}
	}
	for _, sub := range g.Groups {
		register(e, r.Group(sub.Prefix), sub)
	}
}

// exchange is one request, in gin's terms.
type exchange struct{ c *gin.Context }

func (x exchange) Auth() clerk.Auth             { return clerkgin.Auth(x.c) }
func (x exchange) Context() context.Context     { return x.c.Request.Context() }
func (x exchange) Method() string               { return x.c.Request.Method }
func (x exchange) Host() string                 { return x.c.Request.Host }
func (x exchange) Header(name string) string    { return x.c.GetHeader(name) }
func (x exchange) Body() ([]byte, error)        { return x.c.GetRawData() }
func (x exchange) SetHeader(name, value string) { x.c.Header(name, value) }
func (x exchange) AddHeader(name, value string) { x.c.Writer.Header().Add(name, value) }
func (x exchange) SetCookie(name, value string) {
	x.c.SetCookie(name, value, 3600, "/", "", true, true)
}

func (x exchange) Text(status int, body string) error {
	x.c.String(status, "%s", body)
	return nil
}

func (x exchange) Redirect(status int, location string) error {
	x.c.Redirect(status, location)
	return nil
}

func (x exchange) RedirectToSignIn(auth adapter.Middleware) error {
	clerkgin.RedirectToSignIn(x.c, auth)
	return nil
}

func (x exchange) Deny(auth adapter.Middleware, err error) error {
	clerkgin.Deny(x.c, auth, err)
	return nil
}

func (x exchange) Stream(stream func(func(string))) error {
	x.c.Status(http.StatusOK)
	stream(func(piece string) {
		if piece != "" {
			_, _ = x.c.Writer.WriteString(piece)
		}
		x.c.Writer.Flush()
	})
	return nil
}

func (x exchange) Hijack(take func(net.Conn)) error {
	conn, _, err := x.c.Writer.Hijack()
	if err == nil {
		take(conn)
	}
	return err
}
