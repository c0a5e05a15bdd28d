// Package bapi calls Clerk's Backend API (BAPI). It has 253 operations: all 249 of API
// version 2026-05-12, and four that are missing in the published description but exist
// in @clerk/backend 3.25.0.
//
//	api, err := bapi.FromConfig(cfg) // or bapi.New(bapi.Config{SecretKey: …})
//	u, err := api.Users.Get(ctx, "user_1")
//	for u, err := range api.Users.All(ctx, bapi.UserListParams{Query: "ada"}) { … }
//	if errors.Is(err, bapi.ErrNotFound) { … }
//
// # Responses
//
// A field that is missing or null in the response has its zero value, so reading it
// never panics. Fields for which zero is a meaningful value are of type [Opt]. Enum
// types are open: the API can send values without a constant in this package. Every
// value keeps the JSON it was decoded from, including unknown fields, see [Raw].
//
// # Arguments
//
// Required arguments are positional. Optional ones are in a struct whose zero value
// sends none of them. Fields of type Opt distinguish absent (the zero value), null
// ([Null]) and a value ([Set]). A nil list and empty metadata are not sent. An empty
// list that is not nil is sent.
//
// # Errors
//
// Every error of a call is an [*Error]. Use errors.Is with the sentinels of this
// package; an outage is [ErrUnavailable]. Requests are retried if that is safe: after
// 429 for every method, respecting Retry-After; after lost connections and 502, 503,
// 504 for idempotent operations (GET, PUT, DELETE, and a few others that say so); after
// 500 for GET. If a DELETE returns [ErrNotFound] after more than one attempt
// (Error.Attempts), an earlier attempt may have succeeded.
//
// The pauses of a call add up to at most 3 seconds, unless its context has a deadline
// that allows more. If Clerk asks to wait longer, the call returns at once, and
// Error.RetryAfter says when to retry. See [Config] and [WithoutRetry].
//
// # Identifiers
//
// An identifier becomes a segment of a URL. An identifier that is empty, consists of
// dots, or has a slash, a backslash, a question mark, "#", "%", white space, a control
// character or a character that is not ASCII could reach another resource. The call
// then fails with [ErrInvalidArgument] and sends nothing. A 2xx response that lacks
// required content (null, {}, an HTML page, an item without its id) is an
// [ErrUnexpectedAnswer], never a zero value.
//
// # Operations and fields that are not known here
//
// [Client.Do] calls other operations. [WithQuery] and [WithField] add parameters to
// known ones. [Raw.RawField] reads other fields of a response.
package bapi

//go:generate go -C internal/gen run .
