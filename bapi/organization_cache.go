package bapi

import (
	"context"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// OrganizationGetter is the source of an [OrganizationCache]: Client.Organizations, or
// a mock.
type OrganizationGetter interface {
	Get(ctx context.Context, organizationID string, params OrganizationGetParams, opts ...CallOption) (*Organization, error)
}

// OrganizationCache caches organizations in memory, like [UserCache] does users. It is
// safe for concurrent use and needs no Close.
type OrganizationCache struct{ c *cache[Organization] }

// NewOrganizationCache returns a cache of organizations, which it fetches without the
// optional counts. An invalid setting is a *clerk.ConfigError.
func NewOrganizationCache(organizations OrganizationGetter, cfg CacheConfig) (*OrganizationCache, error) {
	if organizations == nil {
		return nil, &clerk.ConfigError{Field: "organizations", Problem: "is nil; pass Client.Organizations"}
	}
	c, err := newCache(cfg, "GET /v1/organizations/{organization_id}", func(o *Organization) string { return o.ID }, func(ctx context.Context, id string) (*Organization, error) {
		return organizations.Get(ctx, id, OrganizationGetParams{})
	})
	if err != nil {
		return nil, err
	}
	return &OrganizationCache{c}, nil
}

// Get returns the organization, see [UserCache.Get]. It also accepts a slug but does
// not cache the result, because no event would invalidate it. Use the id.
func (c *OrganizationCache) Get(ctx context.Context, organizationID string) (*Organization, error) {
	return c.inner().get(ctx, organizationID)
}

// Forget drops the organization. The next Get fetches it again.
func (c *OrganizationCache) Forget(organizationID string) { c.inner().forget(organizationID) }

// Handle drops the organization of a webhook event: organization.created,
// organization.updated, organization.deleted, and the events of its memberships. It
// ignores other events. See [UserCache.Handle].
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

// Stats returns the statistics of the cache.
func (c *OrganizationCache) Stats() CacheStats { return c.inner().statistics() }

func (c *OrganizationCache) inner() *cache[Organization] {
	if c == nil {
		return nil
	}
	return c.c
}
