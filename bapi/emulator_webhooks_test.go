package bapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// eventFields are the fields of event data that Clerk's description of webhooks
// (2025-04-15) requires, by type of this package.
var eventFields = map[string]string{
	"DeletedObject": "object deleted id",
	"EmailEvent":    "id object slug from_email_name data delivered_by_clerk",
	"SMSEvent":      "object id from_phone_number to_phone_number message status data delivered_by_clerk created_at_ms",
	"Organization":  "object id name slug has_image max_allowed_memberships admin_delete_enabled public_metadata created_at updated_at",
	"OrganizationDomain": "object id organization_id name enrollment_mode affiliation_email_address affiliation_verification ownership_verification " +
		"verification total_pending_invitations total_pending_suggestions created_at updated_at",
	"OrganizationInvitationEvent": "object id email_address role role_name public_metadata url expires_at created_at updated_at inviter_id public_inviter_data",
	"OrganizationMembership":      "object id role permissions public_metadata created_at updated_at organization public_user_data",
	"Permission":                  "object id name key description type created_at updated_at",
	"Role":                        "object id name key description is_creator_eligible permissions created_at updated_at",
	"SessionEvent":                "object id user_id client_id status last_active_at expire_at abandon_at updated_at created_at user",
	"User": "id object username first_name last_name has_image primary_email_address_id primary_phone_number_id primary_web3_wallet_id " +
		"password_enabled two_factor_enabled totp_enabled backup_code_enabled email_addresses phone_numbers web3_wallets passkeys " +
		"external_accounts saml_accounts enterprise_accounts public_metadata external_id last_sign_in_at banned locked " +
		"lockout_expires_in_seconds verification_attempts_remaining created_at updated_at delete_self_enabled " +
		"create_organization_enabled last_active_at mfa_enabled_at mfa_disabled_at legal_accepted_at",
	"WaitlistEntry": "object id email_address status created_at updated_at",
}

