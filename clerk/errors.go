package clerk

import (
	"errors"
	"strings"
)

var (
	// ErrKeyUnknown means that the instance has no signing key with the id that
	// a token names: the token is refused.
	ErrKeyUnknown = errors.New("clerk: signing key unknown")

	// ErrUnavailable stands for every outage: Clerk could not be asked, or gave no usable
	// answer, so nothing can be said about a token, a user or a key. Servers answer 503.
	ErrUnavailable = errors.New("clerk: unavailable")

	// ErrSecretKeyInvalid means that the Backend API refused the secret key. It
	// comes together with the error of what could not be done without it.
	ErrSecretKeyInvalid = errors.New("clerk: secret key refused by the Backend API")
)

// ConfigError says which setting cannot be used, and why. Its text never holds
// the value of a secret.
type ConfigError struct {
	// Field is the name of the setting: a field of [Config], or the environment
	// variable it was read from.
	Field string
	// Problem is what is wrong with it.
	Problem string
}

// Error names the setting, and its variable where there is one.
func (e *ConfigError) Error() string {
	name, index, _ := strings.Cut(e.Field, "[")
	if variable := fieldVariables[name]; variable != "" {
		if index != "" {
			variable += "[" + index
		}
		return "clerk: " + e.Field + " (" + variable + "): " + e.Problem
	}
	return "clerk: " + e.Field + ": " + e.Problem
}
