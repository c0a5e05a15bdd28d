package clerktest

import (
	"encoding/json"
	"net/http"
	"slices"
)

// changeUser works on the user of the path, with the store's lock held, and
// answers with what became of it. The work says itself what changed.
func (e *Emulator) changeUser(c *call, work func(s *store, u *user) error) error {
	after, err := e.withUser(c, work)
	if err != nil {
		return err
	}
	return c.ok(e.backendUser(&after))
}

func (e *Emulator) withUser(c *call, work func(s *store, u *user) error) (after user, err error) {
	s := e.store
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.Users[c.param(0)]
	if u == nil {
		return user{}, errNotFound("user with id " + quoted(c.param(0)))
	}
	c.note(c.route.operation + " " + u.ID)
	err = work(s, u)
	return *u, err
}

type updateUser struct {
	userChanges
	PrimaryEmail  field[string]          `json:"primary_email_address_id"`
	PrimaryPhone  field[string]          `json:"primary_phone_number_id"`
	PrimaryWallet field[string]          `json:"primary_web3_wallet_id"`
	NotifyEmail   field[bool]            `json:"notify_primary_email_address_changed"`
	ImageID       field[string]          `json:"profile_image_id"`
	SignOutOthers field[bool]            `json:"sign_out_of_other_sessions"`
	Public        field[json.RawMessage] `json:"public_metadata"`
	Private       field[json.RawMessage] `json:"private_metadata"`
	Unsafe        field[json.RawMessage] `json:"unsafe_metadata"`
}

func (e *Emulator) updateUserBAPI(c *call) error {
	var in updateUser
	if err := c.decode(&in); err != nil {
		return err
	}
	metadata := []field[json.RawMessage]{in.Public, in.Private, in.Unsafe}
	for i, f := range metadata {
		if f.Set && !takesMetadata(c.r) {
			return errUnknownParam(userMetadataKinds[i].param)
		}
	}
	return e.changeUser(c, func(s *store, u *user) error {
		if err := in.checkLocked(s, u.ID); err != nil {
			return err
		}
		change := *u
		if err := in.choosePrimaries(&change); err != nil {
			return err
		}
		for i, m := range userMetadataKinds {
			if metadata[i].Set {
				text, err := metadataField(m.param, metadata[i])
				if err != nil {
					return err
				}
				*m.of(&change) = text
			}
		}
		if in.PrimaryWallet.Value != "" {
			return errParam("primary_web3_wallet_id", "form_resource_not_found", "This user has no web3 wallet.")
		}
		if id := in.ImageID.Value; id != "" && s.Images[id] == nil {
			return &apiError{http.StatusNotFound, "image_not_found", "Image not found", "", "profile_image_id", nil}
		}
		in.ImageID.into(&change.ImageID)
		before := u.Email
		*u = change
		in.applyLocked(s, u)
		if in.NotifyEmail.Value {
			s.tellOldAddressLocked(u, before)
		}
		if in.SignOutOthers.Value && (in.Password.Value != "" || in.PasswordDigest.Value != "") {
			s.endSessionsLocked(u.ID, "", statusRevoked)
		}
		s.changedLocked(u)
		return nil
	})
}

// choosePrimaries makes verified addresses of the user the primary ones.
func (in *updateUser) choosePrimaries(u *user) error {
	for _, p := range []struct {
		kind  *identificationKind
		field field[string]
	}{{emailKind, in.PrimaryEmail}, {phoneKind, in.PrimaryPhone}} {
		if !p.field.Set || p.field.Value == "" {
			continue
		}
		param := "primary_" + p.kind.param + "_id"
		i := findIdentification(*p.kind.list(u), p.field.Value)
		if i == nil {
			return errParam(param, "form_resource_not_found", "The resource associated with the supplied "+param+" was not found.")
		}
		if !i.verified() {
			return errParam(param, "form_param_value_invalid", param+" is not a verified one of this user")
		}
		id, value := p.kind.primary(u)
		*id, *value = i.ID, i.Value
	}
	return nil
}

// tellOldAddressLocked sends the address that was the primary one a note.
func (s *store) tellOldAddressLocked(u *user, old string) {
	if old != "" && old != u.Email {
		s.sendLocked(Message{Channel: "email", To: old, Template: "primary_email_address_changed"})
	}
}

