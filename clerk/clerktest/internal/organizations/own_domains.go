package organizations

import (
	"net/url"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type DomainResource struct {
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
	Organization   *PublicOrganization `json:"public_organization_data,omitempty"` // Backend API
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

func (e *API) DomainResource(d *state.OrganizationDomain) DomainResource {
	r := DomainResource{
		Object: "organization_domain", ID: d.ID, OrganizationID: d.OrganizationID, Name: d.Name, Mode: d.Mode,
		Affiliation: wire.OptString(d.Affiliation), CreatedAt: wire.Millis(d.Created.At), UpdatedAt: wire.Millis(d.UpdatedAt),
	}
	if d.Proof.Strategy != "" {
		attempts := d.Proof.Attempts
		v := &domainVerification{Status: d.Proof.State(e.Now()), Strategy: d.Proof.Strategy, Attempts: &attempts, ExpireAt: wire.OptMillis(d.Proof.ExpireAt)}
		r.AffiliationV, r.Verification = v, v
	}
	if !d.OwnedAt.IsZero() {
		r.OwnershipV = &domainVerification{Status: state.Verified, Strategy: "manual_override", VerifiedAt: wire.OptMillis(d.OwnedAt)}
	}
	r.Invitations, r.Suggestions = countOffers(e.Store, d.ID)
	return r
}

// countOffers returns how many invitations and suggestions that a domain made
// are open.
func countOffers(s *state.Store, domainID string) (invitations, suggestions int) {
	return state.With2(s, func(tx *state.Tx) (invitations, suggestions int) {
		now := tx.Now()
		for _, i := range tx.Invitations {
			if i.DomainID == domainID && i.State(now) == state.InvitePending {
				invitations++
			}
		}
		for _, q := range tx.Requests {
			if q.DomainID == domainID && q.Status == state.RequestSuggested {
				suggestions++
			}
		}
		return invitations, suggestions
	})
}

// domainCall is organizationCall for operations that need domains switched on.
func (e *API) domainsOn() error {
	if !e.Settings().OrganizationDomains {
		return &refusal.Error{Kind: 403, Code: "organization_domains_not_enabled", Message: "Domains are not enabled", Long: "Organizations of this instance have no domains.", Param: "", Meta: nil}
	}
	return nil
}

func (e *API) listDomains(c *wire.Call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayReadDomains)
	if err != nil {
		return err
	}
	query := c.R.URL.Query()
	page, total, err := pickDomains(e.Store, query, func(d *state.OrganizationDomain) bool { return d.OrganizationID == m.Organization.ID })
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, func(d *state.OrganizationDomain) any { return e.DomainResource(d) })
}

var domainOrder = map[string]func(a, b *state.OrganizationDomain) int{
	"name": func(a, b *state.OrganizationDomain) int { return wire.CompareText(a.Name, b.Name) },
}

// pickDomains lists domains by the filters that all lists of domains have.
func pickDomains(s *state.Store, query url.Values, keep func(*state.OrganizationDomain) bool) ([]state.OrganizationDomain, int, error) {
	modes := wire.ListParam(query, "enrollment_mode")
	for _, m := range modes {
		if m = strings.TrimPrefix(m, "-"); m != "enterprise_sso" && !slices.Contains(state.EnrollmentModes, m) {
			return nil, 0, refusal.Param("enrollment_mode", "form_param_value_invalid", "enrollment_mode "+refusal.Quoted(m)+" does not exist")
		}
	}
	wanted := wire.Choice(modes)
	proven := query.Get("verified")
	if proven != "" && proven != "true" && proven != "false" {
		return nil, 0, refusal.Param("verified", "form_param_value_invalid", "verified is neither true nor false")
	}
	return wire.Pick(s, func(tx *state.Tx) map[string]*state.OrganizationDomain { return tx.Domains }, query, wire.Listing[state.OrganizationDomain]{
		Made: func(d *state.OrganizationDomain) state.Made { return d.Created }, Fields: domainOrder,
		Keep: func(_ *state.Tx, d *state.OrganizationDomain) bool {
			return wanted(d.Mode) && (proven == "" || (proven == "true") == (d.Proof.Status == state.Verified)) && keep(d)
		},
	})
}

