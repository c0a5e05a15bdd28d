// Package wire reads requests and answers them: routes, bodies, lists, errors, CORS,
// redirects, rate limits, injected faults, and the log of requests. What a request
// means is for others to say.
package wire

import (
	"net/http"
	"sync/atomic"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/ids"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/internal/recording"
)

// Server is what every operation has at hand: the state of the instance, its keys
// and configuration, its clock, and what is done to requests.
type Server struct {
	URL      string // where both APIs and the pages are
	Config   *Config
	Key      clerk.PublishableKey
	Offset   atomic.Int64 // what Advance added to the clock, in nanoseconds
	IDs      *ids.Source
	Keys     *keys.Ring
	FirstKey keys.Key // the one that an instance begins with, and Reset goes back to
	Store    *state.Store

	Faults   FaultList
	Log      RequestLog
	Limits   Limiter
	Recorder *recording.Recorder                  // nil unless the environment asks for one
	Enter    func(r *http.Request) (leave func()) // told of each request, for the webhooks
}
