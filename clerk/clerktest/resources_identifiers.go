package clerktest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

type emailResource struct {
	ID           string                `json:"id"`
	Object       string                `json:"object"`
	EmailAddress string                `json:"email_address"`
	Reserved     bool                  `json:"reserved"`
	Verification *verificationResource `json:"verification"`
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
	Verification  *verificationResource `json:"verification"`
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
	Verification     *verificationResource `json:"verification"`
	CreatedAt        int64                 `json:"created_at"`
	UpdatedAt        int64                 `json:"updated_at"`
}

// verificationResource is a verification of any kind; which fields it has goes
// by the kind.
type verificationResource struct {
	Object     string     `json:"object"`
	Status     string     `json:"status"`
	Strategy   *string    `json:"strategy"`
	Attempts   *int       `json:"attempts"`
	ExpireAt   *int64     `json:"expire_at"`
	External   *string    `json:"external_verification_redirect_url,omitempty"`
	Error      *errorItem `json:"error,omitempty"`
	Client     *string    `json:"verified_at_client,omitempty"`
	NextAction *string    `json:"next_action,omitempty"`          // of a sign-up
	Supported  []string   `json:"supported_strategies,omitempty"` // of a sign-up
}

// verificationResource describes a verification, nil for one that never began.
func (e *Emulator) verificationResource(v *state.Verification) *verificationResource {
	if v == nil || v.Status == "" || v.Strategy == "" {
		return nil
	}
	r := &verificationResource{Object: "verification_otp", Status: v.State(e.Now()), Strategy: optString(v.Strategy), ExpireAt: optMillis(v.ExpireAt)}
	switch s := strategyOf(v.Strategy); {
	case s != nil:
		r.Object = s.object
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
		item := item(v.Failure)
		r.Error = &item
	}
	return r
}

func (e *Emulator) emailResource(u *state.User, i *state.Identification) emailResource {
	r := emailResource{
		ID: i.ID, Object: "email_address", EmailAddress: i.Value, Reserved: i.Reserved, Verification: e.verificationResource(&i.Proof), LinkedTo: []linkedResource{},
		CreatedAt: millis(i.Created.At), UpdatedAt: millis(i.UpdatedAt),
	}
	for _, a := range u.Accounts {
		if a.Email == i.Value && a.Proof.Status == state.Verified {
			r.LinkedTo = append(r.LinkedTo, linkedResource{"oauth_" + a.Provider, a.IdentificationID})
		}
	}
	return r
}

func (e *Emulator) phoneResource(i *state.Identification) phoneResource {
	return phoneResource{
		ID: i.ID, Object: "phone_number", PhoneNumber: i.Value, SecondFactor: i.SecondFactor, DefaultSecond: i.DefaultPhone, Reserved: i.Reserved,
		Verification: e.verificationResource(&i.Proof), LinkedTo: []linkedResource{},
		CreatedAt: millis(i.Created.At), UpdatedAt: millis(i.UpdatedAt),
	}
}

func (e *Emulator) accountResource(a *state.ExternalAccount) accountResource {
	return accountResource{
		Object: "external_account", ID: a.ID, Provider: "oauth_" + a.Provider, IdentificationID: a.IdentificationID,
		ProviderUserID: a.ProviderUserID, EmailAddress: a.Email, EmailVerified: a.Email != "", FirstName: a.FirstName, LastName: a.LastName,
		AvatarURL: e.imageURL(), ImageURL: e.imageURL(), PublicMetadata: json.RawMessage("{}"),
		Verification: e.verificationResource(&a.Proof), CreatedAt: millis(a.Created.At), UpdatedAt: millis(a.UpdatedAt),
	}
}

// addIdentifiers completes a user's answer with all that it can be known by.
func (e *Emulator) addIdentifiers(r *userResource, u *state.User) {
	r.EmailAddresses, r.PhoneNumbers, r.ExternalAccounts = []emailResource{}, []phoneResource{}, []accountResource{}
	for i := range u.EmailList {
		r.EmailAddresses = append(r.EmailAddresses, e.emailResource(u, &u.EmailList[i]))
	}
	for i := range u.PhoneList {
		r.PhoneNumbers = append(r.PhoneNumbers, e.phoneResource(&u.PhoneList[i]))
	}
	for i := range u.Accounts {
		r.ExternalAccounts = append(r.ExternalAccounts, e.accountResource(&u.Accounts[i]))
	}
	r.PrimaryEmail, r.PrimaryPhone = optString(u.EmailID), optString(u.PhoneID)
	r.TOTPEnabled = u.TOTP != nil && u.TOTP.Verified
	r.TwoFactorEnabled = u.HasSecondFactor()
	r.BackupCodeEnabled = len(u.BackupCodes) > 0
	r.MFAEnabledAt, r.MFADisabledAt = optMillis(u.MFAEnabledAt), optMillis(u.MFADisabledAt)
	r.PasswordUpdatedAt = optMillis(u.PasswordAt)
	r.LegalAcceptedAt = optMillis(u.LegalAcceptedAt)
}

// accountFactors are the providers by which a user signs in.
func accountFactors(u *state.User) []factor {
	var out []factor
	for _, a := range u.Accounts {
		f := factor{Strategy: "oauth_" + a.Provider}
		if a.Proof.Status == state.Verified && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}
