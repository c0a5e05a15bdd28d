package handshake

import (
	"github.com/clerkkit/clerkkit/clerk"
)

// organizations finds the organization that a path names.
type organizations struct {
	named    *pathPatterns // with :id or :slug
	personal *pathPatterns
}

// organizationTarget is the organization, or personal account, that a path names.
type organizationTarget struct {
	organization string // id or slug; "" is the personal account
	isID         bool
}

// newOrganizations compiles the patterns. The error is a *[clerk.ConfigError].
func newOrganizations(c clerk.OrganizationSync) (o organizations, err error) {
	if o.named, err = compilePatterns("OrganizationSync.OrganizationPatterns", c.OrganizationPatterns); err != nil {
		return o, err
	}
	o.personal, err = compilePatterns("OrganizationSync.PersonalAccountPatterns", c.PersonalAccountPatterns)
	return o, err
}

// find matches a path. The first pattern that matches decides, even if it names no
// organization. A path that is too long matches none.
func (o *organizations) find(path string) (t organizationTarget, ok bool) {
	if len(path) > maxPatternPath {
		return t, false
	}
	if params, ok := o.named.match(path); ok {
		if params.id != "" {
			return organizationTarget{params.id, true}, true
		}
		if params.slug != "" {
			return organizationTarget{params.slug, false}, true
		}
	}
	_, ok = o.personal.match(path)
	return organizationTarget{}, ok
}

// activateOrganization redirects if the path names another organization than the
// session's active one. If that does not help, because the organization does not exist
// or the user is not a member, the request goes on with the session unchanged.
func (q *exchange) activateOrganization(claims *clerk.Claims) (done bool) {
	o := &q.m.organizations
	if o.named == nil && o.personal == nil || claims.SessionStatus() == "pending" {
		return false
	}
	own, ok := q.url()
	if !ok {
		return false
	}
	if len(own.path) > maxPatternPath {
		return q.documentRequest() && q.decide(q.signedOut(clerk.ReasonRequestTooLarge))
	}
	target, ok := o.find(own.path)
	if !ok {
		return false
	}
	active := claims.OrgSlug()
	if target.isID || target.organization == "" {
		active = claims.OrgID()
	}
	if active == target.organization {
		return false
	}
	if q.redirects() >= maxRedirects {
		q.m.notices.organization()
		return false
	}
	d := q.handshake(clerk.ReasonActiveOrganizationMismatch)
	return d.Status == Redirect && q.decide(d)
}
