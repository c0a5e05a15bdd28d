package clerktest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// oauthStrategy is a way through a provider: the emulator's own page, whatever
// the provider is called.
func oauthStrategy(name string) *strategy {
	return &strategy{
		name: name, object: "verification_oauth", signUp: true,
		factors: func(u *user, second bool) []factor {
			if second || !slices.ContainsFunc(u.Accounts, func(a externalAccount) bool { return "oauth_"+a.Provider == name }) {
				return nil
			}
			return []factor{{Strategy: name}}
		},
		prepare: func(p *proof) *apiError {
			redirect, err := p.redirect("redirect_url")
			if err != nil {
				return err
			}
			complete, err := p.completeURL(redirect)
			if err != nil {
				return err
			}
			p.start(name, identification{})
			l := p.tx.putLink(link{Target: p.target, Provider: providerOf(name), Redirect: redirect, Complete: complete})
			p.v.Token = l.Token
			p.v.External = p.e.faceURL() + "/oauth-provider/" + providerOf(name) + "?state=" + url.QueryEscape(l.Token)
			return nil
		},
	}
}

// completeURL is where the browser goes if the provider was all that was missing,
// redirect if the application names nothing. It may be relative.
func (p *proof) completeURL(redirect *url.URL) (*url.URL, *apiError) {
	const param = "action_complete_redirect_url"
	value := p.form.Get(param)
	if value == "" {
		return redirect, nil
	}
	if relative, err := redirect.Parse(value); err == nil && !strings.Contains(value, `\`) {
		p.form.Set(param, relative.String())
	}
	return p.redirect(param)
}

// accountKey is how the store finds the user of a provider's account.
func (p *profile) accountKey() string { return p.Provider + " " + p.UserID }

// key is the same for an account that is connected.
func (a *externalAccount) key() string { return a.Provider + " " + a.ProviderUserID }

// newProfile describes somebody at a provider. The id there follows from the
// address, so that who comes again is known.
func newProfile(provider, email, first, last string) *profile {
	sum := sha256.Sum256([]byte(provider + " " + strings.ToLower(email)))
	return &profile{provider, hex.EncodeToString(sum[:10]), strings.ToLower(email), first, last}
}

// userOfProfile finds who has the provider's account, or else the address,
// which the provider has verified: the account is linked then.
func (tx *stateTx) userOfProfile(p *profile) *user {
	if u := tx.Users[tx.accounts[p.accountKey()]]; u != nil {
		return u
	}
	return tx.Users[tx.emails[p.Email]]
}

// addAccount links a provider's account to a user.
func (tx *stateTx) addAccount(u *user, p *profile, proof verification) {
	if tx.accounts[p.accountKey()] != "" {
		return
	}
	at := tx.made()
	tx.accounts[p.accountKey()] = u.ID
	u.Accounts = append(slices.Clone(u.Accounts), externalAccount{
		ID: tx.ids.next("eac"), IdentificationID: tx.ids.next("idn"), Provider: p.Provider, ProviderUserID: p.UserID,
		Email: p.Email, FirstName: p.FirstName, LastName: p.LastName, Proof: proof, Created: at, UpdatedAt: at.At,
	})
	u.UpdatedAt = at.At
}

// complete reports whether nothing is missing after a link's target was
// verified.
func (tx *stateTx) complete(l *link) bool {
	switch t := l.Target; t.Kind {
	case targetSignIn:
		return tx.SignIns[t.ID].Status == statusComplete
	case targetSignUp:
		return tx.SignUps[t.ID].Status == statusComplete
	}
	return false
}

// endWay ends a way through a provider. A refusal there is no error here:
// clerk-js finds it in the verification.
func (tx *stateTx) endWay(l *link, refused bool) error {
	v := tx.verification(l)
	if v == nil || v.state(tx.now()) != unverified {
		return errBadRequest("authorization_invalid", "This way through the provider is over. Start again.")
	}
	if refused {
		v.Status = failed
		v.Failure = errBadRequest("oauth_access_denied", "You did not grant access to your account.")
		tx.keepProof(l, v)
		return nil
	}
	switch t := l.Target; t.Kind {
	case targetSignIn:
		return tx.returnToSignIn(tx.SignIns[t.ID], v, l.Profile)
	case targetSignUp:
		return tx.returnToSignUp(tx.SignUps[t.ID], v, l.Profile)
	}
	u := tx.Users[l.Target.ID]
	if owner := tx.accounts[l.Profile.accountKey()]; owner != "" {
		v.Status = failed
		v.Failure = errBadRequest("oauth_identification_claimed", "This account is already connected.")
		tx.keepProof(l, v)
		return nil
	}
	tx.accounts[l.Profile.accountKey()] = u.ID
	v.Status = verified
	tx.keepProof(l, v)
	return nil
}

// keepProof writes the verification of an external account back, with what
// the provider said.
func (tx *stateTx) keepProof(l *link, v *verification) {
	u := tx.Users[l.Target.ID]
	if l.Target.Kind != targetAccount || u == nil {
		return
	}
	u.Accounts = slices.Clone(u.Accounts)
	for i := range u.Accounts {
		if a := &u.Accounts[i]; a.ID == l.Target.Item {
			a.Proof, a.UpdatedAt = *v, tx.now()
			if p := l.Profile; p != nil && v.Status == verified {
				a.ProviderUserID, a.Email, a.FirstName, a.LastName = p.UserID, p.Email, p.FirstName, p.LastName
			}
		}
	}
	u.UpdatedAt = tx.now()
}

func (tx *stateTx) returnToSignIn(a *signInAttempt, v *verification, p *profile) error {
	a.Afar = true
	u := tx.userOfProfile(p)
	if u == nil {
		v.Status, a.Profile = transferable, p
		v.Failure = errBadRequest("external_account_not_found", "The External Account was not found.")
		return nil
	}
	for id := range tx.clientSessions(a.ClientID) {
		if rec := tx.Sessions[id]; rec.UserID == u.ID {
			v.Status = failed
			v.Failure = errBadRequest("identifier_already_signed_in", "You're already signed in.")
			v.Failure.Meta = map[string]any{"session_id": rec.ID}
			return nil
		}
	}
	v.Status, a.UserID, a.Identifier = verified, u.ID, p.Email
	tx.addAccount(u, p, *v)
	return tx.advanceSignIn(a, false)
}

func (tx *stateTx) returnToSignUp(a *signUpAttempt, v *verification, p *profile) error {
	a.Afar = true
	a.Profile = p
	if tx.userOfProfile(p) != nil {
		v.Status = transferable
		v.Failure = errBadRequest("external_account_exists", "This account already exists.")
		return nil
	}
	with := *a
	with.takeProfile(p)
	if err := tx.mayUse(&with); err != nil {
		v.Status = failed
		errors.As(err, &v.Failure)
		return nil
	}
	v.Status = verified
	a.takeProfile(p)
	return tx.settleSignUp(a)
}
