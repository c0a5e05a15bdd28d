package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// demo creates, changes and deletes users in an emulator, which sends webhooks to the
// receiver like Clerk. Then it sends all of them again, the newest first.
func demo(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "webhooks")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c, err := newClerkSide()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.em.Close()) }()
	a, err := start(ctx, c.cfg, "localhost:0", filepath.Join(dir, "users.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()

	c.em.AddUser(clerktest.User{Email: "early@example.com"}) // before there was a webhook
	c.em.AddWebhook(clerktest.WebhookEndpoint{URL: a.url, Secret: c.cfg.WebhookSigningSecret, Events: userEvents})
	users, err := c.come(ctx, 4)
	if err != nil {
		return err
	}
	if err := c.change(ctx, users); err != nil {
		return err
	}
	if err := c.em.FlushWebhooks(ctx); err != nil {
		return err
	}
	for _, m := range slices.Backward(c.sent()) {
		c.em.ReplayWebhook(m.ID)
		if err := c.em.FlushWebhooks(ctx); err != nil {
			return err
		}
	}
	for _, m := range c.sent() {
		for _, a := range m.Deliveries[0].Attempts {
			fmt.Fprintln(out, "delivered", m.ID, m.Type, a.Status)
		}
	}
	n, err := a.backfill(ctx, c.cfg)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "fetched  ", n, "users from the Backend API")
	rows, err := a.users.list(ctx)
	if err != nil {
		return err
	}
	for _, u := range rows {
		fmt.Fprintln(out, "row      ", u.ID, u.Email, u.FirstName, u.LastName)
	}
	want, err := c.users(ctx)
	if err != nil {
		return err
	}
	if !slices.Equal(rows, want) {
		return fmt.Errorf("the table should have %v", want)
	}
	fmt.Fprintln(out, "The table has the users that Clerk has.")
	return nil
}

var userEvents = []string{webhook.UserCreated, webhook.UserUpdated, webhook.UserDeleted}

// clerkSide is the Clerk side: an emulator, and a client of its Backend API.
type clerkSide struct {
	cfg clerk.Config
	em  *clerktest.Emulator
	api *bapi.Client
}

func newClerkSide() (*clerkSide, error) {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		return nil, err
	}
	c := &clerkSide{em: em, cfg: em.Config()}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	c.cfg.WebhookSigningSecret = "whsec_" + base64.StdEncoding.EncodeToString(secret)
	c.api, err = bapi.FromConfig(c.cfg)
	return c, err
}

// come creates n users.
func (c *clerkSide) come(ctx context.Context, n int) (users []*bapi.User, err error) {
	for i := range n {
		u, err := c.api.Users.Create(ctx, bapi.UserCreateParams{
			EmailAddress: []string{fmt.Sprintf("user%d@example.com", i+1)}, FirstName: bapi.Set("New"),
			SkipPasswordRequirement: bapi.Set(true),
		})
		if err != nil {
			return nil, err
		}
		users = append(users, u)
	}
	return users, nil
}

// change renames users twice, and deletes every third of them.
func (c *clerkSide) change(ctx context.Context, users []*bapi.User) (err error) {
	for i, u := range users {
		for _, name := range []string{"Renamed", "Renamed again"} {
			if err == nil {
				c.em.Advance(time.Second)
				u, err = c.api.Users.Update(ctx, u.ID, bapi.UserUpdateParams{FirstName: bapi.Set(name)})
			}
		}
		if err == nil && i%3 == 2 {
			_, err = c.api.Users.Delete(ctx, u.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// users returns the expected rows of the table.
func (c *clerkSide) users(ctx context.Context) (users []user, err error) {
	for u, err := range c.api.Users.All(ctx, bapi.UserListParams{}) {
		if err != nil {
			return nil, err
		}
		users = append(users, fromClerk(u))
	}
	slices.SortFunc(users, func(a, b user) int { return cmp.Compare(a.ID, b.ID) })
	return users, nil
}

// sent returns the messages for the receiver, in the order of the events.
func (c *clerkSide) sent() []clerktest.WebhookMessage {
	return slices.DeleteFunc(c.em.WebhookMessages(), func(m clerktest.WebhookMessage) bool {
		return len(m.Deliveries) == 0 || !strings.HasPrefix(m.Type, "user.")
	})
}
