package clerktest

import (
	"crypto/subtle"
	"slices"
	"strings"
	"time"
)

// Limits of machines (schemas of CreateMachine and RotateMachineSecretKey).
const (
	defaultMachineTTL = 3600      // seconds
	maxMachineTTL     = 315360000 // seconds
	maxMachineScopes  = 150
	maxPreviousSecret = 28800 // seconds
	maxMachineName    = 255
)

// machine is a service of the application that gets M2M tokens.
type machine struct {
	ID, Name        string
	DefaultTokenTTL int64 // seconds
	Secret          string
	PreviousSecret  string // good until PreviousUntil, after a rotation
	PreviousUntil   time.Time
	Scopes          []machineScope // what it may call
	Created         made
	UpdatedAt       time.Time
}

// machineScope lets a machine call another.
type machineScope struct {
	To string
	At time.Time
}

// scopeIDs returns the machines that m may call.
func (m *machine) scopeIDs() []string {
	ids := make([]string, len(m.Scopes))
	for i, s := range m.Scopes {
		ids[i] = s.To
	}
	return ids
}

// machineState is a machine with what answers show of it.
type machineState struct {
	machine machine
	scoped  []machine
}

func (tx *stateTx) machineState(m *machine) machineState {
	state := machineState{machine: *m, scoped: []machine{}}
	for _, scope := range m.Scopes {
		if to := tx.Machines[scope.To]; to != nil {
			state.scoped = append(state.scoped, *to)
		}
	}
	return state
}

func (tx *stateTx) machine(id string) (*machine, error) {
	if m := tx.Machines[id]; m != nil {
		return m, nil
	}
	return nil, errNotFound("machine with id " + quoted(id))
}

func (s *store) machine(id string) (machineState, error) {
	return with2(s, func(tx *stateTx) (machineState, error) {
		m, err := tx.machine(id)
		if err != nil {
			return machineState{}, err
		}
		return tx.machineState(m), nil
	})
}

// machineOfSecret finds the machine that a secret key is of, nil if it is none.
func (s *store) machineOfSecret(secret string) *machine {
	if !strings.HasPrefix(secret, "ak_") {
		return nil
	}
	return with(s, func(tx *stateTx) *machine {
		for _, m := range tx.Machines {
			current := subtle.ConstantTimeCompare([]byte(secret), []byte(m.Secret)) == 1
			previous := subtle.ConstantTimeCompare([]byte(secret), []byte(m.PreviousSecret)) == 1
			if current || previous && tx.now().Before(m.PreviousUntil) {
				found := *m
				return &found
			}
		}
		return nil
	})
}

// listMachines returns machines, oldest first.
func (s *store) listMachines(keep func(*machine) bool) []machineState {
	return with(s, func(tx *stateTx) []machineState {
		machines := list(tx.Machines, func(m *machine) made { return m.Created }, keep)
		out := make([]machineState, len(machines))
		for i := range machines {
			out[i] = tx.machineState(&machines[i])
		}
		return out
	})
}

// addMachine keeps a new machine that may call the machines with the ids of
// scopes. Id and secret may be empty.
func (s *store) addMachine(m machine, scopes []string) (machineState, error) {
	return with2(s, func(tx *stateTx) (machineState, error) {
		if m.ID == "" {
			m.ID = tx.ids.next("mch")
		}
		if !validID(m.ID, "mch_") {
			return machineState{}, errParam("id", "form_param_format_invalid", "id "+quoted(m.ID)+" is not mch_ and letters, digits, _ or -")
		}
		if tx.Machines[m.ID] != nil {
			return machineState{}, errParam("id", "form_identifier_exists", "machine "+m.ID+" exists already")
		}
		if err := checkMachine(m.Name, m.DefaultTokenTTL); err != nil {
			return machineState{}, err
		}
		if m.Secret == "" {
			m.Secret = tx.newMachineSecret()
		} else if err := tx.checkPinned("secret_key", m.Secret); err != nil {
			return machineState{}, err
		}
		for _, to := range scopes {
			if tx.Machines[to] == nil {
				return machineState{}, errParam("scoped_machines", "form_param_value_invalid", "there is no machine with id "+quoted(to))
			}
			if err := tx.addScope(&m, to); err != nil {
				return machineState{}, err
			}
		}
		m.Created = tx.made()
		m.UpdatedAt = m.Created.At
		tx.Machines[m.ID] = &m
		return tx.machineState(&m), nil
	})
}

// pinnedSecret begins secrets that somebody chose, so that real ones cannot end up
// here.
const pinnedSecret = "ak_emulator"

