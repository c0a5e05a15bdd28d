package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// backendRoutes are the operations of the Backend API, by the names of Clerk's description
// of 2026-05-12.
var backendRoutes = []operation{
	// Public.
	{Method: "GET", Pattern: "/v1/public/interstitial", Operation: "GetPublicInterstitial", Handler: nil},

	// Jwks.
	{Method: "GET", Pattern: "/v1/jwks", Operation: "GetJWKS", Handler: (*Emulator).getJWKS},

	// Clients.
	{Method: "GET", Pattern: "/v1/clients", Operation: "GetClientList", Handler: (*Emulator).listClients},
	{Method: "POST", Pattern: "/v1/clients/verify", Operation: "VerifyClient", Handler: (*Emulator).verifyClient},
	{Method: "GET", Pattern: "/v1/clients/{client_id}", Operation: "GetClient", Handler: (*Emulator).getClientBAPI},
	{Method: "GET", Pattern: "/v1/clients/handshake_payload", Operation: "GetHandshakePayload", Handler: (*Emulator).handshakePayload}, // not in the description

	// Emails. Not in the description; @clerk/backend 3.25.0 has them.
	{Method: "POST", Pattern: "/v1/email", Operation: "CreateEmail", Handler: nil},
	{Method: "POST", Pattern: "/v1/email/batch", Operation: "CreateEmailBatch", Handler: nil},
	{Method: "GET", Pattern: "/v1/email/{email_id}", Operation: "GetEmail", Handler: nil},

	// Email addresses.
	{Method: "POST", Pattern: "/v1/email_addresses", Operation: "CreateEmailAddress", Handler: ofEmails((*Emulator).createIdentificationBAPI)},
	{Method: "GET", Pattern: "/v1/email_addresses/{email_address_id}", Operation: "GetEmailAddress", Handler: ofEmails((*Emulator).getIdentificationBAPI)},
	{Method: "PATCH", Pattern: "/v1/email_addresses/{email_address_id}", Operation: "UpdateEmailAddress", Handler: ofEmails((*Emulator).updateIdentificationBAPI)},
	{Method: "DELETE", Pattern: "/v1/email_addresses/{email_address_id}", Operation: "DeleteEmailAddress", Handler: ofEmails((*Emulator).deleteIdentificationBAPI)},
	{Method: "POST", Pattern: "/v1/email_addresses/{email_address_id}/prepare_verification", Operation: "PrepareEmailAddressVerification", Handler: ofEmails((*Emulator).prepareCodeCheck)},
	{Method: "POST", Pattern: "/v1/email_addresses/{email_address_id}/attempt_verification", Operation: "AttemptEmailAddressVerification", Handler: ofEmails((*Emulator).attemptCodeCheck)},
	{Method: "PUT", Pattern: "/v1/users/{user_id}/email_address", Operation: "ReplaceUserEmailAddress", Handler: ofEmails((*Emulator).replaceIdentification)},

	// Phone numbers.
	{Method: "POST", Pattern: "/v1/phone_numbers", Operation: "CreatePhoneNumber", Handler: ofPhones((*Emulator).createIdentificationBAPI)},
	{Method: "GET", Pattern: "/v1/phone_numbers/{phone_number_id}", Operation: "GetPhoneNumber", Handler: ofPhones((*Emulator).getIdentificationBAPI)},
	{Method: "PATCH", Pattern: "/v1/phone_numbers/{phone_number_id}", Operation: "UpdatePhoneNumber", Handler: ofPhones((*Emulator).updateIdentificationBAPI)},
	{Method: "DELETE", Pattern: "/v1/phone_numbers/{phone_number_id}", Operation: "DeletePhoneNumber", Handler: ofPhones((*Emulator).deleteIdentificationBAPI)},
	{Method: "POST", Pattern: "/v1/phone_numbers/{phone_number_id}/prepare_verification", Operation: "PreparePhoneNumberVerification", Handler: ofPhones((*Emulator).prepareCodeCheck)},
	{Method: "POST", Pattern: "/v1/phone_numbers/{phone_number_id}/attempt_verification", Operation: "AttemptPhoneNumberVerification", Handler: ofPhones((*Emulator).attemptCodeCheck)},
	{Method: "PUT", Pattern: "/v1/users/{user_id}/phone_number", Operation: "ReplaceUserPhoneNumber", Handler: ofPhones((*Emulator).replaceIdentification)},

	// Sessions.
	{Method: "GET", Pattern: "/v1/sessions", Operation: "GetSessionList", Handler: (*Emulator).listSessionsBAPI},
	{Method: "POST", Pattern: "/v1/sessions", Operation: "createSession", Handler: (*Emulator).createSessionBAPI},
	{Method: "GET", Pattern: "/v1/sessions/{session_id}", Operation: "GetSession", Handler: (*Emulator).getSessionBAPI},
	{Method: "POST", Pattern: "/v1/sessions/{session_id}/refresh", Operation: "RefreshSession", Handler: (*Emulator).refreshSession},
	{Method: "POST", Pattern: "/v1/sessions/{session_id}/revoke", Operation: "RevokeSession", Handler: (*Emulator).revokeSessionBAPI},
	{Method: "POST", Pattern: "/v1/sessions/{session_id}/tokens", Operation: "CreateSessionToken", Handler: (*Emulator).createSessionTokenBAPI},
	{Method: "POST", Pattern: "/v1/sessions/{session_id}/tokens/{template_name}", Operation: "CreateSessionTokenFromTemplate", Handler: (*Emulator).createTemplateTokenBAPI},

	// Templates.
	{Method: "GET", Pattern: "/v1/templates/{template_type}", Operation: "GetTemplateList", Handler: (*Emulator).listMessageTemplates},
	{Method: "GET", Pattern: "/v1/templates/{template_type}/{slug}", Operation: "GetTemplate", Handler: (*Emulator).getMessageTemplate},
	{Method: "PUT", Pattern: "/v1/templates/{template_type}/{slug}", Operation: "UpsertTemplate", Handler: (*Emulator).upsertMessageTemplate},
	{Method: "POST", Pattern: "/v1/templates/{template_type}/{slug}/revert", Operation: "RevertTemplate", Handler: (*Emulator).revertMessageTemplate},
	{Method: "POST", Pattern: "/v1/templates/{template_type}/{slug}/preview", Operation: "PreviewTemplate", Handler: (*Emulator).previewMessageTemplate},
	{Method: "POST", Pattern: "/v1/templates/{template_type}/{slug}/toggle_delivery", Operation: "ToggleTemplateDelivery", Handler: (*Emulator).toggleMessageDelivery},

	// Users.
	{Method: "GET", Pattern: "/v1/users", Operation: "GetUserList", Handler: (*Emulator).listUsersBAPI},
	{Method: "POST", Pattern: "/v1/users", Operation: "CreateUser", Handler: (*Emulator).createUserBAPI},
	{Method: "GET", Pattern: "/v1/users/count", Operation: "GetUsersCount", Handler: (*Emulator).countUsersBAPI},
	{Method: "GET", Pattern: "/v1/users/{user_id}", Operation: "GetUser", Handler: (*Emulator).getUserBAPI},
	{Method: "PATCH", Pattern: "/v1/users/{user_id}", Operation: "UpdateUser", Handler: (*Emulator).updateUserBAPI},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}", Operation: "DeleteUser", Handler: (*Emulator).deleteUserBAPI},
	{Method: "POST", Pattern: "/v1/users/{user_id}/ban", Operation: "BanUser", Handler: oneUser((*state.Tx).Ban)},
	{Method: "POST", Pattern: "/v1/users/{user_id}/unban", Operation: "UnbanUser", Handler: oneUser((*state.Tx).Unban)},
	{Method: "POST", Pattern: "/v1/users/ban", Operation: "UsersBan", Handler: manyUsers((*state.Tx).Ban)},
	{Method: "POST", Pattern: "/v1/users/unban", Operation: "UsersUnban", Handler: manyUsers((*state.Tx).Unban)},
	{Method: "POST", Pattern: "/v1/users/{user_id}/lock", Operation: "LockUser", Handler: oneUser((*state.Tx).Lock)},
	{Method: "POST", Pattern: "/v1/users/{user_id}/unlock", Operation: "UnlockUser", Handler: oneUser((*state.Tx).Unlock)},
	{Method: "POST", Pattern: "/v1/users/{user_id}/profile_image", Operation: "SetUserProfileImage", Handler: (*Emulator).setUserImage},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/profile_image", Operation: "DeleteUserProfileImage", Handler: (*Emulator).deleteUserImage},
	{Method: "PUT", Pattern: "/v1/users/{user_id}/metadata", Operation: "ReplaceUserMetadata", Handler: (*Emulator).replaceUserMetadata},
	{Method: "PATCH", Pattern: "/v1/users/{user_id}/metadata", Operation: "UpdateUserMetadata", Handler: (*Emulator).mergeUserMetadata},

	// Users billing.
	{Method: "GET", Pattern: "/v1/users/{user_id}/billing/subscription", Operation: "GetUserBillingSubscription", Handler: nil},
	{Method: "GET", Pattern: "/v1/users/{user_id}/billing/credits", Operation: "GetUserBillingCreditBalance", Handler: nil},
	{Method: "POST", Pattern: "/v1/users/{user_id}/billing/credits", Operation: "AdjustUserBillingCreditBalance", Handler: nil},

	// Users.
	{Method: "GET", Pattern: "/v1/users/{user_id}/oauth_access_tokens/{provider}", Operation: "GetOAuthAccessToken", Handler: (*Emulator).listOAuthTokens},
	{Method: "GET", Pattern: "/v1/users/{user_id}/organization_memberships", Operation: "UsersGetOrganizationMemberships", Handler: (*Emulator).listUserMemberships},
	{Method: "GET", Pattern: "/v1/users/{user_id}/organization_invitations", Operation: "UsersGetOrganizationInvitations", Handler: (*Emulator).listUserInvitations},
	{Method: "POST", Pattern: "/v1/users/{user_id}/remove_password", Operation: "RemoveUserPassword", Handler: (*Emulator).removeUserPassword},
	{Method: "POST", Pattern: "/v1/users/{user_id}/verify_password", Operation: "VerifyPassword", Handler: (*Emulator).verifyUserPassword},
	{Method: "POST", Pattern: "/v1/users/{user_id}/verify_totp", Operation: "VerifyTOTP", Handler: (*Emulator).verifyUserTOTP},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/mfa", Operation: "DisableMFA", Handler: changeFactors(disableMFA)},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/backup_code", Operation: "DeleteBackupCode", Handler: changeFactors(dropBackupCodes)},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/passkeys/{passkey_identification_id}", Operation: "UserPasskeyDelete", Handler: withoutAny("passkey")},
	{Method: "GET", Pattern: "/v1/users/{user_id}/trusted_devices", Operation: "ListUserTrustedDevices", Handler: (*Emulator).listTrustedDevices},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/trusted_devices/{trusted_device_id}", Operation: "RevokeUserTrustedDevice", Handler: withoutAny("trusted device")},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/web3_wallets/{web3_wallet_identification_id}", Operation: "UserWeb3WalletDelete", Handler: withoutAny("web3 wallet")},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/totp", Operation: "DeleteTOTP", Handler: changeFactors(dropTOTP)},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/external_accounts/{external_account_id}", Operation: "DeleteExternalAccount", Handler: (*Emulator).deleteUserAccount},
	{Method: "POST", Pattern: "/v1/users/{user_id}/password/set_compromised", Operation: "SetUserPasswordCompromised", Handler: (*Emulator).setPasswordCompromised},
	{Method: "POST", Pattern: "/v1/users/{user_id}/password/unset_compromised", Operation: "UnsetUserPasswordCompromised", Handler: oneUser(unsetCompromised)},

	// Invitations.
	{Method: "GET", Pattern: "/v1/invitations", Operation: "ListInvitations", Handler: (*Emulator).listInvitationsBAPI},
	{Method: "POST", Pattern: "/v1/invitations", Operation: "CreateInvitation", Handler: (*Emulator).createInvitationBAPI},
	{Method: "POST", Pattern: "/v1/invitations/bulk", Operation: "CreateBulkInvitations", Handler: (*Emulator).createInvitationsBAPI},
	{Method: "DELETE", Pattern: "/v1/invitations/{invitation_id}", Operation: "DeleteInvitation", Handler: (*Emulator).deleteInvitationBAPI}, // as the emails
	{Method: "POST", Pattern: "/v1/invitations/{invitation_id}/revoke", Operation: "RevokeInvitation", Handler: (*Emulator).revokeInvitationBAPI},

	// Organization invitations.
	{Method: "GET", Pattern: "/v1/organization_invitations", Operation: "ListInstanceOrganizationInvitations", Handler: ofOrganizations((*Emulator).listInvitationsOfAll)},

	// Allowlist identifiers.
	{Method: "GET", Pattern: "/v1/allowlist_identifiers", Operation: "ListAllowlistIdentifiers", Handler: (*Emulator).listAllowlist},
	{Method: "POST", Pattern: "/v1/allowlist_identifiers", Operation: "CreateAllowlistIdentifier", Handler: (*Emulator).createAllowed},
	{Method: "DELETE", Pattern: "/v1/allowlist_identifiers/{identifier_id}", Operation: "DeleteAllowlistIdentifier", Handler: (*Emulator).deleteAllowed},

	// Blocklist identifiers.
	{Method: "GET", Pattern: "/v1/blocklist_identifiers", Operation: "ListBlocklistIdentifiers", Handler: (*Emulator).listBlocklist},
	{Method: "POST", Pattern: "/v1/blocklist_identifiers", Operation: "CreateBlocklistIdentifier", Handler: (*Emulator).createBlocked},
	{Method: "DELETE", Pattern: "/v1/blocklist_identifiers/{identifier_id}", Operation: "DeleteBlocklistIdentifier", Handler: (*Emulator).deleteBlocked},

	// Beta features.
	{Method: "PATCH", Pattern: "/v1/beta_features/instance_settings", Operation: "UpdateInstanceAuthConfig", Handler: (*Emulator).updateAuthConfig},
	{Method: "PUT", Pattern: "/v1/beta_features/domain", Operation: "UpdateProductionInstanceDomain", Handler: nil},

	// Actor tokens.
	{Method: "POST", Pattern: "/v1/actor_tokens", Operation: "CreateActorToken", Handler: (*Emulator).createActorTokenBAPI},
	{Method: "POST", Pattern: "/v1/actor_tokens/{actor_token_id}/revoke", Operation: "RevokeActorToken", Handler: revokeTicket(state.TicketActor)},

	// Domains.
	{Method: "GET", Pattern: "/v1/domains", Operation: "ListDomains", Handler: (*Emulator).listDomainsBAPI},
	{Method: "POST", Pattern: "/v1/domains", Operation: "AddDomain", Handler: (*Emulator).addDomainBAPI},
	{Method: "PATCH", Pattern: "/v1/domains/{domain_id}", Operation: "UpdateDomain", Handler: (*Emulator).updateDomainOfInstance},
	{Method: "DELETE", Pattern: "/v1/domains/{domain_id}", Operation: "DeleteDomain", Handler: (*Emulator).deleteDomainOfInstance},

	// Instance.
	{Method: "GET", Pattern: "/v1/instance", Operation: "GetInstance", Handler: (*Emulator).getInstance},
	{Method: "PATCH", Pattern: "/v1/instance", Operation: "UpdateInstance", Handler: (*Emulator).updateInstance},
	{Method: "PATCH", Pattern: "/v1/instance/restrictions", Operation: "UpdateInstanceRestrictions", Handler: (*Emulator).updateRestrictions},
	{Method: "GET", Pattern: "/v1/instance/protect", Operation: "GetInstanceProtect", Handler: (*Emulator).getProtect},
	{Method: "PATCH", Pattern: "/v1/instance/protect", Operation: "UpdateInstanceProtect", Handler: (*Emulator).updateProtect},
	{Method: "GET", Pattern: "/v1/instance/communication", Operation: "GetInstanceCommunication", Handler: (*Emulator).getCommunication},
	{Method: "PATCH", Pattern: "/v1/instance/communication", Operation: "UpdateInstanceCommunication", Handler: (*Emulator).updateCommunication},
	{Method: "GET", Pattern: "/v1/instance/oauth_application_settings", Operation: "GetInstanceOAuthApplicationSettings", Handler: (*Emulator).getOAuthSettings},
	{Method: "PATCH", Pattern: "/v1/instance/oauth_application_settings", Operation: "UpdateInstanceOAuthApplicationSettings", Handler: (*Emulator).updateOAuthSettings},
	{Method: "POST", Pattern: "/v1/instance/change_domain", Operation: "ChangeProductionInstanceDomain", Handler: nil},
	{Method: "GET", Pattern: "/v1/instance/organization_settings", Operation: "GetInstanceOrganizationSettings", Handler: (*Emulator).getOrganizationSettings},
	{Method: "PATCH", Pattern: "/v1/instance/organization_settings", Operation: "UpdateInstanceOrganizationSettings", Handler: (*Emulator).updateOrganizationSettings},

	// Webhooks.
	{Method: "POST", Pattern: "/v1/webhooks/svix", Operation: "CreateSvixApp", Handler: (*Emulator).createSvixApp},
	{Method: "DELETE", Pattern: "/v1/webhooks/svix", Operation: "DeleteSvixApp", Handler: (*Emulator).deleteSvixApp},
	{Method: "POST", Pattern: "/v1/webhooks/svix_url", Operation: "GenerateSvixAuthURL", Handler: (*Emulator).svixURL},

	// Jwt templates.
	{Method: "GET", Pattern: "/v1/jwt_templates", Operation: "ListJWTTemplates", Handler: (*Emulator).listJWTTemplates},
	{Method: "POST", Pattern: "/v1/jwt_templates", Operation: "CreateJWTTemplate", Handler: (*Emulator).createJWTTemplate},
	{Method: "GET", Pattern: "/v1/jwt_templates/{template_id}", Operation: "GetJWTTemplate", Handler: (*Emulator).getJWTTemplate},
	{Method: "PATCH", Pattern: "/v1/jwt_templates/{template_id}", Operation: "UpdateJWTTemplate", Handler: (*Emulator).updateJWTTemplate},
	{Method: "DELETE", Pattern: "/v1/jwt_templates/{template_id}", Operation: "DeleteJWTTemplate", Handler: (*Emulator).deleteJWTTemplate},

	// Machines.
	{Method: "GET", Pattern: "/v1/machines", Operation: "ListMachines", Handler: (*Emulator).listMachines},
	{Method: "POST", Pattern: "/v1/machines", Operation: "CreateMachine", Handler: (*Emulator).createMachine},
	{Method: "GET", Pattern: "/v1/machines/{machine_id}", Operation: "GetMachine", Handler: (*Emulator).getMachine},
	{Method: "PATCH", Pattern: "/v1/machines/{machine_id}", Operation: "UpdateMachine", Handler: (*Emulator).updateMachine},
	{Method: "DELETE", Pattern: "/v1/machines/{machine_id}", Operation: "DeleteMachine", Handler: (*Emulator).deleteMachine},
	{Method: "GET", Pattern: "/v1/machines/{machine_id}/secret_key", Operation: "GetMachineSecretKey", Handler: (*Emulator).getMachineSecret},
	{Method: "POST", Pattern: "/v1/machines/{machine_id}/secret_key/rotate", Operation: "RotateMachineSecretKey", Handler: (*Emulator).rotateMachineSecret},
	{Method: "POST", Pattern: "/v1/machines/{machine_id}/scopes", Operation: "CreateMachineScope", Handler: (*Emulator).createMachineScope},
	{Method: "DELETE", Pattern: "/v1/machines/{machine_id}/scopes/{other_machine_id}", Operation: "DeleteMachineScope", Handler: (*Emulator).deleteMachineScope},

	// Organizations.
	{Method: "GET", Pattern: "/v1/organizations", Operation: "ListOrganizations", Handler: ofOrganizations((*Emulator).listOrganizationsBAPI)},
	{Method: "POST", Pattern: "/v1/organizations", Operation: "CreateOrganization", Handler: ofOrganizations((*Emulator).createOrganizationBAPI)},
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}", Operation: "GetOrganization", Handler: ofOrganizations((*Emulator).getOrganizationBAPI)},
	{Method: "PATCH", Pattern: "/v1/organizations/{organization_id}", Operation: "UpdateOrganization", Handler: ofOrganizations((*Emulator).updateOrganizationBAPI)},
	{Method: "DELETE", Pattern: "/v1/organizations/{organization_id}", Operation: "DeleteOrganization", Handler: ofOrganizations((*Emulator).deleteOrganizationBAPI)},
	{Method: "PUT", Pattern: "/v1/organizations/{organization_id}/metadata", Operation: "ReplaceOrganizationMetadata", Handler: ofOrganizations((*Emulator).replaceOrganizationMetadata)},
	{Method: "PATCH", Pattern: "/v1/organizations/{organization_id}/metadata", Operation: "MergeOrganizationMetadata", Handler: ofOrganizations((*Emulator).mergeOrganizationMetadata)},
	{Method: "PUT", Pattern: "/v1/organizations/{organization_id}/logo", Operation: "UploadOrganizationLogo", Handler: ofOrganizations((*Emulator).uploadOrganizationLogo)},
	{Method: "DELETE", Pattern: "/v1/organizations/{organization_id}/logo", Operation: "DeleteOrganizationLogo", Handler: ofOrganizations((*Emulator).deleteOrganizationLogo)},

	// Organizations billing.
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/billing/subscription", Operation: "GetOrganizationBillingSubscription", Handler: nil},
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/billing/credits", Operation: "GetOrganizationBillingCreditBalance", Handler: nil},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/billing/credits", Operation: "AdjustOrganizationBillingCreditBalance", Handler: nil},

	// Organizations invitations.
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/invitations", Operation: "ListOrganizationInvitations", Handler: ofOrganizations((*Emulator).listInvitationsOfOrganization)},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/invitations", Operation: "CreateOrganizationInvitation", Handler: ofOrganizations((*Emulator).createOrganizationInvitationBAPI)},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/invitations/bulk", Operation: "CreateOrganizationInvitationBulk", Handler: ofOrganizations((*Emulator).createOrganizationInvitationsBAPI)},
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/invitations/pending", Operation: "ListPendingOrganizationInvitations", Handler: ofOrganizations((*Emulator).listPendingInvitationsBAPI)},
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/invitations/{invitation_id}", Operation: "GetOrganizationInvitation", Handler: ofOrganizations((*Emulator).getInvitationBAPI)},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/invitations/{invitation_id}/revoke", Operation: "RevokeOrganizationInvitation", Handler: ofOrganizations((*Emulator).revokeOrganizationInvitationBAPI)},

	// Organization roles.
	{Method: "GET", Pattern: "/v1/organization_roles", Operation: "ListOrganizationRoles", Handler: ofOrganizations((*Emulator).listRoles)},
	{Method: "POST", Pattern: "/v1/organization_roles", Operation: "CreateOrganizationRole", Handler: ofOrganizations((*Emulator).createRole)},
	{Method: "GET", Pattern: "/v1/organization_roles/{organization_role_id}", Operation: "GetOrganizationRole", Handler: ofOrganizations((*Emulator).getRole)},
	{Method: "PATCH", Pattern: "/v1/organization_roles/{organization_role_id}", Operation: "UpdateOrganizationRole", Handler: ofOrganizations((*Emulator).updateRole)},
	{Method: "DELETE", Pattern: "/v1/organization_roles/{organization_role_id}", Operation: "DeleteOrganizationRole", Handler: ofOrganizations((*Emulator).deleteRole)},
	{Method: "POST", Pattern: "/v1/organization_roles/{organization_role_id}/permissions/{permission_id}", Operation: "AssignPermissionToOrganizationRole", Handler: ofOrganizations((*Emulator).assignPermission)},
	{Method: "DELETE", Pattern: "/v1/organization_roles/{organization_role_id}/permissions/{permission_id}", Operation: "RemovePermissionFromOrganizationRole", Handler: ofOrganizations((*Emulator).removePermission)},

	// Organizations memberships.
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/memberships", Operation: "ListOrganizationMemberships", Handler: ofOrganizations((*Emulator).listMemberships)},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/memberships", Operation: "CreateOrganizationMembership", Handler: ofOrganizations((*Emulator).createMembership)},
	{Method: "PATCH", Pattern: "/v1/organizations/{organization_id}/memberships/{user_id}", Operation: "UpdateOrganizationMembership", Handler: ofOrganizations((*Emulator).updateMembership)},
	{Method: "DELETE", Pattern: "/v1/organizations/{organization_id}/memberships/{user_id}", Operation: "DeleteOrganizationMembership", Handler: ofOrganizations((*Emulator).deleteMembership)},
	{Method: "PATCH", Pattern: "/v1/organizations/{organization_id}/memberships/{user_id}/metadata", Operation: "UpdateOrganizationMembershipMetadata", Handler: ofOrganizations((*Emulator).updateMembershipMetadata)},

	// Organizations domains.
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/domains", Operation: "ListOrganizationDomains", Handler: ofOrganizations((*Emulator).listDomainsOfOrganization)},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/domains", Operation: "CreateOrganizationDomain", Handler: ofOrganizations((*Emulator).createDomainBAPI)},
	{Method: "PATCH", Pattern: "/v1/organizations/{organization_id}/domains/{domain_id}", Operation: "UpdateOrganizationDomain", Handler: ofOrganizations((*Emulator).updateDomainBAPI)},
	{Method: "DELETE", Pattern: "/v1/organizations/{organization_id}/domains/{domain_id}", Operation: "DeleteOrganizationDomain", Handler: ofOrganizations((*Emulator).deleteDomainBAPI)},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/domains/{domain_id}/verify_ownership", Operation: "VerifyOrganizationDomainOwnership", Handler: ofOrganizations((*Emulator).verifyDomainOwnership)},

	// Organization domains.
	{Method: "GET", Pattern: "/v1/organization_domains", Operation: "ListAllOrganizationDomains", Handler: ofOrganizations((*Emulator).listDomainsOfAll)},

	// Proxy checks.
	{Method: "POST", Pattern: "/v1/proxy_checks", Operation: "VerifyDomainProxy", Handler: (*Emulator).verifyProxy},

	// Redirect urls.
	{Method: "GET", Pattern: "/v1/redirect_urls", Operation: "ListRedirectURLs", Handler: (*Emulator).listRedirectURLs},
	{Method: "POST", Pattern: "/v1/redirect_urls", Operation: "CreateRedirectURL", Handler: (*Emulator).createRedirectURL},
	{Method: "GET", Pattern: "/v1/redirect_urls/{id}", Operation: "GetRedirectURL", Handler: (*Emulator).getRedirectURL},
	{Method: "DELETE", Pattern: "/v1/redirect_urls/{id}", Operation: "DeleteRedirectURL", Handler: (*Emulator).deleteRedirectURL},

	// Sign in tokens.
	{Method: "POST", Pattern: "/v1/sign_in_tokens", Operation: "CreateSignInToken", Handler: (*Emulator).createSignInTokenBAPI},
	{Method: "POST", Pattern: "/v1/sign_in_tokens/{sign_in_token_id}/revoke", Operation: "RevokeSignInToken", Handler: revokeTicket(state.TicketSignIn)},

	// Sign ups.
	{Method: "GET", Pattern: "/v1/sign_ups/{id}", Operation: "GetSignUp", Handler: (*Emulator).getSignUpBAPI},
	{Method: "PATCH", Pattern: "/v1/sign_ups/{id}", Operation: "UpdateSignUp", Handler: (*Emulator).updateSignUpBAPI},

	// Oauth applications.
	{Method: "GET", Pattern: "/v1/oauth_applications", Operation: "ListOAuthApplications", Handler: (*Emulator).listOAuthApplications},
	{Method: "POST", Pattern: "/v1/oauth_applications", Operation: "CreateOAuthApplication", Handler: (*Emulator).createOAuthApplication},
	{Method: "GET", Pattern: "/v1/oauth_applications/{oauth_application_id}", Operation: "GetOAuthApplication", Handler: (*Emulator).getOAuthApplication},
	{Method: "PATCH", Pattern: "/v1/oauth_applications/{oauth_application_id}", Operation: "UpdateOAuthApplication", Handler: (*Emulator).updateOAuthApplication},
	{Method: "DELETE", Pattern: "/v1/oauth_applications/{oauth_application_id}", Operation: "DeleteOAuthApplication", Handler: (*Emulator).deleteOAuthApplication},
	{Method: "PUT", Pattern: "/v1/oauth_applications/{oauth_application_id}/logo", Operation: "UploadOAuthApplicationLogo", Handler: nil},
	{Method: "POST", Pattern: "/v1/oauth_applications/{oauth_application_id}/rotate_secret", Operation: "RotateOAuthApplicationSecret", Handler: (*Emulator).rotateOAuthSecret},
	{Method: "POST", Pattern: "/v1/oauth_applications/{oauth_application_id}/revoke_token", Operation: "RevokeOAuthApplicationToken", Handler: (*Emulator).revokeOAuthTokenBAPI},

	// Saml connections.
	{Method: "GET", Pattern: "/v1/saml_connections", Operation: "ListSAMLConnections", Handler: nil},
	{Method: "POST", Pattern: "/v1/saml_connections", Operation: "CreateSAMLConnection", Handler: nil},
	{Method: "GET", Pattern: "/v1/saml_connections/{saml_connection_id}", Operation: "GetSAMLConnection", Handler: nil},
	{Method: "PATCH", Pattern: "/v1/saml_connections/{saml_connection_id}", Operation: "UpdateSAMLConnection", Handler: nil},
	{Method: "DELETE", Pattern: "/v1/saml_connections/{saml_connection_id}", Operation: "DeleteSAMLConnection", Handler: nil},

	// Enterprise connections.
	{Method: "GET", Pattern: "/v1/enterprise_connections", Operation: "ListEnterpriseConnections", Handler: nil},
	{Method: "POST", Pattern: "/v1/enterprise_connections", Operation: "CreateEnterpriseConnection", Handler: nil},
	{Method: "GET", Pattern: "/v1/enterprise_connections/{enterprise_connection_id}", Operation: "GetEnterpriseConnection", Handler: nil},
	{Method: "PATCH", Pattern: "/v1/enterprise_connections/{enterprise_connection_id}", Operation: "UpdateEnterpriseConnection", Handler: nil},
	{Method: "DELETE", Pattern: "/v1/enterprise_connections/{enterprise_connection_id}", Operation: "DeleteEnterpriseConnection", Handler: nil},
	{Method: "GET", Pattern: "/v1/enterprise_connections/{enterprise_connection_id}/test_runs", Operation: "ListEnterpriseConnectionTestRuns", Handler: nil},
	{Method: "POST", Pattern: "/v1/enterprise_connections/{enterprise_connection_id}/test_runs", Operation: "CreateEnterpriseConnectionTestRun", Handler: nil},

	// Testing tokens.
	{Method: "POST", Pattern: "/v1/testing_tokens", Operation: "CreateTestingToken", Handler: (*Emulator).createTestingToken},

	// Agents.
	{Method: "POST", Pattern: "/v1/agents/tasks", Operation: "CreateAgentTask", Handler: (*Emulator).createAgentTask},
	{Method: "POST", Pattern: "/v1/agents/tasks/{agent_task_id}/revoke", Operation: "RevokeAgentTask", Handler: (*Emulator).revokeAgentTask},

	// Organization memberships.
	{Method: "GET", Pattern: "/v1/organization_memberships", Operation: "InstanceGetOrganizationMemberships", Handler: ofOrganizations((*Emulator).listAllMemberships)},

	// Waitlist entries.
	{Method: "GET", Pattern: "/v1/waitlist_entries", Operation: "ListWaitlistEntries", Handler: (*Emulator).listWaitlist},
	{Method: "POST", Pattern: "/v1/waitlist_entries", Operation: "CreateWaitlistEntry", Handler: (*Emulator).createWaitlistEntry},
	{Method: "POST", Pattern: "/v1/waitlist_entries/bulk", Operation: "CreateBulkWaitlistEntries", Handler: (*Emulator).createWaitlistEntries},
	{Method: "DELETE", Pattern: "/v1/waitlist_entries/{waitlist_entry_id}", Operation: "DeleteWaitlistEntry", Handler: (*Emulator).deleteWaitlistEntry},
	{Method: "POST", Pattern: "/v1/waitlist_entries/{waitlist_entry_id}/invite", Operation: "InviteWaitlistEntry", Handler: (*Emulator).inviteWaitlistEntry},
	{Method: "POST", Pattern: "/v1/waitlist_entries/{waitlist_entry_id}/reject", Operation: "RejectWaitlistEntry", Handler: (*Emulator).rejectWaitlistEntry},

	// Billing.
	{Method: "GET", Pattern: "/v1/billing/plans", Operation: "GetCommercePlanList", Handler: nil},
	{Method: "GET", Pattern: "/v1/billing/prices", Operation: "GetBillingPriceList", Handler: nil},
	{Method: "POST", Pattern: "/v1/billing/prices", Operation: "CreateBillingPrice", Handler: nil},
	{Method: "GET", Pattern: "/v1/billing/subscription_items", Operation: "GetCommerceSubscriptionItemList", Handler: nil},
	{Method: "DELETE", Pattern: "/v1/billing/subscription_items/{subscription_item_id}", Operation: "CancelCommerceSubscriptionItem", Handler: nil},
	{Method: "POST", Pattern: "/v1/billing/subscription_items/{subscription_item_id}/extend_free_trial", Operation: "ExtendBillingSubscriptionItemFreeTrial", Handler: nil},
	{Method: "POST", Pattern: "/v1/billing/subscription_items/{subscription_item_id}/price_transition", Operation: "CreateBillingPriceTransition", Handler: nil},
	{Method: "POST", Pattern: "/v1/billing/subscription_items/{subscription_item_id}/discounts", Operation: "ApplyBillingSubscriptionItemDiscount", Handler: nil},
	{Method: "DELETE", Pattern: "/v1/billing/subscription_items/{subscription_item_id}/discounts/{discount_id}", Operation: "RemoveBillingSubscriptionItemDiscount", Handler: nil},
	{Method: "GET", Pattern: "/v1/billing/statements", Operation: "GetBillingStatementList", Handler: nil},
	{Method: "GET", Pattern: "/v1/billing/statements/{statementID}", Operation: "GetBillingStatement", Handler: nil},
	{Method: "GET", Pattern: "/v1/billing/statements/{statementID}/payment_attempts", Operation: "GetBillingStatementPaymentAttempts", Handler: nil},

	// Organization permissions.
	{Method: "GET", Pattern: "/v1/organization_permissions", Operation: "ListOrganizationPermissions", Handler: ofOrganizations((*Emulator).listPermissions)},
	{Method: "POST", Pattern: "/v1/organization_permissions", Operation: "CreateOrganizationPermission", Handler: ofOrganizations((*Emulator).createPermission)},
	{Method: "GET", Pattern: "/v1/organization_permissions/{permission_id}", Operation: "GetOrganizationPermission", Handler: ofOrganizations((*Emulator).getPermission)},
	{Method: "PATCH", Pattern: "/v1/organization_permissions/{permission_id}", Operation: "UpdateOrganizationPermission", Handler: ofOrganizations((*Emulator).updatePermission)},
	{Method: "DELETE", Pattern: "/v1/organization_permissions/{permission_id}", Operation: "DeleteOrganizationPermission", Handler: ofOrganizations((*Emulator).deletePermission)},

	// Role sets.
	{Method: "GET", Pattern: "/v1/role_sets", Operation: "ListRoleSets", Handler: ofOrganizations((*Emulator).listRoleSets)},
	{Method: "POST", Pattern: "/v1/role_sets", Operation: "CreateRoleSet", Handler: ofOrganizations((*Emulator).createRoleSet)},
	{Method: "GET", Pattern: "/v1/role_sets/{role_set_key_or_id}", Operation: "GetRoleSet", Handler: ofOrganizations((*Emulator).getRoleSet)},
	{Method: "PATCH", Pattern: "/v1/role_sets/{role_set_key_or_id}", Operation: "UpdateRoleSet", Handler: ofOrganizations((*Emulator).updateRoleSet)},
	{Method: "POST", Pattern: "/v1/role_sets/{role_set_key_or_id}/replace", Operation: "ReplaceRoleSet", Handler: ofOrganizations((*Emulator).replaceRoleSet)},
	{Method: "POST", Pattern: "/v1/role_sets/{role_set_key_or_id}/roles", Operation: "AddRolesToRoleSet", Handler: ofOrganizations((*Emulator).addRolesToRoleSet)},
	{Method: "POST", Pattern: "/v1/role_sets/{role_set_key_or_id}/roles/replace", Operation: "ReplaceRoleInRoleSet", Handler: ofOrganizations((*Emulator).replaceRoleInRoleSet)},

	// Scim directories.
	{Method: "GET", Pattern: "/v1/scim_directories", Operation: "ListSCIMDirectories", Handler: nil},
	{Method: "POST", Pattern: "/v1/scim_directories", Operation: "CreateSCIMDirectory", Handler: nil},
	{Method: "GET", Pattern: "/v1/scim_directories/{scim_directory_id}", Operation: "GetSCIMDirectory", Handler: nil},
	{Method: "PATCH", Pattern: "/v1/scim_directories/{scim_directory_id}", Operation: "UpdateSCIMDirectory", Handler: nil},
	{Method: "DELETE", Pattern: "/v1/scim_directories/{scim_directory_id}", Operation: "DeleteSCIMDirectory", Handler: nil},
	{Method: "POST", Pattern: "/v1/scim_directories/{scim_directory_id}/rotate_api_key", Operation: "RotateSCIMDirectoryAPIKey", Handler: nil},
	{Method: "GET", Pattern: "/v1/scim_directories/{scim_directory_id}/group_role_mappings", Operation: "ListSCIMGroupRoleMappings", Handler: nil},
	{Method: "POST", Pattern: "/v1/scim_directories/{scim_directory_id}/group_role_mappings", Operation: "CreateSCIMGroupRoleMapping", Handler: nil},
	{Method: "PUT", Pattern: "/v1/scim_directories/{scim_directory_id}/group_role_mappings", Operation: "ReplaceSCIMGroupRoleMappings", Handler: nil},
	{Method: "DELETE", Pattern: "/v1/scim_directories/{scim_directory_id}/group_role_mappings/{mapping_id}", Operation: "DeleteSCIMGroupRoleMapping", Handler: nil},

	// Directories.
	{Method: "GET", Pattern: "/v1/directories", Operation: "ListDirectories", Handler: nil},
	{Method: "POST", Pattern: "/v1/directories", Operation: "CreateDirectory", Handler: nil},
	{Method: "GET", Pattern: "/v1/directories/{directory_id}", Operation: "GetDirectory", Handler: nil},
	{Method: "PATCH", Pattern: "/v1/directories/{directory_id}", Operation: "UpdateDirectory", Handler: nil},
	{Method: "DELETE", Pattern: "/v1/directories/{directory_id}", Operation: "DeleteDirectory", Handler: nil},
	{Method: "POST", Pattern: "/v1/directories/{directory_id}/rotate_api_key", Operation: "RotateDirectoryAPIKey", Handler: nil},
	{Method: "GET", Pattern: "/v1/directories/{directory_id}/group_role_mappings", Operation: "ListDirectoryGroupRoleMappings", Handler: nil},
	{Method: "POST", Pattern: "/v1/directories/{directory_id}/group_role_mappings", Operation: "CreateDirectoryGroupRoleMapping", Handler: nil},
	{Method: "PUT", Pattern: "/v1/directories/{directory_id}/group_role_mappings", Operation: "ReplaceDirectoryGroupRoleMappings", Handler: nil},
	{Method: "DELETE", Pattern: "/v1/directories/{directory_id}/group_role_mappings/{mapping_id}", Operation: "DeleteDirectoryGroupRoleMapping", Handler: nil},

	// Admin portal link tokens.
	{Method: "POST", Pattern: "/v1/admin_portal_link_tokens", Operation: "createAdminPortalLinkToken", Handler: nil},
	{Method: "POST", Pattern: "/v1/admin_portal_link_tokens/{adminPortalLinkTokenID}/revoke", Operation: "revokeAdminPortalLinkToken", Handler: nil},

	// Api keys.
	{Method: "GET", Pattern: "/v1/api_keys", Operation: "getApiKeys", Handler: (*Emulator).listAPIKeys},
	{Method: "POST", Pattern: "/v1/api_keys", Operation: "createApiKey", Handler: (*Emulator).createAPIKey},
	{Method: "GET", Pattern: "/v1/api_keys/{apiKeyID}", Operation: "getApiKey", Handler: (*Emulator).getAPIKey},
	{Method: "PATCH", Pattern: "/v1/api_keys/{apiKeyID}", Operation: "updateApiKey", Handler: (*Emulator).updateAPIKey},
	{Method: "DELETE", Pattern: "/v1/api_keys/{apiKeyID}", Operation: "deleteApiKey", Handler: (*Emulator).deleteAPIKey},
	{Method: "GET", Pattern: "/v1/api_keys/{apiKeyID}/secret", Operation: "getApiKeySecret", Handler: (*Emulator).getAPIKeySecret},
	{Method: "POST", Pattern: "/v1/api_keys/{apiKeyID}/revoke", Operation: "revokeApiKey", Handler: (*Emulator).revokeAPIKey},
	{Method: "POST", Pattern: "/v1/api_keys/verify", Operation: "verifyApiKey", Handler: (*Emulator).verifyAPIKey},

	// M2m tokens.
	{Method: "GET", Pattern: "/v1/m2m_tokens", Operation: "getM2MTokens", Handler: (*Emulator).listM2MTokens},
	{Method: "POST", Pattern: "/v1/m2m_tokens", Operation: "createM2MToken", Handler: (*Emulator).createM2MToken},
	{Method: "POST", Pattern: "/v1/m2m_tokens/{m2m_token_id}/revoke", Operation: "revokeM2MToken", Handler: (*Emulator).revokeM2MToken},
	{Method: "POST", Pattern: "/v1/m2m_tokens/verify", Operation: "verifyM2MToken", Handler: (*Emulator).verifyM2MToken},

	// Oauth applications.
	{Method: "POST", Pattern: "/v1/oauth_applications/access_tokens/verify", Operation: "verifyOAuthAccessToken", Handler: (*Emulator).verifyOAuthAccessToken},
}
