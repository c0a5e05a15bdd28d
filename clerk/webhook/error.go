package webhook

import "time"

// Error says why a delivery was refused. Its text contains no secret, no signature and
// no part of the body, so it can be logged and sent to the sender.
type Error struct {
	// Reason is the machine-readable reason, that of one of the sentinels below:
	// "not-signed", "too-old", …
	Reason string
	// Err is the cause, or nil. The text of Error does not include it, because errors of
	// JSON decoders can quote the body.
	Err error

	problem string
	off     time.Duration // how far the timestamp is outside the tolerance
}

// Sentinels for errors.Is.
var (
	// ErrNotSigned: a header with the id, timestamp or signature is missing.
	ErrNotSigned = &Error{Reason: "not-signed"}
	// ErrInvalidHeader: a header is repeated, malformed or too long, or the
	// svix-… and webhook-… headers contradict each other.
	ErrInvalidHeader = &Error{Reason: "invalid-header"}
	// ErrTooOld: the delivery was signed longer ago than the tolerance allows. It is a
	// replay, or a clock is wrong.
	ErrTooOld = &Error{Reason: "too-old"}
	// ErrTooNew: the delivery was signed in the future. A clock is wrong.
	ErrTooNew = &Error{Reason: "too-new"}
	// ErrNoMatchingSignature: no signature in the header is valid for this id, timestamp
	// and body with any of the secrets.
	ErrNoMatchingSignature = &Error{Reason: "no-matching-signature"}
	// ErrTooLarge: the body exceeds Config.MaxBodyBytes.
	ErrTooLarge = &Error{Reason: "too-large"}
	// ErrUnreadableBody: reading the body failed; Err says how.
	ErrUnreadableBody = &Error{Reason: "unreadable-body"}
	// ErrMalformedEvent: the delivery is signed but is not an event, or Decode cannot
	// decode its data into the type.
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
