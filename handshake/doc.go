// Package handshake decides about a request: signed in, signed out, redirected through
// the Frontend API (the handshake), or unknown because of an outage. It is a state
// machine that uses no HTTP library: package middleware and the adapters convert their
// requests for it.
//
// [Authenticator.Authenticate] is the entry point. A token in the Authorization header
// decides alone. The cookies of a browser go through these steps, in this order, each
// in the file of its name:
//
//   - resolve: take the answer of a handshake
//   - satellite: sync a satellite with its primary, answer a satellite's sync
//   - dev_browser: give a browser of a development instance its token
//   - authenticate: compare session token and client_uat, verify the token
//   - refresh: exchange an expired token without a redirect
//   - organization_sync: activate the organization that the URL names
//
// A step that cannot decide redirects (location, redirect_loop) if the request can be
// redirected (eligibility), and otherwise signs out with the same reason. cookies and
// cookie_choice read the cookies, forwarded computes the URL that the browser sees, and
// machine_token verifies the other kinds of tokens.
//
// The rules are those of the official JavaScript SDK, or deliberately stricter:
// internal/conformance compares the two and lists every difference.
package handshake
