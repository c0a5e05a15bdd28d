package state

import (
	"maps"
	"net/url"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// What a link or a provider completes.
const (
	TargetSignIn  = "sign_in"
	TargetSignUp  = "sign_up"
	TargetEmail   = "user_profile"
	TargetAccount = "external_account"
)

// LinkTarget names what a link or a provider completes.
type LinkTarget struct {
	Kind     string
	ID       string // of the sign-in or sign-up, or of the user
	ClientID string
	Item     string // the address or external account
}

// Link is what the token in an e-mail, or in the state of a provider's page,
// stands for.
type Link struct {
	Token    string
	Target   LinkTarget
	Provider string // "" for an e-mail
	Code     string // that the provider's page handed out
	Profile  *Profile
	Redirect *url.URL
	Complete *url.URL // for a provider: where to go if all is done
	ExpireAt time.Time
}

// Profile is who a provider says that somebody is.
type Profile struct {
	Provider, UserID    string
	Email               string
	FirstName, LastName string
}

func (tx *Tx) PutLink(l Link) *Link {
	if len(tx.Links) >= tx.purgeLinks {
		now := tx.Now()
		maps.DeleteFunc(tx.Links, func(_ string, l *Link) bool { return !now.Before(l.ExpireAt.Add(time.Hour)) })
		tx.purgeLinks = max(1000, 2*len(tx.Links))
	}
	l.Token = tx.IDs.Random(40)
	l.ExpireAt = tx.Now().Add(CodeLifetime)
	tx.Links[l.Token] = &l
	return &l
}

// Verification finds what a link is about, nil if it is gone or a later
// link took its place.
func (tx *Tx) Verification(l *Link) *Verification {
	var v *Verification
	switch t := l.Target; t.Kind {
	case TargetSignIn:
		if a, err := tx.SignInAttempt(t.ClientID, t.ID); err == nil {
			v = a.First
		}
	case TargetSignUp:
		if a, err := tx.SignUpAttempt(t.ClientID, t.ID); err == nil {
			v = a.Email
			if l.Provider != "" {
				v = a.External
			}
		}
	case TargetEmail:
		if u := tx.Users[t.ID]; u != nil {
			if i := FindIdentification(u.EmailList, t.Item); i != nil {
				v = CloneOf(&i.Proof)
			}
		}
	case TargetAccount:
		if u := tx.Users[t.ID]; u != nil {
			for i := range u.Accounts {
				if u.Accounts[i].ID == t.Item {
					v = CloneOf(&u.Accounts[i].Proof)
				}
			}
		}
	}
	if v == nil || v.Token != l.Token {
		return nil
	}
	return v
}

// OpenLink follows a link of an e-mail: it verifies, and goes on with what
// waited for it. The status is what clerk-js finds in __clerk_status.
func (tx *Tx) OpenLink(l *Link) (status, sessionID string, err error) {
	v := tx.Verification(l)
	if v == nil {
		return Failed, "", nil
	}
	switch v.State(tx.Now()) {
	case Gone:
		v.Status = Gone
		return Gone, "", nil
	case Unverified:
	default:
		return Failed, "", nil
	}
	v.Status = Verified
	switch t := l.Target; t.Kind {
	case TargetSignIn:
		a := tx.SignIns[t.ID]
		if err := tx.AdvanceSignIn(a, false); err != nil {
			return "", "", err
		}
		a.Afar = true
		return Verified, a.SessionID, nil
	case TargetSignUp:
		a := tx.SignUps[t.ID]
		if err := tx.SettleSignUp(a); err != nil {
			return "", "", err
		}
		a.Afar = true
		return Verified, a.SessionID, nil
	}
	return Verified, "", tx.verifyOwn(tx.Users[l.Target.ID], EmailKind, l.Target.Item)
}

// verifyOwn makes an address of a user a verified one, unless somebody
// else was quicker.
func (tx *Tx) verifyOwn(u *User, k *IdentificationKind, id string) error {
	i := FindIdentification(*k.List(u), id)
	if owner := k.Taken(tx)[i.Value]; owner != "" && owner != u.ID {
		return refusal.Taken(k.Param)
	}
	tx.ChangeIdentification(u, k, id, func(i *Identification) bool {
		i.Proof.Status = Verified
		return true
	})
	tx.OfferDomains(u)
	return nil
}
