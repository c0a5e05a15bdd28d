package state

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 computes one-time passwords with it
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Identification is an e-mail address or phone number of a user.
type Identification struct {
	ID           string
	Value        string
	Proof        Verification
	Reserved     bool // nobody else can have it, and it signs in, although it is not verified
	SecondFactor bool // reserved for it (phone numbers)
	DefaultPhone bool // the second factor that is offered first
	Created      Made
	UpdatedAt    time.Time
}

func (i *Identification) Verified() bool { return i.Proof.Status == Verified }

// Usable reports whether it signs in, and keeps others from having it.
func (i *Identification) Usable() bool { return i.Verified() || i.Reserved }

// ExternalAccount is a user's account at an OAuth provider.
type ExternalAccount struct {
	ID, IdentificationID string
	Provider             string // google, as in oauth_google
	ProviderUserID       string
	Email                string
	FirstName, LastName  string
	Proof                Verification
	Created              Made
	UpdatedAt            time.Time
}

// TOTPSecret is a user's authenticator app.
type TOTPSecret struct {
	ID, Secret string
	Verified   bool
	Created    time.Time
	UpdatedAt  time.Time
}

// primary returns the identification with the id.
func FindIdentification(list []Identification, id string) *Identification {
	for i := range list {
		if list[i].ID == id {
			return &list[i]
		}
	}
	return nil
}

// UsableOnly are those that somebody may sign in with.
func UsableOnly(list []Identification) []Identification {
	return slices.DeleteFunc(slices.Clone(list), func(i Identification) bool { return !i.Usable() })
}

// IdentificationKind is what differs between e-mail addresses and phone numbers.
type IdentificationKind struct {
	Param  string // email_address
	prefix string
	Valid  func(string) bool
	List   func(*User) *[]Identification
	Taken  func(*Tx) map[string]string
	// Primary are the user's id and value of the primary one.
	Primary func(*User) (id, value *string)
}

var EmailKind = &IdentificationKind{
	"email_address", "idn", ValidEmail,
	func(u *User) *[]Identification { return &u.EmailList },
	func(tx *Tx) map[string]string { return tx.Emails },
	func(u *User) (id, value *string) { return &u.EmailID, &u.Email },
}

var PhoneKind = &IdentificationKind{
	"phone_number", "idn", validPhone,
	func(u *User) *[]Identification { return &u.PhoneList },
	func(tx *Tx) map[string]string { return tx.Phones },
	func(u *User) (id, value *string) { return &u.PhoneID, &u.Phone },
}

// validPhone tells numbers in E.164: +, and up to 15 digits.
func validPhone(s string) bool {
	digits, ok := strings.CutPrefix(s, "+")
	return ok && len(digits) >= 7 && len(digits) <= 15 && !strings.ContainsFunc(digits, func(c rune) bool { return c < '0' || c > '9' })
}

// Normalize brings what people type into the form that is stored.
func (k *IdentificationKind) Normalize(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if k == PhoneKind {
		s = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(s)
	}
	return s
}

// Check refuses what is none, and what another user has.
func (k *IdentificationKind) Check(tx *Tx, value string) error {
	if !k.Valid(value) {
		return refusal.Param(k.Param, "form_param_format_invalid", k.Param+" "+refusal.Quoted(value)+" is not valid")
	}
	if k.Taken(tx)[value] != "" {
		return refusal.Taken(k.Param)
	}
	return nil
}

// AddIdentification adds a value that check has let pass. Only a verified
// one keeps others from having it.
func (tx *Tx) AddIdentification(u *User, k *IdentificationKind, value string, proof Verification) Identification {
	return tx.PutIdentification(u, k, Identification{Value: value, Proof: proof})
}

func (tx *Tx) PutIdentification(u *User, k *IdentificationKind, i Identification) Identification {
	i.ID, i.Created = tx.IDs.Next(k.prefix), tx.Made()
	i.UpdatedAt = i.Created.At
	list := k.List(u)
	*list = append(slices.Clone(*list), i)
	tx.settle(u, k)
	return i
}

