package clerktest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// strategy is one way for somebody to prove who they are. Signing in, the second
// factor, signing up, verifying an address and reverification all draw on the
// same table; a further strategy is one more file and one more row.
type strategy struct {
	name   string
	object string // of its verification in answers
	// factors lists what of a user it works with, as first or second factor.
	factors func(u *user, second bool) []factor
	// For what it may be used besides.
	signUp   bool // to verify an address while signing up
	reverify bool // in reverification
	resets   bool // a sign-in by it goes on to a new password
	// enabled is whether the instance's settings have it; nil for what all have.
	enabled func(*Settings) bool
	// prepare starts a verification in p.v: it sends a code or link, or makes the
	// way to a provider. nil where there is nothing to prepare.
	prepare func(p *proof) *apiError
	// attempt checks what came; nil where only a link or a provider can.
	attempt func(p *proof) *apiError
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
	if providerOf(name) != "" {
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
	tx      *stateTx
	user    *user // nil while signing up
	form    url.Values
	v       *verification // what prepare starts and attempt settles
	purpose string        // sign_in, sign_up, user_profile: the ending of templates' names
	first   string        // the identifier that somebody typed, chosen where no id is named
	emails  []identification
	phones  []identification
	target  linkTarget // what a link or provider completes
}

// now is the emulator's time.
func (p *proof) now() time.Time { return p.tx.now() }

// start begins a verification that expires.
func (p *proof) start(strategy string, i identification) {
	*p.v = verification{Strategy: strategy, Status: unverified, ID: i.ID, Address: i.Value, ExpireAt: p.now().Add(codeLifetime)}
}

// pick finds the address that the form names in a parameter, or that the user
// typed, or the first.
func (p *proof) pick(list []identification, param string) (identification, *apiError) {
	id := p.form.Get(param)
	for _, i := range list {
		if i.ID == id && id != "" {
			return i, nil
		}
	}
	if id != "" {
		return identification{}, errParam(param, "form_param_value_invalid", param+" "+quoted(id)+" is none that can be used here")
	}
	for _, i := range list {
		if i.Value == p.first {
			return i, nil
		}
	}
	if len(list) == 0 {
		return identification{}, errStrategyForUser()
	}
	return list[0], nil
}

// prepare runs a strategy's first half by the name in the form.
func (p *proof) prepare(allowed func(*strategy) bool) (*strategy, *apiError) {
	s, err := p.strategy(allowed)
	if err != nil {
		return nil, err
	}
	if s.prepare == nil {
		return nil, errParam("strategy", "form_param_value_invalid", s.name+" needs no preparation")
	}
	return s, s.prepare(p)
}

// attempt runs a strategy's second half by the name in the form.
func (p *proof) attempt(allowed func(*strategy) bool) (*strategy, *apiError) {
	s, err := p.strategy(allowed)
	if err != nil {
		return nil, err
	}
	if s.attempt == nil {
		return nil, errParam("strategy", "form_param_value_invalid", s.name+" cannot be attempted here")
	}
	if s.prepare != nil && p.v.Strategy != s.name {
		return nil, errNoVerification()
	}
	return s, s.attempt(p)
}

func (p *proof) strategy(allowed func(*strategy) bool) (*strategy, *apiError) {
	name := p.form.Get("strategy")
	if name == "" {
		return nil, errMissing("strategy")
	}
	s := strategyOf(name)
	switch {
	case s == nil:
		return nil, errParam("strategy", "form_param_value_invalid", quoted(name)+" is not a strategy that the emulator has")
	case !s.on(&p.tx.Settings) || !allowed(s):
		return nil, errStrategyForUser()
	}
	return s, nil
}

// asFactor allows the strategies that a user has as first or second factor.
func asFactor(u *user, second bool) func(*strategy) bool {
	return func(s *strategy) bool {
		return s.factors != nil && (len(s.factors(u, second)) > 0 || !second && providerOf(s.name) != "")
	}
}

func (s *strategy) on(set *Settings) bool { return s.enabled == nil || s.enabled(set) }

// factorsOf lists all that a user has.
func (e *Emulator) factorsOf(u *user, second bool, keep func(*strategy) bool) []factor {
	out := []factor{}
	for _, s := range strategies() {
		if s.factors != nil && s.on(e.settings()) && (keep == nil || keep(s)) {
			out = append(out, s.factors(u, second)...)
		}
	}
	return out
}

func (u *user) hasSecondFactor() bool {
	return u.TOTP != nil && u.TOTP.Verified ||
		slices.ContainsFunc(u.PhoneList, func(i identification) bool { return i.SecondFactor && i.verified() })
}

func errMissing(param string) *apiError {
	return errParam(param, "form_param_missing", param+" must be included.")
}

func errStrategyForUser() *apiError {
	return &apiError{
		http.StatusUnprocessableEntity, "strategy_for_user_invalid", "Invalid verification strategy",
		"The verification strategy is not valid for this account", "strategy", nil,
	}
}

// providerOf returns google for oauth_google, "" for what is no provider.
func providerOf(strategy string) string {
	name, ok := strings.CutPrefix(strategy, "oauth_")
	if !ok || strings.HasPrefix(name, "token_") || !validSlug(name) {
		return ""
	}
	return name
}
