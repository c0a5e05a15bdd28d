package state

import (
	"slices"
)

// Session tasks: what a user must do after signing in, before the session is an
// active one (https://clerk.com/docs/guides/configure/session-tasks).
const (
	TaskResetPassword      = "reset-password" // a password that is known to be compromised
	TaskChooseOrganization = "choose-organization"
	TaskSetupMFA           = "setup-mfa"
)

// tasks are the tasks of a new session, in the order in which clerk-js asks
// for them.
func (tx *Tx) tasks(u *User, in *SignIn, organizationID string) []string {
	if in.Task != "" {
		return []string{in.Task}
	}
	var tasks []string
	if u.Compromised && in.Actor == nil {
		tasks = append(tasks, TaskResetPassword)
	}
	if tx.Settings.ForceOrganizationSelection && organizationID == "" {
		tasks = append(tasks, TaskChooseOrganization)
	}
	if tx.Settings.RequireMFA && !u.HasSecondFactor() {
		tasks = append(tasks, TaskSetupMFA)
	}
	return tasks
}

// finishTask takes a task from a session. With the last one it is active.
func (tx *Tx) finishTask(rec *Session, task string) {
	if rec.Status != StatusPending || !slices.Contains(rec.Tasks, task) {
		return
	}
	rec.Tasks = slices.DeleteFunc(slices.Clone(rec.Tasks), func(t string) bool { return t == task })
	rec.UpdatedAt = tx.Now()
	if len(rec.Tasks) == 0 {
		rec.Tasks, rec.Status = nil, StatusActive
		Emit(tx, "session.created", rec)
	}
	tx.touchClient(rec.ClientID)
}

// FinishTasks takes a task from all sessions of a user, who has done it.
func (tx *Tx) FinishTasks(u *User, task string) {
	for _, rec := range tx.Sessions {
		if rec.UserID == u.ID {
			tx.finishTask(rec, task)
		}
	}
}
