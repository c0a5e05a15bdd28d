package middleware

import (
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/loglimit"
)

// WithPreflightHandler answers the CORS preflight requests (Fetch standard,
// section 4.8) that reach a gate with h. Without it a gate refuses a preflight like
// any other request without credentials, and the browser does not send the request
// itself.
//
// Prefer CORS middleware above the gate: there it answers preflights before the gate
// sees them, and it also gives the gate's refusals the fields without which a page
// of another origin cannot read them. h is for applications that cannot change that
// order. It must answer by itself, as the handler of github.com/rs/cors does around
// [http.NotFoundHandler]; anybody can call it, and the handler behind the gate never
// runs for a preflight, not even for one with credentials.
func WithPreflightHandler(h http.Handler) Option { return func(o *options) { o.preflight = h } }

// isPreflight reports CORS preflight requests (Fetch standard, section 4.8), which have
// no credentials.
func isPreflight(r handshake.Request) bool {
	return r.Method == http.MethodOptions && len(r.Header.Values("Origin")) > 0 &&
		len(r.Header.Values("Access-Control-Request-Method")) > 0
}

// preflightRefused warns the developer that pages of other origins cannot call the
// route. Strangers can cause it, so it is logged at most once a minute.
func (m *Middleware) preflightRefused() {
	if leftOut, due := m.refusedPreflights.Due(m.now(), time.Minute); due {
		m.logger.Warn("clerk: a gate refused a CORS preflight; put the CORS middleware above Handler and Require, or answer preflights with middleware.WithPreflightHandler", loglimit.LeftOut(leftOut))
	}
}
