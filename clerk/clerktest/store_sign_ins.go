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
	id, clientID string
	status       string
	identifier   string
	userID       string
	first        *verification
	second       *verification
	sessionID    string
	profile      *profile // what a provider said of somebody who has no account yet
	afar         bool     // completed by a link or provider: the page learns of it from the client
	created      made
	abandonAt    time.Time
}

// snapshot returns a copy that shares nothing that changes.
func (a *signInAttempt) snapshot() *signInAttempt {
	c := *a
	c.first, c.second = cloneOf(a.first), cloneOf(a.second)
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
	a := &signInAttempt{id: s.ids.next("sia"), clientID: clientID, status: statusNeedsIdentifier, created: s.madeLocked()}
	a.abandonAt = a.created.at.Add(attemptLifetime)
	return a
}

// keepSignInLocked makes a sign-in the client's own, instead of the one before.
func (s *store) keepSignInLocked(a *signInAttempt) {
	if c := s.clients[a.clientID]; c != nil {
		delete(s.signIns, c.signInID)
		c.signInID = a.id
		s.signIns[a.id] = a
	}
}

// signInAttemptLocked finds a sign-in of a client. Those of others are as good as
// none.
func (s *store) signInAttemptLocked(clientID, id string) (*signInAttempt, error) {
	a := s.signIns[id]
	if a == nil || clientID == "" || a.clientID != clientID || !s.now().Before(a.abandonAt) {
		return nil, errNotFound("sign in with id " + quoted(id))
	}
	return a, nil
}

// shownSignInLocked is the sign-in that a client's answers show.
func (s *store) shownSignInLocked(c *client) *signInAttempt {
	a, err := s.signInAttemptLocked(c.id, c.signInID)
	if err != nil || a.status == statusComplete && !a.afar {
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
	a.userID, a.identifier, a.status = u.ID, emailKind.normalize(identifier), statusNeedsFirst
	a.first, a.second = nil, nil
	return nil
}

// advanceSignInLocked goes on after a factor was verified.
func (s *store) advanceSignInLocked(a *signInAttempt, resets bool) error {
	u := s.users[a.userID]
	if u == nil {
		return errParam("identifier", "form_identifier_not_found", "Couldn't find your account.")
	}
	switch {
	case resets:
		a.status = statusNeedsPassword
		return nil
	case u.hasSecondFactor() && (a.second == nil || a.second.status != verified):
		a.status, a.second = statusNeedsSecond, nil
		return nil
	}
	in := signIn{userID: u.ID, clientID: a.clientID, secondFactor: -1, strategy: a.first.strategy}
	if a.second != nil {
		in.secondFactor = 0
	}
	return s.completeSignInLocked(a, in)
}

func (s *store) completeSignInLocked(a *signInAttempt, in signIn) error {
	if u := s.users[in.userID]; u != nil && u.banned {
		return &apiError{403, "user_banned", "User banned", "This account has been banned.", "", nil}
	}
	rec, err := s.signInLocked(in)
	if err != nil {
		return err
	}
	a.status, a.sessionID = statusComplete, rec.id
	return nil
}

// proof is what strategies need to work on the sign-in.
func (a *signInAttempt) proof(e *Emulator, u *user, second bool) *proof {
	p := &proof{
		e: e, s: e.store, user: u, purpose: "sign_in", first: a.identifier,
		emails: verifiedOnly(u.emailList), phones: verifiedOnly(u.phoneList),
		target: linkTarget{kind: targetSignIn, id: a.id, clientID: a.clientID},
	}
	v := &a.first
	if second {
		v = &a.second
		p.phones = nil
		for _, i := range verifiedOnly(u.phoneList) {
			if i.secondFactor {
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
