package bapi

import "github.com/clerkkit/clerkkit/internal/transport"

// Error is why a call failed: status, codes with parameter and long message, trace id,
// Retry-After, method and path. Its text never contains the secret key, the query string
// or the body of the answer. Get it with errors.As.
type Error = transport.Error

// ErrorDetail is one entry of the list of errors in an answer.
type ErrorDetail = transport.Detail

// Sentinels for errors.Is.
var (
	// ErrInvalidArgument: refused by this package and never sent, such as an empty ID.
	ErrInvalidArgument = transport.ErrInvalidArgument
	// ErrValidation: the API refused a parameter (400, 422).
	ErrValidation = transport.ErrValidation
	// ErrUnauthorized: the secret key is not accepted (401).
	ErrUnauthorized = transport.ErrUnauthorized
	// ErrPaymentRequired: the plan of the instance lacks the feature (402).
	ErrPaymentRequired = transport.ErrPaymentRequired
	// ErrForbidden: the instance may not do this (403).
	ErrForbidden = transport.ErrForbidden
	// ErrNotFound: no such resource (404, 410).
	ErrNotFound = transport.ErrNotFound
	// ErrConflict: the state of the resource does not allow it (409).
	ErrConflict = transport.ErrConflict
	// ErrRateLimited: too many requests (429); Error.RetryAfter says how long to wait.
	ErrRateLimited = transport.ErrRateLimited
	// ErrUnavailable: no usable answer: a lost connection, an ended context, 408, 429, 5xx,
	// a redirect, or a body that is not the operation's. It says nothing about the thing
	// asked for.
	ErrUnavailable = transport.ErrUnavailable
	// ErrTooLarge: the answer exceeds 32 MiB.
	ErrTooLarge = transport.ErrTooLarge
	// ErrUnexpectedAnswer: a 2xx answer whose body is not what the operation returns.
	ErrUnexpectedAnswer = transport.ErrUnexpectedAnswer
)
