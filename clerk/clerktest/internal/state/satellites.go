package state

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Satellite is another domain of the instance, whose users sign in on the
// primary one.
type Satellite struct {
	ID, Name  string // a host, in development with its port
	ProxyURL  string
	Created   Made
	UpdatedAt time.Time
}

// PrimaryDomain is the id of the domain that every instance has.
const PrimaryDomain = "dmn_primary"

// PublishSatellites makes the satellites known to whoever checks origins.
func (tx *Tx) PublishSatellites() {
	names := make([]string, 0, len(tx.Satellites))
	for _, d := range tx.Satellites {
		names = append(names, d.Name)
	}
	tx.Hosts.Store(&names)
}

func (s *Store) DeleteSatellite(id string) error {
	return s.Update(func(tx *Tx) error {
		if tx.Satellites[id] == nil {
			return refusal.NotFound("domain with id " + refusal.Quoted(id))
		}
		delete(tx.Satellites, id)
		tx.PublishSatellites()
		return nil
	})
}
