package transport

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// Sentinels for errors.Is.
var (
	// ErrInvalidArgument: this package refused the request and did not send it.
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrValidation: the API refused a parameter (400, 422). Details names it.
	ErrValidation = errors.New("invalid request")
	// ErrUnauthorized: the secret key is not accepted (401).
	ErrUnauthorized = errors.New("unauthorized")
	// ErrPaymentRequired: the plan of the instance does not include the feature (402).
	ErrPaymentRequired = errors.New("payment required")
	// ErrForbidden: the instance may not do this (403).
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound: no such resource (404, 410).
	ErrNotFound = errors.New("not found")
	// ErrConflict: the state of the resource does not allow it (409).
	ErrConflict = errors.New("conflict")
	// ErrRateLimited: too many requests (429). RetryAfter says how long to wait.
	ErrRateLimited = errors.New("rate limited")
	// ErrUnavailable: there was no usable response, see [Error.Unavailable].
	ErrUnavailable = clerk.ErrUnavailable
	// ErrTooLarge: the response exceeds the size limit.
	ErrTooLarge = errors.New("answer too large")
	// ErrUnexpectedAnswer: a 2xx response lacks required content.
	ErrUnexpectedAnswer = errors.New("unexpected answer")
)

// Error is the error of every failed call. Its text never contains the secret key, the
// query string or the body of the response.
type Error struct {
	// Method and Path of the request; Path is escaped and without query.
	Method, Path string
	// Status is the HTTP status, or 0 if there was no complete response.
	Status int
	// Details are the errors in the response, in its order. It is empty if the body was
	// not the API's error object, such as a proxy's HTML page.
	Details []Detail
	// TraceID identifies the request to Clerk's support: clerk_trace_id in the body, else
	// the X-Clerk-Trace-Id or Cf-Ray header.
	TraceID string
	// RetryAfter is how long the response asks to wait, or zero.
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

// Detail is one entry of the list of errors in a response (schema ClerkError).
type Detail struct {
	// Code is stable and machine-readable, such as "form_identifier_exists".
	Code string
	// Message is one sentence for developers.
	Message string
	// LongMessage can be shown to an end user. It can contain the user's input.
	LongMessage string
	// Param is the name of the request parameter that caused the error, or "".
	Param string
	// Meta is the raw JSON of further details.
	Meta json.RawMessage
}

// Error returns method, path, status, the code, parameter and long message of the first
// detail, the cause, RetryAfter and the trace id.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("clerk: ")
	b.WriteString(e.Method)
	b.WriteByte(' ')
	b.WriteString(e.Path)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": %d", e.Status)
		if t := http.StatusText(e.Status); t != "" {
			b.WriteString(" " + t)
		}
	}
	if len(e.Details) > 0 {
		d := e.Details[0]
		fmt.Fprintf(&b, ": %s", d.Code)
		if d.Param != "" {
			fmt.Fprintf(&b, " (%s)", d.Param)
		}
		if text := orDefault(d.LongMessage, d.Message); text != "" {
			b.WriteString(": " + text)
		}
		if more := len(e.Details) - 1; more > 0 {
			fmt.Fprintf(&b, " (and %d more)", more)
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (try again in %v)", e.RetryAfter)
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (after %d attempts)", e.Attempts)
	}
	if e.TraceID != "" {
		b.WriteString(" [trace " + e.TraceID + "]")
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the sentinels of this package by status.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrValidation:
		return e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrPaymentRequired:
		return e.Status == http.StatusPaymentRequired
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrNotFound:
		return e.Status == http.StatusNotFound || e.Status == http.StatusGone
	case ErrConflict:
		return e.Status == http.StatusConflict
	case ErrRateLimited:
		return e.Status == http.StatusTooManyRequests
	case ErrUnavailable:
		return e.Unavailable()
	}
	return false
}

// Unavailable reports whether the API gave no usable response: the connection failed,
// the caller's context ended, or the response was 408, 429, 5xx, a redirect, or a 2xx
// that lacks required content. It is false for ErrInvalidArgument.
func (e *Error) Unavailable() bool {
	if e.Status < 400 || e.Status >= 500 {
		return e.Attempts > 0
	}
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout
}

