package clerktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// maxBody bounds what a request may send.
const maxBody = 1 << 20

// readBody reads the body of a request, and refuses more than maxBody.
func (c *call) readBody() ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &refusal.Error{Kind: refusal.KindTooLarge, Code: "request_body_too_large", Message: "Request body too large", Long: "", Param: "", Meta: nil}
	case err != nil:
		return nil, refusal.BadRequest("request_body_invalid", "The request body could not be read.")
	}
	return body, nil
}

// form reads a body as clerk-js and the pages send it.
func (c *call) form() (url.Values, error) {
	body, err := c.readBody()
	if err != nil || len(body) == 0 {
		return url.Values{}, err
	}
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
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

// decode reads a JSON object into v, a pointer to a struct. No body is an empty
// object; fields that v does not have are refused, as Clerk does.
func (c *call) decode(v any) error { return c.decodeBody(v, true) }

// decodeLoosely leaves unknown fields alone.
func (c *call) decodeLoosely(v any) error { return c.decodeBody(v, false) }

func (c *call) decodeBody(v any, strict bool) error {
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
			return errBody()
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
	return errBody()
}

func errBody() *refusal.Error {
	return refusal.BadRequest("request_body_invalid", "The request body is no JSON object.")
}

// field is a member of a JSON object that may be absent, or null.
type field[T any] struct {
	Set   bool // it is there
	Null  bool
	Value T
}

// UnmarshalJSON is called for members that are there.
func (f *field[T]) UnmarshalJSON(data []byte) error {
	f.Set = true
	if string(data) == "null" {
		f.Null = true
		return nil
	}
	return json.Unmarshal(data, &f.Value)
}

// into sets what the member stands for, null being the zero value.
func (f *field[T]) into(v *T) {
	if f.Set {
		*v = f.Value
	}
}
