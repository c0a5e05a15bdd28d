package clerktest

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"time"
)

// jsonObject is a member of a request that must be a JSON object, as metadata
// is.
type jsonObject json.RawMessage

// UnmarshalJSON refuses all but objects.
func (o *jsonObject) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '{' {
		return &json.UnmarshalTypeError{Value: "value", Type: reflect.TypeFor[map[string]any]()}
	}
	*o = slices.Clone(data)
	return nil
}

// raw returns the object, nil if the member is absent or null.
func (o jsonObject) raw() json.RawMessage { return json.RawMessage(o) }

// replaced returns the metadata that a request gives, or old if it gives none.
func replaced(f field[jsonObject], name string, old json.RawMessage) (json.RawMessage, error) {
	if !f.Set {
		return old, nil
	}
	return orEmpty(f.Value.raw()), metadataFits(name, f.Value.raw())
}

// merged merges the metadata that a request gives into the old.
func merged(f field[jsonObject], name string, old json.RawMessage) (json.RawMessage, error) {
	if !f.Set || f.Null {
		return old, nil
	}
	out, err := mergeJSON(orEmpty(old), f.Value.raw())
	if err != nil {
		return nil, errBody()
	}
	return out, metadataFits(name, out)
}

func metadataFits(name string, m json.RawMessage) error {
	if len(m) > maxMetadata {
		return errParam(name, "form_param_exceeds_allowed_size", name+" exceeds the maximum allowed size of 8KB")
	}
	return nil
}

// pastTime reads a time that is not in the future, in RFC 3339.
func pastTime(name, text string, now time.Time) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, text)
	switch {
	case err != nil:
		return time.Time{}, errParam(name, "form_param_format_invalid", name+" is not a time in RFC 3339 like 2012-10-20T07:15:20.902Z")
	case t.After(now):
		return time.Time{}, errParam(name, "form_disallow_future_date", "Date values must not be in the future.")
	case t.Year() < 1970:
		return time.Time{}, errParam(name, "form_param_value_invalid", name+" is before 1970")
	}
	return t, nil
}

// maxImage bounds a picture, as at Clerk.
const maxImage = 10 << 20

// image reads the picture of a multipart form, and forgets it. Other parts of the
// form are returned.
func (c *call) image() (fields map[string]string, err error) {
	kind, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, &apiError{
			http.StatusUnsupportedMediaType, "unsupported_content_type", "Content-Type is not supported",
			"The request's Content-Type must be multipart/form-data.", "", nil,
		}
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, maxImage+maxBody)
	parts, err := c.r.MultipartReader()
	if err != nil {
		return nil, errBadRequest("request_body_invalid", "The request body is no form.")
	}
	fields, found := map[string]string{}, false
	for {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // NextPart returns it as it is
			break
		}
		if err != nil {
			return nil, errBadRequest("request_body_invalid", "The request body is no form, or it is too large.")
		}
		data, err := io.ReadAll(io.LimitReader(part, maxImage+1))
		switch {
		case err != nil:
			return nil, errBadRequest("request_body_invalid", "The request body is no form, or it is too large.")
		case len(data) > maxImage:
			return nil, &apiError{
				http.StatusRequestEntityTooLarge, "image_too_large", "Image too large",
				"The image being uploaded is more than 10MB. Please choose a smaller one.", "", nil,
			}
		case part.FormName() != "file":
			fields[part.FormName()] = string(data[:min(len(data), maxName)])
			continue
		}
		found = true
		switch http.DetectContentType(data) {
		case "image/jpeg", "image/png", "image/gif", "image/webp":
		default:
			return nil, errBadRequest("request_body_invalid", "Only JPEG, PNG, GIF and WebP images are supported.")
		}
	}
	if !found {
		return nil, &apiError{http.StatusBadRequest, "form_param_missing", "Image file missing", "There was no image file present in the request", "file", nil}
	}
	return fields, nil
}

// metadataBody is the body of operations that change metadata alone.
type metadataBody struct {
	Public  field[jsonObject] `json:"public_metadata"`
	Private field[jsonObject] `json:"private_metadata"`
}

func (c *call) metadata() (in metadataBody, err error) { return in, c.decode(&in) }

// combination is replaced or merged.
type combination func(f field[jsonObject], name string, old json.RawMessage) (json.RawMessage, error)

// apply changes both kinds of metadata, or none.
func (in *metadataBody) apply(combine combination, public, private *json.RawMessage) error {
	nextPublic, err := combine(in.Public, "public_metadata", *public)
	if err != nil {
		return err
	}
	nextPrivate, err := combine(in.Private, "private_metadata", *private)
	if err != nil {
		return err
	}
	*public, *private = nextPublic, nextPrivate
	return nil
}
