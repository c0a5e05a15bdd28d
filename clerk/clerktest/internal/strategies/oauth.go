package strategies

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// TakeProfile fills in what a provider said.
func TakeProfile(a *state.SignUpAttempt, p *state.Profile) {
	fields := maps.Clone(a.Fields)
	fields["email_address"] = p.Email
	for name, value := range map[string]string{"first_name": p.FirstName, "last_name": p.LastName} {
		if fields[name] == "" {
			fields[name] = value
		}
	}
	proof := state.Done("from_oauth_" + p.Provider)
	a.Fields, a.Email = fields, &proof
}

// oauthStrategy is a way through a provider: the emulator's own page, whatever
// the provider is called.
func oauthStrategy(name string) *Strategy {
	return &Strategy{
		Name: name, Object: "verification_oauth", SignUp: true,
		factors: func(u *state.User, second bool) []Factor {
			if second || !slices.ContainsFunc(u.Accounts, func(a state.ExternalAccount) bool { return "oauth_"+a.Provider == name }) {
				return nil
			}
			return []Factor{{Strategy: name}}
		},
		prepare: func(p *Proof) *refusal.Error {
			redirect, err := p.redirect("redirect_url")
			if err != nil {
				return err
			}
			complete, err := p.completeURL(redirect)
			if err != nil {
				return err
			}
			p.start(name, state.Identification{})
			l := p.Tx.PutLink(state.Link{Target: p.Target, Provider: state.ProviderOf(name), Redirect: redirect, Complete: complete})
			p.V.Token = l.Token
			p.V.External = p.E.FaceURL() + "/oauth-provider/" + state.ProviderOf(name) + "?state=" + url.QueryEscape(l.Token)
			return nil
		},
	}
}

// completeURL is where the browser goes if the provider was all that was missing,
// redirect if the application names nothing. It may be relative.
func (p *Proof) completeURL(redirect *url.URL) (*url.URL, *refusal.Error) {
	const param = "action_complete_redirect_url"
	value := p.Form.Get(param)
	if value == "" {
		return redirect, nil
	}
	if relative, err := redirect.Parse(value); err == nil && !strings.Contains(value, `\`) {
		p.Form.Set(param, relative.String())
	}
	return p.redirect(param)
}

// NewProfile describes somebody at a provider. The id there follows from the
// address, so that who comes again is known.
func NewProfile(provider, email, first, last string) *state.Profile {
	sum := sha256.Sum256([]byte(provider + " " + strings.ToLower(email)))
	return &state.Profile{Provider: provider, UserID: hex.EncodeToString(sum[:10]), Email: strings.ToLower(email), FirstName: first, LastName: last}
}

// Complete reports whether nothing is missing after a link's target was
// verified.
func Complete(tx *state.Tx, l *state.Link) bool {
	switch t := l.Target; t.Kind {
	case state.TargetSignIn:
		return tx.SignIns[t.ID].Status == state.StatusComplete
	case state.TargetSignUp:
		return tx.SignUps[t.ID].Status == state.StatusComplete
	}
	return false
}

// SettleWay ends a way through a provider. A refusal there is no error here:
// clerk-js finds it in the verification.
func SettleWay(tx *state.Tx, l *state.Link, refused bool) error {
	v := tx.Verification(l)
	if v == nil || v.State(tx.Now()) != state.Unverified {
		return refusal.BadRequest("authorization_invalid", "This way through the provider is over. Start again.")
	}
	if refused {
		v.Status = state.Failed
		v.Failure = refusal.BadRequest("oauth_access_denied", "You did not grant access to your account.")
		keepProof(tx, l, v)
		return nil
	}
	switch t := l.Target; t.Kind {
	case state.TargetSignIn:
		return returnToSignIn(tx, tx.SignIns[t.ID], v, l.Profile)
	case state.TargetSignUp:
		return returnToSignUp(tx, tx.SignUps[t.ID], v, l.Profile)
	}
	u := tx.Users[l.Target.ID]
	if owner := tx.Accounts[l.Profile.AccountKey()]; owner != "" {
		v.Status = state.Failed
		v.Failure = refusal.BadRequest("oauth_identification_claimed", "This account is already connected.")
		keepProof(tx, l, v)
		return nil
	}
	tx.Accounts[l.Profile.AccountKey()] = u.ID
	v.Status = state.Verified
	keepProof(tx, l, v)
	return nil
}

// keepProof writes the verification of an external account back, with what
// the provider said.
func keepProof(tx *state.Tx, l *state.Link, v *state.Verification) {
	u := tx.Users[l.Target.ID]
	if l.Target.Kind != state.TargetAccount || u == nil {
		return
	}
	u.Accounts = slices.Clone(u.Accounts)
	for i := range u.Accounts {
		if a := &u.Accounts[i]; a.ID == l.Target.Item {
			a.Proof, a.UpdatedAt = *v, tx.Now()
			if p := l.Profile; p != nil && v.Status == state.Verified {
				a.ProviderUserID, a.Email, a.FirstName, a.LastName = p.UserID, p.Email, p.FirstName, p.LastName
			}
		}
	}
	u.UpdatedAt = tx.Now()
}

func returnToSignIn(tx *state.Tx, a *state.SignInAttempt, v *state.Verification, p *state.Profile) error {
	a.Afar = true
	u := tx.UserOfProfile(p)
	if u == nil {
		v.Status, a.Profile = state.Transferable, p
		v.Failure = refusal.BadRequest("external_account_not_found", "The External Account was not found.")
		return nil
	}
	for id := range tx.ClientSessions(a.ClientID) {
		if rec := tx.Sessions[id]; rec.UserID == u.ID {
			v.Status = state.Failed
			v.Failure = refusal.BadRequest("identifier_already_signed_in", "You're already signed in.")
			v.Failure.Meta = map[string]any{"session_id": rec.ID}
			return nil
		}
	}
	v.Status, a.UserID, a.Identifier = state.Verified, u.ID, p.Email
	tx.AddAccount(u, p, *v)
	return tx.AdvanceSignIn(a, false)
}

func returnToSignUp(tx *state.Tx, a *state.SignUpAttempt, v *state.Verification, p *state.Profile) error {
	a.Afar = true
	a.Profile = p
	if tx.UserOfProfile(p) != nil {
		v.Status = state.Transferable
		v.Failure = refusal.BadRequest("external_account_exists", "This account already exists.")
		return nil
	}
	with := *a
	TakeProfile(&with, p)
	if err := tx.MayUse(&with); err != nil {
		v.Status = state.Failed
		errors.As(err, &v.Failure)
		return nil
	}
	v.Status = state.Verified
	TakeProfile(a, p)
	return tx.SettleSignUp(a)
}
