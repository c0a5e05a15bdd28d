package clerktest

import (
	"crypto/subtle"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// States of a verification (schemas Stubs.Verification of the Frontend API).
const (
	unverified   = "unverified"
	verified     = "verified"
	failed       = "failed"
	gone         = "expired"
	transferable = "transferable"
)

// How long codes, links and a way through a provider are good, as at Clerk.
const (
	codeLifetime = 10 * time.Minute
	maxAttempts  = 3
)

// testCode verifies the addresses and numbers that Clerk keeps for tests
// (https://clerk.com/docs/guides/development/testing/test-emails-and-phones).
const testCode = "424242"

// verification is one proof under way, or done.
type verification struct {
	Strategy string
	Status   string
	ID       string // the identification that it is about
	Address  string // where the code or link went
	Code     string
	Token    string // of a link or a provider's page
	Attempts int
	ExpireAt time.Time
	External string // the provider's page
	Failure  *apiError
}

// state is the status now: time changes it too.
func (v *verification) state(now time.Time) string {
	if v.Status == unverified && !v.ExpireAt.IsZero() && !now.Before(v.ExpireAt) {
		return gone
	}
	return v.Status
}

// checkCode compares a code, counts it, and says what is wrong with it.
func (v *verification) checkCode(now time.Time, code string) *apiError {
	if err := v.attemptable(now); err != nil {
		return err
	}
	v.Attempts++
	if subtle.ConstantTimeCompare([]byte(code), []byte(v.Code)) == 1 && v.Code != "" {
		v.Status = verified
		return nil
	}
	return v.wrong(errParam("code", "form_code_incorrect", "Incorrect code"))
}

// attemptable refuses a verification that is over.
func (v *verification) attemptable(now time.Time) *apiError {
	switch v.state(now) {
	case unverified:
		return nil
	case gone:
		v.Status = gone
		return errBadRequest("verification_expired", "This verification has expired. You must create a new one.")
	case failed:
		return errTooManyAttempts()
	}
	return errBadRequest("verification_already_verified", "This verification has already been verified.")
}

// wrong answers a wrong guess. The last one that is allowed ends the
// verification.
func (v *verification) wrong(err *apiError) *apiError {
	if v.Attempts >= maxAttempts {
		v.Status = failed
	}
	return err
}

func errTooManyAttempts() *apiError {
	return errBadRequest("verification_failed", "Too many failed attempts. You have to try again with the same or another method.")
}

func errNoVerification() *apiError {
	return errBadRequest("verification_missing", "You need to send a verification code before attempting to verify.")
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

// code makes the code for an address.
func (tx *stateTx) code(address string) string {
	if tx.testing() && isTestAddress(address) {
		return testCode
	}
	return tx.ids.from("0123456789", 6)
}

// done is a verification that needed no proof under way: by an administrator, a
// ticket, a password.
func done(strategy string) verification { return verification{Strategy: strategy, Status: verified} }

// errSession is the answer to what a signed-in browser need not do.
func errSessionExists() *apiError {
	return &apiError{http.StatusBadRequest, "session_exists", "Session already exists", "You're already signed in.", "", nil}
}
