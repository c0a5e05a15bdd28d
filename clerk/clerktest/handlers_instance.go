package clerktest

import "github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"

// instanceFrontend has the operations of the Frontend API, and pages, that this room answers, by
// the names of Clerk's description.
var instanceFrontend = map[string]func(*Emulator, *wire.Call) error{
	"getJWKS":                         (*Emulator).getJWKS,
	"getOrganizationCreationDefaults": (*Emulator).organizationCreationDefaults,
	"getAccountPortal":                (*Emulator).accountPortal,
	"getEnvironment":                  (*Emulator).environment,
	"updateEnvironment":               (*Emulator).environment,
	"getProxyHealth":                  (*Emulator).proxyHealth,
	"clearSiteData":                   (*Emulator).clearSiteData,
	"GetBillingPlanList":              (*Emulator).billingPlans,
	"GetBillingPlan":                  (*Emulator).billingPlan,
}

// instanceBackend has the operations of the Backend API that this room answers, by the names
// of Clerk's description.
var instanceBackend = map[string]func(*Emulator, *wire.Call) error{
	"GetJWKS":                     (*Emulator).getJWKS,
	"GetTemplateList":             (*Emulator).listMessageTemplates,
	"GetTemplate":                 (*Emulator).getMessageTemplate,
	"UpsertTemplate":              (*Emulator).upsertMessageTemplate,
	"RevertTemplate":              (*Emulator).revertMessageTemplate,
	"PreviewTemplate":             (*Emulator).previewMessageTemplate,
	"ToggleTemplateDelivery":      (*Emulator).toggleMessageDelivery,
	"UpdateInstanceAuthConfig":    (*Emulator).updateAuthConfig,
	"ListDomains":                 (*Emulator).listDomainsBAPI,
	"AddDomain":                   (*Emulator).addDomainBAPI,
	"UpdateDomain":                (*Emulator).updateDomainOfInstance,
	"DeleteDomain":                (*Emulator).deleteDomainOfInstance,
	"GetInstance":                 (*Emulator).getInstance,
	"UpdateInstance":              (*Emulator).updateInstance,
	"UpdateInstanceRestrictions":  (*Emulator).updateRestrictions,
	"GetInstanceProtect":          (*Emulator).getProtect,
	"UpdateInstanceProtect":       (*Emulator).updateProtect,
	"GetInstanceCommunication":    (*Emulator).getCommunication,
	"UpdateInstanceCommunication": (*Emulator).updateCommunication,
	"VerifyDomainProxy":           (*Emulator).verifyProxy,
	"ListRedirectURLs":            (*Emulator).listRedirectURLs,
	"CreateRedirectURL":           (*Emulator).createRedirectURL,
	"GetRedirectURL":              (*Emulator).getRedirectURL,
	"DeleteRedirectURL":           (*Emulator).deleteRedirectURL,
}