func (e *Emulator) deleteUserBAPI(c *call) error {
	gone, err := e.withUser(c, func(s *store, u *user) error {
		s.deleteUserLocked(u)
		return nil
	})
	if err != nil {
		return err
	}
	return c.ok(deletedResource{Object: "user", ID: gone.ID, ExternalID: gone.ExternalID, Deleted: true})
}

type metadataInput struct {
	Public  field[json.RawMessage] `json:"public_metadata"`
	Private field[json.RawMessage] `json:"private_metadata"`
	Unsafe  field[json.RawMessage] `json:"unsafe_metadata"`
}

// setMetadata gives each kind of metadata that was sent the value that with makes.
func (e *Emulator) setMetadata(c *call, with func(param string, old json.RawMessage, f field[json.RawMessage]) (json.RawMessage, error)) error {
	var in metadataInput
	if err := c.decode(&in); err != nil {
		return err
	}
	return e.changeUser(c, func(s *store, u *user) error {
		change := *u
		for i, f := range []field[json.RawMessage]{in.Public, in.Private, in.Unsafe} {
			if !f.Set {
				continue
			}
			m := userMetadataKinds[i]
			text, err := with(m.param, *m.of(u), f)
			if err != nil {
				return err
			}
			*m.of(&change) = text
		}
		*u = change
		s.changedLocked(u)
		return nil
	})
}

func (e *Emulator) mergeUserMetadata(c *call) error { return e.setMetadata(c, mergeField) }

func (e *Emulator) replaceUserMetadata(c *call) error {
	return e.setMetadata(c, func(param string, _ json.RawMessage, f field[json.RawMessage]) (json.RawMessage, error) {
		return metadataField(param, f)
	})
}

// oneUser makes a handler of a change that takes nothing and cannot fail.
func oneUser(change func(*store, *user)) func(*Emulator, *call) error {
	return func(e *Emulator, c *call) error {
		return e.changeUser(c, func(s *store, u *user) error {
			change(s, u)
			return nil
		})
	}
}

// manyUsers does the same to all users of a list, or to none of them if one is missing.
func manyUsers(change func(*store, *user)) func(*Emulator, *call) error {
	return func(e *Emulator, c *call) error {
		var in struct {
			IDs field[[]string] `json:"user_ids"`
		}
		if err := c.decode(&in); err != nil {
			return err
		}
		if len(in.IDs.Value) == 0 {
			return errMissing("user_ids")
		}
		if len(in.IDs.Value) > maxListParam {
			return errBadRequest("bulk_size_exceeded", "Parameters exceed the maximum allowed bulk processing size of 100.")
		}
		s := e.store
		s.mu.Lock()
		users, err := s.usersLocked(in.IDs.Value)
		out := make([]user, len(users))
		for i, u := range users {
			change(s, u)
			out[i] = *u
		}
		s.mu.Unlock()
		if err != nil {
			return err
		}
		c.note(c.route.operation)
		return c.ok(e.backendUsers(out))
	}
}

// usersLocked finds users by their ids, each once.
func (s *store) usersLocked(ids []string) ([]*user, error) {
	var users []*user
	for _, id := range ids {
		u := s.Users[id]
		if u == nil {
			return nil, &apiError{
				http.StatusBadRequest, "resource_not_found", "not found", "No user was found with id " + quoted(id) + ".", "user_ids", nil,
			}
		}
		if !slices.Contains(users, u) {
			users = append(users, u)
		}
	}
	return users, nil
}

func (e *Emulator) setUserImage(c *call) error {
	picture, err := c.uploaded()
	if err != nil {
		return err
	}
	return e.changeUser(c, func(s *store, u *user) error {
		u.ImageID = s.putImageLocked(picture, u.ImageID)
		s.changedLocked(u)
		return nil
	})
}

func (e *Emulator) deleteUserImage(c *call) error {
	return e.changeUser(c, func(s *store, u *user) error {
		if u.ImageID == "" {
			return &apiError{http.StatusNotFound, "image_not_found", "Image not found", "", "", nil}
		}
		delete(s.Images, u.ImageID)
		u.ImageID = ""
		s.changedLocked(u)
		return nil
	})
}
