package handshake

import "time"

// Request holds the parts of an HTTP request that the state machine reads. It depends
// on no HTTP library: adapters for net/http and for fasthttp fill it.
type Request struct {
	// Method is the HTTP method in upper case.
	Method string
	// Target is the request target as it came over the wire: path and query, or
	// an absolute URL. In net/http it is http.Request.RequestURI, which routers
	// that strip prefixes leave alone.
	Target string
	// Host is the Host header, or :authority.
	Host string
	// Scheme is the scheme of the connection: "https" where this process terminates
	// TLS, else "http".
	Scheme string
	// RemoteAddr is the peer of the connection, "ip:port" as in
	// http.Request.RemoteAddr: behind a proxy the proxy's address. It is "" where it
	// is not known. No identity depends on it.
	RemoteAddr string
	// Header returns the values of header fields. http.Header implements it. nil is a
	// header without fields.
	Header Header
	// Timeout is how long finding out who the request is from may take, keys and the
	// Backend API included; what is not known by then is an outage. Zero and less mean
	// as long as the context. It is for frameworks that do not end a request's context
	// when its client goes away.
	Timeout time.Duration
}

// noHeader is an empty header.
type noHeader struct{}

func (noHeader) Values(string) []string { return nil }

// Header returns all values of a header field by its canonical name (Sec-Fetch-Dest).
// The strings must stay valid and unchanged after the request.
type Header interface {
	Values(name string) []string
}
