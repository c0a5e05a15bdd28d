package state

import (
	"slices"
	"strings"
)

// ProviderOf returns google for oauth_google, "" for what is no provider.
func ProviderOf(strategy string) string {
	name, ok := strings.CutPrefix(strategy, "oauth_")
	if !ok || strings.HasPrefix(name, "token_") || !ValidSlug(name) {
		return ""
	}
	return name
}

// AccountKey is how the store finds the user of a provider's account.
func (p *Profile) AccountKey() string { return p.Provider + " " + p.UserID }

// Key is the same for an account that is connected.
func (a *ExternalAccount) Key() string { return a.Provider + " " + a.ProviderUserID }

// UserOfProfile finds who has the provider's account, or else the address,
// which the provider has verified: the account is linked then.
func (tx *Tx) UserOfProfile(p *Profile) *User {
	if u := tx.Users[tx.Accounts[p.AccountKey()]]; u != nil {
		return u
	}
	return tx.Users[tx.Emails[p.Email]]
}

// AddAccount links a provider's account to a user.
func (tx *Tx) AddAccount(u *User, p *Profile, proof Verification) {
	if tx.Accounts[p.AccountKey()] != "" {
		return
	}
	at := tx.Made()
	tx.Accounts[p.AccountKey()] = u.ID
	u.Accounts = append(slices.Clone(u.Accounts), ExternalAccount{
		ID: tx.IDs.Next("eac"), IdentificationID: tx.IDs.Next("idn"), Provider: p.Provider, ProviderUserID: p.UserID,
		Email: p.Email, FirstName: p.FirstName, LastName: p.LastName, Proof: proof, Created: at, UpdatedAt: at.At,
	})
	u.UpdatedAt = at.At
}
