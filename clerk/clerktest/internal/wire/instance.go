package wire

import (
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Production reports whether it is a production instance.
func (e *Server) Production() bool { return e.Config.Instance == clerk.Production }

// Issuer returns the iss of tokens: https:// and the host in the publishable
// key.
func (e *Server) Issuer() string { return "https://" + e.Config.FrontendAPI }

// Now returns the emulator's time.
func (e *Server) Now() time.Time {
	return e.Config.Now().Add(time.Duration(e.Offset.Load()))
}

// Settings returns the settings of now, which nobody changes: they are replaced.
func (e *Server) Settings() *state.Settings { return e.Store.Set.Load() }

// SatelliteOf returns the satellite that a host with its port belongs to, "" if
// there is none. In production subdomains belong to it as well.
func (e *Server) SatelliteOf(hostport string) string {
	names := e.Store.Hosts.Load()
	if names == nil {
		return ""
	}
	hostport = strings.ToLower(hostport)
	host := hosts.Name(hostport)
	for _, name := range *names {
		if hostport == name || host == name || e.Production() && hosts.Below(host, name) {
			return name
		}
	}
	return ""
}

// IssuerFor is the iss of tokens for an origin. A satellite of a production
// instance has a Frontend API of its own.
func (e *Server) IssuerFor(origin string) string {
	if !e.Production() {
		return e.Issuer()
	}
	_, host, _ := strings.Cut(origin, "://")
	if name := e.SatelliteOf(host); name != "" {
		return "https://clerk." + name
	}
	return e.Issuer()
}

// PrimaryName is the domain that the Frontend API is below.
func (e *Server) PrimaryName() string {
	return strings.TrimPrefix(hosts.Name(e.Config.FrontendAPI), "clerk.")
}

// IsSatelliteFace reports whether a request came to the Frontend API of a
// satellite of a production instance.
func (e *Server) IsSatelliteFace(c *Call) bool {
	return e.Production() && e.SatelliteOf(e.Face(c).Host) != ""
}

// InstanceID returns the id of the instance, ins_…. It is the kid of the signing
// key that the emulator began with, as at Clerk.
func (e *Server) InstanceID() string { return e.FirstKey.ID }
