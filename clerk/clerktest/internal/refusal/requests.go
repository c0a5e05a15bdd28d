package refusal

import (
	"encoding/json"
	"strings"
)

// TooManyAttempts is the answer to one code too many.
func TooManyAttempts() *Error {
	return BadRequest("verification_failed", "Too many failed attempts. You have to try again with the same or another method.")
}

// NoVerification is the answer to an attempt without a preparation.
func NoVerification() *Error {
	return BadRequest("verification_missing", "You need to send a verification code before attempting to verify.")
}

// SessionExists is the answer to what a signed-in browser need not do.
func SessionExists() *Error {
	return &Error{KindBadRequest, "session_exists", "Session already exists", "You're already signed in.", "", nil}
}

// Missing is the answer where a parameter is needed.
func Missing(param string) *Error {
	return Param(param, "form_param_missing", param+" must be included.")
}

// StrategyForUser is the answer to a strategy that the user does not have.
func StrategyForUser() *Error {
	return &Error{
		KindInvalid, "strategy_for_user_invalid", "Invalid verification strategy",
		"The verification strategy is not valid for this account", "strategy", nil,
	}
}

// UnknownParam is the answer to a parameter that there is not.
func UnknownParam(param string) *Error {
	return Param(param, "form_param_unknown", param+" is not a valid parameter for this request.")
}

// Taken is the answer to a value that somebody else has.
func Taken(param string) *Error {
	return Param(param, "form_identifier_exists", "That "+strings.ReplaceAll(param, "_", " ")+" is taken. Please try another.")
}

// IncorrectPassword is the answer to a wrong password.
func IncorrectPassword() *Error {
	return Param("password", "form_password_incorrect", "Password is incorrect. Try again, or use another method.")
}

// BadParam is the answer of the machine operations to a bad parameter, which
// is 400 there.
func BadParam(param, problem string) *Error {
	return &Error{KindBadRequest, "form_param_value_invalid", param + " " + problem, "", param, nil}
}

// OrNil makes a nil *Error a nil error.
func OrNil(err *Error) error {
	if err == nil {
		return nil
	}
	return err
}

// Quoted shortens what a caller sent and makes it harmless to print.
func Quoted(s string) string {
	if len(s) > 64 {
		s = s[:64] + "…"
	}
	b, _ := json.Marshal(s) // a string can always be encoded
	return string(b)
}
