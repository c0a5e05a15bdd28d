package clerk

import "github.com/clerkkit/clerkkit/internal/tokenkind"

type customRequirement struct {
	name  string
	check func(Auth) error
}

// Custom makes a requirement of the application's own. name says what is required
// ("account owner"); it goes into [DeniedError] and logs, not into answers. check is
// asked only about authenticated identities, and returns nil for one that satisfies
// it. [DeniedError] wraps its error.
//
// check must be fast and safe for concurrent use: it runs in each request, maybe more
// than once. Alone the requirement accepts sessions; add [Tokens] to accept other
// kinds. With a nil check it is never satisfied.
func Custom(name string, check func(Auth) error) Requirement {
	return customRequirement{name, check}
}

func (c customRequirement) satisfied(a *Auth) bool { return c.check != nil && c.check(*a) == nil }
func (c customRequirement) Accepts() tokenkind.Accepted {
	return tokenkind.Accepted{Possible: tokenkind.All, Implied: tokenkind.Session}
}
func (c customRequirement) String() string { return c.name }

// reason is why the identity is denied.
func (c customRequirement) reason(a *Auth) error {
	if c.check == nil {
		return nil
	}
	return c.check(*a)
}
