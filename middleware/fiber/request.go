package clerkfiber

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/clerkkit/clerkkit/handshake"
)

// newRequest converts a request of fasthttp. Everything is copied: fasthttp reuses
// its buffers, and tokens live on in a cache.
//
// Host and method are those that the app itself goes by. The host of a target in
// absolute form wins over the Host header (RFC 9112 section 3.2.2).
// Not c.Hostname: that believes forwarded fields, which the kit reads by its own rules.
func newRequest(c *fiber.Ctx) handshake.Request {
	r := handshake.Request{
		Method: method(c.Method()), Target: string(c.Request().Header.RequestURI()),
		Host: string(c.Request().URI().Host()), Scheme: "http", Header: headerOf(c), Timeout: timeout,
	}
	if c.Context().IsTLS() {
		r.Scheme = "https"
	}
	if peer, ok := c.Context().RemoteAddr().(*net.TCPAddr); ok && peer.Port != 0 { // 0 is fasthttp's for no connection
		r.RemoteAddr = netip.AddrPortFrom(peer.AddrPort().Addr().Unmap(), uint16(peer.Port)).String() //nolint:gosec // a port
	}
	return r
}

// method copies a method; the usual ones are constants.
func method(s string) string {
	if i := slices.Index(fiber.DefaultMethods, s); i >= 0 {
		return fiber.DefaultMethods[i]
	}
	return strings.Clone(s)
}

// header is the request's. It keeps what it copied last, as several gates of one
// request ask for the same; fields that a handler has changed meanwhile it copies
// again.
type header struct {
	c                     *fiber.Ctx
	authorization, cookie []string
	room                  [2]string // what mostly is all of it
}

type headerKey struct{}

func headerOf(c *fiber.Ctx) *header {
	h, ok := c.Locals(headerKey{}).(*header)
	if !ok {
		h = &header{}
		h.authorization, h.cookie = h.room[0:0:1], h.room[1:1:2]
		c.Locals(headerKey{}, h)
	}
	h.c = c
	return h
}

// anySpelling returns the values of a field for an app that keeps names as they came.
// Field names have no case (RFC 9110 section 5.1): a token in AUTHORIZATION counts.
func anySpelling(c *fiber.Ctx, name string) (fields [][]byte) {
	var spellings []string
	for _, key := range c.Request().Header.PeekKeys() {
		if s := string(key); strings.EqualFold(s, name) && !slices.Contains(spellings, s) {
			spellings = append(spellings, s)
		}
	}
	for _, s := range spellings {
		fields = append(fields, c.Request().Header.PeekAll(s)...)
	}
	return fields
}

// Values implements handshake.Header.
func (h *header) Values(name string) []string {
	fields := h.c.Request().Header.PeekAll(name)
	if h.c.App().Config().DisableHeaderNormalizing {
		fields = anySpelling(h.c, name)
	}
	var kept *[]string
	switch name {
	case fiber.HeaderAuthorization:
		kept = &h.authorization
	case fiber.HeaderCookie:
		kept = &h.cookie
	default:
		kept = new([]string)
	}
	if !slices.EqualFunc(fields, *kept, func(b []byte, s string) bool { return string(b) == s }) {
		if len(*kept) > 0 {
			*kept = nil // somebody may have the old ones
		}
		for _, field := range fields {
			*kept = append(*kept, string(field))
		}
	}
	return *kept
}
