package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// runWalk runs the story of the app with a client that stores cookies like a browser.
// It prints every hop and then sends the hostile requests. It fails if a check fails.
func runWalk(ctx context.Context, out io.Writer) error {
	world, err := start("localhost:0", "localhost:0", slog.LevelError)
	if err != nil {
		return err
	}
	defer world.close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	w := &walker{ctx: ctx, out: out, world: world, client: &http.Client{
		Jar:           jar,
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	w.story()
	w.hostile()
	if w.wrong > 0 {
		return fmt.Errorf("%d of %d checks failed", w.wrong, w.checked)
	}
	fmt.Fprintf(out, "\nAll %d checks passed.\n", w.checked)
	return nil
}

type walker struct {
	ctx     context.Context //nolint:containedctx // one walk, one context
	out     io.Writer
	world   *world
	client  *http.Client
	checked int
	wrong   int
	users   int
}

// answer is the last response of a chain of redirects.
type answer struct {
	status int
	url    *url.URL
	body   string
	hops   []string // the decisions of the app
}

func (a answer) went(reason string) bool {
	for _, r := range a.hops {
		if strings.HasPrefix(r, reason) {
			return true
		}
	}
	return false
}

func (w *walker) story() {
	app, em := w.world.origin, w.world.em

	w.title("A browser that has never been here opens the public page")
	a := w.open(app + "/")
	w.check("the browser was sent to the Frontend API to get a dev browser", a.went("dev-browser-missing"))
	w.check("the page says: signed out", a.status == 200 && strings.Contains(a.body, `id="signed-out"`))

	w.title("Signed out, it opens the protected page")
	a = w.open(app + "/me")
	w.check("401", a.status == http.StatusUnauthorized)

	w.title("Bob signs in")
	a = w.signIn("bob@example.com", "a wrong password")
	w.check("a wrong password is refused", !strings.HasPrefix(a.url.String(), app))
	a = w.signIn("bob@example.com", password)
	w.check("he lands on the protected page, signed in", a.status == 200 && strings.Contains(a.body, `id="user"`))
	w.check("his organization and role were verified",
		strings.Contains(a.body, `id="org">acme`) && strings.Contains(a.body, `id="role">org:member`))

	w.title("Bob wants to create an invoice, without the permission")
	a = w.open(app + "/orgs/acme/invoices/new")
	w.check("403", a.status == http.StatusForbidden)

	w.title("Bob signs out")
	a = w.open(app + "/sign-out")
	w.check("signed out", a.status == 200 && strings.Contains(a.body, `id="signed-out"`))

	w.title("Alice, an admin, signs in and creates an invoice")
	w.signIn("alice@example.com", password)
	a = w.open(app + "/orgs/acme/invoices/new")
	w.check("200", a.status == 200)

	w.title("A minute passes: her session token has expired, her session has not")
	em.Advance(70 * time.Second)
	a = w.open(app + "/me")
	w.check("the Backend API gave a new token for the refresh cookie, without a redirect",
		a.status == 200 && len(a.hops) == 1 && w.asked("RefreshSession"))

	w.title("The same without a refresh cookie")
	w.forgetRefreshToken()
	em.Advance(70 * time.Second)
	a = w.fetch(app + "/api/me")
	w.check("a fetch cannot follow a redirect to another origin: 401", a.status == http.StatusUnauthorized && len(a.hops) == 1)
	a = w.open(app + "/me")
	w.check("a page goes through the handshake", a.status == 200 && a.went("session-token-expired"))

	w.title("The instance rotates its signing key")
	em.RotateKeys(clerktest.KeepOld)
	em.Advance(70 * time.Second)
	a = w.open(app + "/me")
	w.check("the key was fetched with its first token", a.status == 200 && strings.Contains(a.body, `id="user"`))

	w.title("The session is revoked at Clerk; a minute later the app knows")
	w.revoke(sessionID.FindString(a.body))
	em.Advance(70 * time.Second)
	a = w.open(app + "/me")
	w.check("signed out", a.status == http.StatusUnauthorized)
	w.signIn("alice@example.com", password)

	w.title("She opens a page of her personal account, then one of Acme: the URL decides which organization is active")
	a = w.open(app + "/orgs/nobody")
	w.check("an organization that she is not a member of: still Acme, no redirect loop", a.status == 200)
	a = w.open(app + "/orgs/acme")
	w.check("Acme", a.status == 200 && strings.Contains(a.body, `id="org">acme`))

	w.title("Alice signs out")
	a = w.open(app + "/sign-out")
	w.check("signed out", strings.Contains(a.body, `id="signed-out"`))
	a = w.open(app + "/me")
	w.check("401", a.status == http.StatusUnauthorized)
}

// signIn goes through the emulator's sign-in page.
func (w *walker) signIn(email, password string) answer {
	a := w.open(w.world.origin + "/sign-in")
	form := inputs(a.body)
	form.Set("identifier", email)
	form.Set("password", password)
	target := a.url
	if m := formAction.FindStringSubmatch(a.body); m != nil {
		var err error
		if target, err = a.url.Parse(html.UnescapeString(m[1])); err != nil {
			w.fail(err)
			return a
		}
	}
	return w.follow(http.MethodPost, target.String(), form, documentHeader())
}

var (
	formAction = regexp.MustCompile(`<form[^>]*\saction="([^"]*)"`)
	hidden     = regexp.MustCompile(`<input[^>]*type="hidden"[^>]*>`)
	nameOf     = regexp.MustCompile(`name="([^"]*)"`)
	valueOf    = regexp.MustCompile(`value="([^"]*)"`)
)

func inputs(page string) url.Values {
	form := url.Values{}
	for _, input := range hidden.FindAllString(page, -1) {
		name, value := nameOf.FindStringSubmatch(input), valueOf.FindStringSubmatch(input)
		if name != nil && value != nil {
			form.Set(html.UnescapeString(name[1]), html.UnescapeString(value[1]))
		}
	}
	return form
}

// documentHeader returns the header of a browser's page request.
func documentHeader() http.Header {
	return http.Header{"Accept": {"text/html,application/xhtml+xml"}, "Sec-Fetch-Dest": {"document"}}
}

func (w *walker) open(target string) answer {
	return w.follow(http.MethodGet, target, nil, documentHeader())
}

func (w *walker) fetch(target string) answer {
	return w.follow(http.MethodGet, target, nil, http.Header{"Accept": {"application/json"}, "Sec-Fetch-Dest": {"empty"}})
}

const maxHops = 12

// asked reports whether the last call to the emulator was the operation.
func (w *walker) asked(operation string) bool {
	calls := w.world.em.Requests()
	return len(calls) > 0 && calls[len(calls)-1].Operation == operation
}

func (w *walker) forgetRefreshToken() {
	app, err := url.Parse(w.world.origin)
	if err != nil {
		return
	}
	for _, c := range w.client.Jar.Cookies(app) {
		if strings.HasPrefix(c.Name, clerk.CookieRefresh) {
			w.client.Jar.SetCookies(app, []*http.Cookie{{Name: c.Name, Path: "/", MaxAge: -1}})
		}
	}
}

// pause simulates the seconds between two clicks of a user: the redirect-loop guard
// counts handshakes within two seconds, in a cookie.
func (w *walker) pause() {
	app, err := url.Parse(w.world.origin)
	if err != nil {
		return
	}
	for _, path := range []string{"/", "/orgs", "/orgs/acme"} { // the cookie has no Path, so it belongs to the folder of the page
		w.client.Jar.SetCookies(app, []*http.Cookie{{Name: clerk.CookieRedirectCount, Path: path, MaxAge: -1}})
	}
}

var sessionID = regexp.MustCompile(`sess_\w+`)

// revoke ends a session through the Backend API.
func (w *walker) revoke(session string) {
	em := w.world.em
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, em.URL+"/v1/sessions/"+session+"/revoke", http.NoBody)
	if err != nil {
		w.fail(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+em.SecretKey())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.fail(err)
		return
	}
	defer res.Body.Close() //nolint:errcheck // not read
	w.check("the Backend API revoked it", res.StatusCode == http.StatusOK)
}

// follow sends a request and follows its redirects, printing each hop.
func (w *walker) follow(method, target string, form url.Values, header http.Header) answer {
	w.pause()
	var a answer
	for range maxHops {
		var body io.Reader
		if form != nil {
			body = strings.NewReader(form.Encode())
		}
		req, err := http.NewRequestWithContext(w.ctx, method, target, body)
		if err != nil {
			w.fail(err)
			return a
		}
		req.Header = header.Clone()
		if form != nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Origin", req.URL.Scheme+"://"+req.URL.Host)
		}
		start := time.Now()
		res, err := w.client.Do(req)
		if err != nil {
			w.fail(err)
			return a
		}
		text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		if err = errors.Join(err, res.Body.Close()); err != nil {
			w.fail(err)
			return a
		}
		a.status, a.url, a.body = res.StatusCode, req.URL, string(text)
		w.hop(req, res, time.Since(start), &a)
		location, err := res.Location()
		if err != nil {
			return a
		}
		target = location.String()
		if res.StatusCode != http.StatusTemporaryRedirect {
			method, form = http.MethodGet, nil
		}
	}
	w.fail(fmt.Errorf("more than %d redirects", maxHops))
	return a
}

