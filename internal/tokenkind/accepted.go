package tokenkind

// Accepted says which kinds of tokens a requirement accepts.
type Accepted struct {
	// Possible are the kinds that could satisfy the requirement.
	Possible Set
	// Implied are those of Possible that a route takes where no clerk.Tokens names
	// its kinds: most routes take sessions, and a machine token that nobody asked for
	// must not open them.
	Implied Set
	// Named is true where clerk.Tokens names the kinds. All of Possible count then.
	Named bool
}

// Taken are the kinds that a route with this requirement alone takes.
func (a Accepted) Taken() Set {
	if a.Named {
		return a.Possible
	}
	return a.Implied
}

// Requirement is what this package reads of a clerk.Requirement.
type Requirement interface {
	// Accepts says which kinds of tokens could satisfy the requirement.
	Accepts() Accepted
}

// OfAll is what all of reqs accept: the intersection. It is empty without
// requirements, and where one is nil.
func OfAll[R Requirement](reqs []R) (all Accepted) {
	for i, req := range reqs {
		if any(req) == nil {
			return Accepted{}
		}
		one := req.Accepts()
		if i == 0 {
			all = Accepted{one.Possible, one.Taken(), one.Named}
			continue
		}
		all.Named = all.Named || one.Named
		all.Possible &= one.Possible
		all.Implied &= one.Taken()
	}
	return all
}

// OfAny is what one of reqs accepts: the union. Its kinds count as named only if each
// member names its own: Any(Tokens(APIKey), ActiveOrg()) takes API keys and sessions,
// no others. A nil requirement accepts nothing.
func OfAny[R Requirement](reqs []R) Accepted {
	union := Accepted{Named: true}
	for _, req := range reqs {
		if any(req) == nil {
			continue
		}
		one := req.Accepts()
		union.Named = union.Named && one.Named
		union.Possible |= one.Possible
		union.Implied |= one.Taken()
	}
	return union
}

// OfRoute returns the kinds of tokens that a route with all of reqs takes: what a gate
// looks for in a request. Without requirements it is Session. It is empty where no
// token can satisfy reqs.
func OfRoute[R Requirement](reqs []R) Set {
	if len(reqs) == 0 {
		return Session
	}
	return OfAll(reqs).Taken()
}
