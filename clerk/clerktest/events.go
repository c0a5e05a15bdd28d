package clerktest

import "time"

// event is a change of state, which webhooks tell of.
type event struct {
	kind   string // user.created
	at     time.Time
	record any // a copy of the record as it was then
}

// emitLocked notes that a record changed, for the webhook of that name (schema
// names of Clerk's webhooks: user.created, organizationMembership.updated).
// Where there is no such webhook nothing is emitted.
func emitLocked[T any](s *store, kind string, record *T) {
	if !s.watched {
		return
	}
	s.events = append(s.events, event{kind, s.now(), *record})
}
