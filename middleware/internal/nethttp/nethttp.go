// Package nethttp is what package middleware and the adapters of frameworks on net/http
// have in common: how a request is read and how a decision is written. Package adapter
// is its public face.
package nethttp

import (
	"net/http"
	"slices"

	"github.com/clerkkit/clerkkit/handshake"
)

// NewRequest shows package handshake an http.Request.
func NewRequest(r *http.Request) handshake.Request {
	req := handshake.Request{Method: r.Method, Target: r.RequestURI, Host: r.Host, Scheme: "http", RemoteAddr: r.RemoteAddr, Header: header(r.Header)}
	if req.Target == "" && r.URL != nil { // made by hand, not read by a server
		req.Target = r.URL.RequestURI()
	}
	if r.TLS != nil {
		req.Scheme = "https"
	}
	return req
}

// header is http.Header for names that are canonical already, as those are that
// package handshake asks for.
type header http.Header

// Values implements handshake.Header.
func (h header) Values(name string) []string { return h[name] }

// SetFields puts the fields of a decision into the header of an answer, each
// replacing what it had; what the answer exposes to scripts of other origins is added
// to what CORS middleware exposes.
func SetFields(h http.Header, d *handshake.Decision) {
	for name, value := range d.Fields() {
		if name != "Access-Control-Expose-Headers" {
			h.Set(name, value)
		} else if !slices.Contains(h.Values(name), value) {
			h.Add(name, value)
		}
	}
}
