package webhook

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/internal/loglimit"
)

// permanentError marks an error that redelivery does not mend.
type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// Permanent marks the error of a function given to [Verifier.Handler]: the event
// could not be handled, and sending it again would not change that. It may be
// wrapped further. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

// Handler returns an endpoint that verifies deliveries and calls handle with
// their events. The answers, and what Svix makes of them (docs.svix.com, "Retry
// Schedule" and "Delivery Control"):
//
//	handle returns nil        200  delivered
//	handle returns an error   500  sent again, up to 7 times in 28 hours
//	handle returns Permanent  422  not sent again: the answer carries
//	                               Webhook-Delivery: abort-message. The message
//	                               shows as failed in the Clerk Dashboard, where
//	                               it can be replayed once the cause is mended
//	handle panics             –    nothing is recovered: net/http ends the
//	                               connection, and the message is sent again
//	refused                   400  sent again; 413 when the body is too large
//	not POST                  405
//
// An event that the app has no use for is handled: return nil. Svix waits 15
// seconds for the answer and then counts the delivery as failed, so leave long
// work to a queue. Because messages come again, also after handle was
// successful and the answer got lost, handle must be able to see an Event.ID
// twice.
//
// The body of a refusal says why, for whoever reads the list of attempts in the
// Dashboard; errors of handle go to Config.Logger only. The route needs no
// signed-in user: keep it outside of middleware's Require.
func (v *Verifier) Handler(handle func(ctx context.Context, ev *Event) error) http.Handler {
	if handle == nil {
		panic("webhook: Handler without a function") // as http.HandleFunc does
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

// log is the logger, also of a Verifier that New did not make.
func (v *Verifier) log() *slog.Logger {
	if v == nil || v.logger == nil {
		return slog.Default()
	}
	return v.logger
}

// logEvery is how often a refusal is logged.
const logEvery = 2 * time.Second

// refuse answers a delivery that does not verify. Anyone can send one, so the log
// gets one line in two seconds.
func (v *Verifier) refuse(w http.ResponseWriter, r *http.Request, err error, line *loglimit.Line) {
	level, status := slog.LevelWarn, http.StatusBadRequest
	switch {
	case errors.Is(err, ErrNotSigned):
		level = slog.LevelDebug // whoever scans the internet, not Clerk
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
