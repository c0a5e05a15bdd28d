package oauth

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// Frontend has the operations of the Frontend API, and pages, that this room answers, by
// the names of Clerk's description.
var Frontend = map[string]func(*API, *wire.Call) error{
	"getOpenIDConfiguration":               (*API).openIDConfiguration,
	"getOAuth2AuthorizationServerMetadata": (*API).authorizationServerMetadata,
	"requestOAuthAuthorize":                (*API).oauthAuthorize,
	"requestOAuthAuthorizePOST":            (*API).oauthAuthorize,
	"registerOAuthClient":                  (*API).oauthRegister,
	"getOAuthToken":                        (*API).oauthToken,
	"getOAuthUserInfo":                     (*API).oauthUserInfo,
	"getOAuthUserInfoPOST":                 (*API).oauthUserInfo,
	"getOAuthTokenInfo":                    (*API).oauthTokenInfo,
	"revokeOAuthToken":                     (*API).oauthRevoke,
	"getOAuthConsent":                      (*API).getOAuthConsent,
	"submitOAuthConsent":                   (*API).submitOAuthConsent,
	"ConsentPage":                          (*API).consentPage,
	"Consent":                              (*API).consentSubmit,
}

// Backend has the operations of the Backend API that this room answers, by the names
// of Clerk's description.
var Backend = map[string]func(*API, *wire.Call) error{
	"GetInstanceOAuthApplicationSettings":    (*API).getOAuthSettings,
	"UpdateInstanceOAuthApplicationSettings": (*API).updateOAuthSettings,
	"ListOAuthApplications":                  (*API).listOAuthApplications,
	"CreateOAuthApplication":                 (*API).createOAuthApplication,
	"GetOAuthApplication":                    (*API).getOAuthApplication,
	"UpdateOAuthApplication":                 (*API).updateOAuthApplication,
	"DeleteOAuthApplication":                 (*API).deleteOAuthApplication,
	"RotateOAuthApplicationSecret":           (*API).rotateOAuthSecret,
	"RevokeOAuthApplicationToken":            (*API).revokeOAuthTokenBAPI,
	"verifyOAuthAccessToken":                 (*API).verifyOAuthAccessToken,
}
