package clerk

import (
	"encoding/json"
	"strconv"
)

// Reverification is how fresh the verification of a user's factors must be:
// [StrictMFA], [Strict], [Moderate], [Lax], or a [ReverificationPolicy].
// See https://clerk.com/docs/guides/secure/reverification.
type Reverification interface {
	policy() ReverificationPolicy
	json.Marshaler
}

// FactorLevel says which factors must be fresh.
type FactorLevel string

// The levels. SecondFactor and MultiFactor fall back to the first factor for
// users who have no second one.
const (
	FirstFactor  FactorLevel = "first_factor"
	SecondFactor FactorLevel = "second_factor"
	MultiFactor  FactorLevel = "multi_factor"
)

// ReverificationPreset is one of Clerk's named policies.
type ReverificationPreset string

// The presets.
const (
	// StrictMFA requires both factors to be verified within 10 minutes.
	StrictMFA ReverificationPreset = "strict_mfa"
	// Strict requires the second factor to be verified within 10 minutes.
	Strict ReverificationPreset = "strict"
	// Moderate requires the second factor to be verified within 60 minutes.
	Moderate ReverificationPreset = "moderate"
	// Lax requires the second factor to be verified within a day.
	Lax ReverificationPreset = "lax"
)

// ReverificationPolicy is a policy of your own. One with an unknown level, or
// with AfterMinutes below 1, is never satisfied.
type ReverificationPolicy struct {
	// Level is the factor that must be fresh.
	Level FactorLevel `json:"level"`
	// AfterMinutes is the age from which a factor is no longer fresh.
	AfterMinutes int `json:"afterMinutes"`
}

func (p ReverificationPreset) policy() ReverificationPolicy {
	switch p {
	case StrictMFA:
		return ReverificationPolicy{MultiFactor, 10}
	case Strict:
		return ReverificationPolicy{SecondFactor, 10}
	case Moderate:
		return ReverificationPolicy{SecondFactor, 60}
	case Lax:
		return ReverificationPolicy{SecondFactor, 24 * 60}
	}
	return ReverificationPolicy{}
}

// MarshalJSON writes the preset's name, as front-end SDKs expect it.
func (p ReverificationPreset) MarshalJSON() ([]byte, error) { return json.Marshal(string(p)) }

func (p ReverificationPolicy) policy() ReverificationPolicy { return p }

// MarshalJSON writes the level and the minutes.
func (p ReverificationPolicy) MarshalJSON() ([]byte, error) {
	type plain ReverificationPolicy
	return json.Marshal(plain(p))
}

// String describes the policy.
func (p ReverificationPolicy) String() string {
	return string(p.Level) + " within " + strconv.Itoa(p.AfterMinutes) + " minutes"
}

// satisfied compares the policy with the ages of the two factors.
func (p ReverificationPolicy) satisfied(first, second int) bool {
	fresh := func(age int) bool { return age >= 0 && age < p.AfterMinutes }
	switch p.Level {
	case FirstFactor:
		return fresh(first)
	case SecondFactor:
		if second < 0 {
			return fresh(first)
		}
		return fresh(second)
	case MultiFactor:
		return fresh(first) && (second < 0 || fresh(second))
	}
	return false
}
