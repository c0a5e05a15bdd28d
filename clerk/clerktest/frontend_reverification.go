package clerktest

import (
	"net/url"
	"slices"
)

// reverification is a session's fresh proof under way.
type reverification struct {
	Level  string // first_factor, second_factor, multi_factor
	Status string
	First  *verification
	Second *verification
}

func (r *reverification) snapshot() *reverification {
	c := *r
	c.First, c.Second = cloneOf(r.First), cloneOf(r.Second)
	return &c
}

type reverificationResource struct {
	Object        string                `json:"object"`
	ID            string                `json:"id"`
	Level         string                `json:"level"`
	Status        string                `json:"status"`
	FirstFactors  []factor              `json:"supported_first_factors"`
	SecondFactors []factor              `json:"supported_second_factors"`
	First         *verificationResource `json:"first_factor_verification"`
	Second        *verificationResource `json:"second_factor_verification"`
	Session       sessionResource       `json:"session"`
}

func mayReverify(s *strategy) bool { return s.reverify }

// onReverification works on the session of the path, its user, and the proof
// under way.
func (e *Emulator) onReverification(c *call, work func(tx *stateTx, rec *session, u *user, form url.Values) error) error {
	b, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	var proof *reverification
	e.store.View(func(tx *stateTx) {
		rec, u := tx.Sessions[s.session.ID], tx.Users[s.user.ID]
		switch {
		case u == nil || rec == nil || !rec.live():
			err = errSignedOut()
		default:
			if err = work(tx, rec, u, form); err == nil {
				proof = rec.Reverification.snapshot()
			}
		}
	})
	if err != nil {
		return err
	}
	if s, err = e.store.sessionOf(b.clientID, s.session.ID); err != nil {
		return err
	}
	c.note("reverification: " + proof.Status)
	r := reverificationResource{
		Object: "session_reverification", ID: s.session.ID, Level: proof.Level, Status: proof.Status,
		First: e.verificationResource(proof.First), Second: e.verificationResource(proof.Second),
		FirstFactors: e.factorsOf(&s.user, false, mayReverify), Session: e.frontendSession(&s, ""),
	}
	if proof.Status == statusNeedsSecond {
		r.SecondFactors = e.factorsOf(&s.user, true, mayReverify)
	}
	return e.answerWrapped(c, b.clientID, r)
}

func (e *Emulator) startReverification(c *call) error {
	return e.onReverification(c, func(tx *stateTx, rec *session, u *user, form url.Values) error {
		level := form.Get("level")
		if !slices.Contains([]string{"first_factor", "second_factor", "multi_factor"}, level) {
			return errParam("level", "form_param_value_invalid", "level is none of first_factor, second_factor, multi_factor")
		}
		r := &reverification{Level: level, Status: statusNeedsFirst}
		if level == "second_factor" && u.hasSecondFactor() {
			r.Status = statusNeedsSecond
		}
		rec.Reverification = r
		return nil
	})
}

func (e *Emulator) prepareReverification(c *call, second bool) error {
	return e.onReverification(c, func(tx *stateTx, rec *session, u *user, form url.Values) error {
		p, err := e.reverificationProof(tx, rec, u, form, second)
		if err != nil {
			return err
		}
		_, problem := p.prepare(reverifies(u, second))
		return orNil(problem)
	})
}

func (e *Emulator) attemptReverification(c *call, second bool) error {
	return e.onReverification(c, func(tx *stateTx, rec *session, u *user, form url.Values) error {
		p, err := e.reverificationProof(tx, rec, u, form, second)
		if err != nil {
			return err
		}
		if _, err := p.attempt(reverifies(u, second)); err != nil {
			return err
		}
		r, now := rec.Reverification, e.store.now()
		if second {
			rec.SecondFactorAt = now
		} else {
			rec.FirstFactorAt = now
		}
		r.Status = statusComplete
		if r.Level == "multi_factor" && !second && u.hasSecondFactor() {
			r.Status = statusNeedsSecond
		}
		rec.UpdatedAt = now
		return nil
	})
}

func reverifies(u *user, second bool) func(*strategy) bool {
	has := asFactor(u, second)
	return func(s *strategy) bool { return s.reverify && has(s) }
}

func (e *Emulator) reverificationProof(tx *stateTx, rec *session, u *user, form url.Values, second bool) (*proof, error) {
	r, want := rec.Reverification, statusNeedsFirst
	if second {
		want = statusNeedsSecond
	}
	if r == nil || r.Status != want {
		return nil, errBadRequest("session_reverification_state_invalid", "This step does not fit the reverification. Start it again.")
	}
	like := &signInAttempt{First: r.First, Second: r.Second, Identifier: u.identifier()}
	p := like.proof(e, tx, u, second)
	r.First, r.Second = like.First, like.Second
	p.form = form
	return p, nil
}

func (e *Emulator) prepareReverificationFirst(c *call) error {
	return e.prepareReverification(c, false)
}

func (e *Emulator) attemptReverificationFirst(c *call) error {
	return e.attemptReverification(c, false)
}

func (e *Emulator) prepareReverificationSecond(c *call) error {
	return e.prepareReverification(c, true)
}

func (e *Emulator) attemptReverificationSecond(c *call) error {
	return e.attemptReverification(c, true)
}
