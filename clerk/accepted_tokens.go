package clerk

import "slices"

// accepted says which kinds of tokens could satisfy a requirement.
type accepted struct {
	// types are the kinds that could satisfy it.
	types []TokenType
	// implied are those of types that a route takes where no [Tokens] names its
	// kinds: most routes take sessions, and a machine token that nobody asked for
	// must not open them.
	implied []TokenType
	// named is true where Tokens names the kinds. All of types count then.
	named bool
}

// taken are the kinds that a route with this requirement alone takes.
func (a accepted) taken() []TokenType {
	if a.named {
		return a.types
	}
	return a.implied
}

func acceptsSessions() accepted {
	return accepted{types: []TokenType{SessionToken}, implied: []TokenType{SessionToken}}
}

// acceptsAll is the intersection.
func acceptsAll(reqs []Requirement) (all accepted) {
	for i, req := range reqs {
		if req == nil {
			return accepted{}
		}
		one := req.accepts()
		if i == 0 {
			all = accepted{slices.Clone(one.types), slices.Clone(one.taken()), one.named}
			continue
		}
		all.named = all.named || one.named
		all.types = slices.DeleteFunc(all.types, func(t TokenType) bool { return !slices.Contains(one.types, t) })
		all.implied = slices.DeleteFunc(all.implied, func(t TokenType) bool { return !slices.Contains(one.taken(), t) })
	}
	return all
}

// acceptsAny is the union. Its kinds count as named only if each member names its
// own: Any(Tokens(APIKey), ActiveOrg()) takes API keys and sessions, no others.
func acceptsAny(reqs []Requirement) accepted {
	union := accepted{named: true}
	for _, req := range reqs {
		if req == nil {
			continue
		}
		one := req.accepts()
		union.named = union.named && one.named
		union.types = join(union.types, one.types)
		union.implied = join(union.implied, one.taken())
	}
	return union
}

func join(a, b []TokenType) []TokenType {
	for _, t := range b {
		if !slices.Contains(a, t) {
			a = append(a, t)
		}
	}
	return a
}

// AcceptedTokens returns the kinds of tokens that a route with all of reqs takes:
// what a gate looks for in a request. Without requirements it is [SessionToken].
// It is empty where no token can satisfy reqs.
func AcceptedTokens(reqs ...Requirement) []TokenType {
	if len(reqs) == 0 {
		return []TokenType{SessionToken}
	}
	return acceptsAll(reqs).taken()
}
