package clerktest

import (
	"slices"

	"github.com/clerkkit/clerkkit/clerk"
)

// Settings are those that an instance's dashboard has. The zero value is like a
// new instance: sign-up with e-mail address and password, one session at a time.
type Settings struct {
	// ApplicationName is what components call the application.
	ApplicationName string `json:"application_name,omitempty"`
	// MultiSession lets a browser have several sessions at a time.
	MultiSession bool `json:"multi_session,omitempty"`
	// SignUpMode is public, restricted (by invitation) or waitlist. Empty means
	// public.
	SignUpMode string `json:"sign_up_mode,omitempty"`
	// EmailAddress says whether a sign-up has an e-mail address: off, on (may have)
	// or required. Empty means required. Users that have one sign in by it whatever
	// stands here, and so with the next three.
	EmailAddress string `json:"email_address,omitempty"`
	// PhoneNumber is as EmailAddress. Empty means off.
	PhoneNumber string `json:"phone_number,omitempty"`
	// Username is as EmailAddress. Empty means off.
	Username string `json:"username,omitempty"`
	// Password is as EmailAddress. Empty means required.
	Password string `json:"password,omitempty"`
	// EmailLink offers links in e-mails beside codes, to sign in by and to verify
	// addresses. Components then prefer the link.
	EmailLink bool `json:"email_link,omitempty"`
	// OAuthProviders are the providers that components offer: google, github, ….
	// The emulator plays all providers itself, also those that are not named here.
	// Components load the pictures of known ones from the internet; not those of
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

// What an attribute of sign-ups can be.
const (
	attributeOff      = "off"
	attributeOn       = "on"
	attributeRequired = "required"
)

// Sign-up modes.
const (
	modePublic     = "public"
	modeRestricted = "restricted"
	modeWaitlist   = "waitlist"
)

// withDefaults fills zero values in, and reports the fields that hold what they
// cannot.
func (s Settings) withDefaults() (_ Settings, bad []string) {
	fill := func(name string, field *string, fallback string, allowed ...string) {
		if *field == "" {
			*field = fallback
		}
		if len(allowed) > 0 && !slices.Contains(allowed, *field) {
			bad = append(bad, name)
		}
	}
	attribute := []string{attributeOff, attributeOn, attributeRequired}
	fill("ApplicationName", &s.ApplicationName, "Clerk emulator")
	fill("SignUpMode", &s.SignUpMode, modePublic, modePublic, modeRestricted, modeWaitlist)
	fill("EmailAddress", &s.EmailAddress, attributeRequired, attribute...)
	fill("PhoneNumber", &s.PhoneNumber, attributeOff, attribute...)
	fill("Username", &s.Username, attributeOff, attribute...)
	fill("Password", &s.Password, attributeRequired, attribute...)
	s.OAuthProviders = slices.Clone(s.OAuthProviders)
	for _, p := range s.OAuthProviders {
		if providerOf("oauth_"+p) == "" {
			bad = append(bad, "OAuthProviders")
		}
	}
	return s, bad
}

// applySettings gives the store what it needs of the configuration.
func (s *store) applySettings(cfg *Config) {
	s.Apply(func(tx *stateTx) {
		tx.testMode = cfg.Instance == clerk.Development
		tx.Settings = cfg.Settings
		tx.set.Store(&cfg.Settings)
	})
}

// settings returns the settings of now, which nobody changes: they are replaced.
func (e *Emulator) settings() *Settings { return e.store.set.Load() }

// Settings returns the settings of the instance.
func (e *Emulator) Settings() Settings {
	set := *e.settings()
	set.OAuthProviders = slices.Clone(set.OAuthProviders)
	return set
}

// SetSettings changes the settings of the instance while it runs, as its
// dashboard does. Zero values mean what they do in [Config]; a value that a field
// cannot have is an error, and changes nothing.
func (e *Emulator) SetSettings(set Settings) error {
	set, bad := set.withDefaults()
	if len(bad) > 0 {
		return &clerk.ConfigError{Field: "clerktest.Settings." + bad[0], Problem: "is not one of the values that it can have"}
	}
	return e.store.Update(func(tx *stateTx) error {
		tx.Settings = set
		tx.set.Store(&set)
		return nil
	})
}
