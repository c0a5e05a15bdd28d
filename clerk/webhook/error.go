package webhook

import "time"

// Error says why a delivery was refused. Its text holds no secret, no signature
// and nothing from the body, so it may be logged and shown to the sender.
type Error struct {
	// Reason is the machine-readable reason, one of those of the sentinels
	// below: "not-signed", "too-old", …
	Reason string
	// Err is the cause, if there is one. Its text is not part of Error's: errors
	// of JSON decoders can quote the body.
	Err error

	problem string
	off     time.Duration // by how much a timestamp is off
}

// Sentinels for errors.Is.
var (
	// ErrNotSigned: one of the three headers with id, time and signature is
	// missing.
	ErrNotSigned = &Error{Reason: "not-signed"}
	// ErrInvalidHeader: a header is repeated, malformed or too long, or the
	// svix-… and webhook-… headers contradict each other.
	ErrInvalidHeader = &Error{Reason: "invalid-header"}
	// ErrTooOld: the delivery was signed longer ago than the tolerance allows: a
	// replay, or a clock that is wrong.
	ErrTooOld = &Error{Reason: "too-old"}
	// ErrTooNew: the delivery was signed in the future: a clock is wrong.
	ErrTooNew = &Error{Reason: "too-new"}
	// ErrNoMatchingSignature: no signature was made with any of the secrets over
	// this id, time and body.
	ErrNoMatchingSignature = &Error{Reason: "no-matching-signature"}
	// ErrTooLarge: the body exceeds Config.MaxBodyBytes.
	ErrTooLarge = &Error{Reason: "too-large"}
	// ErrUnreadableBody: reading the body failed; Err says how.
	ErrUnreadableBody = &Error{Reason: "unreadable-body"}
	// ErrMalformedEvent: well signed, but not an event, or its data does not fit
	// the type that Decode was asked for.
	ErrMalformedEvent = &Error{Reason: "malformed-event"}
)

// Error implements the error interface.
func (e *Error) Error() string {
	s := "webhook: " + e.Reason
	if e.problem != "" {
		s += ": " + e.problem
	}
	if e.off != 0 {
		s += " by " + e.off.Round(time.Second).String()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is matches errors with the same reason.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Reason == e.Reason
}

func refuse(kind *Error, problem string) *Error {
	return &Error{Reason: kind.Reason, problem: problem}
}
