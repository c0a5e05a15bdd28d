// Package browser_test has the tests that need a real browser: cookies, redirects and
// pages together. They are skipped if CLERKKIT_CHROMIUM does not name a Chromium. `make
// browser` installs one.
package browser_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// builds is the folder for programs that the tests compile.
var builds string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if os.Getenv("CLERKKIT_CHROMIUM") == "" {
		return m.Run() // every test skips
	}
	var err error
	if builds, err = os.MkdirTemp("", "browser"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(builds) }()
	defer func() {
		if d, err := chromium(); err == nil {
			d.stop()
		}
	}()
	return m.Run()
}

// errNoChromium is why the tests skip.
var errNoChromium = errors.New("skipped: CLERKKIT_CHROMIUM is not set; make browser sets it and installs the rest")

// chromium starts the browser, once for all tests.
var chromium = sync.OnceValues(func() (*driver, error) {
	if os.Getenv("CLERKKIT_CHROMIUM") == "" {
		return nil, errNoChromium
	}
	if _, err := os.Stat("node_modules"); err != nil {
		return nil, fmt.Errorf("%w; run npm ci in internal/browser", err)
	}
	return startDriver()
})

// driver is the Node.js process that controls the browser, see driver.mjs.
type driver struct {
	mu     sync.Mutex // one question at a time
	cmd    *exec.Cmd
	cancel context.CancelFunc
	in     io.WriteCloser
	out    *bufio.Reader
}

func startDriver() (*driver, error) {
	// A browser that no longer responds must not block the tests forever.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	d := &driver{cmd: exec.CommandContext(ctx, "node", "driver.mjs"), cancel: cancel}
	d.cmd.Stderr = os.Stderr
	in, err := d.cmd.StdinPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	d.in, d.out = in, bufio.NewReader(out)
	if err := d.cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	if err := d.answer(&struct{}{}); err != nil {
		d.stop()
		return nil, fmt.Errorf("the browser does not start: %w", err)
	}
	return d, nil
}

// stop ends the browser: the driver exits at the end of its input.
func (d *driver) stop() {
	_ = d.in.Close()
	_ = d.cmd.Wait()
	d.cancel()
}

// ask sends one request to the driver and decodes the result into answer.
func (d *driver) ask(request map[string]any, answer any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err = d.in.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("the driver is gone: %w", err)
	}
	return d.answer(answer)
}

// answer decodes the result of the latest request, or of the start.
func (d *driver) answer(answer any) error {
	line, err := d.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the driver is gone: %w", err)
	}
	var failed struct{ Error string }
	if err = json.Unmarshal(line, &failed); err != nil {
		return err
	}
	if failed.Error != "" {
		return errors.New(failed.Error)
	}
	return json.Unmarshal(line, answer)
}

// tab is a browser window with its own cookies.
type tab struct {
	t      *testing.T
	driver *driver
	id     int
	app    string // the origin of the application; everything else is Clerk

	refused []refusal // what the browser says of pages that came with a 4xx, which is no complaint
}

// refusal matches a console message about a 4xx response.
type refusal struct{ text, url string }

// look has the display settings of a tab.
type look struct {
	name          string
	dark          bool
	width, height int
}

// needChromium skips a test where there is no browser.
func needChromium(t *testing.T) *driver {
	t.Helper()
	d, err := chromium()
	switch {
	case errors.Is(err, errNoChromium):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	return d
}

// newTab opens a tab for the application at the origin app. At the end of the test its
// console must have no errors, and it must have sent requests only to this machine.
func newTab(t *testing.T, app string, l look) *tab {
	t.Helper()
	if l.width == 0 {
		l.width, l.height = 1100, 800
	}
	b := &tab{t: t, driver: needChromium(t), id: -1, app: app}
	var opened struct{ Tab int }
	b.do("tab", map[string]any{"dark": l.dark, "width": l.width, "height": l.height}, &opened)
	b.id = opened.Tab
	t.Cleanup(b.close)
	return b
}

func (b *tab) close() {
	var log struct{ Requests, Complaints []string }
	b.do("log", nil, &log)
	b.do("close", nil, &struct{}{})
	for _, c := range log.Complaints {
		if !slices.ContainsFunc(b.refused, func(known refusal) bool { return strings.HasPrefix(c, known.text) && strings.HasSuffix(c, known.url) }) {
			b.t.Errorf("the browser complains: %s", c)
		}
	}
	for _, r := range log.Requests {
		u, err := url.Parse(r)
		if err != nil || u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1" && !strings.HasSuffix(u.Hostname(), ".test") {
			b.t.Errorf("the browser asked for %s, which is not this machine", r)
		}
	}
	if len(log.Requests) == 0 {
		b.t.Error("the browser asked for nothing at all")
	}
}

