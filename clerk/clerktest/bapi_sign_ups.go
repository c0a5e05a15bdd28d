package clerktest

import "net/http"

// backendSignUp is a sign-up as servers see it: without what only components need.
type backendSignUp struct {
	*signUpResource
	HasPassword     *struct{} `json:"has_password,omitempty"`
	ExternalAccount *struct{} `json:"external_account,omitempty"`
}

func (e *Emulator) backendSignUp(a *signUpAttempt) backendSignUp {
	r := e.signUpResource(a)
	if a.Status != statusComplete && !e.Now().Before(a.AbandonAt) {
		r.Status = "abandoned"
	}
	return backendSignUp{signUpResource: r}
}

// onBackendSignUp works on the sign-up of the path, whichever browser's it is.
func (e *Emulator) onBackendSignUp(c *call, work func(s *stateTx, a *signUpAttempt) error) error {
	var a *signUpAttempt
	var err error
	e.store.View(func(tx *stateTx) {
		a = tx.SignUps[c.param(0)]
		err = error(errNotFound("sign up with id " + quoted(c.param(0))))
		if a != nil {
			err = work(tx, a)
			a = a.snapshot()
		}
	})
	if err != nil {
		return err
	}
	c.note(c.route.operation)
	return c.ok(e.backendSignUp(a))
}

func (e *Emulator) getSignUpBAPI(c *call) error {
	return e.onBackendSignUp(c, func(*stateTx, *signUpAttempt) error { return nil })
}

func (e *Emulator) updateSignUpBAPI(c *call) error {
	var in struct {
		ExternalID   field[string] `json:"external_id"`
		CustomAction field[bool]   `json:"custom_action"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	return e.onBackendSignUp(c, func(tx *stateTx, a *signUpAttempt) error {
		if a.Status == statusComplete || !tx.now().Before(a.AbandonAt) {
			return &apiError{
				http.StatusForbidden, "sign_up_cannot_be_updated", "Sign up cannot be updated",
				"This sign up has reached a terminal state and cannot be updated", "", nil,
			}
		}
		if tx.externalIDs[in.ExternalID.Value] != "" {
			return errTaken("external_id")
		}
		if len(in.ExternalID.Value) > maxName {
			return errParam("external_id", "form_param_max_length_exceeded", "external_id should not exceed 256 characters.")
		}
		in.ExternalID.into(&a.ExternalID)
		in.CustomAction.into(&a.CustomAction)
		return nil
	})
}
