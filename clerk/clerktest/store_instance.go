package clerktest

import (
	"slices"
	"time"
)

// instanceSettings are those that the Backend API changes, beside [Settings].
type instanceSettings struct {
	// Organizations.
	OrganizationsOff bool
	MaxMemberships   int // of new organizations, 0 for no limit
	AdminDelete      bool
	SlugsOff         bool
	EnrollmentModes  []string // beside manual_invitation
	// Restrictions of sign-ups.
	Allowlist                   *bool // nil: in force as soon as it has an entry
	Blocklist                   *bool
	NoListsOnSignIn             bool
	BlockEmailSubaddresses      bool
	BlockDisposableEmailDomains bool
	// What else the dashboard has.
	TestMode          *bool // nil: in development
	HIBP              bool
	SupportEmail      string
	FromEmailAddress  string // the local part
	ClerkJSVersion    string
	DevelopmentOrigin string
	ProxyURL          string // of the primary domain
	AllowedOrigins    []string
	CookielessDev     bool
	URLSyncingOff     bool
	PreferredStrategy string // password, otp or ""
	ProgressiveOff    bool
	BlockedCountries  []string
	ProtectRules      bool
	ProtectSpecter    bool
	UpdatedAt         time.Time
}

func newInstanceSettings() instanceSettings {
	return instanceSettings{
		AdminDelete: true, EnrollmentModes: []string{modeInvite, modeSuggestion},
		FromEmailAddress: "notifications", BlockedCountries: []string{}, PreferredStrategy: "password",
	}
}

// instance returns the settings.
func (s *store) instance() instanceSettings {
	return with(s, func(tx *stateTx) instanceSettings {
		return tx.Instance
	})
}

// changeInstance changes the settings, if change has no objection.
func (s *store) changeInstance(change func(*stateTx, *instanceSettings) error) (instanceSettings, error) {
	return with2(s, func(tx *stateTx) (instanceSettings, error) {
		next := tx.Instance
		if err := change(tx, &next); err != nil {
			return instanceSettings{}, err
		}
		next.UpdatedAt = tx.now()
		tx.Instance = next
		return next, nil
	})
}

// offers reports whether domains can have the enrollment mode.
func (i *instanceSettings) offers(mode string) bool {
	return mode == modeManual || slices.Contains(i.EnrollmentModes, mode)
}

// inForce reports whether a list restricts sign-ups.
func inForce(on *bool, entries int) bool {
	if on != nil {
		return *on
	}
	return entries > 0
}

// testing reports whether test addresses have the code that everybody knows.
func (tx *stateTx) testing() bool {
	if tx.Instance.TestMode != nil {
		return *tx.Instance.TestMode
	}
	return tx.testMode
}
