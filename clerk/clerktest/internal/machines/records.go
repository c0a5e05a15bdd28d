package machines

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
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

func (e *API) machineResource(m *state.MachineState) machineResource {
	r := e.plainMachine(&m.Machine)
	scoped := make([]machineResource, len(m.Scoped))
	for i := range m.Scoped {
		scoped[i] = e.plainMachine(&m.Scoped[i])
	}
	r.ScopedMachines = &scoped
	return r
}

// plainMachine is a machine without those that it may call.
func (e *API) plainMachine(m *state.Machine) machineResource {
	return machineResource{
		Object: "machine", ID: m.ID, Name: m.Name, InstanceID: e.InstanceID(), DefaultTokenTTL: m.DefaultTokenTTL,
		CreatedAt: wire.Millis(m.Created.At), UpdatedAt: wire.Millis(m.UpdatedAt),
	}
}

var machineOrder = map[string]func(a, b *state.MachineState) int{
	"created_at": func(a, b *state.MachineState) int { return a.Machine.Created.Compare(b.Machine.Created) },
	"name":       func(a, b *state.MachineState) int { return wire.CompareText(a.Machine.Name, b.Machine.Name) },
}

func (e *API) listMachines(c *wire.Call) error {
	query := c.R.URL.Query()
	text := query.Get("query")
	all := e.Store.ListMachines(func(m *state.Machine) bool { return text == "" || m.ID == text || wire.Holds(text, m.Name) })
	if err := wire.Order(all, query, machineOrder); err != nil {
		return err
	}
	total := len(all)
	all, err := wire.Page(all, query)
	if err != nil {
		return err
	}
	out := make([]machineResource, len(all))
	for i := range all {
		out[i] = e.machineResource(&all[i])
	}
	c.Note("list of machines")
	return c.OK(ListResource[machineResource]{out, total})
}

// ListResource is a part of a list, and how long the whole of it is.
type ListResource[T any] struct {
	Data       []T `json:"data"`
	TotalCount int `json:"total_count"`
}

func (e *API) createMachine(c *wire.Call) error {
	var in struct {
		Name            string            `json:"name"`
		ScopedMachines  []string          `json:"scoped_machines"`
		DefaultTokenTTL wire.Field[int64] `json:"default_token_ttl"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	ttl := int64(state.DefaultMachineTTL)
	if in.DefaultTokenTTL.Set && !in.DefaultTokenTTL.Null {
		ttl = in.DefaultTokenTTL.Value
	}
	m, err := e.Store.AddMachine(state.Machine{Name: in.Name, DefaultTokenTTL: ttl}, in.ScopedMachines)
	if err != nil {
		return err
	}
	r := e.machineResource(&m)
	r.SecretKey = m.Machine.Secret
	c.Note("machine " + m.Machine.ID + " made")
	return c.OK(r)
}

func (e *API) getMachine(c *wire.Call) error {
	m, err := e.Store.Machine(c.Param(0))
	if err != nil {
		return err
	}
	c.Note("machine " + m.Machine.ID)
	return c.OK(e.machineResource(&m))
}

func (e *API) updateMachine(c *wire.Call) error {
	var in struct {
		Name            *string `json:"name"`
		DefaultTokenTTL *int64  `json:"default_token_ttl"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	m, err := e.Store.UpdateMachine(c.Param(0), in.Name, in.DefaultTokenTTL)
	if err != nil {
		return err
	}
	c.Note("machine " + m.Machine.ID + " changed")
	return c.OK(e.machineResource(&m))
}

func (e *API) deleteMachine(c *wire.Call) error {
	if err := e.Store.DeleteMachine(c.Param(0)); err != nil {
		return err
	}
	c.Note("machine " + c.Param(0) + " deleted")
	return c.OK(answers.DeletedResource{Object: "machine", ID: c.Param(0), Deleted: true})
}

type machineSecretResource struct {
	Object string `json:"object"`
	Secret string `json:"secret"`
}

func (e *API) getMachineSecret(c *wire.Call) error {
	m, err := e.Store.Machine(c.Param(0))
	if err != nil {
		return err
	}
	c.Note("secret key of machine " + m.Machine.ID)
	return c.OK(machineSecretResource{"machine_secret_key", m.Machine.Secret})
}

func (e *API) rotateMachineSecret(c *wire.Call) error {
	var in struct {
		PreviousTokenTTL *int64 `json:"previous_token_ttl"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.PreviousTokenTTL == nil {
		return refusal.Param("previous_token_ttl", "form_param_missing", "previous_token_ttl must be given")
	}
	if *in.PreviousTokenTTL < 0 || *in.PreviousTokenTTL > state.MaxPreviousSecret {
		return refusal.Param("previous_token_ttl", "form_param_value_invalid", "previous_token_ttl is not a number of seconds from 0 to 28800")
	}
	secret, err := e.Store.RotateSecret(c.Param(0), time.Duration(*in.PreviousTokenTTL)*time.Second)
	if err != nil {
		return err
	}
	c.Note("new secret key for machine " + c.Param(0))
	return c.OK(machineSecretResource{"machine_secret_key", secret})
}

type machineScopeResource struct {
	Object    string `json:"object"`
	From      string `json:"from_machine_id"`
	To        string `json:"to_machine_id"`
	CreatedAt int64  `json:"created_at,omitempty"`
	Deleted   bool   `json:"deleted,omitempty"`
}

func (e *API) createMachineScope(c *wire.Call) error {
	var in struct {
		To string `json:"to_machine_id"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.To == "" {
		return refusal.Param("to_machine_id", "form_param_missing", "to_machine_id must be given")
	}
	scope, err := e.Store.AddScope(c.Param(0), in.To)
	if err != nil {
		return err
	}
	c.Note("machine " + c.Param(0) + " may call " + scope.To)
	return c.OK(machineScopeResource{Object: "machine_scope", From: c.Param(0), To: scope.To, CreatedAt: wire.Millis(scope.At)})
}

func (e *API) deleteMachineScope(c *wire.Call) error {
	if err := e.Store.RemoveScope(c.Param(0), c.Param(1)); err != nil {
		return err
	}
	c.Note("machine " + c.Param(0) + " may no longer call " + c.Param(1))
	return c.OK(machineScopeResource{Object: "machine_scope", From: c.Param(0), To: c.Param(1), Deleted: true})
}
