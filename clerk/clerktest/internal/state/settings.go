package state

import (
	"slices"
)

// Settings are those of the dashboard: clerktest.Settings, which says more of each
// field.
type Settings struct {
	ApplicationName            string   `json:"application_name,omitempty"`
	MultiSession               bool     `json:"multi_session,omitempty"`
	SignUpMode                 string   `json:"sign_up_mode,omitempty"`
	EmailAddress               string   `json:"email_address,omitempty"`
	PhoneNumber                string   `json:"phone_number,omitempty"`
	Username                   string   `json:"username,omitempty"`
	Password                   string   `json:"password,omitempty"`
	EmailLink                  bool     `json:"email_link,omitempty"`
	OAuthProviders             []string `json:"oauth_providers,omitempty"`
	Reverification             bool     `json:"reverification,omitempty"`
	ForceOrganizationSelection bool     `json:"force_organization_selection,omitempty"`
	RequireMFA                 bool     `json:"require_mfa,omitempty"`
	OrganizationDomains        bool     `json:"organization_domains,omitempty"`
}

// What an attribute of sign-ups can be.
const (
	AttributeOff      = "off"
	AttributeOn       = "on"
	AttributeRequired = "required"
)

// Sign-up modes.
const (
	modePublic     = "public"
	modeRestricted = "restricted"
	ModeWaitlist   = "waitlist"
)

// WithDefaults fills zero values in, and reports the fields that hold what they
// cannot.
func (s Settings) WithDefaults() (_ Settings, bad []string) {
	fill := func(name string, field *string, fallback string, allowed ...string) {
		if *field == "" {
			*field = fallback
		}
		if len(allowed) > 0 && !slices.Contains(allowed, *field) {
			bad = append(bad, name)
		}
	}
	attribute := []string{AttributeOff, AttributeOn, AttributeRequired}
	fill("ApplicationName", &s.ApplicationName, "Clerk emulator")
	fill("SignUpMode", &s.SignUpMode, modePublic, modePublic, modeRestricted, ModeWaitlist)
	fill("EmailAddress", &s.EmailAddress, AttributeRequired, attribute...)
	fill("PhoneNumber", &s.PhoneNumber, AttributeOff, attribute...)
	fill("Username", &s.Username, AttributeOff, attribute...)
	fill("Password", &s.Password, AttributeRequired, attribute...)
	s.OAuthProviders = slices.Clone(s.OAuthProviders)
	for _, p := range s.OAuthProviders {
		if ProviderOf("oauth_"+p) == "" {
			bad = append(bad, "OAuthProviders")
		}
	}
	return s, bad
}
