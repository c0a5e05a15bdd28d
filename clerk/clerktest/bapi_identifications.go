package clerktest

import (
	"net/http"
	"slices"
)

// identificationInput is what creates or changes an address or number.
type identificationInput struct {
	UserID       field[string] `json:"user_id"`
	Email        field[string] `json:"email_address"`
	Phone        field[string] `json:"phone_number"`
	Verified     field[bool]   `json:"verified"`
	Primary      field[bool]   `json:"primary"`
	Notify       field[bool]   `json:"notify_primary_email_address_changed"`
	SecondFactor field[bool]   `json:"reserved_for_second_factor"`
}

// only refuses what belongs to the other kind, or to another operation.
func (in *identificationInput) only(k *identificationKind, creates bool) error {
	for _, p := range []struct {
		name string
		set  bool
		fits bool
	}{
		{"user_id", in.UserID.Set, creates},
		{"email_address", in.Email.Set, creates && k == emailKind},
		{"phone_number", in.Phone.Set, creates && k == phoneKind},
		{"notify_primary_email_address_changed", in.Notify.Set, k == emailKind},
		{"reserved_for_second_factor", in.SecondFactor.Set, k == phoneKind},
	} {
		if p.set && !p.fits {
			return errUnknownParam(p.name)
		}
	}
	return nil
}

func (in *identificationInput) value(k *identificationKind) string {
	if k == phoneKind {
		return k.normalize(in.Phone.Value)
	}
	return k.normalize(in.Email.Value)
}

// changeIdentified works on the owner of the address or number of the path, and
// answers with it.
func (e *Emulator) changeIdentified(c *call, k *identificationKind, work func(s *stateTx, u *user, i identification) error) error {
	after, err := e.withIdentified(c, k, work)
	if err != nil {
		return err
	}
	c.note(c.route.operation + " of " + after.ID)
	return c.ok(e.identificationAnswer(k, c.param(0))(&after))
}

func (e *Emulator) withIdentified(c *call, k *identificationKind, work func(s *stateTx, u *user, i identification) error) (user, error) {
	return with2(e.store, func(tx *stateTx) (user, error) {
		u, i := tx.owner(k, c.param(0))
		if i == nil {
			return user{}, errNotFound(k.param + " with id " + quoted(c.param(0)))
		}
		err := work(tx, u, *i)
		return *u, err
	})
}

// owner finds an address or number by its id, and whose it is.
func (tx *stateTx) owner(k *identificationKind, id string) (*user, *identification) {
	for _, u := range tx.userOrder {
		if i := findIdentification(*k.list(u), id); i != nil {
			return u, i
		}
	}
	return nil, nil
}

func (e *Emulator) createIdentificationBAPI(c *call, k *identificationKind) error {
	var in identificationInput
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := in.only(k, true); err != nil {
		return err
	}
	switch {
	case in.UserID.Value == "":
		return errMissing("user_id")
	case in.value(k) == "":
		return errMissing(k.param)
	}
	var id string
	var after user
	var err error
	e.store.Apply(func(tx *stateTx) {
		id, after, err = tx.createIdentification(k, &in)
	})
	if err != nil {
		return err
	}
	c.note(c.route.operation + " of " + after.ID)
	return c.ok(e.identificationAnswer(k, id)(&after))
}

func (tx *stateTx) createIdentification(k *identificationKind, in *identificationInput) (id string, after user, err error) {
	u := tx.Users[in.UserID.Value]
	if u == nil {
		return "", user{}, errNotFound("user with id " + quoted(in.UserID.Value))
	}
	value := in.value(k)
	if err := k.check(tx, value); err != nil {
		return "", user{}, err
	}
	if err := mayHave(u, k, value); err != nil {
		return "", user{}, err
	}
	if in.SecondFactor.Value && !in.Verified.Value {
		return "", user{}, errBadRequest("identification_create_second_factor_unverified", "Unverified identifications cannot be a second factor")
	}
	i := identification{Value: value, SecondFactor: in.SecondFactor.Value}
	if in.Verified.Value {
		i.Proof = done("admin")
	}
	i.DefaultPhone = i.SecondFactor && !slices.ContainsFunc(u.PhoneList, func(o identification) bool { return o.SecondFactor })
	before := u.Email
	first := len(*k.list(u)) == 0
	i = tx.putIdentification(u, k, i)
	if in.Primary.Value || first && !in.Primary.Set {
		tx.choosePrimary(u, k, i)
	}
	tx.changedIdentity(u, before, in.Notify.Value)
	return i.ID, *u, nil
}

// mayHave refuses what a user has already, or too many of.
func mayHave(u *user, k *identificationKind, value string) error {
	if slices.ContainsFunc(*k.list(u), func(i identification) bool { return i.Value == value }) {
		return errTaken(k.param)
	}
	if len(*k.list(u)) >= maxIdentifications {
		return &apiError{http.StatusForbidden, "quota_exceeded", "Quota exceeded", "Quota exceeded, you have reached your limit.", "", nil}
	}
	return nil
}

func (tx *stateTx) choosePrimary(u *user, k *identificationKind, i identification) {
	id, value := k.primary(u)
	*id, *value = i.ID, i.Value
}

// changedIdentity follows every change of a user's addresses and numbers.
func (tx *stateTx) changedIdentity(u *user, oldAddress string, notify bool) {
	if notify {
		tx.tellOldAddress(u, oldAddress)
	}
	tx.noteSecondFactor(u)
	tx.changed(u)
	tx.offerDomains(u)
}

func (e *Emulator) getIdentificationBAPI(c *call, k *identificationKind) error {
	return e.changeIdentified(c, k, func(*stateTx, *user, identification) error { return nil })
}

