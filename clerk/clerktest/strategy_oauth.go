package clerktest

import (
	"crypto/sha256"
	"encoding/hex"
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
			if second || !slices.ContainsFunc(u.accounts, func(a externalAccount) bool { return "oauth_"+a.provider == name }) {
				return nil
			}
			return []factor{{Strategy: name}}
		},
		prepare: func(p *proof) *apiError {
			redirect, err := p.redirect("redirect_url")
			if err != nil {
				return err
			}
			p.start(name, identification{})
			p.v.redirect, p.v.complete = redirect.String(), p.form.Get("action_complete_redirect_url")
			l := p.s.putLinkLocked(link{target: p.target, provider: providerOf(name), redirect: redirect})
			p.v.token = l.token
			p.v.external = p.e.faceURL() + "/oauth-provider/" + providerOf(name) + "?state=" + url.QueryEscape(l.token)
			return nil
		},
	}
}

// accountKey is how the store finds the user of a provider's account.
func (p *profile) accountKey() string { return p.provider + " " + p.userID }

// newProfile describes somebody at a provider. The id there follows from the
// address, so that who comes again is known.
func newProfile(provider, email, first, last string) *profile {
	sum := sha256.Sum256([]byte(provider + " " + strings.ToLower(email)))
	return &profile{provider, hex.EncodeToString(sum[:10]), strings.ToLower(email), first, last}
}

// userOfProfileLocked finds who has the provider's account, or else the address,
// which the provider has verified: the account is linked then.
func (s *store) userOfProfileLocked(p *profile) *user {
	if u := s.users[s.accounts[p.accountKey()]]; u != nil {
		return u
	}
	return s.users[s.emails[p.email]]
}

// addAccountLocked links a provider's account to a user.
func (s *store) addAccountLocked(u *user, p *profile, proof verification) {
	if s.accounts[p.accountKey()] != "" {
		return
	}
	at := s.madeLocked()
	s.accounts[p.accountKey()] = u.ID
	u.accounts = append(slices.Clone(u.accounts), externalAccount{
		id: s.ids.next("eac"), identificationID: s.ids.next("idn"), provider: p.provider, providerUserID: p.userID,
		email: p.email, firstName: p.firstName, lastName: p.lastName, proof: proof, created: at, updatedAt: at.at,
	})
	u.updatedAt = at.at
}

// returnLocked ends a way through a provider. A refusal there is no error here:
// clerk-js finds it in the verification.
func (s *store) returnLocked(l *link, refused bool) error {
	v := s.verificationLocked(l)
	if v == nil || v.state(s.now()) != unverified {
		return errBadRequest("authorization_invalid", "This way through the provider is over. Start again.")
	}
	if refused {
		v.status = failed
		v.failure = errBadRequest("oauth_access_denied", "You did not grant access to your account.")
		s.keepProofLocked(l, v)
		return nil
	}
	switch t := l.target; t.kind {
	case targetSignIn:
		return s.returnToSignInLocked(s.signIns[t.id], v, l.profile)
	case targetSignUp:
		return s.returnToSignUpLocked(s.signUps[t.id], v, l.profile)
	}
	u := s.users[l.target.id]
	if owner := s.accounts[l.profile.accountKey()]; owner != "" {
		v.status = failed
		v.failure = errBadRequest("oauth_identification_claimed", "This account is already connected.")
		s.keepProofLocked(l, v)
		return nil
	}
	s.accounts[l.profile.accountKey()] = u.ID
	v.status = verified
	s.keepProofLocked(l, v)
	return nil
}

// keepProofLocked writes the verification of an external account back, with what
// the provider said.
func (s *store) keepProofLocked(l *link, v *verification) {
	u := s.users[l.target.id]
	if l.target.kind != targetAccount || u == nil {
		return
	}
	u.accounts = slices.Clone(u.accounts)
	for i := range u.accounts {
		if a := &u.accounts[i]; a.id == l.target.item {
			a.proof, a.updatedAt = *v, s.now()
			if p := l.profile; p != nil && v.status == verified {
				a.providerUserID, a.email, a.firstName, a.lastName = p.userID, p.email, p.firstName, p.lastName
			}
		}
	}
	u.updatedAt = s.now()
}

func (s *store) returnToSignInLocked(a *signInAttempt, v *verification, p *profile) error {
	a.afar = true
	u := s.userOfProfileLocked(p)
	if u == nil {
		v.status, a.profile = transferable, p
		v.failure = errBadRequest("external_account_not_found", "The External Account was not found.")
		return nil
	}
	for id := range s.clientSessionsLocked(a.clientID) {
		if rec := s.sessions[id]; rec.userID == u.ID {
			v.status = failed
			v.failure = errBadRequest("identifier_already_signed_in", "You're already signed in.")
			v.failure.meta = map[string]any{"session_id": rec.id}
			return nil
		}
	}
	v.status, a.userID, a.identifier = verified, u.ID, p.email
	s.addAccountLocked(u, p, *v)
	return s.advanceSignInLocked(a, false)
}

func (s *store) returnToSignUpLocked(a *signUpAttempt, v *verification, p *profile) error {
	a.afar = true
	a.profile = p
	if s.userOfProfileLocked(p) != nil {
		v.status = transferable
		v.failure = errBadRequest("external_account_exists", "This account already exists.")
		return nil
	}
	v.status = verified
	a.takeProfile(p)
	return s.settleSignUpLocked(a)
}
