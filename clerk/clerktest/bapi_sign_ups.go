package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// backendSignUp is a sign-up as servers see it: without what only components need.
type backendSignUp struct {
	*signUpResource
	HasPassword     *struct{} `json:"has_password,omitempty"`
	ExternalAccount *struct{} `json:"external_account,omitempty"`
}

func (e *Emulator) backendSignUp(a *state.SignUpAttempt) backendSignUp {
	r := e.signUpResource(a)
	if a.Status != state.StatusComplete && !e.Now().Before(a.AbandonAt) {
		r.Status = "abandoned"
	}
	return backendSignUp{signUpResource: r}
}

// onBackendSignUp works on the sign-up of the path, whichever browser's it is.
func (e *Emulator) onBackendSignUp(c *call, work func(s *state.Tx, a *state.SignUpAttempt) error) error {
	var a *state.SignUpAttempt
	var err error
	e.store.View(func(tx *state.Tx) {
		a = tx.SignUps[c.param(0)]
		err = error(refusal.NotFound("sign up with id " + refusal.Quoted(c.param(0))))
		if a != nil {
			err = work(tx, a)
			a = a.Snapshot()
		}
	})
	if err != nil {
		return err
	}
	c.note(c.route.operation)
	return c.ok(e.backendSignUp(a))
}

func (e *Emulator) getSignUpBAPI(c *call) error {
	return e.onBackendSignUp(c, func(*state.Tx, *state.SignUpAttempt) error { return nil })
}

func (e *Emulator) updateSignUpBAPI(c *call) error {
	var in struct {
		ExternalID   field[string] `json:"external_id"`
		CustomAction field[bool]   `json:"custom_action"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	return e.onBackendSignUp(c, func(tx *state.Tx, a *state.SignUpAttempt) error {
		if a.Status == state.StatusComplete || !tx.Now().Before(a.AbandonAt) {
			return &refusal.Error{
				Kind: refusal.KindNotAllowed, Code: "sign_up_cannot_be_updated", Message: "Sign up cannot be updated",
				Long: "This sign up has reached a terminal state and cannot be updated", Param: "", Meta: nil,
			}
		}
		if tx.ExternalIDs[in.ExternalID.Value] != "" {
			return refusal.Taken("external_id")
		}
		if len(in.ExternalID.Value) > state.MaxName {
			return refusal.Param("external_id", "form_param_max_length_exceeded", "external_id should not exceed 256 characters.")
		}
		in.ExternalID.into(&a.ExternalID)
		in.CustomAction.into(&a.CustomAction)
		return nil
	})
}
