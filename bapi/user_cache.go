package bapi

import (
	"context"
	"errors"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// UserGetter is the source of a [UserCache]: Client.Users, or a mock.
type UserGetter interface {
	Get(ctx context.Context, userID string, opts ...CallOption) (*User, error)
}

// UserCache caches users in memory, so that a server that needs more than the user's id
// does not call the Backend API in every request. It is safe for concurrent use and
// needs no Close.
type UserCache struct{ c *cache[User] }

// NewUserCache returns a cache of users. An invalid setting is a *clerk.ConfigError.
//
//	users, err := bapi.NewUserCache(api.Users, bapi.CacheConfig{})
//	mux.Handle("POST /webhooks", hook.Handler(users.Handle))
//	u, err := users.Get(ctx, clerk.FromContext(ctx).UserID)
func NewUserCache(users UserGetter, cfg CacheConfig) (*UserCache, error) {
	if users == nil {
		return nil, &clerk.ConfigError{Field: "users", Problem: "is nil; pass Client.Users"}
	}
	c, err := newCache(cfg, "GET /v1/users/{user_id}", func(u *User) string { return u.ID }, func(ctx context.Context, id string) (*User, error) {
		return users.Get(ctx, id)
	})
	if err != nil {
		return nil, err
	}
	return &UserCache{c}, nil
}

// Get returns the user, at most CacheConfig.TTL old. Concurrent calls for one user
// share one request. If ctx ends, only this call stops waiting. During an outage Get
// returns an older copy, up to CacheConfig.MaxStale.
//
// The result is a copy, but callers must not modify its lists, which are shared. The
// errors are those of UsersService.Get. A failure is cached for a second, or as long as
// Retry-After says (at most 30 seconds).
func (c *UserCache) Get(ctx context.Context, userID string) (*User, error) {
	return c.inner().get(ctx, userID)
}

// Forget drops the user. The next Get fetches it again. Call it after this server
// changes the user.
func (c *UserCache) Forget(userID string) { c.inner().forget(userID) }

// Handle drops the user of a webhook event: user.created, user.updated, user.deleted.
// It ignores other events. Pass it to webhook.Verifier.Handler, or call it in your own
// function. If the event has no id, the error is a *webhook.Error.
func (c *UserCache) Handle(_ context.Context, ev *webhook.Event) error {
	if ev == nil {
		return errNoEvent
	}
	switch ev.Type {
	case webhook.UserCreated, webhook.UserUpdated, webhook.UserDeleted:
		return forgetIn(c.inner(), ev)
	}
	return nil
}

// Stats returns the statistics of the cache.
func (c *UserCache) Stats() CacheStats { return c.inner().statistics() }

func (c *UserCache) inner() *cache[User] {
	if c == nil {
		return nil
	}
	return c.c
}

var errNoEvent = errors.New("bapi: the webhook event is nil")

// object has the ids in the data of an event.
type object struct {
	ID string `json:"id"`
}

// forgetIn drops the object of an event.
func forgetIn[T any](c *cache[T], ev *webhook.Event) error {
	data, err := webhook.Decode[object](ev)
	if err != nil {
		return err
	}
	if data.ID == "" {
		return webhook.ErrMalformedEvent
	}
	c.forget(data.ID)
	return nil
}
