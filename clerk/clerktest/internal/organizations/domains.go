package organizations

import (
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// backendDomainProof is the verification of a domain that a server vouches for.
func backendDomainProof(is bool) state.Verification {
	if is {
		return state.Done("manual_override")
	}
	return state.Verification{Status: state.Unverified}
}

func (e *API) listDomainsOfOrganization(c *wire.Call) error {
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	return e.answerDomains(c, func(d *state.OrganizationDomain) bool { return d.OrganizationID == o.ID })
}

func (e *API) answerDomains(c *wire.Call, keep func(*state.OrganizationDomain) bool) error {
	page, total, err := pickDomains(e.Store, c.R.URL.Query(), keep)
	if err != nil {
		return err
	}
	out := make([]DomainResource, len(page))
	for i := range page {
		out[i] = e.backendDomain(&page[i])
	}
	c.Note("list of domains")
	return c.OK(wire.Listed{Data: out, Total: total})
}

func (e *API) listDomainsOfAll(c *wire.Call) error {
	query := c.R.URL.Query()
	text, organization, names := strings.TrimSpace(query.Get("query")), query.Get("organization_id"), wire.ListParam(query, "domains")
	if query.Has("query") && text == "" {
		return refusal.Param("query", "form_param_value_invalid", "query is empty")
	}
	return e.answerDomains(c, func(d *state.OrganizationDomain) bool {
		if organization != "" && d.OrganizationID != organization || !wire.OneOf(names, d.Name) {
			return false
		}
		if strings.HasPrefix(text, "org_") {
			return d.OrganizationID == text
		}
		return text == "" || wire.Holds(text, d.Name)
	})
}

// backendDomain is a domain with the organization that it is of.
func (e *API) backendDomain(d *state.OrganizationDomain) DomainResource {
	r := e.DomainResource(d)
	r.Organization = e.PublicOrganization(d.OrganizationID)
	return r
}

func (e *API) answerDomain(c *wire.Call, d *state.OrganizationDomain, err error, what string) error {
	if err != nil {
		return err
	}
	c.Note("domain " + d.Name + what)
	return c.OK(e.backendDomain(d))
}

func (e *API) createDomainBAPI(c *wire.Call) error {
	var in struct {
		Name     string             `json:"name"`
		Mode     wire.Field[string] `json:"enrollment_mode"`
		Verified wire.Field[bool]   `json:"verified"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	if err := e.domainsOn(); err != nil {
		return err
	}
	if in.Name == "" {
		return refusal.Missing("name")
	}
	d, err := e.Store.AddDomain(o.ID, in.Name, in.Mode.Value, backendDomainProof(!wire.Given(in.Verified) || in.Verified.Value))
	return e.answerDomain(c, &d, err, " added")
}

// changeDomainBAPI works on the domain of the path.
func (e *API) changeDomainBAPI(c *wire.Call, change func(*state.Tx, *state.OrganizationDomain) error) error {
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	d, err := e.Store.WithDomain(o.ID, c.Param(1), change)
	return e.answerDomain(c, &d, err, " changed")
}

func (e *API) updateDomainBAPI(c *wire.Call) error {
	var in struct {
		Mode     wire.Field[string] `json:"enrollment_mode"`
		Verified wire.Field[bool]   `json:"verified"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	return e.changeDomainBAPI(c, func(tx *state.Tx, d *state.OrganizationDomain) error {
		if wire.Given(in.Mode) {
			if err := tx.CheckMode(in.Mode.Value); err != nil {
				return err
			}
			d.Mode = in.Mode.Value
		}
		if wire.Given(in.Verified) && in.Verified.Value != (d.Proof.Status == state.Verified) {
			d.Proof = backendDomainProof(in.Verified.Value)
		}
		return nil
	})
}

func (e *API) deleteDomainBAPI(c *wire.Call) error {
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	d, err := e.Store.DeleteDomain(o.ID, c.Param(1))
	if err != nil {
		return err
	}
	c.Note("domain " + d.Name + " removed")
	return c.OK(answers.DeletedResource{Object: "organization_domain", ID: d.ID, Deleted: true})
}

func (e *API) verifyDomainOwnership(c *wire.Call) error {
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	d, err := domain(e.Store, o.ID, c.Param(1))
	if err != nil || !d.OwnedAt.IsZero() { // once is enough
		return e.answerDomain(c, &d, err, " is verified")
	}
	return e.changeDomainBAPI(c, func(tx *state.Tx, d *state.OrganizationDomain) error {
		d.OwnedAt = tx.Now()
		return nil
	})
}
