package clerktest

import (
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

type machineResource struct {
	Object          string             `json:"object"`
	ID              string             `json:"id"`
	Name            string             `json:"name"`
	InstanceID      string             `json:"instance_id"`
	DefaultTokenTTL int64              `json:"default_token_ttl"`
	ScopedMachines  *[]machineResource `json:"scoped_machines,omitempty"`
	SecretKey       string             `json:"secret_key,omitempty"` // once, to who made it
	CreatedAt       int64              `json:"created_at"`
	UpdatedAt       int64              `json:"updated_at"`
}

func (e *Emulator) machineResource(m *state.MachineState) machineResource {
	r := e.plainMachine(&m.Machine)
	scoped := make([]machineResource, len(m.Scoped))
	for i := range m.Scoped {
		scoped[i] = e.plainMachine(&m.Scoped[i])
	}
	r.ScopedMachines = &scoped
	return r
}

// plainMachine is a machine without those that it may call.
func (e *Emulator) plainMachine(m *state.Machine) machineResource {
	return machineResource{
		Object: "machine", ID: m.ID, Name: m.Name, InstanceID: e.instanceID(), DefaultTokenTTL: m.DefaultTokenTTL,
		CreatedAt: millis(m.Created.At), UpdatedAt: millis(m.UpdatedAt),
	}
}

var machineOrder = map[string]func(a, b *state.MachineState) int{
	"created_at": func(a, b *state.MachineState) int { return a.Machine.Created.Compare(b.Machine.Created) },
	"name":       func(a, b *state.MachineState) int { return compareText(a.Machine.Name, b.Machine.Name) },
}

func (e *Emulator) listMachines(c *call) error {
	query := c.r.URL.Query()
	text := query.Get("query")
	all := e.store.ListMachines(func(m *state.Machine) bool { return text == "" || m.ID == text || holds(text, m.Name) })
	if err := order(all, query, machineOrder); err != nil {
		return err
	}
	total := len(all)
	all, err := page(all, query)
	if err != nil {
		return err
	}
	out := make([]machineResource, len(all))
	for i := range all {
		out[i] = e.machineResource(&all[i])
	}
	c.note("list of machines")
	return c.ok(listResource[machineResource]{out, total})
}

// listResource is a part of a list, and how long the whole of it is.
type listResource[T any] struct {
	Data       []T `json:"data"`
	TotalCount int `json:"total_count"`
}

func (e *Emulator) createMachine(c *call) error {
	var in struct {
		Name            string       `json:"name"`
		ScopedMachines  []string     `json:"scoped_machines"`
		DefaultTokenTTL field[int64] `json:"default_token_ttl"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	ttl := int64(state.DefaultMachineTTL)
	if in.DefaultTokenTTL.Set && !in.DefaultTokenTTL.Null {
		ttl = in.DefaultTokenTTL.Value
	}
	m, err := e.store.AddMachine(state.Machine{Name: in.Name, DefaultTokenTTL: ttl}, in.ScopedMachines)
	if err != nil {
		return err
	}
	r := e.machineResource(&m)
	r.SecretKey = m.Machine.Secret
	c.note("machine " + m.Machine.ID + " made")
	return c.ok(r)
}

func (e *Emulator) getMachine(c *call) error {
	m, err := e.store.Machine(c.param(0))
	if err != nil {
		return err
	}
	c.note("machine " + m.Machine.ID)
	return c.ok(e.machineResource(&m))
}

func (e *Emulator) updateMachine(c *call) error {
	var in struct {
		Name            *string `json:"name"`
		DefaultTokenTTL *int64  `json:"default_token_ttl"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	m, err := e.store.UpdateMachine(c.param(0), in.Name, in.DefaultTokenTTL)
	if err != nil {
		return err
	}
	c.note("machine " + m.Machine.ID + " changed")
	return c.ok(e.machineResource(&m))
}

func (e *Emulator) deleteMachine(c *call) error {
	if err := e.store.DeleteMachine(c.param(0)); err != nil {
		return err
	}
	c.note("machine " + c.param(0) + " deleted")
	return c.ok(deletedResource{Object: "machine", ID: c.param(0), Deleted: true})
}

type machineSecretResource struct {
	Object string `json:"object"`
	Secret string `json:"secret"`
}

func (e *Emulator) getMachineSecret(c *call) error {
	m, err := e.store.Machine(c.param(0))
	if err != nil {
		return err
	}
	c.note("secret key of machine " + m.Machine.ID)
	return c.ok(machineSecretResource{"machine_secret_key", m.Machine.Secret})
}

func (e *Emulator) rotateMachineSecret(c *call) error {
	var in struct {
		PreviousTokenTTL *int64 `json:"previous_token_ttl"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.PreviousTokenTTL == nil {
		return refusal.Param("previous_token_ttl", "form_param_missing", "previous_token_ttl must be given")
	}
	if *in.PreviousTokenTTL < 0 || *in.PreviousTokenTTL > state.MaxPreviousSecret {
		return refusal.Param("previous_token_ttl", "form_param_value_invalid", "previous_token_ttl is not a number of seconds from 0 to 28800")
	}
	secret, err := e.store.RotateSecret(c.param(0), time.Duration(*in.PreviousTokenTTL)*time.Second)
	if err != nil {
		return err
	}
	c.note("new secret key for machine " + c.param(0))
	return c.ok(machineSecretResource{"machine_secret_key", secret})
}

type machineScopeResource struct {
	Object    string `json:"object"`
	From      string `json:"from_machine_id"`
	To        string `json:"to_machine_id"`
	CreatedAt int64  `json:"created_at,omitempty"`
	Deleted   bool   `json:"deleted,omitempty"`
}

func (e *Emulator) createMachineScope(c *call) error {
	var in struct {
		To string `json:"to_machine_id"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.To == "" {
		return refusal.Param("to_machine_id", "form_param_missing", "to_machine_id must be given")
	}
	scope, err := e.store.AddScope(c.param(0), in.To)
	if err != nil {
		return err
	}
	c.note("machine " + c.param(0) + " may call " + scope.To)
	return c.ok(machineScopeResource{Object: "machine_scope", From: c.param(0), To: scope.To, CreatedAt: millis(scope.At)})
}

func (e *Emulator) deleteMachineScope(c *call) error {
	if err := e.store.RemoveScope(c.param(0), c.param(1)); err != nil {
		return err
	}
	c.note("machine " + c.param(0) + " may no longer call " + c.param(1))
	return c.ok(machineScopeResource{Object: "machine_scope", From: c.param(0), To: c.param(1), Deleted: true})
}

// machineOperation tells the operations that a machine's secret key opens.
func machineOperation(rt *route) bool {
	if rt == nil {
		return false
	}
	switch rt.operation {
	case "createM2MToken", "getM2MTokens", "revokeM2MToken", "verifyM2MToken":
		return true
	}
	return false
}

// created answers 201 with JSON.
func (c *call) created(v any) error {
	writeJSON(c.w, http.StatusCreated, v)
	return nil
}
