package main

import (
	"context"
	"errors"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

const endpoint = "/webhooks/clerk"

// handleTimeout is shorter than the 15 seconds that the sender waits. Otherwise a
// delivery could count as failed while it is still being handled.
const handleTimeout = 10 * time.Second

// handle applies an event to the table. It returns errors of the database unchanged, so
// that the message is delivered again. Errors in the message are permanent, because a
// redelivery has the same content.
func (s *store) handle(ctx context.Context, ev *webhook.Event) error {
	ctx, cancel := context.WithTimeout(ctx, handleTimeout)
	defer cancel()
	switch ev.Type {
	case webhook.UserCreated, webhook.UserUpdated:
		data, err := webhook.Decode[bapi.User](ev)
		if err != nil {
			return webhook.Permanent(err)
		}
		if data.ID == "" || data.UpdatedAt.IsZero() {
			return webhook.Permanent(errors.New("a user without id or updated_at"))
		}
		return s.once(ctx, ev.ID, func(tx execer) error {
			err := put(ctx, tx, fromClerk(&data))
			if err == nil && ev.Type == webhook.UserCreated {
				err = queueWelcome(ctx, tx, data.ID)
			}
			return err
		})
	case webhook.UserDeleted:
		data, err := webhook.Decode[bapi.DeletedObject](ev)
		if err != nil {
			return webhook.Permanent(err)
		}
		if data.ID == "" {
			return webhook.Permanent(errors.New("a deleted user without id"))
		}
		return s.once(ctx, ev.ID, func(tx execer) error { return bury(ctx, tx, data.ID) })
	}
	return nil // not needed here
}

// fromClerk copies only the fields that the app needs. Other fields cannot leak and
// need no sync.
func fromClerk(u *bapi.User) user {
	row := user{ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, UpdatedAt: u.UpdatedAt.UnixMilli()}
	for _, e := range u.EmailAddresses {
		if e.ID == u.PrimaryEmailAddressID {
			row.Email = e.EmailAddress
		}
	}
	return row
}
