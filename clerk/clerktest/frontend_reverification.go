package clerktest

import (
	"net/url"
	"slices"
)

// reverification is a session's fresh proof under way.
type reverification struct {
	level  string // first_factor, second_factor, multi_factor
	status string
	first  *verification
	second *verification
}

func (r *reverification) snapshot() *reverification {
	c := *r
	c.first, c.second = cloneOf(r.first), cloneOf(r.second)
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
func (e *Emulator) onReverification(c *call, work func(rec *session, u *user, form url.Values) error) error {
	b, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	e.store.mu.Lock()
	rec, u := e.store.sessions[s.session.id], e.store.users[s.user.ID]
	var proof *reverification
	switch {
	case u == nil || rec == nil || !rec.live():
		err = errSignedOut()
	default:
		if err = work(rec, u, form); err == nil {
			proof = rec.reverification.snapshot()
		}
	}
	e.store.mu.Unlock()
	if err != nil {
		return err
	}
	if s, err = e.store.sessionOf(b.clientID, s.session.id); err != nil {
		return err
	}
	c.note("reverification: " + proof.status)
	r := reverificationResource{
		Object: "session_reverification", ID: s.session.id, Level: proof.level, Status: proof.status,
		First: e.verificationResource(proof.first), Second: e.verificationResource(proof.second),
		FirstFactors: factorsOf(&s.user, false, mayReverify), Session: e.frontendSession(&s, ""),
	}
	if proof.status == statusNeedsSecond {
		r.SecondFactors = factorsOf(&s.user, true, mayReverify)
	}
	return e.answerWrapped(c, b.clientID, r)
}

func (e *Emulator) startReverification(c *call) error {
	return e.onReverification(c, func(rec *session, u *user, form url.Values) error {
		level := form.Get("level")
		if !slices.Contains([]string{"first_factor", "second_factor", "multi_factor"}, level) {
			return errParam("level", "form_param_value_invalid", "level is none of first_factor, second_factor, multi_factor")
		}
		r := &reverification{level: level, status: statusNeedsFirst}
		if level == "second_factor" && u.hasSecondFactor() {
			r.status = statusNeedsSecond
		}
		rec.reverification = r
		return nil
	})
}

func (e *Emulator) prepareReverification(c *call, second bool) error {
	return e.onReverification(c, func(rec *session, u *user, form url.Values) error {
		p, err := e.reverificationProof(rec, u, form, second)
		if err != nil {
			return err
		}
		_, problem := p.prepare(reverifies(u, second))
		return orNil(problem)
	})
}

func (e *Emulator) attemptReverification(c *call, second bool) error {
	return e.onReverification(c, func(rec *session, u *user, form url.Values) error {
		p, err := e.reverificationProof(rec, u, form, second)
		if err != nil {
			return err
		}
		if _, err := p.attempt(reverifies(u, second)); err != nil {
			return err
		}
		r, now := rec.reverification, e.store.now()
		if second {
			rec.secondFactorAt = now
		} else {
			rec.firstFactorAt = now
		}
		r.status = statusComplete
		if r.level == "multi_factor" && !second && u.hasSecondFactor() {
			r.status = statusNeedsSecond
		}
		rec.updatedAt = now
		return nil
	})
}

func reverifies(u *user, second bool) func(*strategy) bool {
	has := asFactor(u, second)
	return func(s *strategy) bool { return s.reverify && has(s) }
}

func (e *Emulator) reverificationProof(rec *session, u *user, form url.Values, second bool) (*proof, error) {
	r, want := rec.reverification, statusNeedsFirst
	if second {
		want = statusNeedsSecond
	}
	if r == nil || r.status != want {
		return nil, errBadRequest("session_reverification_state_invalid", "This step does not fit the reverification. Start it again.")
	}
	like := &signInAttempt{first: r.first, second: r.second, identifier: u.identifier()}
	p := like.proof(e, u, second)
	r.first, r.second = like.first, like.second
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
