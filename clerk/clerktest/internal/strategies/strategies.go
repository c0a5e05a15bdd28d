package strategies

import (
	"net/url"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Strategy is one way for somebody to prove who they are. Signing in, the second
// factor, signing up, verifying an address and reverification all draw on the
// same table; a further strategy is one more file and one more row.
type Strategy struct {
	Name   string
	Object string // of its verification in answers
	// factors lists what of a user it works with, as first or second factor.
	factors func(u *state.User, second bool) []Factor
	// For what it may be used besides.
	SignUp   bool // to verify an address while signing up
	Reverify bool // in reverification
	Resets   bool // a sign-in by it goes on to a new password
	// enabled is whether the instance's settings have it; nil for what all have.
	enabled func(*state.Settings) bool
	// prepare starts a verification in p.v: it sends a code or link, or makes the
	// way to a provider. nil where there is nothing to prepare.
	prepare func(p *Proof) *refusal.Error
	// attempt checks what came; nil where only a link or a provider can.
	attempt func(p *Proof) *refusal.Error
}

// Factor is an entry of supported_first_factors and supported_second_factors.
type Factor struct {
	Strategy string  `json:"strategy"`
	EmailID  *string `json:"email_address_id,omitempty"`
	PhoneID  *string `json:"phone_number_id,omitempty"`
	Safe     *string `json:"safe_identifier,omitempty"`
	Primary  *bool   `json:"primary,omitempty"`
	Default  *bool   `json:"default,omitempty"`
}

// strategies is the table. Providers have no rows: see StrategyOf.
func strategies() []*Strategy {
	return []*Strategy{
		PasswordStrategy, EmailCodeStrategy, EmailLinkStrategy, PhoneCodeStrategy,
		resetEmailStrategy, resetPhoneStrategy, totpStrategy, backupCodeStrategy, TicketStrategy,
	}
}

// StrategyOf finds a strategy by its name, nil if there is none.
func StrategyOf(name string) *Strategy {
	if state.ProviderOf(name) != "" {
		return oauthStrategy(name)
	}
	for _, s := range strategies() {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Proof is one use of a strategy, within a transaction.
type Proof struct {
	E       *API
	Tx      *state.Tx
	User    *state.User // nil while signing up
	Form    url.Values
	V       *state.Verification // what prepare starts and attempt settles
	Purpose string              // sign_in, sign_up, user_profile: the ending of templates' names
	First   string              // the identifier that somebody typed, chosen where no id is named
	Emails  []state.Identification
	Phones  []state.Identification
	Target  state.LinkTarget // what a link or provider completes
}

// now is the emulator's time.
func (p *Proof) now() time.Time { return p.Tx.Now() }

// start begins a verification that expires.
func (p *Proof) start(strategy string, i state.Identification) {
	*p.V = state.Verification{Strategy: strategy, Status: state.Unverified, ID: i.ID, Address: i.Value, ExpireAt: p.now().Add(state.CodeLifetime)}
}

// pick finds the address that the form names in a parameter, or that the user
// typed, or the first.
func (p *Proof) pick(list []state.Identification, param string) (state.Identification, *refusal.Error) {
	id := p.Form.Get(param)
	for _, i := range list {
		if i.ID == id && id != "" {
			return i, nil
		}
	}
	if id != "" {
		return state.Identification{}, refusal.Param(param, "form_param_value_invalid", param+" "+refusal.Quoted(id)+" is none that can be used here")
	}
	for _, i := range list {
		if i.Value == p.First {
			return i, nil
		}
	}
	if len(list) == 0 {
		return state.Identification{}, refusal.StrategyForUser()
	}
	return list[0], nil
}

// Prepare runs a strategy's first half by the name in the form.
func (p *Proof) Prepare(allowed func(*Strategy) bool) (*Strategy, *refusal.Error) {
	s, err := p.strategy(allowed)
	if err != nil {
		return nil, err
	}
	if s.prepare == nil {
		return nil, refusal.Param("strategy", "form_param_value_invalid", s.Name+" needs no preparation")
	}
	return s, s.prepare(p)
}

// Attempt runs a strategy's second half by the name in the form.
func (p *Proof) Attempt(allowed func(*Strategy) bool) (*Strategy, *refusal.Error) {
	s, err := p.strategy(allowed)
	if err != nil {
		return nil, err
	}
	if s.attempt == nil {
		return nil, refusal.Param("strategy", "form_param_value_invalid", s.Name+" cannot be attempted here")
	}
	if s.prepare != nil && p.V.Strategy != s.Name {
		return nil, refusal.NoVerification()
	}
	return s, s.attempt(p)
}

func (p *Proof) strategy(allowed func(*Strategy) bool) (*Strategy, *refusal.Error) {
	name := p.Form.Get("strategy")
	if name == "" {
		return nil, refusal.Missing("strategy")
	}
	s := StrategyOf(name)
	switch {
	case s == nil:
		return nil, refusal.Param("strategy", "form_param_value_invalid", refusal.Quoted(name)+" is not a strategy that the emulator has")
	case !s.on(&p.Tx.Settings) || !allowed(s):
		return nil, refusal.StrategyForUser()
	}
	return s, nil
}

// AsFactor allows the strategies that a user has as first or second factor.
func AsFactor(u *state.User, second bool) func(*Strategy) bool {
	return func(s *Strategy) bool {
		return s.factors != nil && (len(s.factors(u, second)) > 0 || !second && state.ProviderOf(s.Name) != "")
	}
}

func (s *Strategy) on(set *state.Settings) bool { return s.enabled == nil || s.enabled(set) }

// FactorsOf lists all that a user has.
func (e *API) FactorsOf(u *state.User, second bool, keep func(*Strategy) bool) []Factor {
	out := []Factor{}
	for _, s := range strategies() {
		if s.factors != nil && s.on(e.Settings()) && (keep == nil || keep(s)) {
			out = append(out, s.factors(u, second)...)
		}
	}
	return out
}
