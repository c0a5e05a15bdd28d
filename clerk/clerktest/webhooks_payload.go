package clerktest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/organizations"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/people"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// The payloads of webhooks, in the shape of Clerk's description of them of
// 2025-04-15. Most are what the Backend API answers.

type eventEnvelope struct {
	Data       any             `json:"data"`
	Attributes eventAttributes `json:"event_attributes"`
	InstanceID string          `json:"instance_id"`
	Object     string          `json:"object"`
	Timestamp  int64           `json:"timestamp"` // in milliseconds, whatever the description says
	Type       string          `json:"type"`
}

type eventAttributes struct {
	Request eventRequest `json:"http_request"`
}

type eventRequest struct {
	ClientIP  string `json:"client_ip"`
	UserAgent string `json:"user_agent"`
}

// webhookBody returns the body of a message, the same bytes each time. The store's
// lock must be free.
func (e *Emulator) webhookBody(m *hookMessage) ([]byte, error) {
	var err error
	m.body.Do(func() {
		m.payload, err = json.Marshal(eventEnvelope{
			Data: e.eventData(&m.Event), Attributes: eventAttributes{eventRequest{m.Cause.IP, m.Cause.UserAgent}},
			InstanceID: e.server.InstanceID(), Object: "event", Timestamp: wire.Millis(m.At), Type: m.Kind,
		})
	})
	if err != nil || m.payload == nil {
		return nil, wire.ErrBody()
	}
	return m.payload, nil
}