func (e *API) createDomain(c *wire.Call) error {
	b, _, m, form, err := e.organizationCall(c, state.MayManageDomains)
	if err != nil {
		return err
	}
	if err := e.domainsOn(); err != nil {
		return err
	}
	d, err := e.Store.AddDomain(m.Organization.ID, form.Get("name"), form.Get("enrollment_mode"), state.Verification{Status: state.Unverified})
	if err != nil {
		return err
	}
	c.Note("domain added")
	return e.answers.AnswerWrapped(c, b.ClientID, e.DomainResource(&d))
}

// onDomain works on the domain of the path.
func (e *API) onDomain(c *wire.Call, permission string, work func(tx *state.Tx, d *state.OrganizationDomain, form formValues) error) error {
	b, _, m, form, err := e.organizationCall(c, permission)
	if err != nil {
		return err
	}
	d, err := e.Store.WithDomain(m.Organization.ID, c.Param(1), func(tx *state.Tx, d *state.OrganizationDomain) error { return work(tx, d, form) })
	if err != nil {
		return err
	}
	c.Note("domain: " + c.Operation)
	return e.answers.AnswerWrapped(c, b.ClientID, e.DomainResource(&d))
}

type formValues interface {
	Get(string) string
}

func (e *API) getDomain(c *wire.Call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayReadDomains)
	if err != nil {
		return err
	}
	d, err := domain(e.Store, m.Organization.ID, c.Param(1))
	if err != nil {
		return err
	}
	c.Note("domain " + d.ID)
	return e.answers.AnswerWrapped(c, b.ClientID, e.DomainResource(&d))
}

func domain(s *state.Store, organizationID, id string) (state.OrganizationDomain, error) {
	return state.With2(s, func(tx *state.Tx) (state.OrganizationDomain, error) {
		if d := tx.Domains[id]; d != nil && d.OrganizationID == organizationID {
			return *d, nil
		}
		return state.OrganizationDomain{}, refusal.NotFound("organization domain with id " + refusal.Quoted(id))
	})
}

func (e *API) deleteDomain(c *wire.Call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayManageDomains)
	if err != nil {
		return err
	}
	if _, err := e.Store.DeleteDomain(m.Organization.ID, c.Param(1)); err != nil {
		return err
	}
	c.Note("domain removed")
	return e.answers.AnswerWrapped(c, b.ClientID, answers.DeletedResource{Object: "organization_domain", ID: c.Param(1), Deleted: true})
}

func (e *API) setEnrollmentMode(c *wire.Call) error {
	return e.onDomain(c, state.MayManageDomains, func(tx *state.Tx, d *state.OrganizationDomain, form formValues) error {
		if err := tx.CheckMode(form.Get("enrollment_mode")); err != nil {
			return err
		}
		d.Mode = form.Get("enrollment_mode")
		return nil
	})
}

func (e *API) prepareDomain(c *wire.Call) error {
	return e.onDomain(c, state.MayManageDomains, func(tx *state.Tx, d *state.OrganizationDomain, form formValues) error {
		email := state.EmailKind.Normalize(form.Get("affiliation_email_address"))
		if !state.ValidEmail(email) || !strings.HasSuffix(email, "@"+d.Name) {
			return refusal.Param("affiliation_email_address", "form_param_value_invalid", "affiliation_email_address is not an address in "+d.Name)
		}
		d.Affiliation = email
		d.Proof = state.Verification{Strategy: "affiliation_email_code", Status: state.Unverified, Address: email, Code: tx.Code(email), ExpireAt: tx.Now().Add(state.CodeLifetime)}
		tx.Send(state.Message{Channel: "email", To: email, Template: "affiliation_code", Code: d.Proof.Code})
		return nil
	})
}

func (e *API) attemptDomain(c *wire.Call) error {
	return e.onDomain(c, state.MayManageDomains, func(tx *state.Tx, d *state.OrganizationDomain, form formValues) error {
		if d.Proof.Strategy == "" {
			return refusal.NoVerification()
		}
		if err := d.Proof.CheckCode(tx.Now(), form.Get("code")); err != nil {
			return err // a typed nil otherwise
		}
		return nil
	})
}

