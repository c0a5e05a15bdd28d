package answers

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type emailResource struct {
	ID           string                `json:"id"`
	Object       string                `json:"object"`
	EmailAddress string                `json:"email_address"`
	Reserved     bool                  `json:"reserved"`
	Verification *VerificationResource `json:"verification"`
	LinkedTo     []linkedResource      `json:"linked_to"`
	MatchesSSO   bool                  `json:"matches_sso_connection"`
	CreatedAt    int64                 `json:"created_at"`
	UpdatedAt    int64                 `json:"updated_at"`
}

type phoneResource struct {
	ID            string                `json:"id"`
	Object        string                `json:"object"`
	PhoneNumber   string                `json:"phone_number"`
	SecondFactor  bool                  `json:"reserved_for_second_factor"`
	DefaultSecond bool                  `json:"default_second_factor"`
	Reserved      bool                  `json:"reserved"`
	Verification  *VerificationResource `json:"verification"`
	LinkedTo      []linkedResource      `json:"linked_to"`
	BackupCodes   []string              `json:"backup_codes"`
	CreatedAt     int64                 `json:"created_at"`
	UpdatedAt     int64                 `json:"updated_at"`
}

type linkedResource struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

type accountResource struct {
	Object           string                `json:"object"`
	ID               string                `json:"id"`
	Provider         string                `json:"provider"`
	IdentificationID string                `json:"identification_id"`
	ProviderUserID   string                `json:"provider_user_id"`
	ApprovedScopes   string                `json:"approved_scopes"`
	EmailAddress     string                `json:"email_address"`
	EmailVerified    bool                  `json:"email_address_verified"`
	FirstName        string                `json:"first_name"`
	LastName         string                `json:"last_name"`
	AvatarURL        string                `json:"avatar_url"`
	ImageURL         string                `json:"image_url"`
	Username         *string               `json:"username"`
	PhoneNumber      *string               `json:"phone_number"`
	PublicMetadata   json.RawMessage       `json:"public_metadata"`
	Label            *string               `json:"label"`
	Verification     *VerificationResource `json:"verification"`
	CreatedAt        int64                 `json:"created_at"`
	UpdatedAt        int64                 `json:"updated_at"`
}

// VerificationResource is a verification of any kind; which fields it has goes
// by the kind.
type VerificationResource struct {
	Object     string          `json:"object"`
	Status     string          `json:"status"`
	Strategy   *string         `json:"strategy"`
	Attempts   *int            `json:"attempts"`
	ExpireAt   *int64          `json:"expire_at"`
	External   *string         `json:"external_verification_redirect_url,omitempty"`
	Error      *wire.ErrorItem `json:"error,omitempty"`
	Client     *string         `json:"verified_at_client,omitempty"`
	NextAction *string         `json:"next_action,omitempty"`          // of a sign-up
	Supported  []string        `json:"supported_strategies,omitempty"` // of a sign-up
}

// VerificationResource describes a verification, nil for one that never began.
func (e *API) VerificationResource(v *state.Verification) *VerificationResource {
	if v == nil || v.Status == "" || v.Strategy == "" {
		return nil
	}
	r := &VerificationResource{Object: "verification_otp", Status: v.State(e.Now()), Strategy: wire.OptString(v.Strategy), ExpireAt: wire.OptMillis(v.ExpireAt)}
	switch s := strategies.StrategyOf(v.Strategy); {
	case s != nil:
		r.Object = s.Object
	case v.Strategy == "admin":
		r.Object = "verification_admin"
	case strings.HasPrefix(v.Strategy, "from_oauth_"):
		r.Object = "verification_from_oauth"
	}
	if r.Object == "verification_otp" {
		attempts := v.Attempts
		r.Attempts = &attempts
	}
	if r.Object == "verification_oauth" {
		r.External = &v.External
	}
	if v.Failure != nil {
		item := wire.Item(v.Failure)
		r.Error = &item
	}
	return r
}

func (e *API) EmailResource(u *state.User, i *state.Identification) emailResource {
	r := emailResource{
		ID: i.ID, Object: "email_address", EmailAddress: i.Value, Reserved: i.Reserved, Verification: e.VerificationResource(&i.Proof), LinkedTo: []linkedResource{},
		CreatedAt: wire.Millis(i.Created.At), UpdatedAt: wire.Millis(i.UpdatedAt),
	}
	for _, a := range u.Accounts {
		if a.Email == i.Value && a.Proof.Status == state.Verified {
			r.LinkedTo = append(r.LinkedTo, linkedResource{"oauth_" + a.Provider, a.IdentificationID})
		}
	}
	return r
}

func (e *API) PhoneResource(i *state.Identification) phoneResource {
	return phoneResource{
		ID: i.ID, Object: "phone_number", PhoneNumber: i.Value, SecondFactor: i.SecondFactor, DefaultSecond: i.DefaultPhone, Reserved: i.Reserved,
		Verification: e.VerificationResource(&i.Proof), LinkedTo: []linkedResource{},
		CreatedAt: wire.Millis(i.Created.At), UpdatedAt: wire.Millis(i.UpdatedAt),
	}
}

func (e *API) AccountResource(a *state.ExternalAccount) accountResource {
	return accountResource{
		Object: "external_account", ID: a.ID, Provider: "oauth_" + a.Provider, IdentificationID: a.IdentificationID,
		ProviderUserID: a.ProviderUserID, EmailAddress: a.Email, EmailVerified: a.Email != "", FirstName: a.FirstName, LastName: a.LastName,
		AvatarURL: e.ImageURL(), ImageURL: e.ImageURL(), PublicMetadata: json.RawMessage("{}"),
		Verification: e.VerificationResource(&a.Proof), CreatedAt: wire.Millis(a.Created.At), UpdatedAt: wire.Millis(a.UpdatedAt),
	}
}

// addIdentifiers completes a user's answer with all that it can be known by.
func (e *API) addIdentifiers(r *UserResource, u *state.User) {
	r.EmailAddresses, r.PhoneNumbers, r.ExternalAccounts = []emailResource{}, []phoneResource{}, []accountResource{}
	for i := range u.EmailList {
		r.EmailAddresses = append(r.EmailAddresses, e.EmailResource(u, &u.EmailList[i]))
	}
	for i := range u.PhoneList {
		r.PhoneNumbers = append(r.PhoneNumbers, e.PhoneResource(&u.PhoneList[i]))
	}
	for i := range u.Accounts {
		r.ExternalAccounts = append(r.ExternalAccounts, e.AccountResource(&u.Accounts[i]))
	}
	r.PrimaryEmail, r.PrimaryPhone = wire.OptString(u.EmailID), wire.OptString(u.PhoneID)
	r.TOTPEnabled = u.TOTP != nil && u.TOTP.Verified
	r.TwoFactorEnabled = u.HasSecondFactor()
	r.BackupCodeEnabled = len(u.BackupCodes) > 0
	r.MFAEnabledAt, r.MFADisabledAt = wire.OptMillis(u.MFAEnabledAt), wire.OptMillis(u.MFADisabledAt)
	r.PasswordUpdatedAt = wire.OptMillis(u.PasswordAt)
	r.LegalAcceptedAt = wire.OptMillis(u.LegalAcceptedAt)
}

// accountFactors are the providers by which a user signs in.
func accountFactors(u *state.User) []strategies.Factor {
	var out []strategies.Factor
	for _, a := range u.Accounts {
		f := strategies.Factor{Strategy: "oauth_" + a.Provider}
		if a.Proof.Status == state.Verified && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}
