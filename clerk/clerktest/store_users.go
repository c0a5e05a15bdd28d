package clerktest

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// User describes a user to add. All fields may be empty.
type User struct {
	// ID pins the id, which must begin with user_. Empty means a new one.
	ID string `json:"id,omitempty"`
	// Email is the primary address, verified.
	Email string `json:"email_address,omitempty"`
	// Phone is the primary phone number, verified: +12015550100.
	Phone string `json:"phone_number,omitempty"`
	// Username is what the user may sign in with besides.
	Username string `json:"username,omitempty"`
	// Password lets the user sign in with it. Users without one sign in by a
	// click on the sign-in page.
	Password  string `json:"password,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	// TOTPSecret is the secret of an authenticator app, in base32: a second factor.
	TOTPSecret string `json:"totp_secret,omitempty"`
	// BackupCodes are codes that each stand in for the second factor once.
	BackupCodes []string `json:"backup_codes,omitempty"`
	// ExternalID is the id in the application's own tables.
	ExternalID string `json:"external_id,omitempty"`
	// The metadata of the user, JSON objects.
	PublicMetadata  map[string]any `json:"public_metadata,omitempty"`
	PrivateMetadata map[string]any `json:"private_metadata,omitempty"`
	UnsafeMetadata  map[string]any `json:"unsafe_metadata,omitempty"`
	// Plan is the slug of the user's plan and Features are those that it brings:
	// the pla and fea claims with scope u.
	Plan     string   `json:"plan,omitempty"`
	Features []string `json:"features,omitempty"`
}

// user is a record of the store.
type user struct {
	User
	EmailID         string // of the primary address
	PhoneID         string
	EmailList       []identification
	PhoneList       []identification
	Accounts        []externalAccount
	TOTP            *totpSecret // never changed, only replaced
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
	Created         made

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

// displayName is how pages call the user.
func (u *user) displayName() string {
	name := strings.TrimSpace(u.FirstName + " " + u.LastName)
	for _, n := range []string{name, u.Email, u.Username, u.Phone} {
		if n != "" {
			return n
		}
	}
	return u.ID
}

// identifier is what the user signs in with.
func (u *user) identifier() string {
	if u.Email != "" {
		return u.Email
	}
	return cmp.Or(u.Username, u.Phone)
}

func (u *user) setPassword(salt, password string) {
	u.PasswordSalt, u.PasswordHash, u.Password = salt, hashPassword(salt, password), ""
	u.Hasher, u.Compromised = "", false
}

// checkPassword compares in constant time. Users without password never match.
func (u *user) checkPassword(password string) bool {
	if u.Hasher != "" {
		return checkDigest(u.Hasher, u.PasswordHash, password)
	}
	return u.PasswordHash != "" && hmac.Equal([]byte(u.PasswordHash), []byte(hashPassword(u.PasswordSalt, password)))
}

// hashPassword keeps passwords out of dumps and logs. It is fast, not strong:
// they live in the memory of an emulator.
func hashPassword(salt, password string) string {
	mac := hmac.New(sha256.New, []byte(salt))
	mac.Write([]byte(password))
	return hex.EncodeToString(mac.Sum(nil)) // text, because a snapshot is
}

// AddUser adds a user and returns it with its id. Duplicate ids, addresses and
// user names are refused.
func (e *Emulator) AddUser(u User) User {
	e.helper()
	record, err := e.store.addUser(u)
	if err != nil {
		e.fail("AddUser: %v", err)
		return u
	}
	u.ID, u.Email, u.Username = record.ID, record.Email, record.Username
	return u
}

func (s *store) addUser(u User) (user, error) {
	return with2(s, func(tx *stateTx) (user, error) {
		record, err := tx.addUser(u)
		if err != nil {
			return user{}, err
		}
		emit(tx, "user.created", record)
		return *record, nil
	})
}

// addUser adds a user. Its callers emit user.created, once it is complete.
func (tx *stateTx) addUser(u User) (*user, error) {
	if u.ID != "" && !validID(u.ID, "user_") {
		return nil, errParam("id", "form_param_format_invalid", "id "+quoted(u.ID)+" is not user_ and letters, digits, _ or -")
	}
	u.Email, u.Username, u.Phone = strings.ToLower(u.Email), strings.ToLower(u.Username), phoneKind.normalize(u.Phone)
	if u.Email != "" && !validEmail(u.Email) {
		return nil, errParam("email_address", "form_param_format_invalid", "email_address "+quoted(u.Email)+" is not an e-mail address")
	}
	if u.Phone != "" && !validPhone(u.Phone) {
		return nil, errParam("phone_number", "form_param_format_invalid", "phone_number "+quoted(u.Phone)+" is not a phone number like +12015550100")
	}
	if u.Username != "" && !validSlug(u.Username) {
		return nil, errParam("username", "form_param_format_invalid", "username "+quoted(u.Username)+" is not letters, digits, _ or -")
	}
	if u.TOTPSecret != "" && !validTOTPSecret(u.TOTPSecret) {
		return nil, errParam("totp_secret", "form_param_format_invalid", "totp_secret is not base32")
	}
	for _, name := range append([]string{u.Plan}, u.Features...) {
		if name != "" && !validSlug(name) {
			return nil, errParam("features", "form_param_format_invalid", "plan or feature "+quoted(name)+" is not letters, digits, _ or -")
		}
	}
	record := &user{User: u}
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
			return nil, errParam(m.name, "form_param_format_invalid", m.name+" is not JSON: "+err.Error())
		}
	}
	if record.ID == "" {
		record.ID = tx.ids.next("user")
	}
	if tx.Users[record.ID] != nil {
		return nil, errParam("id", "form_identifier_exists", "user "+record.ID+" exists already")
	}
	if u.Email != "" && tx.emails[u.Email] != "" {
		return nil, errParam("email_address", "form_identifier_exists", "e-mail address "+quoted(u.Email)+" is taken")
	}
	if u.Phone != "" && tx.phones[u.Phone] != "" {
		return nil, errParam("phone_number", "form_identifier_exists", "phone number "+quoted(u.Phone)+" is taken")
	}
	if u.Username != "" && tx.usernames[u.Username] != "" {
		return nil, errParam("username", "form_identifier_exists", "username "+quoted(u.Username)+" is taken")
	}
	if u.ExternalID != "" && tx.externalIDs[u.ExternalID] != "" {
		return nil, errParam("external_id", "form_identifier_exists", "external_id "+quoted(u.ExternalID)+" is taken")
	}
	record.Created = tx.made()
	record.UpdatedAt = record.Created.At
	if u.Email != "" {
		tx.addIdentification(record, emailKind, u.Email, done("admin"))
	}
	if u.Phone != "" {
		tx.addIdentification(record, phoneKind, u.Phone, done("admin"))
	}
	if u.Username != "" {
		tx.usernames[u.Username] = record.ID
	}
	if u.Password != "" {
		record.setPassword(tx.ids.random(16), u.Password)
		record.PasswordAt = record.UpdatedAt
	}
	if u.TOTPSecret != "" {
		record.TOTP = &totpSecret{tx.ids.next("totp"), u.TOTPSecret, true, record.UpdatedAt, record.UpdatedAt}
		record.MFAEnabledAt, record.MFAOn = record.UpdatedAt, true
	}
	record.BackupCodes, record.TOTPSecret = slices.Clone(u.BackupCodes), ""
	record.PublicMetadata, record.PrivateMetadata, record.UnsafeMetadata = nil, nil, nil // Public, Private and Unsafe have it
	if u.ExternalID != "" {
		tx.externalIDs[u.ExternalID] = record.ID
	}
	tx.Users[record.ID] = record
	tx.orderUser(record)
	return record, nil
}

// user returns the user with the id.
func (s *store) user(id string) (user, error) {
	return with2(s, func(tx *stateTx) (user, error) {
		if u := tx.Users[id]; u != nil {
			return *u, nil
		}
		return user{}, errNotFound("user with id " + quoted(id))
	})
}

// userByIdentifier finds who signs in with an address or a user name.
func (s *store) userByIdentifier(identifier string) (user, error) {
	identifier = strings.ToLower(strings.TrimSpace(identifier))
	return with2(s, func(tx *stateTx) (user, error) {
		if u := tx.userByIdentifier(identifier); u != nil {
			return *u, nil
		}
		return user{}, errParam("identifier", "form_identifier_not_found", "Couldn't find your account.")
	})
}

func (tx *stateTx) userByIdentifier(identifier string) *user {
	for _, index := range []map[string]string{tx.emails, tx.usernames, tx.phones} {
		if u := tx.Users[index[identifier]]; u != nil && identifier != "" {
			return u
		}
	}
	return tx.Users[tx.phones[phoneKind.normalize(identifier)]]
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
	return ok && len(id) <= 64 && validSlug(rest)
}

func validSlug(s string) bool {
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return s != "" && len(s) <= 128
}

func validEmail(s string) bool {
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

// quoted shortens what a caller sent and makes it harmless to print.
func quoted(s string) string {
	if len(s) > 64 {
		s = s[:64] + "…"
	}
	b, _ := json.Marshal(s) // a string can always be encoded
	return string(b)
}

// errIncorrectPassword is the answer to a wrong password.
func errIncorrectPassword() *apiError {
	return errParam("password", "form_password_incorrect", "Password is incorrect. Try again, or use another method.")
}
