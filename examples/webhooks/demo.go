package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// demo plays Clerk's part against the receiver, in the worst order there is.
func demo(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "webhooks")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c, err := newClerkSide(ctx, 4)
	if err != nil {
		return err
	}
	a, err := start(ctx, c.cfg, "localhost:0", filepath.Join(dir, "users.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()

	deliveries := slices.Concat(c.messages, c.messages)
	slices.Reverse(deliveries)
	for _, m := range deliveries {
		status, err := c.deliver(ctx, a.url, m)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "delivered", m.id, m.kind, m.userID, status)
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
	if !slices.Equal(rows, c.users) {
		return fmt.Errorf("the table should have %v", c.users)
	}
	fmt.Fprintln(out, "The table has the users that Clerk has.")
	return nil
}

// clerkSide is Clerk: an emulator, for the Backend API, and the sender of webhooks,
// which the emulator does not have.
type clerkSide struct {
	cfg      clerk.Config
	em       *clerktest.Emulator
	signer   *webhook.Signer
	messages []message // in the order in which things happened
	users    []user    // what the table must come to, by id
}

type message struct {
	id, kind, userID string
	body             []byte
}

// newClerkSide has one user from before there was a webhook; then n come and
// change, and every third of them goes.
func newClerkSide(ctx context.Context, n int) (*clerkSide, error) {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		return nil, err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	c := &clerkSide{em: em, cfg: em.Config()}
	c.cfg.WebhookSigningSecret = "whsec_" + base64.StdEncoding.EncodeToString(secret)
	if c.signer, err = webhook.NewSigner(c.cfg.WebhookSigningSecret); err != nil {
		return nil, err
	}
	api, err := newAPI(c.cfg)
	if err != nil {
		return nil, err
	}
	for i := range n + 1 {
		added := em.AddUser(clerktest.User{Email: fmt.Sprintf("user%d@example.com", i), FirstName: "New", LastName: "User"})
		u, err := api.Users.Get(ctx, added.ID) // the JSON of messages is that of the Backend API
		if err != nil {
			return nil, err
		}
		if i > 0 {
			err = c.life(u, i%3 == 0)
		}
		if err != nil {
			return nil, err
		}
		if i == 0 || i%3 != 0 {
			c.users = append(c.users, fromClerk(u))
		}
	}
	slices.SortFunc(c.users, func(a, b user) int { return cmp.Compare(a.ID, b.ID) })
	return c, nil
}

// life is what happens to one user. The emulator is not told of it: its list of
// users is an old one, as a list is that was made before a message came.
func (c *clerkSide) life(u *bapi.User, goes bool) error {
	err := c.happened(webhook.UserCreated, u.ID, u)
	for _, name := range []string{"Renamed", "Renamed again"} {
		c.em.Advance(time.Second)
		u.FirstName, u.UpdatedAt = name, c.em.Now()
		err = errors.Join(err, c.happened(webhook.UserUpdated, u.ID, u))
	}
	if goes {
		err = errors.Join(err, c.happened(webhook.UserDeleted, u.ID, bapi.DeletedObject{Object: "user", ID: u.ID, Deleted: true}))
	}
	return err
}

func (c *clerkSide) happened(kind, userID string, data any) error {
	body, err := json.Marshal(map[string]any{"object": "event", "type": kind, "timestamp": c.em.Now().UnixMilli(), "data": data})
	c.messages = append(c.messages, message{fmt.Sprintf("msg_%d", len(c.messages)+1), kind, userID, body})
	return err
}

// deliver sends a message, signed anew as for each attempt.
func (c *clerkSide) deliver(ctx context.Context, target string, m message) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(m.body))
	if err != nil {
		return 0, err
	}
	if err := c.signer.Sign(req.Header, m.id, c.em.Now(), m.body); err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}
