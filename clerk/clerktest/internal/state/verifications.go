package state

import (
	"crypto/subtle"
	"regexp"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// States of a verification (schemas Stubs.Verification of the Frontend API).
const (
	Unverified   = "unverified"
	Verified     = "verified"
	Failed       = "failed"
	Gone         = "expired"
	Transferable = "transferable"
)

// How long codes, links and a way through a provider are good, as at Clerk.
const (
	CodeLifetime = 10 * time.Minute
	MaxAttempts  = 3
)

// testCode verifies the addresses and numbers that Clerk keeps for tests
// (https://clerk.com/docs/guides/development/testing/test-emails-and-phones).
const testCode = "424242"

// Verification is one proof under way, or done.
type Verification struct {
	Strategy string
	Status   string
	ID       string // the identification that it is about
	Address  string // where the code or link went
	Code     string
	Token    string // of a link or a provider's page
	Attempts int
	ExpireAt time.Time
	External string // the provider's page
	Failure  *refusal.Error
}

// State is the status now: time changes it too.
func (v *Verification) State(now time.Time) string {
	if v.Status == Unverified && !v.ExpireAt.IsZero() && !now.Before(v.ExpireAt) {
		return Gone
	}
	return v.Status
}

// CheckCode compares a code, counts it, and says what is wrong with it.
func (v *Verification) CheckCode(now time.Time, code string) *refusal.Error {
	if err := v.attemptable(now); err != nil {
		return err
	}
	v.Attempts++
	if subtle.ConstantTimeCompare([]byte(code), []byte(v.Code)) == 1 && v.Code != "" {
		v.Status = Verified
		return nil
	}
	return v.wrong(refusal.Param("code", "form_code_incorrect", "Incorrect code"))
}

// attemptable refuses a verification that is over.
func (v *Verification) attemptable(now time.Time) *refusal.Error {
	switch v.State(now) {
	case Unverified:
		return nil
	case Gone:
		v.Status = Gone
		return refusal.BadRequest("verification_expired", "This verification has expired. You must create a new one.")
	case Failed:
		return refusal.TooManyAttempts()
	}
	return refusal.BadRequest("verification_already_verified", "This verification has already been verified.")
}

// wrong answers a wrong guess. The last one that is allowed ends the
// verification.
func (v *Verification) wrong(err *refusal.Error) *refusal.Error {
	if v.Attempts >= MaxAttempts {
		v.Status = Failed
	}
	return err
}

var testPhone = regexp.MustCompile(`^\+1\d{3}55501\d\d$`)

// isTestAddress tells jane+clerk_test@example.com and +1 (xxx) 555-01xx.
func isTestAddress(address string) bool {
	local, _, isMail := strings.Cut(address, "@")
	if isMail {
		return strings.HasSuffix(local, "+clerk_test")
	}
	return testPhone.MatchString(address)
}

// Code makes the code for an address.
func (tx *Tx) Code(address string) string {
	if tx.Testing() && isTestAddress(address) {
		return testCode
	}
	return tx.IDs.From("0123456789", 6)
}

// Done is a verification that needed no proof under way: by an administrator, a
// ticket, a password.
func Done(strategy string) Verification { return Verification{Strategy: strategy, Status: Verified} }