// shown describes the messages.
func (h *webhooks) shown() []WebhookMessage {
	h.mu.Lock()
	messages := slices.Clone(h.messages)
	for _, m := range messages {
		h.nameLocked(m)
	}
	h.mu.Unlock()
	out := make([]WebhookMessage, len(messages))
	for i, m := range messages {
		payload, _ := h.e.webhookBody(m) // null if it is no JSON
		out[i] = WebhookMessage{ID: m.id, Type: m.Kind, Time: m.At, Payload: slices.Clone(payload)}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, m := range messages {
		for _, d := range m.deliveries {
			shown := WebhookDelivery{Endpoint: d.endpoint.ID, URL: d.endpoint.URL, State: d.state, Attempts: slices.Clone(d.attempts)}
			if d.state == WebhookPending && !d.running {
				shown.NextAttempt = d.due
			}
			out[i].Deliveries = append(out[i].Deliveries, shown)
		}
	}
	return out
}

type deletedEvent struct {
	Object     string  `json:"object"`
	ID         string  `json:"id"`
	Slug       string  `json:"slug,omitempty"`
	ExternalID *string `json:"external_id,omitempty"`
	Deleted    bool    `json:"deleted"`
}

// eventData is the data of an event.
func (e *Emulator) eventData(ev *state.Event) any {
	if strings.HasSuffix(ev.Kind, ".deleted") {
		if d, ok := deletedData(ev.Record); ok {
			return d
		}
	}
	in := ev.Involved
	if in == nil {
		var now state.Involved
		e.server.Store.View(func(tx *state.Tx) {
			now = tx.Involved(ev.Record)
		})
		in = &now
	}
	switch r := ev.Record.(type) {
	case *state.User:
		return e.userEvent(r, ev.At)
	case *state.Session:
		s := e.answers.BackendSession(r)
		s.User = e.userEvent(cmp.Or(in.User, blankUser(r.UserID)), ev.At)
		return s
	case *state.Organization:
		return e.organizationEvent(r, in)
	case *state.Membership:
		return e.membershipEvent(r, in)
	case *state.Invitation:
		return e.invitationEvent(r, in, ev.At)
	case *state.OrganizationDomain:
		return e.domainEvent(r, in, ev.At)
	case *state.Role:
		shown := e.answers.RoleResource(r)
		shown.Permissions = describePermissions(in.Permissions)
		return shown
	case *state.Permission:
		return answers.DescribePermission(r)
	case *state.WaitlistEntry:
		return e.waitlistEvent(r, in.Invitation)
	case *state.Message:
		return e.messageEvent(r, in.User)
	}
	return struct{}{}
}

// deletedData is the data of most deletions; a membership that ended is described
// in full.
func deletedData(record any) (deletedEvent, bool) {
	switch r := record.(type) {
	case *state.User:
		return deletedEvent{Object: "user", ID: r.ID, ExternalID: wire.OptString(r.ExternalID), Deleted: true}, true
	case *state.Organization:
		return deletedEvent{Object: "organization", ID: r.ID, Slug: r.Slug, Deleted: true}, true
	case *state.OrganizationDomain:
		return deletedEvent{Object: "organization_domain", ID: r.ID, Deleted: true}, true
	case *state.Role:
		return deletedEvent{Object: "role", ID: r.ID, Deleted: true}, true
	case *state.Permission:
		return deletedEvent{Object: "permission", ID: r.ID, Deleted: true}, true
	}
	return deletedEvent{}, false
}

// userEvent is a user as it was then: of verifications, time alone changes the
// state.
func (e *Emulator) userEvent(u *state.User, at time.Time) *answers.UserResource {
	r := e.answers.BackendUser(u)
	for i := range r.EmailAddresses {
		pin(r.EmailAddresses[i].Verification, &u.EmailList[i].Proof, at)
	}
	for i := range r.PhoneNumbers {
		pin(r.PhoneNumbers[i].Verification, &u.PhoneList[i].Proof, at)
	}
	return r
}

func pin(r *answers.VerificationResource, v *state.Verification, at time.Time) {
	if r != nil {
		r.Status = v.State(at)
	}
}

// blankUser and blankOrganization stand for those that are gone.
func blankUser(id string) *state.User {
	return &state.User{UserSeed: state.UserSeed{ID: id}, Public: emptyObject, Private: emptyObject, Unsafe: emptyObject}
}

func blankOrganization(id string) *state.Organization {
	return &state.Organization{OrganizationSeed: state.OrganizationSeed{ID: id}, Public: emptyObject, Private: emptyObject}
}

var emptyObject = json.RawMessage("{}")

func (e *Emulator) organizationEvent(o *state.Organization, in *state.Involved) answers.OrganizationResource {
	r := e.answers.BackendOrganization(o, &in.Members)
	r.PendingInvitations = in.Pending
	return r
}

func (e *Emulator) membershipEvent(m *state.Membership, in *state.Involved) answers.MembershipResource {
	o := cmp.Or(in.Organization, blankOrganization(m.Key.Organization))
	of := state.MemberOf{Membership: *m, Organization: *o, Role: *cmp.Or(in.Role, &state.Role{Key: m.Role, Name: m.Role}), Members: in.Members}
	r := e.answers.BackendMembership(&of, cmp.Or(in.User, blankUser(m.Key.User)))
	r.Organization = e.organizationEvent(o, in)
	return r
}

type invitationEvent struct {
	organizations.BackendInvitation
	UserID string         `json:"user_id,omitempty"` // who accepted it
	Data   invitationData `json:"data"`
}

type invitationData struct {
	Organization *organizations.PublicOrganization `json:"public_organization_data"`
}

func (e *Emulator) invitationEvent(i *state.Invitation, in *state.Involved, at time.Time) invitationEvent {
	r := invitationEvent{BackendInvitation: e.organizations.BackendInvitation(i), Data: invitationData{e.outsideView(in.Organization)}}
	r.Status = i.State(at)
	if in.Role != nil {
		r.RoleName = in.Role.Name
	}
	if in.Inviter != nil { // who may be gone by now
		p := e.answers.PublicUser(in.Inviter)
		r.Inviter = &organizations.InviterResource{UserID: p.UserID, FirstName: p.FirstName, LastName: p.LastName, ImageURL: p.ImageURL, HasImage: p.HasImage, Identifier: p.Identifier}
	}
	if i.Status == state.InviteAccepted && in.User != nil {
		r.UserID = in.User.ID
	}
	return r
}

// outsideView is what strangers see of an organization.
func (e *Emulator) outsideView(o *state.Organization) *organizations.PublicOrganization {
	if o == nil {
		return nil
	}
	return &organizations.PublicOrganization{ID: o.ID, Name: o.Name, Slug: o.Slug, ImageURL: e.answers.PictureURL(o.LogoID), HasImage: o.LogoID != ""}
}

func (e *Emulator) domainEvent(d *state.OrganizationDomain, in *state.Involved, at time.Time) organizations.DomainResource {
	r := e.organizations.DomainResource(d)
	r.Organization = e.outsideView(in.Organization)
	if r.AffiliationV != nil {
		r.AffiliationV.Status = d.Proof.State(at) // which Verification points to as well
	}
	return r
}

func describePermissions(all []state.Permission) []answers.PermissionResource {
	out := make([]answers.PermissionResource, len(all))
	for i := range all {
		out[i] = answers.DescribePermission(&all[i])
	}
	return out
}

func (e *Emulator) waitlistEvent(w *state.WaitlistEntry, i *state.Invitation) *people.WaitlistResource {
	r := e.people.WaitlistResource(w)
	r.Invitation = nil
	if i != nil {
		r.Invitation = e.people.ApplicationInvitation(i)
	}
	return r
}
