package people

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/passwords"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// userChanges are what CreateUser and UpdateUser have in common.
type userChanges struct {
	ExternalID       wire.Field[string]   `json:"external_id"`
	FirstName        wire.Field[string]   `json:"first_name"`
	LastName         wire.Field[string]   `json:"last_name"`
	Locale           wire.Field[string]   `json:"locale"`
	Username         wire.Field[string]   `json:"username"`
	Password         wire.Field[string]   `json:"password"`
	PasswordDigest   wire.Field[string]   `json:"password_digest"`
	PasswordHasher   wire.Field[string]   `json:"password_hasher"`
	SkipChecks       wire.Field[bool]     `json:"skip_password_checks"`
	TOTPSecret       wire.Field[string]   `json:"totp_secret"`
	BackupCodes      wire.Field[[]string] `json:"backup_codes"`
	DeleteSelf       wire.Field[bool]     `json:"delete_self_enabled"`
	CreateOrgs       wire.Field[bool]     `json:"create_organization_enabled"`
	CreateOrgsLimit  wire.Field[int]      `json:"create_organizations_limit"`
	LegalAcceptedAt  wire.Field[string]   `json:"legal_accepted_at"`
	SkipLegalChecks  wire.Field[bool]     `json:"skip_legal_checks"`
	CreatedAt        wire.Field[string]   `json:"created_at"`
	SkipsClientTrust wire.Field[bool]     `json:"bypass_client_trust"`

	legalAcceptedAt, createdAt time.Time
}

// check refuses what a user, "" for a new one, cannot have.
func (in *userChanges) check(tx *state.Tx, userID string) (err error) {
	for _, f := range []struct {
		name  string
		field *wire.Field[string]
	}{
		{"external_id", &in.ExternalID}, {"first_name", &in.FirstName}, {"last_name", &in.LastName}, {"locale", &in.Locale},
	} {
		if len(f.field.Value) > state.MaxName {
			return refusal.Param(f.name, "form_param_max_length_exceeded", f.name+" should not exceed 256 characters.")
		}
	}
	if owner := tx.ExternalIDs[in.ExternalID.Value]; owner != "" && owner != userID {
		return refusal.Taken("external_id")
	}
	if in.Username.Value, err = state.Username(tx, in.Username.Value, userID); err != nil {
		return err
	}
	if err := in.checkPassword(); err != nil {
		return err
	}
	if in.TOTPSecret.Value != "" && !state.ValidTOTPSecret(in.TOTPSecret.Value) {
		return refusal.Param("totp_secret", "invalid_totp_secret_code", "The TOTP secret is invalid, please provide a valid one base32 encoded")
	}
	for _, code := range in.BackupCodes.Value {
		if code == "" || len(code) > 128 || len(in.BackupCodes.Value) > 100 {
			return refusal.Param("backup_codes", "form_param_value_invalid", "backup_codes are at most 100 codes that are not empty")
		}
	}
	if in.CreateOrgsLimit.Value < 0 {
		return refusal.Param("create_organizations_limit", "form_param_value_invalid", "create_organizations_limit must not be negative")
	}
	if in.legalAcceptedAt, err = wire.PastTime("legal_accepted_at", in.LegalAcceptedAt.Value, tx.Now()); err != nil {
		return err
	}
	in.createdAt, err = wire.PastTime("created_at", in.CreatedAt.Value, tx.Now())
	return err
}

func (in *userChanges) checkPassword() error {
	switch {
	case in.Password.Value != "" && in.PasswordDigest.Value != "":
		return refusal.Param("password_digest", "form_conditional_param_disallowed", "`password_digest` isn't allowed when `password` is present.")
	case in.PasswordDigest.Value != "" && in.PasswordHasher.Value == "":
		return refusal.Param("password_hasher", "form_conditional_param_missing", "`password_hasher` is required when `password_digest` is present.")
	case in.PasswordDigest.Value == "" && in.PasswordHasher.Value != "":
		return refusal.Param("password_digest", "form_conditional_param_missing", "`password_digest` is required when `password_hasher` is present.")
	case in.PasswordDigest.Value != "":
		return passwords.CheckNewDigest(in.PasswordHasher.Value, in.PasswordDigest.Value)
	case in.Password.Value == "" || in.SkipChecks.Value && len(in.Password.Value) <= passwords.MaxLength:
		return nil
	}
	return refusal.OrNil(passwords.Check("password", in.Password.Value))
}