// settle makes primary and index agree with the list.
func (tx *Tx) settle(u *User, k *IdentificationKind) {
	id, value := k.Primary(u)
	taken := k.Taken(tx)
	if *value != "" && taken[*value] == u.ID {
		delete(taken, *value)
	}
	first := ""
	for _, i := range *k.List(u) {
		if i.Usable() {
			taken[i.Value] = u.ID
			if first == "" {
				first = i.ID
			}
		}
	}
	if FindIdentification(*k.List(u), *id) == nil {
		*id = first
	}
	*value = ""
	if p := FindIdentification(*k.List(u), *id); p != nil {
		*value = p.Value
	}
}

// ChangeIdentification replaces one identification of a user by what
// change makes of it; false from change removes it.
func (tx *Tx) ChangeIdentification(u *User, k *IdentificationKind, id string, change func(*Identification) (keep bool)) {
	list := slices.Clone(*k.List(u))
	for n := range list {
		if list[n].ID != id {
			continue
		}
		delete(k.Taken(tx), MineOnly(k.Taken(tx), list[n].Value, u.ID))
		if change(&list[n]) {
			list[n].UpdatedAt = tx.Now()
		} else {
			list = slices.Delete(list, n, n+1)
		}
		break
	}
	*k.List(u) = list
	u.UpdatedAt = tx.Now()
	tx.settle(u, k)
}

// MineOnly returns the value if the index says that it is the user's.
func MineOnly(index map[string]string, value, userID string) string {
	if index[value] == userID {
		return value
	}
	return ""
}

// DeleteUser removes a user with all that hangs on it.
func (tx *Tx) DeleteUser(u *User) {
	tx.EndSessions(u.ID, "", StatusRemoved)
	for _, m := range slices.Clone(tx.membershipsBy[u.ID]) {
		tx.removeMember(m.Key)
	}
	for _, k := range []*IdentificationKind{EmailKind, PhoneKind} {
		for _, i := range *k.List(u) {
			delete(k.Taken(tx), MineOnly(k.Taken(tx), i.Value, u.ID))
		}
	}
	for i := range u.Accounts {
		key := u.Accounts[i].Key()
		delete(tx.Accounts, MineOnly(tx.Accounts, key, u.ID))
	}
	delete(tx.Usernames, MineOnly(tx.Usernames, u.Username, u.ID))
	delete(tx.ExternalIDs, MineOnly(tx.ExternalIDs, u.ExternalID, u.ID))
	delete(tx.membershipsBy, u.ID)
	delete(tx.Images, u.ImageID)
	tx.disorderUser(u)
	delete(tx.Users, u.ID)
	Emit(tx, "user.deleted", u)
}

// removeMember ends a membership. Sessions that had the organization
// active go on without it.
func (tx *Tx) removeMember(key MembershipKey) {
	m := tx.Memberships[key]
	if m == nil {
		return
	}
	Emit(tx, "organizationMembership.deleted", m)
	delete(tx.Memberships, key)
	tx.membershipsBy[key.User] = slices.DeleteFunc(slices.Clone(tx.membershipsBy[key.User]), func(m *Membership) bool { return m.Key == key })
	tx.Members[key.Organization]--
	for _, rec := range tx.Sessions {
		if rec.UserID == key.User && rec.OrganizationID == key.Organization {
			rec.OrganizationID, rec.UpdatedAt = "", tx.Now()
		}
	}
}

func ValidTOTPSecret(secret string) bool {
	_, err := TOTPCode(secret, 0)
	return err == nil && secret != ""
}

func TOTPCode(secret string, counter int64) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.TrimRight(secret, "=")))
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha1.New, key)
	var message [8]byte
	binary.BigEndian.PutUint64(message[:], uint64(counter)) //nolint:gosec // times after 1970
	mac.Write(message[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf // RFC 4226 section 5.3
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[offset:])&0x7fffffff)%1_000_000), nil
}
