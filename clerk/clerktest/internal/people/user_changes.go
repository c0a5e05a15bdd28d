package people

import (
	"encoding/json"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// changeUser works on the user of the path within a transaction, and
// answers with what became of it. The work says itself what changed.
func (e *API) changeUser(c *wire.Call, work func(s *state.Tx, u *state.User) error) error {
	after, err := e.withUser(c, work)
	if err != nil {
		return err
	}
	return c.OK(e.answers.BackendUser(&after))
}

func (e *API) withUser(c *wire.Call, work func(s *state.Tx, u *state.User) error) (after state.User, err error) {
	return state.With2(e.Store, func(tx *state.Tx) (after state.User, err error) {
		u := tx.Users[c.Param(0)]
		if u == nil {
			return state.User{}, refusal.NotFound("user with id " + refusal.Quoted(c.Param(0)))
		}
		c.Note(c.Operation + " " + u.ID)
		err = work(tx, u)
		return *u, err
	})
}

type updateUser struct {
	userChanges
	PrimaryEmail  wire.Field[string]          `json:"primary_email_address_id"`
	PrimaryPhone  wire.Field[string]          `json:"primary_phone_number_id"`
	PrimaryWallet wire.Field[string]          `json:"primary_web3_wallet_id"`
	NotifyEmail   wire.Field[bool]            `json:"notify_primary_email_address_changed"`
	ImageID       wire.Field[string]          `json:"profile_image_id"`
	SignOutOthers wire.Field[bool]            `json:"sign_out_of_other_sessions"`
	Public        wire.Field[json.RawMessage] `json:"public_metadata"`
	Private       wire.Field[json.RawMessage] `json:"private_metadata"`
	Unsafe        wire.Field[json.RawMessage] `json:"unsafe_metadata"`
}

func (e *API) updateUserBAPI(c *wire.Call) error {
	var in updateUser
	if err := c.Decode(&in); err != nil {
		return err
	}
	metadata := []wire.Field[json.RawMessage]{in.Public, in.Private, in.Unsafe}
	for i, f := range metadata {
		if f.Set && !takesMetadata(c.R) {
			return refusal.UnknownParam(state.UserMetadataKinds[i].Param)
		}
	}
	return e.changeUser(c, func(tx *state.Tx, u *state.User) error {
		if err := in.check(tx, u.ID); err != nil {
			return err
		}
		change := *u
		if err := in.choosePrimaries(&change); err != nil {
			return err
		}
		for i, m := range state.UserMetadataKinds {
			if metadata[i].Set {
				text, err := wire.MetadataField(m.Param, metadata[i])
				if err != nil {
					return err
				}
				*m.Of(&change) = text
			}
		}
		if in.PrimaryWallet.Value != "" {
			return refusal.Param("primary_web3_wallet_id", "form_resource_not_found", "This user has no web3 wallet.")
		}
		if id := in.ImageID.Value; id != "" && tx.Images[id] == nil {
			return &refusal.Error{Kind: refusal.KindNotFound, Code: "image_not_found", Message: "Image not found", Long: "", Param: "profile_image_id", Meta: nil}
		}
		in.ImageID.Into(&change.ImageID)
		before := u.Email
		*u = change
		in.apply(tx, u)
		if in.NotifyEmail.Value {
			tellOldAddress(tx, u, before)
		}
		if in.SignOutOthers.Value && (in.Password.Value != "" || in.PasswordDigest.Value != "") {
			tx.EndSessions(u.ID, "", state.StatusRevoked)
		}
		tx.Changed(u)
		return nil
	})
}

// choosePrimaries makes verified addresses of the user the primary ones.
func (in *updateUser) choosePrimaries(u *state.User) error {
	for _, p := range []struct {
		kind  *state.IdentificationKind
		field wire.Field[string]
	}{{state.EmailKind, in.PrimaryEmail}, {state.PhoneKind, in.PrimaryPhone}} {
		if !p.field.Set || p.field.Value == "" {
			continue
		}
		param := "primary_" + p.kind.Param + "_id"
		i := state.FindIdentification(*p.kind.List(u), p.field.Value)
		if i == nil {
			return refusal.Param(param, "form_resource_not_found", "The resource associated with the supplied "+param+" was not found.")
		}
		if !i.Verified() {
			return refusal.Param(param, "form_param_value_invalid", param+" is not a verified one of this user")
		}
		id, value := p.kind.Primary(u)
		*id, *value = i.ID, i.Value
	}
	return nil
}

// tellOldAddress sends the address that was the primary one a note.
func tellOldAddress(tx *state.Tx, u *state.User, old string) {
	if old != "" && old != u.Email {
		tx.Send(state.Message{Channel: "email", To: old, Template: "primary_email_address_changed"})
	}
}

func (e *API) deleteUserBAPI(c *wire.Call) error {
	gone, err := e.withUser(c, func(tx *state.Tx, u *state.User) error {
		tx.DeleteUser(u)
		return nil
	})
	if err != nil {
		return err
	}
	return c.OK(answers.DeletedResource{Object: "user", ID: gone.ID, ExternalID: gone.ExternalID, Deleted: true})
}

type metadataInput struct {
	Public  wire.Field[json.RawMessage] `json:"public_metadata"`
	Private wire.Field[json.RawMessage] `json:"private_metadata"`
	Unsafe  wire.Field[json.RawMessage] `json:"unsafe_metadata"`
}

// setMetadata gives each kind of metadata that was sent the value that with makes.
func (e *API) setMetadata(c *wire.Call, with func(param string, old json.RawMessage, f wire.Field[json.RawMessage]) (json.RawMessage, error)) error {
	var in metadataInput
	if err := c.Decode(&in); err != nil {
		return err
	}
	return e.changeUser(c, func(tx *state.Tx, u *state.User) error {
		change := *u
		for i, f := range []wire.Field[json.RawMessage]{in.Public, in.Private, in.Unsafe} {
			if !f.Set {
				continue
			}
			m := state.UserMetadataKinds[i]
			text, err := with(m.Param, *m.Of(u), f)
			if err != nil {
				return err
			}
			*m.Of(&change) = text
		}
		*u = change
		tx.Changed(u)
		return nil
	})
}

func (e *API) mergeUserMetadata(c *wire.Call) error { return e.setMetadata(c, wire.MergeField) }

func (e *API) replaceUserMetadata(c *wire.Call) error {
	return e.setMetadata(c, func(param string, _ json.RawMessage, f wire.Field[json.RawMessage]) (json.RawMessage, error) {
		return wire.MetadataField(param, f)
	})
}

// oneUser makes a handler of a change that takes nothing and cannot fail.
func oneUser(change func(*state.Tx, *state.User)) func(*API, *wire.Call) error {
	return func(e *API, c *wire.Call) error {
		return e.changeUser(c, func(tx *state.Tx, u *state.User) error {
			change(tx, u)
			return nil
		})
	}
}

// manyUsers does the same to all users of a list, or to none of them if one is missing.
func manyUsers(change func(*state.Tx, *state.User)) func(*API, *wire.Call) error {
	return func(e *API, c *wire.Call) error {
		var in struct {
			IDs wire.Field[[]string] `json:"user_ids"`
		}
		if err := c.Decode(&in); err != nil {
			return err
		}
		if len(in.IDs.Value) == 0 {
			return refusal.Missing("user_ids")
		}
		if len(in.IDs.Value) > wire.MaxListParam {
			return refusal.BadRequest("bulk_size_exceeded", "Parameters exceed the maximum allowed bulk processing size of 100.")
		}
		var users []*state.User
		var err error
		var out []state.User
		e.Store.View(func(tx *state.Tx) {
			users, err = usersOf(tx, in.IDs.Value)
			out = make([]state.User, len(users))
			for i, u := range users {
				change(tx, u)
				out[i] = *u
			}
		})
		if err != nil {
			return err
		}
		c.Note(c.Operation)
		return c.OK(e.backendUsers(out))
	}
}

// usersOf finds users by their ids, each once.
func usersOf(tx *state.Tx, ids []string) ([]*state.User, error) {
	var users []*state.User
	for _, id := range ids {
		u := tx.Users[id]
		if u == nil {
			return nil, &refusal.Error{
				Kind: refusal.KindBadRequest, Code: "resource_not_found", Message: "not found", Long: "No user was found with id " + refusal.Quoted(id) + ".", Param: "user_ids", Meta: nil,
			}
		}
		if !slices.Contains(users, u) {
			users = append(users, u)
		}
	}
	return users, nil
}

func (e *API) setUserImage(c *wire.Call) error {
	picture, err := c.Uploaded()
	if err != nil {
		return err
	}
	return e.changeUser(c, func(tx *state.Tx, u *state.User) error {
		u.ImageID = tx.PutImage(picture, u.ImageID)
		tx.Changed(u)
		return nil
	})
}

func (e *API) deleteUserImage(c *wire.Call) error {
	return e.changeUser(c, func(tx *state.Tx, u *state.User) error {
		if u.ImageID == "" {
			return &refusal.Error{Kind: refusal.KindNotFound, Code: "image_not_found", Message: "Image not found", Long: "", Param: "", Meta: nil}
		}
		delete(tx.Images, u.ImageID)
		u.ImageID = ""
		tx.Changed(u)
		return nil
	})
}
