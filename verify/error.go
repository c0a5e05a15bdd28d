package verify

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// Error says why a token was refused, or why nothing can be said about it. Its
// text holds neither the token nor anything from it.
//
// Use errors.Is with the sentinels of this package for refusals, and with
// clerk.ErrUnavailable for outages: the token may be good then.
type Error struct {
	// Reason is the machine-readable reason, one that clerk lists.
	Reason clerk.Reason
	// Err is the cause, if there is one: a *clerk.ClaimError, or the error of the
	// key source.
	Err error
	// Mismatch is what a claim says and what the Config accepts, for azp, iss and
	// aud. It is set only for a token whose signature is good, so its values are
	// Clerk's word, and may be logged. nil otherwise.
	Mismatch *Mismatch
	// KeyID is the kid of a token whose signature is not one of the key, or whose
	// key the source does not have, where the kid has the form of Clerk's (ins_ and
	// at most 40 letters and digits); else "". Nothing vouches for it: it is for a
	// developer to compare with the Clerk Dashboard.
	KeyID string

	problem string
	off     time.Duration // by how much a time claim is off
}

// Mismatch is a claim of a token with a good signature that the Config does not
// accept.
type Mismatch struct {
	// Claim is "azp", "iss" or "aud".
	Claim string
	// Received are the values in the token, none if the claim is missing. Accepted
	// are those of the Config.
	Received, Accepted []string
}

// mismatch is e with what was received and what is accepted.
func (e *Error) mismatch(claim string, received, accepted []string) error {
	m := *e
	m.Mismatch = &Mismatch{Claim: claim, Received: slices.Clone(received), Accepted: slices.Clone(accepted)}
	return &m
}

// withKeyID is e with the kid, if that looks like one of Clerk's.
func (e *Error) withKeyID(kid string) *Error {
	id, ok := strings.CutPrefix(kid, "ins_")
	if !ok || id == "" || len(id) > 40 || strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return e
	}
	k := *e
	k.KeyID = strings.Clone(kid)
	return &k
}

// Off is by how much a time claim is off: how long ago the token expired, or how far
// in the future nbf or iat is. It is zero for other reasons, and set only for a token
// whose signature is good.
func (e *Error) Off() time.Duration { return e.off }

// Sentinels for errors.Is. Other refusals are told apart by their Reason.
var (
	// ErrExpired: the token is past its exp.
	ErrExpired = &Error{Reason: clerk.ReasonTokenExpired}
	// ErrNotActiveYet: the token is before its nbf.
	ErrNotActiveYet = &Error{Reason: clerk.ReasonTokenNotActiveYet}
	// ErrInvalidSignature: the signature is not one of the named key.
	ErrInvalidSignature = &Error{Reason: clerk.ReasonTokenInvalidSignature}
	// ErrUnauthorizedParty: the azp claim is none of Config.AuthorizedParties.
	ErrUnauthorizedParty = &Error{Reason: clerk.ReasonTokenInvalidAuthorizedParties}
	// ErrInvalidIssuer: the token is from another instance.
	ErrInvalidIssuer = &Error{Reason: clerk.ReasonTokenInvalidIssuer}
	// ErrTokenType: a good kind of token, in the place of another kind.
	ErrTokenType = &Error{Reason: clerk.ReasonTokenTypeMismatch}
)

// ErrEmulatorKey is the cause of a token that is refused because the emulator's
// published key signed it, and [Config].InsecureEmulator is not set.
var ErrEmulatorKey = errors.New("the signing key is the emulator's, whose private half is published; only InsecureEmulator accepts it")

// Error implements the error interface.
func (e *Error) Error() string {
	s := "verify: " + string(e.Reason)
	if e.problem != "" {
		s += ": " + e.problem
	}
	if e.off != 0 {
		s += " by " + e.off.String()
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is matches errors with the same reason.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Reason == e.Reason
}

// Refusals that say the same each time are made once: whoever floods a server
// with garbage should not make it allocate.
var (
	errTooLarge    = &Error{Reason: clerk.ReasonTokenTooLarge, problem: "the token is longer than 16 KiB"}
	errForm        = &Error{Reason: clerk.ReasonTokenInvalid, problem: "the token is not three base64url parts with dots between"}
	errHeaderJSON  = &Error{Reason: clerk.ReasonTokenInvalid, problem: "the header is not a JSON object, or says something twice or with a wrong type"}
	errPayloadJSON = &Error{Reason: clerk.ReasonTokenInvalid, problem: "the payload is not a JSON object"}
	errType        = &Error{Reason: clerk.ReasonTokenInvalid, problem: "the header's typ is not JWT"}
	errCritical    = &Error{Reason: clerk.ReasonTokenInvalid, problem: "the header marks extensions as critical that nobody here understands"}
	errAlgorithm   = &Error{Reason: clerk.ReasonTokenInvalidAlgorithm, problem: "only RS256 is accepted"}
	errMachine     = &Error{Reason: clerk.ReasonTokenTypeMismatch, problem: "a machine token where a session token belongs"}
	errCategory    = &Error{Reason: clerk.ReasonTokenTypeMismatch, problem: "the header's cat names another kind of token"}
	errKeyID       = &Error{Reason: clerk.ReasonJWKKidMismatch, Err: clerk.ErrKeyUnknown, problem: "the header's kid is not a string"}
	errKeySize     = &Error{Reason: clerk.ReasonKeyNotTrusted, problem: "the signing key is shorter than 2048 bits"}
	errEmulator    = &Error{Reason: clerk.ReasonKeyNotTrusted, Err: ErrEmulatorKey}
	errSignature   = &Error{Reason: clerk.ReasonTokenInvalidSignature, problem: "the signature does not match"}
	errSubject     = &Error{Reason: clerk.ReasonTokenVerificationFailed, problem: "the sub claim is missing or empty"}
	errHandshake   = &Error{Reason: clerk.ReasonTokenVerificationFailed, problem: "a handshake token where a session token belongs"}
	errIssuer      = &Error{Reason: clerk.ReasonTokenInvalidIssuer, problem: "the iss claim is not that of the configured instance"}
	errAudience    = &Error{Reason: clerk.ReasonTokenVerificationFailed, problem: "the aud claim names no accepted audience"}
	errParty       = &Error{Reason: clerk.ReasonTokenInvalidAuthorizedParties, problem: "the azp claim is none of the authorized parties"}
	errNoParty     = &Error{Reason: clerk.ReasonTokenInvalidAuthorizedParties, problem: "the azp claim is missing, and authorized parties are configured"}
	errNoExpiry    = &Error{Reason: clerk.ReasonTokenVerificationFailed, problem: "the exp claim is missing"}
	errDirectives  = &Error{Reason: clerk.ReasonTokenVerificationFailed, problem: "the handshake claim is not a list of strings"}
	errNotShake    = &Error{Reason: clerk.ReasonTokenTypeMismatch, problem: "not a handshake token"}
	errNotM2M      = &Error{Reason: clerk.ReasonTokenTypeMismatch, problem: "not an M2M token"}
	errNotOAuth    = &Error{Reason: clerk.ReasonTokenTypeMismatch, problem: "not an OAuth access token"}
)
