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

func (s *store) newSignInLocked(clientID string) *signInAttempt {
	a := &signInAttempt{ID: s.ids.next("sia"), ClientID: clientID, Status: statusNeedsIdentifier, Created: s.madeLocked()}
	a.AbandonAt = a.Created.At.Add(attemptLifetime)
	return a
}

// keepSignInLocked makes a sign-in the client's own, instead of the one before.
func (s *store) keepSignInLocked(a *signInAttempt) {
	if c := s.Clients[a.ClientID]; c != nil {
		delete(s.SignIns, c.SignInID)
		c.SignInID = a.ID
		s.SignIns[a.ID] = a
	}
}

// signInAttemptLocked finds a sign-in of a client. Those of others are as good as
// none.
func (s *store) signInAttemptLocked(clientID, id string) (*signInAttempt, error) {
	a := s.SignIns[id]
	if a == nil || clientID == "" || a.ClientID != clientID || !s.now().Before(a.AbandonAt) {
		return nil, errNotFound("sign in with id " + quoted(id))
	}
	return a, nil
}

// shownSignInLocked is the sign-in that a client's answers show.
func (s *store) shownSignInLocked(c *client) *signInAttempt {
	a, err := s.signInAttemptLocked(c.ID, c.SignInID)
	if err != nil || a.Status == statusComplete && !a.Afar {
		return nil
	}
	return a.snapshot()
}

// identifyLocked says who signs in.
func (s *store) identifyLocked(a *signInAttempt, identifier string) error {
	u := s.userByIdentifierLocked(emailKind.normalize(identifier))
	if u == nil {
		return errParam("identifier", "form_identifier_not_found", "Couldn't find your account.")
	}
	a.UserID, a.Identifier, a.Status = u.ID, emailKind.normalize(identifier), statusNeedsFirst
	a.First, a.Second = nil, nil
	return nil
}

// advanceSignInLocked goes on after a factor was verified.
func (s *store) advanceSignInLocked(a *signInAttempt, resets bool) error {
	u := s.Users[a.UserID]
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
	return s.completeSignInLocked(a, in)
}

func (s *store) completeSignInLocked(a *signInAttempt, in signIn) error {
	if u := s.Users[in.userID]; u != nil {
		if err := s.mayEnterLocked(u); err != nil {
			return err
		}
		u.FailedAttempts = 0
	}
	rec, err := s.signInLocked(in)
	if err != nil {
		return err
	}
	a.Status, a.SessionID = statusComplete, rec.ID
	return nil
}

// proof is what strategies need to work on the sign-in.
func (a *signInAttempt) proof(e *Emulator, u *user, second bool) *proof {
	p := &proof{
		e: e, s: e.store, user: u, purpose: "sign_in", first: a.Identifier,
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
