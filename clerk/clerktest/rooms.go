package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/instance"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/machines"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/oauth"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/organizations"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/people"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/sessions"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/signin"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/tokens"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// rooms are what answers requests, each subject in a package of its own.
type rooms struct {
	tokens        *tokens.API
	strategies    *strategies.API
	answers       *answers.API
	sessions      *sessions.API
	organizations *organizations.API
	people        *people.API
	signin        *signin.API
	machines      *machines.API
	oauth         *oauth.API
	instance      *instance.API
}

func newRooms(server *wire.Server) (r rooms) {
	r.tokens = tokens.New(server)
	r.strategies = strategies.New(server)
	r.answers = answers.New(server, r.strategies, r.tokens)
	r.sessions = sessions.New(server, r.answers, r.tokens)
	r.organizations = organizations.New(server, r.answers, r.sessions, r.strategies)
	r.people = people.New(server, r.answers, r.organizations, r.sessions, r.strategies)
	r.signin = signin.New(server, r.answers, r.sessions, r.strategies)
	r.machines = machines.New(server, r.sessions)
	r.oauth = oauth.New(server, r.answers, r.sessions)
	r.instance = instance.New(server, r.answers, r.organizations, r.sessions, r.strategies)
	return r
}
