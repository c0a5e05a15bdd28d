package middlewaretest

import (
	"errors"
	"slices"
	"testing"
)

// Run checks all behaviours, each in a subtest of its name.
func Run(t *testing.T, r Router) {
	t.Helper()
	for _, b := range behaviours() {
		t.Run(b.name, func(t *testing.T) {
			for _, problem := range b.check(r) {
				t.Error(problem)
			}
		})
	}
}

// Violation is a behaviour that an application does not show.
type Violation struct {
	// Behaviour is its name: "gates/signed out".
	Behaviour string
	// Problem says what was seen, and what should have been.
	Problem string
}

// Error implements the error interface.
func (v *Violation) Error() string { return v.Behaviour + ": " + v.Problem }

// Check checks the named behaviours, or all of them, and returns joined
// *[Violation]s. It is [Run] for callers without a *testing.T.
func Check(r Router, names ...string) error {
	var errs []error
	for _, name := range names {
		if !slices.Contains(Behaviours(), name) {
			errs = append(errs, &Violation{name, "there is no such behaviour"})
		}
	}
	for _, b := range behaviours() {
		if len(names) > 0 && !slices.Contains(names, b.name) {
			continue
		}
		for _, problem := range b.check(r) {
			errs = append(errs, &Violation{b.name, problem})
		}
	}
	return errors.Join(errs...)
}

// Behaviours returns the names of all behaviours, in the order of the checks.
func Behaviours() []string {
	all := behaviours()
	names := make([]string, len(all))
	for i, b := range all {
		names[i] = b.name
	}
	return names
}
