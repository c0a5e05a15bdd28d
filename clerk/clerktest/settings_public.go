package clerktest

import (
	"slices"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Settings are the settings of an instance's dashboard. The zero value is like a new
// instance: sign-up with e-mail address and password, one session at a time.
type Settings struct {
	// ApplicationName is what components call the application.
	ApplicationName string `json:"application_name,omitempty"`
	// MultiSession lets a browser have several sessions at a time.
	MultiSession bool `json:"multi_session,omitempty"`
	// SignUpMode is public, restricted (by invitation) or waitlist. Empty means
	// public.
	SignUpMode string `json:"sign_up_mode,omitempty"`
	// EmailAddress says whether a sign-up has an e-mail address: off, on (may have) or
	// required. Empty means required. Users that have one can sign in with it
	// regardless of this setting; so with the next three.
	EmailAddress string `json:"email_address,omitempty"`
	// PhoneNumber is as EmailAddress. Empty means off.
	PhoneNumber string `json:"phone_number,omitempty"`
	// Username is as EmailAddress. Empty means off.
	Username string `json:"username,omitempty"`
	// Password is as EmailAddress. Empty means required.
	Password string `json:"password,omitempty"`
	// EmailLink offers links in e-mails in addition to codes, to sign in and to verify
	// addresses. Components then prefer the link.
	EmailLink bool `json:"email_link,omitempty"`
	// OAuthProviders are the providers that components offer: google, github, …. The
	// emulator acts as every provider itself, including those that are not listed here.
	// Components load the icons of known providers from the internet, but not those of
	// custom_….
	OAuthProviders []string `json:"oauth_providers,omitempty"`
	// Reverification makes sensitive changes of a user's own account ask for a
	// factor that was verified within 10 minutes.
	Reverification bool `json:"reverification,omitempty"`
	// ForceOrganizationSelection leaves a new session pending until its user has
	// chosen an organization, as instances without personal accounts do. Sessions
	// that [Emulator.SignIn] makes WithOrg have chosen.
	ForceOrganizationSelection bool `json:"force_organization_selection,omitempty"`
	// RequireMFA leaves a new session pending until its user has a second factor.
	RequireMFA bool `json:"require_mfa,omitempty"`
	// OrganizationDomains lets organizations verify domains, whose users may join.
	OrganizationDomains bool `json:"organization_domains,omitempty"`
}

// Settings returns the settings of the instance.
func (e *Emulator) Settings() Settings {
	set := Settings(*e.server.Settings())
	set.OAuthProviders = slices.Clone(set.OAuthProviders)
	return set
}

// SetSettings changes the settings of the instance while it runs, as its
// dashboard does. Zero values mean what they do in [Config]; a value that a field
// cannot have is an error, and changes nothing.
func (e *Emulator) SetSettings(set Settings) error {
	complete, bad := state.Settings(set).WithDefaults()
	if len(bad) > 0 {
		return &clerk.ConfigError{Field: "clerktest.Settings." + bad[0], Problem: "is not one of the values that it can have"}
	}
	e.server.Store.Apply(func(tx *state.Tx) { tx.ApplySettings(complete) })
	return nil
}
