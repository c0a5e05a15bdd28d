package wire

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Picture reads what clerk-js uploads: a form with a file, or a picture in base64
// with or without the head of a data URL.
func (c *Call) Picture() (state.Image, error) {
	if c.R.Header.Get("Content-Type") != "application/octet-stream" {
		return c.Uploaded()
	}
	body, err := c.readBody()
	if err != nil {
		return state.Image{}, err
	}
	text := string(body)
	if _, data, ok := strings.Cut(text, ";base64,"); ok {
		text = data
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		data = body
	}
	return newImage(data)
}

// Uploaded reads the picture of a request: the file of a form, or the body.
func (c *Call) Uploaded() (state.Image, error) {
	c.R.Body = http.MaxBytesReader(c.W, c.R.Body, state.MaxImage+64<<10)
	kind, _, _ := mime.ParseMediaType(c.R.Header.Get("Content-Type")) // "" is none of them
	var source io.Reader = c.R.Body
	if kind == "multipart/form-data" {
		parts, err := c.R.MultipartReader()
		if err != nil {
			return state.Image{}, refusal.BadRequest("request_body_invalid", "The request body is no form.")
		}
		for {
			part, err := parts.NextPart()
			if err != nil {
				return state.Image{}, noImage(err)
			}
			if part.FormName() == "file" {
				source = part
				break
			}
		}
	}
	data, err := io.ReadAll(source)
	if err != nil {
		return state.Image{}, noImage(err)
	}
	return newImage(data)
}

// newImage accepts data that is a picture. The content decides, and not the type that the
// request names.
func newImage(data []byte) (state.Image, error) {
	if len(data) == 0 {
		return state.Image{}, noImage(nil)
	}
	if len(data) > state.MaxImage {
		return state.Image{}, errImageSize()
	}
	i := state.Image{Type: http.DetectContentType(data), Data: data}
	if !slices.Contains(state.ImageTypes, i.Type) {
		return state.Image{}, refusal.Param("file", "form_param_value_invalid", "file is not a JPEG, PNG, GIF or WebP picture")
	}
	return i, nil
}

func noImage(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errImageSize()
	}
	return &refusal.Error{
		Kind: refusal.KindBadRequest, Code: "form_param_missing", Message: "Image file missing", Long: "There was no image file present in the request", Param: "file", Meta: nil,
	}
}

func errImageSize() *refusal.Error {
	return &refusal.Error{Kind: refusal.KindTooLarge, Code: "image_too_large", Message: "Image too large", Long: "The image is larger than 10 MB.", Param: "file", Meta: nil}
}
