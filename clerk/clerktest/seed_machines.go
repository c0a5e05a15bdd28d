package clerktest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// loadMachines adds what of a seed is about machine authentication and OAuth.
func (e *Emulator) loadMachines(seed *Seed) error {
	for i := range seed.Machines {
		m := seed.Machines[i]
		m.SecretKey = cmp.Or(m.SecretKey, e.newPinnedSecret())
		added, err := e.addMachine(m)
		if err != nil {
			return fmt.Errorf("clerktest: seed: machines[%d]: %w", i, err)
		}
		if !e.server.Config.Deterministic { // where ids and secrets come again by themselves
			seed.Machines[i] = added
		}
	}
	for i := range seed.APIKeys {
		k := &seed.APIKeys[i]
		added, err := e.loadAPIKey(k)
		if err != nil {
			return fmt.Errorf("clerktest: seed: api_keys[%d]: %w", i, err)
		}
		if !e.server.Config.Deterministic {
			k.Secret, k.Subject = added.Secret, added.Subject
		}
	}
	for i := range seed.OAuthApplications {
		added, err := e.addOAuthApplication(seed.OAuthApplications[i])
		if err != nil {
			return fmt.Errorf("clerktest: seed: oauth_applications[%d]: %w", i, err)
		}
		if !e.server.Config.Deterministic {
			seed.OAuthApplications[i] = added
		}
	}
	return nil
}

// newPinnedSecret makes a secret that can be loaded again.
func (e *Emulator) newPinnedSecret() string { return state.PinnedSecret + e.server.IDs.Random(32) }

func (e *Emulator) loadAPIKey(k *SeedAPIKey) (state.APIKey, error) {
	var claims json.RawMessage
	if k.Claims != nil {
		var err error
		if claims, err = json.Marshal(k.Claims); err != nil {
			return state.APIKey{}, err
		}
	}
	subject := k.Subject
	if u, err := e.server.Store.UserByIdentifier(subject); err == nil {
		subject = u.ID
	}
	return e.server.Store.AddAPIKey(state.APIKey{
		Type: state.DefaultAPIKeyType, Subject: subject, Name: cmp.Or(k.Name, "seed"), Secret: cmp.Or(k.Secret, e.newPinnedSecret()),
		Claims: claims, Scopes: slices.Clone(k.Scopes),
	}, 0)
}
