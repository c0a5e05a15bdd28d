package clerktest

import (
	"slices"
	"strings"
	"time"
)

// identification is an e-mail address or phone number of a user.
type identification struct {
	ID           string
	Value        string
	Proof        verification
	Reserved     bool // nobody else can have it, and it signs in, although it is not verified
	SecondFactor bool // reserved for it (phone numbers)
	DefaultPhone bool // the second factor that is offered first
	Created      made
	UpdatedAt    time.Time
}

func (i *identification) verified() bool { return i.Proof.Status == verified }

// usable reports whether it signs in, and keeps others from having it.
func (i *identification) usable() bool { return i.verified() || i.Reserved }

// externalAccount is a user's account at an OAuth provider.
type externalAccount struct {
	ID, IdentificationID string
	Provider             string // google, as in oauth_google
	ProviderUserID       string
	Email                string
	FirstName, LastName  string
	Proof                verification
	Created              made
	UpdatedAt            time.Time
}

// totpSecret is a user's authenticator app.
type totpSecret struct {
	ID, Secret string
	Verified   bool
	Created    time.Time
	UpdatedAt  time.Time
}

// primary returns the identification with the id.
func findIdentification(list []identification, id string) *identification {
	for i := range list {
		if list[i].ID == id {
			return &list[i]
		}
	}
	return nil
}

// usableOnly are those that somebody may sign in with.
func usableOnly(list []identification) []identification {
	return slices.DeleteFunc(slices.Clone(list), func(i identification) bool { return !i.usable() })
}

// identificationKind is what differs between e-mail addresses and phone numbers.
type identificationKind struct {
	param  string // email_address
	prefix string
	valid  func(string) bool
	list   func(*user) *[]identification
	taken  func(*stateTx) map[string]string
	// primary are the user's id and value of the primary one.
	primary func(*user) (id, value *string)
}

var emailKind = &identificationKind{
	"email_address", "idn", validEmail,
	func(u *user) *[]identification { return &u.EmailList },
	func(tx *stateTx) map[string]string { return tx.emails },
	func(u *user) (id, value *string) { return &u.EmailID, &u.Email },
}

var phoneKind = &identificationKind{
	"phone_number", "idn", validPhone,
	func(u *user) *[]identification { return &u.PhoneList },
	func(tx *stateTx) map[string]string { return tx.phones },
	func(u *user) (id, value *string) { return &u.PhoneID, &u.Phone },
}

// validPhone tells numbers in E.164: +, and up to 15 digits.
func validPhone(s string) bool {
	digits, ok := strings.CutPrefix(s, "+")
	return ok && len(digits) >= 7 && len(digits) <= 15 && !strings.ContainsFunc(digits, func(c rune) bool { return c < '0' || c > '9' })
}

// normalize brings what people type into the form that is stored.
func (k *identificationKind) normalize(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if k == phoneKind {
		s = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(s)
	}
	return s
}

// check refuses what is none, and what another user has.
func (k *identificationKind) check(tx *stateTx, value string) error {
	if !k.valid(value) {
		return errParam(k.param, "form_param_format_invalid", k.param+" "+quoted(value)+" is not valid")
	}
	if k.taken(tx)[value] != "" {
		return errTaken(k.param)
	}
	return nil
}

func errTaken(param string) *apiError {
	return errParam(param, "form_identifier_exists", "That "+strings.ReplaceAll(param, "_", " ")+" is taken. Please try another.")
}

// addIdentification adds a value that check has let pass. Only a verified
// one keeps others from having it.
func (tx *stateTx) addIdentification(u *user, k *identificationKind, value string, proof verification) identification {
	return tx.putIdentification(u, k, identification{Value: value, Proof: proof})
}

func (tx *stateTx) putIdentification(u *user, k *identificationKind, i identification) identification {
	i.ID, i.Created = tx.ids.next(k.prefix), tx.made()
	i.UpdatedAt = i.Created.At
	list := k.list(u)
	*list = append(slices.Clone(*list), i)
	tx.settle(u, k)
	return i
}

// settle makes primary and index agree with the list.
func (tx *stateTx) settle(u *user, k *identificationKind) {
	id, value := k.primary(u)
	taken := k.taken(tx)
	if *value != "" && taken[*value] == u.ID {
		delete(taken, *value)
	}
	first := ""
	for _, i := range *k.list(u) {
		if i.usable() {
			taken[i.Value] = u.ID
			if first == "" {
				first = i.ID
			}
		}
	}
	if findIdentification(*k.list(u), *id) == nil {
		*id = first
	}
	*value = ""
	if p := findIdentification(*k.list(u), *id); p != nil {
		*value = p.Value
	}
}

// changeIdentification replaces one identification of a user by what
// change makes of it; false from change removes it.
func (tx *stateTx) changeIdentification(u *user, k *identificationKind, id string, change func(*identification) (keep bool)) {
	list := slices.Clone(*k.list(u))
	for n := range list {
		if list[n].ID != id {
			continue
		}
		delete(k.taken(tx), mineOnly(k.taken(tx), list[n].Value, u.ID))
		if change(&list[n]) {
			list[n].UpdatedAt = tx.now()
		} else {
			list = slices.Delete(list, n, n+1)
		}
		break
	}
	*k.list(u) = list
	u.UpdatedAt = tx.now()
	tx.settle(u, k)
}

// mineOnly returns the value if the index says that it is the user's.
func mineOnly(index map[string]string, value, userID string) string {
	if index[value] == userID {
		return value
	}
	return ""
}

// deleteUser removes a user with all that hangs on it.
func (tx *stateTx) deleteUser(u *user) {
	tx.endSessions(u.ID, "", statusRemoved)
	for _, m := range slices.Clone(tx.membershipsBy[u.ID]) {
		tx.removeMember(m.Key)
	}
	for _, k := range []*identificationKind{emailKind, phoneKind} {
		for _, i := range *k.list(u) {
			delete(k.taken(tx), mineOnly(k.taken(tx), i.Value, u.ID))
		}
	}
	for i := range u.Accounts {
		key := u.Accounts[i].key()
		delete(tx.accounts, mineOnly(tx.accounts, key, u.ID))
	}
	delete(tx.usernames, mineOnly(tx.usernames, u.Username, u.ID))
	delete(tx.externalIDs, mineOnly(tx.externalIDs, u.ExternalID, u.ID))
	delete(tx.membershipsBy, u.ID)
	delete(tx.Images, u.ImageID)
	tx.disorderUser(u)
	delete(tx.Users, u.ID)
	emit(tx, "user.deleted", u)
}

// removeMember ends a membership. Sessions that had the organization
// active go on without it.
func (tx *stateTx) removeMember(key membershipKey) {
	m := tx.Memberships[key]
	if m == nil {
		return
	}
	emit(tx, "organizationMembership.deleted", m)
	delete(tx.Memberships, key)
	tx.membershipsBy[key.User] = slices.DeleteFunc(slices.Clone(tx.membershipsBy[key.User]), func(m *membership) bool { return m.Key == key })
	tx.members[key.Organization]--
	for _, rec := range tx.Sessions {
		if rec.UserID == key.User && rec.OrganizationID == key.Organization {
			rec.OrganizationID, rec.UpdatedAt = "", tx.now()
		}
	}
}
