package middleware

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unsafe"
)

// TestLastingCopies: what an adaptor hands out in memory that it uses again must
// not change under a transport that is not done with it.
func TestLastingCopies(t *testing.T) {
	var buffers [][]byte
	aliased := func(s string) string {
		b := []byte(s)
		buffers = append(buffers, b)
		return unsafe.String(&b[0], len(b))
	}
	text := func(r *http.Request) string {
		var b strings.Builder
		if err := r.Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.String() + r.RequestURI + r.RemoteAddr
	}
	request := func(alias func(string) string) *http.Request {
		r := httptest.NewRequest("GET", "/", strings.NewReader("body"))
		r.Method, r.Host, r.RequestURI, r.RemoteAddr = alias("POST"), alias("app.example.com"), alias("/a%2Fb?c"), alias("192.0.2.1:1")
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = alias("/a/b"), alias("/a%2Fb"), alias("c")
		r.Header = http.Header{alias("Cookie"): {alias("__client=secret")}, alias("X-Many"): {alias("1"), alias("2")}}
		return r
	}
	want := text(request(strings.Clone))

	own, end, err := lasting(request(aliased))
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	for _, b := range buffers {
		copy(b, strings.Repeat("!", len(b)))
	}
	if got := text(own); got != want {
		t.Errorf("the request became\n%s\nwant\n%s", got, want)
	}
}

func TestLastingContext(t *testing.T) {
	type key struct{}
	parent, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "of the request"))
	own, end, err := lasting(httptest.NewRequest("GET", "/", http.NoBody).WithContext(parent))
	if err != nil {
		t.Fatal(err)
	}
	if own.Context().Value(key{}) != nil || own.Context().Err() != nil {
		t.Error("the context reaches back into the request")
	}
	cancel()
	<-own.Context().Done()
	end()

	own, end, err = lasting(httptest.NewRequest("GET", "/", http.NoBody))
	if err != nil {
		t.Fatal(err)
	}
	end()
	if own.Context().Err() == nil {
		t.Error("the context outlives the handler")
	}

	served := httptest.NewRequest("GET", "/", http.NoBody)
	served = served.WithContext(context.WithValue(served.Context(), http.ServerContextKey, &http.Server{}))
	if own, end, err = lasting(served); own != served || err != nil {
		t.Error("a request of net/http was copied")
	}
	end()

	broken := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("a"), failing{}))
	if _, _, err = lasting(broken); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a body that breaks off: %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
