package bapi

import (
	"context"
	"errors"
	"time"

	"github.com/clerkkit/clerkkit/internal/transport"
)

// ensureTimeout bounds one run of the function given to Ensure.
const ensureTimeout = 10 * time.Second

// Ensure returns a function that finds or creates the row of a user or an organization
// in the application's own table. The work is done by find:
//
//	row := bapi.Ensure(users, func(ctx context.Context, id string, get func() (*bapi.User, error)) (Account, error) {
//		account, err := selectAccount(ctx, db, id)
//		if !errors.Is(err, sql.ErrNoRows) {
//			return account, err // usually without a call to Clerk
//		}
//		u, err := get() // from the cache or from Clerk
//		if err != nil {
//			return Account{}, err
//		}
//		return insertAccount(ctx, db, u) // INSERT … ON CONFLICT DO UPDATE … RETURNING
//	})
//	account, err := row(ctx, clerk.FromContext(ctx).UserID)
//
// Concurrent calls for one id run find once and share its result. If the first page of
// a new user sends ten requests, one row is inserted. Several servers can still insert
// at the same time, so the table must have a unique key on the id. Ensure does not
// cache rows: a later call runs find again.
//
// find runs with its own context, which has the values of the first caller's context
// and a timeout of 10 seconds. If the context of a caller ends, only that caller stops
// waiting. An invalid id is an [ErrInvalidArgument], and find does not run. If find
// panics, every caller panics with the same value.
func Ensure[T, R any](
	from interface {
		Get(ctx context.Context, id string) (*T, error)
	},
	find func(ctx context.Context, id string, get func() (*T, error)) (R, error),
) func(ctx context.Context, id string) (R, error) {
	g := &flights[R]{}
	return func(ctx context.Context, id string) (row R, err error) {
		switch problem := transport.CheckSegment(id); {
		case ctx == nil:
			return row, refused("GET", "", errNoContext)
		case from == nil || find == nil:
			return row, errors.New("bapi: Ensure: the cache or the function is nil")
		case problem != "":
			return row, refused("GET", "", &argumentError{"id", problem})
		}
		f, _ := g.join(ctx, id, ensureTimeout, func(ctx context.Context, _ *flight[R]) (R, error) {
			return find(ctx, id, func() (*T, error) { return from.Get(ctx, id) })
		})
		return f.wait(ctx)
	}
}