func (e *Emulator) updateIdentificationBAPI(c *call, k *identificationKind) error {
	var in identificationInput
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := in.only(k, false); err != nil {
		return err
	}
	return e.changeIdentified(c, k, func(tx *stateTx, u *user, i identification) error {
		verify := in.Verified.Set && !in.Verified.Null
		willBe := i.verified() && !verify || verify && in.Verified.Value
		if owner := k.taken(tx)[i.Value]; willBe && owner != "" && owner != u.ID {
			return errTaken(k.param)
		}
		if in.Primary.Value && !willBe {
			return errParam("primary", "form_param_value_invalid", "only a verified "+k.param+" can be the primary one")
		}
		if in.SecondFactor.Value && !willBe {
			return errBadRequest("identification_update_second_factor_unverified", "Cannot update second factor attributes for unverified identification")
		}
		before := u.Email
		others := slices.ContainsFunc(u.PhoneList, func(o identification) bool { return o.SecondFactor && o.ID != i.ID })
		tx.changeIdentification(u, k, i.ID, func(i *identification) bool {
			switch {
			case verify && in.Verified.Value && !i.verified():
				i.Proof, i.Reserved = done("admin"), false
			case verify && !in.Verified.Value:
				i.Proof = verification{}
			}
			if in.SecondFactor.Set && !in.SecondFactor.Null {
				i.SecondFactor = in.SecondFactor.Value
				i.DefaultPhone = i.SecondFactor && (i.DefaultPhone || !others)
			}
			return true
		})
		if in.Primary.Value {
			tx.choosePrimary(u, k, i)
		}
		tx.changedIdentity(u, before, in.Notify.Value)
		return nil
	})
}

func (e *Emulator) deleteIdentificationBAPI(c *call, k *identificationKind) error {
	var err error
	e.store.Apply(func(tx *stateTx) {
		u, i := tx.owner(k, c.param(0))
		err = error(errNotFound(k.param + " with id " + quoted(c.param(0))))
		if i != nil {
			if err = tx.mayDrop(u, k, *i); err == nil {
				tx.changeIdentification(u, k, i.ID, func(*identification) bool { return false })
				tx.changedIdentity(u, "", false)
			}
		}
	})
	if err != nil {
		return err
	}
	c.note(c.route.operation)
	return c.ok(deletedResource{Object: k.param, ID: c.param(0), Deleted: true})
}

// mayDrop keeps the address of a connected account, and the last one by
// which somebody can sign in.
func (tx *stateTx) mayDrop(u *user, k *identificationKind, i identification) error {
	if err := linkedTo(u, k, i); err != nil {
		return err
	}
	if i.usable() && len(usableOnly(u.EmailList))+len(usableOnly(u.PhoneList)) == 1 && u.Username == "" {
		return errBadRequest("last_required_identification_deletion_failed", "You cannot delete your last identification.")
	}
	return nil
}

func linkedTo(u *user, k *identificationKind, i identification) error {
	if k == emailKind && slices.ContainsFunc(u.Accounts, func(a externalAccount) bool { return a.Email == i.Value && a.Proof.Status == verified }) {
		return errBadRequest("delete_linked_identification_disallowed", "This address belongs to a connected account, which has to be removed first.")
	}
	return nil
}

// replaceIdentification gives a user one address or number in place of all.
func (e *Emulator) replaceIdentification(c *call, k *identificationKind) error {
	var in struct {
		Email  field[string] `json:"email_address"`
		Phone  field[string] `json:"phone_number"`
		Status field[string] `json:"identification_status"`
		Notify field[bool]   `json:"notify_primary_email_address_changed"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	fields := identificationInput{Email: in.Email, Phone: in.Phone, Notify: in.Notify}
	if err := fields.only(k, true); err != nil {
		return err
	}
	i := identification{Value: fields.value(k), Proof: done("admin")}
	switch in.Status.Value {
	case "", identifiedVerified:
	case identifiedReserved:
		i.Proof, i.Reserved = verification{}, true
	case identifiedUnverified:
		i.Proof = verification{}
	default:
		return errParam("identification_status", "form_param_value_invalid", "identification_status is none of verified, reserved and unverified")
	}
	if i.Value == "" {
		return errMissing(k.param)
	}
	after, err := e.withUser(c, func(tx *stateTx, u *user) error {
		if !k.valid(i.Value) {
			return errParam(k.param, "form_param_format_invalid", k.param+" "+quoted(i.Value)+" is not valid")
		}
		if owner := k.taken(tx)[i.Value]; owner != "" && owner != u.ID {
			return errTaken(k.param)
		}
		for _, old := range *k.list(u) {
			if err := linkedTo(u, k, old); err != nil {
				return err
			}
		}
		before := u.Email
		for _, old := range *k.list(u) {
			delete(k.taken(tx), mineOnly(k.taken(tx), old.Value, u.ID))
		}
		*k.list(u) = nil
		i = tx.putIdentification(u, k, i)
		tx.choosePrimary(u, k, i)
		tx.changedIdentity(u, before, in.Notify.Value)
		return nil
	})
	if err != nil {
		return err
	}
	return c.ok(e.identificationAnswer(k, i.ID)(&after))
}

// forms of the two kinds, for the table of routes.
func ofEmails(handle func(*Emulator, *call, *identificationKind) error) func(*Emulator, *call) error {
	return func(e *Emulator, c *call) error { return handle(e, c, emailKind) }
}

func ofPhones(handle func(*Emulator, *call, *identificationKind) error) func(*Emulator, *call) error {
	return func(e *Emulator, c *call) error { return handle(e, c, phoneKind) }
}
