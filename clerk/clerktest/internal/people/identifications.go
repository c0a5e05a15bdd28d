package people

import (
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// identificationInput is what creates or changes an address or number.
type identificationInput struct {
	UserID       wire.Field[string] `json:"user_id"`
	Email        wire.Field[string] `json:"email_address"`
	Phone        wire.Field[string] `json:"phone_number"`
	Verified     wire.Field[bool]   `json:"verified"`
	Primary      wire.Field[bool]   `json:"primary"`
	Notify       wire.Field[bool]   `json:"notify_primary_email_address_changed"`
	SecondFactor wire.Field[bool]   `json:"reserved_for_second_factor"`
}

// only refuses what belongs to the other kind, or to another operation.
func (in *identificationInput) only(k *state.IdentificationKind, creates bool) error {
	for _, p := range []struct {
		name string
		set  bool
		fits bool
	}{
		{"user_id", in.UserID.Set, creates},
		{"email_address", in.Email.Set, creates && k == state.EmailKind},
		{"phone_number", in.Phone.Set, creates && k == state.PhoneKind},
		{"notify_primary_email_address_changed", in.Notify.Set, k == state.EmailKind},
		{"reserved_for_second_factor", in.SecondFactor.Set, k == state.PhoneKind},
	} {
		if p.set && !p.fits {
			return refusal.UnknownParam(p.name)
		}
	}
	return nil
}

func (in *identificationInput) value(k *state.IdentificationKind) string {
	if k == state.PhoneKind {
		return k.Normalize(in.Phone.Value)
	}
	return k.Normalize(in.Email.Value)
}

// changeIdentified works on the owner of the address or number of the path, and
// answers with it.
func (e *API) changeIdentified(c *wire.Call, k *state.IdentificationKind, work func(s *state.Tx, u *state.User, i state.Identification) error) error {
	after, err := e.withIdentified(c, k, work)
	if err != nil {
		return err
	}
	c.Note(c.Operation + " of " + after.ID)
	return c.OK(e.identificationAnswer(k, c.Param(0))(&after))
}

func (e *API) withIdentified(c *wire.Call, k *state.IdentificationKind, work func(s *state.Tx, u *state.User, i state.Identification) error) (state.User, error) {
	return state.With2(e.Store, func(tx *state.Tx) (state.User, error) {
		u, i := owner(tx, k, c.Param(0))
		if i == nil {
			return state.User{}, refusal.NotFound(k.Param + " with id " + refusal.Quoted(c.Param(0)))
		}
		err := work(tx, u, *i)
		return *u, err
	})
}

// owner finds an address or number by its id, and whose it is.
func owner(tx *state.Tx, k *state.IdentificationKind, id string) (*state.User, *state.Identification) {
	for _, u := range tx.UserOrder {
		if i := state.FindIdentification(*k.List(u), id); i != nil {
			return u, i
		}
	}
	return nil, nil
}

func (e *API) createIdentificationBAPI(c *wire.Call, k *state.IdentificationKind) error {
	var in identificationInput
	if err := c.Decode(&in); err != nil {
		return err
	}
	if err := in.only(k, true); err != nil {
		return err
	}
	switch {
	case in.UserID.Value == "":
		return refusal.Missing("user_id")
	case in.value(k) == "":
		return refusal.Missing(k.Param)
	}
	var id string
	var after state.User
	var err error
	e.Store.Apply(func(tx *state.Tx) {
		id, after, err = createIdentification(tx, k, &in)
	})
	if err != nil {
		return err
	}
	c.Note(c.Operation + " of " + after.ID)
	return c.OK(e.identificationAnswer(k, id)(&after))
}

func createIdentification(tx *state.Tx, k *state.IdentificationKind, in *identificationInput) (id string, after state.User, err error) {
	u := tx.Users[in.UserID.Value]
	if u == nil {
		return "", state.User{}, refusal.NotFound("user with id " + refusal.Quoted(in.UserID.Value))
	}
	value := in.value(k)
	if err := k.Check(tx, value); err != nil {
		return "", state.User{}, err
	}
	if err := mayHave(u, k, value); err != nil {
		return "", state.User{}, err
	}
	if in.SecondFactor.Value && !in.Verified.Value {
		return "", state.User{}, refusal.BadRequest("identification_create_second_factor_unverified", "Unverified identifications cannot be a second factor")
	}
	i := state.Identification{Value: value, SecondFactor: in.SecondFactor.Value}
	if in.Verified.Value {
		i.Proof = state.Done("admin")
	}
	i.DefaultPhone = i.SecondFactor && !slices.ContainsFunc(u.PhoneList, func(o state.Identification) bool { return o.SecondFactor })
	before := u.Email
	first := len(*k.List(u)) == 0
	i = tx.PutIdentification(u, k, i)
	if in.Primary.Value || first && !in.Primary.Set {
		choosePrimary(tx, u, k, i)
	}
	changedIdentity(tx, u, before, in.Notify.Value)
	return i.ID, *u, nil
}

// mayHave refuses what a user has already, or too many of.
func mayHave(u *state.User, k *state.IdentificationKind, value string) error {
	if slices.ContainsFunc(*k.List(u), func(i state.Identification) bool { return i.Value == value }) {
		return refusal.Taken(k.Param)
	}
	if len(*k.List(u)) >= maxIdentifications {
		return &refusal.Error{Kind: refusal.KindNotAllowed, Code: "quota_exceeded", Message: "Quota exceeded", Long: "Quota exceeded, you have reached your limit.", Param: "", Meta: nil}
	}
	return nil
}

func choosePrimary(tx *state.Tx, u *state.User, k *state.IdentificationKind, i state.Identification) {
	id, value := k.Primary(u)
	*id, *value = i.ID, i.Value
}

// changedIdentity follows every change of a user's addresses and numbers.
func changedIdentity(tx *state.Tx, u *state.User, oldAddress string, notify bool) {
	if notify {
		tellOldAddress(tx, u, oldAddress)
	}
	noteSecondFactor(tx, u)
	tx.Changed(u)
	tx.OfferDomains(u)
}

func (e *API) getIdentificationBAPI(c *wire.Call, k *state.IdentificationKind) error {
	return e.changeIdentified(c, k, func(*state.Tx, *state.User, state.Identification) error { return nil })
}

func (e *API) updateIdentificationBAPI(c *wire.Call, k *state.IdentificationKind) error {
	var in identificationInput
	if err := c.Decode(&in); err != nil {
		return err
	}
	if err := in.only(k, false); err != nil {
		return err
	}
	return e.changeIdentified(c, k, func(tx *state.Tx, u *state.User, i state.Identification) error {
		verify := in.Verified.Set && !in.Verified.Null
		willBe := i.Verified() && !verify || verify && in.Verified.Value
		if owner := k.Taken(tx)[i.Value]; willBe && owner != "" && owner != u.ID {
			return refusal.Taken(k.Param)
		}
		if in.Primary.Value && !willBe {
			return refusal.Param("primary", "form_param_value_invalid", "only a verified "+k.Param+" can be the primary one")
		}
		if in.SecondFactor.Value && !willBe {
			return refusal.BadRequest("identification_update_second_factor_unverified", "Cannot update second factor attributes for unverified identification")
		}
		before := u.Email
		others := slices.ContainsFunc(u.PhoneList, func(o state.Identification) bool { return o.SecondFactor && o.ID != i.ID })
		tx.ChangeIdentification(u, k, i.ID, func(i *state.Identification) bool {
			switch {
			case verify && in.Verified.Value && !i.Verified():
				i.Proof, i.Reserved = state.Done("admin"), false
			case verify && !in.Verified.Value:
				i.Proof = state.Verification{}
			}
			if in.SecondFactor.Set && !in.SecondFactor.Null {
				i.SecondFactor = in.SecondFactor.Value
				i.DefaultPhone = i.SecondFactor && (i.DefaultPhone || !others)
			}
			return true
		})
		if in.Primary.Value {
			choosePrimary(tx, u, k, i)
		}
		changedIdentity(tx, u, before, in.Notify.Value)
		return nil
	})
}

func (e *API) deleteIdentificationBAPI(c *wire.Call, k *state.IdentificationKind) error {
	var err error
	e.Store.Apply(func(tx *state.Tx) {
		u, i := owner(tx, k, c.Param(0))
		err = error(refusal.NotFound(k.Param + " with id " + refusal.Quoted(c.Param(0))))
		if i != nil {
			if err = mayDrop(tx, u, k, *i); err == nil {
				tx.ChangeIdentification(u, k, i.ID, func(*state.Identification) bool { return false })
				changedIdentity(tx, u, "", false)
			}
		}
	})
	if err != nil {
		return err
	}
	c.Note(c.Operation)
	return c.OK(answers.DeletedResource{Object: k.Param, ID: c.Param(0), Deleted: true})
}

// mayDrop keeps the address of a connected account, and the last one by
// which somebody can sign in.
func mayDrop(tx *state.Tx, u *state.User, k *state.IdentificationKind, i state.Identification) error {
	if err := linkedTo(u, k, i); err != nil {
		return err
	}
	if i.Usable() && len(state.UsableOnly(u.EmailList))+len(state.UsableOnly(u.PhoneList)) == 1 && u.Username == "" {
		return refusal.BadRequest("last_required_identification_deletion_failed", "You cannot delete your last identification.")
	}
	return nil
}

func linkedTo(u *state.User, k *state.IdentificationKind, i state.Identification) error {
	if k == state.EmailKind && slices.ContainsFunc(u.Accounts, func(a state.ExternalAccount) bool { return a.Email == i.Value && a.Proof.Status == state.Verified }) {
		return refusal.BadRequest("delete_linked_identification_disallowed", "This address belongs to a connected account, which has to be removed first.")
	}
	return nil
}

// replaceIdentification gives a user one address or number in place of all.
func (e *API) replaceIdentification(c *wire.Call, k *state.IdentificationKind) error {
	var in struct {
		Email  wire.Field[string] `json:"email_address"`
		Phone  wire.Field[string] `json:"phone_number"`
		Status wire.Field[string] `json:"identification_status"`
		Notify wire.Field[bool]   `json:"notify_primary_email_address_changed"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	fields := identificationInput{Email: in.Email, Phone: in.Phone, Notify: in.Notify}
	if err := fields.only(k, true); err != nil {
		return err
	}
	i := state.Identification{Value: fields.value(k), Proof: state.Done("admin")}
	switch in.Status.Value {
	case "", identifiedVerified:
	case identifiedReserved:
		i.Proof, i.Reserved = state.Verification{}, true
	case identifiedUnverified:
		i.Proof = state.Verification{}
	default:
		return refusal.Param("identification_status", "form_param_value_invalid", "identification_status is none of verified, reserved and unverified")
	}
	if i.Value == "" {
		return refusal.Missing(k.Param)
	}
	after, err := e.withUser(c, func(tx *state.Tx, u *state.User) error {
		if !k.Valid(i.Value) {
			return refusal.Param(k.Param, "form_param_format_invalid", k.Param+" "+refusal.Quoted(i.Value)+" is not valid")
		}
		if owner := k.Taken(tx)[i.Value]; owner != "" && owner != u.ID {
			return refusal.Taken(k.Param)
		}
		for _, old := range *k.List(u) {
			if err := linkedTo(u, k, old); err != nil {
				return err
			}
		}
		before := u.Email
		for _, old := range *k.List(u) {
			delete(k.Taken(tx), state.MineOnly(k.Taken(tx), old.Value, u.ID))
		}
		*k.List(u) = nil
		i = tx.PutIdentification(u, k, i)
		choosePrimary(tx, u, k, i)
		changedIdentity(tx, u, before, in.Notify.Value)
		return nil
	})
	if err != nil {
		return err
	}
	return c.OK(e.identificationAnswer(k, i.ID)(&after))
}

// forms of the two kinds, for the table of routes.
func ofEmails(handle func(*API, *wire.Call, *state.IdentificationKind) error) func(*API, *wire.Call) error {
	return func(e *API, c *wire.Call) error { return handle(e, c, state.EmailKind) }
}

func ofPhones(handle func(*API, *wire.Call, *state.IdentificationKind) error) func(*API, *wire.Call) error {
	return func(e *API, c *wire.Call) error { return handle(e, c, state.PhoneKind) }
}
