package state

import (
	"time"
)

// AllowedRedirect is a URL that native applications may be sent back to.
type AllowedRedirect struct {
	ID, URL   string
	Created   Made
	UpdatedAt time.Time
}

// CodeCheck is a verification of a server's own: a code was sent to an address
// or number, and the server asks whether that is what it was told.
type CodeCheck struct {
	ID               string
	IdentificationID string
	Proof            Verification
}

// Reverification is a session's fresh proof under way.
type Reverification struct {
	Level  string // first_factor, second_factor, multi_factor
	Status string
	First  *Verification
	Second *Verification
}

func (r *Reverification) Snapshot() *Reverification {
	c := *r
	c.First, c.Second = CloneOf(r.First), CloneOf(r.Second)
	return &c
}
