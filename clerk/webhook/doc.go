// Package webhook receives Clerk's webhooks. It verifies that a delivery was signed
// with the secret of your endpoint, and returns its event.
//
// Start with:
//
//   - [New] takes the signing secret (whsec_…) and returns a [Verifier].
//   - [Verifier.Handler] returns an http.Handler that calls your function with each
//     event. Its error decides whether Clerk delivers the event again.
//   - [Verifier.VerifyRequest] and [Verifier.Verify] verify one delivery. [Decode]
//     decodes its data into your own type or a type of package bapi.
//
// Clerk sends through Svix, whose signatures follow Standard Webhooks 1.0.0
// (standardwebhooks.com): HMAC-SHA256 over message id, timestamp and body.
//
// Deliveries can repeat and arrive out of order. [Event].ID stays the same when a
// message is delivered again, so record the IDs that you have handled.
// [Event].Timestamp is the time of the event, so do not overwrite newer data with an
// older event.
package webhook