// hop prints a request, its decision and the reason.
func (w *walker) hop(req *http.Request, res *http.Response, took time.Duration, a *answer) {
	who, decision := "clerk", ""
	if strings.HasPrefix(req.URL.String(), w.world.origin) {
		who, decision = "app", "signed-in"
		a.hops = append(a.hops, decision)
		if s := res.Header.Get("X-Clerk-Auth-Status"); s != "" {
			reason := res.Header.Get("X-Clerk-Auth-Reason")
			a.hops[len(a.hops)-1] = reason
			decision = s + " (" + reason + ")"
		}
	}
	target := shorten(req.URL.RequestURI())
	if len(target) > 76 {
		target = target[:75] + "…"
	}
	fmt.Fprintf(w.out, "  %-5s %-4s %-76s %d %-8s %s\n", who, req.Method, target, res.StatusCode,
		took.Round(10*time.Microsecond), decision)
}

func (w *walker) title(text string) { fmt.Fprintf(w.out, "\n%s\n", text) }

func (w *walker) check(what string, ok bool) {
	w.checked++
	mark := "ok   "
	if !ok {
		w.wrong++
		mark = "WRONG"
	}
	fmt.Fprintf(w.out, "  %s %s\n", mark, what)
}

func (w *walker) fail(err error) { w.check(err.Error(), false) }
