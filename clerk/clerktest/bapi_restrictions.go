package clerktest

import (
	"net/http"
	"slices"
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
	table          func(*stateTx) map[string]*listedIdentifier
}

var (
	allowlist = &restriction{"allowlist_identifier", "alid", func(tx *stateTx) map[string]*listedIdentifier { return tx.Allowlist }}
	blocklist = &restriction{"blocklist_identifier", "blid", func(tx *stateTx) map[string]*listedIdentifier { return tx.Blocklist }}
)

func (e *Emulator) listedResource(r *restriction, l *listedIdentifier) listedResource {
	return listedResource{
		Object: r.object, ID: l.ID, InvitationID: l.InvitationID, Identifier: l.Identifier, Type: l.Type, InstanceID: e.instanceID(),
		CreatedAt: millis(l.Created.At), UpdatedAt: millis(l.UpdatedAt),
	}
}

// all are the entries, newest first.
func (e *Emulator) listedResources(r *restriction) []listedResource {
	var all []listedIdentifier
	e.store.View(func(tx *stateTx) {
		all = list(r.table(tx), func(l *listedIdentifier) made { return l.Created }, nil)
	})
	slices.Reverse(all)
	out := make([]listedResource, len(all))
	for i := range all {
		out[i] = e.listedResource(r, &all[i])
	}
	return out
}

func (e *Emulator) listAllowlist(c *call) error {
	all, query := e.listedResources(allowlist), c.r.URL.Query()
	c.note("allowlist")
	if query.Get("paginated") != "true" && query.Get("limit") == "" && query.Get("offset") == "" {
		return c.ok(all) // bare, it was never cut into pages
	}
	total := len(all)
	all, err := page(all, query)
	if err != nil {
		return err
	}
	return c.okList(query, all, total)
}

func (e *Emulator) listBlocklist(c *call) error {
	all := e.listedResources(blocklist)
	c.note("blocklist")
	return c.ok(map[string]any{"data": all, "total_count": len(all)})
}

func (e *Emulator) createAllowed(c *call) error { return e.createListed(c, allowlist) }
func (e *Emulator) createBlocked(c *call) error { return e.createListed(c, blocklist) }

func (e *Emulator) createListed(c *call, r *restriction) error {
	var in struct {
		Identifier field[string] `json:"identifier"`
		Notify     field[bool]   `json:"notify"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.Notify.Set && r != allowlist {
		return errUnknownParam("notify")
	}
	if in.Identifier.Value == "" {
		return errMissing("identifier")
	}
	identifier, kind := identifierType(in.Identifier.Value)
	if kind == "" {
		return errParam("identifier", "form_param_format_invalid", "identifier must be either a valid email address, a valid phone number "+
			"according to E.164 international standard or a valid web3 wallet.")
	}
	var l listedIdentifier
	var err error
	e.store.Apply(func(tx *stateTx) {
		l, err = e.addListed(tx, r, identifier, kind, in.Notify.Value)
	})
	if err != nil {
		return err
	}
	c.note(r.object + " added")
	return c.ok(e.listedResource(r, &l))
}

func (e *Emulator) addListed(tx *stateTx, r *restriction, identifier, kind string, notify bool) (listedIdentifier, error) {
	for _, l := range r.table(tx) {
		if l.Identifier == identifier {
			return listedIdentifier{}, &apiError{
				http.StatusBadRequest, "duplicate_record", "duplicate " + r.object, "the identifier " + identifier + " already exists", "identifier", nil,
			}
		}
	}
	l := listedIdentifier{ID: tx.ids.next(r.prefix), Identifier: identifier, Type: kind, Created: tx.made()}
	l.UpdatedAt = l.Created.At
	if notify && validEmail(identifier) && identifier[0] != '*' {
		made, err := e.inviteAll(tx, []applicationInvitation{{invitation: invitation{Email: identifier}, again: true}})
		if err != nil {
			return l, err
		}
		l.InvitationID = made[0].ID
	}
	r.table(tx)[l.ID] = &l
	return l, nil
}

func (e *Emulator) deleteAllowed(c *call) error { return e.deleteListed(c, allowlist) }
func (e *Emulator) deleteBlocked(c *call) error { return e.deleteListed(c, blocklist) }

func (e *Emulator) deleteListed(c *call, r *restriction) error {
	s, id := e.store, c.param(0)
	var ok bool
	s.Apply(func(tx *stateTx) {
		_, ok = r.table(tx)[id]
		delete(r.table(tx), id)
	})
	if !ok {
		return errNotFound("identifier with id " + quoted(id))
	}
	c.note(r.object + " removed")
	return c.ok(deletedResource{Object: r.object, ID: id, Deleted: true})
}
