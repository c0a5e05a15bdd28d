package clerktest

import "github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"

// sessionsFrontend has the operations of the Frontend API, and pages, that this room answers, by
// the names of Clerk's description.
var sessionsFrontend = map[string]func(*Emulator, *wire.Call) error{
	"getHealth":                           (*Emulator).health,
	"getClient":                           (*Emulator).getClient,
	"postClient":                          (*Emulator).createClient,
	"putClient":                           (*Emulator).createClient,
	"deleteClientSessions":                (*Emulator).deleteClient,
	"syncClient":                          (*Emulator).syncClient,
	"linkClient":                          (*Emulator).linkClient,
	"handshakeClient":                     (*Emulator).handshake,
	"createDevBrowser":                    (*Emulator).createDevBrowser,
	"removeClientSessionsAndRetainCookie": (*Emulator).deleteSessions,
	"getSession":                          (*Emulator).getSession,
	"touchSession":                        (*Emulator).touchSession,
	"endSession":                          (*Emulator).endOwnSession,
	"removeSession":                       (*Emulator).removeOwnSession,
	"createSessionToken":                  (*Emulator).createSessionToken,
}

// sessionsBackend has the operations of the Backend API that this room answers, by the names
// of Clerk's description.
var sessionsBackend = map[string]func(*Emulator, *wire.Call) error{
	"GetClientList":                  (*Emulator).listClients,
	"VerifyClient":                   (*Emulator).verifyClient,
	"GetClient":                      (*Emulator).getClientBAPI,
	"GetHandshakePayload":            (*Emulator).handshakePayload,
	"GetSessionList":                 (*Emulator).listSessionsBAPI,
	"createSession":                  (*Emulator).createSessionBAPI,
	"GetSession":                     (*Emulator).getSessionBAPI,
	"RefreshSession":                 (*Emulator).refreshSession,
	"RevokeSession":                  (*Emulator).revokeSessionBAPI,
	"CreateSessionToken":             (*Emulator).createSessionTokenBAPI,
	"CreateSessionTokenFromTemplate": (*Emulator).createTemplateTokenBAPI,
	"ListJWTTemplates":               (*Emulator).listJWTTemplates,
	"CreateJWTTemplate":              (*Emulator).createJWTTemplate,
	"GetJWTTemplate":                 (*Emulator).getJWTTemplate,
	"UpdateJWTTemplate":              (*Emulator).updateJWTTemplate,
	"DeleteJWTTemplate":              (*Emulator).deleteJWTTemplate,
}
