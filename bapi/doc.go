// Package bapi calls Clerk's Backend API (BAPI). It has 253 operations: all 249 of version
// 2026-05-12, and four that the published description lacks and @clerk/backend 3.25.0 has.
//
//	api, err := bapi.FromConfig(cfg) // or bapi.New(bapi.Config{SecretKey: …})
//	u, err := api.Users.Get(ctx, "user_1")
//	for u, err := range api.Users.All(ctx, bapi.UserListParams{Query: "ada"}) { … }
//	if errors.Is(err, bapi.ErrNotFound) { … }
//
// # Answers
//
// A field that the API leaves out or sets to null has its zero value, so that reading one
// never panics. Where zero means something itself, the field is an [Opt]. Lists of values
// are open: the constants are those known today. Every answer keeps the JSON it came from,
// see [Raw]; fields that this version does not know are there.
//
// # Arguments
//
// What an operation needs is positional; what is optional is in a struct, whose zero value
// asks for nothing. Fields of type Opt tell three things apart: left out (the zero value),
// null ([Null]) and a value ([Set]). Lists and metadata are left out when they are nil or
// empty text; a list that is not nil but empty is sent.
//
// # Errors
//
// Every error of a call is an [*Error]. Decide with errors.Is and the sentinels of this
// package; an outage is [ErrUnavailable]. Requests are repeated where that is safe: 429 for
// every method, honouring Retry-After; lost connections and 502, 503, 504 for those that
// may be sent twice (GET, PUT, DELETE, and a few others that say so); 500 for GET. After
// more than one attempt, a DELETE that reports [ErrNotFound] may have worked the first
// time; Error.Attempts counts.
//
// A call pauses 3 seconds at most between its attempts, all pauses together, unless its
// context has a deadline that allows more. What Clerk asks to wait beyond that is returned
// at once, and Error.RetryAfter says when to come again. See [Config] and [WithoutRetry].
//
// # Identifiers
//
// An identifier is a part of a URL. One that is empty, has a slash, a backslash, a question
// mark, "#", "%", white space, a control character or a character that is not ASCII, or
// consists of dots, could reach another resource: the call fails with [ErrInvalidArgument],
// and nothing is sent. A 2xx answer without what the operation promises (null, {}, an HTML
// page, an item without its id) is [ErrUnexpectedAnswer], never a zero value.
//
// # What this version does not know
//
// [Client.Do] calls other operations; [WithQuery] and [WithField] add to known ones;
// [Raw.RawField] reads other fields of an answer.
package bapi

//go:generate go -C internal/gen run .
