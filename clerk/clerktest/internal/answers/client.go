package answers

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/tokens"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// Wrapped is the answer to calls that change the client: the resource, and the
// client as it is now.
type Wrapped struct {
	Response any             `json:"response"`
	Client   *clientResource `json:"client"`
}

// clientResource describes a browser's client with a fresh token for each of its
// sessions. It is nil where there is no client.
func (e *API) clientResource(c *wire.Call, clientID string) (*clientResource, error) {
	state, ok := e.Store.Client(clientID)
	if !ok {
		return nil, nil //nolint:nilnil // null is the answer for a browser without a client
	}
	r := &clientResource{
		Object: "client", ID: state.Client.ID, Sessions: []SessionResource{},
		LastActive: wire.OptString(state.Client.LastActive), LastStrategy: wire.OptString(state.Client.LastStrategy),
		CreatedAt: wire.Millis(state.Client.Created.At), UpdatedAt: wire.Millis(state.Client.UpdatedAt),
	}
	if state.SignIn != nil {
		r.SignIn = e.SignInResource(state.SignIn)
	}
	if state.SignUp != nil {
		r.SignUp = e.SignUpResource(state.SignUp)
	}
	for _, s := range state.Sessions {
		token, err := e.tokens.SessionToken(s.Session.ID, tokens.TokenRequest{Origin: e.RequestOrigin(c)})
		if err != nil {
			return nil, err
		}
		r.Sessions = append(r.Sessions, e.FrontendSession(&s, token))
	}
	return r, nil
}

// AnswerClient answers with the client itself, and sets its cookies.
func (e *API) AnswerClient(c *wire.Call, clientID string) error {
	r, err := e.clientResource(c, clientID)
	if err != nil {
		return err
	}
	e.SetBrowserCookies(c, clientID)
	if r == nil {
		return c.OK(Wrapped{})
	}
	return c.OK(Wrapped{Response: r})
}

// AnswerWrapped answers with a resource and the client beside it.
func (e *API) AnswerWrapped(c *wire.Call, clientID string, response any) error {
	r, err := e.clientResource(c, clientID)
	if err != nil {
		return err
	}
	e.SetBrowserCookies(c, clientID)
	return c.OK(Wrapped{response, r})
}
