package clerktest

import (
	"slices"
	"strings"
)

type domainResource struct {
	Object         string              `json:"object"`
	ID             string              `json:"id"`
	OrganizationID string              `json:"organization_id"`
	Name           string              `json:"name"`
	Mode           string              `json:"enrollment_mode"`
	Affiliation    *string             `json:"affiliation_email_address"`
	AffiliationV   *domainVerification `json:"affiliation_verification"`
	OwnershipV     *domainVerification `json:"ownership_verification"`
	Verification   *domainVerification `json:"verification"`
	Invitations    int                 `json:"total_pending_invitations"`
	Suggestions    int                 `json:"total_pending_suggestions"`
	CreatedAt      int64               `json:"created_at"`
	UpdatedAt      int64               `json:"updated_at"`
}

type domainVerification struct {
	Status     string `json:"status"`
	Strategy   string `json:"strategy"`
	Attempts   *int   `json:"attempts"`
	ExpireAt   *int64 `json:"expire_at"`
	VerifiedAt *int64 `json:"verified_at"`
}

func (e *Emulator) domainResource(d *organizationDomain) domainResource {
	r := domainResource{
		Object: "organization_domain", ID: d.ID, OrganizationID: d.OrganizationID, Name: d.Name, Mode: d.Mode,
		Affiliation: optString(d.Affiliation), CreatedAt: millis(d.Created.At), UpdatedAt: millis(d.UpdatedAt),
	}
	if d.Proof.Strategy != "" {
		attempts := d.Proof.Attempts
		v := &domainVerification{Status: d.Proof.state(e.Now()), Strategy: "affiliation_email_code", Attempts: &attempts, ExpireAt: optMillis(d.Proof.ExpireAt)}
		if v.Status == verified {
			v.VerifiedAt = &r.UpdatedAt
		}
		r.AffiliationV, r.Verification = v, v
	}
	now := e.Now()
	r.Invitations = len(e.store.listInvitations(func(i *invitation) bool {
		return i.OrganizationID == d.OrganizationID && i.state(now) == invitePending && strings.HasSuffix(i.Email, "@"+d.Name)
	}))
	r.Suggestions = len(e.store.listRequests(func(q *membershipRequest) bool {
		return q.OrganizationID == d.OrganizationID && q.Status == requestSuggested
	}))
	return r
}

// domainCall is organizationCall for operations that need domains switched on.
func (e *Emulator) domainsOn() error {
	if !e.settings().OrganizationDomains {
		return &apiError{403, "organization_domains_not_enabled", "Domains are not enabled", "Organizations of this instance have no domains.", "", nil}
	}
	return nil
}

func (e *Emulator) listDomains(c *call) error {
	b, _, m, _, err := e.organizationCall(c, mayReadDomains)
	if err != nil {
		return err
	}
	query := c.r.URL.Query()
	modes := listParam(query, "enrollment_mode")
	e.store.mu.Lock()
	all := list(e.store.Domains, func(d *organizationDomain) made { return d.Created }, func(d *organizationDomain) bool {
		return d.OrganizationID == m.organization.ID && oneOf(modes, d.Mode) &&
			(query.Get("verified") == "" || (query.Get("verified") == "true") == (d.Proof.Status == verified))
	})
	e.store.mu.Unlock()
	return answerList(e, c, b, all, func(d *organizationDomain) any { return e.domainResource(d) })
}

func (e *Emulator) createDomain(c *call) error {
	b, _, m, form, err := e.organizationCall(c, mayManageDomains)
	if err != nil {
		return err
	}
	if err := e.domainsOn(); err != nil {
		return err
	}
	d, err := e.store.addDomain(m.organization.ID, form.Get("name"), form.Get("enrollment_mode"))
	if err != nil {
		return err
	}
	c.note("domain added")
	return e.answerWrapped(c, b.clientID, e.domainResource(&d))
}

// onDomain works on the domain of the path.
func (e *Emulator) onDomain(c *call, permission string, work func(d *organizationDomain, form formValues) error) error {
	b, _, m, form, err := e.organizationCall(c, permission)
	if err != nil {
		return err
	}
	d, err := e.store.withDomain(m.organization.ID, c.param(1), func(d *organizationDomain) error { return work(d, form) })
	if err != nil {
		return err
	}
	c.note("domain: " + c.route.operation)
	return e.answerWrapped(c, b.clientID, e.domainResource(&d))
}

type formValues interface {
	Get(string) string
}

func (e *Emulator) getDomain(c *call) error {
	return e.onDomain(c, mayReadDomains, func(*organizationDomain, formValues) error { return nil })
}

func (e *Emulator) deleteDomain(c *call) error {
	b, _, m, _, err := e.organizationCall(c, mayManageDomains)
	if err != nil {
		return err
	}
	if _, err := e.store.withDomain(m.organization.ID, c.param(1), func(d *organizationDomain) error {
		delete(e.store.Domains, d.ID)
		return nil
	}); err != nil {
		return err
	}
	c.note("domain removed")
	return e.answerWrapped(c, b.clientID, deletedResource{Object: "organization_domain", ID: c.param(1), Deleted: true})
}

