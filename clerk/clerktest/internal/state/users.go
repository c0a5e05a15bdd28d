package state

import (
	"cmp"
	"crypto/hmac"
	"crypto/subtle"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/passwords"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// UserSeed is what a user is made of: clerktest.User, which says more of each field.
type UserSeed struct {
	ID              string         `json:"id,omitempty"`
	Email           string         `json:"email_address,omitempty"`
	Phone           string         `json:"phone_number,omitempty"`
	Username        string         `json:"username,omitempty"`
	Password        string         `json:"password,omitempty"`
	FirstName       string         `json:"first_name,omitempty"`
	LastName        string         `json:"last_name,omitempty"`
	TOTPSecret      string         `json:"totp_secret,omitempty"`
	BackupCodes     []string       `json:"backup_codes,omitempty"`
	ExternalID      string         `json:"external_id,omitempty"`
	PublicMetadata  map[string]any `json:"public_metadata,omitempty"`
	PrivateMetadata map[string]any `json:"private_metadata,omitempty"`
	UnsafeMetadata  map[string]any `json:"unsafe_metadata,omitempty"`
	Plan            string         `json:"plan,omitempty"`
	Features        []string       `json:"features,omitempty"`
}

// User is a record of the store.
type User struct {
	UserSeed
	EmailID         string // of the primary address
	PhoneID         string
	EmailList       []Identification
	PhoneList       []Identification
	Accounts        []ExternalAccount
	TOTP            *TOTPSecret // never changed, only replaced
	MFAEnabledAt    time.Time
	MFADisabledAt   time.Time
	MFAOn           bool
	LegalAcceptedAt time.Time
	PasswordAt      time.Time // when the password was set
	PasswordSalt    string
	PasswordHash    string
	Public          json.RawMessage
	Private         json.RawMessage
	Unsafe          json.RawMessage
	Banned          bool
	Created         Made

	// What the Backend API says of a user besides. The zero values are those of
	// everybody.
	Locale             string
	Hasher             string // of PasswordHash, which is a digest from elsewhere then
	Compromised        bool   // the password must be replaced
	LockedUntil        time.Time
	FailedAttempts     int
	NoDeleteSelf       bool
	NoCreateOrg        bool
	CreateOrgsLimit    *int // null for the instance's, 0 for none
	SkipsClientTrust   bool
	LastOrganizationID string // that was made active in any session, "" for none
	ImageID            string
	UpdatedAt          time.Time
	LastSignInAt       time.Time
	LastActiveAt       time.Time
}

// DisplayName is how pages call the user.
func (u *User) DisplayName() string {
	name := strings.TrimSpace(u.FirstName + " " + u.LastName)
	for _, n := range []string{name, u.Email, u.Username, u.Phone} {
		if n != "" {
			return n
		}
	}
	return u.ID
}

// Identifier is what the user signs in with.
func (u *User) Identifier() string {
	if u.Email != "" {
		return u.Email
	}
	return cmp.Or(u.Username, u.Phone)
}

func (u *User) SetPassword(salt, password string) {
	u.PasswordSalt, u.PasswordHash, u.Password = salt, passwords.Hash(salt, password), ""
	u.Hasher, u.Compromised = "", false
}

// CheckPassword compares in constant time. Users without password never match.
func (u *User) CheckPassword(password string) bool {
	if u.Hasher != "" {
		return passwords.CheckDigest(u.Hasher, u.PasswordHash, password)
	}
	return u.PasswordHash != "" && hmac.Equal([]byte(u.PasswordHash), []byte(passwords.Hash(u.PasswordSalt, password)))
}

func (s *Store) AddUser(u UserSeed) (User, error) {
	return With2(s, func(tx *Tx) (User, error) {
		record, err := tx.AddUser(u)
		if err != nil {
			return User{}, err
		}
		Emit(tx, "user.created", record)
		return *record, nil
	})
}

// AddUser adds a user. Its callers emit user.created, once it is complete.
func (tx *Tx) AddUser(u UserSeed) (*User, error) {
	if u.ID != "" && !validID(u.ID, "user_") {
		return nil, refusal.Param("id", "form_param_format_invalid", "id "+refusal.Quoted(u.ID)+" is not user_ and letters, digits, _ or -")
	}
	u.Email, u.Username, u.Phone = strings.ToLower(u.Email), strings.ToLower(u.Username), PhoneKind.Normalize(u.Phone)
	if u.Email != "" && !ValidEmail(u.Email) {
		return nil, refusal.Param("email_address", "form_param_format_invalid", "email_address "+refusal.Quoted(u.Email)+" is not an e-mail address")
	}
	if u.Phone != "" && !validPhone(u.Phone) {
		return nil, refusal.Param("phone_number", "form_param_format_invalid", "phone_number "+refusal.Quoted(u.Phone)+" is not a phone number like +12015550100")
	}
	if u.Username != "" && !ValidSlug(u.Username) {
		return nil, refusal.Param("username", "form_param_format_invalid", "username "+refusal.Quoted(u.Username)+" is not letters, digits, _ or -")
	}
	if u.TOTPSecret != "" && !ValidTOTPSecret(u.TOTPSecret) {
		return nil, refusal.Param("totp_secret", "form_param_format_invalid", "totp_secret is not base32")
	}
	for _, name := range append([]string{u.Plan}, u.Features...) {
		if name != "" && !ValidSlug(name) {
			return nil, refusal.Param("features", "form_param_format_invalid", "plan or feature "+refusal.Quoted(name)+" is not letters, digits, _ or -")
		}
	}
	record := &User{UserSeed: u}
	record.Features = append([]string(nil), u.Features...)
	for _, m := range []struct {
		name string
		in   map[string]any
		out  *json.RawMessage
	}{
		{"public_metadata", u.PublicMetadata, &record.Public},
		{"private_metadata", u.PrivateMetadata, &record.Private},
		{"unsafe_metadata", u.UnsafeMetadata, &record.Unsafe},
	} {
		var err error
		if *m.out, err = encodeMetadata(m.in); err != nil {
			return nil, refusal.Param(m.name, "form_param_format_invalid", m.name+" is not JSON: "+err.Error())
		}
	}
	if record.ID == "" {
		record.ID = tx.IDs.Next("user")
	}
	if tx.Users[record.ID] != nil {
		return nil, refusal.Param("id", "form_identifier_exists", "user "+record.ID+" exists already")
	}
	if u.Email != "" && tx.Emails[u.Email] != "" {
		return nil, refusal.Param("email_address", "form_identifier_exists", "e-mail address "+refusal.Quoted(u.Email)+" is taken")
	}
	if u.Phone != "" && tx.Phones[u.Phone] != "" {
		return nil, refusal.Param("phone_number", "form_identifier_exists", "phone number "+refusal.Quoted(u.Phone)+" is taken")
	}
	if u.Username != "" && tx.Usernames[u.Username] != "" {
		return nil, refusal.Param("username", "form_identifier_exists", "username "+refusal.Quoted(u.Username)+" is taken")
	}
	if u.ExternalID != "" && tx.ExternalIDs[u.ExternalID] != "" {
		return nil, refusal.Param("external_id", "form_identifier_exists", "external_id "+refusal.Quoted(u.ExternalID)+" is taken")
	}
	record.Created = tx.Made()
	record.UpdatedAt = record.Created.At
	if u.Email != "" {
		tx.AddIdentification(record, EmailKind, u.Email, Done("admin"))
	}
	if u.Phone != "" {
		tx.AddIdentification(record, PhoneKind, u.Phone, Done("admin"))
	}
	if u.Username != "" {
		tx.Usernames[u.Username] = record.ID
	}
	if u.Password != "" {
		record.SetPassword(tx.IDs.Random(16), u.Password)
		record.PasswordAt = record.UpdatedAt
	}
	if u.TOTPSecret != "" {
		record.TOTP = &TOTPSecret{tx.IDs.Next("totp"), u.TOTPSecret, true, record.UpdatedAt, record.UpdatedAt}
		record.MFAEnabledAt, record.MFAOn = record.UpdatedAt, true
	}
	record.BackupCodes, record.TOTPSecret = slices.Clone(u.BackupCodes), ""
	record.PublicMetadata, record.PrivateMetadata, record.UnsafeMetadata = nil, nil, nil // Public, Private and Unsafe have it
	if u.ExternalID != "" {
		tx.ExternalIDs[u.ExternalID] = record.ID
	}
	tx.Users[record.ID] = record
	tx.orderUser(record)
	return record, nil
}

// User returns the user with the id.
func (s *Store) User(id string) (User, error) {
	return With2(s, func(tx *Tx) (User, error) {
		if u := tx.Users[id]; u != nil {
			return *u, nil
		}
		return User{}, refusal.NotFound("user with id " + refusal.Quoted(id))
	})
}

// UserByIdentifier finds who signs in with an address or a user name.
func (s *Store) UserByIdentifier(identifier string) (User, error) {
	identifier = strings.ToLower(strings.TrimSpace(identifier))
	return With2(s, func(tx *Tx) (User, error) {
		if u := tx.userByIdentifier(identifier); u != nil {
			return *u, nil
		}
		return User{}, refusal.Param("identifier", "form_identifier_not_found", "Couldn't find your account.")
	})
}

func (tx *Tx) userByIdentifier(identifier string) *User {
	for _, index := range []map[string]string{tx.Emails, tx.Usernames, tx.Phones} {
		if u := tx.Users[index[identifier]]; u != nil && identifier != "" {
			return u
		}
	}
	return tx.Users[tx.Phones[PhoneKind.Normalize(identifier)]]
}

func encodeMetadata(m map[string]any) (json.RawMessage, error) {
	if m == nil {
		return json.RawMessage("{}"), nil
	}
	return json.Marshal(m)
}

// validID tells ids that are safe in paths, cookies and claims.
func validID(id, prefix string) bool {
	rest, ok := strings.CutPrefix(id, prefix)
	return ok && len(id) <= 64 && ValidSlug(rest)
}

func ValidSlug(s string) bool {
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return s != "" && len(s) <= 128
}

func ValidEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || domain == "" || len(s) > 254 || strings.Contains(domain, "@") {
		return false
	}
	for _, c := range s {
		if c <= ' ' || c == 0x7f || strings.ContainsRune(`<>"(),;:\[]`, c) {
			return false
		}
	}
	return true
}

