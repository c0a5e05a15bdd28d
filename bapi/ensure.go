package bapi

import (
	"context"
	"errors"
	"time"

	"github.com/clerkkit/clerkkit/internal/transport"
)

// ensureTimeout bounds one run of the function given to Ensure.
const ensureTimeout = 10 * time.Second

// Ensure returns a function that finds or creates the row of a user, or of an organization,
// in the application's own table. find does the work:
//
//	row := bapi.Ensure(users, func(ctx context.Context, id string, get func() (*bapi.User, error)) (Account, error) {
//		account, err := selectAccount(ctx, db, id)
//		if !errors.Is(err, sql.ErrNoRows) {
//			return account, err // the usual case, without a call to Clerk
//		}
//		u, err := get() // from the cache, or from Clerk
//		if err != nil {
//			return Account{}, err
//		}
//		return insertAccount(ctx, db, u) // INSERT … ON CONFLICT DO UPDATE … RETURNING
//	})
//	account, err := row(ctx, clerk.FromContext(ctx).UserID)
//
// However many requests want the row of one id, find runs once and all get what it returns:
// the first visit of a user, with ten requests of one page, makes one row. Several servers
// may still insert at the same time, so the table needs a unique key on the id. Rows are not
// remembered; a later call runs find again.
//
// find runs under a context of its own, with the values of the first caller's and a limit of
// 10 seconds: when the context of a caller ends, it ends the wait of that caller alone. An
// id that could not be one is [ErrInvalidArgument], and find does not run. A panic in find
// is raised again in every caller.
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
			return row, errors.New("bapi: Ensure was given nil")
		case problem != "":
			return row, refused("GET", "", &argumentError{"id", problem})
		}
		f, _ := g.join(ctx, id, ensureTimeout, func(ctx context.Context, _ *flight[R]) (R, error) {
			return find(ctx, id, func() (*T, error) { return from.Get(ctx, id) })
		})
		return f.wait(ctx)
	}
}
