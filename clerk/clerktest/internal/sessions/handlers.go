package sessions

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// Frontend has the operations of the Frontend API, and pages, that this room answers, by
// the names of Clerk's description.
var Frontend = map[string]func(*API, *wire.Call) error{
	"getHealth":                           (*API).health,
	"getClient":                           (*API).getClient,
	"postClient":                          (*API).createClient,
	"putClient":                           (*API).createClient,
	"deleteClientSessions":                (*API).deleteClient,
	"syncClient":                          (*API).syncClient,
	"linkClient":                          (*API).linkClient,
	"handshakeClient":                     (*API).handshake,
	"createDevBrowser":                    (*API).createDevBrowser,
	"removeClientSessionsAndRetainCookie": (*API).deleteSessions,
	"getSession":                          (*API).getSession,
	"touchSession":                        (*API).touchSession,
	"endSession":                          (*API).endOwnSession,
	"removeSession":                       (*API).removeOwnSession,
	"createSessionToken":                  (*API).createSessionToken,
}

// Backend has the operations of the Backend API that this room answers, by the names
// of Clerk's description.
var Backend = map[string]func(*API, *wire.Call) error{
	"GetClientList":                  (*API).listClients,
	"VerifyClient":                   (*API).verifyClient,
	"GetClient":                      (*API).getClientBAPI,
	"GetHandshakePayload":            (*API).handshakePayload,
	"GetSessionList":                 (*API).listSessionsBAPI,
	"createSession":                  (*API).createSessionBAPI,
	"GetSession":                     (*API).getSessionBAPI,
	"RefreshSession":                 (*API).refreshSession,
	"RevokeSession":                  (*API).revokeSessionBAPI,
	"CreateSessionToken":             (*API).createSessionTokenBAPI,
	"CreateSessionTokenFromTemplate": (*API).createTemplateTokenBAPI,
	"ListJWTTemplates":               (*API).listJWTTemplates,
	"CreateJWTTemplate":              (*API).createJWTTemplate,
	"GetJWTTemplate":                 (*API).getJWTTemplate,
	"UpdateJWTTemplate":              (*API).updateJWTTemplate,
	"DeleteJWTTemplate":              (*API).deleteJWTTemplate,
}
