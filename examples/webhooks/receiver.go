package main

import (
	"context"
	"errors"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

const endpoint = "/webhooks/clerk"

// handleTimeout is shorter than the 15 seconds that the sender waits: better a 500
// of our own than a delivery that counts as failed while it is still being handled.
const handleTimeout = 10 * time.Second

// handle does to the table what an event says. Errors of the database go back as
// they are, so that the message is sent again; those of the message are permanent,
// because the same bytes would come again.
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
	return nil // of no use here: handled
}

// fromClerk takes what the app needs, and nothing else: what is not stored cannot
// leak, and need not be kept in step.
func fromClerk(u *bapi.User) user {
	row := user{ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, UpdatedAt: u.UpdatedAt.UnixMilli()}
	for _, e := range u.EmailAddresses {
		if e.ID == u.PrimaryEmailAddressID {
			row.Email = e.EmailAddress
		}
	}
	return row
}