// checkPinned refuses secrets that are not the emulator's own, or taken.
func (tx *stateTx) checkPinned(param, secret string) error {
	if !strings.HasPrefix(secret, pinnedSecret) || !validSlug(secret) {
		return errParam(param, "form_param_format_invalid", param+" does not begin with "+pinnedSecret+"; keys of real instances do not belong here")
	}
	taken := tx.APIKeys[secret] != nil
	for _, m := range tx.Machines {
		taken = taken || m.Secret == secret
	}
	if taken {
		return errParam(param, "form_identifier_exists", param+" is taken")
	}
	return nil
}

func (tx *stateTx) newMachineSecret() string { return "ak_" + tx.ids.random(43) }

func checkMachine(name string, ttl int64) error {
	if name == "" {
		return errParam("name", "form_param_missing", "name must be given")
	}
	if len(name) > maxMachineName {
		return errParam("name", "form_param_exceeds_maximum_length", "name is longer than 255 characters")
	}
	if ttl < 1 || ttl > maxMachineTTL {
		return errParam("default_token_ttl", "form_param_value_invalid", "default_token_ttl is not a number of seconds from 1 to 315360000")
	}
	return nil
}

// updateMachine changes name and lifetime of tokens; nil leaves one as it is.
func (s *store) updateMachine(id string, name *string, ttl *int64) (machineState, error) {
	return with2(s, func(tx *stateTx) (machineState, error) {
		m, err := tx.machine(id)
		if err != nil {
			return machineState{}, err
		}
		after := *m
		if name != nil {
			after.Name = *name
		}
		if ttl != nil {
			after.DefaultTokenTTL = *ttl
		}
		if err := checkMachine(after.Name, after.DefaultTokenTTL); err != nil {
			return machineState{}, err
		}
		after.UpdatedAt = tx.now()
		*m = after
		return tx.machineState(m), nil
	})
}

// deleteMachine deletes a machine, its tokens, and the right to call it.
func (s *store) deleteMachine(id string) error {
	return s.Update(func(tx *stateTx) error {
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

// rotateSecret gives a machine a new secret key. The old one stays good for a
// while, which may be zero.
func (s *store) rotateSecret(id string, keep time.Duration) (string, error) {
	return with2(s, func(tx *stateTx) (string, error) {
		m, err := tx.machine(id)
		if err != nil {
			return "", err
		}
		m.PreviousSecret, m.PreviousUntil = m.Secret, tx.now().Add(keep)
		m.Secret, m.UpdatedAt = tx.newMachineSecret(), tx.now()
		return m.Secret, nil
	})
}

// addScope lets a machine call another.
func (s *store) addScope(id, to string) (machineScope, error) {
	return with2(s, func(tx *stateTx) (machineScope, error) {
		m, err := tx.machine(id)
		if err != nil {
			return machineScope{}, err
		}
		if err := tx.addScope(m, to); err != nil {
			return machineScope{}, err
		}
		m.UpdatedAt = tx.now()
		return m.Scopes[len(m.Scopes)-1], nil
	})
}

func (tx *stateTx) addScope(m *machine, to string) error {
	switch {
	case to == m.ID:
		return errParam("to_machine_id", "form_param_value_invalid", "a machine cannot have itself as a scope")
	case tx.Machines[to] == nil:
		return errNotFound("machine with id " + quoted(to))
	case slices.Contains(m.scopeIDs(), to):
		return &apiError{409, "machine_scope_already_exists", "Machine scope already exists", "", "to_machine_id", nil}
	case len(m.Scopes) == maxMachineScopes:
		return errParam("to_machine_id", "machine_scope_limit_exceeded", "a machine can have 150 scopes")
	}
	m.Scopes = append(slices.Clone(m.Scopes), machineScope{to, tx.now()})
	return nil
}

// removeScope ends what addScope began. Tokens that exist keep their scopes.
func (s *store) removeScope(id, to string) error {
	return s.Update(func(tx *stateTx) error {
		m, err := tx.machine(id)
		if err != nil {
			return err
		}
		if !slices.Contains(m.scopeIDs(), to) {
			return errNotFound("scope of the machine with id " + quoted(to))
		}
		m.Scopes, m.UpdatedAt = withoutScope(m.Scopes, to), tx.now()
		return nil
	})
}

func withoutScope(scopes []machineScope, to string) []machineScope {
	return slices.DeleteFunc(slices.Clone(scopes), func(s machineScope) bool { return s.To == to })
}