func (b *tab) do(what string, with map[string]any, answer any) {
	b.t.Helper()
	request := map[string]any{"do": what, "tab": b.id}
	for k, v := range with {
		request[k] = v
	}
	if err := b.driver.ask(request, answer); err != nil {
		b.t.Fatalf("%s %v: %v", what, with, err)
	}
}

// hop is one response on the way to a page.
type hop struct {
	Method string
	URL    string
	Status int
	Header map[string]string // names in lower case

	who string // app or clerk
}

// String returns the hop with the kit's reason and without the query, which varies:
// "app /me 307 session-token-expired".
func (h hop) String() string {
	u, err := url.Parse(h.URL)
	if err != nil {
		return err.Error()
	}
	s := fmt.Sprintf("%s %s %d", h.who, u.Path, h.Status)
	if reason := h.Header["x-clerk-auth-reason"]; reason != "" {
		s += " " + reason
	}
	return s
}

type way []hop

func (w way) String() string {
	lines := make([]string, len(w))
	for i, h := range w {
		lines[i] = h.String()
	}
	return strings.Join(lines, "\n")
}

// open opens a URL like from the address bar, and returns the hops to the page.
func (b *tab) open(target string) way {
	b.t.Helper()
	return b.navigate("open", map[string]any{"url": target})
}

// press clicks the link or button with the name.
func (b *tab) press(name string) way {
	b.t.Helper()
	return b.navigate("press", map[string]any{"name": name})
}

func (b *tab) navigate(what string, with map[string]any) way {
	b.t.Helper()
	// A user takes longer than two seconds between clicks. The redirect-loop guard counts
	// within two seconds, in this cookie.
	b.forget(clerk.CookieRedirectCount)
	var answer struct{ Hops way }
	b.do(what, with, &answer)
	if page := answer.Hops[len(answer.Hops)-1]; page.Status >= 400 {
		b.refused = append(b.refused, refusal{
			text: fmt.Sprintf("error: Failed to load resource: the server responded with a status of %d ", page.Status),
			url:  "(" + page.URL + ")",
		})
	}
	for i, h := range answer.Hops {
		answer.Hops[i].who = "clerk"
		if strings.HasPrefix(h.URL, b.app+"/") {
			answer.Hops[i].who = "app"
		}
	}
	return answer.Hops
}

func (b *tab) fill(label, text string) {
	b.t.Helper()
	b.do("fill", map[string]any{"label": label, "text": text}, &struct{}{})
}

// forget deletes a cookie, plain and suffixed.
func (b *tab) forget(cookie string) {
	b.t.Helper()
	b.do("forget", map[string]any{"cookie": cookie}, &struct{}{})
}

// page is the visible content.
type page struct {
	URL, Title, Heading, Text string
	Rows                      [][]string // of tables
}

func (b *tab) read() page {
	b.t.Helper()
	var p page
	b.do("read", nil, &p)
	return p
}

// sees checks the heading and the texts on the page.
func (b *tab) sees(heading string, texts ...string) page {
	b.t.Helper()
	p := b.read()
	if p.Heading != heading {
		b.t.Fatalf("the page at %s is headed %q, want %q:\n%s", p.URL, p.Heading, heading, p.Text)
	}
	for _, text := range texts {
		if !strings.Contains(p.Text, text) {
			b.t.Errorf("the page at %s does not show %q:\n%s", p.URL, text, p.Text)
		}
	}
	return p
}

// cookie is a cookie of the browser.
type cookie struct {
	Name, Value, Domain, Path, SameSite string
	Secure, HTTPOnly                    bool
}

// cookies returns all cookies of the browser by name.
func (b *tab) cookies() map[string]cookie {
	b.t.Helper()
	var answer struct{ Cookies []cookie }
	b.do("cookies", nil, &answer)
	all := make(map[string]cookie)
	for _, c := range answer.Cookies {
		all[c.Name] = c
	}
	return all
}

// fits checks that nothing overflows the window to the right.
func (b *tab) fits() {
	b.t.Helper()
	var answer struct{ Overflow int }
	b.do("overflow", nil, &answer)
	if answer.Overflow > 0 {
		b.t.Errorf("the page is %d pixels wider than the window", answer.Overflow)
	}
}

// screenshot writes what the window shows.
func (b *tab) screenshot(path string) {
	b.t.Helper()
	b.do("screenshot", map[string]any{"path": path}, &struct{}{})
}

// row finds the first row of a table that holds all the texts.
func (p page) row(texts ...string) []string {
	for _, r := range p.Rows {
		if !slices.ContainsFunc(texts, func(want string) bool {
			return !slices.ContainsFunc(r, func(cell string) bool { return strings.Contains(cell, want) })
		}) {
			return r
		}
	}
	return nil
}
