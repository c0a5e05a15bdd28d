package bapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"
)

// File is content to upload. It is streamed and never in memory as a whole.
type File struct {
	// Name is the file name in the request. Default "file".
	Name string
	// ContentType is the media type. Default application/octet-stream, but the API
	// requires image/jpeg, image/png, image/gif or image/webp.
	ContentType string
	// Content is read to its end. The upload can be retried after a 429 only if Content is
	// an io.Seeker; it is then read again from its initial position.
	Content io.Reader
}

var quoteEscaper = strings.NewReplacer("\\", "\\\\", `"`, "\\\"", "\r", "", "\n", "")

// multipart makes the body of the request from the file and the fields of r.body.
func (s *callSettings) multipart(r request) error {
	if r.file.Content == nil {
		return &argumentError{"file", "has no content"}
	}
	fields := map[string]string{}
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return bodyError(err)
		}
		if err := json.Unmarshal(b, &fields); err != nil {
			return bodyError(err)
		}
	}
	// mime/multipart writes the parts before and after the content. The content is
	// inserted between them without a pipe or a goroutine.
	var frame bytes.Buffer
	w := multipart.NewWriter(&frame)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			return err
		}
	}
	h := textproto.MIMEHeader{}
	name := r.file.Name
	if name == "" {
		name = "file"
	}
	h.Set("Content-Disposition", `form-data; name="`+r.fileField+`"; filename="`+quoteEscaper.Replace(name)+`"`)
	h.Set("Content-Type", "application/octet-stream")
	if ct := r.file.ContentType; ct != "" {
		h.Set("Content-Type", quoteEscaper.Replace(ct))
	}
	if _, err := w.CreatePart(h); err != nil {
		return err
	}
	split := frame.Len()
	if err := w.Close(); err != nil {
		return err
	}
	head, tail := frame.Bytes()[:split], frame.Bytes()[split:]

	content := r.file.Content
	seeker, _ := content.(io.Seeker)
	start, sent := int64(0), false
	if seeker != nil {
		var err error
		if start, err = seeker.Seek(0, io.SeekCurrent); err != nil {
			seeker = nil // a pipe, for example
		}
	}
	s.req.ContentType = w.FormDataContentType()
	s.req.Stream = func() (io.ReadCloser, error) {
		if sent {
			if seeker == nil {
				return nil, errors.New("the file cannot be read again")
			}
			if _, err := seeker.Seek(start, io.SeekStart); err != nil {
				return nil, err
			}
		}
		sent = true
		return io.NopCloser(io.MultiReader(bytes.NewReader(head), content, bytes.NewReader(tail))), nil
	}
	return nil
}