func (e *Emulator) setEnrollmentMode(c *call) error {
	return e.onDomain(c, mayManageDomains, func(d *organizationDomain, form formValues) error {
		mode := form.Get("enrollment_mode")
		if !slices.Contains(enrollmentModes, mode) {
			return errParam("enrollment_mode", "form_param_value_invalid", "enrollment_mode "+quoted(mode)+" does not exist")
		}
		d.Mode = mode
		e.store.offerLocked(d)
		return nil
	})
}

// offerLocked tells all users of a domain's organization.
func (s *store) offerLocked(d *organizationDomain) {
	if d.Proof.Status != verified || d.Mode == modeManual {
		return
	}
	for _, u := range s.Users {
		s.offerDomainsLocked(u)
	}
}

func (e *Emulator) prepareDomain(c *call) error {
	return e.onDomain(c, mayManageDomains, func(d *organizationDomain, form formValues) error {
		email := emailKind.normalize(form.Get("affiliation_email_address"))
		if !validEmail(email) || !strings.HasSuffix(email, "@"+d.Name) {
			return errParam("affiliation_email_address", "form_param_value_invalid", "affiliation_email_address is not an address in "+d.Name)
		}
		s := e.store
		d.Affiliation = email
		d.Proof = verification{Strategy: "affiliation_email_code", Status: unverified, Address: email, Code: s.codeLocked(email), ExpireAt: s.now().Add(codeLifetime)}
		s.sendLocked(Message{Channel: "email", To: email, Template: "affiliation_code", Code: d.Proof.Code})
		return nil
	})
}

func (e *Emulator) attemptDomain(c *call) error {
	return e.onDomain(c, mayManageDomains, func(d *organizationDomain, form formValues) error {
		if d.Proof.Strategy == "" {
			return errNoVerification()
		}
		if err := d.Proof.checkCode(e.store.now(), form.Get("code")); err != nil {
			return err
		}
		e.store.offerLocked(d)
		return nil
	})
}

type suggestionResource struct {
	Object       string              `json:"object"`
	ID           string              `json:"id"`
	Organization *publicOrganization `json:"public_organization_data"`
	Status       string              `json:"status"`
	CreatedAt    int64               `json:"created_at"`
	UpdatedAt    int64               `json:"updated_at"`
}

func (e *Emulator) suggestionResource(r *membershipRequest) any {
	status := "accepted"
	if r.Status == requestSuggested {
		status = "pending"
	}
	return suggestionResource{"organization_suggestion", r.ID, e.publicOrganization(r.OrganizationID), status, millis(r.Created.At), millis(r.UpdatedAt)}
}

func (e *Emulator) mySuggestions(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	statuses := listParam(c.r.URL.Query(), "status")
	all := e.store.listRequests(func(r *membershipRequest) bool {
		status := "accepted"
		if r.Status == requestSuggested {
			status = "pending"
		}
		return r.UserID == s.user.ID && oneOf(statuses, status) && r.Status != requestAccepted && r.Status != requestRejected
	})
	return answerList(e, c, b, all, e.suggestionResource)
}

// acceptSuggestion asks to join; somebody of the organization answers.
func (e *Emulator) acceptSuggestion(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	r, err := e.store.settleRequest(c.param(0), func(r *membershipRequest) bool { return r.UserID == s.user.ID }, requestSuggested, requestPending)
	if err != nil {
		return err
	}
	c.note("asked to join " + r.OrganizationID)
	return e.answerWrapped(c, b.clientID, e.suggestionResource(&r))
}

type requestResource struct {
	Object         string     `json:"object"`
	ID             string     `json:"id"`
	OrganizationID string     `json:"organization_id"`
	Status         string     `json:"status"`
	PublicUser     publicUser `json:"public_user_data"`
	CreatedAt      int64      `json:"created_at"`
	UpdatedAt      int64      `json:"updated_at"`
}

func (e *Emulator) requestResource(r *membershipRequest) any {
	u, _ := e.store.user(r.UserID) // one that was deleted has no name
	return requestResource{
		"organization_membership_request", r.ID, r.OrganizationID, r.Status, e.publicUser(&u), millis(r.Created.At), millis(r.UpdatedAt),
	}
}

func (e *Emulator) membershipRequests(c *call) error {
	b, _, m, _, err := e.organizationCall(c, mayManageMembers)
	if err != nil {
		return err
	}
	statuses := listParam(c.r.URL.Query(), "status")
	all := e.store.listRequests(func(r *membershipRequest) bool {
		return r.OrganizationID == m.organization.ID && r.Status != requestSuggested && oneOf(statuses, r.Status)
	})
	return answerList(e, c, b, all, e.requestResource)
}

func (e *Emulator) acceptRequest(c *call) error { return e.answerRequest(c, requestAccepted) }
func (e *Emulator) rejectRequest(c *call) error { return e.answerRequest(c, requestRejected) }

func (e *Emulator) answerRequest(c *call, to string) error {
	b, _, m, _, err := e.organizationCall(c, mayManageMembers)
	if err != nil {
		return err
	}
	mine := func(r *membershipRequest) bool { return r.OrganizationID == m.organization.ID }
	r, err := e.store.settleRequest(c.param(1), mine, requestPending, to)
	if err != nil {
		return err
	}
	c.note("request " + to)
	return e.answerWrapped(c, b.clientID, e.requestResource(&r))
}
