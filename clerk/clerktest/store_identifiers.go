package clerktest

import (
	"slices"
	"strings"
	"time"
)

// identification is an e-mail address or phone number of a user.
type identification struct {
	id           string
	value        string
	proof        verification
	secondFactor bool // reserved for it (phone numbers)
	defaultPhone bool // the second factor that is offered first
	created      made
	updatedAt    time.Time
}

func (i *identification) verified() bool { return i.proof.status == verified }

// externalAccount is a user's account at an OAuth provider.
type externalAccount struct {
	id, identificationID string
	provider             string // google, as in oauth_google
	providerUserID       string
	email                string
	firstName, lastName  string
	proof                verification
	created              made
	updatedAt            time.Time
}

// totpSecret is a user's authenticator app.
type totpSecret struct {
	id, secret string
	verified   bool
	created    time.Time
	updatedAt  time.Time
}

// primary returns the identification with the id.
func findIdentification(list []identification, id string) *identification {
	for i := range list {
		if list[i].id == id {
			return &list[i]
		}
	}
	return nil
}

func verifiedOnly(list []identification) []identification {
	return slices.DeleteFunc(slices.Clone(list), func(i identification) bool { return !i.verified() })
}

// identificationKind is what differs between e-mail addresses and phone numbers.
type identificationKind struct {
	param  string // email_address
	prefix string
	valid  func(string) bool
	list   func(*user) *[]identification
	taken  func(*store) map[string]string
	// primary are the user's id and value of the primary one.
	primary func(*user) (id, value *string)
}

var emailKind = &identificationKind{
	"email_address", "idn", validEmail,
	func(u *user) *[]identification { return &u.emailList },
	func(s *store) map[string]string { return s.emails },
	func(u *user) (id, value *string) { return &u.emailID, &u.Email },
}

var phoneKind = &identificationKind{
	"phone_number", "idn", validPhone,
	func(u *user) *[]identification { return &u.phoneList },
	func(s *store) map[string]string { return s.phones },
	func(u *user) (id, value *string) { return &u.phoneID, &u.Phone },
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
func (k *identificationKind) check(s *store, value string) error {
	if !k.valid(value) {
		return errParam(k.param, "form_param_format_invalid", k.param+" "+quoted(value)+" is not valid")
	}
	if k.taken(s)[value] != "" {
		return errTaken(k.param)
	}
	return nil
}

func errTaken(param string) *apiError {
	return errParam(param, "form_identifier_exists", "That "+strings.ReplaceAll(param, "_", " ")+" is taken. Please try another.")
}

// addIdentificationLocked adds a value that check has let pass. Only a verified
// one keeps others from having it.
func (s *store) addIdentificationLocked(u *user, k *identificationKind, value string, proof verification) identification {
	i := identification{id: s.ids.next(k.prefix), value: value, proof: proof, created: s.madeLocked()}
	i.updatedAt = i.created.at
	list := k.list(u)
	*list = append(slices.Clone(*list), i)
	s.settleLocked(u, k)
	return i
}

// settleLocked makes primary and index agree with the list.
func (s *store) settleLocked(u *user, k *identificationKind) {
	id, value := k.primary(u)
	taken := k.taken(s)
	if *value != "" && taken[*value] == u.ID {
		delete(taken, *value)
	}
	first := ""
	for _, i := range *k.list(u) {
		if i.verified() {
			taken[i.value] = u.ID
			if first == "" {
				first = i.id
			}
		}
	}
	if p := findIdentification(*k.list(u), *id); p == nil || !p.verified() {
		*id = first
	}
	*value = ""
	if p := findIdentification(*k.list(u), *id); p != nil {
		*value = p.value
	}
}

// changeIdentificationLocked replaces one identification of a user by what
// change makes of it; false from change removes it.
func (s *store) changeIdentificationLocked(u *user, k *identificationKind, id string, change func(*identification) (keep bool)) {
	list := slices.Clone(*k.list(u))
	for n := range list {
		if list[n].id != id {
			continue
		}
		delete(k.taken(s), mineOnly(k.taken(s), list[n].value, u.ID))
		if change(&list[n]) {
			list[n].updatedAt = s.now()
		} else {
			list = slices.Delete(list, n, n+1)
		}
		break
	}
	*k.list(u) = list
	u.updatedAt = s.now()
	s.settleLocked(u, k)
}

// mineOnly returns the value if the index says that it is the user's.
func mineOnly(index map[string]string, value, userID string) string {
	if index[value] == userID {
		return value
	}
	return ""
}

// deleteUserLocked removes a user with all that hangs on it.
func (s *store) deleteUserLocked(u *user) {
	for _, rec := range s.sessions {
		if rec.userID == u.ID && rec.live() {
			rec.status, rec.updatedAt = statusRemoved, s.now()
			s.touchClientLocked(rec.clientID)
		}
	}
	for _, m := range slices.Clone(s.membershipsBy[u.ID]) {
		s.removeMemberLocked(m.key)
	}
	for _, index := range []map[string]string{s.emails, s.phones, s.usernames, s.accounts} {
		for value, id := range index {
			if id == u.ID {
				delete(index, value)
			}
		}
	}
	delete(s.users, u.ID)
}

// removeMemberLocked ends a membership. Sessions that had the organization
// active go on without it.
func (s *store) removeMemberLocked(key membershipKey) {
	if s.memberships[key] == nil {
		return
	}
	delete(s.memberships, key)
	s.membershipsBy[key.user] = slices.DeleteFunc(slices.Clone(s.membershipsBy[key.user]), func(m *membership) bool { return m.key == key })
	s.members[key.organization]--
	for _, rec := range s.sessions {
		if rec.userID == key.user && rec.organizationID == key.organization {
			rec.organizationID, rec.updatedAt = "", s.now()
		}
	}
}