type suggestionResource struct {
	Object       string              `json:"object"`
	ID           string              `json:"id"`
	Organization *PublicOrganization `json:"public_organization_data"`
	Status       string              `json:"status"`
	CreatedAt    int64               `json:"created_at"`
	UpdatedAt    int64               `json:"updated_at"`
}

func (e *API) suggestionResource(r *state.MembershipRequest) any {
	status := "accepted"
	if r.Status == state.RequestSuggested {
		status = "pending"
	}
	return suggestionResource{"organization_suggestion", r.ID, e.PublicOrganization(r.OrganizationID), status, wire.Millis(r.Created.At), wire.Millis(r.UpdatedAt)}
}

func (e *API) mySuggestions(c *wire.Call) error {
	b, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	statuses := wire.ListParam(c.R.URL.Query(), "status")
	page, total, err := pickRequests(e.Store, c.R.URL.Query(), func(r *state.MembershipRequest) bool {
		status := "accepted"
		if r.Status == state.RequestSuggested {
			status = "pending"
		}
		return r.UserID == s.User.ID && wire.OneOf(statuses, status) && r.Status != state.RequestAccepted && r.Status != state.RequestRejected
	})
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, e.suggestionResource)
}

// acceptSuggestion asks to join; somebody of the organization answers.
func (e *API) acceptSuggestion(c *wire.Call) error {
	b, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	r, err := e.Store.SettleRequest(c.Param(0), func(r *state.MembershipRequest) bool { return r.UserID == s.User.ID }, state.RequestSuggested, state.RequestPending)
	if err != nil {
		return err
	}
	c.Note("asked to join " + r.OrganizationID)
	return e.answers.AnswerWrapped(c, b.ClientID, e.suggestionResource(&r))
}

type requestResource struct {
	Object         string             `json:"object"`
	ID             string             `json:"id"`
	OrganizationID string             `json:"organization_id"`
	Status         string             `json:"status"`
	PublicUser     answers.PublicUser `json:"public_user_data"`
	CreatedAt      int64              `json:"created_at"`
	UpdatedAt      int64              `json:"updated_at"`
}

func (e *API) requestResource(r *state.MembershipRequest) any {
	u, _ := e.Store.User(r.UserID) // one that was deleted has no name
	return requestResource{
		"organization_membership_request", r.ID, r.OrganizationID, r.Status, e.answers.PublicUser(&u), wire.Millis(r.Created.At), wire.Millis(r.UpdatedAt),
	}
}

func (e *API) membershipRequests(c *wire.Call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayManageMembers)
	if err != nil {
		return err
	}
	statuses := wire.ListParam(c.R.URL.Query(), "status")
	page, total, err := pickRequests(e.Store, c.R.URL.Query(), func(r *state.MembershipRequest) bool {
		return r.OrganizationID == m.Organization.ID && r.Status != state.RequestSuggested && wire.OneOf(statuses, r.Status)
	})
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, e.requestResource)
}

func (e *API) acceptRequest(c *wire.Call) error {
	return e.answerRequest(c, state.RequestAccepted)
}

func (e *API) rejectRequest(c *wire.Call) error {
	return e.answerRequest(c, state.RequestRejected)
}

func (e *API) answerRequest(c *wire.Call, to string) error {
	b, _, m, _, err := e.organizationCall(c, state.MayManageMembers)
	if err != nil {
		return err
	}
	mine := func(r *state.MembershipRequest) bool { return r.OrganizationID == m.Organization.ID }
	r, err := e.Store.SettleRequest(c.Param(1), mine, state.RequestPending, to)
	if err != nil {
		return err
	}
	c.Note("request " + to)
	return e.answers.AnswerWrapped(c, b.ClientID, e.requestResource(&r))
}

// pickRequests lists suggestions and requests.
func pickRequests(s *state.Store, query url.Values, keep func(*state.MembershipRequest) bool) ([]state.MembershipRequest, int, error) {
	return wire.Pick(s, func(tx *state.Tx) map[string]*state.MembershipRequest { return tx.Requests }, query, wire.Listing[state.MembershipRequest]{
		Made: func(r *state.MembershipRequest) state.Made { return r.Created }, By: "created_at", Keep: func(_ *state.Tx, r *state.MembershipRequest) bool { return keep(r) },
	})
}
