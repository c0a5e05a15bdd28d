package clerkfiber

import (
	"reflect"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

func redirect(c *fiber.Ctx, auth adapter.Middleware, p handshake.Page) error {
	d, f := adapter.NotNil(auth).SignInRedirect(c.UserContext(), newRequest(c), p)
	setFields(c, &d)
	addCookies(c, d.Cookies)
	if f != nil {
		return refuse(c, f)
	}
	return c.Redirect(d.Location, fiber.StatusSeeOther)
}

func addCookies(c *fiber.Ctx, cookies []string) {
	for _, cookie := range cookies {
		c.Response().Header.Add(fiber.HeaderSetCookie, cookie)
	}
}

// setFields writes the header fields of a decision. What scripts may read is added to
// what CORS middleware exposes.
func setFields(c *fiber.Ctx, d *handshake.Decision) {
	for name, value := range d.Fields() {
		if name == fiber.HeaderAccessControlExposeHeaders {
			c.Append(name, value)
			continue
		}
		c.Set(name, value)
	}
}

// refuse leaves a refused request to the app's error handler, if it has one that
// is not fiber's, which would answer with a plain text.
func refuse(c *fiber.Ctx, f *middleware.Failure) error {
	if h := f.PreflightHandler(); h != nil {
		return adaptor.HTTPHandler(h)(c)
	}
	own := reflect.ValueOf(c.App().Config().ErrorHandler).Pointer() != reflect.ValueOf(fiber.DefaultErrorHandler).Pointer()
	for name, value := range f.Fields() {
		if !own || name != fiber.HeaderContentType {
			c.Set(name, value)
		}
	}
	if own {
		return refusal{f}
	}
	return c.Status(f.Status).Send(f.Body())
}

// refusal is a failure that also is a *fiber.Error.
type refusal struct{ *middleware.Failure }

func (r refusal) Unwrap() []error { return []error{r.Failure, fiber.NewError(r.Status, r.Error())} }
