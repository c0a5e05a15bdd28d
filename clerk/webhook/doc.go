// Package webhook receives Clerk's webhooks: it checks that a delivery was
// signed with the secret of your endpoint, and gives the event in it.
//
// The doors:
//
//   - [New] takes the signing secret (whsec_…) and gives a [Verifier].
//   - [Verifier.Handler] is a whole endpoint around a function of yours. It
//     answers so that the sender redelivers when, and only when, you want it.
//   - [Verifier.VerifyRequest] and [Verifier.Verify] check one delivery;
//     [Decode] reads its data into a type of yours or of package bapi.
//
// Clerk sends through Svix, whose signatures follow Standard Webhooks 1.0.0
// (standardwebhooks.com): HMAC-SHA256 over message id, time and body.
//
// Deliveries repeat and overtake each other. [Event].ID is the same each time a
// message is sent again, so remember those you have handled; [Event].Timestamp
// says when a thing happened, so do not let an older event undo a newer one.
package webhook
