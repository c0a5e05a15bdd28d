package bapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/clerkkit/clerkkit/internal/transport"
)

// CallOption is a setting of one call. A nil one changes nothing.
type CallOption func(*callSettings)

type callSettings struct {
	req      transport.Request
	response *Response
	query    url.Values  // replaces what the method sends
	fields   []bodyField // added to the body
	key      *string
}

type bodyField struct {
	name  string
	value any
}

// Response is an answer as it came, see [WithResponse].
type Response struct {
	// Status is the HTTP status, 2xx.
	Status int
	// Header is the header of the answer.
	Header http.Header
	// Body is the whole answer, decompressed.
	Body []byte
	// Attempts counts the times the request was sent, at least 1.
	Attempts int
}

// WithHeader adds a header to the request. Authorization, Clerk-API-Version and
// User-Agent cannot be set.
func WithHeader(key, value string) CallOption {
	return func(s *callSettings) {
		if s.req.Header == nil {
			s.req.Header = http.Header{}
		}
		s.req.Header.Add(key, value)
	}
}

// WithQuery adds a query parameter that the method does not know. One of the same name
// that the method sends is replaced; given several times, all values are sent.
func WithQuery(name, value string) CallOption {
	return func(s *callSettings) {
		if s.query == nil {
			s.query = url.Values{}
		}
		s.query.Add(name, value)
	}
}

// WithField adds a field to the JSON body that the method does not know, or replaces one.
// value is written by encoding/json; [JSON] is written as it is. On a GET, and where the
// body is a list or a file, the call fails with [ErrInvalidArgument].
func WithField(name string, value any) CallOption {
	return func(s *callSettings) { s.fields = append(s.fields, bodyField{name, value}) }
}

// WithResponse stores the answer as it came in r, also when it could not be decoded. An
// answer that is not 2xx is in the error only. A nil r stores nothing.
func WithResponse(r *Response) CallOption { return func(s *callSettings) { s.response = r } }

// WithSecretKey sends another key: a machine secret key (ak_…) for M2M tokens. An empty
// key is an [ErrInvalidArgument]: it does not stand for the client's.
func WithSecretKey(key string) CallOption { return func(s *callSettings) { s.key = &key } }

// WithoutRetry sends the request once at most.
func WithoutRetry() CallOption { return func(s *callSettings) { s.req.NoRetry = true } }

// WithTimeout bounds each attempt of this call. 0 means Config.AttemptTimeout.
func WithTimeout(d time.Duration) CallOption { return func(s *callSettings) { s.req.Timeout = d } }

// addFields puts the fields of WithField into the body.
func (s *callSettings) addFields(method string) error {
	if len(s.fields) == 0 {
		return nil
	}
	object := map[string]json.RawMessage{}
	switch {
	case method == http.MethodGet || method == http.MethodHead:
		return &argumentError{s.fields[0].name, "is a field of a body, and a " + method + " has none"}
	case s.req.Stream != nil, len(s.req.Body) > 0 && json.Unmarshal(s.req.Body, &object) != nil:
		return &argumentError{s.fields[0].name, "cannot be added to a body that is not an object"}
	}
	for _, f := range s.fields {
		value, err := json.Marshal(f.value)
		if err != nil {
			return &argumentError{f.name, "cannot be written as JSON"}
		}
		object[f.name] = value
	}
	var err error
	s.req.Body, err = json.Marshal(object)
	return err
}