// TestWebhooksOfTheEmulator causes every event that the emulator sends. Each delivery
// must be signed, have the fields that Clerk requires, and decode into the type of this
// package.
func TestWebhooksOfTheEmulator(t *testing.T) {
	em, c := emulated(t, nil)
	if err := em.SetSettings(clerktest.Settings{OrganizationDomains: true, SignUpMode: "waitlist"}); err != nil {
		t.Fatal(err)
	}
	var got []*webhook.Event
	const secret = "whsec_c29tZXRoaW5nIHRoYXQgbm9ib2R5IGd1ZXNzZXMh"
	v, err := webhook.New(webhook.Config{Secrets: []string{secret}, Now: em.Now})
	if err != nil {
		t.Fatal(err)
	}
	em.AddWebhook(clerktest.WebhookEndpoint{Secret: secret, Handler: v.Handler(func(_ context.Context, ev *webhook.Event) error {
		got = append(got, ev)
		return nil
	})})
	everything(t, em, c)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := em.FlushWebhooks(ctx); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, ev := range got {
		seen[ev.Type]++
		name, ok := eventTypes[ev.Type]
		if !ok {
			t.Errorf("%s is no event of Clerk's", ev.Type)
			continue
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(ev.Data, &fields); err != nil {
			t.Errorf("%s: %v", ev.Type, err)
		}
		required := strings.Fields(eventFields[name])
		if ev.Type == webhook.OrganizationInvitationAccepted {
			required = append(required, "user_id", "data")
		}
		for _, f := range required {
			if fields[f] == nil {
				t.Errorf("%s lacks %s: %s", ev.Type, f, ev.Data)
			}
		}
		for _, at := range answerTypes {
			if at.name != name {
				continue
			}
			if err := json.Unmarshal(ev.Data, at.fresh()); err != nil {
				t.Errorf("%s into %s: %v", ev.Type, name, err)
			}
		}
	}
	for kind, name := range eventTypes {
		if seen[kind] == 0 && !strings.HasPrefix(name, "Billing") {
			t.Errorf("there was no %s", kind)
		}
	}
	t.Run("contents", func(t *testing.T) { wantContents(t, got) })
}

// everything causes all events.
func everything(t *testing.T, em *clerktest.Emulator, c *Client) {
	t.Helper()
	ctx := t.Context()
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ada, err := c.Users.Create(ctx, UserCreateParams{
		EmailAddress: []string{"ada@example.com"}, PhoneNumber: []string{"+12015550123"}, FirstName: Set("Ada"), ExternalID: Set("ext_ada"),
		SkipPasswordRequirement: Set(true), PrivateMetadata: Metadata(`{"level":3}`),
	})
	ok(ada, err)
	ok(c.Users.Update(ctx, ada.ID, UserUpdateParams{LastName: Set("Lovelace")}))
	bob, err := c.Users.Create(ctx, UserCreateParams{EmailAddress: []string{"bob@example.com"}, SkipPasswordRequirement: Set(true)})
	ok(bob, err)

	ok(c.OrganizationPermissions.Create(ctx, "Create invoices", "org:invoices:create", OrganizationPermissionCreateParams{}))
	permission, err := c.OrganizationPermissions.Create(ctx, "Read invoices", "org:invoices:read", OrganizationPermissionCreateParams{})
	ok(permission, err)
	ok(c.OrganizationPermissions.Update(ctx, permission.ID, OrganizationPermissionUpdateParams{Description: Set("sees them")}))
	role, err := c.OrganizationRoles.Create(ctx, "Clerk", "org:clerk", OrganizationRoleCreateParams{Permissions: Set([]string{permission.ID})})
	ok(role, err)
	ok(c.OrganizationRoles.Update(ctx, role.ID, OrganizationRoleUpdateParams{Name: Set("Bookkeeper")}))

	org, err := c.Organizations.Create(ctx, "Acme", OrganizationCreateParams{CreatedBy: Set(ada.ID), PrivateMetadata: Set(Metadata(`{"plan":1}`))})
	ok(org, err)
	ok(c.Organizations.Update(ctx, org.ID, OrganizationUpdateParams{Name: Set("Acme Ltd")}))
	ok(c.OrganizationMemberships.Create(ctx, org.ID, bob.ID, "org:member", OrganizationMembershipCreateParams{}))
	ok(c.OrganizationMemberships.Update(ctx, org.ID, bob.ID, "org:admin"))
	ok(c.OrganizationMemberships.Delete(ctx, org.ID, bob.ID))
	domain, err := c.OrganizationDomains.Create(ctx, org.ID, OrganizationDomainCreateParams{Name: Set("acme.example")})
	ok(domain, err)
	ok(c.OrganizationDomains.Update(ctx, org.ID, domain.ID, OrganizationDomainUpdateParams{Verified: Set(true)}))
	ok(c.OrganizationDomains.Delete(ctx, org.ID, domain.ID))
	invitation, err := c.OrganizationInvitations.Create(ctx, org.ID, "eve@example.com", "org:member", OrganizationInvitationCreateParams{InviterUserID: Set(ada.ID)})
	ok(invitation, err)
	ok(c.OrganizationInvitations.Revoke(ctx, org.ID, invitation.ID, OrganizationInvitationRevokeParams{RequestingUserID: Set(ada.ID)}))
	invitation, err = c.OrganizationInvitations.Create(ctx, org.ID, "bob@example.com", "org:member", OrganizationInvitationCreateParams{InviterUserID: Set(ada.ID)})
	ok(invitation, err)
	link, err := url.Parse(invitation.URL)
	ok(link, err)
	browse(t, em, "/client/sign_ins", url.Values{"strategy": {"ticket"}, "ticket": {link.Query().Get("ticket")}})

	em.SignIn(clerktest.User{ID: ada.ID}, clerktest.WithOrg(org.ID, "")).End()
	em.SignIn(clerktest.User{ID: ada.ID}).Revoke()
	em.SignIn(clerktest.User{ID: bob.ID}, clerktest.WithPending("choose-organization"))
	browse(t, em, "/client/sign_ins", url.Values{"strategy": {"email_code"}, "identifier": {"ada@example.com"}})
	browse(t, em, "/client/sign_ins", url.Values{"strategy": {"phone_code"}, "identifier": {"+12015550123"}})

	entry, err := c.WaitlistEntries.Create(ctx, "zoe@example.com", WaitlistEntryCreateParams{})
	ok(entry, err)
	ok(c.WaitlistEntries.Invite(ctx, entry.ID, WaitlistEntryInviteParams{}))

	ok(c.OrganizationRoles.Delete(ctx, role.ID))
	ok(c.OrganizationPermissions.Delete(ctx, permission.ID))
	ok(c.Organizations.Delete(ctx, org.ID))
	ok(c.Users.Delete(ctx, bob.ID)) // bob is signed in
	ok(c.Users.Delete(ctx, ada.ID))
}

// browse posts a form to the Frontend API.
func browse(t *testing.T, em *clerktest.Emulator, path string, form url.Values) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, em.URL+"/v1"+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := em.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%v: %d %v", form, res.StatusCode, err)
	}
}

