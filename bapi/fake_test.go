package bapi

import (
	"bytes"
	"io"
	"net/http"
)

// response is a ResponseWriter without a network, for tests in virtual time.
type response struct {
	header http.Header
	status int
	body   []byte
}

// cut at the end of a body is where the connection is lost.
const cut = 0xFF

func (r *response) Header() http.Header { return r.header }

func (r *response) WriteHeader(status int) { r.status = status }

func (r *response) Write(b []byte) (int, error) {
	r.body = append(r.body, b...)
	return len(b), nil
}

func (r *response) result(req *http.Request) *http.Response {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	var body io.Reader = bytes.NewReader(r.body)
	if n := len(r.body); n > 0 && r.body[n-1] == cut {
		body = io.MultiReader(bytes.NewReader(r.body[:n-1]), lost{})
	}
	return &http.Response{StatusCode: r.status, Header: r.header, Body: io.NopCloser(body), Request: req}
}

type lost struct{}

func (lost) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
