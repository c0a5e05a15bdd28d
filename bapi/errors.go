package bapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/transport"
)

// Sentinels for errors.Is.
var (
	// ErrInvalidArgument: this package refused an argument, such as an ID that is empty or
	// has a slash, and sent nothing. Error.Param names the argument.
	ErrInvalidArgument = errors.New("bapi: invalid argument")
	// ErrValidation: the API refused a parameter (400, 422). Error.Details names it.
	ErrValidation = errors.New("bapi: invalid request")
	// ErrUnauthorized: the secret key is not accepted (401).
	ErrUnauthorized = errors.New("bapi: unauthorized")
	// ErrPaymentRequired: the plan of the instance does not include the feature (402).
	ErrPaymentRequired = errors.New("bapi: payment required")
	// ErrForbidden: the instance may not do this (403).
	ErrForbidden = errors.New("bapi: forbidden")
	// ErrNotFound: no such resource (404, 410).
	ErrNotFound = errors.New("bapi: not found")
	// ErrConflict: the state of the resource does not allow it (409).
	ErrConflict = errors.New("bapi: conflict")
	// ErrRateLimited: too many requests (429). Error.RetryAfter says how long to wait.
	ErrRateLimited = errors.New("bapi: rate limited")
	// ErrUnavailable: there was no usable response, see [Error.Unavailable]. The resource
	// may or may not exist. It is clerk.ErrUnavailable, the error of every outage.
	ErrUnavailable = clerk.ErrUnavailable
	// ErrTooLarge: the response exceeds 32 MiB.
	ErrTooLarge = errors.New("bapi: answer too large")
	// ErrUnexpectedAnswer: a 2xx response lacks required content. Its body is not JSON, is
	// null, or is an object without its id.
	ErrUnexpectedAnswer = errors.New("bapi: unexpected answer")
)

// sentinels maps errors of internal/transport to those of this package.
var sentinels = [...]struct{ here, below error }{
	{ErrInvalidArgument, transport.ErrInvalidArgument},
	{ErrValidation, transport.ErrValidation},
	{ErrUnauthorized, transport.ErrUnauthorized},
	{ErrPaymentRequired, transport.ErrPaymentRequired},
	{ErrForbidden, transport.ErrForbidden},
	{ErrNotFound, transport.ErrNotFound},
	{ErrConflict, transport.ErrConflict},
	{ErrRateLimited, transport.ErrRateLimited},
	{ErrUnavailable, transport.ErrUnavailable},
	{ErrTooLarge, transport.ErrTooLarge},
	{ErrUnexpectedAnswer, transport.ErrUnexpectedAnswer},
}

// Error is the error of every failed call. Get it with errors.As, or use errors.Is with
// the sentinels of this package. Its text never contains the secret key, the query
// string or the body of the response.
type Error struct {
	// Method and Path of the request. Path has no query. With ErrInvalidArgument it has
	// its parameters in braces: /v1/users/{user_id}.
	Method, Path string
	// Param is the argument that this package refused with ErrInvalidArgument: user_id,
	// limit. It is "" otherwise. Details names parameters that the API refused.
	Param string
	// Status is the HTTP status, or 0 if there was no complete response.
	Status int
	// Details are the errors in the response, in its order. It is empty if the body was
	// not the API's error object, such as a proxy's HTML page.
	Details []ErrorDetail
	// TraceID identifies the request to Clerk's support: clerk_trace_id in the body, else
	// the X-Clerk-Trace-Id or Cf-Ray header.
	TraceID string
	// RetryAfter is how long the API asks to wait before the next request, at most a day,
	// or 0 if it does not say. If the wait is longer than Config.MaxRetryWait allows, a
	// call returns a 429 at once.
	RetryAfter time.Duration
	// Attempts is how often the request was sent. If it is more than 1, a DELETE that
	// returns ErrNotFound may have succeeded in an earlier attempt.
	Attempts int
	// Excerpt is the beginning of a body that could not be decoded: at most 200 bytes on
	// one line, with keys and tokens redacted. It is not part of Error().
	Excerpt string
	// Err is the cause, or nil: a network error, the error of the context, a decoding
	// error.
	Err error
}

// ErrorDetail is one entry of the list of errors in a response (schema ClerkError).
type ErrorDetail struct {
	// Code is stable and machine-readable, such as "form_identifier_exists".
	Code string
	// Message is a short text for developers.
	Message string
	// LongMessage is a sentence that can be shown to an end user. It can contain the
	// user's input.
	LongMessage string
	// Param is the name of the request parameter that caused the error, or "".
	Param string
	// Meta is the raw JSON of further details.
	Meta json.RawMessage
}

// Error returns method, path, status, the code, parameter and long message of the first
// detail, the cause, RetryAfter and the trace id.
func (e *Error) Error() string { return e.internal().Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the sentinels of this package.
func (e *Error) Is(target error) bool {
	for _, s := range sentinels {
		if s.here == target {
			return errors.Is(e.internal(), s.below)
		}
	}
	return false
}

// Unavailable reports whether the API gave no usable response: the connection failed,
// the caller's context ended, or the response was 408, 429, 5xx, a redirect, or a 2xx
// that lacks required content. It is false for ErrInvalidArgument.
func (e *Error) Unavailable() bool { return e.internal().Unavailable() }

// HasCode reports whether any detail has the code.
func (e *Error) HasCode(code string) bool { return e.internal().HasCode(code) }

// Codes returns the codes of all details.
func (e *Error) Codes() []string { return e.internal().Codes() }

// internal converts e to the error of internal/transport, which has the rules for all
// errors.
func (e *Error) internal() *transport.Error {
	t := &transport.Error{
		Method: e.Method, Path: e.Path, Status: e.Status, TraceID: e.TraceID,
		RetryAfter: e.RetryAfter, Attempts: e.Attempts, Excerpt: e.Excerpt, Err: e.Err,
	}
	for _, d := range e.Details {
		t.Details = append(t.Details, transport.Detail(d))
	}
	return t
}

// public converts an error of internal/transport to an *Error.
func public(err error) error {
	var t *transport.Error
	if !errors.As(err, &t) {
		return err
	}
	e := &Error{
		Method: t.Method, Path: t.Path, Status: t.Status, TraceID: t.TraceID,
		RetryAfter: t.RetryAfter, Attempts: t.Attempts, Excerpt: t.Excerpt, Err: t.Err,
	}
	for _, d := range t.Details {
		e.Details = append(e.Details, ErrorDetail(d))
	}
	return e
}

// argumentError says which argument this package refused, and why.
type argumentError struct{ param, problem string }

func (a *argumentError) Error() string { return "invalid argument: " + a.param + " " + a.problem }

func (a *argumentError) Is(target error) bool {
	return target == ErrInvalidArgument || target == transport.ErrInvalidArgument
}

// refused returns the error for a request that is not sent.
func refused(method, path string, err error) error {
	var a *argumentError
	if !errors.As(err, &a) {
		return &Error{Method: method, Path: path, Err: fmt.Errorf("%w: %w", ErrInvalidArgument, err)}
	}
	return &Error{Method: method, Path: path, Param: a.param, Err: err}
}
