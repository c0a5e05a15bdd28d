package clerktest

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// maxBody bounds what a request may send.
const maxBody = 1 << 20

// readBody reads the body of a request, and refuses more than maxBody.
func (c *call) readBody() ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &apiError{http.StatusRequestEntityTooLarge, "request_body_too_large", "Request body too large", "", "", nil}
	case err != nil:
		return nil, errBadRequest("request_body_invalid", "The request body could not be read.")
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
		return nil, &apiError{
			http.StatusUnsupportedMediaType, "unsupported_content_type", "Content-Type is not supported",
			"The request's Content-Type must be application/x-www-form-urlencoded.", "", nil,
		}
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errBadRequest("request_body_invalid", "The request body is no form.")
	}
	return values, nil
}

// decode reads a JSON body into v. Unknown fields are left alone, as Clerk does.
func (c *call) decode(v any) error {
	body, err := c.readBody()
	if err != nil {
		return err
	}
	err = json.Unmarshal(body, v)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType):
		field := wrongType.Field[strings.LastIndexByte(wrongType.Field, '.')+1:]
		return errParam(field, "form_param_type_invalid", "has the wrong type")
	}
	return errBadRequest("request_body_invalid", "The request body is no JSON object.")
}
