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

// inviteAllLocked makes all of the invitations, or none.
func (e *Emulator) inviteAllLocked(list []applicationInvitation) ([]invitation, error) {
	s := e.store
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
		if s.emails[i.Email] != "" && !i.claimed {
			return nil, errTaken("email_address")
		}
		twice := slices.ContainsFunc(list[:n], func(o applicationInvitation) bool { return o.Email == i.Email })
		if !i.again && (twice || s.pendingToApplicationLocked(i.Email) != nil) {
			pending = append(pending, i.Email)
		}
	}
	if len(pending) > 0 {
		return nil, errDuplicateInvitations(pending)
	}
	out := make([]invitation, len(list))
	for n := range list {
		made, err := e.inviteToApplicationLocked(&list[n])
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

// pendingToApplicationLocked finds an open invitation of an address.
func (s *store) pendingToApplicationLocked(email string) *invitation {
	for _, i := range s.Invitations {
		if i.OrganizationID == "" && i.Email == email && i.state(s.now()) == invitePending {
			return i
		}
	}
	return nil
}

func (e *Emulator) inviteToApplicationLocked(in *applicationInvitation) (*invitation, error) {
	s := e.store
	lifetime := in.lifetime
	if lifetime == 0 {
		lifetime = invitationLifetime
	}
	t, err := e.signTicket(ticket{Kind: ticketInvitation}, lifetime)
	if err != nil {
		return nil, err
	}
	t.InvitationID = t.ID
	s.putTicketLocked(t)
	i := in.invitation
	i.ID, i.Status, i.Ticket = t.ID, invitePending, t.Token
	i.URL = e.faceURL() + "/v1/tickets/accept?ticket=" + url.QueryEscape(t.Token)
	i.Created = s.madeLocked()
	i.UpdatedAt, i.ExpireAt = i.Created.At, i.Created.At.Add(lifetime)
	if i.Public == nil {
		i.Public = []byte("{}")
	}
	i.Private = []byte("{}")
	s.Invitations[i.ID] = &i
	if !in.quiet {
		template := in.template
		if template == "" {
			template = "invitation"
		}
		s.sendLocked(Message{Channel: "email", To: i.Email, Template: template, URL: i.URL})
	}
	return &i, nil
}

// revokeApplicationInvitation ends an open invitation to the application.
func (s *store) revokeApplicationInvitation(id string) (invitation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.Invitations[id]
	if i == nil || i.OrganizationID != "" {
		return invitation{}, errNotFound("invitation with id " + quoted(id))
	}
	switch i.Status {
	case inviteAccepted:
		return invitation{}, errBadRequest("invitation_already_accepted", "Invitation is already accepted, try signing in instead.")
	case inviteRevoked:
		return invitation{}, errBadRequest("invitation_already_revoked", "Invitation is already revoked.")
	}
	s.revokeLocked(i)
	return *i, nil
}

// deleteApplicationInvitation forgets an invitation to the application with its ticket, and
// the emails that carried its link. A user who has accepted it stays.
func (s *store) deleteApplicationInvitation(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.Invitations[id]
	if i == nil || i.OrganizationID != "" {
		return errNotFound("invitation with id " + quoted(id))
	}
	delete(s.Invitations, id)
	delete(s.Tickets, i.Ticket)
	s.forgetMessagesLocked(i.URL)
	return nil
}

func (s *store) revokeLocked(i *invitation) {
	i.Status, i.UpdatedAt = inviteRevoked, s.now()
	if t := s.Tickets[i.Ticket]; t != nil {
		t.Status, t.UpdatedAt = "revoked", i.UpdatedAt
	}
}
