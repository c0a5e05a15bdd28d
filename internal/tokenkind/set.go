// Package tokenkind holds sets of kinds of tokens: what a requirement accepts, and
// what a route therefore looks for in a request. A set is a number, so that a gate
// works it out in each request and allocates nothing.
package tokenkind

// Set is a set of the kinds that package clerk names. Kinds that it does not name are
// in no set.
type Set uint8

// The sets of one kind each.
const (
	Session Set = 1 << iota
	APIKey
	M2M
	OAuth
	Template
)

// All is the set of all kinds.
const All = Session | APIKey | M2M | OAuth | Template

// names are the values of clerk.TokenType, in the order of the bits.
var names = [...]string{"session_token", "api_key", "m2m_token", "oauth_token", "template_token"}

// Max is the number of kinds.
const Max = len(names)

// Of returns the set of one kind. It is empty where package clerk has no such kind.
func Of[T ~string](kind T) Set {
	for i, name := range names {
		if string(kind) == name {
			return 1 << i
		}
	}
	return 0
}

// Has reports whether all of kinds are in s. The empty set is in none.
func (s Set) Has(kinds Set) bool { return kinds != 0 && s&kinds == kinds }

// Append adds the kinds of s to list.
func Append[T ~string](list []T, s Set) []T {
	for i, name := range names {
		if s&(1<<i) != 0 {
			list = append(list, T(name))
		}
	}
	return list
}
