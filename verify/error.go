package verify

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// Error says why a token was refused, or why it could not be verified. Its text
// contains no part of the token.
//
// Use errors.Is with the sentinels of this package for refusals, and with
// clerk.ErrUnavailable for outages. In an outage the token may be valid.
type Error struct {
	// Reason is the machine-readable reason, one of the clerk.Reason constants.
	Reason clerk.Reason
	// Err is the cause, or nil: a *clerk.ClaimError, or the error of the key source.
	Err error
	// Mismatch has the received and the accepted values if azp, iss or aud was refused,
	// and is nil otherwise. It is set only after the signature was verified. Its values
	// therefore come from Clerk and may be logged.
	Mismatch *Mismatch
	// KeyID is the kid of the token if the source does not have that key, or if the
	// signature does not match it. It is "" otherwise, and for a kid that does not have
	// the form of Clerk's (ins_ and at most 40 letters and digits). It is not verified:
	// use it only to compare with the Clerk Dashboard.
	KeyID string

	problem string
	off     time.Duration // see Off
}

// Mismatch is a claim that the Config does not accept, of a token whose signature was
// verified.
type Mismatch struct {
	// Claim is "azp", "iss" or "aud".
	Claim string
	// Received are the values in the token. It is empty if the claim is missing. Accepted
	// are the values in the Config.
	Received, Accepted []string
}

// mismatch returns a copy of e with the received and the accepted values.
func (e *Error) mismatch(claim string, received, accepted []string) error {
	m := *e
	m.Mismatch = &Mismatch{Claim: claim, Received: slices.Clone(received), Accepted: slices.Clone(accepted)}
	return &m
}

// withKeyID returns a copy of e with the kid if it has the form of Clerk's, else e.
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

// Off returns how long ago the token expired, or how far in the future nbf or iat is.
// It is zero for other reasons and for tokens whose signature was not verified.
func (e *Error) Off() time.Duration { return e.off }

// Sentinels for errors.Is. Use Reason to distinguish other refusals.
var (
	// ErrExpired: the token is past its exp.
	ErrExpired = &Error{Reason: clerk.ReasonTokenExpired}
	// ErrNotActiveYet: the token is before its nbf.
	ErrNotActiveYet = &Error{Reason: clerk.ReasonTokenNotActiveYet}
	// ErrInvalidSignature: the signature does not match the key that the token names.
	ErrInvalidSignature = &Error{Reason: clerk.ReasonTokenInvalidSignature}
	// ErrUnauthorizedParty: the azp claim is not one of Config.AuthorizedParties.
	ErrUnauthorizedParty = &Error{Reason: clerk.ReasonTokenInvalidAuthorizedParties}
	// ErrInvalidIssuer: the token is from another instance.
	ErrInvalidIssuer = &Error{Reason: clerk.ReasonTokenInvalidIssuer}
	// ErrTokenType: the token is of another kind than the method accepts.
	ErrTokenType = &Error{Reason: clerk.ReasonTokenTypeMismatch}
)

// ErrEmulatorKey is the cause if a token was signed with the emulator's published key
// and [Config].InsecureEmulator is not set.
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

// These errors never vary, so they are allocated once. A flood of invalid tokens must
// not make the server allocate.
var (
	errNoSource    = &Error{Reason: clerk.ReasonJWKFailedToResolve, problem: "the Verifier was not made by New"}
	errTooLarge    = &Error{Reason: clerk.ReasonTokenTooLarge, problem: "the token is longer than 16 KiB"}
	errForm        = &Error{Reason: clerk.ReasonTokenInvalid, problem: "the token is not three base64url parts separated by dots"}
	errHeaderJSON  = &Error{Reason: clerk.ReasonTokenInvalid, problem: "the header is not a JSON object, repeats a member, or has a member of a wrong type"}
	errPayloadJSON = &Error{Reason: clerk.ReasonTokenInvalid, problem: "the payload is not a JSON object"}
	errType        = &Error{Reason: clerk.ReasonTokenInvalid, problem: "the header's typ is not JWT"}
	errCritical    = &Error{Reason: clerk.ReasonTokenInvalid, problem: "the header has critical extensions (crit), and none is supported"}
	errAlgorithm   = &Error{Reason: clerk.ReasonTokenInvalidAlgorithm, problem: "only RS256 is accepted"}
	errMachine     = &Error{Reason: clerk.ReasonTokenTypeMismatch, problem: "expected a session token, got a machine token"}
	errCategory    = &Error{Reason: clerk.ReasonTokenTypeMismatch, problem: "the header's cat names another kind of token"}
	errKeyID       = &Error{Reason: clerk.ReasonJWKKidMismatch, Err: clerk.ErrKeyUnknown, problem: "the header's kid is not a string"}
	errKeySize     = &Error{Reason: clerk.ReasonKeyNotTrusted, problem: "the signing key is shorter than 2048 bits"}
	errEmulator    = &Error{Reason: clerk.ReasonKeyNotTrusted, Err: ErrEmulatorKey}
	errSignature   = &Error{Reason: clerk.ReasonTokenInvalidSignature, problem: "the signature does not match"}
	errSubject     = &Error{Reason: clerk.ReasonTokenVerificationFailed, problem: "the sub claim is missing or empty"}
	errHandshake   = &Error{Reason: clerk.ReasonTokenVerificationFailed, problem: "expected a session token, got a handshake token"}
	errIssuer      = &Error{Reason: clerk.ReasonTokenInvalidIssuer, problem: "the iss claim is not an issuer of the configured instance"}
	errAudience    = &Error{Reason: clerk.ReasonTokenVerificationFailed, problem: "the aud claim names no accepted audience"}
	errParty       = &Error{Reason: clerk.ReasonTokenInvalidAuthorizedParties, problem: "the azp claim is not one of the authorized parties"}
	errNoParty     = &Error{Reason: clerk.ReasonTokenInvalidAuthorizedParties, problem: "the azp claim is missing, and authorized parties are configured"}
	errNoExpiry    = &Error{Reason: clerk.ReasonTokenVerificationFailed, problem: "the exp claim is missing"}
	errDirectives  = &Error{Reason: clerk.ReasonTokenVerificationFailed, problem: "the handshake claim is not a list of strings"}
	errNotShake    = &Error{Reason: clerk.ReasonTokenTypeMismatch, problem: "not a handshake token"}
	errNotM2M      = &Error{Reason: clerk.ReasonTokenTypeMismatch, problem: "not an M2M token"}
	errNotOAuth    = &Error{Reason: clerk.ReasonTokenTypeMismatch, problem: "not an OAuth access token"}
)
