package middlewaretest

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// streams are about answers that are not written in one go.
func streams() []behaviour {
	return []behaviour{
		{"streams/pieces arrive one by one", func(c *checker) {
			more := make(chan bool)
			page := Route{Method: http.MethodGet, Path: "/stream", Handle: func(x Exchange) error {
				user := x.Auth().UserID
				return x.Stream(func(send func(string)) {
					send("hello " + user + "\n")
					select {
					case <-more:
						send("bye " + user + "\n")
					case <-time.After(waitLimit):
					}
				})
			}}
			// With the kit's cookies in the answer too: what adds them must not hold
			// the stream back.
			s := c.serve(setup{production: true}, Group{Handler: true, Routes: []Route{page}})
			sess := s.signIn("a@example.com")
			withCookies, want := s.handshakeCookie(sess)
			for _, o := range []option{bearer(sess.Token()), withCookies} {
				ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
				defer cancel()
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+"/stream", http.NoBody)
				if err != nil {
					s.fatalf("request: %v", err)
				}
				o(r)
				res, err := s.client.Do(r)
				if err != nil {
					s.fatalf("no header before the stream ends: %v", err)
				}
				body := bufio.NewReader(res.Body)
				first, err := body.ReadString('\n')
				if err != nil || first != "hello "+sess.UserID+"\n" {
					s.errorf("first piece %q, %v", first, err)
				}
				select {
				case more <- true:
				case <-ctx.Done():
					s.errorf("the stream was read to its end before the first piece arrived")
				}
				rest, err := io.ReadAll(body)
				if err != nil || string(rest) != "bye "+sess.UserID+"\n" {
					s.errorf("second piece %q, %v", rest, err)
				}
				if err := res.Body.Close(); err != nil {
					s.errorf("close: %v", err)
				}
				if got := res.Header.Values("Set-Cookie"); len(got) != 0 && len(got) != len(want) {
					s.errorf("Set-Cookie fields %q", got)
				}
			}
		}},
		{"streams/hijacked connection", func(c *checker) {
			upgrade := Route{Method: http.MethodGet, Path: "/socket", Gates: []Gate{nil}, Handle: func(x Exchange) error {
				user := x.Auth().UserID
				return x.Hijack(func(conn net.Conn) {
					defer func() { _ = conn.Close() }()
					_ = conn.SetDeadline(time.Now().Add(waitLimit)) // a pipe has deadlines
					_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: lines\r\n\r\n"+user+"\n")
					line, _ := bufio.NewReader(conn).ReadString('\n')
					_, _ = io.WriteString(conn, "you said "+line) // the other end checks what arrives
				})
			}}
			s := c.serve(setup{production: true}, Group{Handler: true, Routes: []Route{upgrade}})
			sess := s.signIn("a@example.com")
			withCookies, _ := s.handshakeCookie(sess)
			for _, o := range []option{bearer(sess.Token()), withCookies} {
				s.hijack(o, sess.UserID)
			}
			if a := s.get("/socket", header("Connection", "Upgrade"), header("Upgrade", "lines")); a.status != http.StatusUnauthorized {
				s.errorf("signed out: status %d, want 401", a.status)
			}
			s.is401(s.get("/socket", bearer("garbage")), clerk.ReasonTokenInvalid)
		}},
	}
}

// hijack upgrades a connection and talks over it.
func (s *site) hijack(o option, user string) {
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	conn, err := s.ln.dial(ctx, "", "")
	if err != nil {
		s.fatalf("dial: %v", err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(waitLimit)); err != nil {
		s.fatalf("deadline: %v", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+"/socket", http.NoBody)
	if err != nil {
		s.fatalf("request: %v", err)
	}
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "lines")
	o(r)
	if err := r.Write(conn); err != nil {
		s.fatalf("write: %v", err)
	}
	reader := bufio.NewReader(conn)
	res, err := http.ReadResponse(reader, r)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		s.fatalf("upgrade: %+v, %v; want 101", res, err)
	}
	_ = res.Body.Close() // none
	if line, err := reader.ReadString('\n'); err != nil || strings.TrimSpace(line) != user {
		s.errorf("first line %q, %v; want the user %s", line, err, user)
	}
	if _, err := io.WriteString(conn, "hello\n"); err != nil {
		s.errorf("write: %v", err)
	}
	if line, err := reader.ReadString('\n'); err != nil || line != "you said hello\n" {
		s.errorf("second line %q, %v", line, err)
	}
}
