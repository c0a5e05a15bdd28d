package state

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// Event is a change of state, which webhooks tell of.
type Event struct {
	Kind     string // user.created
	At       time.Time
	Record   any       // a pointer to a copy of the record as it was then
	Involved *Involved // nil where nobody listened: looked up when somebody asks
	Cause    Cause
}

// Cause is the request that an event comes from, empty where there was none.
type Cause struct{ IP, UserAgent string }

// Involved are copies of the records that an event tells of besides its own; nil
// where there are none.
type Involved struct {
	User         *User
	Inviter      *User
	Organization *Organization
	Role         *Role
	Invitation   *Invitation
	Permissions  []Permission
	Members      int
	Pending      int // invitations
}

// Emit notes that a record changed, for the webhook of that name (schema
// names of Clerk's webhooks: user.created, organizationMembership.updated), which
// hears of it when the transaction ends. Where there is no such webhook nothing is
// emitted.
//
// It costs one copy of the record while nobody listens: an event becomes JSON
// only when it is delivered or shown.
func Emit[T any](tx *Tx, kind string, record *T) {
	if !WebhookTypes[kind] || tx.listener == nil {
		return
	}
	c := *record
	ev := Event{Kind: kind, At: tx.Now(), Record: &c}
	if tx.listener.Watched() {
		in := tx.Involved(ev.Record)
		ev.Involved = &in
	}
	tx.events = append(tx.events, ev)
}

// Involved copies what a record hangs on.
func (tx *Tx) Involved(record any) (in Involved) {
	var userID, organizationID, roleKey string
	switch r := record.(type) {
	case *Session:
		userID = r.UserID
	case *Organization:
		organizationID = r.ID
	case *Membership:
		userID, organizationID, roleKey = r.Key.User, r.Key.Organization, r.Role
	case *Invitation:
		userID, organizationID, roleKey = tx.Emails[r.Email], r.OrganizationID, r.Role
		in.Inviter = CloneOf(tx.Users[r.InviterID])
	case *OrganizationDomain:
		organizationID = r.OrganizationID
	case *WaitlistEntry:
		in.Invitation = CloneOf(tx.Invitations[r.InvitationID])
	case *Role:
		in.Permissions = tx.RolePermissions(r)
	case *Message:
		if userID = tx.Emails[r.To]; r.Channel == "sms" {
			userID = tx.Phones[r.To]
		}
	}
	in.User, in.Organization, in.Role = CloneOf(tx.Users[userID]), CloneOf(tx.Organizations[organizationID]), CloneOf(tx.Roles[roleKey])
	if in.Organization != nil {
		in.Members, in.Pending = tx.Members[organizationID], tx.countPending(organizationID)
	}
	return in
}

// WebhookTypes are the events that Clerk has webhooks for and the emulator a
// source of.
var WebhookTypes = map[string]bool{
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

// BillingTypes are the events of Clerk Billing, which the emulator does not have:
// an endpoint may ask for them all the same.
var BillingTypes = map[string]bool{
	webhook.SubscriptionCreated: true, webhook.SubscriptionUpdated: true, webhook.SubscriptionActive: true, webhook.SubscriptionPastDue: true,
	webhook.SubscriptionItemAbandoned: true, webhook.SubscriptionItemActive: true, webhook.SubscriptionItemCanceled: true,
	webhook.SubscriptionItemEnded: true, webhook.SubscriptionItemFreeTrialEnding: true, webhook.SubscriptionItemIncomplete: true,
	webhook.SubscriptionItemPastDue: true, webhook.SubscriptionItemUpcoming: true, webhook.SubscriptionItemUpdated: true,
	webhook.PaymentAttemptCreated: true, webhook.PaymentAttemptUpdated: true,
}
