// Fiberv3 is a link shortener with fiber v3. Anyone can follow links, signed-in users
// can make them, and the app's error handler writes its own JSON.
//
//	CLERK_SECRET_KEY=sk_… CLERK_PUBLISHABLE_KEY=pk_… go run ./examples/fiberv3
package main

import (
	"errors"
	"log"
	"net/url"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
	clerkfiber "github.com/clerkkit/clerkkit/middleware/fiberv3"
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
	return routes(auth).Listen("localhost:3000")
}

func routes(auth *middleware.Middleware) *fiber.App {
	s := &shortener{links: map[string]link{}}
	// README:routes
	app := fiber.New(fiber.Config{ReadBufferSize: 16 << 10, ErrorHandler: answer})
	app.Use(recover.New())
	app.Get("/to/:code", s.follow) // public, so it is not authenticated

	links := app.Group("/links", clerkfiber.Handler(auth), clerkfiber.Require(auth))
	links.Put("/:code", s.make)
	links.Delete("/:code", s.drop)
	links.Get("/", clerkfiber.Require(auth, clerk.Role("org:admin")), s.all)
	// README:end
	return app
}

// answer writes errors as JSON: refusals of Require, and other errors by their status.
func answer(c fiber.Ctx, err error) error {
	var refused *middleware.Failure
	if errors.As(err, &refused) && refused.Status == fiber.StatusUnauthorized {
		return c.Status(refused.Status).JSON(fiber.Map{"error": "sign in first", "reason": refused.Reason})
	}
	status := fiber.StatusInternalServerError
	var e *fiber.Error
	if errors.As(err, &e) { // a refusal is a *fiber.Error too
		status = e.Code
	}
	return c.Status(status).JSON(fiber.Map{"error": err.Error()})
}

type link struct {
	To    string `json:"to"`
	Owner string `json:"owner"`
}

type shortener struct {
	mu    sync.Mutex
	links map[string]link
}

func (s *shortener) follow(c fiber.Ctx) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.links[c.Params("code")]
	if !ok {
		return fiber.NewError(fiber.StatusNotFound, "no such link")
	}
	return c.Redirect().Status(fiber.StatusFound).To(l.To)
}

func (s *shortener) make(c fiber.Ctx) error {
	var in struct {
		To string `json:"to"`
	}
	if err := c.Bind().Body(&in); err != nil {
		return fiber.NewError(fiber.StatusBadRequest, "a link needs an address to go to")
	}
	if u, err := url.Parse(in.To); err != nil || u.Scheme != "https" {
		return fiber.NewError(fiber.StatusUnprocessableEntity, "links go to https addresses")
	}
	// Strings from fiber are valid only until the handler returns; map keys live longer.
	code, user := strings.Clone(c.Params("code")), clerkfiber.Auth(c).UserID
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, taken := s.links[code]; taken && l.Owner != user {
		return fiber.NewError(fiber.StatusConflict, "that one is taken")
	}
	s.links[code] = link{To: strings.Clone(in.To), Owner: user}
	return c.SendStatus(fiber.StatusNoContent)
}

func (s *shortener) drop(c fiber.Ctx) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	code := c.Params("code")
	if s.links[code].Owner != clerkfiber.Auth(c).UserID {
		return fiber.NewError(fiber.StatusNotFound, "you have no such link")
	}
	delete(s.links, code)
	return c.SendStatus(fiber.StatusNoContent)
}

func (s *shortener) all(c fiber.Ctx) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.JSON(s.links)
}
