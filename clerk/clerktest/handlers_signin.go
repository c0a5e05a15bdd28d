package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// signinFrontend has the operations of the Frontend API, and pages, that this room answers, by
// the names of Clerk's description.
var signinFrontend = map[string]func(*Emulator, *wire.Call) error{
	"createSignIn":                             (*Emulator).createSignIn,
	"getSignIn":                                (*Emulator).getSignIn,
	"resetPassword":                            (*Emulator).resetPassword,
	"prepareSignInFactorOne":                   (*Emulator).prepareFirstFactor,
	"attemptSignInFactorOne":                   (*Emulator).attemptFirstFactor,
	"prepareSignInFactorTwo":                   (*Emulator).prepareSecondFactor,
	"attemptSignInFactorTwo":                   (*Emulator).attemptSecondFactor,
	"createSignUps":                            (*Emulator).createSignUp,
	"getSignUps":                               (*Emulator).getSignUp,
	"updateSignUps":                            (*Emulator).updateSignUp,
	"prepareSignUpsVerification":               (*Emulator).prepareSignUp,
	"attemptSignUpsVerification":               (*Emulator).attemptSignUp,
	"touchClient":                              (*Emulator).touchClient,
	"createAgentTask":                          (*Emulator).acceptAgentTask,
	"getOauthCallback":                         (*Emulator).oauthCallback,
	"postOauthCallback":                        (*Emulator).oauthCallback,
	"startSessionReverification":               (*Emulator).startReverification,
	"prepareSessionReverificationFirstFactor":  (*Emulator).prepareReverificationFirst,
	"attemptSessionReverificationFirstFactor":  (*Emulator).attemptReverificationFirst,
	"prepareSessionReverificationSecondFactor": (*Emulator).prepareReverificationSecond,
	"attemptSessionReverificationSecondFactor": (*Emulator).attemptReverificationSecond,
	"acceptTicket":                             (*Emulator).acceptTicket,
	"verify":                                   (*Emulator).verifyLink,
	"IndexPage":                                (*Emulator).indexPage,
	"SignInPage":                               (*Emulator).signInPage,
	"SignIn":                                   (*Emulator).signInSubmit,
	"OrganizationPage":                         (*Emulator).choosePage,
	"ChooseOrganization":                       (*Emulator).chooseSubmit,
	"SignOutPage":                              (*Emulator).signOutPage,
	"SignOut":                                  (*Emulator).signOutSubmit,
	"ProviderPage":                             (*Emulator).providerPage,
	"Provider":                                 (*Emulator).providerSubmit,
	"Avatar":                                   (*Emulator).avatar,
	"InspectorIcon":                            (*Emulator).avatar,
}

// signinBackend has the operations of the Backend API that this room answers, by the names
// of Clerk's description.
var signinBackend = map[string]func(*Emulator, *wire.Call) error{
	"CreateActorToken":   (*Emulator).createActorTokenBAPI,
	"RevokeActorToken":   revokeTicket(state.TicketActor),
	"CreateSignInToken":  (*Emulator).createSignInTokenBAPI,
	"RevokeSignInToken":  revokeTicket(state.TicketSignIn),
	"GetSignUp":          (*Emulator).getSignUpBAPI,
	"UpdateSignUp":       (*Emulator).updateSignUpBAPI,
	"CreateTestingToken": (*Emulator).createTestingToken,
	"CreateAgentTask":    (*Emulator).createAgentTask,
	"RevokeAgentTask":    (*Emulator).revokeAgentTask,
}
