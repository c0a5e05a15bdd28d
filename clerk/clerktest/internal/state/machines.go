package state

import (
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Limits of machines (schemas of CreateMachine and RotateMachineSecretKey).
const (
	DefaultMachineTTL = 3600      // seconds
	maxMachineTTL     = 315360000 // seconds
	maxMachineScopes  = 150
	MaxPreviousSecret = 28800 // seconds
	maxMachineName    = 255
)

// Machine is a service of the application that gets M2M tokens.
type Machine struct {
	ID, Name        string
	DefaultTokenTTL int64 // seconds
	Secret          string
	PreviousSecret  string // good until PreviousUntil, after a rotation
	PreviousUntil   time.Time
	Scopes          []machineScope // what it may call
	Created         Made
	UpdatedAt       time.Time
}

// machineScope lets a machine call another.
type machineScope struct {
	To string
	At time.Time
}

// ScopeIDs returns the machines that m may call.
func (m *Machine) ScopeIDs() []string {
	ids := make([]string, len(m.Scopes))
	for i, s := range m.Scopes {
		ids[i] = s.To
	}
	return ids
}

// MachineState is a machine with what answers show of it.
type MachineState struct {
	Machine Machine
	Scoped  []Machine
}

func (tx *Tx) machineState(m *Machine) MachineState {
	state := MachineState{Machine: *m, Scoped: []Machine{}}
	for _, scope := range m.Scopes {
		if to := tx.Machines[scope.To]; to != nil {
			state.Scoped = append(state.Scoped, *to)
		}
	}
	return state
}

func (tx *Tx) machine(id string) (*Machine, error) {
	if m := tx.Machines[id]; m != nil {
		return m, nil
	}
	return nil, refusal.NotFound("machine with id " + refusal.Quoted(id))
}

func (s *Store) Machine(id string) (MachineState, error) {
	return With2(s, func(tx *Tx) (MachineState, error) {
		m, err := tx.machine(id)
		if err != nil {
			return MachineState{}, err
		}
		return tx.machineState(m), nil
	})
}

// MachineOfSecret finds the machine that a secret key is of, nil if it is none.
func (s *Store) MachineOfSecret(secret string) *Machine {
	if !strings.HasPrefix(secret, "ak_") {
		return nil
	}
	return With(s, func(tx *Tx) *Machine {
		for _, m := range tx.Machines {
			current := subtle.ConstantTimeCompare([]byte(secret), []byte(m.Secret)) == 1
			previous := subtle.ConstantTimeCompare([]byte(secret), []byte(m.PreviousSecret)) == 1
			if current || previous && tx.Now().Before(m.PreviousUntil) {
				found := *m
				return &found
			}
		}
		return nil
	})
}

// ListMachines returns machines, oldest first.
func (s *Store) ListMachines(keep func(*Machine) bool) []MachineState {
	return With(s, func(tx *Tx) []MachineState {
		machines := List(tx.Machines, func(m *Machine) Made { return m.Created }, keep)
		out := make([]MachineState, len(machines))
		for i := range machines {
			out[i] = tx.machineState(&machines[i])
		}
		return out
	})
}

// AddMachine keeps a new machine that may call the machines with the ids of
// scopes. Id and secret may be empty.
func (s *Store) AddMachine(m Machine, scopes []string) (MachineState, error) {
	return With2(s, func(tx *Tx) (MachineState, error) {
		if m.ID == "" {
			m.ID = tx.IDs.Next("mch")
		}
		if !validID(m.ID, "mch_") {
			return MachineState{}, refusal.Param("id", "form_param_format_invalid", "id "+refusal.Quoted(m.ID)+" is not mch_ and letters, digits, _ or -")
		}
		if tx.Machines[m.ID] != nil {
			return MachineState{}, refusal.Param("id", "form_identifier_exists", "machine "+m.ID+" exists already")
		}
		if err := checkMachine(m.Name, m.DefaultTokenTTL); err != nil {
			return MachineState{}, err
		}
		if m.Secret == "" {
			m.Secret = tx.newMachineSecret()
		} else if err := tx.checkPinned("secret_key", m.Secret); err != nil {
			return MachineState{}, err
		}
		for _, to := range scopes {
			if tx.Machines[to] == nil {
				return MachineState{}, refusal.Param("scoped_machines", "form_param_value_invalid", "there is no machine with id "+refusal.Quoted(to))
			}
			if err := tx.addScope(&m, to); err != nil {
				return MachineState{}, err
			}
		}
		m.Created = tx.Made()
		m.UpdatedAt = m.Created.At
		tx.Machines[m.ID] = &m
		return tx.machineState(&m), nil
	})
}

// PinnedSecret begins secrets that somebody chose, so that real ones cannot end up
// here.
const PinnedSecret = "ak_emulator"

// checkPinned refuses secrets that are not the emulator's own, or taken.
func (tx *Tx) checkPinned(param, secret string) error {
	if !strings.HasPrefix(secret, PinnedSecret) || !ValidSlug(secret) {
		return refusal.Param(param, "form_param_format_invalid", param+" does not begin with "+PinnedSecret+"; keys of real instances do not belong here")
	}
	taken := tx.APIKeys[secret] != nil
	for _, m := range tx.Machines {
		taken = taken || m.Secret == secret
	}
	if taken {
		return refusal.Param(param, "form_identifier_exists", param+" is taken")
	}
	return nil
}

func (tx *Tx) newMachineSecret() string { return "ak_" + tx.IDs.Random(43) }

func checkMachine(name string, ttl int64) error {
	if name == "" {
		return refusal.Param("name", "form_param_missing", "name must be given")
	}
	if len(name) > maxMachineName {
		return refusal.Param("name", "form_param_exceeds_maximum_length", "name is longer than 255 characters")
	}
	if ttl < 1 || ttl > maxMachineTTL {
		return refusal.Param("default_token_ttl", "form_param_value_invalid", "default_token_ttl is not a number of seconds from 1 to 315360000")
	}
	return nil
}

// UpdateMachine changes name and lifetime of tokens; nil leaves one as it is.
func (s *Store) UpdateMachine(id string, name *string, ttl *int64) (MachineState, error) {
	return With2(s, func(tx *Tx) (MachineState, error) {
		m, err := tx.machine(id)
		if err != nil {
			return MachineState{}, err
		}
		after := *m
		if name != nil {
			after.Name = *name
		}
		if ttl != nil {
			after.DefaultTokenTTL = *ttl
		}
		if err := checkMachine(after.Name, after.DefaultTokenTTL); err != nil {
			return MachineState{}, err
		}
		after.UpdatedAt = tx.Now()
		*m = after
		return tx.machineState(m), nil
	})
}

// DeleteMachine deletes a machine, its tokens, and the right to call it.
func (s *Store) DeleteMachine(id string) error {
	return s.Update(func(tx *Tx) error {
		if _, err := tx.machine(id); err != nil {
			return err
		}
		delete(tx.Machines, id)
		for _, m := range tx.Machines {
			m.Scopes = withoutScope(m.Scopes, id)
		}
		for token, t := range tx.M2MTokens {
			if t.Subject == id {
				delete(tx.M2MTokens, token)
			}
		}
		return nil
	})
}

// RotateSecret gives a machine a new secret key. The old one stays good for a
// while, which may be zero.
func (s *Store) RotateSecret(id string, keep time.Duration) (string, error) {
	return With2(s, func(tx *Tx) (string, error) {
		m, err := tx.machine(id)
		if err != nil {
			return "", err
		}
		m.PreviousSecret, m.PreviousUntil = m.Secret, tx.Now().Add(keep)
		m.Secret, m.UpdatedAt = tx.newMachineSecret(), tx.Now()
		return m.Secret, nil
	})
}

// AddScope lets a machine call another.
func (s *Store) AddScope(id, to string) (machineScope, error) {
	return With2(s, func(tx *Tx) (machineScope, error) {
		m, err := tx.machine(id)
		if err != nil {
			return machineScope{}, err
		}
		if err := tx.addScope(m, to); err != nil {
			return machineScope{}, err
		}
		m.UpdatedAt = tx.Now()
		return m.Scopes[len(m.Scopes)-1], nil
	})
}

func (tx *Tx) addScope(m *Machine, to string) error {
	switch {
	case to == m.ID:
		return refusal.Param("to_machine_id", "form_param_value_invalid", "a machine cannot have itself as a scope")
	case tx.Machines[to] == nil:
		return refusal.NotFound("machine with id " + refusal.Quoted(to))
	case slices.Contains(m.ScopeIDs(), to):
		return &refusal.Error{Kind: 409, Code: "machine_scope_already_exists", Message: "Machine scope already exists", Long: "", Param: "to_machine_id", Meta: nil}
	case len(m.Scopes) == maxMachineScopes:
		return refusal.Param("to_machine_id", "machine_scope_limit_exceeded", "a machine can have 150 scopes")
	}
	m.Scopes = append(slices.Clone(m.Scopes), machineScope{to, tx.Now()})
	return nil
}

// RemoveScope ends what addScope began. Tokens that exist keep their scopes.
func (s *Store) RemoveScope(id, to string) error {
	return s.Update(func(tx *Tx) error {
		m, err := tx.machine(id)
		if err != nil {
			return err
		}
		if !slices.Contains(m.ScopeIDs(), to) {
			return refusal.NotFound("scope of the machine with id " + refusal.Quoted(to))
		}
		m.Scopes, m.UpdatedAt = withoutScope(m.Scopes, to), tx.Now()
		return nil
	})
}

func withoutScope(scopes []machineScope, to string) []machineScope {
	return slices.DeleteFunc(slices.Clone(scopes), func(s machineScope) bool { return s.To == to })
}