// apply makes the changes that check let pass.
func (in *userChanges) apply(tx *state.Tx, u *state.User) {
	now := tx.Now()
	in.FirstName.Into(&u.FirstName)
	in.LastName.Into(&u.LastName)
	in.Locale.Into(&u.Locale)
	if in.ExternalID.Set {
		tx.SetExternalID(u, in.ExternalID.Value)
	}
	if in.Username.Set {
		tx.SetUsername(u, in.Username.Value)
	}
	switch {
	case in.PasswordDigest.Value != "":
		u.PasswordHash, u.Hasher, u.PasswordSalt, u.PasswordAt, u.Compromised = in.PasswordDigest.Value, in.PasswordHasher.Value, "", now, false
	case in.Password.Value != "":
		strategies.SetPassword(tx, u, in.Password.Value)
	}
	if secret := in.TOTPSecret.Value; secret != "" {
		u.TOTP = &state.TOTPSecret{ID: tx.IDs.Next("totp"), Secret: secret, Verified: true, Created: now, UpdatedAt: now}
	}
	if in.BackupCodes.Set {
		u.BackupCodes = slices.Clone(in.BackupCodes.Value)
	}
	noteSecondFactor(tx, u)
	if in.DeleteSelf.Set && !in.DeleteSelf.Null {
		u.NoDeleteSelf = !in.DeleteSelf.Value
	}
	if in.CreateOrgs.Set && !in.CreateOrgs.Null {
		u.NoCreateOrg = !in.CreateOrgs.Value
	}
	if in.CreateOrgsLimit.Set {
		u.CreateOrgsLimit = nil
		if !in.CreateOrgsLimit.Null {
			limit := in.CreateOrgsLimit.Value
			u.CreateOrgsLimit = &limit
		}
	}
	if in.LegalAcceptedAt.Set {
		u.LegalAcceptedAt = in.legalAcceptedAt
	}
	if !in.createdAt.IsZero() {
		tx.SetCreated(u, in.createdAt)
	}
	in.SkipsClientTrust.Into(&u.SkipsClientTrust)
}

// Whether an address is verified when it is created, or reserved: nobody else can
// have it, and it signs in, but nobody has proved to own it.
const (
	identifiedVerified   = "verified"
	identifiedReserved   = "reserved"
	identifiedUnverified = "unverified"
)

type createUser struct {
	userChanges
	Emails        wire.Field[[]string]        `json:"email_address"`
	EmailStatus   wire.Field[[]string]        `json:"email_address_identification_status"`
	Phones        wire.Field[[]string]        `json:"phone_number"`
	PhoneStatus   wire.Field[[]string]        `json:"phone_number_identification_status"`
	Wallets       wire.Field[[]string]        `json:"web3_wallet"`
	SkipPassword  wire.Field[bool]            `json:"skip_password_requirement"`
	SkipUser      wire.Field[bool]            `json:"skip_user_requirement"`
	Public        wire.Field[json.RawMessage] `json:"public_metadata"`
	Private       wire.Field[json.RawMessage] `json:"private_metadata"`
	Unsafe        wire.Field[json.RawMessage] `json:"unsafe_metadata"`
	Banned        wire.Field[bool]            `json:"banned"`
	Locked        wire.Field[bool]            `json:"locked"`
	emails        []state.Identification
	phones        []state.Identification
	public        json.RawMessage
	private, safe json.RawMessage
}

func (e *API) createUserBAPI(c *wire.Call) error {
	var in createUser
	if err := c.Decode(&in); err != nil {
		return err
	}
	var u state.User
	var err error
	e.Store.Apply(func(tx *state.Tx) {
		u, err = newUser(tx, &in)
	})
	if err != nil {
		return err
	}
	c.Note("user " + u.ID + " created")
	return c.OK(e.answers.BackendUser(&u))
}

func newUser(tx *state.Tx, in *createUser) (state.User, error) {
	if err := in.complete(tx); err != nil {
		return state.User{}, err
	}
	record, err := tx.AddUser(state.UserSeed{})
	if err != nil {
		return state.User{}, err
	}
	for _, i := range in.emails {
		tx.PutIdentification(record, state.EmailKind, i)
	}
	for _, i := range in.phones {
		tx.PutIdentification(record, state.PhoneKind, i)
	}
	in.apply(tx, record)
	record.Public, record.Private, record.Unsafe = in.public, in.private, in.safe
	record.Banned = in.Banned.Value
	if in.Locked.Value {
		record.LockedUntil = tx.Now().Add(state.LockoutDuration)
	}
	if !in.createdAt.IsZero() {
		record.UpdatedAt = tx.Now()
	}
	state.Emit(tx, "user.created", record)
	tx.LetIn(record)
	tx.OfferDomains(record)
	return *record, nil
}

