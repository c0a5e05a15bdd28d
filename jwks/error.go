package jwks

import (
	"strconv"

	"github.com/clerkkit/clerkkit/clerk"
)

// Reason says in one machine-readable word why [Source.Key] or [Source.Warm] has
// no key to give.
type Reason string

const (
	// ReasonKeyUnknown: the instance has no usable key with this id. The only
	// reason that goes with clerk.ErrKeyUnknown; all others are outages.
	ReasonKeyUnknown Reason = "key-unknown"
	// ReasonNetwork: no answer came (name, connection or TLS failed).
	ReasonNetwork Reason = "network"
	// ReasonTimeout: no complete answer came within FetchTimeout.
	ReasonTimeout Reason = "timeout"
	// ReasonStatus: the answer had another status than 200.
	ReasonStatus Reason = "status"
	// ReasonRateLimited: the answer was 429.
	ReasonRateLimited Reason = "rate-limited"
	// ReasonRedirect: the answer was a redirect that is not followed.
	ReasonRedirect Reason = "redirect"
	// ReasonTooLarge: the answer was over 256 KiB, or had over 64 keys.
	ReasonTooLarge Reason = "too-large"
	// ReasonMalformed: the answer was not a JSON Web Key Set.
	ReasonMalformed Reason = "malformed"
	// ReasonNoKeys: the answer was a key set without a usable key.
	ReasonNoKeys Reason = "no-usable-keys"
	// ReasonExpired: the keys at hand passed MaxAge by the clock alone.
	ReasonExpired Reason = "expired"
	// ReasonCanceled: the caller's context ended before the keys came. The fetch
	// itself goes on.
	ReasonCanceled Reason = "canceled"
	// ReasonClosed: the Source is closed.
	ReasonClosed Reason = "closed"
)

// Error is the error of [Source.Key] and [Source.Warm]. With errors.Is it is
// clerk.ErrKeyUnknown or clerk.ErrUnavailable, never both; and its cause where
// it has one: context.Canceled, or clerk.ErrSecretKeyInvalid after a 401. The text
// holds no key id, no secret and nothing of an answer's body; the cause of
// ReasonNetwork, reached with errors.As, is the transport's own and may say more.
type Error struct {
	// Reason says what went wrong.
	Reason Reason
	// StatusCode is the HTTP status of the answer for ReasonStatus,
	// ReasonRateLimited and ReasonRedirect, otherwise 0. A redirect that was
	// refused has 0 too.
	StatusCode int

	detail string // for people; no secret, no body
	cause  error  // nil where there is none
}

// Error implements the error interface.
func (e *Error) Error() string {
	text := "jwks: signing keys unavailable: "
	if e.Reason == ReasonKeyUnknown {
		text = "jwks: "
	}
	text += e.detail
	if e.StatusCode != 0 {
		text += " (HTTP status " + strconv.Itoa(e.StatusCode) + ")"
	}
	return text
}

// Unwrap gives errors.Is and errors.As the sentinel and the cause.
func (e *Error) Unwrap() []error {
	sentinel := clerk.ErrUnavailable
	if e.Reason == ReasonKeyUnknown {
		sentinel = clerk.ErrKeyUnknown
	}
	if e.cause == nil {
		return []error{sentinel}
	}
	return []error{sentinel, e.cause}
}

// clone gives every caller an error of its own: the fields are exported, and one
// failed fetch answers many.
func (e *Error) clone() *Error {
	c := *e
	return &c
}

func errKeyUnknown() *Error {
	return &Error{Reason: ReasonKeyUnknown, detail: "no usable key with this id"}
}

func errClosed() *Error {
	return &Error{Reason: ReasonClosed, detail: "the key source is closed"}
}

func errUnmade() *Error {
	return &Error{Reason: ReasonClosed, detail: "the key source was not made by New"}
}

func errCanceled(cause error) *Error {
	return &Error{Reason: ReasonCanceled, detail: "the caller stopped waiting", cause: cause}
}

func errTimeout(cause error) *Error {
	return &Error{Reason: ReasonTimeout, detail: "the key server did not answer in time", cause: cause}
}
