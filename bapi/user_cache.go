package bapi

import (
	"context"
	"errors"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// UserGetter is what a [UserCache] asks: Client.Users, or a mock.
type UserGetter interface {
	Get(ctx context.Context, userID string, opts ...CallOption) (*User, error)
}

// UserCache keeps users in memory, so that a server that wants more than the id of a user
// does not ask Clerk in every request. It is safe for concurrent use and needs no Close.
type UserCache struct{ c *cache[User] }

// NewUserCache makes a cache in front of users. A setting that cannot be used is a
// *clerk.ConfigError.
//
//	users, err := bapi.NewUserCache(api.Users, bapi.CacheConfig{})
//	mux.Handle("POST /webhooks", hook.Handler(users.Handle))
//	u, err := users.Get(ctx, clerk.FromContext(ctx).UserID)
func NewUserCache(users UserGetter, cfg CacheConfig) (*UserCache, error) {
	if users == nil {
		return nil, &clerk.ConfigError{Field: "users", Problem: "is nil: give Client.Users"}
	}
	c, err := newCache(cfg, "GET /v1/users/{user_id}", func(u *User) string { return u.ID }, func(ctx context.Context, id string) (*User, error) {
		return users.Get(ctx, id)
	})
	if err != nil {
		return nil, err
	}
	return &UserCache{c}, nil
}

// Get returns the user, as Clerk had them CacheConfig.TTL ago at the most. However many
// callers want the same user, one request is sent; when ctx ends, it ends the wait of this
// caller alone. While Clerk cannot be asked, an older answer is returned, up to
// CacheConfig.MaxStale.
//
// The user is a copy, but for its lists: do not change those. Errors are those of
// UsersService.Get; a failure is remembered for a second, or as long as Retry-After asks (30
// seconds at most).
func (c *UserCache) Get(ctx context.Context, userID string) (*User, error) {
	return c.inner().get(ctx, userID)
}

// Forget drops the user: the next Get asks Clerk. Call it after a change that this server
// makes itself.
func (c *UserCache) Forget(userID string) { c.inner().forget(userID) }

// Handle drops the user that a webhook event is about: user.created, user.updated,
// user.deleted. Other events change nothing. It fits webhook.Verifier.Handler, alone or
// called by a function of yours. The error of an event without an id is a *webhook.Error.
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

// Stats tells how the cache does.
func (c *UserCache) Stats() CacheStats { return c.inner().statistics() }

func (c *UserCache) inner() *cache[User] {
	if c == nil {
		return nil
	}
	return c.c
}

var errNoEvent = errors.New("bapi: the webhook event is nil")

// object is as much of the data of an event as says what it is about.
type object struct {
	ID string `json:"id"`
}

// forgetIn drops the object that an event is about.
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
