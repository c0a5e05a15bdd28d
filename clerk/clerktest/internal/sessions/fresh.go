package sessions

import (
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// sessionAges says how fresh a session's factors are.
func (e *API) sessionAges(s *state.Session) (first, second int) {
	now := e.Now()
	return state.AgeMinutes(now, s.FirstFactorAt), state.AgeMinutes(now, s.SecondFactorAt)
}

// reverificationWindow is how fresh a factor must be for sensitive changes.
const reverificationWindow = 10 * time.Minute

// Fresh refuses a sensitive change by a session whose factors are old, where the
// settings say so.
func (e *API) Fresh(s *state.SessionState) error {
	if !e.Settings().Reverification {
		return nil
	}
	first, second := e.sessionAges(&s.Session)
	level, ages := "first_factor", []int{first}
	if s.User.HasSecondFactor() {
		level, ages = "second_factor", []int{second}
	}
	limit := int(reverificationWindow / time.Minute)
	if !slices.ContainsFunc(ages, func(age int) bool { return age < 0 || age >= limit }) {
		return nil
	}
	return &refusal.Error{
		Kind: refusal.KindNotAllowed, Code: "session_reverification_required", Message: "Reverification required",
		Long: "You need to provide additional verification to perform this operation.", Param: "",
		Meta: map[string]any{"reverification": map[string]any{"level": level, "afterMinutes": limit}},
	}
}
