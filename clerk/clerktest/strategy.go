package clerktest

import (
	"net/url"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// strategy is one way for somebody to prove who they are. Signing in, the second
// factor, signing up, verifying an address and reverification all draw on the
// same table; a further strategy is one more file and one more row.
type strategy struct {
	name   string
	object string // of its verification in answers
	// factors lists what of a user it works with, as first or second factor.
	factors func(u *state.User, second bool) []factor
	// For what it may be used besides.
	signUp   bool // to verify an address while signing up
	reverify bool // in reverification
	resets   bool // a sign-in by it goes on to a new password
	// enabled is whether the instance's settings have it; nil for what all have.
	enabled func(*state.Settings) bool
	// prepare starts a verification in p.v: it sends a code or link, or makes the
	// way to a provider. nil where there is nothing to prepare.
	prepare func(p *proof) *refusal.Error
	// attempt checks what came; nil where only a link or a provider can.
	attempt func(p *proof) *refusal.Error
}

// factor is an entry of supported_first_factors and supported_second_factors.
type factor struct {
	Strategy string  `json:"strategy"`
	EmailID  *string `json:"email_address_id,omitempty"`
	PhoneID  *string `json:"phone_number_id,omitempty"`
	Safe     *string `json:"safe_identifier,omitempty"`
	Primary  *bool   `json:"primary,omitempty"`
	Default  *bool   `json:"default,omitempty"`
}

// strategies is the table. Providers have no rows: see strategyOf.
func strategies() []*strategy {
	return []*strategy{
		passwordStrategy, emailCodeStrategy, emailLinkStrategy, phoneCodeStrategy,
		resetEmailStrategy, resetPhoneStrategy, totpStrategy, backupCodeStrategy, ticketStrategy,
	}
}

// strategyOf finds a strategy by its name, nil if there is none.
func strategyOf(name string) *strategy {
	if state.ProviderOf(name) != "" {
		return oauthStrategy(name)
	}
	for _, s := range strategies() {
		if s.name == name {
			return s
		}
	}
	return nil
}

// proof is one use of a strategy, within a transaction.
type proof struct {
	e       *Emulator
	tx      *state.Tx
	user    *state.User // nil while signing up
	form    url.Values
	v       *state.Verification // what prepare starts and attempt settles
	purpose string              // sign_in, sign_up, user_profile: the ending of templates' names
	first   string              // the identifier that somebody typed, chosen where no id is named
	emails  []state.Identification
	phones  []state.Identification
	target  state.LinkTarget // what a link or provider completes
}

// now is the emulator's time.
func (p *proof) now() time.Time { return p.tx.Now() }

// start begins a verification that expires.
func (p *proof) start(strategy string, i state.Identification) {
	*p.v = state.Verification{Strategy: strategy, Status: state.Unverified, ID: i.ID, Address: i.Value, ExpireAt: p.now().Add(state.CodeLifetime)}
}

// pick finds the address that the form names in a parameter, or that the user
// typed, or the first.
func (p *proof) pick(list []state.Identification, param string) (state.Identification, *refusal.Error) {
	id := p.form.Get(param)
	for _, i := range list {
		if i.ID == id && id != "" {
			return i, nil
		}
	}
	if id != "" {
		return state.Identification{}, refusal.Param(param, "form_param_value_invalid", param+" "+refusal.Quoted(id)+" is none that can be used here")
	}
	for _, i := range list {
		if i.Value == p.first {
			return i, nil
		}
	}
	if len(list) == 0 {
		return state.Identification{}, refusal.StrategyForUser()
	}
	return list[0], nil
}

// prepare runs a strategy's first half by the name in the form.
func (p *proof) prepare(allowed func(*strategy) bool) (*strategy, *refusal.Error) {
	s, err := p.strategy(allowed)
	if err != nil {
		return nil, err
	}
	if s.prepare == nil {
		return nil, refusal.Param("strategy", "form_param_value_invalid", s.name+" needs no preparation")
	}
	return s, s.prepare(p)
}

// attempt runs a strategy's second half by the name in the form.
func (p *proof) attempt(allowed func(*strategy) bool) (*strategy, *refusal.Error) {
	s, err := p.strategy(allowed)
	if err != nil {
		return nil, err
	}
	if s.attempt == nil {
		return nil, refusal.Param("strategy", "form_param_value_invalid", s.name+" cannot be attempted here")
	}
	if s.prepare != nil && p.v.Strategy != s.name {
		return nil, refusal.NoVerification()
	}
	return s, s.attempt(p)
}

func (p *proof) strategy(allowed func(*strategy) bool) (*strategy, *refusal.Error) {
	name := p.form.Get("strategy")
	if name == "" {
		return nil, refusal.Missing("strategy")
	}
	s := strategyOf(name)
	switch {
	case s == nil:
		return nil, refusal.Param("strategy", "form_param_value_invalid", refusal.Quoted(name)+" is not a strategy that the emulator has")
	case !s.on(&p.tx.Settings) || !allowed(s):
		return nil, refusal.StrategyForUser()
	}
	return s, nil
}

// asFactor allows the strategies that a user has as first or second factor.
func asFactor(u *state.User, second bool) func(*strategy) bool {
	return func(s *strategy) bool {
		return s.factors != nil && (len(s.factors(u, second)) > 0 || !second && state.ProviderOf(s.name) != "")
	}
}

func (s *strategy) on(set *state.Settings) bool { return s.enabled == nil || s.enabled(set) }

// factorsOf lists all that a user has.
func (e *Emulator) factorsOf(u *state.User, second bool, keep func(*strategy) bool) []factor {
	out := []factor{}
	for _, s := range strategies() {
		if s.factors != nil && s.on(e.settings()) && (keep == nil || keep(s)) {
			out = append(out, s.factors(u, second)...)
		}
	}
	return out
}
