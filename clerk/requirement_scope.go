package clerk

import (
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/internal/tokenkind"
)

type scopeRequirement []string

// Scope requires a machine token that was granted each of the scopes. Alone it accepts
// OAuth tokens; add [Tokens] to accept API keys and M2M tokens, whose scopes are
// compared in the same way. Scopes are compared byte for byte. Sessions have no scopes
// and never satisfy it.
//
// A gate answers 403 with the error insufficient_scope (RFC 6750 section 3.1).
// Without scopes, and for a scope with other characters than RFC 6749 section 3.3
// allows, it is never satisfied.
func Scope(scopes ...string) Requirement { return scopeRequirement(slices.Clone(scopes)) }

func (s scopeRequirement) satisfied(a *Auth) bool {
	if a.machine == nil || !s.understood() {
		return false
	}
	for _, scope := range s {
		if !slices.Contains(a.machine.Scopes, scope) {
			return false
		}
	}
	return true
}

// understood reports whether each scope is a scope-token of RFC 6749: it goes into
// a quoted string of a header field.
func (s scopeRequirement) understood() bool {
	return len(s) > 0 && !slices.ContainsFunc(s, func(scope string) bool {
		return scope == "" || strings.ContainsFunc(scope, func(r rune) bool {
			return r <= ' ' || r > '~' || r == '"' || r == '\\'
		})
	})
}

func (s scopeRequirement) Accepts() tokenkind.Accepted {
	return tokenkind.Accepted{Possible: tokenkind.OAuth | tokenkind.APIKey | tokenkind.M2M, Implied: tokenkind.OAuth}
}
func (s scopeRequirement) String() string { return "scope " + strings.Join(s, " ") }