// complete checks all that was sent before anything is made of it.
func (in *createUser) complete(tx *state.Tx) (err error) {
	if in.emails, err = identifications(tx, state.EmailKind, in.Emails.Value, in.EmailStatus.Value); err != nil {
		return err
	}
	if in.phones, err = identifications(tx, state.PhoneKind, in.Phones.Value, in.PhoneStatus.Value); err != nil {
		return err
	}
	if len(in.Wallets.Value) > 0 {
		return refusal.UnknownParam("web3_wallet") // as on an instance without them
	}
	if err := in.check(tx, ""); err != nil {
		return err
	}
	for _, m := range []struct {
		name string
		in   wire.Field[json.RawMessage]
		out  *json.RawMessage
	}{
		{"public_metadata", in.Public, &in.public}, {"private_metadata", in.Private, &in.private}, {"unsafe_metadata", in.Unsafe, &in.safe},
	} {
		if *m.out, err = wire.MetadataField(m.name, m.in); err != nil {
			return err
		}
	}
	return in.required(tx)
}

// required holds a new user to what the settings want of everybody.
func (in *createUser) required(tx *state.Tx) error {
	var missing []string
	if !in.SkipUser.Value {
		for _, a := range []struct {
			name, setting string
			has           bool
		}{
			{"email_address", tx.Settings.EmailAddress, len(in.emails) > 0},
			{"phone_number", tx.Settings.PhoneNumber, len(in.phones) > 0},
			{"username", tx.Settings.Username, in.Username.Value != ""},
		} {
			if a.setting == state.AttributeRequired && !a.has {
				missing = append(missing, a.name)
			}
		}
	}
	if tx.Settings.Password == state.AttributeRequired && in.Password.Value == "" && in.PasswordDigest.Value == "" && !in.SkipPassword.Value {
		missing = append(missing, "password")
	}
	if len(missing) == 0 {
		return nil
	}
	names, err := json.Marshal(missing)
	if err != nil {
		return err
	}
	return &refusal.Error{
		Kind: refusal.KindInvalid, Code: "form_data_missing", Message: "missing data",
		Long: string(names) + " data doesn't match user requirements set for this instance", Param: "", Meta: map[string]any{"param_names": missing},
	}
}

// identifications checks new addresses or numbers with their status.
func identifications(tx *state.Tx, k *state.IdentificationKind, values, status []string) ([]state.Identification, error) {
	if len(status) > 0 && len(status) != len(values) {
		return nil, refusal.Param(k.Param+"_identification_status", "form_param_value_invalid", k.Param+"_identification_status must have one item for each "+k.Param)
	}
	if len(values) > maxIdentifications {
		return nil, refusal.Param(k.Param, "form_param_array_size_exceeded", k.Param+" should not exceed 100 items.")
	}
	var out []state.Identification
	for n, value := range values {
		i := state.Identification{Value: k.Normalize(value), Proof: state.Done("admin")}
		if err := k.Check(tx, i.Value); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(other state.Identification) bool { return other.Value == i.Value }) {
			return nil, refusal.Param(k.Param, "form_param_duplicate", k.Param+" included multiple times. There should only be one.")
		}
		if len(status) > 0 {
			switch status[n] {
			case identifiedVerified:
			case identifiedReserved:
				i.Proof, i.Reserved = state.Verification{}, true
			default:
				return nil, refusal.Param(k.Param+"_identification_status", "form_param_value_invalid", "status is neither verified nor reserved")
			}
		}
		out = append(out, i)
	}
	return out, nil
}

// apiVersionMetadata is the version of the Backend API from which on UpdateUser
// takes no metadata any more.
const apiVersionMetadata = "2026-05-12"

// takesMetadata reports whether a caller asked for a version of the API in which
// UpdateUser still takes metadata, and replaces it.
func takesMetadata(r *http.Request) bool {
	version := r.Header.Get("Clerk-API-Version")
	return version != "" && strings.Compare(version, apiVersionMetadata) < 0
}
