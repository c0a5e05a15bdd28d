package bapi

import (
	"context"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// OrganizationGetter is what an [OrganizationCache] asks: Client.Organizations, or a mock.
type OrganizationGetter interface {
	Get(ctx context.Context, organizationID string, params OrganizationGetParams, opts ...CallOption) (*Organization, error)
}

// OrganizationCache keeps organizations in memory, as [UserCache] keeps users. It is safe
// for concurrent use and needs no Close.
type OrganizationCache struct{ c *cache[Organization] }

// NewOrganizationCache makes a cache in front of organizations, which are fetched without
// the optional counts. A setting that cannot be used is a *clerk.ConfigError.
func NewOrganizationCache(organizations OrganizationGetter, cfg CacheConfig) (*OrganizationCache, error) {
	if organizations == nil {
		return nil, &clerk.ConfigError{Field: "organizations", Problem: "is nil: give Client.Organizations"}
	}
	c, err := newCache(cfg, "GET /v1/organizations/{organization_id}", func(o *Organization) string { return o.ID }, func(ctx context.Context, id string) (*Organization, error) {
		return organizations.Get(ctx, id, OrganizationGetParams{})
	})
	if err != nil {
		return nil, err
	}
	return &OrganizationCache{c}, nil
}

// Get returns the organization, see [UserCache.Get]. A slug is answered but not kept,
// because no event would end it: use the id.
func (c *OrganizationCache) Get(ctx context.Context, organizationID string) (*Organization, error) {
	return c.inner().get(ctx, organizationID)
}

// Forget drops the organization: the next Get asks Clerk.
func (c *OrganizationCache) Forget(organizationID string) { c.inner().forget(organizationID) }

// Handle drops the organization that a webhook event is about: organization.created,
// organization.updated and organization.deleted, and events of its memberships. Other
// events change nothing. See [UserCache.Handle].
func (c *OrganizationCache) Handle(_ context.Context, ev *webhook.Event) error {
	if ev == nil {
		return errNoEvent
	}
	switch ev.Type {
	case webhook.OrganizationCreated, webhook.OrganizationUpdated, webhook.OrganizationDeleted:
		return forgetIn(c.inner(), ev)
	case webhook.OrganizationMembershipCreated, webhook.OrganizationMembershipUpdated, webhook.OrganizationMembershipDeleted:
		data, err := webhook.Decode[struct {
			Organization object `json:"organization"`
		}](ev)
		if err != nil {
			return err
		}
		if data.Organization.ID == "" {
			return webhook.ErrMalformedEvent
		}
		c.inner().forget(data.Organization.ID)
	}
	return nil
}

// Stats tells how the cache does.
func (c *OrganizationCache) Stats() CacheStats { return c.inner().statistics() }

func (c *OrganizationCache) inner() *cache[Organization] {
	if c == nil {
		return nil
	}
	return c.c
}
