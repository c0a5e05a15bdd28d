package clerk

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/internal/tokenkind"
)

// Requirement is a condition on an identity. The functions of this package make
// requirements. An invalid one (an empty role, an unknown scope, nil) is never
// satisfied.
type Requirement interface {
	fmt.Stringer
	requirement
}

// requirement is the part of Requirement that users have no use for. Its methods are
// not in the documentation; package middleware calls Accepts.
type requirement interface {
	// satisfied is asked only of authenticated identities.
	satisfied(a *Auth) bool
	tokenkind.Requirement
}

// sessions is what a requirement accepts that speaks of a user's session.
var sessions = tokenkind.Accepted{Possible: tokenkind.Session, Implied: tokenkind.Session}

type roleRequirement string

// Role requires a role in the active organization: org:admin. The prefix org:
// may be left out.
func Role(role string) Requirement { return roleRequirement(withOrg(role)) }

func (r roleRequirement) satisfied(a *Auth) bool {
	return a.isSession() && a.OrgID != "" && a.OrgRole != "" && r != "org:" && withOrg(a.OrgRole) == string(r)
}
func (r roleRequirement) Accepts() tokenkind.Accepted { return sessions }
func (r roleRequirement) String() string              { return "role " + string(r) }

type permissionRequirement string

// Permission requires a permission in the active organization: org:invoices:create. The
// prefix org: may be left out. System permissions (org:sys_…) are not in session
// tokens, so they are never satisfied: require a role, or call the Backend API.
func Permission(permission string) Requirement { return permissionRequirement(withOrg(permission)) }

func (p permissionRequirement) satisfied(a *Auth) bool {
	if a.OrgID == "" || a.session() == nil || strings.HasSuffix(string(p), ":") {
		return false
	}
	return a.claims.hasPermission(string(p))
}
func (p permissionRequirement) Accepts() tokenkind.Accepted { return sessions }
func (p permissionRequirement) String() string              { return "permission " + string(p) }

// withOrg gives a role or permission exactly one org: prefix.
func withOrg(s string) string {
	for {
		rest, ok := strings.CutPrefix(s, "org:")
		if !ok {
			return "org:" + s
		}
		s = rest
	}
}

type billingRequirement struct{ kind, asked string }

// Feature requires a feature: org:teams or user:beta for one scope, teams for
// either. The scopes are o, org, organization, u and user.
func Feature(feature string) Requirement { return billingRequirement{"feature", feature} }

// Plan requires a plan: org:pro or user:free for one scope, pro for either.
func Plan(plan string) Requirement { return billingRequirement{"plan", plan} }

func (b billingRequirement) satisfied(a *Auth) bool {
	if a.session() == nil {
		return false
	}
	list := a.claims.features
	if b.kind == "plan" {
		list = a.claims.plans
	}
	scope, name, scoped := strings.Cut(b.asked, ":")
	org, user := true, true
	if scoped {
		org = scope == "o" || scope == "org" || scope == "organization"
		user = scope == "u" || scope == "user"
	} else {
		name = scope
	}
	if name == "" || strings.Contains(name, ":") || !org && !user {
		return false
	}
	for e := range strings.SplitSeq(list, ",") {
		have, id, ok := strings.Cut(strings.TrimSpace(e), ":")
		if !ok || id != name {
			continue
		}
		switch have {
		case "o":
			ok = org
		case "u":
			ok = user
		case "ou", "uo":
		default:
			ok = false
		}
		if ok {
			return true
		}
	}
	return false
}
func (b billingRequirement) Accepts() tokenkind.Accepted { return sessions }
func (b billingRequirement) String() string              { return b.kind + " " + b.asked }

type reverifiedRequirement struct{ policy Reverification }

// Reverified requires that the user verified their factors recently:
// Reverified(clerk.Strict). A gate answers with Clerk's reverification error, and
// front-end SDKs then ask the user to verify again. Tokens without factor ages never
// satisfy it.
func Reverified(policy Reverification) Requirement {
	switch p := policy.(type) { // pointers fit the interface too; what they point to may change
	case *ReverificationPreset:
		if policy = nil; p != nil {
			policy = *p
		}
	case *ReverificationPolicy:
		if policy = nil; p != nil {
			policy = *p
		}
	}
	return reverifiedRequirement{policy}
}

// understood reports whether an identity could satisfy the policy.
func (r reverifiedRequirement) understood() bool {
	if r.policy == nil {
		return false
	}
	p := r.policy.policy()
	return p.AfterMinutes > 0 && (p.Level == FirstFactor || p.Level == SecondFactor || p.Level == MultiFactor)
}

func (r reverifiedRequirement) satisfied(a *Auth) bool {
	first, second, ok := a.FactorAges()
	return ok && r.understood() && r.policy.policy().satisfied(first, second)
}
func (r reverifiedRequirement) Accepts() tokenkind.Accepted { return sessions }
func (r reverifiedRequirement) String() string              { return fmt.Sprintf("reverification %v", r.policy) }

type tokensRequirement []TokenType

// Tokens requires one of the given kinds of tokens. A route without it takes
// sessions only.
func Tokens(types ...TokenType) Requirement { return tokensRequirement(slices.Clone(types)) }

