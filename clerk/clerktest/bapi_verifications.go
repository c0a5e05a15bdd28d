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
	s := e.store
	s.mu.Lock()
	u, i := s.ownerLocked(k, c.param(0))
	if i == nil {
		s.mu.Unlock()
		return errNotFound(k.param + " with id " + quoted(c.param(0)))
	}
	strategy, channel := emailCodeStrategy.name, "email"
	if k == phoneKind {
		strategy, channel = phoneCodeStrategy.name, "sms"
	}
	if len(s.CodeChecks) >= maxCodeChecks {
		maps.DeleteFunc(s.CodeChecks, func(_ string, v *codeCheck) bool { return !s.now().Before(v.Proof.ExpireAt.Add(time.Hour)) })
		if len(s.CodeChecks) >= maxCodeChecks { // somebody sends codes by the thousands
			clear(s.CodeChecks)
		}
	}
	v := &codeCheck{ID: s.ids.next("ver"), IdentificationID: i.ID, Proof: verification{
		Strategy: strategy, Status: unverified, ID: i.ID, Address: i.Value, Code: s.codeLocked(i.Value), ExpireAt: s.now().Add(codeLifetime),
	}}
	s.CodeChecks[v.ID] = v
	s.sendLocked(Message{Channel: channel, To: i.Value, Template: "verification_code", Code: v.Proof.Code})
	copied := *v
	s.mu.Unlock()
	c.note("code sent to an address of " + u.ID)
	return c.ok(e.codeCheckResource(&copied))
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
	s := e.store
	s.mu.Lock()
	v, err := s.attemptCodeCheckLocked(k, c.param(0), in.ID.Value, in.Code.Value)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	c.note("code attempted: " + v.Proof.Status)
	return c.ok(e.codeCheckResource(&v))
}

func (s *store) attemptCodeCheckLocked(k *identificationKind, id, check, code string) (codeCheck, error) {
	u, i := s.ownerLocked(k, id)
	if i == nil {
		return codeCheck{}, errNotFound(k.param + " with id " + quoted(id))
	}
	v := s.CodeChecks[check]
	if v == nil || v.IdentificationID != id {
		return codeCheck{}, errNotFound("verification with id " + quoted(check))
	}
	if v.Proof.Status == verified {
		return codeCheck{}, errBadRequest("verification_already_verified", "This verification has already been verified.")
	}
	if v.Proof.checkCode(s.now(), code) == nil && !i.verified() {
		if owner := k.taken(s)[i.Value]; owner != "" && owner != u.ID {
			return codeCheck{}, errTaken(k.param)
		}
		proof := v.Proof
		s.changeIdentificationLocked(u, k, id, func(i *identification) bool {
			i.Proof, i.Reserved = proof, false
			return true
		})
		s.changedIdentityLocked(u, "", false)
	}
	return *v, nil
}
