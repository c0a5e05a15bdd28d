package clerktest

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// event is a change of state, which webhooks tell of.
type event struct {
	kind     string // user.created
	at       time.Time
	record   any       // a pointer to a copy of the record as it was then
	involved *involved // nil where nobody listened: looked up when somebody asks
	cause    cause
}

// cause is the request that an event comes from, empty where there was none.
type cause struct{ ip, userAgent string }

// involved are copies of the records that an event tells of besides its own; nil
// where there are none.
type involved struct {
	user         *user
	inviter      *user
	organization *organization
	role         *role
	invitation   *invitation
	permissions  []permission
	members      int
	pending      int // invitations
}

// emit notes that a record changed, for the webhook of that name (schema
// names of Clerk's webhooks: user.created, organizationMembership.updated), which
// hears of it when the transaction ends. Where there is no such webhook nothing is
// emitted.
//
// It costs one copy of the record while nobody listens: an event becomes JSON
// only when it is delivered or shown.
func emit[T any](tx *stateTx, kind string, record *T) {
	if !webhookTypes[kind] || tx.hooks == nil {
		return
	}
	c := *record
	ev := event{kind: kind, at: tx.now(), record: &c}
	if tx.hooks.watched.Load() {
		in := tx.involved(ev.record)
		ev.involved = &in
	}
	tx.events = append(tx.events, ev)
}

// involved copies what a record hangs on.
func (tx *stateTx) involved(record any) (in involved) {
	var userID, organizationID, roleKey string
	switch r := record.(type) {
	case *session:
		userID = r.UserID
	case *organization:
		organizationID = r.ID
	case *membership:
		userID, organizationID, roleKey = r.Key.User, r.Key.Organization, r.Role
	case *invitation:
		userID, organizationID, roleKey = tx.emails[r.Email], r.OrganizationID, r.Role
		in.inviter = cloneOf(tx.Users[r.InviterID])
	case *organizationDomain:
		organizationID = r.OrganizationID
	case *waitlistEntry:
		in.invitation = cloneOf(tx.Invitations[r.InvitationID])
	case *role:
		in.permissions = tx.rolePermissions(r)
	case *Message:
		if userID = tx.emails[r.To]; r.Channel == "sms" {
			userID = tx.phones[r.To]
		}
	}
	in.user, in.organization, in.role = cloneOf(tx.Users[userID]), cloneOf(tx.Organizations[organizationID]), cloneOf(tx.Roles[roleKey])
	if in.organization != nil {
		in.members, in.pending = tx.members[organizationID], tx.countPending(organizationID)
	}
	return in
}

// webhookTypes are the events that Clerk has webhooks for and the emulator a
// source of.
var webhookTypes = map[string]bool{
	webhook.UserCreated: true, webhook.UserUpdated: true, webhook.UserDeleted: true,
	webhook.SessionCreated: true, webhook.SessionPending: true, webhook.SessionEnded: true, webhook.SessionRemoved: true, webhook.SessionRevoked: true,
	webhook.OrganizationCreated: true, webhook.OrganizationUpdated: true, webhook.OrganizationDeleted: true,
	webhook.OrganizationDomainCreated: true, webhook.OrganizationDomainUpdated: true, webhook.OrganizationDomainDeleted: true,
	webhook.OrganizationInvitationCreated: true, webhook.OrganizationInvitationAccepted: true, webhook.OrganizationInvitationRevoked: true,
	webhook.OrganizationMembershipCreated: true, webhook.OrganizationMembershipUpdated: true, webhook.OrganizationMembershipDeleted: true,
	webhook.RoleCreated: true, webhook.RoleUpdated: true, webhook.RoleDeleted: true,
	webhook.PermissionCreated: true, webhook.PermissionUpdated: true, webhook.PermissionDeleted: true,
	webhook.EmailCreated: true, webhook.SMSCreated: true,
	webhook.WaitlistEntryCreated: true, webhook.WaitlistEntryUpdated: true,
}

// billingTypes are the events of Clerk Billing, which the emulator does not have:
// an endpoint may ask for them all the same.
var billingTypes = map[string]bool{
	webhook.SubscriptionCreated: true, webhook.SubscriptionUpdated: true, webhook.SubscriptionActive: true, webhook.SubscriptionPastDue: true,
	webhook.SubscriptionItemAbandoned: true, webhook.SubscriptionItemActive: true, webhook.SubscriptionItemCanceled: true,
	webhook.SubscriptionItemEnded: true, webhook.SubscriptionItemFreeTrialEnding: true, webhook.SubscriptionItemIncomplete: true,
	webhook.SubscriptionItemPastDue: true, webhook.SubscriptionItemUpcoming: true, webhook.SubscriptionItemUpdated: true,
	webhook.PaymentAttemptCreated: true, webhook.PaymentAttemptUpdated: true,
}
