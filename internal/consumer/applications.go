package main

import "strings"

// application is an application to measure.
type application struct {
	name string
	// imports are the packages of the kit that it uses, relative to the root. The
	// application is skipped until the tree has them.
	imports []string
	// pins are MODULE@VERSION that it requires before and must still require after adding
	// the kit. Its source imports them. Each must be older than the version that the
	// examples require, otherwise the check would prove nothing.
	pins []string
	// source is its main.go; prints is the expected output.
	source, prints string
	// requires and sums are the maximum numbers of lines in go.mod and go.sum. Raise them
	// only deliberately, because every user pays for it.
	requires, sums int
}

var applications = []application{
	{
		name:     "verify alone",
		imports:  []string{"clerk", "verify"},
		source:   verifyAlone,
		prints:   "token-invalid",
		requires: 2,
		sums:     4,
	},
	{
		name:     "Backend API client and webhooks",
		imports:  []string{"bapi", "clerk/webhook"},
		source:   bapiAndWebhooks,
		prints:   "a client, and no verifier without a secret",
		requires: 1,
		sums:     2,
	},
	{
		name:     "net/http middleware",
		imports:  []string{"clerk", "middleware"},
		source:   server("", netHTTP),
		prints:   refused,
		requires: 13,
		sums:     40,
	},
	{
		// With a single module, both frameworks would be raised to the adapters' versions,
		// although this application uses neither adapter.
		name:     "net/http middleware beside pinned frameworks",
		imports:  []string{"clerk", "middleware"},
		pins:     []string{"github.com/gin-gonic/gin@v1.9.1", "github.com/labstack/echo/v4@v4.11.0"},
		source:   server(`_ "github.com/gin-gonic/gin"; _ "github.com/labstack/echo/v4"`, netHTTP),
		prints:   refused,
		requires: 40,  // 30 without the kit
		sums:     127, // 105 without the kit
	},
	// The adapters, each in an application with the oldest version of the framework that
	// the adapter supports.
	{
		name:     "gin",
		imports:  []string{"clerk", "middleware", "middleware/gin"},
		pins:     []string{"github.com/gin-gonic/gin@v1.9.1"},
		source:   server(`"github.com/gin-gonic/gin"; clerkgin "github.com/clerkkit/clerkkit/middleware/gin"`, withGin),
		prints:   refused,
		requires: 36,
		sums:     110,
	},
	{
		name:     "echo v4",
		imports:  []string{"clerk", "middleware", "middleware/echo"},
		pins:     []string{"github.com/labstack/echo/v4@v4.9.0"},
		source:   server(`"github.com/labstack/echo/v4"; clerkecho "github.com/clerkkit/clerkkit/middleware/echo"`, withEcho("echo.Context")),
		prints:   refused,
		requires: 22,
		sums:     67,
	},
	{
		name:     "echo v5",
		imports:  []string{"clerk", "middleware", "middleware/echov5"},
		pins:     []string{"github.com/labstack/echo/v5@v5.0.0"},
		source:   server(`"github.com/labstack/echo/v5"; clerkecho "github.com/clerkkit/clerkkit/middleware/echov5"`, withEcho("*echo.Context")),
		prints:   refused,
		requires: 15,
		sums:     50,
	},
	{
		name:     "fiber v2",
		imports:  []string{"clerk", "middleware", "middleware/fiber"},
		pins:     []string{"github.com/gofiber/fiber/v2@v2.52.12"},
		source:   server(`"github.com/gofiber/fiber/v2"; clerkfiber "github.com/clerkkit/clerkkit/middleware/fiber"`, withFiber("*fiber.Ctx")),
		prints:   refused,
		requires: 25,
		sums:     67,
	},
	{
		name:     "fiber v3",
		imports:  []string{"clerk", "middleware", "middleware/fiberv3"},
		pins:     []string{"github.com/gofiber/fiber/v3@v3.1.0"},
		source:   server(`"github.com/gofiber/fiber/v3"; clerkfiber "github.com/clerkkit/clerkkit/middleware/fiberv3"`, withFiber("fiber.Ctx")),
		prints:   refused,
		requires: 28,
		sums:     79,
	},
}

// frameworks must not be added to an application that does not use them.
var frameworks = []string{
	"github.com/gin-gonic/gin",
	"github.com/go-chi/chi",
	"github.com/gofiber/fiber",
	"github.com/gorilla/mux",
	"github.com/labstack/echo",
}

// uninvited reports whether a module is a framework that the application does not use
// in this major version.
func (a application) uninvited(modulePath string) bool {
	for _, p := range a.pins {
		if name, _, _ := strings.Cut(p, "@"); name == modulePath {
			return false
		}
	}
	for _, f := range frameworks {
		if modulePath == f || strings.HasPrefix(modulePath, f+"/") {
			return true
		}
	}
	return false
}

// modules returns the releases with the application's imports, each once, or an import
// that the tree does not have yet.
func (a application) modules(published []release) (uses []release, missing string) {
	seen := make(map[string]bool)
	for _, imp := range a.imports {
		var best *release
		for i, r := range published {
			if r.packages[imp] {
				best = &published[i]
			}
		}
		if best == nil {
			return nil, imp
		}
		if !seen[best.path] {
			seen[best.path] = true
			uses = append(uses, *best)
		}
	}
	return uses, ""
}
