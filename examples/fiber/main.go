// Fiber is a chat for the members of an organization, with fiber v2 and server-sent
// events. A stream lives longer than the handler that opened it. It ends when the token
// of its request expires, and EventSource then reconnects with a new token.
//
//	CLERK_SECRET_KEY=sk_… CLERK_PUBLISHABLE_KEY=pk_… go run ./examples/fiber
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
	clerkfiber "github.com/clerkkit/clerkkit/middleware/fiber"
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
	return routes(auth, &hub{}, time.Now).Listen("localhost:3000")
}

func routes(auth *middleware.Middleware, h *hub, now func() time.Time) *fiber.App {
	c := &chat{h, now}
	// README:routes
	app := fiber.New(fiber.Config{ReadBufferSize: 16 << 10}) // room for Clerk's cookies
	app.Use(recover.New(), clerkfiber.Handler(auth))
	app.Get("/", func(c *fiber.Ctx) error { return c.SendString("hello " + clerkfiber.Auth(c).UserID) })

	room := app.Group("/room", clerkfiber.Require(auth), c.members)
	room.Post("/", c.say)
	room.Get("/events", c.events)
	// README:end
	return app
}

type chat struct {
	hub *hub
	now func() time.Time
}

// members refuses users without an active organization, because the organization is the
// room.
func (*chat) members(c *fiber.Ctx) error {
	if clerkfiber.Auth(c).OrgID == "" {
		return fiber.NewError(fiber.StatusConflict, "choose an organization first")
	}
	return c.Next()
}

func (ch *chat) say(c *fiber.Ctx) error {
	id := clerkfiber.Auth(c)
	// Body is a buffer of fasthttp that is valid until the handler returns; string copies
	// it.
	ch.hub.send(id.OrgID, id.UserID+": "+string(c.Body()))
	return c.SendStatus(fiber.StatusAccepted)
}

func (ch *chat) events(c *fiber.Ctx) error {
	id := clerkfiber.Auth(c) // copy the identity: c must not be used while the stream runs
	messages, leave := ch.hub.join(id.OrgID)
	left := id.ExpiresAt.Sub(ch.now())
	c.Set(fiber.HeaderContentType, "text/event-stream")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer leave()
		end := time.NewTimer(left)
		defer end.Stop()
		fmt.Fprint(w, ": welcome\n\n") // the first bytes send the header
		for w.Flush() == nil {         // until the client disconnects
			select {
			case m := <-messages:
				event(w, m)
			case <-end.C:
				fmt.Fprint(w, "event: expired\ndata:\n\n")
				_ = w.Flush() // the last event; the client may have disconnected
				return
			}
		}
	})
	return nil
}

// event writes a message as one event. Each line of the message becomes a data line,
// because an unescaped line end of any kind would let the sender forge events.
func event(w io.Writer, message string) {
	for line := range strings.SplitSeq(lineEnds.Replace(message), "\n") {
		fmt.Fprintf(w, "data: %s\n", line)
	}
	fmt.Fprint(w, "\n")
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")
