package instance

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// Frontend has the operations of the Frontend API, and pages, that this room answers, by
// the names of Clerk's description.
var Frontend = map[string]func(*API, *wire.Call) error{
	"getJWKS":                         (*API).getJWKS,
	"getOrganizationCreationDefaults": (*API).organizationCreationDefaults,
	"getAccountPortal":                (*API).accountPortal,
	"getEnvironment":                  (*API).environment,
	"updateEnvironment":               (*API).environment,
	"getProxyHealth":                  (*API).proxyHealth,
	"clearSiteData":                   (*API).clearSiteData,
	"GetBillingPlanList":              (*API).billingPlans,
	"GetBillingPlan":                  (*API).billingPlan,
}

// Backend has the operations of the Backend API that this room answers, by the names
// of Clerk's description.
var Backend = map[string]func(*API, *wire.Call) error{
	"GetJWKS":                     (*API).getJWKS,
	"GetTemplateList":             (*API).listMessageTemplates,
	"GetTemplate":                 (*API).getMessageTemplate,
	"UpsertTemplate":              (*API).upsertMessageTemplate,
	"RevertTemplate":              (*API).revertMessageTemplate,
	"PreviewTemplate":             (*API).previewMessageTemplate,
	"ToggleTemplateDelivery":      (*API).toggleMessageDelivery,
	"UpdateInstanceAuthConfig":    (*API).updateAuthConfig,
	"ListDomains":                 (*API).listDomainsBAPI,
	"AddDomain":                   (*API).addDomainBAPI,
	"UpdateDomain":                (*API).updateDomainOfInstance,
	"DeleteDomain":                (*API).deleteDomainOfInstance,
	"GetInstance":                 (*API).getInstance,
	"UpdateInstance":              (*API).updateInstance,
	"UpdateInstanceRestrictions":  (*API).updateRestrictions,
	"GetInstanceProtect":          (*API).getProtect,
	"UpdateInstanceProtect":       (*API).updateProtect,
	"GetInstanceCommunication":    (*API).getCommunication,
	"UpdateInstanceCommunication": (*API).updateCommunication,
	"VerifyDomainProxy":           (*API).verifyProxy,
	"ListRedirectURLs":            (*API).listRedirectURLs,
	"CreateRedirectURL":           (*API).createRedirectURL,
	"GetRedirectURL":              (*API).getRedirectURL,
	"DeleteRedirectURL":           (*API).deleteRedirectURL,
}
