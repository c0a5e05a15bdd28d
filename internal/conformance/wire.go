package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// wire is an http.RoundTripper that gives the canned answers of a case and notes
// the calls.
type wire struct {
	mu      sync.Mutex
	answers []Answer
	used    map[string]int
	calls   []Call
}

// Call is one request to the Backend API.
type Call struct {
	Method        string          `json:"method"`
	Origin        string          `json:"origin"`
	Path          string          `json:"path"`
	Query         string          `json:"query"`
	Authorization string          `json:"authorization,omitempty"`
	APIVersion    string          `json:"apiVersion,omitempty"`
	ContentType   string          `json:"contentType,omitempty"`
	Body          json.RawMessage `json:"body,omitempty"`
}

func (w *wire) load(answers []Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers, w.used, w.calls = answers, map[string]int{}, nil
}

var errNetwork = errors.New("the network is down")

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	call := Call{
		Method: r.Method, Origin: r.URL.Scheme + "://" + r.URL.Host, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
		Authorization: r.Header.Get("Authorization"), APIVersion: r.Header.Get("Clerk-Api-Version"),
		ContentType: r.Header.Get("Content-Type"),
	}
	if json.Valid(body) {
		call.Body = body
	}
	w.calls = append(w.calls, call)

	a := w.answer(call)
	if a.NetworkError != nil && a.NetworkError != false {
		return nil, errNetwork
	}
	text, kind := string(a.JSON), "application/json"
	if a.Text != nil {
		text = *a.Text
	}
	if a.ContentType != nil {
		kind = *a.ContentType
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	h := http.Header{}
	for k, v := range a.Headers {
		h.Set(k, v)
	}
	if kind != "" {
		h.Set("Content-Type", kind)
	}
	return &http.Response{
		StatusCode: a.Status, Status: http.StatusText(a.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader([]byte(text))), ContentLength: int64(len(text)), Request: r,
	}, nil
}

// answer finds the next answer for a method and path; the last one repeats.
func (w *wire) answer(c Call) Answer {
	path := c.Path
	if p, err := url.PathUnescape(path); err == nil {
		path = p
	}
	var found []Answer
	for _, a := range w.answers {
		if strings.EqualFold(a.Method, c.Method) && (a.Path == c.Path || a.Path == path) {
			found = append(found, a)
		}
	}
	if len(found) == 0 {
		return Answer{Status: http.StatusNotFound, JSON: json.RawMessage(`{"errors":[{"code":"resource_not_found","message":"not found"}]}`)}
	}
	n := w.used[c.Path]
	w.used[c.Path]++
	return found[min(n, len(found)-1)]
}