func (t tokensRequirement) satisfied(a *Auth) bool {
	have := a.TokenType
	if have == "" {
		have = SessionToken
	}
	return slices.Contains(t, have)
}
func (t tokensRequirement) Accepts() tokenkind.Accepted {
	accepted := tokenkind.Accepted{Named: true}
	for _, kind := range t {
		accepted.Possible |= tokenkind.Of(kind)
	}
	return accepted
}
func (t tokensRequirement) String() string {
	names := make([]string, len(t))
	for i, name := range t {
		names[i] = string(name)
	}
	return "token " + strings.Join(names, " or ")
}

type anyRequirement []Requirement

// Any requires at least one of the requirements; without any it is never
// satisfied.
func Any(reqs ...Requirement) Requirement { return anyRequirement(slices.Clone(reqs)) }

func (r anyRequirement) satisfied(a *Auth) bool {
	return slices.ContainsFunc(r, func(req Requirement) bool { return req != nil && req.satisfied(a) })
}
func (r anyRequirement) Accepts() tokenkind.Accepted { return tokenkind.OfAny(r) }
func (r anyRequirement) String() string              { return "any of (" + list(r) + ")" }

type allRequirement []Requirement

// All requires each of the requirements, to stand inside [Any]; without any it
// is never satisfied.
func All(reqs ...Requirement) Requirement { return allRequirement(slices.Clone(reqs)) }

func (r allRequirement) satisfied(a *Auth) bool {
	for _, req := range r {
		if req == nil || !req.satisfied(a) {
			return false
		}
	}
	return len(r) > 0
}
func (r allRequirement) Accepts() tokenkind.Accepted { return tokenkind.OfAll(r) }
func (r allRequirement) String() string              { return "all of (" + list(r) + ")" }

func list(reqs []Requirement) string {
	texts := make([]string, len(reqs))
	for i, req := range reqs {
		texts[i] = fmt.Sprint(req)
	}
	return strings.Join(texts, ", ")
}

// Has reports whether the identity satisfies every requirement. It returns false for an
// identity that is not authenticated, and without requirements.
func (a Auth) Has(reqs ...Requirement) bool {
	return len(reqs) > 0 && a.Check(reqs...) == nil
}

// ErrNotSignedIn is the error of [Auth.Check] for an identity that is not
// authenticated.
var ErrNotSignedIn = errors.New("clerk: not signed in")

// DeniedError says which requirement an authenticated identity lacks.
type DeniedError struct {
	// Requirement is the first one that is not satisfied.
	Requirement Requirement
	// Reverification is set when only a fresh verification of the user's factors
	// is missing.
	Reverification Reverification
	// Scopes are the scopes that [Scope] asks for, where that is the requirement.
	Scopes []string
	// Err is the error of a [Custom] requirement's check.
	Err error
}

// Error implements the error interface. It omits the text of Err: the application wrote
// that, and it may hold more than a client should read.
func (e *DeniedError) Error() string { return fmt.Sprintf("clerk: lacks %v", e.Requirement) }

// Unwrap returns Err.
func (e *DeniedError) Unwrap() error { return e.Err }

// Check returns nil if the identity satisfies every requirement; without requirements,
// if a session is signed in. Otherwise it returns [ErrNotSignedIn] or a *[DeniedError].
// It names a missing reverification only where nothing else is missing, because
// reverifying would not help otherwise.
func (a Auth) Check(reqs ...Requirement) error {
	if !a.Authenticated() {
		return ErrNotSignedIn
	}
	if len(reqs) == 0 {
		if a.isSession() {
			return nil
		}
		return &DeniedError{Requirement: tokensRequirement{SessionToken}}
	}
	return a.check(reqs)
}

// check copies the identity, so that Check allocates nothing for a gate that requires
// only a session.
func (a Auth) check(reqs []Requirement) error {
	var stale *DeniedError
	if denied := a.missing(reqs, &stale); denied != nil {
		return denied
	}
	if stale != nil {
		return stale
	}
	return nil
}

// missing returns the first requirement that is not satisfied. Reverification
// requirements are the exception: the first of them goes into stale.
func (a *Auth) missing(reqs []Requirement, stale **DeniedError) *DeniedError {
	for _, req := range reqs {
		if req != nil && req.satisfied(a) {
			continue
		}
		if all, ok := req.(allRequirement); ok && len(all) > 0 {
			if denied := a.missing(all, stale); denied != nil {
				return denied
			}
			continue // one of its verifications is in stale
		}
		if r, ok := req.(reverifiedRequirement); ok && r.understood() {
			if *stale == nil {
				*stale = &DeniedError{Requirement: r, Reverification: r.policy}
			}
			continue
		}
		return denied(a, req)
	}
	return nil
}

// denied returns the error for a missing requirement, with the details that its type
// has.
func denied(a *Auth, req Requirement) *DeniedError {
	e := &DeniedError{Requirement: req}
	switch r := req.(type) {
	case scopeRequirement:
		if r.understood() {
			e.Scopes = slices.Clone(r)
		}
	case customRequirement:
		e.Err = r.reason(a)
	}
	return e
}
