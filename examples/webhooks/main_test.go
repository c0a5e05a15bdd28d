package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// world is Clerk and a receiver with its own database.
type world struct {
	*testing.T
	*clerkSide
	app      *app
	file     string
	signer   *webhook.Signer
	old      *clerktest.Emulator // Clerk before the changes
	messages []message           // in the order of the events
}

// message is a message that was not delivered yet.
type message struct {
	id, kind, userID string
	body             []byte
}

// newWorld has one user from before the webhook existed. Then it creates and changes
// users, and deletes every third of them.
func newWorld(t *testing.T, users int) *world {
	t.Helper()
	c, err := newClerkSide()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.em.Close() })
	c.cfg.Logger = slog.New(slog.DiscardHandler)
	w := &world{T: t, clerkSide: c, file: filepath.Join(t.TempDir(), "users #1?.db")} // characters that must not be read as a query
	if w.signer, err = webhook.NewSigner(c.cfg.WebhookSigningSecret); err != nil {
		t.Fatal(err)
	}
	c.em.AddUser(clerktest.User{Email: "early@example.com"})
	sink := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}) // tests deliver the messages themselves, in any order
	c.em.AddWebhook(clerktest.WebhookEndpoint{Handler: sink, Secret: c.cfg.WebhookSigningSecret, Events: userEvents})
	w.live(users)
	for _, m := range c.sent() {
		var payload struct{ Data struct{ ID string } }
		if err := json.Unmarshal(m.Payload, &payload); err != nil {
			t.Fatal(err)
		}
		w.messages = append(w.messages, message{m.ID, m.Type, payload.Data.ID, m.Payload})
	}
	w.start()
	t.Cleanup(w.stop)
	return w
}

// live creates, changes and deletes users.
func (w *world) live(n int) {
	w.Helper()
	users, err := w.come(w.Context(), n)
	if err != nil {
		w.Fatal(err)
	}
	if w.old, err = clerktest.New(clerktest.Config{}); err != nil {
		w.Fatal(err)
	}
	if err := w.old.Restore(w.em.Snapshot()); err != nil {
		w.Fatal(err)
	}
	if err := w.change(w.Context(), users); err != nil {
		w.Fatal(err)
	}
}

func (w *world) start() {
	w.Helper()
	var err error
	if w.app, err = start(w.Context(), w.cfg, "127.0.0.1:0", w.file); err != nil {
		w.Fatal(err)
	}
}

func (w *world) stop() {
	w.Helper()
	if err := w.app.close(); err != nil {
		w.Error(err)
	}
}

