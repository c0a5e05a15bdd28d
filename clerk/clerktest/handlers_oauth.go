package clerktest

import "github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"

// oauthFrontend has the operations of the Frontend API, and pages, that this room answers, by
// the names of Clerk's description.
var oauthFrontend = map[string]func(*Emulator, *wire.Call) error{
	"getOpenIDConfiguration":               (*Emulator).openIDConfiguration,
	"getOAuth2AuthorizationServerMetadata": (*Emulator).authorizationServerMetadata,
	"requestOAuthAuthorize":                (*Emulator).oauthAuthorize,
	"requestOAuthAuthorizePOST":            (*Emulator).oauthAuthorize,
	"registerOAuthClient":                  (*Emulator).oauthRegister,
	"getOAuthToken":                        (*Emulator).oauthToken,
	"getOAuthUserInfo":                     (*Emulator).oauthUserInfo,
	"getOAuthUserInfoPOST":                 (*Emulator).oauthUserInfo,
	"getOAuthTokenInfo":                    (*Emulator).oauthTokenInfo,
	"revokeOAuthToken":                     (*Emulator).oauthRevoke,
	"getOAuthConsent":                      (*Emulator).getOAuthConsent,
	"submitOAuthConsent":                   (*Emulator).submitOAuthConsent,
	"ConsentPage":                          (*Emulator).consentPage,
	"Consent":                              (*Emulator).consentSubmit,
}

// oauthBackend has the operations of the Backend API that this room answers, by the names
// of Clerk's description.
var oauthBackend = map[string]func(*Emulator, *wire.Call) error{
	"GetInstanceOAuthApplicationSettings":    (*Emulator).getOAuthSettings,
	"UpdateInstanceOAuthApplicationSettings": (*Emulator).updateOAuthSettings,
	"ListOAuthApplications":                  (*Emulator).listOAuthApplications,
	"CreateOAuthApplication":                 (*Emulator).createOAuthApplication,
	"GetOAuthApplication":                    (*Emulator).getOAuthApplication,
	"UpdateOAuthApplication":                 (*Emulator).updateOAuthApplication,
	"DeleteOAuthApplication":                 (*Emulator).deleteOAuthApplication,
	"RotateOAuthApplicationSecret":           (*Emulator).rotateOAuthSecret,
	"RevokeOAuthApplicationToken":            (*Emulator).revokeOAuthTokenBAPI,
	"verifyOAuthAccessToken":                 (*Emulator).verifyOAuthAccessToken,
}
