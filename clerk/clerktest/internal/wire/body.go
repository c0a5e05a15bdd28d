package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Deref is "" for nil.
func Deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// MaxBody bounds what a request may send.
const MaxBody = 1 << 20

// readBody reads the body of a request, and refuses more than MaxBody.
func (c *Call) readBody() ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(c.W, c.R.Body, MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &refusal.Error{Kind: refusal.KindTooLarge, Code: "request_body_too_large", Message: "Request body too large", Long: "", Param: "", Meta: nil}
	case err != nil:
		return nil, refusal.BadRequest("request_body_invalid", "The request body could not be read.")
	}
	return body, nil
}

// Form reads a body as clerk-js and the pages send it.
func (c *Call) Form() (url.Values, error) {
	body, err := c.readBody()
	if err != nil || len(body) == 0 {
		return url.Values{}, err
	}
	kind, _, err := mime.ParseMediaType(c.R.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, &refusal.Error{
			Kind: refusal.KindMediaType, Code: "unsupported_content_type", Message: "Content-Type is not supported",
			Long: "The request's Content-Type must be application/x-www-form-urlencoded.", Param: "", Meta: nil,
		}
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, refusal.BadRequest("request_body_invalid", "The request body is no form.")
	}
	return values, nil
}

// Decode reads a JSON object into v, a pointer to a struct. No body is an empty
// object; fields that v does not have are refused, as Clerk does.
func (c *Call) Decode(v any) error { return c.decodeBody(v, true) }

// DecodeLoosely leaves unknown fields alone.
func (c *Call) DecodeLoosely(v any) error { return c.decodeBody(v, false) }

func (c *Call) decodeBody(v any, strict bool) error {
	body, err := c.readBody()
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if strict {
		d.DisallowUnknownFields()
	}
	err = d.Decode(v)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return ErrBody()
		}
		return nil
	case errors.As(err, &wrongType):
		field := wrongType.Field[strings.LastIndexByte(wrongType.Field, '.')+1:]
		return refusal.Param(field, "form_param_type_invalid", "has the wrong type")
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if name, err := strconv.Unquote(field); err == nil {
			return refusal.Param(name, "form_param_unknown", refusal.Quoted(name)+" is not a valid parameter for this request.")
		}
	}
	return ErrBody()
}

func ErrBody() *refusal.Error {
	return refusal.BadRequest("request_body_invalid", "The request body is no JSON object.")
}

// Field is a member of a JSON object that may be absent, or null.
type Field[T any] struct {
	Set   bool // it is there
	Null  bool
	Value T
}

// UnmarshalJSON is called for members that are there.
func (f *Field[T]) UnmarshalJSON(data []byte) error {
	f.Set = true
	if string(data) == "null" {
		f.Null = true
		return nil
	}
	return json.Unmarshal(data, &f.Value)
}

// Into sets what the member stands for, null being the zero value.
func (f *Field[T]) Into(v *T) {
	if f.Set {
		*v = f.Value
	}
}

// Flag is a setting of a body, which null leaves as it is.
func Flag(f Field[bool], to *bool) {
	if Given(f) {
		*to = f.Value
	}
}

// Switched is flag for settings that have a default of their own.
func Switched(f Field[bool], to **bool) {
	if Given(f) {
		value := f.Value
		*to = &value
	}
}

// Seconds reads a number of seconds as a duration, if it is one.
func Seconds(n float64) (time.Duration, bool) {
	if math.IsNaN(n) || n > math.MaxInt32*10 || n < -math.MaxInt32 {
		return 0, false
	}
	return time.Duration(n * float64(time.Second)), true
}

// PastTime reads a time in the form of RFC 3339, zero for "".
func PastTime(param, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		return at, refusal.Param(param, "form_param_invalid_time", param+" must contain a datetime specified in RFC3339 format (e.g. `2022-10-20T10:00:27.645Z`).")
	case at.After(now):
		return at, refusal.Param(param, "form_disallow_future_date", "Date values must not be in the future.")
	}
	return at, nil
}
