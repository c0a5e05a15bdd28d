package clerktest

import "github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"

// machinesFrontend has the operations of the Frontend API, and pages, that this room answers, by
// the names of Clerk's description.
var machinesFrontend = map[string]func(*Emulator, *wire.Call) error{
	"getApiKeys":   (*Emulator).listOwnAPIKeys,
	"createApiKey": (*Emulator).createOwnAPIKey,
	"updateApiKey": (*Emulator).updateOwnAPIKey,
	"revokeApiKey": (*Emulator).revokeOwnAPIKey,
}

// machinesBackend has the operations of the Backend API that this room answers, by the names
// of Clerk's description.
var machinesBackend = map[string]func(*Emulator, *wire.Call) error{
	"ListMachines":           (*Emulator).listMachines,
	"CreateMachine":          (*Emulator).createMachine,
	"GetMachine":             (*Emulator).getMachine,
	"UpdateMachine":          (*Emulator).updateMachine,
	"DeleteMachine":          (*Emulator).deleteMachine,
	"GetMachineSecretKey":    (*Emulator).getMachineSecret,
	"RotateMachineSecretKey": (*Emulator).rotateMachineSecret,
	"CreateMachineScope":     (*Emulator).createMachineScope,
	"DeleteMachineScope":     (*Emulator).deleteMachineScope,
	"getApiKeys":             (*Emulator).listAPIKeys,
	"createApiKey":           (*Emulator).createAPIKey,
	"getApiKey":              (*Emulator).getAPIKey,
	"updateApiKey":           (*Emulator).updateAPIKey,
	"deleteApiKey":           (*Emulator).deleteAPIKey,
	"getApiKeySecret":        (*Emulator).getAPIKeySecret,
	"revokeApiKey":           (*Emulator).revokeAPIKey,
	"verifyApiKey":           (*Emulator).verifyAPIKey,
	"getM2MTokens":           (*Emulator).listM2MTokens,
	"createM2MToken":         (*Emulator).createM2MToken,
	"revokeM2MToken":         (*Emulator).revokeM2MToken,
	"verifyM2MToken":         (*Emulator).verifyM2MToken,
}