// last decodes the last event of a type.
func last[T any](t *testing.T, events []*webhook.Event, kind string) T {
	t.Helper()
	for _, ev := range slices.Backward(events) {
		if ev.Type == kind {
			data, err := webhook.Decode[T](ev)
			if err != nil {
				t.Error(err)
			}
			return data
		}
	}
	t.Fatalf("there was no %s", kind)
	panic("unreachable")
}

// wantContents checks that events contain related records, and the state at the time of
// the event.
func wantContents(t *testing.T, got []*webhook.Event) {
	gone := last[DeletedObject](t, got, webhook.UserDeleted)
	if gone.ExternalID != "ext_ada" || !gone.Deleted || gone.Object != "user" {
		t.Errorf("user.deleted: %+v", gone)
	}
	renamed := last[User](t, slices.DeleteFunc(slices.Clone(got), func(ev *webhook.Event) bool { return !strings.Contains(string(ev.Data), "ada@") }), webhook.UserCreated)
	if renamed.ID != gone.ID || renamed.LastName != "" || string(renamed.PrivateMetadata) != `{"level":3}` {
		t.Errorf("user.created is not as it was: %+v", renamed)
	}
	if s := last[SessionEvent](t, got, webhook.SessionEnded); s.User.ID != gone.ID || s.UserID != gone.ID || s.Status != "ended" || s.LastActiveOrganizationID == "" {
		t.Errorf("session.ended: %+v", s)
	}
	if s := last[SessionEvent](t, got, webhook.SessionPending); s.User.EmailAddresses[0].EmailAddress != "bob@example.com" || s.Status != "pending" {
		t.Errorf("session.pending: %+v", s)
	}
	if m := last[OrganizationMembership](t, got, webhook.OrganizationMembershipUpdated); m.Role != "org:admin" || m.Organization.Name != "Acme Ltd" ||
		m.Organization.MembersCount != 2 || m.PublicUserData.Identifier != "bob@example.com" || len(m.Permissions) == 0 {
		t.Errorf("organizationMembership.updated: %+v", m)
	}
	if m := last[OrganizationMembership](t, got, webhook.OrganizationMembershipDeleted); m.Organization.Name != "Acme Ltd" || m.PublicUserData.UserID == "" || m.RoleName == "" {
		t.Errorf("organizationMembership.deleted: %+v", m)
	}
	i := last[OrganizationInvitationEvent](t, got, webhook.OrganizationInvitationAccepted)
	if i.EmailAddress != "bob@example.com" || i.UserID == "" || i.Status != "accepted" || i.InviterID != gone.ID || i.PublicInviterData.FirstName != "Ada" ||
		i.Data.PublicOrganizationData.Name != "Acme Ltd" {
		t.Errorf("organizationInvitation.accepted: %+v", i)
	}
	if d := last[OrganizationDomain](t, got, webhook.OrganizationDomainUpdated); d.Name != "acme.example" || d.PublicOrganizationData.Name != "Acme Ltd" {
		t.Errorf("organizationDomain.updated: %+v", d)
	}
	if r := last[Role](t, got, webhook.RoleUpdated); r.Name != "Bookkeeper" || len(r.Permissions) != 1 || r.Permissions[0].Key != "org:invoices:read" {
		t.Errorf("role.updated: %+v", r)
	}
	if w := last[WaitlistEntry](t, got, webhook.WaitlistEntryUpdated); w.Status != WaitlistEntryStatusInvited || w.EmailAddress != "zoe@example.com" || w.Invitation.EmailAddress != w.EmailAddress {
		t.Errorf("waitlistEntry.updated: %+v", w)
	}
	if m := last[SMSEvent](t, got, webhook.SMSCreated); m.ToPhoneNumber != "+12015550123" || m.UserID != gone.ID || !strings.Contains(m.Message, "424242") || m.CreatedAtMS.IsZero() {
		t.Errorf("sms.created: %+v", m)
	}
	if o := last[Organization](t, got, webhook.OrganizationCreated); o.Name != "Acme" || string(o.PrivateMetadata) != `{"plan":1}` {
		t.Errorf("organization.created: %+v", o)
	}
}