// HasCode reports whether any detail has the code.
func (e *Error) HasCode(code string) bool {
	for _, d := range e.Details {
		if d.Code == code {
			return true
		}
	}
	return false
}

// Codes returns the codes of all details.
func (e *Error) Codes() []string {
	codes := make([]string, len(e.Details))
	for i, d := range e.Details {
		codes[i] = d.Code
	}
	return codes
}

// answer fills e from a response that is not 2xx.
func (e *Error) answer(res *http.Response, body []byte, now time.Time, keys ...string) {
	e.Status = res.StatusCode
	e.RetryAfter = parseRetryAfter(res.Header.Get("Retry-After"), now)
	e.TraceID = traceHeader(res.Header)
	if id, details, ok := parseErrors(body); ok {
		for i := range details {
			d := &details[i]
			d.Code, d.Message, d.LongMessage, d.Param = line(d.Code, keys), line(d.Message, keys), line(d.LongMessage, keys), line(d.Param, keys)
			if d.Meta != nil {
				d.Meta = json.RawMessage(redact(string(d.Meta), keys...))
			}
		}
		e.Details = details
		if id = line(id, keys); id != "" {
			e.TraceID = id
		}
		return
	}
	e.Excerpt = excerpt(body, keys...)
	if res.StatusCode >= 300 && res.StatusCode <= 399 {
		host := "an unknown host"
		if u, err := url.Parse(res.Header.Get("Location")); err == nil && u.Host != "" {
			host = strconv.Quote(u.Host)
		}
		e.Err = errors.New("redirect to " + host + " not followed: no other host may get the secret key")
	}
}

// parseErrors parses the schema ClerkErrors: {"errors":[…],"clerk_trace_id":"…"}. It
// accepts an empty list. It returns false for anything else.
func parseErrors(body []byte) (trace string, details []Detail, ok bool) {
	var raw struct {
		Errors *[]struct {
			Code        string          `json:"code"`
			Message     string          `json:"message"`
			LongMessage string          `json:"long_message"`
			Meta        json.RawMessage `json:"meta"`
		} `json:"errors"`
		TraceID string `json:"clerk_trace_id"`
	}
	if json.Unmarshal(body, &raw) != nil || raw.Errors == nil {
		return "", nil, false
	}
	for _, r := range *raw.Errors {
		d := Detail{Code: r.Code, Message: r.Message, LongMessage: r.LongMessage}
		if string(r.Meta) != "null" {
			d.Meta = r.Meta
		}
		var meta struct {
			ParamName string `json:"param_name"`
		}
		if json.Unmarshal(r.Meta, &meta) == nil {
			d.Param = meta.ParamName
		}
		details = append(details, d)
	}
	return raw.TraceID, details, true
}

func traceHeader(h http.Header) string {
	for _, name := range []string{"X-Clerk-Trace-Id", "Cf-Ray"} {
		if v := h.Get(name); v != "" {
			return line(v, nil)
		}
	}
	return ""
}

func mediaType(h http.Header) string {
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return line(t, nil)
}

// answerError describes a bad 2xx body without its content. Errors of encoding/json can
// quote values.
type answerError struct {
	err         error
	contentType string
	empty       bool
}

func (a *answerError) Error() string {
	var typ *json.UnmarshalTypeError
	var lacks Lacks
	switch {
	case a.empty:
		return "the response is empty"
	case errors.As(a.err, &lacks):
		return "the response lacks " + string(lacks)
	case errors.As(a.err, &typ):
		return fmt.Sprintf("the response has a JSON %s where %q should be %s", strings.SplitN(typ.Value, " ", 2)[0], typ.Field, typ.Type)
	case a.contentType != "" && a.contentType != "application/json":
		return "the response is " + a.contentType + ", not JSON"
	}
	return "the response is not valid JSON"
}

// Lacks is the error for a JSON response that lacks required content. It names what is
// missing, for [Client.Undecodable].
type Lacks string

// Error implements the error interface.
func (l Lacks) Error() string { return "the response lacks " + string(l) }

func (a *answerError) Unwrap() error        { return a.err }
func (a *answerError) Is(target error) bool { return target == ErrUnexpectedAnswer }
