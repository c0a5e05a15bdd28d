package webhook

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/internal/loglimit"
)

// permanentError marks an error that a redelivery cannot fix.
type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// Permanent marks an error of the function passed to [Verifier.Handler] as permanent:
// the event cannot be handled, and Clerk should not deliver it again. The result can be
// wrapped further. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

// Handler returns an http.Handler that verifies deliveries and calls handle with their
// events. These are its responses and how Svix reacts to them (docs.svix.com, "Retry
// Schedule" and "Delivery Control"):
//
//	handle returns nil        200  delivered
//	handle returns an error   500  sent again, up to 7 times in 28 hours
//	handle returns Permanent  422  not sent again: the response has
//	                               Webhook-Delivery: abort-message. The message
//	                               shows as failed in the Clerk Dashboard, where
//	                               it can be replayed once the cause is fixed
//	handle panics             –    nothing is recovered: net/http ends the
//	                               connection, and the message is sent again
//	refused                   400  sent again; 413 when the body is too large
//	not POST                  405
//	handle is nil             500  sent again; Config.Logger gets the cause
//
// Return nil for events that the application does not need. Svix waits 15 seconds for
// the response and then counts the delivery as failed, so put long work into a queue.
// The same Event.ID can arrive more than once, also after handle succeeded, because the
// response can be lost. handle must tolerate that.
//
// The body of a refusal contains the reason, which the Clerk Dashboard shows in the
// list of attempts. Errors of handle go only to Config.Logger. Deliveries have no
// signed-in user, so do not put this route behind middleware's Require.
func (v *Verifier) Handler(handle func(ctx context.Context, ev *Event) error) http.Handler {
	if handle == nil {
		handle = func(context.Context, *Event) error { return errNoFunction }
	}
	var refusals loglimit.Line
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "webhook: only POST", http.StatusMethodNotAllowed)
			return
		}
		ev, err := v.VerifyRequest(r)
		if err != nil {
			v.refuse(w, r, err, &refusals)
			return
		}
		err = handle(r.Context(), ev)
		if err == nil {
			w.WriteHeader(http.StatusOK)
			return
		}
		status := http.StatusInternalServerError
		if permanent := (*permanentError)(nil); errors.As(err, &permanent) {
			status = http.StatusUnprocessableEntity
			w.Header().Set("Webhook-Delivery", "abort-message")
		}
		v.log().ErrorContext(r.Context(), "webhook not handled", slog.Any("event", ev), slog.Int("status", status), slog.Any("error", err))
		http.Error(w, "webhook: not handled", status)
	})
}

var errNoFunction = errors.New("webhook: Handler was given no function")

// log is the logger, also of a Verifier that New did not make.
func (v *Verifier) log() *slog.Logger {
	if v == nil || v.logger == nil {
		return slog.Default()
	}
	return v.logger
}

// logEvery is the minimum time between two log lines about refusals.
const logEvery = 2 * time.Second

// refuse responds to a delivery that is not valid. Anyone can send one, so it logs at
// most one line per logEvery.
func (v *Verifier) refuse(w http.ResponseWriter, r *http.Request, err error, line *loglimit.Line) {
	level, status := slog.LevelWarn, http.StatusBadRequest
	switch {
	case errors.Is(err, ErrNotSigned):
		level = slog.LevelDebug // a scanner, not Clerk
	case errors.Is(err, ErrTooLarge):
		status = http.StatusRequestEntityTooLarge
	}
	if v.log().Enabled(r.Context(), level) {
		if leftOut, due := line.Due(time.Now(), logEvery); due {
			v.log().Log(r.Context(), level, "webhook refused", slog.Any("error", err), loglimit.LeftOut(leftOut))
		}
	}
	http.Error(w, err.Error(), status)
}