func (u *User) HasSecondFactor() bool {
	return u.TOTP != nil && u.TOTP.Verified ||
		slices.ContainsFunc(u.PhoneList, func(i Identification) bool { return i.SecondFactor && i.Verified() })
}

// UseBackupCode takes a code away, and reports whether it was there. Codes that
// were imported may be bcrypt digests.
func UseBackupCode(u *User, code string) bool {
	for i, known := range u.BackupCodes {
		if subtle.ConstantTimeCompare([]byte(known), []byte(code)) == 1 ||
			strings.HasPrefix(known, "$2") && passwords.CheckBcrypt(known, []byte(code)) {
			u.BackupCodes = slices.Delete(slices.Clone(u.BackupCodes), i, i+1)
			return true
		}
	}
	return false
}

// Username checks a username for a user, "" for a new one. Empty is fine:
// none.
func Username(tx *Tx, name, userID string) (string, error) {
	name = EmailKind.Normalize(name)
	switch {
	case name == "":
		return "", nil
	case len(name) < MinUsername || len(name) > MaxUsername:
		return "", refusal.Param("username", "form_username_invalid_length", "Username must be between 4 and 64 characters long.")
	case !ValidSlug(name):
		return "", refusal.Param("username", "form_username_invalid_character", "Username can only contain letters, numbers and '_' or '-'.")
	case tx.Usernames[name] != "" && tx.Usernames[name] != userID:
		return "", refusal.Taken("username")
	}
	return name, nil
}