// deliver sends a message with a new signature, as for each attempt.
func (w *world) deliver(m message) (status int, err error) {
	req, err := http.NewRequestWithContext(w.Context(), http.MethodPost, w.app.url, bytes.NewReader(m.body))
	if err != nil {
		return 0, err
	}
	if err := w.signer.Sign(req.Header, m.id, w.em.Now(), m.body); err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

func (w *world) send(m message) int {
	w.Helper()
	status, err := w.deliver(m)
	if err != nil {
		w.Fatal(err)
	}
	return status
}

func (w *world) want(m message, status int) {
	w.Helper()
	if got := w.send(m); got != status {
		w.Errorf("%s %s: %d, want %d", m.id, m.kind, got, status)
	}
}

func (w *world) exec(query string, args ...any) {
	w.Helper()
	if _, err := w.app.users.db.ExecContext(w.Context(), query, args...); err != nil {
		w.Fatal(err)
	}
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	if err := w.app.users.db.QueryRowContext(w.Context(), query, args...).Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

// fail makes the database fail in the middle of each transaction, after the id of the
// message was stored.
func (w *world) fail() (repair func()) {
	w.exec(`CREATE TRIGGER no_insert BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
	return func() { w.exec(`DROP TRIGGER no_insert`) }
}

// inStep compares the table with Clerk's users. Each user must have one welcome letter.
func (w *world) inStep() {
	w.Helper()
	rows, err := w.app.users.list(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	want, err := w.users(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	want = slices.DeleteFunc(want, func(u user) bool { return u.Email == "early@example.com" }) // there is no message about this user
	if !slices.Equal(rows, want) {
		w.Errorf("the table has\n%v\nwant\n%v", rows, want)
	}
	letters := w.count(`SELECT count(*) FROM welcomes`)
	welcomed := w.count(`SELECT count(*) FROM users WHERE NOT deleted AND id IN (SELECT user_id FROM welcomes)`)
	if letters != len(want) || welcomed != len(want) {
		w.Errorf("%d letters to %d users, want one to each of %d", letters, welcomed, len(want))
	}
}

// TestAnyOrder delivers all messages one to three times, shuffled. A third of them
// arrive while the database fails and are delivered again later.
func TestAnyOrder(t *testing.T) {
	for seed := range uint64(12) {
		w := newWorld(t, 6)
		random := rand.New(rand.NewPCG(seed, 0))
		var deliveries []message
		for _, m := range w.messages {
			for range 1 + random.IntN(3) {
				deliveries = append(deliveries, m)
			}
		}
		random.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })

		third := len(deliveries) / 3
		handled := map[string]bool{}
		for _, m := range deliveries[:third] {
			w.want(m, http.StatusOK)
			handled[m.id] = true
		}
		repair := w.fail()
		for _, m := range deliveries[third : 2*third] {
			if handled[m.id] {
				w.want(m, http.StatusOK) // nothing to do
				continue
			}
			w.want(m, http.StatusInternalServerError)
			deliveries = append(deliveries, m)
		}
		repair()
		for _, m := range deliveries[2*third:] {
			w.want(m, http.StatusOK)
		}
		w.inStep()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestConcurrently(t *testing.T) {
	w := newWorld(t, 9)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range w.messages {
				m := w.messages[(i+worker*5)%len(w.messages)]
				if status, err := w.deliver(m); status != http.StatusOK {
					t.Errorf("%s: %d %v", m.id, status, err)
				}
			}
		})
	}
	wg.Wait()
	w.inStep()
}

// TestRestart: handled messages are stored in the file, and a database that is
// unavailable loses no message.
func TestRestart(t *testing.T) {
	w := newWorld(t, 3)
	half := len(w.messages) / 2
	for _, m := range w.messages[:half] {
		w.want(m, http.StatusOK)
	}
	if err := w.app.users.db.Close(); err != nil {
		t.Fatal(err)
	}
	w.want(w.messages[0], http.StatusInternalServerError)
	w.want(w.messages[half], http.StatusInternalServerError)
	w.stop()
	w.start()
	for _, m := range w.messages {
		w.want(m, http.StatusOK)
	}
	w.inStep()
}

func TestTombstone(t *testing.T) {
	w := newWorld(t, 3) // the third goes
	life := slices.DeleteFunc(slices.Clone(w.messages), func(m message) bool { return m.userID != w.messages[len(w.messages)-1].userID })
	w.want(life[1], http.StatusOK)           // updated
	w.want(life[len(life)-1], http.StatusOK) // deleted
	w.want(life[0], http.StatusOK)           // created, late
	w.want(life[2], http.StatusOK)           // updated, late
	const tombstone = `SELECT count(*) FROM users WHERE id = ? AND deleted AND email || first_name || last_name = ''`
	if w.count(tombstone, life[0].userID) != 1 {
		t.Error("there is no tombstone, or it holds more than the id")
	}
	if n := w.count(`SELECT count(*) FROM welcomes`); n != 0 {
		t.Errorf("%d letters to a user who is gone", n)
	}
}

func TestForgetsOldMessages(t *testing.T) {
	w := newWorld(t, 3)
	w.exec(`INSERT INTO messages VALUES ('msg_old', ?), ('msg_known', ?)`,
		time.Now().Add(-remembered-time.Minute).UnixMilli(), time.Now().Add(-remembered+time.Minute).UnixMilli())
	w.want(w.messages[0], http.StatusOK)
	if n := w.count(`SELECT count(*) FROM messages WHERE id IN ('msg_known', ?)`, w.messages[0].id); n != 2 {
		t.Errorf("%d of 2 messages remembered", n)
	}
	if w.count(`SELECT count(*) FROM messages`) != 2 {
		t.Error("an old message is still remembered")
	}
}

// TestPermanent: a signed message that cannot be handled is not delivered again. A
// replay after the cause is fixed is handled.
func TestPermanent(t *testing.T) {
	w := newWorld(t, 1)
	for name, body := range map[string]string{
		"id is a number":       `{"type":"user.created","data":{"id":5,"updated_at":1700000000000}}`,
		"no id":                `{"type":"user.created","data":{"updated_at":1700000000000}}`,
		"no updated_at":        `{"type":"user.updated","data":{"id":"user_1"}}`,
		"no data":              `{"type":"user.updated"}`,
		"data is a list":       `{"type":"user.updated","data":[]}`,
		"deletion of nobody":   `{"type":"user.deleted","data":{"deleted":true}}`,
		"deletion of a number": `{"type":"user.deleted","data":{"id":7}}`,
	} {
		r := httptest.NewRequest(http.MethodPost, endpoint, strings.NewReader(body))
		if err := w.signer.Sign(r.Header, w.messages[0].id, w.em.Now(), []byte(body)); err != nil {
			t.Fatal(err)
		}
		rec := httptest.NewRecorder()
		w.app.server.Handler.ServeHTTP(rec, r)
		if rec.Code != http.StatusUnprocessableEntity || rec.Header().Get("Webhook-Delivery") != "abort-message" {
			t.Errorf("%s: %d %v, want 422 and no redelivery", name, rec.Code, rec.Header())
		}
	}
	if n := w.count(`SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM messages)`); n != 0 {
		t.Errorf("%d rows of what could not be used", n)
	}
	w.want(message{id: "msg_else", body: []byte(`{"type":"session.created","data":{}}`)}, http.StatusOK)
	for _, m := range w.messages {
		w.want(m, http.StatusOK)
	}
	w.inStep()
}

func TestForged(t *testing.T) {
	w := newWorld(t, 1)
	m := w.messages[0]
	foreign, err := webhook.NewSigner("whsec_" + strings.Repeat("AAAA", 8))
	if err != nil {
		t.Fatal(err)
	}
	sign := func(s *webhook.Signer, at time.Time) http.Header {
		h := http.Header{}
		if err := s.Sign(h, m.id, at, m.body); err != nil {
			t.Fatal(err)
		}
		return h
	}
	otherID := sign(w.signer, w.em.Now())
	otherID.Set("Svix-Id", "msg_another")
	body := string(m.body)
	for name, forgery := range map[string]struct {
		header http.Header
		body   string
	}{
		"not signed":     {http.Header{}, body},
		"another secret": {sign(foreign, w.em.Now()), body},
		"another id":     {otherID, body},
		"another body":   {sign(w.signer, w.em.Now()), strings.Replace(body, "user1@", "eve@", 1)},
		"no body":        {sign(w.signer, w.em.Now()), ""},
		"recorded":       {sign(w.signer, w.em.Now().Add(-time.Hour)), body},
	} {
		r := httptest.NewRequest(http.MethodPost, endpoint, strings.NewReader(forgery.body))
		r.Header = forgery.header
		rec := httptest.NewRecorder()
		w.app.server.Handler.ServeHTTP(rec, r)
		if rec.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	if n := w.count(`SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM messages)`); n != 0 {
		t.Errorf("%d rows of forgeries", n)
	}
}

// TestBackfill: the list of the Backend API is older than the messages and undoes none
// of them, in either order.
func TestBackfill(t *testing.T) {
	for _, first := range []bool{true, false} {
		w := newWorld(t, 4)
		fetch := func() {
			cfg := w.old.Config()
			if n, err := w.app.backfill(t.Context(), cfg); n != 5 || err != nil {
				t.Fatalf("%d users, %v", n, err)
			}
		}
		if first {
			fetch()
		}
		for _, m := range w.messages {
			w.want(m, http.StatusOK)
		}
		if !first {
			fetch()
		}
		rows, err := w.app.users.list(t.Context())
		want, errWant := w.users(t.Context())
		if err != nil || errWant != nil || !slices.Equal(rows, want) {
			t.Errorf("fetched first %v: the table has\n%v\nwant\n%v (%v)", first, rows, want, err)
		}
	}
}

func TestServe(t *testing.T) {
	c, err := newClerkSide()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("CLERK_SECRET_KEY", "")
	t.Setenv("CLERK_WEBHOOK_SIGNING_SECRET", "")
	if err := serve(t.Context(), "127.0.0.1:0", filepath.Join(t.TempDir(), "users.db")); err == nil {
		t.Error("it serves without a signing secret")
	}
	t.Setenv("CLERK_WEBHOOK_SIGNING_SECRET", c.cfg.WebhookSigningSecret)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := serve(ctx, "127.0.0.1:0", filepath.Join(t.TempDir(), "users.db")); err == nil {
		t.Error("it starts although it was stopped")
	}
}

// TestRealDeliveries uses the emulator's own deliveries. They fail while the database
// or the receiver is down, are retried, and are replayed.
func TestRealDeliveries(t *testing.T) {
	w := newWorld(t, 0)
	up := true
	w.em.AddWebhook(clerktest.WebhookEndpoint{
		URL: "http://localhost" + endpoint, Secret: w.cfg.WebhookSigningSecret, Events: userEvents,
		Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !up {
				panic(http.ErrAbortHandler) // the connection is cut
			}
			w.app.server.Handler.ServeHTTP(rw, r)
		}),
	})
	deliveries := func(state string, lastStatus, least int) {
		t.Helper()
		if err := w.em.FlushWebhooks(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, m := range w.sent() {
			d := m.Deliveries[1]
			if n := len(d.Attempts); d.State != state || n < least || d.Attempts[n-1].Status != lastStatus {
				t.Fatalf("%s %s: %+v, want %s after %d attempts", m.ID, m.Type, d, state, least)
			}
		}
	}
	repair := w.fail()
	w.live(4)
	deliveries(clerktest.WebhookPending, http.StatusInternalServerError, 1)
	repair()
	up = false
	w.em.Advance(5 * time.Minute) // messages that failed once or twice are due
	deliveries(clerktest.WebhookPending, 0, 2)
	up = true
	w.em.Advance(30 * time.Minute)
	deliveries(clerktest.WebhookDelivered, http.StatusOK, 3)
	w.inStep()
	for _, m := range slices.Backward(w.sent()) {
		w.em.ReplayWebhook(m.ID)
	}
	deliveries(clerktest.WebhookDelivered, http.StatusOK, 4)
	w.inStep()
	if n := w.count(`SELECT count(*) FROM messages`); n != len(w.sent()) {
		t.Errorf("%d of %d messages remembered", n, len(w.sent()))
	}
}

func TestDemo(t *testing.T) {
	if err := demo(t.Context(), io.Discard); err != nil {
		t.Error(err)
	}
}
