package clerktest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
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
			Data: e.eventData(&m.event), Attributes: eventAttributes{eventRequest{m.cause.ip, m.cause.userAgent}},
			InstanceID: e.instanceID(), Object: "event", Timestamp: millis(m.at), Type: m.kind,
		})
	})
	if err != nil || m.payload == nil {
		return nil, errBody()
	}
	return m.payload, nil
}

// instanceID returns the id of the instance, ins_…. It is the kid of the signing
// key that the emulator began with, as at Clerk.
func (e *Emulator) instanceID() string { return e.firstKey.id }

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
		out[i] = WebhookMessage{ID: m.id, Type: m.kind, Time: m.at, Payload: slices.Clone(payload)}
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
func (e *Emulator) eventData(ev *event) any {
	if strings.HasSuffix(ev.kind, ".deleted") {
		if d, ok := deletedData(ev.record); ok {
			return d
		}
	}
	in := ev.involved
	if in == nil {
		var now involved
		e.store.View(func(tx *stateTx) {
			now = tx.involved(ev.record)
		})
		in = &now
	}
	switch r := ev.record.(type) {
	case *user:
		return e.userEvent(r, ev.at)
	case *session:
		s := e.backendSession(r)
		s.User = e.userEvent(cmp.Or(in.user, blankUser(r.UserID)), ev.at)
		return s
	case *organization:
		return e.organizationEvent(r, in)
	case *membership:
		return e.membershipEvent(r, in)
	case *invitation:
		return e.invitationEvent(r, in, ev.at)
	case *organizationDomain:
		return e.domainEvent(r, in, ev.at)
	case *role:
		shown := e.roleResource(r)
		shown.Permissions = describePermissions(in.permissions)
		return shown
	case *permission:
		return describePermission(r)
	case *waitlistEntry:
		return e.waitlistEvent(r, in.invitation)
	case *Message:
		return e.messageEvent(r, in.user)
	}
	return struct{}{}
}

// deletedData is the data of most deletions; a membership that ended is described
// in full.
func deletedData(record any) (deletedEvent, bool) {
	switch r := record.(type) {
	case *user:
		return deletedEvent{Object: "user", ID: r.ID, ExternalID: optString(r.ExternalID), Deleted: true}, true
	case *organization:
		return deletedEvent{Object: "organization", ID: r.ID, Slug: r.Slug, Deleted: true}, true
	case *organizationDomain:
		return deletedEvent{Object: "organization_domain", ID: r.ID, Deleted: true}, true
	case *role:
		return deletedEvent{Object: "role", ID: r.ID, Deleted: true}, true
	case *permission:
		return deletedEvent{Object: "permission", ID: r.ID, Deleted: true}, true
	}
	return deletedEvent{}, false
}

// userEvent is a user as it was then: of verifications, time alone changes the
// state.
func (e *Emulator) userEvent(u *user, at time.Time) *userResource {
	r := e.backendUser(u)
	for i := range r.EmailAddresses {
		pin(r.EmailAddresses[i].Verification, &u.EmailList[i].Proof, at)
	}
	for i := range r.PhoneNumbers {
		pin(r.PhoneNumbers[i].Verification, &u.PhoneList[i].Proof, at)
	}
	return r
}

func pin(r *verificationResource, v *verification, at time.Time) {
	if r != nil {
		r.Status = v.state(at)
	}
}

// blankUser and blankOrganization stand for those that are gone.
func blankUser(id string) *user {
	return &user{User: User{ID: id}, Public: emptyObject, Private: emptyObject, Unsafe: emptyObject}
}

func blankOrganization(id string) *organization {
	return &organization{Organization: Organization{ID: id}, Public: emptyObject, Private: emptyObject}
}

var emptyObject = json.RawMessage("{}")

func (e *Emulator) organizationEvent(o *organization, in *involved) organizationResource {
	r := e.backendOrganization(o, &in.members)
	r.PendingInvitations = in.pending
	return r
}

func (e *Emulator) membershipEvent(m *membership, in *involved) membershipResource {
	o := cmp.Or(in.organization, blankOrganization(m.Key.Organization))
	of := memberOf{*m, *o, *cmp.Or(in.role, &role{Key: m.Role, Name: m.Role}), in.members}
	r := e.backendMembership(&of, cmp.Or(in.user, blankUser(m.Key.User)))
	r.Organization = e.organizationEvent(o, in)
	return r
}

type invitationEvent struct {
	backendInvitation
	UserID string         `json:"user_id,omitempty"` // who accepted it
	Data   invitationData `json:"data"`
}

type invitationData struct {
	Organization *publicOrganization `json:"public_organization_data"`
}

func (e *Emulator) invitationEvent(i *invitation, in *involved, at time.Time) invitationEvent {
	r := invitationEvent{backendInvitation: e.backendInvitation(i), Data: invitationData{e.outsideView(in.organization)}}
	r.Status = i.state(at)
	if in.role != nil {
		r.RoleName = in.role.Name
	}
	if in.inviter != nil { // who may be gone by now
		p := e.publicUser(in.inviter)
		r.Inviter = &inviterResource{p.UserID, p.FirstName, p.LastName, p.ImageURL, p.HasImage, p.Identifier}
	}
	if i.Status == inviteAccepted && in.user != nil {
		r.UserID = in.user.ID
	}
	return r
}

// outsideView is what strangers see of an organization.
func (e *Emulator) outsideView(o *organization) *publicOrganization {
	if o == nil {
		return nil
	}
	return &publicOrganization{o.ID, o.Name, o.Slug, e.pictureURL(o.LogoID), o.LogoID != ""}
}

func (e *Emulator) domainEvent(d *organizationDomain, in *involved, at time.Time) domainResource {
	r := e.domainResource(d)
	r.Organization = e.outsideView(in.organization)
	if r.AffiliationV != nil {
		r.AffiliationV.Status = d.Proof.state(at) // which Verification points to as well
	}
	return r
}

func describePermissions(all []permission) []permissionResource {
	out := make([]permissionResource, len(all))
	for i := range all {
		out[i] = describePermission(&all[i])
	}
	return out
}

func (e *Emulator) waitlistEvent(w *waitlistEntry, i *invitation) *waitlistResource {
	r := e.waitlistResource(w)
	r.Invitation = nil
	if i != nil {
		r.Invitation = e.applicationInvitation(i)
	}
	return r
}
