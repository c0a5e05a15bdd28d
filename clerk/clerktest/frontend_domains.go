package clerktest

import (
	"net/url"
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
	Organization   *publicOrganization `json:"public_organization_data,omitempty"` // Backend API
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
		v := &domainVerification{Status: d.Proof.state(e.Now()), Strategy: d.Proof.Strategy, Attempts: &attempts, ExpireAt: optMillis(d.Proof.ExpireAt)}
		r.AffiliationV, r.Verification = v, v
	}
	if !d.OwnedAt.IsZero() {
		r.OwnershipV = &domainVerification{Status: verified, Strategy: "manual_override", VerifiedAt: optMillis(d.OwnedAt)}
	}
	r.Invitations, r.Suggestions = e.store.countOffers(d.ID)
	return r
}

// countOffers returns how many invitations and suggestions that a domain made
// are open.
func (s *store) countOffers(domainID string) (invitations, suggestions int) {
	return with2(s, func(tx *stateTx) (invitations, suggestions int) {
		now := tx.now()
		for _, i := range tx.Invitations {
			if i.DomainID == domainID && i.state(now) == invitePending {
				invitations++
			}
		}
		for _, q := range tx.Requests {
			if q.DomainID == domainID && q.Status == requestSuggested {
				suggestions++
			}
		}
		return invitations, suggestions
	})
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
	page, total, err := e.store.pickDomains(query, func(d *organizationDomain) bool { return d.OrganizationID == m.organization.ID })
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, func(d *organizationDomain) any { return e.domainResource(d) })
}

var domainOrder = map[string]func(a, b *organizationDomain) int{
	"name": func(a, b *organizationDomain) int { return compareText(a.Name, b.Name) },
}

// pickDomains lists domains by the filters that all lists of domains have.
func (s *store) pickDomains(query url.Values, keep func(*organizationDomain) bool) ([]organizationDomain, int, error) {
	modes := listParam(query, "enrollment_mode")
	for _, m := range modes {
		if m = strings.TrimPrefix(m, "-"); m != "enterprise_sso" && !slices.Contains(enrollmentModes, m) {
			return nil, 0, errParam("enrollment_mode", "form_param_value_invalid", "enrollment_mode "+quoted(m)+" does not exist")
		}
	}
	wanted := choice(modes)
	proven := query.Get("verified")
	if proven != "" && proven != "true" && proven != "false" {
		return nil, 0, errParam("verified", "form_param_value_invalid", "verified is neither true nor false")
	}
	return pick(s, func(tx *stateTx) map[string]*organizationDomain { return tx.Domains }, query, listing[organizationDomain]{
		made: func(d *organizationDomain) made { return d.Created }, fields: domainOrder,
		keep: func(_ *stateTx, d *organizationDomain) bool {
			return wanted(d.Mode) && (proven == "" || (proven == "true") == (d.Proof.Status == verified)) && keep(d)
		},
	})
}

func (e *Emulator) createDomain(c *call) error {
	b, _, m, form, err := e.organizationCall(c, mayManageDomains)
	if err != nil {
		return err
	}
	if err := e.domainsOn(); err != nil {
		return err
	}
	d, err := e.store.addDomain(m.organization.ID, form.Get("name"), form.Get("enrollment_mode"), verification{Status: unverified})
	if err != nil {
		return err
	}
	c.note("domain added")
	return e.answerWrapped(c, b.clientID, e.domainResource(&d))
}

// onDomain works on the domain of the path.
func (e *Emulator) onDomain(c *call, permission string, work func(tx *stateTx, d *organizationDomain, form formValues) error) error {
	b, _, m, form, err := e.organizationCall(c, permission)
	if err != nil {
		return err
	}
	d, err := e.store.withDomain(m.organization.ID, c.param(1), func(tx *stateTx, d *organizationDomain) error { return work(tx, d, form) })
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
	b, _, m, _, err := e.organizationCall(c, mayReadDomains)
	if err != nil {
		return err
	}
	d, err := e.store.domain(m.organization.ID, c.param(1))
	if err != nil {
		return err
	}
	c.note("domain " + d.ID)
	return e.answerWrapped(c, b.clientID, e.domainResource(&d))
}

func (s *store) domain(organizationID, id string) (organizationDomain, error) {
	return with2(s, func(tx *stateTx) (organizationDomain, error) {
		if d := tx.Domains[id]; d != nil && d.OrganizationID == organizationID {
			return *d, nil
		}
		return organizationDomain{}, errNotFound("organization domain with id " + quoted(id))
	})
}

func (e *Emulator) deleteDomain(c *call) error {
	b, _, m, _, err := e.organizationCall(c, mayManageDomains)
	if err != nil {
		return err
	}
	if _, err := e.store.deleteDomain(m.organization.ID, c.param(1)); err != nil {
		return err
	}
	c.note("domain removed")
	return e.answerWrapped(c, b.clientID, deletedResource{Object: "organization_domain", ID: c.param(1), Deleted: true})
}

func (e *Emulator) setEnrollmentMode(c *call) error {
	return e.onDomain(c, mayManageDomains, func(tx *stateTx, d *organizationDomain, form formValues) error {
		if err := tx.checkMode(form.Get("enrollment_mode")); err != nil {
			return err
		}
		d.Mode = form.Get("enrollment_mode")
		return nil
	})
}

// offer tells all users of a domain's organization.
func (tx *stateTx) offer(d *organizationDomain) {
	if d.Proof.Status != verified || d.Mode == modeManual {
		return
	}
	for _, u := range tx.Users {
		tx.offerDomains(u)
	}
}

func (e *Emulator) prepareDomain(c *call) error {
	return e.onDomain(c, mayManageDomains, func(tx *stateTx, d *organizationDomain, form formValues) error {
		email := emailKind.normalize(form.Get("affiliation_email_address"))
		if !validEmail(email) || !strings.HasSuffix(email, "@"+d.Name) {
			return errParam("affiliation_email_address", "form_param_value_invalid", "affiliation_email_address is not an address in "+d.Name)
		}
		d.Affiliation = email
		d.Proof = verification{Strategy: "affiliation_email_code", Status: unverified, Address: email, Code: tx.code(email), ExpireAt: tx.now().Add(codeLifetime)}
		tx.send(Message{Channel: "email", To: email, Template: "affiliation_code", Code: d.Proof.Code})
		return nil
	})
}

func (e *Emulator) attemptDomain(c *call) error {
	return e.onDomain(c, mayManageDomains, func(tx *stateTx, d *organizationDomain, form formValues) error {
		if d.Proof.Strategy == "" {
			return errNoVerification()
		}
		if err := d.Proof.checkCode(tx.now(), form.Get("code")); err != nil {
			return err // a typed nil otherwise
		}
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
	page, total, err := e.store.pickRequests(c.r.URL.Query(), func(r *membershipRequest) bool {
		status := "accepted"
		if r.Status == requestSuggested {
			status = "pending"
		}
		return r.UserID == s.user.ID && oneOf(statuses, status) && r.Status != requestAccepted && r.Status != requestRejected
	})
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, e.suggestionResource)
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
	page, total, err := e.store.pickRequests(c.r.URL.Query(), func(r *membershipRequest) bool {
		return r.OrganizationID == m.organization.ID && r.Status != requestSuggested && oneOf(statuses, r.Status)
	})
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, e.requestResource)
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
