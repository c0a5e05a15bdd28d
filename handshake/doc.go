// Package handshake decides who a request is from: signed in, signed out, to be
// redirected through the Frontend API (the handshake), or not to be found out
// just now. It is a state machine without transport: package middleware and the
// adapters feed it.
//
// [Authenticator.Authenticate] is the whole of it. A token in the Authorization header
// decides alone. For the cookies of a browser the steps are, in this order, each
// in the file of its name:
//
//   - resolve: take the answer of a handshake
//   - satellite: sync a satellite with its primary, answer a satellite's sync
//   - dev_browser: give a browser of a development instance its token
//   - authenticate: compare session token and client_uat, verify the token
//   - refresh: exchange an expired token without a redirect
//   - organization_sync: activate the organization that the URL names
//
// A step that needs to know more redirects (location, redirect_loop) where the
// request can be redirected (eligibility), and signs out for the same reason
// where not. What the cookies are is in cookies and cookie_choice, what URL the
// browser sees in forwarded, and the other kinds of tokens in machine_token.
//
// The rules are those of the official JavaScript SDK, or stricter on purpose:
// internal/conformance compares the two, and lists every difference.
package handshake
