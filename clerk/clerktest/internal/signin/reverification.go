package signin

import (
	"net/url"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type reverificationResource struct {
	Object        string                        `json:"object"`
	ID            string                        `json:"id"`
	Level         string                        `json:"level"`
	Status        string                        `json:"status"`
	FirstFactors  []strategies.Factor           `json:"supported_first_factors"`
	SecondFactors []strategies.Factor           `json:"supported_second_factors"`
	First         *answers.VerificationResource `json:"first_factor_verification"`
	Second        *answers.VerificationResource `json:"second_factor_verification"`
	Session       answers.SessionResource       `json:"session"`
}

func mayReverify(s *strategies.Strategy) bool { return s.Reverify }

// onReverification works on the session of the path, its user, and the proof
// under way.
func (e *API) onReverification(c *wire.Call, work func(tx *state.Tx, rec *state.Session, u *state.User, form url.Values) error) error {
	b, s, err := e.sessions.OwnSession(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	var proof *state.Reverification
	e.Store.View(func(tx *state.Tx) {
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
	if s, err = e.Store.SessionOf(b.ClientID, s.Session.ID); err != nil {
		return err
	}
	c.Note("reverification: " + proof.Status)
	r := reverificationResource{
		Object: "session_reverification", ID: s.Session.ID, Level: proof.Level, Status: proof.Status,
		First: e.answers.VerificationResource(proof.First), Second: e.answers.VerificationResource(proof.Second),
		FirstFactors: e.strategies.FactorsOf(&s.User, false, mayReverify), Session: e.answers.FrontendSession(&s, ""),
	}
	if proof.Status == state.StatusNeedsSecond {
		r.SecondFactors = e.strategies.FactorsOf(&s.User, true, mayReverify)
	}
	return e.answers.AnswerWrapped(c, b.ClientID, r)
}

func (e *API) startReverification(c *wire.Call) error {
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

func (e *API) prepareReverification(c *wire.Call, second bool) error {
	return e.onReverification(c, func(tx *state.Tx, rec *state.Session, u *state.User, form url.Values) error {
		p, err := e.reverificationProof(tx, rec, u, form, second)
		if err != nil {
			return err
		}
		_, problem := p.Prepare(reverifies(u, second))
		return refusal.OrNil(problem)
	})
}

func (e *API) attemptReverification(c *wire.Call, second bool) error {
	return e.onReverification(c, func(tx *state.Tx, rec *state.Session, u *state.User, form url.Values) error {
		p, err := e.reverificationProof(tx, rec, u, form, second)
		if err != nil {
			return err
		}
		if _, err := p.Attempt(reverifies(u, second)); err != nil {
			return err
		}
		r, now := rec.Reverification, e.Store.Now()
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

func reverifies(u *state.User, second bool) func(*strategies.Strategy) bool {
	has := strategies.AsFactor(u, second)
	return func(s *strategies.Strategy) bool { return s.Reverify && has(s) }
}

func (e *API) reverificationProof(tx *state.Tx, rec *state.Session, u *state.User, form url.Values, second bool) (*strategies.Proof, error) {
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
	p.Form = form
	return p, nil
}

func (e *API) prepareReverificationFirst(c *wire.Call) error {
	return e.prepareReverification(c, false)
}

func (e *API) attemptReverificationFirst(c *wire.Call) error {
	return e.attemptReverification(c, false)
}

func (e *API) prepareReverificationSecond(c *wire.Call) error {
	return e.prepareReverification(c, true)
}

func (e *API) attemptReverificationSecond(c *wire.Call) error {
	return e.attemptReverification(c, true)
}
