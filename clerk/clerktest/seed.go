package clerktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Seed is the initial content of an instance. Its JSON form is
//
//	{
//	  "roles": [{"key": "org:billing", "name": "Billing", "permissions": ["org:invoices:create"]}],
//	  "users": [{"id": "user_alice", "email_address": "alice@example.com", "password": "…", "first_name": "Alice"}],
//	  "organizations": [{"id": "org_acme", "name": "Acme", "slug": "acme",
//	                     "members": [{"user": "alice@example.com", "role": "org:billing"}]}],
//	  "machines": [{"id": "mch_api", "secret_key": "ak_emulatorApi"},
//	               {"id": "mch_job", "secret_key": "ak_emulatorJob", "scoped_machines": ["mch_api"]}],
//	  "api_keys": [{"subject": "alice@example.com", "secret": "ak_emulatorAlice", "scopes": ["read"]}],
//	  "oauth_applications": [{"client_id": "reader", "client_secret": "…", "redirect_uris": ["http://localhost:3000/callback"]}]
//	}
//
// with the fields of [User], [Organization], [Machine] and [OAuthApplication]. A
// machine's scopes are machines before it.
type Seed struct {
	// Roles come first, so that members can have them.
	Roles []SeedRole `json:"roles,omitempty"`
	// Users are as in [Emulator.AddUser].
	Users []User `json:"users,omitempty"`
	// Organizations are as in [Emulator.AddOrganization], with their members.
	Organizations []SeedOrganization `json:"organizations,omitempty"`
	// Machines are as in [Emulator.AddMachine].
	Machines []Machine `json:"machines,omitempty"`
	// APIKeys are of the users, organizations and machines above.
	APIKeys []SeedAPIKey `json:"api_keys,omitempty"`
	// OAuthApplications are as in [Emulator.AddOAuthApplication].
	OAuthApplications []OAuthApplication `json:"oauth_applications,omitempty"`
}

// SeedAPIKey is an API key that is the same in each run.
type SeedAPIKey struct {
	// Subject is the id of a user, organization or machine, or the user's e-mail
	// address or user name.
	Subject string `json:"subject"`
	// Name is the key's name, "seed" if empty.
	Name string `json:"name,omitempty"`
	// Secret is the key, a random one if empty. It must begin with ak_emulator, so
	// that a real one cannot end up here.
	Secret string         `json:"secret,omitempty"`
	Scopes []string       `json:"scopes,omitempty"`
	Claims map[string]any `json:"claims,omitempty"`
}

// SeedRole is a role with its permissions, see [Emulator.AddRole].
type SeedRole struct {
	Key         string   `json:"key"`
	Name        string   `json:"name,omitempty"`
	Permissions []string `json:"permissions,omitempty"`
}

// SeedOrganization is an organization with its members.
type SeedOrganization struct {
	Organization
	Members []SeedMember `json:"members,omitempty"`
}

// SeedMember is a member of an organization.
type SeedMember struct {
	// User is the user's id, e-mail address or user name.
	User string `json:"user"`
	// Role is the member's role, org:member if empty.
	Role string `json:"role,omitempty"`
}

// maxSeed bounds a seed file: some hundred thousand users.
const maxSeed = 256 << 20

// ReadSeed decodes a seed from JSON. An unknown field is an error, because it is
// probably mistyped. Errors name the line.
func ReadSeed(r io.Reader) (Seed, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSeed+1))
	if err != nil {
		return Seed{}, fmt.Errorf("clerktest: seed: %w", err)
	}
	if len(data) > maxSeed {
		return Seed{}, errors.New("clerktest: seed: larger than 256 MB")
	}
	var seed Seed
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&seed); err != nil {
		return Seed{}, seedError(data, d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Seed{}, seedError(data, d.InputOffset(), errors.New("more follows after the JSON object"))
	}
	return seed, nil
}

func seedError(data []byte, offset int64, err error) error {
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &wrongType):
		offset = wrongType.Offset
		err = fmt.Errorf("%s is a JSON %s", wrongType.Field, strings.SplitN(wrongType.Value, " ", 2)[0])
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		offset, err = int64(len(data)), errors.New("it ends too early")
	}
	line := 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n"))
	return fmt.Errorf("clerktest: seed: line %d: %s", line, strings.TrimPrefix(err.Error(), "json: "))
}

// seedList holds what was loaded, for Reset.
type seedList struct {
	sync.Mutex
	list []Seed
}

// Load adds the contents of a seed: roles, then users, then organizations with their
// members, machines, API keys and OAuth applications. It stops at the first entry that
// it cannot add; earlier entries stay. [Emulator.Reset] loads the seed again, unless it
// failed.
func (e *Emulator) Load(seed Seed) error {
	seed.Users, seed.Organizations = slices.Clone(seed.Users), slices.Clone(seed.Organizations)
	seed.Machines, seed.APIKeys = slices.Clone(seed.Machines), slices.Clone(seed.APIKeys)
	seed.OAuthApplications = slices.Clone(seed.OAuthApplications)
	e.seeds.Lock()
	defer e.seeds.Unlock()
	if err := e.load(&seed); err != nil {
		return err
	}
	e.seeds.list = append(e.seeds.list, seed)
	return nil
}

// load adds a seed, and writes the ids that were made into it, so that they are
// the same the next time.
func (e *Emulator) load(seed *Seed) error {
	for i, r := range seed.Roles {
		if err := e.server.Store.AddRole(r.Key, r.Name, r.Permissions); err != nil {
			return fmt.Errorf("clerktest: seed: roles[%d]: %w", i, err)
		}
	}
	for i, u := range seed.Users {
		added, err := e.server.Store.AddUser(state.UserSeed(u))
		if err != nil {
			return fmt.Errorf("clerktest: seed: users[%d]: %w", i, err)
		}
		if !e.server.Config.Deterministic { // where the ids come again by themselves
			seed.Users[i].ID = added.ID
		}
	}
	for i, o := range seed.Organizations {
		added, err := e.server.Store.AddOrganization(state.OrganizationSeed(o.Organization))
		if err != nil {
			return fmt.Errorf("clerktest: seed: organizations[%d]: %w", i, err)
		}
		if !e.server.Config.Deterministic {
			seed.Organizations[i].ID = added.ID
		}
		for j, m := range o.Members {
			if err := e.loadMember(added.ID, m); err != nil {
				return fmt.Errorf("clerktest: seed: organizations[%d].members[%d]: %w", i, j, err)
			}
		}
	}
	return e.loadMachines(seed)
}

func (e *Emulator) loadMember(organization string, m SeedMember) error {
	u, err := e.server.Store.User(m.User)
	if err != nil {
		if u, err = e.server.Store.UserByIdentifier(m.User); err != nil {
			return refusal.NotFound("user " + refusal.Quoted(m.User))
		}
	}
	role := m.Role
	if role == "" {
		role = "org:member"
	}
	return e.server.Store.AddMember(organization, u.ID, role)
}
