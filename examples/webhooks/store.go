package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite": SQLite without cgo
)

// schema has no UNIQUE on email: an address can move from one user to another, and the
// two messages can arrive in either order.
const schema = `
CREATE TABLE IF NOT EXISTS users (
	id         TEXT PRIMARY KEY,
	email      TEXT NOT NULL DEFAULT '',
	first_name TEXT NOT NULL DEFAULT '',
	last_name  TEXT NOT NULL DEFAULT '',
	updated_at INTEGER NOT NULL DEFAULT 0, -- at Clerk, in milliseconds: the version of the row
	deleted    INTEGER NOT NULL DEFAULT 0  -- a tombstone: the id and nothing else
);
CREATE TABLE IF NOT EXISTS messages ( -- handled messages
	id         TEXT PRIMARY KEY,
	handled_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_handled_at ON messages (handled_at);
CREATE TABLE IF NOT EXISTS welcomes ( -- letters that another job sends
	user_id TEXT NOT NULL
);`

// remembered is how long ids of messages are kept. It is much longer than the 28 hours
// of redeliveries. A manual replay after that does not change the users.
const remembered = 30 * 24 * time.Hour

type store struct{ db *sql.DB }

// execer is a transaction, or the database for a single statement.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// user is a row of the table.
type user struct {
	ID, Email, FirstName, LastName string
	UpdatedAt                      int64 // in milliseconds since 1970, as at Clerk
}

func openStore(ctx context.Context, file string) (*store, error) {
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file), RawQuery: url.Values{
		"_pragma": {"journal_mode(WAL)", "busy_timeout(5000)"}, // other processes can read and write
		"_txlock": {"immediate"},                               // all transactions write
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // SQLite has one writer: wait here, with the context
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &store{db}, nil
}

// once runs change for a message that was not handled before. It commits the change and
// the id of the message together. After a crash neither is there, and the message is
// delivered again.
func (s *store) once(ctx context.Context, messageID string, change func(execer) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to undo
	now := time.Now()
	res, err := tx.ExecContext(ctx, `INSERT INTO messages (id, handled_at) VALUES (?, ?) ON CONFLICT DO NOTHING`, messageID, now.UnixMilli())
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err // nil: handled before
	}
	if err := change(tx); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM messages WHERE handled_at < ?`, now.Add(-remembered).UnixMilli()); err != nil {
		return err
	}
	return tx.Commit()
}

// put writes a version of a user unless there is a newer one or a tombstone.
func put(ctx context.Context, tx execer, u user) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO users (id, email, first_name, last_name, updated_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET
			email = excluded.email, first_name = excluded.first_name, last_name = excluded.last_name, updated_at = excluded.updated_at
		WHERE excluded.updated_at >= users.updated_at AND NOT users.deleted`,
		u.ID, u.Email, u.FirstName, u.LastName, u.UpdatedAt)
	return err
}

// bury writes a tombstone, also for an unknown user, because the message about the
// creation can arrive later. Clerk does not reuse ids, so the tombstone stays.
func bury(ctx context.Context, tx execer, id string) error {
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO users (id, deleted) VALUES (?, 1)
		ON CONFLICT (id) DO UPDATE SET email = '', first_name = '', last_name = '', deleted = 1`, id); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM welcomes WHERE user_id = ?`, id)
	return err
}

// queueWelcome shows why the ids of messages are stored: a letter must not be sent
// twice, and updated_at cannot prevent that. It only queues the letter, because sending
// cannot be rolled back.
func queueWelcome(ctx context.Context, tx execer, id string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO welcomes (user_id) SELECT id FROM users WHERE id = ? AND NOT deleted`, id)
	return err
}

// list returns the users that are not deleted, by id.
func (s *store) list(ctx context.Context) (users []user, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, email, first_name, last_name, updated_at FROM users WHERE NOT deleted ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var u user
		if err := rows.Scan(&u.ID, &u.Email, &u.FirstName, &u.LastName, &u.UpdatedAt); err != nil {
			return nil, err
		}
		users = append(users, u)
	}
	return users, rows.Err()
}
