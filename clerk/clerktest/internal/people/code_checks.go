package people

import (
	"maps"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// maxCodeChecks bounds how many are remembered.
const maxCodeChecks = 1000

type codeCheckResource struct {
	Object   string  `json:"object"`
	ID       string  `json:"id"`
	Status   string  `json:"status"`
	Strategy string  `json:"strategy"`
	Attempts *int    `json:"attempts"`
	ExpireAt *int64  `json:"expire_at"`
	Channel  *string `json:"channel"`
}

func (e *API) codeCheckResource(v *state.CodeCheck) *codeCheckResource {
	r := &codeCheckResource{
		Object: "verification_otp", ID: v.ID, Status: v.Proof.State(e.Now()), Strategy: v.Proof.Strategy,
		Attempts: &v.Proof.Attempts, ExpireAt: wire.OptMillis(v.Proof.ExpireAt),
	}
	if r.Strategy == strategies.PhoneCodeStrategy.Name {
		r.Channel = wire.OptString("sms")
	}
	return r
}

// prepareCodeCheck sends a code.
func (e *API) prepareCodeCheck(c *wire.Call, k *state.IdentificationKind) error {
	check, userID, err := newCodeCheck(e.Store, k, c.Param(0))
	if err != nil {
		return err
	}
	c.Note("code sent to an address of " + userID)
	return c.OK(e.codeCheckResource(&check))
}

// newCodeCheck sends a code to an address or number, and tells whose it is.
func newCodeCheck(s *state.Store, k *state.IdentificationKind, id string) (check state.CodeCheck, userID string, err error) {
	return state.With3(s, func(tx *state.Tx) (check state.CodeCheck, userID string, err error) {
		u, i := owner(tx, k, id)
		if i == nil {
			return state.CodeCheck{}, "", refusal.NotFound(k.Param + " with id " + refusal.Quoted(id))
		}
		strategy, channel := strategies.EmailCodeStrategy.Name, "email"
		if k == state.PhoneKind {
			strategy, channel = strategies.PhoneCodeStrategy.Name, "sms"
		}
		if len(tx.CodeChecks) >= maxCodeChecks {
			maps.DeleteFunc(tx.CodeChecks, func(_ string, v *state.CodeCheck) bool { return !tx.Now().Before(v.Proof.ExpireAt.Add(time.Hour)) })
			if len(tx.CodeChecks) >= maxCodeChecks { // somebody sends codes by the thousands
				clear(tx.CodeChecks)
			}
		}
		v := &state.CodeCheck{ID: tx.IDs.Next("ver"), IdentificationID: i.ID, Proof: state.Verification{
			Strategy: strategy, Status: state.Unverified, ID: i.ID, Address: i.Value, Code: tx.Code(i.Value), ExpireAt: tx.Now().Add(state.CodeLifetime),
		}}
		tx.CodeChecks[v.ID] = v
		tx.Send(state.Message{Channel: channel, To: i.Value, Template: "verification_code", Code: v.Proof.Code})
		return *v, u.ID, nil
	})
}

// attemptCodeCheck answers with the state after the attempt, whether the code was
// right or not. A right one verifies the address, and signs nobody in.
func (e *API) attemptCodeCheck(c *wire.Call, k *state.IdentificationKind) error {
	var in struct {
		ID   wire.Field[string] `json:"verification_id"`
		Code wire.Field[string] `json:"code"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	switch {
	case in.ID.Value == "":
		return refusal.Missing("verification_id")
	case in.Code.Value == "":
		return refusal.Missing("code")
	}
	var v state.CodeCheck
	var err error
	e.Store.Apply(func(tx *state.Tx) {
		v, err = attemptCodeCheck(tx, k, c.Param(0), in.ID.Value, in.Code.Value)
	})
	if err != nil {
		return err
	}
	c.Note("code attempted: " + v.Proof.Status)
	return c.OK(e.codeCheckResource(&v))
}

func attemptCodeCheck(tx *state.Tx, k *state.IdentificationKind, id, check, code string) (state.CodeCheck, error) {
	u, i := owner(tx, k, id)
	if i == nil {
		return state.CodeCheck{}, refusal.NotFound(k.Param + " with id " + refusal.Quoted(id))
	}
	v := tx.CodeChecks[check]
	if v == nil || v.IdentificationID != id {
		return state.CodeCheck{}, refusal.NotFound("verification with id " + refusal.Quoted(check))
	}
	if v.Proof.Status == state.Verified {
		return state.CodeCheck{}, refusal.BadRequest("verification_already_verified", "This verification has already been verified.")
	}
	if v.Proof.CheckCode(tx.Now(), code) == nil && !i.Verified() {
		if owner := k.Taken(tx)[i.Value]; owner != "" && owner != u.ID {
			return state.CodeCheck{}, refusal.Taken(k.Param)
		}
		proof := v.Proof
		tx.ChangeIdentification(u, k, id, func(i *state.Identification) bool {
			i.Proof, i.Reserved = proof, false
			return true
		})
		changedIdentity(tx, u, "", false)
	}
	return *v, nil
}
