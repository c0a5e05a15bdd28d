package clerktest

import (
	"maps"
	"net/url"
	"time"
)

// What a link or a provider completes.
const (
	targetSignIn  = "sign_in"
	targetSignUp  = "sign_up"
	targetEmail   = "user_profile"
	targetAccount = "external_account"
)

// linkTarget names what a link or a provider completes.
type linkTarget struct {
	Kind     string
	ID       string // of the sign-in or sign-up, or of the user
	ClientID string
	Item     string // the address or external account
}

// link is what the token in an e-mail, or in the state of a provider's page,
// stands for.
type link struct {
	Token    string
	Target   linkTarget
	Provider string // "" for an e-mail
	Code     string // that the provider's page handed out
	Profile  *profile
	Redirect *url.URL
	Complete *url.URL // for a provider: where to go if all is done
	ExpireAt time.Time
}

// profile is who a provider says that somebody is.
type profile struct {
	Provider, UserID    string
	Email               string
	FirstName, LastName string
}

func (tx *stateTx) putLink(l link) *link {
	if len(tx.Links) >= tx.purgeLinks {
		now := tx.now()
		maps.DeleteFunc(tx.Links, func(_ string, l *link) bool { return !now.Before(l.ExpireAt.Add(time.Hour)) })
		tx.purgeLinks = max(1000, 2*len(tx.Links))
	}
	l.Token = tx.ids.random(40)
	l.ExpireAt = tx.now().Add(codeLifetime)
	tx.Links[l.Token] = &l
	return &l
}

// verification finds what a link is about, nil if it is gone or a later
// link took its place.
func (tx *stateTx) verification(l *link) *verification {
	var v *verification
	switch t := l.Target; t.Kind {
	case targetSignIn:
		if a, err := tx.signInAttempt(t.ClientID, t.ID); err == nil {
			v = a.First
		}
	case targetSignUp:
		if a, err := tx.signUpAttempt(t.ClientID, t.ID); err == nil {
			v = a.Email
			if l.Provider != "" {
				v = a.External
			}
		}
	case targetEmail:
		if u := tx.Users[t.ID]; u != nil {
			if i := findIdentification(u.EmailList, t.Item); i != nil {
				v = cloneOf(&i.Proof)
			}
		}
	case targetAccount:
		if u := tx.Users[t.ID]; u != nil {
			for i := range u.Accounts {
				if u.Accounts[i].ID == t.Item {
					v = cloneOf(&u.Accounts[i].Proof)
				}
			}
		}
	}
	if v == nil || v.Token != l.Token {
		return nil
	}
	return v
}

// openLink follows a link of an e-mail: it verifies, and goes on with what
// waited for it. The status is what clerk-js finds in __clerk_status.
func (tx *stateTx) openLink(l *link) (status, sessionID string, err error) {
	v := tx.verification(l)
	if v == nil {
		return failed, "", nil
	}
	switch v.state(tx.now()) {
	case gone:
		v.Status = gone
		return gone, "", nil
	case unverified:
	default:
		return failed, "", nil
	}
	v.Status = verified
	switch t := l.Target; t.Kind {
	case targetSignIn:
		a := tx.SignIns[t.ID]
		if err := tx.advanceSignIn(a, false); err != nil {
			return "", "", err
		}
		a.Afar = true
		return verified, a.SessionID, nil
	case targetSignUp:
		a := tx.SignUps[t.ID]
		if err := tx.settleSignUp(a); err != nil {
			return "", "", err
		}
		a.Afar = true
		return verified, a.SessionID, nil
	}
	return verified, "", tx.verifyOwn(tx.Users[l.Target.ID], emailKind, l.Target.Item)
}

// verifyOwn makes an address of a user a verified one, unless somebody
// else was quicker.
func (tx *stateTx) verifyOwn(u *user, k *identificationKind, id string) error {
	i := findIdentification(*k.list(u), id)
	if owner := k.taken(tx)[i.Value]; owner != "" && owner != u.ID {
		return errTaken(k.param)
	}
	tx.changeIdentification(u, k, id, func(i *identification) bool {
		i.Proof.Status = verified
		return true
	})
	tx.offerDomains(u)
	return nil
}
