package state

import (
	"slices"
	"time"
)

// InstanceSettings are those that the Backend API changes, beside [Settings].
type InstanceSettings struct {
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

func newInstanceSettings() InstanceSettings {
	return InstanceSettings{
		AdminDelete: true, EnrollmentModes: []string{modeInvite, modeSuggestion},
		FromEmailAddress: "notifications", BlockedCountries: []string{}, PreferredStrategy: "password",
	}
}

// Instance returns the settings.
func (s *Store) Instance() InstanceSettings {
	return With(s, func(tx *Tx) InstanceSettings {
		return tx.Instance
	})
}

// ChangeInstance changes the settings, if change has no objection.
func (s *Store) ChangeInstance(change func(*Tx, *InstanceSettings) error) (InstanceSettings, error) {
	return With2(s, func(tx *Tx) (InstanceSettings, error) {
		next := tx.Instance
		if err := change(tx, &next); err != nil {
			return InstanceSettings{}, err
		}
		next.UpdatedAt = tx.Now()
		tx.Instance = next
		return next, nil
	})
}

// offers reports whether domains can have the enrollment mode.
func (i *InstanceSettings) offers(mode string) bool {
	return mode == ModeManual || slices.Contains(i.EnrollmentModes, mode)
}

// InForce reports whether a list restricts sign-ups.
func InForce(on *bool, entries int) bool {
	if on != nil {
		return *on
	}
	return entries > 0
}

// Testing reports whether test addresses have the code that everybody knows.
func (tx *Tx) Testing() bool {
	if tx.Instance.TestMode != nil {
		return *tx.Instance.TestMode
	}
	return tx.testMode
}
