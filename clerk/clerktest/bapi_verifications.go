package clerktest

import (
	"maps"
	"time"
)

// codeCheck is a verification of a server's own: a code was sent to an address
// or number, and the server asks whether that is what it was told.
type codeCheck struct {
	ID               string
	IdentificationID string
	Proof            verification
}

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

func (e *Emulator) codeCheckResource(v *codeCheck) *codeCheckResource {
	r := &codeCheckResource{
		Object: "verification_otp", ID: v.ID, Status: v.Proof.state(e.Now()), Strategy: v.Proof.Strategy,
		Attempts: &v.Proof.Attempts, ExpireAt: optMillis(v.Proof.ExpireAt),
	}
	if r.Strategy == phoneCodeStrategy.name {
		r.Channel = optString("sms")
	}
	return r
}

// prepareCodeCheck sends a code.
func (e *Emulator) prepareCodeCheck(c *call, k *identificationKind) error {
	check, userID, err := e.store.newCodeCheck(k, c.param(0))
	if err != nil {
		return err
	}
	c.note("code sent to an address of " + userID)
	return c.ok(e.codeCheckResource(&check))
}

// newCodeCheck sends a code to an address or number, and tells whose it is.
func (s *store) newCodeCheck(k *identificationKind, id string) (check codeCheck, userID string, err error) {
	return with3(s, func(tx *stateTx) (check codeCheck, userID string, err error) {
		u, i := tx.owner(k, id)
		if i == nil {
			return codeCheck{}, "", errNotFound(k.param + " with id " + quoted(id))
		}
		strategy, channel := emailCodeStrategy.name, "email"
		if k == phoneKind {
			strategy, channel = phoneCodeStrategy.name, "sms"
		}
		if len(tx.CodeChecks) >= maxCodeChecks {
			maps.DeleteFunc(tx.CodeChecks, func(_ string, v *codeCheck) bool { return !tx.now().Before(v.Proof.ExpireAt.Add(time.Hour)) })
			if len(tx.CodeChecks) >= maxCodeChecks { // somebody sends codes by the thousands
				clear(tx.CodeChecks)
			}
		}
		v := &codeCheck{ID: tx.ids.next("ver"), IdentificationID: i.ID, Proof: verification{
			Strategy: strategy, Status: unverified, ID: i.ID, Address: i.Value, Code: tx.code(i.Value), ExpireAt: tx.now().Add(codeLifetime),
		}}
		tx.CodeChecks[v.ID] = v
		tx.send(Message{Channel: channel, To: i.Value, Template: "verification_code", Code: v.Proof.Code})
		return *v, u.ID, nil
	})
}

// attemptCodeCheck answers with the state after the attempt, whether the code was
// right or not. A right one verifies the address, and signs nobody in.
func (e *Emulator) attemptCodeCheck(c *call, k *identificationKind) error {
	var in struct {
		ID   field[string] `json:"verification_id"`
		Code field[string] `json:"code"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	switch {
	case in.ID.Value == "":
		return errMissing("verification_id")
	case in.Code.Value == "":
		return errMissing("code")
	}
	var v codeCheck
	var err error
	e.store.Apply(func(tx *stateTx) {
		v, err = tx.attemptCodeCheck(k, c.param(0), in.ID.Value, in.Code.Value)
	})
	if err != nil {
		return err
	}
	c.note("code attempted: " + v.Proof.Status)
	return c.ok(e.codeCheckResource(&v))
}

func (tx *stateTx) attemptCodeCheck(k *identificationKind, id, check, code string) (codeCheck, error) {
	u, i := tx.owner(k, id)
	if i == nil {
		return codeCheck{}, errNotFound(k.param + " with id " + quoted(id))
	}
	v := tx.CodeChecks[check]
	if v == nil || v.IdentificationID != id {
		return codeCheck{}, errNotFound("verification with id " + quoted(check))
	}
	if v.Proof.Status == verified {
		return codeCheck{}, errBadRequest("verification_already_verified", "This verification has already been verified.")
	}
	if v.Proof.checkCode(tx.now(), code) == nil && !i.verified() {
		if owner := k.taken(tx)[i.Value]; owner != "" && owner != u.ID {
			return codeCheck{}, errTaken(k.param)
		}
		proof := v.Proof
		tx.changeIdentification(u, k, id, func(i *identification) bool {
			i.Proof, i.Reserved = proof, false
			return true
		})
		tx.changedIdentity(u, "", false)
	}
	return *v, nil
}
