package clerktest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// applicationInvitation is what makes an invitation to the application.
type applicationInvitation struct {
	invitation
	lifetime time.Duration // 0 for Clerk's 30 days
	template string
	quiet    bool // no e-mail
	again    bool // although there is a pending one
	claimed  bool // although somebody has the address
}

// inviteAll makes all of the invitations, or none.
func (e *Emulator) inviteAll(tx *stateTx, list []applicationInvitation) ([]invitation, error) {
	var pending []string
	for n := range list {
		i := &list[n]
		i.Email = emailKind.normalize(i.Email)
		if err := validAddress(i.Email); err != nil {
			return nil, err
		}
		if i.Redirect != "" {
			if u, err := url.Parse(i.Redirect); err != nil || u.Scheme == "" || u.Host == "" {
				return nil, errParam("redirect_url", "form_param_format_invalid", "redirect_url must be a URL.")
			}
		}
		if tx.emails[i.Email] != "" && !i.claimed {
			return nil, errTaken("email_address")
		}
		twice := slices.ContainsFunc(list[:n], func(o applicationInvitation) bool { return o.Email == i.Email })
		if !i.again && (twice || tx.pendingToApplication(i.Email) != nil) {
			pending = append(pending, i.Email)
		}
	}
	if len(pending) > 0 {
		return nil, errDuplicateInvitations(pending)
	}
	out := make([]invitation, len(list))
	for n := range list {
		made, err := e.inviteToApplication(tx, &list[n])
		if err != nil {
			return nil, err
		}
		out[n] = *made
	}
	return out, nil
}

func errDuplicateInvitations(emails []string) *apiError {
	return &apiError{
		http.StatusBadRequest, "duplicate_record", "duplicate invitation",
		"There are already pending invitations for the following email addresses: " + strings.Join(emails, ", "), "",
		map[string]any{"email_addresses": emails},
	}
}

// pendingToApplication finds an open invitation of an address.
func (tx *stateTx) pendingToApplication(email string) *invitation {
	for _, i := range tx.Invitations {
		if i.OrganizationID == "" && i.Email == email && i.state(tx.now()) == invitePending {
			return i
		}
	}
	return nil
}

func (e *Emulator) inviteToApplication(tx *stateTx, in *applicationInvitation) (*invitation, error) {
	lifetime := in.lifetime
	if lifetime == 0 {
		lifetime = invitationLifetime
	}
	t, err := e.signTicket(ticket{Kind: ticketInvitation}, lifetime)
	if err != nil {
		return nil, err
	}
	t.InvitationID = t.ID
	tx.putTicket(t)
	i := in.invitation
	i.ID, i.Status, i.Ticket = t.ID, invitePending, t.Token
	i.URL = e.faceURL() + "/v1/tickets/accept?ticket=" + url.QueryEscape(t.Token)
	i.Created = tx.made()
	i.UpdatedAt, i.ExpireAt = i.Created.At, i.Created.At.Add(lifetime)
	if i.Public == nil {
		i.Public = []byte("{}")
	}
	i.Private = []byte("{}")
	tx.Invitations[i.ID] = &i
	if !in.quiet {
		template := in.template
		if template == "" {
			template = "invitation"
		}
		tx.send(Message{Channel: "email", To: i.Email, Template: template, URL: i.URL})
	}
	return &i, nil
}

// revokeApplicationInvitation ends an open invitation to the application.
func (s *store) revokeApplicationInvitation(id string) (invitation, error) {
	return with2(s, func(tx *stateTx) (invitation, error) {
		i := tx.Invitations[id]
		if i == nil || i.OrganizationID != "" {
			return invitation{}, errNotFound("invitation with id " + quoted(id))
		}
		switch i.Status {
		case inviteAccepted:
			return invitation{}, errBadRequest("invitation_already_accepted", "Invitation is already accepted, try signing in instead.")
		case inviteRevoked:
			return invitation{}, errBadRequest("invitation_already_revoked", "Invitation is already revoked.")
		}
		tx.revoke(i)
		return *i, nil
	})
}

// deleteApplicationInvitation forgets an invitation to the application with its ticket, and
// the emails that carried its link. A user who has accepted it stays.
func (s *store) deleteApplicationInvitation(id string) error {
	return s.Update(func(tx *stateTx) error {
		i := tx.Invitations[id]
		if i == nil || i.OrganizationID != "" {
			return errNotFound("invitation with id " + quoted(id))
		}
		delete(tx.Invitations, id)
		delete(tx.Tickets, i.Ticket)
		tx.forgetMessages(i.URL)
		return nil
	})
}

func (tx *stateTx) revoke(i *invitation) {
	i.Status, i.UpdatedAt = inviteRevoked, tx.now()
	if t := tx.Tickets[i.Ticket]; t != nil {
		t.Status, t.UpdatedAt = "revoked", i.UpdatedAt
	}
}
