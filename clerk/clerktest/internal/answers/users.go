package answers

import (
	"encoding/json"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type clientResource struct {
	Object       string            `json:"object"`
	ID           string            `json:"id"`
	SessionIDs   []string          `json:"session_ids,omitempty"` // Backend API
	Sessions     []SessionResource `json:"sessions"`
	SignIn       any               `json:"sign_in"`
	SignUp       any               `json:"sign_up"`
	LastActive   *string           `json:"last_active_session_id"`
	LastStrategy *string           `json:"last_authentication_strategy"`
	CookieExpiry *int64            `json:"cookie_expires_at"`
	CaptchaByp   bool              `json:"captcha_bypass"`
	CreatedAt    int64             `json:"created_at"`
	UpdatedAt    int64             `json:"updated_at"`
}

type SessionResource struct {
	Object       string          `json:"object"`
	ID           string          `json:"id"`
	UserID       string          `json:"user_id,omitempty"`   // Backend API
	ClientID     string          `json:"client_id,omitempty"` // Backend API
	Status       string          `json:"status"`
	ExpireAt     int64           `json:"expire_at"`
	AbandonAt    int64           `json:"abandon_at"`
	LastActiveAt int64           `json:"last_active_at"`
	LastOrg      *string         `json:"last_active_organization_id"`
	Actor        json.RawMessage `json:"actor"`
	Tasks        []taskResource  `json:"tasks"`
	FactorAges   []int           `json:"factor_verification_age,omitempty"` // Frontend API
	User         *UserResource   `json:"user,omitempty"`                    // Frontend API
	PublicUser   *PublicUser     `json:"public_user_data,omitempty"`        // Frontend API
	LastToken    *TokenResource  `json:"last_active_token,omitempty"`       // Frontend API
	CreatedAt    int64           `json:"created_at"`
	UpdatedAt    int64           `json:"updated_at"`
}

type taskResource struct {
	Key string `json:"key"`
}

type TokenResource struct {
	Object string `json:"object"`
	JWT    string `json:"jwt"`
}

type UserResource struct {
	ID                     string               `json:"id"`
	Object                 string               `json:"object"`
	ExternalID             *string              `json:"external_id"`
	Username               *string              `json:"username"`
	FirstName              *string              `json:"first_name"`
	LastName               *string              `json:"last_name"`
	Locale                 *string              `json:"locale"`
	ImageURL               string               `json:"image_url"`
	ProfileImageURL        string               `json:"profile_image_url"`
	HasImage               bool                 `json:"has_image"`
	PrimaryEmail           *string              `json:"primary_email_address_id"`
	PrimaryPhone           *string              `json:"primary_phone_number_id"`
	PrimaryWallet          *string              `json:"primary_web3_wallet_id"`
	PasswordEnabled        bool                 `json:"password_enabled"`
	TwoFactorEnabled       bool                 `json:"two_factor_enabled"`
	TOTPEnabled            bool                 `json:"totp_enabled"`
	BackupCodeEnabled      bool                 `json:"backup_code_enabled"`
	EmailAddresses         []emailResource      `json:"email_addresses"`
	PhoneNumbers           []phoneResource      `json:"phone_numbers"`
	Wallets                []struct{}           `json:"web3_wallets"`
	Passkeys               []struct{}           `json:"passkeys"`
	ExternalAccounts       []accountResource    `json:"external_accounts"`
	SAMLAccounts           []struct{}           `json:"saml_accounts"`
	EnterpriseAccounts     []struct{}           `json:"enterprise_accounts"`
	PublicMetadata         json.RawMessage      `json:"public_metadata"`
	PrivateMetadata        json.RawMessage      `json:"private_metadata,omitempty"` // Backend API
	UnsafeMetadata         json.RawMessage      `json:"unsafe_metadata"`
	PasswordUpdatedAt      *int64               `json:"password_last_updated_at"`
	LastSignInAt           *int64               `json:"last_sign_in_at"`
	LastActiveAt           *int64               `json:"last_active_at"`
	Banned                 bool                 `json:"banned"`
	Locked                 bool                 `json:"locked"`
	LockoutExpires         *int64               `json:"lockout_expires_in_seconds"`
	VerificationsLeft      int                  `json:"verification_attempts_remaining"`
	DeleteSelfEnabled      bool                 `json:"delete_self_enabled"`
	CreateOrgEnabled       bool                 `json:"create_organization_enabled"`
	CreateOrgsLimit        *int                 `json:"create_organizations_limit,omitempty"` // null is not described for people
	SkipsClientTrust       bool                 `json:"bypass_client_trust"`
	MFAEnabledAt           *int64               `json:"mfa_enabled_at"`
	MFADisabledAt          *int64               `json:"mfa_disabled_at"`
	LegalAcceptedAt        *int64               `json:"legal_accepted_at"`
	OrganizationMembership []MembershipResource `json:"organization_memberships,omitempty"` // Frontend API
	CreatedAt              int64                `json:"created_at"`
	UpdatedAt              int64                `json:"updated_at"`
}

type PublicUser struct {
	UserID          string  `json:"user_id"`
	FirstName       *string `json:"first_name"`
	LastName        *string `json:"last_name"`
	ImageURL        string  `json:"image_url"`
	ProfileImageURL string  `json:"profile_image_url"`
	HasImage        bool    `json:"has_image"`
	Identifier      string  `json:"identifier"`
}

// ImageURL must be on the emulator: browsers fetch it.
func (e *API) ImageURL() string { return e.URL + "/static/avatar.svg" }

// UserResource is a user for the Frontend API; the Backend API adds the private
// metadata.
func (e *API) UserResource(u *state.User, memberships []state.MemberOf) *UserResource {
	r := &UserResource{
		ID: u.ID, Object: "user", ExternalID: wire.OptString(u.ExternalID), Username: wire.OptString(u.Username),
		FirstName: wire.OptString(u.FirstName), LastName: wire.OptString(u.LastName),
		Locale: wire.OptString(u.Locale), ImageURL: e.PictureURL(u.ImageID), ProfileImageURL: e.PictureURL(u.ImageID), HasImage: u.ImageID != "",
		PasswordEnabled: u.PasswordHash != "", Wallets: []struct{}{}, Passkeys: []struct{}{},
		SAMLAccounts: []struct{}{}, EnterpriseAccounts: []struct{}{},
		PublicMetadata: u.Public, UnsafeMetadata: u.Unsafe,
		LastSignInAt: wire.OptMillis(u.LastSignInAt), LastActiveAt: wire.OptMillis(u.LastActiveAt),
		Banned: u.Banned, Locked: u.Locked(e.Now()), LockoutExpires: u.LockoutSeconds(e.Now()),
		VerificationsLeft: state.MaxFailedAttempts - u.FailedAttempts, DeleteSelfEnabled: !u.NoDeleteSelf, CreateOrgEnabled: !u.NoCreateOrg,
		CreateOrgsLimit: u.CreateOrgsLimit, SkipsClientTrust: u.SkipsClientTrust,
		CreatedAt: wire.Millis(u.Created.At), UpdatedAt: wire.Millis(u.UpdatedAt),
	}
	e.addIdentifiers(r, u)
	for _, m := range memberships {
		r.OrganizationMembership = append(r.OrganizationMembership, e.MembershipResource(&m, u))
	}
	return r
}

func (e *API) PublicUser(u *state.User) PublicUser {
	return PublicUser{
		UserID: u.ID, FirstName: wire.OptString(u.FirstName), LastName: wire.OptString(u.LastName),
		ImageURL: e.PictureURL(u.ImageID), ProfileImageURL: e.PictureURL(u.ImageID), HasImage: u.ImageID != "", Identifier: u.Identifier(),
	}
}

// sessionResource is a session without what only one of the APIs shows.
func (e *API) sessionResource(s *state.Session) SessionResource {
	r := SessionResource{
		Object: "session", ID: s.ID, Status: s.Status,
		ExpireAt: wire.Millis(s.ExpireAt), AbandonAt: wire.Millis(s.AbandonAt), LastActiveAt: wire.Millis(s.LastActiveAt),
		LastOrg: wire.OptString(s.OrganizationID), Actor: s.Actor,
		CreatedAt: wire.Millis(s.Created.At), UpdatedAt: wire.Millis(s.UpdatedAt),
	}
	for _, task := range s.Tasks {
		r.Tasks = append(r.Tasks, taskResource{task})
	}
	return r
}

// FrontendSession is a session as clerk-js sees it. The token spares clerk-js its
// first call.
func (e *API) FrontendSession(s *state.SessionState, token string) SessionResource {
	r := e.sessionResource(&s.Session)
	now := e.Now()
	r.FactorAges = []int{state.AgeMinutes(now, s.Session.FirstFactorAt), state.AgeMinutes(now, s.Session.SecondFactorAt)}
	r.User = e.UserResource(&s.User, s.Memberships)
	public := e.PublicUser(&s.User)
	r.PublicUser = &public
	if token != "" {
		r.LastToken = &TokenResource{"token", token}
	}
	return r
}

// BackendSession is a session as servers see it.
func (e *API) BackendSession(s *state.Session) SessionResource {
	r := e.sessionResource(s)
	r.UserID, r.ClientID = s.UserID, s.ClientID
	return r
}

func (e *API) BackendUser(u *state.User) *UserResource {
	r := e.UserResource(u, nil)
	r.PrivateMetadata = u.Private
	return r
}

// PictureURL is the address of a picture, or of the one for those who have none.
func (e *API) PictureURL(id string) string {
	if id == "" {
		return e.ImageURL()
	}
	return e.URL + "/static/images/" + id
}
