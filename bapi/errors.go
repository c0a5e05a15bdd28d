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
	// ErrInvalidArgument: refused by this package and never sent, such as an ID that is
	// empty or has a slash. Error.Param names the argument.
	ErrInvalidArgument = errors.New("bapi: invalid argument")
	// ErrValidation: the API refused a parameter (400, 422). Error.Details name it.
	ErrValidation = errors.New("bapi: invalid request")
	// ErrUnauthorized: the secret key is not accepted (401).
	ErrUnauthorized = errors.New("bapi: unauthorized")
	// ErrPaymentRequired: the plan of the instance lacks the feature (402).
	ErrPaymentRequired = errors.New("bapi: payment required")
	// ErrForbidden: the instance may not do this (403).
	ErrForbidden = errors.New("bapi: forbidden")
	// ErrNotFound: no such resource (404, 410).
	ErrNotFound = errors.New("bapi: not found")
	// ErrConflict: the state of the resource does not allow it (409).
	ErrConflict = errors.New("bapi: conflict")
	// ErrRateLimited: too many requests (429). Error.RetryAfter says how long to wait.
	ErrRateLimited = errors.New("bapi: rate limited")
	// ErrUnavailable: no usable answer, see [Error.Unavailable]. It says nothing about the
	// thing asked for. It is clerk.ErrUnavailable, which stands for every outage.
	ErrUnavailable = clerk.ErrUnavailable
	// ErrTooLarge: the answer exceeds 32 MiB.
	ErrTooLarge = errors.New("bapi: answer too large")
	// ErrUnexpectedAnswer: a 2xx answer whose body is not what the operation promises: no
	// JSON, null, or an object without its id.
	ErrUnexpectedAnswer = errors.New("bapi: unexpected answer")
)

// sentinels pairs the errors of this package with those of the layer below.
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

// Error is why a call failed. Every error of a call is one: get it with errors.As, or
// decide with errors.Is and the sentinels of this package. Its text never contains the
// secret key, the query string or the body of the answer.
type Error struct {
	// Method and Path of the request. The path is without query; where an argument was
	// refused here, its parameters stand in braces: /v1/users/{user_id}.
	Method, Path string
	// Param is the argument that was refused here, with ErrInvalidArgument: user_id, limit.
	// "" otherwise; what the API refused is named in Details.
	Param string
	// Status is the HTTP status, 0 when no complete answer arrived.
	Status int
	// Details is what the API says is wrong, in its order. Empty when the body was not
	// the API's error object: a proxy's HTML page, or nothing.
	Details []ErrorDetail
	// TraceID is what Clerk's support asks for: clerk_trace_id of the body, else the
	// X-Clerk-Trace-Id or Cf-Ray header.
	TraceID string
	// RetryAfter is how long the API asks to wait before the next request, at most a day;
	// 0 when it does not say. A 429 that would make the caller wait too long is returned
	// with it at once, see Config.MaxRetryWait.
	RetryAfter time.Duration
	// Attempts counts how often the request was sent. With more than 1, a DELETE that says
	// not found may have succeeded the first time.
	Attempts int
	// Excerpt is the beginning of a body that could not be understood: at most 200 bytes on
	// one line, keys and tokens blotted out. It is not part of Error().
	Excerpt string
	// Err is the cause when there is one: a network error, the context's, a decoding error.
	Err error
}

// ErrorDetail is one entry of the list of errors in an answer (schema ClerkError).
type ErrorDetail struct {
	// Code is stable and made for programs: "form_identifier_exists".
	Code string
	// Message is a short text for developers.
	Message string
	// LongMessage is a sentence that may be shown to an end user. It can contain what they
	// typed.
	LongMessage string
	// Param is the name of the request parameter at fault, "" when none is.
	Param string
	// Meta is the rest of what the API says, as it came.
	Meta json.RawMessage
}

// Error gives method, path, status, code, parameter and long message of the first detail,
// the cause, the wait that is asked for, and the trace id.
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

// Unavailable reports whether the API gave no answer to the question: a connection
// failed, the caller's context ended, 408, 429, 5xx, a redirect, or a 2xx whose body is
// not the operation's. A request that was refused here and never sent is not an outage.
func (e *Error) Unavailable() bool { return e.internal().Unavailable() }

// HasCode reports whether any detail carries the code.
func (e *Error) HasCode(code string) bool { return e.internal().HasCode(code) }

// Codes lists the codes of all details.
func (e *Error) Codes() []string { return e.internal().Codes() }

// internal is e as the layer below has it, which holds the rules of all errors.
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

// public makes an *Error of what the layer below returned.
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

// argumentError says which argument was refused here, and why.
type argumentError struct{ param, problem string }

func (a *argumentError) Error() string { return "invalid argument: " + a.param + " " + a.problem }

func (a *argumentError) Is(target error) bool {
	return target == ErrInvalidArgument || target == transport.ErrInvalidArgument
}

// refused is the error for a request that is not sent.
func refused(method, path string, err error) error {
	var a *argumentError
	if !errors.As(err, &a) {
		return &Error{Method: method, Path: path, Err: fmt.Errorf("%w: %w", ErrInvalidArgument, err)}
	}
	return &Error{Method: method, Path: path, Param: a.param, Err: err}
}
