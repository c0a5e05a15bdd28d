package clerktest

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// uploaded reads the picture of a request: the file of a form, or the body.
func (c *call) uploaded() (state.Image, error) {
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, state.MaxImage+64<<10)
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")) // "" is none of them
	var source io.Reader = c.r.Body
	if kind == "multipart/form-data" {
		parts, err := c.r.MultipartReader()
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

// newImage takes what is a picture, whatever it was said to be.
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

// serveImage answers with a picture that was uploaded.
func (e *Emulator) serveImage(c *call) error {
	var i *state.Image
	e.store.View(func(tx *state.Tx) {
		i = tx.Images[c.param(0)]
	})
	if i == nil {
		return &refusal.Error{Kind: refusal.KindNotFound, Code: "image_not_found", Message: "Image not found", Long: "", Param: "", Meta: nil}
	}
	h := c.w.Header()
	h.Set("Content-Type", i.Type)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Access-Control-Allow-Origin", "*") // components fetch it without credentials
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = c.w.Write(i.Data) // the client may have gone
	return nil
}

// pictureURL is the address of a picture, or of the one for those who have none.
func (e *Emulator) pictureURL(id string) string {
	if id == "" {
		return e.imageURL()
	}
	return e.URL + "/static/images/" + id
}
