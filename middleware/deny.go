package middleware

import (
	"context"
	"net/http"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
)

// Deny answers a request as [Middleware.Require] does, for a check that only the
// handler can make:
//
//	if err := clerk.FromContext(r.Context()).Check(clerk.Org(r.PathValue("org"))); err != nil {
//		auth.Deny(w, r, err)
//		return
//	}
//
// err is usually the error of clerk.Auth.Check: [clerk.ErrNotSignedIn] is answered 401,
// a *[clerk.DeniedError] 403, and [clerk.ErrUnavailable] 503. Every other error is
// answered 403, and so is nil: Deny never lets a request pass. The text of err is not
// in the answer. The handler must not have written anything, and must return.
func (m *Middleware) Deny(w http.ResponseWriter, r *http.Request, err error) {
	m.Failure(r.Context(), err).Answer(w, r)
}

// isNilDenial reports whether err is a nil *clerk.DeniedError.
func isNilDenial(err error) bool {
	denied, ok := err.(*clerk.DeniedError) //nolint:errorlint // the value itself, not what it wraps
	return ok && denied == nil
}

// Failure returns what [Middleware.Deny] answers, for frameworks whose handlers return
// errors. ctx carries the identity that is denied.
func (m *Middleware) Failure(ctx context.Context, err error) *Failure {
	m = m.orNobody()
	a := clerk.FromContext(ctx)
	switch {
	case a.Outage:
		err = clerk.ErrUnavailable // it is not known who this is, so nothing is missing
	case err == nil, isNilDenial(err):
		err = &clerk.DeniedError{}
	}
	return m.failure(&handshake.Decision{Auth: a, Reason: a.Reason, Cause: clerk.ContextCause(ctx)}, err)
}
