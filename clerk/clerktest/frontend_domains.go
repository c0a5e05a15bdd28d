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
		Object: "organization_domain", ID: d.id, OrganizationID: d.organizationID, Name: d.name, Mode: d.mode,
		Affiliation: optString(d.affiliation), CreatedAt: millis(d.created.at), UpdatedAt: millis(d.updatedAt),
	}
	if d.proof.strategy != "" {
		attempts := d.proof.attempts
		v := &domainVerification{Status: d.proof.state(e.Now()), Strategy: "affiliation_email_code", Attempts: &attempts, ExpireAt: optMillis(d.proof.expireAt)}
		if v.Status == verified {
			v.VerifiedAt = &r.UpdatedAt
		}
		r.AffiliationV, r.Verification = v, v
	}
	now := e.Now()
	r.Invitations = len(e.store.listInvitations(func(i *invitation) bool {
		return i.organizationID == d.organizationID && i.state(now) == invitePending && strings.HasSuffix(i.email, "@"+d.name)
	}))
	r.Suggestions = len(e.store.listRequests(func(q *membershipRequest) bool {
		return q.organizationID == d.organizationID && q.status == requestSuggested
	}))
	return r
}

// domainCall is organizationCall for operations that need domains switched on.
func (e *Emulator) domainsOn() error {
	if !e.cfg.Settings.OrganizationDomains {
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
	all := list(e.store.domains, func(d *organizationDomain) made { return d.created }, func(d *organizationDomain) bool {
		return d.organizationID == m.organization.ID && oneOf(modes, d.mode) &&
			(query.Get("verified") == "" || (query.Get("verified") == "true") == (d.proof.status == verified))
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
		delete(e.store.domains, d.id)
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
		d.mode = mode
		e.store.offerLocked(d)
		return nil
	})
}

// offerLocked tells all users of a domain's organization.
func (s *store) offerLocked(d *organizationDomain) {
	if d.proof.status != verified || d.mode == modeManual {
		return
	}
	for _, u := range s.users {
		s.offerDomainsLocked(u)
	}
}

func (e *Emulator) prepareDomain(c *call) error {
	return e.onDomain(c, mayManageDomains, func(d *organizationDomain, form formValues) error {
		email := emailKind.normalize(form.Get("affiliation_email_address"))
		if !validEmail(email) || !strings.HasSuffix(email, "@"+d.name) {
			return errParam("affiliation_email_address", "form_param_value_invalid", "affiliation_email_address is not an address in "+d.name)
		}
		s := e.store
		d.affiliation = email
		d.proof = verification{strategy: "affiliation_email_code", status: unverified, address: email, code: s.codeLocked(email), expireAt: s.now().Add(codeLifetime)}
		s.sendLocked(Message{Channel: "email", To: email, Template: "affiliation_code", Code: d.proof.code})
		return nil
	})
}

func (e *Emulator) attemptDomain(c *call) error {
	return e.onDomain(c, mayManageDomains, func(d *organizationDomain, form formValues) error {
		if d.proof.strategy == "" {
			return errNoVerification()
		}
		if err := d.proof.checkCode(e.store.now(), form.Get("code")); err != nil {
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
	if r.status == requestSuggested {
		status = "pending"
	}
	return suggestionResource{"organization_suggestion", r.id, e.publicOrganization(r.organizationID), status, millis(r.created.at), millis(r.updatedAt)}
}

func (e *Emulator) mySuggestions(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	statuses := listParam(c.r.URL.Query(), "status")
	all := e.store.listRequests(func(r *membershipRequest) bool {
		status := "accepted"
		if r.status == requestSuggested {
			status = "pending"
		}
		return r.userID == s.user.ID && oneOf(statuses, status) && r.status != requestAccepted && r.status != requestRejected
	})
	return answerList(e, c, b, all, e.suggestionResource)
}

// acceptSuggestion asks to join; somebody of the organization answers.
func (e *Emulator) acceptSuggestion(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	r, err := e.store.settleRequest(c.param(0), func(r *membershipRequest) bool { return r.userID == s.user.ID }, requestSuggested, requestPending)
	if err != nil {
		return err
	}
	c.note("asked to join " + r.organizationID)
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
	u, _ := e.store.user(r.userID) // one that was deleted has no name
	return requestResource{
		"organization_membership_request", r.id, r.organizationID, r.status, e.publicUser(&u), millis(r.created.at), millis(r.updatedAt),
	}
}

func (e *Emulator) membershipRequests(c *call) error {
	b, _, m, _, err := e.organizationCall(c, mayManageMembers)
	if err != nil {
		return err
	}
	statuses := listParam(c.r.URL.Query(), "status")
	all := e.store.listRequests(func(r *membershipRequest) bool {
		return r.organizationID == m.organization.ID && r.status != requestSuggested && oneOf(statuses, r.status)
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
	mine := func(r *membershipRequest) bool { return r.organizationID == m.organization.ID }
	r, err := e.store.settleRequest(c.param(1), mine, requestPending, to)
	if err != nil {
		return err
	}
	c.note("request " + to)
	return e.answerWrapped(c, b.clientID, e.requestResource(&r))
}
