package clerktest

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// organizationInvite is one invitation to make.
type organizationInvite struct {
	invitation
	quiet bool // send no mail
	days  int  // how long it is open, 0 for the ordinary time
}

func (i *organizationInvite) lifetime() time.Duration {
	if i.days == 0 {
		return invitationLifetime
	}
	return time.Duration(i.days) * 24 * time.Hour
}

// inviteToOrganization makes all invitations or none. They are of one
// organization.
func (e *Emulator) inviteToOrganization(all []organizationInvite) ([]invitation, error) {
	s := e.store
	tickets := make([]ticket, len(all))
	for n := range all {
		i := &all[n]
		i.Email = emailKind.normalize(i.Email)
		if !validEmail(i.Email) {
			return nil, errParam("email_address", "form_param_format_invalid", "email_address "+quoted(i.Email)+" is not an e-mail address")
		}
		if i.Redirect != "" {
			if _, err := e.redirectURL(i.Redirect); err != nil {
				return nil, err
			}
		}
	}
	if err := s.mayInviteAll(all); err != nil { // before there are tickets to take back
		return nil, err
	}
	for n := range all {
		var err error
		if tickets[n], err = e.newTicket(ticket{Kind: ticketOrganization}, all[n].lifetime()); err != nil {
			return nil, err
		}
	}
	return with2(s, func(tx *stateTx) ([]invitation, error) {
		if err := tx.mayInviteAll(all); err != nil {
			for _, t := range tickets {
				delete(tx.Tickets, t.Token)
			}
			return nil, err
		}
		out := make([]invitation, 0, len(all))
		for n, wanted := range all {
			t, i := tickets[n], wanted.invitation
			i.ID, i.Ticket = t.ID, t.Token
			i.URL = e.faceURL() + "/v1/tickets/accept?ticket=" + url.QueryEscape(t.Token)
			tx.Tickets[t.Token].InvitationID = i.ID
			tx.putInvitation(&i, wanted.lifetime())
			if !wanted.quiet {
				tx.send(Message{Channel: "email", To: i.Email, Template: "organization_invitation", URL: i.URL})
			}
			out = append(out, i)
		}
		return out, nil
	})
}

// putInvitation adds a pending invitation of an organization that has its
// id.
func (tx *stateTx) putInvitation(i *invitation, lifetime time.Duration) {
	i.Status, i.Created = invitePending, tx.made()
	i.UpdatedAt, i.ExpireAt = i.Created.At, i.Created.At.Add(lifetime)
	i.Public, i.Private = orEmpty(i.Public), orEmpty(i.Private)
	tx.Invitations[i.ID] = i
	emit(tx, "organizationInvitation.created", i)
}

func (s *store) mayInviteAll(all []organizationInvite) error {
	return s.Update(func(tx *stateTx) error {
		return tx.mayInviteAll(all)
	})
}

func (tx *stateTx) mayInviteAll(all []organizationInvite) error {
	o := tx.Organizations[all[0].OrganizationID]
	if o == nil {
		return errNotFound("organization " + quoted(all[0].OrganizationID))
	}
	seen := map[string]bool{}
	var duplicates []string
	for n := range all {
		i := &all[n]
		if _, err := tx.assignable(o, i.Role); err != nil {
			return err
		}
		if u := tx.emails[i.Email]; u != "" && tx.Memberships[membershipKey{o.ID, u}] != nil {
			return errAlreadyMember(i.Email)
		}
		if seen[i.Email] || tx.invited(o.ID, i.Email) {
			duplicates = append(duplicates, i.Email)
		}
		seen[i.Email] = true
	}
	if len(duplicates) > 0 {
		return &apiError{
			http.StatusBadRequest, "duplicate_record", "duplicate invitation",
			"There are already pending invitations for the following email addresses: " + strings.Join(duplicates, ", "), "",
			map[string]any{"email_addresses": duplicates},
		}
	}
	return tx.room(o, len(all))
}

// invited reports whether an address has a pending invitation.
func (tx *stateTx) invited(organizationID, email string) bool {
	now := tx.now()
	for _, i := range tx.Invitations {
		if i.OrganizationID == organizationID && i.Email == email && i.state(now) == invitePending {
			return true
		}
	}
	return false
}

var organizationInvitationOrder = map[string]func(a, b *invitation) int{
	"email_address": func(a, b *invitation) int { return compareText(a.Email, b.Email) },
}

// pickInvitations lists invitations of organizations, filtered by their state.
func (s *store) pickInvitations(query url.Values, statuses []string, keep func(*invitation) bool) ([]invitation, int, error) {
	for _, status := range statuses {
		switch status {
		case invitePending, inviteAccepted, inviteRevoked, gone:
		default:
			return nil, 0, errParam("status", "form_param_value_invalid", "status "+quoted(status)+" does not exist")
		}
	}
	now := s.now()
	return pick(s, func(tx *stateTx) map[string]*invitation { return tx.Invitations }, query, listing[invitation]{
		made: func(i *invitation) made { return i.Created }, fields: organizationInvitationOrder,
		keep: func(_ *stateTx, i *invitation) bool {
			return i.OrganizationID != "" && oneOf(statuses, i.state(now)) && keep(i)
		},
	})
}
