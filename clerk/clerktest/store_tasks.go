package clerktest

import "slices"

// Session tasks: what a user must do after signing in, before the session is an
// active one (https://clerk.com/docs/guides/configure/session-tasks).
const (
	taskResetPassword      = "reset-password" // a password that is known to be compromised
	taskChooseOrganization = "choose-organization"
	taskSetupMFA           = "setup-mfa"
)

// tasksLocked are the tasks of a new session, in the order in which clerk-js asks
// for them.
func (s *store) tasksLocked(u *user, in *signIn, organizationID string) []string {
	if in.task != "" {
		return []string{in.task}
	}
	var tasks []string
	if u.Compromised && in.actor == nil {
		tasks = append(tasks, taskResetPassword)
	}
	if s.Settings.ForceOrganizationSelection && organizationID == "" {
		tasks = append(tasks, taskChooseOrganization)
	}
	if s.Settings.RequireMFA && !u.hasSecondFactor() {
		tasks = append(tasks, taskSetupMFA)
	}
	return tasks
}

// finishTaskLocked takes a task from a session. With the last one it is active.
func (s *store) finishTaskLocked(rec *session, task string) {
	if rec.Status != statusPending || !slices.Contains(rec.Tasks, task) {
		return
	}
	rec.Tasks = slices.DeleteFunc(slices.Clone(rec.Tasks), func(t string) bool { return t == task })
	rec.UpdatedAt = s.now()
	if len(rec.Tasks) == 0 {
		rec.Tasks, rec.Status = nil, statusActive
		emitLocked(s, "session.created", rec)
	}
	s.touchClientLocked(rec.ClientID)
}

// finishTasksLocked takes a task from all sessions of a user, who has done it.
func (s *store) finishTasksLocked(u *user, task string) {
	for _, rec := range s.Sessions {
		if rec.UserID == u.ID {
			s.finishTaskLocked(rec, task)
		}
	}
}
