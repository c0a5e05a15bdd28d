package state

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// States of a sign-in (schema Client.SignIn).
const (
	statusNeedsIdentifier = "needs_identifier"
	StatusNeedsFirst      = "needs_first_factor"
	StatusNeedsSecond     = "needs_second_factor"
	StatusNeedsPassword   = "needs_new_password"
	StatusComplete        = "complete"
)

// attemptLifetime is how long a sign-in or sign-up waits to be finished.
const attemptLifetime = 24 * time.Hour

// SignInAttempt is a sign-in under way in one browser. A browser has one at a
// time: the next replaces it.
type SignInAttempt struct {
	ID, ClientID string
	Status       string
	Identifier   string
	UserID       string
	First        *Verification
	Second       *Verification
	SessionID    string
	Profile      *Profile // what a provider said of somebody who has no account yet
	Afar         bool     // completed by a link or provider: the page learns of it from the client
	Created      Made
	AbandonAt    time.Time
}

// Snapshot returns a copy that shares nothing that changes.
func (a *SignInAttempt) Snapshot() *SignInAttempt {
	c := *a
	c.First, c.Second = CloneOf(a.First), CloneOf(a.Second)
	return &c
}

func CloneOf[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

func (tx *Tx) NewSignIn(clientID string) *SignInAttempt {
	a := &SignInAttempt{ID: tx.IDs.Next("sia"), ClientID: clientID, Status: statusNeedsIdentifier, Created: tx.Made()}
	a.AbandonAt = a.Created.At.Add(attemptLifetime)
	return a
}

// KeepSignIn makes a sign-in the client's own, instead of the one before.
func (tx *Tx) KeepSignIn(a *SignInAttempt) {
	if c := tx.Clients[a.ClientID]; c != nil {
		delete(tx.SignIns, c.SignInID)
		c.SignInID = a.ID
		tx.SignIns[a.ID] = a
	}
}

// SignInAttempt finds a sign-in of a client. Those of others are as good as
// none.
func (tx *Tx) SignInAttempt(clientID, id string) (*SignInAttempt, error) {
	a := tx.SignIns[id]
	if a == nil || clientID == "" || a.ClientID != clientID || !tx.Now().Before(a.AbandonAt) {
		return nil, refusal.NotFound("sign in with id " + refusal.Quoted(id))
	}
	return a, nil
}

// shownSignIn is the sign-in that a client's answers show.
func (tx *Tx) shownSignIn(c *Client) *SignInAttempt {
	a, err := tx.SignInAttempt(c.ID, c.SignInID)
	if err != nil || a.Status == StatusComplete && !a.Afar {
		return nil
	}
	return a.Snapshot()
}

// Identify says who signs in.
func (tx *Tx) Identify(a *SignInAttempt, identifier string) error {
	u := tx.userByIdentifier(EmailKind.Normalize(identifier))
	if u == nil {
		return refusal.Param("identifier", "form_identifier_not_found", "Couldn't find your account.")
	}
	a.UserID, a.Identifier, a.Status = u.ID, EmailKind.Normalize(identifier), StatusNeedsFirst
	a.First, a.Second = nil, nil
	return nil
}

// AdvanceSignIn goes on after a factor was verified.
func (tx *Tx) AdvanceSignIn(a *SignInAttempt, resets bool) error {
	u := tx.Users[a.UserID]
	if u == nil {
		return refusal.Param("identifier", "form_identifier_not_found", "Couldn't find your account.")
	}
	switch {
	case resets:
		a.Status = StatusNeedsPassword
		return nil
	case u.HasSecondFactor() && (a.Second == nil || a.Second.Status != Verified):
		a.Status, a.Second = StatusNeedsSecond, nil
		return nil
	}
	in := SignIn{UserID: u.ID, ClientID: a.ClientID, SecondFactor: -1, Strategy: a.First.Strategy}
	if a.Second != nil {
		in.SecondFactor = 0
	}
	return tx.CompleteSignIn(a, in)
}

func (tx *Tx) CompleteSignIn(a *SignInAttempt, in SignIn) error {
	if u := tx.Users[in.UserID]; u != nil {
		if err := u.MayEnter(tx.Now()); err != nil {
			return err
		}
		u.FailedAttempts = 0
	}
	rec, err := tx.SignIn(in)
	if err != nil {
		return err
	}
	a.Status, a.SessionID = StatusComplete, rec.ID
	return nil
}
