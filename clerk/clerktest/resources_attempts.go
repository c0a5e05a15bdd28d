package clerktest

import (
	"encoding/json"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

type signInResource struct {
	Object        string                `json:"object"`
	ID            string                `json:"id"`
	Status        string                `json:"status"`
	Identifiers   []string              `json:"supported_identifiers"`
	FirstFactors  []factor              `json:"supported_first_factors"`
	SecondFactors []factor              `json:"supported_second_factors"`
	First         *verificationResource `json:"first_factor_verification"`
	Second        *verificationResource `json:"second_factor_verification"`
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

func (e *Emulator) signInResource(a *state.SignInAttempt) *signInResource {
	r := &signInResource{
		Object: "sign_in_attempt", ID: a.ID, Status: a.Status, Identifiers: e.identifiers(),
		First: e.verificationResource(a.First), Second: e.verificationResource(a.Second),
		Identifier: optString(a.Identifier), SessionID: optString(a.SessionID), AbandonAt: millis(a.AbandonAt),
	}
	u, err := e.store.User(a.UserID)
	if err != nil {
		return r
	}
	r.UserData = &userData{optString(u.FirstName), optString(u.LastName), e.pictureURL(u.ImageID), u.ImageID != "", e.pictureURL(u.ImageID)}
	r.FirstFactors = append(e.factorsOf(&u, false, nil), accountFactors(&u)...)
	if a.Status == state.StatusNeedsSecond {
		r.SecondFactors = e.factorsOf(&u, true, nil)
	}
	return r
}

// identifiers are what people may sign in with.
func (e *Emulator) identifiers() []string {
	out := []string{}
	set := e.settings()
	for _, a := range []struct{ name, setting string }{
		{"email_address", set.EmailAddress}, {"phone_number", set.PhoneNumber}, {"username", set.Username},
	} {
		if a.setting != state.AttributeOff {
			out = append(out, a.name)
		}
	}
	return out
}

type signUpResource struct {
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
	Email    *verificationResource `json:"email_address"`
	Phone    *verificationResource `json:"phone_number"`
	Wallet   *verificationResource `json:"web3_wallet"`
	External *verificationResource `json:"external_account"`
}

func (e *Emulator) signUpResource(a *state.SignUpAttempt) *signUpResource {
	r := &signUpResource{
		Object: "sign_up_attempt", ID: a.ID, Status: a.Status,
		Username: optString(a.Fields["username"]), EmailAddress: optString(a.Fields["email_address"]),
		PhoneNumber: optString(a.Fields["phone_number"]), PasswordEnabled: a.Hash != "", HasPassword: a.Hash != "",
		FirstName: optString(a.Fields["first_name"]), LastName: optString(a.Fields["last_name"]),
		UnsafeMetadata: a.Unsafe, PublicMetadata: json.RawMessage("{}"),
		SessionID: optString(a.SessionID), UserID: optString(a.UserID), AbandonAt: millis(a.AbandonAt),
		ExternalID: optString(a.ExternalID), CustomAction: a.CustomAction,
		LegalAcceptedAt: optMillis(a.LegalAcceptedAt), Locale: optString(a.Fields["locale"]),
	}
	r.Required, r.Optional, r.Missing, r.Unverified = a.Requirements(e.settings())
	if a.Fields["email_address"] != "" {
		r.Verifications.Email = e.signUpVerification(a.Email, e.emailStrategies()...)
	}
	if a.Fields["phone_number"] != "" {
		r.Verifications.Phone = e.signUpVerification(a.Phone, "phone_code")
	}
	r.Verifications.External = e.verificationResource(a.External)
	return r
}

// signUpVerification says besides what is to be done next. Before it is prepared
// its strategy is null: components take any other for a code that was sent.
func (e *Emulator) signUpVerification(v *state.Verification, strategies ...string) *verificationResource {
	r := e.verificationResource(v)
	next := "needs_prepare"
	switch {
	case r == nil:
		r = &verificationResource{Object: "verification_otp", Status: state.Unverified}
	case r.Status == state.Unverified:
		next = "needs_attempt"
	case r.Status == state.Verified:
		next = ""
	}
	r.NextAction, r.Supported = &next, strategies
	return r
}
