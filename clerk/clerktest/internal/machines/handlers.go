package machines

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// Frontend has the operations of the Frontend API, and pages, that this room answers, by
// the names of Clerk's description.
var Frontend = map[string]func(*API, *wire.Call) error{
	"getApiKeys":   (*API).listOwnAPIKeys,
	"createApiKey": (*API).createOwnAPIKey,
	"updateApiKey": (*API).updateOwnAPIKey,
	"revokeApiKey": (*API).revokeOwnAPIKey,
}

// Backend has the operations of the Backend API that this room answers, by the names
// of Clerk's description.
var Backend = map[string]func(*API, *wire.Call) error{
	"ListMachines":           (*API).listMachines,
	"CreateMachine":          (*API).createMachine,
	"GetMachine":             (*API).getMachine,
	"UpdateMachine":          (*API).updateMachine,
	"DeleteMachine":          (*API).deleteMachine,
	"GetMachineSecretKey":    (*API).getMachineSecret,
	"RotateMachineSecretKey": (*API).rotateMachineSecret,
	"CreateMachineScope":     (*API).createMachineScope,
	"DeleteMachineScope":     (*API).deleteMachineScope,
	"getApiKeys":             (*API).listAPIKeys,
	"createApiKey":           (*API).createAPIKey,
	"getApiKey":              (*API).getAPIKey,
	"updateApiKey":           (*API).updateAPIKey,
	"deleteApiKey":           (*API).deleteAPIKey,
	"getApiKeySecret":        (*API).getAPIKeySecret,
	"revokeApiKey":           (*API).revokeAPIKey,
	"verifyApiKey":           (*API).verifyAPIKey,
	"getM2MTokens":           (*API).listM2MTokens,
	"createM2MToken":         (*API).createM2MToken,
	"revokeM2MToken":         (*API).revokeM2MToken,
	"verifyM2MToken":         (*API).verifyM2MToken,
}
