package middleware_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestProxyHandsOnNoTrailer: a field behind the body (RFC 9110 section 6.5) is on no
// list, and a client announces which ones come. Neither the fields nor the
// announcement go on to the Frontend API.
func TestProxyHandsOnNoTrailer(t *testing.T) {
	up, p := newProxy(t, nil, nil)
	front := httptest.NewServer(p)
	defer front.Close()
	conn, err := net.DialTimeout("tcp", front.Listener.Addr().String(), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	_, err = io.WriteString(conn, "POST /__clerk/v1/client HTTP/1.1\r\nHost: app.example.com\r\nX-Forwarded-Proto: https\r\n"+
		"Transfer-Encoding: chunked\r\nTrailer: Clerk-Secret-Key-2, X-Real-Ip, Clerk_secret_key\r\nConnection: close\r\n\r\n"+
		"3\r\na=b\r\n0\r\nClerk-Secret-Key-2: sk_live_forged\r\nX-Real-Ip: 198.51.100.66\r\nClerk_secret_key: sk_live_forged\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
	got, body := up.got()
	if got == nil || body != "a=b" {
		t.Fatalf("the Frontend API got %v with body %q", got, body)
	}
	if len(got.Trailer) > 0 || got.Header.Get("Trailer") != "" {
		t.Errorf("handed on behind the body: %v, announced %q", got.Trailer, got.Header.Get("Trailer"))
	}
}
