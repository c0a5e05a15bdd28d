package clerktest

import (
	"time"
)

// States of a sign-in (schema Client.SignIn).
const (
	statusNeedsIdentifier = "needs_identifier"
	statusNeedsFirst      = "needs_first_factor"
	statusNeedsSecond     = "needs_second_factor"
	statusNeedsPassword   = "needs_new_password"
	statusComplete        = "complete"
)

// attemptLifetime is how long a sign-in or sign-up waits to be finished.
const attemptLifetime = 24 * time.Hour

// signInAttempt is a sign-in under way in one browser. A browser has one at a
// time: the next replaces it.
type signInAttempt struct {
	ID, ClientID string
	Status       string
	Identifier   string
	UserID       string
	First        *verification
	Second       *verification
	SessionID    string
	Profile      *profile // what a provider said of somebody who has no account yet
	Afar         bool     // completed by a link or provider: the page learns of it from the client
	Created      made
	AbandonAt    time.Time
}

// snapshot returns a copy that shares nothing that changes.
func (a *signInAttempt) snapshot() *signInAttempt {
	c := *a
	c.First, c.Second = cloneOf(a.First), cloneOf(a.Second)
	return &c
}

func cloneOf[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

func (tx *stateTx) newSignIn(clientID string) *signInAttempt {
	a := &signInAttempt{ID: tx.ids.next("sia"), ClientID: clientID, Status: statusNeedsIdentifier, Created: tx.made()}
	a.AbandonAt = a.Created.At.Add(attemptLifetime)
	return a
}

// keepSignIn makes a sign-in the client's own, instead of the one before.
func (tx *stateTx) keepSignIn(a *signInAttempt) {
	if c := tx.Clients[a.ClientID]; c != nil {
		delete(tx.SignIns, c.SignInID)
		c.SignInID = a.ID
		tx.SignIns[a.ID] = a
	}
}

// signInAttempt finds a sign-in of a client. Those of others are as good as
// none.
func (tx *stateTx) signInAttempt(clientID, id string) (*signInAttempt, error) {
	a := tx.SignIns[id]
	if a == nil || clientID == "" || a.ClientID != clientID || !tx.now().Before(a.AbandonAt) {
		return nil, errNotFound("sign in with id " + quoted(id))
	}
	return a, nil
}

// shownSignIn is the sign-in that a client's answers show.
func (tx *stateTx) shownSignIn(c *client) *signInAttempt {
	a, err := tx.signInAttempt(c.ID, c.SignInID)
	if err != nil || a.Status == statusComplete && !a.Afar {
		return nil
	}
	return a.snapshot()
}

// identify says who signs in.
func (tx *stateTx) identify(a *signInAttempt, identifier string) error {
	u := tx.userByIdentifier(emailKind.normalize(identifier))
	if u == nil {
		return errParam("identifier", "form_identifier_not_found", "Couldn't find your account.")
	}
	a.UserID, a.Identifier, a.Status = u.ID, emailKind.normalize(identifier), statusNeedsFirst
	a.First, a.Second = nil, nil
	return nil
}

// advanceSignIn goes on after a factor was verified.
func (tx *stateTx) advanceSignIn(a *signInAttempt, resets bool) error {
	u := tx.Users[a.UserID]
	if u == nil {
		return errParam("identifier", "form_identifier_not_found", "Couldn't find your account.")
	}
	switch {
	case resets:
		a.Status = statusNeedsPassword
		return nil
	case u.hasSecondFactor() && (a.Second == nil || a.Second.Status != verified):
		a.Status, a.Second = statusNeedsSecond, nil
		return nil
	}
	in := signIn{userID: u.ID, clientID: a.ClientID, secondFactor: -1, strategy: a.First.Strategy}
	if a.Second != nil {
		in.secondFactor = 0
	}
	return tx.completeSignIn(a, in)
}

func (tx *stateTx) completeSignIn(a *signInAttempt, in signIn) error {
	if u := tx.Users[in.userID]; u != nil {
		if err := u.mayEnter(tx.now()); err != nil {
			return err
		}
		u.FailedAttempts = 0
	}
	rec, err := tx.signIn(in)
	if err != nil {
		return err
	}
	a.Status, a.SessionID = statusComplete, rec.ID
	return nil
}

// proof is what strategies need to work on the sign-in.
func (a *signInAttempt) proof(e *Emulator, tx *stateTx, u *user, second bool) *proof {
	p := &proof{
		e: e, tx: tx, user: u, purpose: "sign_in", first: a.Identifier,
		emails: usableOnly(u.EmailList), phones: usableOnly(u.PhoneList),
		target: linkTarget{Kind: targetSignIn, ID: a.ID, ClientID: a.ClientID},
	}
	v := &a.First
	if second {
		v = &a.Second
		p.phones = nil
		for _, i := range usableOnly(u.PhoneList) {
			if i.SecondFactor {
				p.phones = append(p.phones, i)
			}
		}
	}
	if *v == nil {
		*v = &verification{}
	}
	p.v = *v
	return p
}
