package signin

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// backendSignUp is a sign-up as servers see it: without what only components need.
type backendSignUp struct {
	*answers.SignUpResource
	HasPassword     *struct{} `json:"has_password,omitempty"`
	ExternalAccount *struct{} `json:"external_account,omitempty"`
}

func (e *API) backendSignUp(a *state.SignUpAttempt) backendSignUp {
	r := e.answers.SignUpResource(a)
	if a.Status != state.StatusComplete && !e.Now().Before(a.AbandonAt) {
		r.Status = "abandoned"
	}
	return backendSignUp{SignUpResource: r}
}

// onBackendSignUp works on the sign-up of the path, whichever browser's it is.
func (e *API) onBackendSignUp(c *wire.Call, work func(s *state.Tx, a *state.SignUpAttempt) error) error {
	var a *state.SignUpAttempt
	var err error
	e.Store.View(func(tx *state.Tx) {
		a = tx.SignUps[c.Param(0)]
		err = error(refusal.NotFound("sign up with id " + refusal.Quoted(c.Param(0))))
		if a != nil {
			err = work(tx, a)
			a = a.Snapshot()
		}
	})
	if err != nil {
		return err
	}
	c.Note(c.Operation)
	return c.OK(e.backendSignUp(a))
}

func (e *API) getSignUpBAPI(c *wire.Call) error {
	return e.onBackendSignUp(c, func(*state.Tx, *state.SignUpAttempt) error { return nil })
}

func (e *API) updateSignUpBAPI(c *wire.Call) error {
	var in struct {
		ExternalID   wire.Field[string] `json:"external_id"`
		CustomAction wire.Field[bool]   `json:"custom_action"`
	}
	if err := c.Decode(&in); err != nil {
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
		in.ExternalID.Into(&a.ExternalID)
		in.CustomAction.Into(&a.CustomAction)
		return nil
	})
}
