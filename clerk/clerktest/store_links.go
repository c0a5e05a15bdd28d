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
	kind     string
	id       string // of the sign-in or sign-up, or of the user
	clientID string
	item     string // the address or external account
}

// link is what the token in an e-mail, or in the state of a provider's page,
// stands for.
type link struct {
	token    string
	target   linkTarget
	provider string // "" for an e-mail
	code     string // that the provider's page handed out
	profile  *profile
	redirect *url.URL
	expireAt time.Time
}

// profile is who a provider says that somebody is.
type profile struct {
	provider, userID    string
	email               string
	firstName, lastName string
}

func (s *store) putLinkLocked(l link) *link {
	if len(s.links) >= s.purgeLinks {
		now := s.now()
		maps.DeleteFunc(s.links, func(_ string, l *link) bool { return !now.Before(l.expireAt.Add(time.Hour)) })
		s.purgeLinks = max(1000, 2*len(s.links))
	}
	l.token = s.ids.random(40)
	l.expireAt = s.now().Add(codeLifetime)
	s.links[l.token] = &l
	return &l
}

// verificationLocked finds what a link is about, nil if it is gone or a later
// link took its place.
func (s *store) verificationLocked(l *link) *verification {
	var v *verification
	switch t := l.target; t.kind {
	case targetSignIn:
		if a, err := s.signInAttemptLocked(t.clientID, t.id); err == nil {
			v = a.first
		}
	case targetSignUp:
		if a, err := s.signUpAttemptLocked(t.clientID, t.id); err == nil {
			v = a.email
			if l.provider != "" {
				v = a.external
			}
		}
	case targetEmail:
		if u := s.users[t.id]; u != nil {
			if i := findIdentification(u.emailList, t.item); i != nil {
				v = cloneOf(&i.proof)
			}
		}
	case targetAccount:
		if u := s.users[t.id]; u != nil {
			for i := range u.accounts {
				if u.accounts[i].id == t.item {
					v = cloneOf(&u.accounts[i].proof)
				}
			}
		}
	}
	if v == nil || v.token != l.token {
		return nil
	}
	return v
}

// openLinkLocked follows a link of an e-mail: it verifies, and goes on with what
// waited for it. The status is what clerk-js finds in __clerk_status.
func (s *store) openLinkLocked(l *link) (status, sessionID string, err error) {
	v := s.verificationLocked(l)
	if v == nil {
		return failed, "", nil
	}
	switch v.state(s.now()) {
	case gone:
		v.status = gone
		return gone, "", nil
	case unverified:
	default:
		return failed, "", nil
	}
	v.status = verified
	switch t := l.target; t.kind {
	case targetSignIn:
		a := s.signIns[t.id]
		if err := s.advanceSignInLocked(a, false); err != nil {
			return "", "", err
		}
		a.afar = true
		return verified, a.sessionID, nil
	case targetSignUp:
		a := s.signUps[t.id]
		if err := s.settleSignUpLocked(a); err != nil {
			return "", "", err
		}
		a.afar = true
		return verified, a.sessionID, nil
	}
	return verified, "", s.verifyOwnLocked(s.users[l.target.id], emailKind, l.target.item)
}

// verifyOwnLocked makes an address of a user a verified one, unless somebody
// else was quicker.
func (s *store) verifyOwnLocked(u *user, k *identificationKind, id string) error {
	i := findIdentification(*k.list(u), id)
	if owner := k.taken(s)[i.value]; owner != "" && owner != u.ID {
		return errTaken(k.param)
	}
	s.changeIdentificationLocked(u, k, id, func(i *identification) bool {
		i.proof.status = verified
		return true
	})
	s.offerDomainsLocked(u)
	return nil
}
