package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// User describes a user to add. All fields may be empty.
type User struct {
	// ID pins the id, which must begin with user_. Empty means a new one.
	ID string `json:"id,omitempty"`
	// Email is the primary address, verified.
	Email string `json:"email_address,omitempty"`
	// Phone is the primary phone number, verified: +12015550100.
	Phone string `json:"phone_number,omitempty"`
	// Username is a further identifier to sign in with.
	Username string `json:"username,omitempty"`
	// Password lets the user sign in with it. Users without one sign in by a
	// click on the sign-in page.
	Password  string `json:"password,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	// TOTPSecret is the secret of an authenticator app, in base32: a second factor.
	TOTPSecret string `json:"totp_secret,omitempty"`
	// BackupCodes are codes that each replace the second factor once.
	BackupCodes []string `json:"backup_codes,omitempty"`
	// ExternalID is the id in the application's own tables.
	ExternalID string `json:"external_id,omitempty"`
	// The metadata of the user, JSON objects.
	PublicMetadata  map[string]any `json:"public_metadata,omitempty"`
	PrivateMetadata map[string]any `json:"private_metadata,omitempty"`
	UnsafeMetadata  map[string]any `json:"unsafe_metadata,omitempty"`
	// Plan is the slug of the user's plan and Features are those that it brings:
	// the pla and fea claims with scope u.
	Plan     string   `json:"plan,omitempty"`
	Features []string `json:"features,omitempty"`
}

// AddUser adds a user and returns it with its id. Duplicate ids, addresses and
// user names are refused.
func (e *Emulator) AddUser(u User) User {
	e.helper()
	record, err := e.server.Store.AddUser(state.UserSeed(u))
	if err != nil {
		e.fail("AddUser: %v", err)
		return u
	}
	u.ID, u.Email, u.Username = record.ID, record.Email, record.Username
	return u
}

// SignInToken makes a ticket that signs the user in, as Clerk's operation
// CreateSignInToken does: signIn.create({strategy: 'ticket', ticket}).
func (e *Emulator) SignInToken(u User) string {
	e.helper()
	if _, err := e.server.Store.User(u.ID); err != nil {
		e.fail("SignInToken: %v", err)
		return ""
	}
	t, err := e.strategies.NewTicket(state.Ticket{Kind: state.TicketSignIn, UserID: u.ID}, state.TicketLifetime)
	if err != nil {
		e.fail("SignInToken: %v", err)
	}
	return t.Token
}
