package people

import (
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type listedResource struct {
	Object       string `json:"object"`
	ID           string `json:"id"`
	InvitationID string `json:"invitation_id,omitempty"`
	Identifier   string `json:"identifier"`
	Type         string `json:"identifier_type"`
	InstanceID   string `json:"instance_id"`
	CreatedAt    int64  `json:"created_at"`
	UpdatedAt    int64  `json:"updated_at"`
}

// restriction is one of the two lists.
type restriction struct {
	object, prefix string
	table          func(*state.Tx) map[string]*state.ListedIdentifier
}

var (
	allowlist = &restriction{"allowlist_identifier", "alid", func(tx *state.Tx) map[string]*state.ListedIdentifier { return tx.Allowlist }}
	blocklist = &restriction{"blocklist_identifier", "blid", func(tx *state.Tx) map[string]*state.ListedIdentifier { return tx.Blocklist }}
)

func (e *API) listedResource(r *restriction, l *state.ListedIdentifier) listedResource {
	return listedResource{
		Object: r.object, ID: l.ID, InvitationID: l.InvitationID, Identifier: l.Identifier, Type: l.Type, InstanceID: e.InstanceID(),
		CreatedAt: wire.Millis(l.Created.At), UpdatedAt: wire.Millis(l.UpdatedAt),
	}
}

// all are the entries, newest first.
func (e *API) listedResources(r *restriction) []listedResource {
	var all []state.ListedIdentifier
	e.Store.View(func(tx *state.Tx) {
		all = state.List(r.table(tx), func(l *state.ListedIdentifier) state.Made { return l.Created }, nil)
	})
	slices.Reverse(all)
	out := make([]listedResource, len(all))
	for i := range all {
		out[i] = e.listedResource(r, &all[i])
	}
	return out
}

func (e *API) listAllowlist(c *wire.Call) error {
	all, query := e.listedResources(allowlist), c.R.URL.Query()
	c.Note("allowlist")
	if query.Get("paginated") != "true" && query.Get("limit") == "" && query.Get("offset") == "" {
		return c.OK(all) // bare, it was never cut into pages
	}
	total := len(all)
	all, err := wire.Page(all, query)
	if err != nil {
		return err
	}
	return c.OkList(query, all, total)
}

func (e *API) listBlocklist(c *wire.Call) error {
	all := e.listedResources(blocklist)
	c.Note("blocklist")
	return c.OK(map[string]any{"data": all, "total_count": len(all)})
}

func (e *API) createAllowed(c *wire.Call) error { return e.createListed(c, allowlist) }

func (e *API) createBlocked(c *wire.Call) error { return e.createListed(c, blocklist) }

func (e *API) createListed(c *wire.Call, r *restriction) error {
	var in struct {
		Identifier wire.Field[string] `json:"identifier"`
		Notify     wire.Field[bool]   `json:"notify"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.Notify.Set && r != allowlist {
		return refusal.UnknownParam("notify")
	}
	if in.Identifier.Value == "" {
		return refusal.Missing("identifier")
	}
	identifier, kind := state.IdentifierType(in.Identifier.Value)
	if kind == "" {
		return refusal.Param("identifier", "form_param_format_invalid", "identifier must be either a valid email address, a valid phone number "+
			"according to E.164 international standard or a valid web3 wallet.")
	}
	var l state.ListedIdentifier
	var err error
	e.Store.Apply(func(tx *state.Tx) {
		l, err = e.addListed(tx, r, identifier, kind, in.Notify.Value)
	})
	if err != nil {
		return err
	}
	c.Note(r.object + " added")
	return c.OK(e.listedResource(r, &l))
}

func (e *API) addListed(tx *state.Tx, r *restriction, identifier, kind string, notify bool) (state.ListedIdentifier, error) {
	for _, l := range r.table(tx) {
		if l.Identifier == identifier {
			return state.ListedIdentifier{}, &refusal.Error{
				Kind: refusal.KindBadRequest, Code: "duplicate_record", Message: "duplicate " + r.object, Long: "the identifier " + identifier + " already exists", Param: "identifier", Meta: nil,
			}
		}
	}
	l := state.ListedIdentifier{ID: tx.IDs.Next(r.prefix), Identifier: identifier, Type: kind, Created: tx.Made()}
	l.UpdatedAt = l.Created.At
	if notify && state.ValidEmail(identifier) && identifier[0] != '*' {
		made, err := e.InviteAll(tx, []state.ApplicationInvitation{{Invitation: state.Invitation{Email: identifier}, Again: true}})
		if err != nil {
			return l, err
		}
		l.InvitationID = made[0].ID
	}
	r.table(tx)[l.ID] = &l
	return l, nil
}

func (e *API) deleteAllowed(c *wire.Call) error { return e.deleteListed(c, allowlist) }

func (e *API) deleteBlocked(c *wire.Call) error { return e.deleteListed(c, blocklist) }

func (e *API) deleteListed(c *wire.Call, r *restriction) error {
	s, id := e.Store, c.Param(0)
	var ok bool
	s.Apply(func(tx *state.Tx) {
		_, ok = r.table(tx)[id]
		delete(r.table(tx), id)
	})
	if !ok {
		return refusal.NotFound("identifier with id " + refusal.Quoted(id))
	}
	c.Note(r.object + " removed")
	return c.OK(answers.DeletedResource{Object: r.object, ID: id, Deleted: true})
}
