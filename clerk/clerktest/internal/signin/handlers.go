package signin

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// Frontend has the operations of the Frontend API, and pages, that this room answers, by
// the names of Clerk's description.
var Frontend = map[string]func(*API, *wire.Call) error{
	"createSignIn":                             (*API).createSignIn,
	"getSignIn":                                (*API).getSignIn,
	"resetPassword":                            (*API).resetPassword,
	"prepareSignInFactorOne":                   (*API).prepareFirstFactor,
	"attemptSignInFactorOne":                   (*API).attemptFirstFactor,
	"prepareSignInFactorTwo":                   (*API).prepareSecondFactor,
	"attemptSignInFactorTwo":                   (*API).attemptSecondFactor,
	"createSignUps":                            (*API).createSignUp,
	"getSignUps":                               (*API).getSignUp,
	"updateSignUps":                            (*API).updateSignUp,
	"prepareSignUpsVerification":               (*API).prepareSignUp,
	"attemptSignUpsVerification":               (*API).attemptSignUp,
	"touchClient":                              (*API).touchClient,
	"createAgentTask":                          (*API).acceptAgentTask,
	"getOauthCallback":                         (*API).oauthCallback,
	"postOauthCallback":                        (*API).oauthCallback,
	"startSessionReverification":               (*API).startReverification,
	"prepareSessionReverificationFirstFactor":  (*API).prepareReverificationFirst,
	"attemptSessionReverificationFirstFactor":  (*API).attemptReverificationFirst,
	"prepareSessionReverificationSecondFactor": (*API).prepareReverificationSecond,
	"attemptSessionReverificationSecondFactor": (*API).attemptReverificationSecond,
	"acceptTicket":                             (*API).acceptTicket,
	"verify":                                   (*API).verifyLink,
	"IndexPage":                                (*API).indexPage,
	"SignInPage":                               (*API).signInPage,
	"SignIn":                                   (*API).signInSubmit,
	"OrganizationPage":                         (*API).choosePage,
	"ChooseOrganization":                       (*API).chooseSubmit,
	"SignOutPage":                              (*API).signOutPage,
	"SignOut":                                  (*API).signOutSubmit,
	"ProviderPage":                             (*API).providerPage,
	"Provider":                                 (*API).providerSubmit,
	"Avatar":                                   (*API).avatar,
	"InspectorIcon":                            (*API).avatar,
}

// Backend has the operations of the Backend API that this room answers, by the names
// of Clerk's description.
var Backend = map[string]func(*API, *wire.Call) error{
	"CreateActorToken":   (*API).createActorTokenBAPI,
	"RevokeActorToken":   revokeTicket(state.TicketActor),
	"CreateSignInToken":  (*API).createSignInTokenBAPI,
	"RevokeSignInToken":  revokeTicket(state.TicketSignIn),
	"GetSignUp":          (*API).getSignUpBAPI,
	"UpdateSignUp":       (*API).updateSignUpBAPI,
	"CreateTestingToken": (*API).createTestingToken,
	"CreateAgentTask":    (*API).createAgentTask,
	"RevokeAgentTask":    (*API).revokeAgentTask,
}
