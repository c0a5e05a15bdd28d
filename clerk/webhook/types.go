package webhook

// The event types in Clerk's OpenAPI description of webhooks (2025-04-15). Each group
// names the type of package bapi for its data. Event types that are not listed here are
// delivered too.

// Users. The data is a bapi.User; of UserDeleted it is a bapi.DeletedObject.
const (
	UserCreated = "user.created"
	UserUpdated = "user.updated"
	UserDeleted = "user.deleted"
)

// Sessions. The data is a bapi.SessionEvent.
const (
	SessionCreated = "session.created"
	SessionPending = "session.pending"
	SessionEnded   = "session.ended"
	SessionRemoved = "session.removed"
	SessionRevoked = "session.revoked"
)

// Organizations. The data is a bapi.Organization; of OrganizationDeleted it is a
// bapi.DeletedObject.
const (
	OrganizationCreated = "organization.created"
	OrganizationUpdated = "organization.updated"
	OrganizationDeleted = "organization.deleted"
)

// Domains of organizations. The data is a bapi.OrganizationDomain; of
// OrganizationDomainDeleted it is a bapi.DeletedObject.
const (
	OrganizationDomainCreated = "organizationDomain.created"
	OrganizationDomainUpdated = "organizationDomain.updated"
	OrganizationDomainDeleted = "organizationDomain.deleted"
)

// Invitations to organizations. The data is a bapi.OrganizationInvitationEvent.
const (
	OrganizationInvitationCreated  = "organizationInvitation.created"
	OrganizationInvitationAccepted = "organizationInvitation.accepted"
	OrganizationInvitationRevoked  = "organizationInvitation.revoked"
)

// Memberships of organizations. The data is a bapi.OrganizationMembership, also for
// OrganizationMembershipDeleted.
const (
	OrganizationMembershipCreated = "organizationMembership.created"
	OrganizationMembershipUpdated = "organizationMembership.updated"
	OrganizationMembershipDeleted = "organizationMembership.deleted"
)

// Roles of organizations. The data is a bapi.Role; of RoleDeleted it is a
// bapi.DeletedObject.
const (
	RoleCreated = "role.created"
	RoleUpdated = "role.updated"
	RoleDeleted = "role.deleted"
)

// Permissions in organizations. The data is a bapi.Permission; of
// PermissionDeleted it is a bapi.DeletedObject.
const (
	PermissionCreated = "permission.created"
	PermissionUpdated = "permission.updated"
	PermissionDeleted = "permission.deleted"
)

// Messages to users, for applications that deliver them themselves. The data is a
// bapi.EmailEvent or bapi.SMSEvent and can contain one-time codes.
const (
	EmailCreated = "email.created"
	SMSCreated   = "sms.created"
)

// The waitlist. The data is a bapi.WaitlistEntry.
const (
	WaitlistEntryCreated = "waitlistEntry.created"
	WaitlistEntryUpdated = "waitlistEntry.updated"
)

// Billing: subscriptions. The data is a bapi.BillingSubscriptionEvent.
const (
	SubscriptionCreated = "subscription.created"
	SubscriptionUpdated = "subscription.updated"
	SubscriptionActive  = "subscription.active"
	SubscriptionPastDue = "subscription.pastDue"
)

// Billing: subscription items. The data is a bapi.BillingSubscriptionItemEvent.
// SubscriptionItemCreated is missing in the published description but is in the types
// of @clerk/backend 3.25.0.
const (
	SubscriptionItemAbandoned       = "subscriptionItem.abandoned"
	SubscriptionItemActive          = "subscriptionItem.active"
	SubscriptionItemCanceled        = "subscriptionItem.canceled"
	SubscriptionItemCreated         = "subscriptionItem.created"
	SubscriptionItemEnded           = "subscriptionItem.ended"
	SubscriptionItemFreeTrialEnding = "subscriptionItem.freeTrialEnding"
	SubscriptionItemIncomplete      = "subscriptionItem.incomplete"
	SubscriptionItemPastDue         = "subscriptionItem.pastDue"
	SubscriptionItemUpcoming        = "subscriptionItem.upcoming"
	SubscriptionItemUpdated         = "subscriptionItem.updated"
)

// Billing: payment attempts. The data is a bapi.BillingPaymentAttemptEvent.
const (
	PaymentAttemptCreated = "paymentAttempt.created"
	PaymentAttemptUpdated = "paymentAttempt.updated"
)
