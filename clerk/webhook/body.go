package webhook

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

// body replaces the body of a request: first the bytes that were read, then the rest.
type body struct {
	io.Reader
	io.Closer
}

// readBody reads the whole body and restores it, so that later readers can read it
// again.
func (v *Verifier) readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	if r.ContentLength > v.maxBodyBytes {
		return nil, v.tooLarge()
	}
	var buf bytes.Buffer
	// Allocate less than Content-Length says: the sender is not authenticated yet.
	buf.Grow(int(min(max(r.ContentLength, 0), 16<<10)) + bytes.MinRead)
	_, err := buf.ReadFrom(io.LimitReader(r.Body, v.maxBodyBytes+1))
	read := buf.Bytes()
	if err == nil && int64(len(read)) <= v.maxBodyBytes {
		r.Body = body{bytes.NewReader(read), r.Body}
		return read, nil
	}
	r.Body = body{io.MultiReader(bytes.NewReader(read), r.Body), r.Body}
	if tooLarge := (*http.MaxBytesError)(nil); err == nil || errors.As(err, &tooLarge) {
		refusal := v.tooLarge()
		refusal.Err = err
		return nil, refusal
	}
	return nil, &Error{Reason: ErrUnreadableBody.Reason, problem: "reading the body failed", Err: err}
}
