package state

import (
	"regexp"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// ListedIdentifier is an entry of the allowlist or of the blocklist: an e-mail
// address, a domain of such (*@example.com), a phone number or a wallet.
type ListedIdentifier struct {
	ID, Identifier, Type string
	InvitationID         string // that told somebody of it
	Created              Made
	UpdatedAt            time.Time
}

var walletAddress = regexp.MustCompile(`^0x[0-9a-f]{40}$`)

// IdentifierType normalizes what a list is to hold, and says what it is; "" if it
// is nothing that a list holds. Domains are written *@example.com, @example.com or
// example.com.
func IdentifierType(text string) (identifier, kind string) {
	text = strings.ToLower(strings.TrimSpace(text))
	domain := strings.TrimPrefix(strings.TrimPrefix(text, "*"), "@")
	switch {
	case validPhone(PhoneKind.Normalize(text)):
		return PhoneKind.Normalize(text), "phone_number"
	case walletAddress.MatchString(text):
		return text, "web3_wallet"
	case !strings.Contains(domain, "@") && strings.Contains(domain, ".") && ValidEmail("x@"+domain):
		return "*@" + domain, "email_address"
	case ValidEmail(text):
		return text, "email_address"
	}
	return "", ""
}

// lists reports whether an entry is about an address or number. A subaddress is
// covered by a blocked address, and not by an allowed one.
func (l *ListedIdentifier) lists(value string, subaddresses bool) bool {
	if value == l.Identifier {
		return true
	}
	local, domain, isMail := strings.Cut(value, "@")
	if !isMail || l.Type != "email_address" {
		return false
	}
	plain, _, _ := strings.Cut(local, "+")
	return l.Identifier == "*@"+domain || subaddresses && l.Identifier == plain+"@"+domain
}

func onList(table map[string]*ListedIdentifier, value string, subaddresses bool) bool {
	for _, l := range table {
		if l.lists(value, subaddresses) {
			return true
		}
	}
	return false
}

// isSubaddress tells addresses that people make up to be somebody else.
func isSubaddress(email string) bool {
	local, _, _ := strings.Cut(email, "@")
	return strings.ContainsAny(local, "+=#")
}

// MayUse refuses sign-ups with an address or number that the instance's
// lists keep out. A list is in force as soon as it has an entry, unless the
// instance says otherwise. The allowlist
// goes before the blocklist, and counts only where everybody may sign up
// (https://clerk.com/docs/guides/secure/restricting-access).
func (tx *Tx) MayUse(a *SignUpAttempt) error {
	if a.InvitationID != "" {
		return nil
	}
	for _, param := range []string{"email_address", "phone_number"} {
		value := a.Fields[param]
		if value == "" {
			continue
		}
		if param == "email_address" && tx.Instance.BlockEmailSubaddresses && isSubaddress(value) && !isTestAddress(value) {
			return refusal.Param(param, "form_email_address_blocked", "E-mail addresses with +, = or # are not allowed.")
		}
		allowing := InForce(tx.Instance.Allowlist, len(tx.Allowlist)) && tx.Settings.SignUpMode == modePublic
		allowed := allowing && onList(tx.Allowlist, value, false)
		blocking := InForce(tx.Instance.Blocklist, len(tx.Blocklist))
		if allowing && !allowed || !allowed && blocking && onList(tx.Blocklist, value, true) {
			return &refusal.Error{
				Kind: refusal.KindNotAllowed, Code: "not_allowed_access", Message: "Access not allowed.", Long: value + " is not allowed to access this application.", Param: "",
				Meta: map[string]any{"identifiers": []string{value}},
			}
		}
	}
	return nil
}
