package clerktest

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
)

// image is a picture that somebody uploaded. The emulator serves it itself.
type image struct {
	ID, Type string
	Data     []byte
}

// maxImage bounds a picture, as Clerk does.
const maxImage = 10 << 20

// imageTypes are those that browsers show and that cannot run scripts.
var imageTypes = []string{"image/jpeg", "image/png", "image/gif", "image/webp"}

// uploaded reads the picture of a request: the file of a form, or the body.
func (c *call) uploaded() (image, error) {
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, maxImage+64<<10)
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")) // "" is none of them
	var source io.Reader = c.r.Body
	if kind == "multipart/form-data" {
		parts, err := c.r.MultipartReader()
		if err != nil {
			return image{}, errBadRequest("request_body_invalid", "The request body is no form.")
		}
		for {
			part, err := parts.NextPart()
			if err != nil {
				return image{}, noImage(err)
			}
			if part.FormName() == "file" {
				source = part
				break
			}
		}
	}
	data, err := io.ReadAll(source)
	if err != nil {
		return image{}, noImage(err)
	}
	return newImage(data)
}

// newImage takes what is a picture, whatever it was said to be.
func newImage(data []byte) (image, error) {
	if len(data) == 0 {
		return image{}, noImage(nil)
	}
	if len(data) > maxImage {
		return image{}, errImageSize()
	}
	i := image{Type: http.DetectContentType(data), Data: data}
	if !slices.Contains(imageTypes, i.Type) {
		return image{}, errParam("file", "form_param_value_invalid", "file is not a JPEG, PNG, GIF or WebP picture")
	}
	return i, nil
}

func noImage(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errImageSize()
	}
	return &apiError{
		http.StatusBadRequest, "form_param_missing", "Image file missing", "There was no image file present in the request", "file", nil,
	}
}

func errImageSize() *apiError {
	return &apiError{http.StatusRequestEntityTooLarge, "image_too_large", "Image too large", "The image is larger than 10 MB.", "file", nil}
}

// putImage keeps a picture in place of another.
func (tx *stateTx) putImage(i image, instead string) (id string) {
	delete(tx.Images, instead)
	i.ID = tx.ids.next("img")
	tx.Images[i.ID] = &i
	return i.ID
}

// serveImage answers with a picture that was uploaded.
func (e *Emulator) serveImage(c *call) error {
	var i *image
	e.store.View(func(tx *stateTx) {
		i = tx.Images[c.param(0)]
	})
	if i == nil {
		return &apiError{http.StatusNotFound, "image_not_found", "Image not found", "", "", nil}
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
