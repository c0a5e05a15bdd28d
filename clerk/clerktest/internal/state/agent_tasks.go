package state

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// DefaultAgentSession is how long an agent's session lasts.
const DefaultAgentSession = 30 * time.Minute

// AgentTask lets an agent sign in as a user, once.
type AgentTask struct {
	ID, AgentID string
	UserID      string
	Redirect    string
	Lifetime    time.Duration // of the session
	Status      string        // pending, accepted, revoked
	Created     Made
}

// AgentID is the same for each name.
func AgentID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return "agent_" + hex.EncodeToString(sum[:16])
}

// NewAgentTask keeps a task and returns its ticket.
func (s *Store) NewAgentTask(t AgentTask) (AgentTask, string) {
	return With2(s, func(tx *Tx) (AgentTask, string) {
		t.ID, t.Status, t.Created = tx.IDs.Next("agent_task"), "pending", tx.Made()
		ticket := tx.IDs.Random(43)
		tx.AgentTasks[ticket] = &t
		return t, ticket
	})
}

// TakeAgentTask accepts a task, which works once.
func (s *Store) TakeAgentTask(ticket string) (AgentTask, error) {
	return With2(s, func(tx *Tx) (AgentTask, error) {
		t := tx.AgentTasks[ticket]
		switch {
		case t == nil:
			return AgentTask{}, refusal.NotFound("agent task for this ticket")
		case t.Status == "accepted":
			return AgentTask{}, refusal.BadRequest("agent_task_already_used_code", "This agent task has been used.")
		case t.Status != "pending":
			return AgentTask{}, refusal.BadRequest("agent_task_revoked_code", "This agent task has been revoked.")
		}
		t.Status = "accepted"
		return *t, nil
	})
}

// AgentTaskOf returns the task of a ticket as it is.
func (s *Store) AgentTaskOf(ticket string) (AgentTask, error) {
	return With2(s, func(tx *Tx) (AgentTask, error) {
		if t := tx.AgentTasks[ticket]; t != nil {
			return *t, nil
		}
		return AgentTask{}, refusal.NotFound("agent task for this ticket")
	})
}

// RevokeAgentTask ends a task that waits.
func (s *Store) RevokeAgentTask(id string) (AgentTask, error) {
	return With2(s, func(tx *Tx) (AgentTask, error) {
		for _, t := range tx.AgentTasks {
			if t.ID != id {
				continue
			}
			if t.Status != "pending" {
				return AgentTask{}, refusal.BadRequest("agent_task_cannot_be_revoked_code", "This agent task is "+t.Status+".")
			}
			t.Status = "revoked"
			return *t, nil
		}
		return AgentTask{}, refusal.NotFound("agent task with id " + refusal.Quoted(id))
	})
}

// LimitSession makes a session end after a while at the latest.
func (s *Store) LimitSession(id string, lifetime time.Duration) {
	s.Apply(func(tx *Tx) {
		if rec := tx.Sessions[id]; rec != nil {
			if end := tx.Now().Add(lifetime); end.Before(rec.ExpireAt) {
				rec.ExpireAt = end
			}
		}
	})
}
