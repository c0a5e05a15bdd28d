package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// settings returns the settings of now, which nobody changes: they are replaced.
func (e *Emulator) settings() *state.Settings { return e.store.Set.Load() }
