package clerktest

import (
	"net/url"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

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
func (e *Emulator) onReverification(c *call, work func(tx *state.Tx, rec *state.Session, u *state.User, form url.Values) error) error {
	b, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	var proof *state.Reverification
	e.store.View(func(tx *state.Tx) {
		rec, u := tx.Sessions[s.Session.ID], tx.Users[s.User.ID]
		switch {
		case u == nil || rec == nil || !rec.Live():
			err = refusal.SignedOut()
		default:
			if err = work(tx, rec, u, form); err == nil {
				proof = rec.Reverification.Snapshot()
			}
		}
	})
	if err != nil {
		return err
	}
	if s, err = e.store.SessionOf(b.ClientID, s.Session.ID); err != nil {
		return err
	}
	c.note("reverification: " + proof.Status)
	r := reverificationResource{
		Object: "session_reverification", ID: s.Session.ID, Level: proof.Level, Status: proof.Status,
		First: e.verificationResource(proof.First), Second: e.verificationResource(proof.Second),
		FirstFactors: e.factorsOf(&s.User, false, mayReverify), Session: e.frontendSession(&s, ""),
	}
	if proof.Status == state.StatusNeedsSecond {
		r.SecondFactors = e.factorsOf(&s.User, true, mayReverify)
	}
	return e.answerWrapped(c, b.ClientID, r)
}

func (e *Emulator) startReverification(c *call) error {
	return e.onReverification(c, func(tx *state.Tx, rec *state.Session, u *state.User, form url.Values) error {
		level := form.Get("level")
		if !slices.Contains([]string{"first_factor", "second_factor", "multi_factor"}, level) {
			return refusal.Param("level", "form_param_value_invalid", "level is none of first_factor, second_factor, multi_factor")
		}
		r := &state.Reverification{Level: level, Status: state.StatusNeedsFirst}
		if level == "second_factor" && u.HasSecondFactor() {
			r.Status = state.StatusNeedsSecond
		}
		rec.Reverification = r
		return nil
	})
}

func (e *Emulator) prepareReverification(c *call, second bool) error {
	return e.onReverification(c, func(tx *state.Tx, rec *state.Session, u *state.User, form url.Values) error {
		p, err := e.reverificationProof(tx, rec, u, form, second)
		if err != nil {
			return err
		}
		_, problem := p.prepare(reverifies(u, second))
		return refusal.OrNil(problem)
	})
}

func (e *Emulator) attemptReverification(c *call, second bool) error {
	return e.onReverification(c, func(tx *state.Tx, rec *state.Session, u *state.User, form url.Values) error {
		p, err := e.reverificationProof(tx, rec, u, form, second)
		if err != nil {
			return err
		}
		if _, err := p.attempt(reverifies(u, second)); err != nil {
			return err
		}
		r, now := rec.Reverification, e.store.Now()
		if second {
			rec.SecondFactorAt = now
		} else {
			rec.FirstFactorAt = now
		}
		r.Status = state.StatusComplete
		if r.Level == "multi_factor" && !second && u.HasSecondFactor() {
			r.Status = state.StatusNeedsSecond
		}
		rec.UpdatedAt = now
		return nil
	})
}

func reverifies(u *state.User, second bool) func(*strategy) bool {
	has := asFactor(u, second)
	return func(s *strategy) bool { return s.reverify && has(s) }
}

func (e *Emulator) reverificationProof(tx *state.Tx, rec *state.Session, u *state.User, form url.Values, second bool) (*proof, error) {
	r, want := rec.Reverification, state.StatusNeedsFirst
	if second {
		want = state.StatusNeedsSecond
	}
	if r == nil || r.Status != want {
		return nil, refusal.BadRequest("session_reverification_state_invalid", "This step does not fit the reverification. Start it again.")
	}
	like := &state.SignInAttempt{First: r.First, Second: r.Second, Identifier: u.Identifier()}
	p := signInProof(like, e, tx, u, second)
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
