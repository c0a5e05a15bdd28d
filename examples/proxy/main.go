// Proxy is an application whose browsers reach Clerk only through the application's
// origin. clerk-js and all its requests go through middleware.Proxy, below /__clerk.
// The program runs on seven routers, to show how to mount the proxy in each:
//
//	CLERK_SECRET_KEY=sk_… CLERK_PUBLISHABLE_KEY=pk_… CLERK_PROXY_URL=/__clerk \
//	CLERK_AUTHORIZED_PARTIES=http://localhost:3000 go run ./examples/proxy -router gin
package main

import (
	"bytes"
	_ "embed"
	"flag"
	"fmt"
	"html/template"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

func main() {
	router := flag.String("router", "net/http", "net/http, chi, gin, echo, echov5, fiber or fiberv3")
	addr := flag.String("addr", "localhost:3000", "where to listen")
	flag.Parse()
	if err := run(*router, *addr); err != nil {
		log.Fatal(err)
	}
}

func run(router, addr string) error {
	serve, ok := routers[router]
	if !ok {
		return fmt.Errorf("there is no router %s", router)
	}
	cfg, err := clerk.ConfigFromEnv()
	if err != nil {
		return err
	}
	s, err := newSite(cfg)
	if err != nil {
		return err
	}
	defer s.auth.Close()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "listening on http://%s, on %s (for a Clerk of your own: go run ./clerk/clerk-emulator prints the environment)\n", ln.Addr(), router)
	return serve(s)(ln)
}

// site is the part of the application that does not depend on the router.
type site struct {
	auth  *middleware.Middleware
	proxy *middleware.Proxy

	script  string         // the element that loads clerk-js
	options map[string]any // for Clerk.load
}

func newSite(cfg clerk.Config) (*site, error) {
	// README:proxy
	auth, err := middleware.New(cfg)
	if err != nil {
		return nil, err
	}
	proxy, err := middleware.NewProxy(cfg) // cfg.ProxyURL: "/__clerk"
	if err != nil {
		return nil, err
	}
	// README:end
	script, err := cfg.ScriptTag("") // with a Content-Security-Policy: its nonce
	if err != nil {
		return nil, err
	}
	return &site{auth, proxy, script, cfg.LoadOptions()}, nil
}

//go:embed page.html
var source string

var page = template.Must(template.New("page").Parse(source))

// page returns a page that loads clerk-js like Clerk's own SDKs. It shows the identity
// that the server verified.
func (s *site) page(id clerk.Auth) []byte {
	var b bytes.Buffer
	err := page.Execute(&b, map[string]any{
		"Script": template.HTML(s.script), "Options": s.options, "UserID": id.UserID, //nolint:gosec // the kit escaped it
	})
	if err != nil {
		panic(err) // a constant template with known values
	}
	return b.Bytes()
}

// theme is a cookie of the application, which Clerk must not get.
func theme() *http.Cookie {
	return &http.Cookie{Name: "theme", Value: "dark", Path: "/", Secure: true, SameSite: http.SameSiteLaxMode} //nolint:gosec // scripts may read it
}

const htmlType = "text/html; charset=utf-8"
