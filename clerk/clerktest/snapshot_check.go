package clerktest

import (
	"errors"
	"fmt"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// checkLinks refuses links that lead to other places than the application's.
func (e *Emulator) checkLinks(t *state.Tables) error {
	for _, l := range t.Links {
		if t.HasSatellite(l.Redirect.Host) {
			continue
		}
		if _, err := e.server.RedirectURL(l.Redirect.String()); err != nil {
			return fmt.Errorf("a link: %w", err)
		}
	}
	return nil
}

// checkSatellites refuses those that could be hosts of the internet.
func (e *Emulator) checkSatellites(t *state.Tables) error {
	for _, d := range t.Satellites {
		if name, err := e.instance.SatelliteName(d.Name); err != nil || name != d.Name {
			return errors.New("a satellite has a name that it cannot have")
		}
	}
	return nil
}
