package clerkgin_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// TestEngineBelowCookieWriter: an engine below the net/http middleware of the kit, in a
// request whose answer carries cookies. gin asks the writer for http.CloseNotifier
// without looking whether it is one, and takes connections over by itself.
func TestEngineBelowCookieWriter(t *testing.T) {
	cookie := "__session=fresh; Path=/"
	engine := gin.New()
	engine.GET("/stream", func(c *gin.Context) {
		sent := false
		c.Stream(func(w io.Writer) bool {
			if !sent {
				_, _ = io.WriteString(w, "event")
			}
			sent = !sent
			return sent
		})
	})
	engine.GET("/hijack", func(c *gin.Context) {
		conn, _, err := c.Writer.Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		header := "Set-Cookie: " + strings.Join(c.Writer.Header()["Set-Cookie"], ",") // there once the connection is taken
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n"+header+"\r\nContent-Length: 5\r\n\r\nevent")
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cw := adapter.NewCookieWriter(w, []string{cookie})
		defer cw.Finish()
		engine.ServeHTTP(cw, r)
	}))
	defer server.Close()
	for _, path := range []string{"/stream", "/hijack"} {
		res, err := server.Client().Get(server.URL + path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || string(body) != "event" || res.Header.Get("Set-Cookie") != cookie {
			t.Errorf("%s: %q %v, Set-Cookie %q, want %q", path, body, err, res.Header.Get("Set-Cookie"), cookie)
		}
	}
}
