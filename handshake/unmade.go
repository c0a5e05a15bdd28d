package handshake

import "github.com/clerkkit/clerkkit/clerk"

// errUnmade is for a caller that has an Authenticator without [New], nil for example.
var errUnmade = &clerk.ConfigError{Field: "handshake.Authenticator", Problem: "was not made by New"}

func (m *Authenticator) unmade() bool { return m == nil || m.verifier == nil }

// unmade is the decision of an Authenticator that cannot verify anything.
func unmade() Decision {
	d := signedOut("", clerk.ReasonUnexpectedError)
	d.Err = errUnmade
	return d
}
