package clerktest

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// defaultAgentSession is how long an agent's session lasts.
const defaultAgentSession = 30 * time.Minute

// agentTask lets an agent sign in as a user, once.
type agentTask struct {
	ID, AgentID string
	UserID      string
	Redirect    string
	Lifetime    time.Duration // of the session
	Status      string        // pending, accepted, revoked
	Created     made
}

// agentID is the same for each name.
func agentID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return "agent_" + hex.EncodeToString(sum[:16])
}

// newAgentTask keeps a task and returns its ticket.
func (s *store) newAgentTask(t agentTask) (agentTask, string) {
	return with2(s, func(tx *stateTx) (agentTask, string) {
		t.ID, t.Status, t.Created = tx.ids.next("agent_task"), "pending", tx.made()
		ticket := tx.ids.random(43)
		tx.AgentTasks[ticket] = &t
		return t, ticket
	})
}

// takeAgentTask accepts a task, which works once.
func (s *store) takeAgentTask(ticket string) (agentTask, error) {
	return with2(s, func(tx *stateTx) (agentTask, error) {
		t := tx.AgentTasks[ticket]
		switch {
		case t == nil:
			return agentTask{}, errNotFound("agent task for this ticket")
		case t.Status == "accepted":
			return agentTask{}, errBadRequest("agent_task_already_used_code", "This agent task has been used.")
		case t.Status != "pending":
			return agentTask{}, errBadRequest("agent_task_revoked_code", "This agent task has been revoked.")
		}
		t.Status = "accepted"
		return *t, nil
	})
}

// agentTaskOf returns the task of a ticket as it is.
func (s *store) agentTaskOf(ticket string) (agentTask, error) {
	return with2(s, func(tx *stateTx) (agentTask, error) {
		if t := tx.AgentTasks[ticket]; t != nil {
			return *t, nil
		}
		return agentTask{}, errNotFound("agent task for this ticket")
	})
}

// revokeAgentTask ends a task that waits.
func (s *store) revokeAgentTask(id string) (agentTask, error) {
	return with2(s, func(tx *stateTx) (agentTask, error) {
		for _, t := range tx.AgentTasks {
			if t.ID != id {
				continue
			}
			if t.Status != "pending" {
				return agentTask{}, errBadRequest("agent_task_cannot_be_revoked_code", "This agent task is "+t.Status+".")
			}
			t.Status = "revoked"
			return *t, nil
		}
		return agentTask{}, errNotFound("agent task with id " + quoted(id))
	})
}

// limitSession makes a session end after a while at the latest.
func (s *store) limitSession(id string, lifetime time.Duration) {
	s.Apply(func(tx *stateTx) {
		if rec := tx.Sessions[id]; rec != nil {
			if end := tx.now().Add(lifetime); end.Before(rec.ExpireAt) {
				rec.ExpireAt = end
			}
		}
	})
}
