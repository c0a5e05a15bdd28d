package clerktest

import "slices"

// Session tasks: what a user must do after signing in, before the session is an
// active one (https://clerk.com/docs/guides/configure/session-tasks).
const (
	taskResetPassword      = "reset-password" // a password that is known to be compromised
	taskChooseOrganization = "choose-organization"
	taskSetupMFA           = "setup-mfa"
)

// tasks are the tasks of a new session, in the order in which clerk-js asks
// for them.
func (tx *stateTx) tasks(u *user, in *signIn, organizationID string) []string {
	if in.task != "" {
		return []string{in.task}
	}
	var tasks []string
	if u.Compromised && in.actor == nil {
		tasks = append(tasks, taskResetPassword)
	}
	if tx.Settings.ForceOrganizationSelection && organizationID == "" {
		tasks = append(tasks, taskChooseOrganization)
	}
	if tx.Settings.RequireMFA && !u.hasSecondFactor() {
		tasks = append(tasks, taskSetupMFA)
	}
	return tasks
}

// finishTask takes a task from a session. With the last one it is active.
func (tx *stateTx) finishTask(rec *session, task string) {
	if rec.Status != statusPending || !slices.Contains(rec.Tasks, task) {
		return
	}
	rec.Tasks = slices.DeleteFunc(slices.Clone(rec.Tasks), func(t string) bool { return t == task })
	rec.UpdatedAt = tx.now()
	if len(rec.Tasks) == 0 {
		rec.Tasks, rec.Status = nil, statusActive
		emit(tx, "session.created", rec)
	}
	tx.touchClient(rec.ClientID)
}

// finishTasks takes a task from all sessions of a user, who has done it.
func (tx *stateTx) finishTasks(u *user, task string) {
	for _, rec := range tx.Sessions {
		if rec.UserID == u.ID {
			tx.finishTask(rec, task)
		}
	}
}
