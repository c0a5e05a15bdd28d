package answers

import (
	"encoding/json"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type signInResource struct {
	Object        string                `json:"object"`
	ID            string                `json:"id"`
	Status        string                `json:"status"`
	Identifiers   []string              `json:"supported_identifiers"`
	FirstFactors  []strategies.Factor   `json:"supported_first_factors"`
	SecondFactors []strategies.Factor   `json:"supported_second_factors"`
	First         *VerificationResource `json:"first_factor_verification"`
	Second        *VerificationResource `json:"second_factor_verification"`
	Identifier    *string               `json:"identifier"`
	UserData      *userData             `json:"user_data"`
	SessionID     *string               `json:"created_session_id"`
	AbandonAt     int64                 `json:"abandon_at"`
}

type userData struct {
	FirstName       *string `json:"first_name"`
	LastName        *string `json:"last_name"`
	ImageURL        string  `json:"image_url"`
	HasImage        bool    `json:"has_image"`
	ProfileImageURL string  `json:"profile_image_url"`
}

func (e *API) SignInResource(a *state.SignInAttempt) *signInResource {
	r := &signInResource{
		Object: "sign_in_attempt", ID: a.ID, Status: a.Status, Identifiers: e.Identifiers(),
		First: e.VerificationResource(a.First), Second: e.VerificationResource(a.Second),
		Identifier: wire.OptString(a.Identifier), SessionID: wire.OptString(a.SessionID), AbandonAt: wire.Millis(a.AbandonAt),
	}
	u, err := e.Store.User(a.UserID)
	if err != nil {
		return r
	}
	r.UserData = &userData{wire.OptString(u.FirstName), wire.OptString(u.LastName), e.PictureURL(u.ImageID), u.ImageID != "", e.PictureURL(u.ImageID)}
	r.FirstFactors = append(e.strategies.FactorsOf(&u, false, nil), accountFactors(&u)...)
	if a.Status == state.StatusNeedsSecond {
		r.SecondFactors = e.strategies.FactorsOf(&u, true, nil)
	}
	return r
}

// Identifiers are what people may sign in with.
func (e *API) Identifiers() []string {
	out := []string{}
	set := e.Settings()
	for _, a := range []struct{ name, setting string }{
		{"email_address", set.EmailAddress}, {"phone_number", set.PhoneNumber}, {"username", set.Username},
	} {
		if a.setting != state.AttributeOff {
			out = append(out, a.name)
		}
	}
	return out
}

type SignUpResource struct {
	Object          string             `json:"object"`
	ID              string             `json:"id"`
	Status          string             `json:"status"`
	Required        []string           `json:"required_fields"`
	Optional        []string           `json:"optional_fields"`
	Missing         []string           `json:"missing_fields"`
	Unverified      []string           `json:"unverified_fields"`
	Verifications   signUpVerification `json:"verifications"`
	Username        *string            `json:"username"`
	EmailAddress    *string            `json:"email_address"`
	PhoneNumber     *string            `json:"phone_number"`
	Wallet          *string            `json:"web3_wallet"`
	PasswordEnabled bool               `json:"password_enabled"`
	HasPassword     bool               `json:"has_password"`
	FirstName       *string            `json:"first_name"`
	LastName        *string            `json:"last_name"`
	UnsafeMetadata  json.RawMessage    `json:"unsafe_metadata"`
	PublicMetadata  json.RawMessage    `json:"public_metadata"`
	CustomAction    bool               `json:"custom_action"`
	ExternalID      *string            `json:"external_id"`
	SessionID       *string            `json:"created_session_id"`
	UserID          *string            `json:"created_user_id"`
	AbandonAt       int64              `json:"abandon_at"`
	LegalAcceptedAt *int64             `json:"legal_accepted_at"`
	Locale          *string            `json:"locale"`
	ExternalAccount any                `json:"external_account"`
}

type signUpVerification struct {
	Email    *VerificationResource `json:"email_address"`
	Phone    *VerificationResource `json:"phone_number"`
	Wallet   *VerificationResource `json:"web3_wallet"`
	External *VerificationResource `json:"external_account"`
}

func (e *API) SignUpResource(a *state.SignUpAttempt) *SignUpResource {
	r := &SignUpResource{
		Object: "sign_up_attempt", ID: a.ID, Status: a.Status,
		Username: wire.OptString(a.Fields["username"]), EmailAddress: wire.OptString(a.Fields["email_address"]),
		PhoneNumber: wire.OptString(a.Fields["phone_number"]), PasswordEnabled: a.Hash != "", HasPassword: a.Hash != "",
		FirstName: wire.OptString(a.Fields["first_name"]), LastName: wire.OptString(a.Fields["last_name"]),
		UnsafeMetadata: a.Unsafe, PublicMetadata: json.RawMessage("{}"),
		SessionID: wire.OptString(a.SessionID), UserID: wire.OptString(a.UserID), AbandonAt: wire.Millis(a.AbandonAt),
		ExternalID: wire.OptString(a.ExternalID), CustomAction: a.CustomAction,
		LegalAcceptedAt: wire.OptMillis(a.LegalAcceptedAt), Locale: wire.OptString(a.Fields["locale"]),
	}
	r.Required, r.Optional, r.Missing, r.Unverified = a.Requirements(e.Settings())
	if a.Fields["email_address"] != "" {
		r.Verifications.Email = e.signUpVerification(a.Email, e.strategies.EmailStrategies()...)
	}
	if a.Fields["phone_number"] != "" {
		r.Verifications.Phone = e.signUpVerification(a.Phone, "phone_code")
	}
	r.Verifications.External = e.VerificationResource(a.External)
	return r
}

// signUpVerification says besides what is to be done next. Before it is prepared
// its strategy is null: components take any other for a code that was sent.
func (e *API) signUpVerification(v *state.Verification, strategies ...string) *VerificationResource {
	r := e.VerificationResource(v)
	next := "needs_prepare"
	switch {
	case r == nil:
		r = &VerificationResource{Object: "verification_otp", Status: state.Unverified}
	case r.Status == state.Unverified:
		next = "needs_attempt"
	case r.Status == state.Verified:
		next = ""
	}
	r.NextAction, r.Supported = &next, strategies
	return r
}
