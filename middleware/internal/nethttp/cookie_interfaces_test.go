package nethttp

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"testing"
)

// full has every interface that a writer of net/http can have.
type full struct {
	*httptest.ResponseRecorder
	pushed string
	closed chan bool
}

func (w *full) Push(target string, _ *http.PushOptions) error { w.pushed = target; return nil }
func (w *full) CloseNotify() <-chan bool                      { return w.closed }

// wrapped hides them, but for Unwrap.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// TestInterfacesOfTheWriterBelow: what handlers ask the writer for is there.
func TestInterfacesOfTheWriterBelow(t *testing.T) {
	f := &full{ResponseRecorder: httptest.NewRecorder(), closed: make(chan bool, 1)}
	var w http.ResponseWriter = NewCookieWriter(wrapped{f}, kitCookies)
	if err := w.(http.Pusher).Push("/a.css", nil); err != nil || f.pushed != "/a.css" {
		t.Errorf("Push: %q, %v", f.pushed, err)
	}
	f.closed <- true
	//lint:ignore SA1019 gin asks for it
	notifier := w.(http.CloseNotifier) //nolint:staticcheck // gin asks for it
	if !<-notifier.CloseNotify() {
		t.Error("CloseNotify")
	}
	if _, err := w.(io.StringWriter).WriteString("hello"); err != nil || f.Body.String() != "hello" || !slices.Equal(f.Result().Header["Set-Cookie"], kitCookies) {
		t.Errorf("WriteString: %q, %v, %v", f.Body, err, f.Result().Header)
	}
	if _, ok := w.(io.ReaderFrom); !ok {
		t.Error("no ReaderFrom")
	}
	bare := NewCookieWriter(httptest.NewRecorder(), kitCookies)
	if err := bare.Push("/", nil); err == nil {
		t.Error("a recorder pushed")
	}
	select {
	case <-bare.CloseNotify():
		t.Error("a recorder's client has gone")
	default:
	}
}

// TestCookiesWithAnUpgrade: a 101 that httputil.ReverseProxy passes on has the cookies.
func TestCookiesWithAnUpgrade(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: lines\r\nSet-Cookie: own=1\r\n\r\n")
		_ = conn.Close()
	}))
	defer upstream.Close()
	target, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cw := NewCookieWriter(w, kitCookies)
		defer cw.Finish()
		proxy.ServeHTTP(cw, r)
	}))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: lines\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := res.Header["Set-Cookie"]
	for _, want := range append([]string{"own=1"}, kitCookies...) {
		if !slices.Contains(got, want) {
			t.Errorf("status %d, Set-Cookie %q, want %q in it", res.StatusCode, got, want)
		}
	}
}
