package bapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"
)

// response is a ResponseWriter without a network, for tests in virtual time.
type response struct {
	header http.Header
	status int
	body   []byte
}

// cut at the end of a body closes the connection there.
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

// forget clears every Raw below v.
func forget(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Raw]() {
			v.SetZero()
			return
		}
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				forget(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			forget(v.Index(i))
		}
	}
}

// transform applies f to every object, innermost first.
func transform(t *testing.T, in string, f func(map[string]any)) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(in), &v); err != nil {
		t.Fatalf("%v in %s", err, in)
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
			f(v)
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(v)
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func toNull(o map[string]any) {
	for k := range o {
		o[k] = nil
	}
}

func extend(o map[string]any) {
	if _, scalar := o["k"]; !scalar { // not in maps of strings
		o["zz_new"] = json.RawMessage(`{"later":[1]}`)
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatalf("%v in %s", err, a)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return reflect.DeepEqual(x, y)
}

// flaky is a transport that at random responds with 429, 500 or 503, hangs, truncates a
// body or loses the connection before it sends a request.
type flaky struct {
	mu    sync.Mutex
	rand  *rand.Rand
	next  http.Handler
	tries int
}

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.tries++
	n := f.rand.IntN(12)
	f.mu.Unlock()
	rec := &response{header: http.Header{}}
	switch n {
	case 0:
		rec.header.Set("Retry-After", "2")
		rec.WriteHeader(http.StatusTooManyRequests)
	case 1:
		rec.WriteHeader(http.StatusInternalServerError)
	case 2:
		rec.WriteHeader(http.StatusServiceUnavailable)
	case 3:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case 4:
		return nil, errors.New("connection reset by peer")
	default:
		f.next.ServeHTTP(rec, r)
		if n == 5 {
			rec.body = append(rec.body[:len(rec.body)/2:len(rec.body)/2], cut)
		}
	}
	return rec.result(r), nil
}
