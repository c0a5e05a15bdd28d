package jwks

import (
	"strconv"

	"github.com/clerkkit/clerkkit/clerk"
)

// Reason is the machine-readable reason why [Source.Key] or [Source.Warm] failed.
type Reason string

const (
	// ReasonKeyUnknown: the instance has no usable key with this id. Only this reason
	// comes with clerk.ErrKeyUnknown. All others are outages.
	ReasonKeyUnknown Reason = "key-unknown"
	// ReasonNetwork: there was no response (DNS, connection or TLS failed).
	ReasonNetwork Reason = "network"
	// ReasonTimeout: there was no complete response within FetchTimeout.
	ReasonTimeout Reason = "timeout"
	// ReasonStatus: the status of the response was not 200.
	ReasonStatus Reason = "status"
	// ReasonRateLimited: the status of the response was 429.
	ReasonRateLimited Reason = "rate-limited"
	// ReasonRedirect: the response was a redirect, which is not followed.
	ReasonRedirect Reason = "redirect"
	// ReasonTooLarge: the response was over 256 KiB or had over 64 keys.
	ReasonTooLarge Reason = "too-large"
	// ReasonMalformed: the response was not a JSON Web Key Set.
	ReasonMalformed Reason = "malformed"
	// ReasonNoKeys: the response was a key set without a usable key.
	ReasonNoKeys Reason = "no-usable-keys"
	// ReasonExpired: the keys are older than MaxAge, and no fetch failed.
	ReasonExpired Reason = "expired"
	// ReasonCanceled: the caller's context ended before the keys arrived. The fetch goes
	// on.
	ReasonCanceled Reason = "canceled"
	// ReasonClosed: the Source is closed.
	ReasonClosed Reason = "closed"
)

// Error is the error of [Source.Key] and [Source.Warm]. errors.Is matches it with
// either clerk.ErrKeyUnknown or clerk.ErrUnavailable, never both. It also matches the
// cause, if there is one: context.Canceled, or clerk.ErrSecretKeyInvalid after a 401.
// The text contains no key id, no secret and no part of a response body. The cause of
// ReasonNetwork is the transport's error, which can contain more.
type Error struct {
	// Reason says what went wrong.
	Reason Reason
	// StatusCode is the HTTP status of the response for ReasonStatus, ReasonRateLimited
	// and ReasonRedirect, otherwise 0. It is also 0 for a redirect that the client refused
	// to follow.
	StatusCode int

	detail string // for humans; no secret, no body
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

// Unwrap returns the sentinel and the cause.
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

// clone copies e. Its fields are exported and one failed fetch serves many callers, so
// each caller gets its own copy.
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
