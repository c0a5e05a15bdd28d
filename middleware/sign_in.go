package middleware

import (
	"context"
	"net/http"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware/internal/nethttp"
)

// WithSignInRedirect sends browsers to the sign-in page where a gate that accepts
// sessions would answer 401. They come back to the page that they asked for.
//
//   - GET and HEAD requests of browsers for a page are answered 307 to
//     [Middleware.SignInURL], with Cache-Control: no-store. A pending session is sent
//     to its tasks.
//   - Requests of htmx stay 401, with that URL in HX-Redirect, which htmx follows. It
//     leads back to the page that htmx runs in. A [WithErrorHandler] finds the field
//     in the answer's header and may delete it, for HX-Refresh where the page is gated
//     too.
//   - All others stay 401: those of scripts, forms (a POST cannot be repeated after
//     signing in), and requests with a token in the Authorization header. 403 and 503
//     stay too.
//
// After five redirects in a row, each within ten seconds of the one before, a browser
// gets the 401. That ends a redirect loop and is logged.
//
// [New] refuses the option without SignInURL and PublishableKey, and together with
// HeaderOnly. With [Choose] it applies to each Middleware that has it, and to all if
// Choose has it.
func WithSignInRedirect() Option { return func(o *options) { o.signInRedirect = true } }

// RedirectToSignIn redirects to [Middleware.SignInURL], for handlers that decide
// themselves that the user must sign in. The status is 303, so that a browser that sent
// a form gets the page by GET. Requests of htmx are answered 401 with HX-Redirect. If
// there is no URL, or after too many redirects (see [WithSignInRedirect]), the answer
// is a gate's 401.
//
// The handler must write nothing before it, and nothing after it.
func (m *Middleware) RedirectToSignIn(w http.ResponseWriter, r *http.Request) {
	m.redirect(w, r, handshake.SignInPage)
}

// RedirectToSignUp is [Middleware.RedirectToSignIn] for the sign-up page.
func (m *Middleware) RedirectToSignUp(w http.ResponseWriter, r *http.Request) {
	m.redirect(w, r, handshake.SignUpPage)
}

// SignInURL returns the URL of the sign-in page for a link: clerk.Config.SignInURL, or
// else the page of the account portal that the publishable key names. After signing in,
// the user comes back to the page of r. [handshake.Authenticator.PageURL] documents the
// parameters, and when the URL is "". In development the URL holds a token of the
// browser, so a page that shows it needs Cache-Control: no-store.
func (m *Middleware) SignInURL(r *http.Request) string { return m.pageURL(r, handshake.SignInPage) }

// SignUpURL is [Middleware.SignInURL] for the sign-up page.
func (m *Middleware) SignUpURL(r *http.Request) string { return m.pageURL(r, handshake.SignUpPage) }

func (m *Middleware) pageURL(r *http.Request, p handshake.Page) string {
	req := nethttp.NewRequest(r)
	if m = m.chosen(req); m == nil {
		return ""
	}
	return m.machine.PageURL(req, p, clerk.FromContext(r.Context()))
}

// SignInRedirect is [Middleware.RedirectToSignIn] without net/http, for adapters. The
// caller must write the fields and cookies of the decision into the response, and
// answer the failure if there is one, else 303 with Location. The identity in ctx says
// whether a session is pending.
func (m *Middleware) SignInRedirect(ctx context.Context, r handshake.Request, p handshake.Page) (d handshake.Decision, f *Failure) {
	a := clerk.FromContext(ctx)
	f = &Failure{Status: http.StatusUnauthorized, Reason: a.Reason, Err: clerk.ErrNotSignedIn, Auth: a, tokenless: true, handler: m.orNobody().errorHandler}
	if f.Reason == "" {
		f.Reason = clerk.ReasonNotAuthenticated
	}
	r = withHeader(r)
	if m = m.chosen(r); m == nil {
		return d, f
	}
	d, ok := m.machine.SignInRedirect(r, p, a)
	if !ok {
		return d, f
	}
	if _, htmx := m.machine.Navigates(r); htmx {
		d.Location, f.htmxRedirect = "", d.Location
		return d, f
	}
	return d, nil
}

func (m *Middleware) redirect(w http.ResponseWriter, r *http.Request, p handshake.Page) {
	d, f := m.SignInRedirect(r.Context(), nethttp.NewRequest(r), p)
	nethttp.SetFields(w.Header(), &d)
	for _, cookie := range d.Cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	if f != nil {
		f.Answer(w, r)
		return
	}
	w.Header().Set("Location", d.Location)
	w.WriteHeader(http.StatusSeeOther)
}

// toSignIn turns a refusal into a redirect, for [WithSignInRedirect]. It returns the
// failure that remains, nil for a redirect.
func (m *Middleware) toSignIn(r handshake.Request, d *handshake.Decision, f *Failure) *Failure {
	page, htmx := m.machine.Navigates(r)
	if !page && !htmx {
		return f
	}
	to, ok := m.machine.SignInRedirect(r, handshake.SignInPage, d.Auth)
	if !ok {
		return f
	}
	d.Cookies = append(d.Cookies, to.Cookies...)
	if htmx {
		f.htmxRedirect = to.Location
		return f
	}
	d.Location = to.Location
	return nil
}

// checkSignInRedirect returns New's error for the option.
func (m *Middleware) checkSignInRedirect(cfg clerk.Config) error {
	switch {
	case !m.signInRedirect || m.machine.HasPage(handshake.SignInPage):
		return nil
	case cfg.HeaderOnly:
		return &clerk.ConfigError{Field: "HeaderOnly", Problem: "contradicts WithSignInRedirect: a server that is only an API redirects nobody"}
	}
	return &clerk.ConfigError{Field: "SignInURL", Problem: "is empty, and so is PublishableKey: WithSignInRedirect has no page to send browsers to"}
}
