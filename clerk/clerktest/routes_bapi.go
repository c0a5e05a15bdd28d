package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// backendRoutes are the operations of the Backend API, by the names of Clerk's description
// of 2026-05-12.
var backendRoutes = []route{
	// Public.
	{"GET", "/v1/public/interstitial", "GetPublicInterstitial", nil},

	// Jwks.
	{"GET", "/v1/jwks", "GetJWKS", (*Emulator).getJWKS},

	// Clients.
	{"GET", "/v1/clients", "GetClientList", (*Emulator).listClients},
	{"POST", "/v1/clients/verify", "VerifyClient", (*Emulator).verifyClient},
	{"GET", "/v1/clients/{client_id}", "GetClient", (*Emulator).getClientBAPI},
	{"GET", "/v1/clients/handshake_payload", "GetHandshakePayload", (*Emulator).handshakePayload}, // not in the description

	// Emails. Not in the description; @clerk/backend 3.25.0 has them.
	{"POST", "/v1/email", "CreateEmail", nil},
	{"POST", "/v1/email/batch", "CreateEmailBatch", nil},
	{"GET", "/v1/email/{email_id}", "GetEmail", nil},

	// Email addresses.
	{"POST", "/v1/email_addresses", "CreateEmailAddress", ofEmails((*Emulator).createIdentificationBAPI)},
	{"GET", "/v1/email_addresses/{email_address_id}", "GetEmailAddress", ofEmails((*Emulator).getIdentificationBAPI)},
	{"PATCH", "/v1/email_addresses/{email_address_id}", "UpdateEmailAddress", ofEmails((*Emulator).updateIdentificationBAPI)},
	{"DELETE", "/v1/email_addresses/{email_address_id}", "DeleteEmailAddress", ofEmails((*Emulator).deleteIdentificationBAPI)},
	{"POST", "/v1/email_addresses/{email_address_id}/prepare_verification", "PrepareEmailAddressVerification", ofEmails((*Emulator).prepareCodeCheck)},
	{"POST", "/v1/email_addresses/{email_address_id}/attempt_verification", "AttemptEmailAddressVerification", ofEmails((*Emulator).attemptCodeCheck)},
	{"PUT", "/v1/users/{user_id}/email_address", "ReplaceUserEmailAddress", ofEmails((*Emulator).replaceIdentification)},

	// Phone numbers.
	{"POST", "/v1/phone_numbers", "CreatePhoneNumber", ofPhones((*Emulator).createIdentificationBAPI)},
	{"GET", "/v1/phone_numbers/{phone_number_id}", "GetPhoneNumber", ofPhones((*Emulator).getIdentificationBAPI)},
	{"PATCH", "/v1/phone_numbers/{phone_number_id}", "UpdatePhoneNumber", ofPhones((*Emulator).updateIdentificationBAPI)},
	{"DELETE", "/v1/phone_numbers/{phone_number_id}", "DeletePhoneNumber", ofPhones((*Emulator).deleteIdentificationBAPI)},
	{"POST", "/v1/phone_numbers/{phone_number_id}/prepare_verification", "PreparePhoneNumberVerification", ofPhones((*Emulator).prepareCodeCheck)},
	{"POST", "/v1/phone_numbers/{phone_number_id}/attempt_verification", "AttemptPhoneNumberVerification", ofPhones((*Emulator).attemptCodeCheck)},
	{"PUT", "/v1/users/{user_id}/phone_number", "ReplaceUserPhoneNumber", ofPhones((*Emulator).replaceIdentification)},

	// Sessions.
	{"GET", "/v1/sessions", "GetSessionList", (*Emulator).listSessionsBAPI},
	{"POST", "/v1/sessions", "createSession", (*Emulator).createSessionBAPI},
	{"GET", "/v1/sessions/{session_id}", "GetSession", (*Emulator).getSessionBAPI},
	{"POST", "/v1/sessions/{session_id}/refresh", "RefreshSession", (*Emulator).refreshSession},
	{"POST", "/v1/sessions/{session_id}/revoke", "RevokeSession", (*Emulator).revokeSessionBAPI},
	{"POST", "/v1/sessions/{session_id}/tokens", "CreateSessionToken", (*Emulator).createSessionTokenBAPI},
	{"POST", "/v1/sessions/{session_id}/tokens/{template_name}", "CreateSessionTokenFromTemplate", (*Emulator).createTemplateTokenBAPI},

	// Templates.
	{"GET", "/v1/templates/{template_type}", "GetTemplateList", (*Emulator).listMessageTemplates},
	{"GET", "/v1/templates/{template_type}/{slug}", "GetTemplate", (*Emulator).getMessageTemplate},
	{"PUT", "/v1/templates/{template_type}/{slug}", "UpsertTemplate", (*Emulator).upsertMessageTemplate},
	{"POST", "/v1/templates/{template_type}/{slug}/revert", "RevertTemplate", (*Emulator).revertMessageTemplate},
	{"POST", "/v1/templates/{template_type}/{slug}/preview", "PreviewTemplate", (*Emulator).previewMessageTemplate},
	{"POST", "/v1/templates/{template_type}/{slug}/toggle_delivery", "ToggleTemplateDelivery", (*Emulator).toggleMessageDelivery},

	// Users.
	{"GET", "/v1/users", "GetUserList", (*Emulator).listUsersBAPI},
	{"POST", "/v1/users", "CreateUser", (*Emulator).createUserBAPI},
	{"GET", "/v1/users/count", "GetUsersCount", (*Emulator).countUsersBAPI},
	{"GET", "/v1/users/{user_id}", "GetUser", (*Emulator).getUserBAPI},
	{"PATCH", "/v1/users/{user_id}", "UpdateUser", (*Emulator).updateUserBAPI},
	{"DELETE", "/v1/users/{user_id}", "DeleteUser", (*Emulator).deleteUserBAPI},
	{"POST", "/v1/users/{user_id}/ban", "BanUser", oneUser((*state.Tx).Ban)},
	{"POST", "/v1/users/{user_id}/unban", "UnbanUser", oneUser((*state.Tx).Unban)},
	{"POST", "/v1/users/ban", "UsersBan", manyUsers((*state.Tx).Ban)},
	{"POST", "/v1/users/unban", "UsersUnban", manyUsers((*state.Tx).Unban)},
	{"POST", "/v1/users/{user_id}/lock", "LockUser", oneUser((*state.Tx).Lock)},
	{"POST", "/v1/users/{user_id}/unlock", "UnlockUser", oneUser((*state.Tx).Unlock)},
	{"POST", "/v1/users/{user_id}/profile_image", "SetUserProfileImage", (*Emulator).setUserImage},
	{"DELETE", "/v1/users/{user_id}/profile_image", "DeleteUserProfileImage", (*Emulator).deleteUserImage},
	{"PUT", "/v1/users/{user_id}/metadata", "ReplaceUserMetadata", (*Emulator).replaceUserMetadata},
	{"PATCH", "/v1/users/{user_id}/metadata", "UpdateUserMetadata", (*Emulator).mergeUserMetadata},

	// Users billing.
	{"GET", "/v1/users/{user_id}/billing/subscription", "GetUserBillingSubscription", nil},
	{"GET", "/v1/users/{user_id}/billing/credits", "GetUserBillingCreditBalance", nil},
	{"POST", "/v1/users/{user_id}/billing/credits", "AdjustUserBillingCreditBalance", nil},

	// Users.
	{"GET", "/v1/users/{user_id}/oauth_access_tokens/{provider}", "GetOAuthAccessToken", (*Emulator).listOAuthTokens},
	{"GET", "/v1/users/{user_id}/organization_memberships", "UsersGetOrganizationMemberships", (*Emulator).listUserMemberships},
	{"GET", "/v1/users/{user_id}/organization_invitations", "UsersGetOrganizationInvitations", (*Emulator).listUserInvitations},
	{"POST", "/v1/users/{user_id}/remove_password", "RemoveUserPassword", (*Emulator).removeUserPassword},
	{"POST", "/v1/users/{user_id}/verify_password", "VerifyPassword", (*Emulator).verifyUserPassword},
	{"POST", "/v1/users/{user_id}/verify_totp", "VerifyTOTP", (*Emulator).verifyUserTOTP},
	{"DELETE", "/v1/users/{user_id}/mfa", "DisableMFA", changeFactors(disableMFA)},
	{"DELETE", "/v1/users/{user_id}/backup_code", "DeleteBackupCode", changeFactors(dropBackupCodes)},
	{"DELETE", "/v1/users/{user_id}/passkeys/{passkey_identification_id}", "UserPasskeyDelete", withoutAny("passkey")},
	{"GET", "/v1/users/{user_id}/trusted_devices", "ListUserTrustedDevices", (*Emulator).listTrustedDevices},
	{"DELETE", "/v1/users/{user_id}/trusted_devices/{trusted_device_id}", "RevokeUserTrustedDevice", withoutAny("trusted device")},
	{"DELETE", "/v1/users/{user_id}/web3_wallets/{web3_wallet_identification_id}", "UserWeb3WalletDelete", withoutAny("web3 wallet")},
	{"DELETE", "/v1/users/{user_id}/totp", "DeleteTOTP", changeFactors(dropTOTP)},
	{"DELETE", "/v1/users/{user_id}/external_accounts/{external_account_id}", "DeleteExternalAccount", (*Emulator).deleteUserAccount},
	{"POST", "/v1/users/{user_id}/password/set_compromised", "SetUserPasswordCompromised", (*Emulator).setPasswordCompromised},
	{"POST", "/v1/users/{user_id}/password/unset_compromised", "UnsetUserPasswordCompromised", oneUser(unsetCompromised)},

	// Invitations.
	{"GET", "/v1/invitations", "ListInvitations", (*Emulator).listInvitationsBAPI},
	{"POST", "/v1/invitations", "CreateInvitation", (*Emulator).createInvitationBAPI},
	{"POST", "/v1/invitations/bulk", "CreateBulkInvitations", (*Emulator).createInvitationsBAPI},
	{"DELETE", "/v1/invitations/{invitation_id}", "DeleteInvitation", (*Emulator).deleteInvitationBAPI}, // as the emails
	{"POST", "/v1/invitations/{invitation_id}/revoke", "RevokeInvitation", (*Emulator).revokeInvitationBAPI},

	// Organization invitations.
	{"GET", "/v1/organization_invitations", "ListInstanceOrganizationInvitations", ofOrganizations((*Emulator).listInvitationsOfAll)},

	// Allowlist identifiers.
	{"GET", "/v1/allowlist_identifiers", "ListAllowlistIdentifiers", (*Emulator).listAllowlist},
	{"POST", "/v1/allowlist_identifiers", "CreateAllowlistIdentifier", (*Emulator).createAllowed},
	{"DELETE", "/v1/allowlist_identifiers/{identifier_id}", "DeleteAllowlistIdentifier", (*Emulator).deleteAllowed},

	// Blocklist identifiers.
	{"GET", "/v1/blocklist_identifiers", "ListBlocklistIdentifiers", (*Emulator).listBlocklist},
	{"POST", "/v1/blocklist_identifiers", "CreateBlocklistIdentifier", (*Emulator).createBlocked},
	{"DELETE", "/v1/blocklist_identifiers/{identifier_id}", "DeleteBlocklistIdentifier", (*Emulator).deleteBlocked},

	// Beta features.
	{"PATCH", "/v1/beta_features/instance_settings", "UpdateInstanceAuthConfig", (*Emulator).updateAuthConfig},
	{"PUT", "/v1/beta_features/domain", "UpdateProductionInstanceDomain", nil},

	// Actor tokens.
	{"POST", "/v1/actor_tokens", "CreateActorToken", (*Emulator).createActorTokenBAPI},
	{"POST", "/v1/actor_tokens/{actor_token_id}/revoke", "RevokeActorToken", revokeTicket(state.TicketActor)},

	// Domains.
	{"GET", "/v1/domains", "ListDomains", (*Emulator).listDomainsBAPI},
	{"POST", "/v1/domains", "AddDomain", (*Emulator).addDomainBAPI},
	{"PATCH", "/v1/domains/{domain_id}", "UpdateDomain", (*Emulator).updateDomainOfInstance},
	{"DELETE", "/v1/domains/{domain_id}", "DeleteDomain", (*Emulator).deleteDomainOfInstance},

	// Instance.
	{"GET", "/v1/instance", "GetInstance", (*Emulator).getInstance},
	{"PATCH", "/v1/instance", "UpdateInstance", (*Emulator).updateInstance},
	{"PATCH", "/v1/instance/restrictions", "UpdateInstanceRestrictions", (*Emulator).updateRestrictions},
	{"GET", "/v1/instance/protect", "GetInstanceProtect", (*Emulator).getProtect},
	{"PATCH", "/v1/instance/protect", "UpdateInstanceProtect", (*Emulator).updateProtect},
	{"GET", "/v1/instance/communication", "GetInstanceCommunication", (*Emulator).getCommunication},
	{"PATCH", "/v1/instance/communication", "UpdateInstanceCommunication", (*Emulator).updateCommunication},
	{"GET", "/v1/instance/oauth_application_settings", "GetInstanceOAuthApplicationSettings", (*Emulator).getOAuthSettings},
	{"PATCH", "/v1/instance/oauth_application_settings", "UpdateInstanceOAuthApplicationSettings", (*Emulator).updateOAuthSettings},
	{"POST", "/v1/instance/change_domain", "ChangeProductionInstanceDomain", nil},
	{"GET", "/v1/instance/organization_settings", "GetInstanceOrganizationSettings", (*Emulator).getOrganizationSettings},
	{"PATCH", "/v1/instance/organization_settings", "UpdateInstanceOrganizationSettings", (*Emulator).updateOrganizationSettings},

	// Webhooks.
	{"POST", "/v1/webhooks/svix", "CreateSvixApp", (*Emulator).createSvixApp},
	{"DELETE", "/v1/webhooks/svix", "DeleteSvixApp", (*Emulator).deleteSvixApp},
	{"POST", "/v1/webhooks/svix_url", "GenerateSvixAuthURL", (*Emulator).svixURL},

	// Jwt templates.
	{"GET", "/v1/jwt_templates", "ListJWTTemplates", (*Emulator).listJWTTemplates},
	{"POST", "/v1/jwt_templates", "CreateJWTTemplate", (*Emulator).createJWTTemplate},
	{"GET", "/v1/jwt_templates/{template_id}", "GetJWTTemplate", (*Emulator).getJWTTemplate},
	{"PATCH", "/v1/jwt_templates/{template_id}", "UpdateJWTTemplate", (*Emulator).updateJWTTemplate},
	{"DELETE", "/v1/jwt_templates/{template_id}", "DeleteJWTTemplate", (*Emulator).deleteJWTTemplate},

	// Machines.
	{"GET", "/v1/machines", "ListMachines", (*Emulator).listMachines},
	{"POST", "/v1/machines", "CreateMachine", (*Emulator).createMachine},
	{"GET", "/v1/machines/{machine_id}", "GetMachine", (*Emulator).getMachine},
	{"PATCH", "/v1/machines/{machine_id}", "UpdateMachine", (*Emulator).updateMachine},
	{"DELETE", "/v1/machines/{machine_id}", "DeleteMachine", (*Emulator).deleteMachine},
	{"GET", "/v1/machines/{machine_id}/secret_key", "GetMachineSecretKey", (*Emulator).getMachineSecret},
	{"POST", "/v1/machines/{machine_id}/secret_key/rotate", "RotateMachineSecretKey", (*Emulator).rotateMachineSecret},
	{"POST", "/v1/machines/{machine_id}/scopes", "CreateMachineScope", (*Emulator).createMachineScope},
	{"DELETE", "/v1/machines/{machine_id}/scopes/{other_machine_id}", "DeleteMachineScope", (*Emulator).deleteMachineScope},

	// Organizations.
	{"GET", "/v1/organizations", "ListOrganizations", ofOrganizations((*Emulator).listOrganizationsBAPI)},
	{"POST", "/v1/organizations", "CreateOrganization", ofOrganizations((*Emulator).createOrganizationBAPI)},
	{"GET", "/v1/organizations/{organization_id}", "GetOrganization", ofOrganizations((*Emulator).getOrganizationBAPI)},
	{"PATCH", "/v1/organizations/{organization_id}", "UpdateOrganization", ofOrganizations((*Emulator).updateOrganizationBAPI)},
	{"DELETE", "/v1/organizations/{organization_id}", "DeleteOrganization", ofOrganizations((*Emulator).deleteOrganizationBAPI)},
	{"PUT", "/v1/organizations/{organization_id}/metadata", "ReplaceOrganizationMetadata", ofOrganizations((*Emulator).replaceOrganizationMetadata)},
	{"PATCH", "/v1/organizations/{organization_id}/metadata", "MergeOrganizationMetadata", ofOrganizations((*Emulator).mergeOrganizationMetadata)},
	{"PUT", "/v1/organizations/{organization_id}/logo", "UploadOrganizationLogo", ofOrganizations((*Emulator).uploadOrganizationLogo)},
	{"DELETE", "/v1/organizations/{organization_id}/logo", "DeleteOrganizationLogo", ofOrganizations((*Emulator).deleteOrganizationLogo)},

	// Organizations billing.
	{"GET", "/v1/organizations/{organization_id}/billing/subscription", "GetOrganizationBillingSubscription", nil},
	{"GET", "/v1/organizations/{organization_id}/billing/credits", "GetOrganizationBillingCreditBalance", nil},
	{"POST", "/v1/organizations/{organization_id}/billing/credits", "AdjustOrganizationBillingCreditBalance", nil},

	// Organizations invitations.
	{"GET", "/v1/organizations/{organization_id}/invitations", "ListOrganizationInvitations", ofOrganizations((*Emulator).listInvitationsOfOrganization)},
	{"POST", "/v1/organizations/{organization_id}/invitations", "CreateOrganizationInvitation", ofOrganizations((*Emulator).createOrganizationInvitationBAPI)},
	{"POST", "/v1/organizations/{organization_id}/invitations/bulk", "CreateOrganizationInvitationBulk", ofOrganizations((*Emulator).createOrganizationInvitationsBAPI)},
	{"GET", "/v1/organizations/{organization_id}/invitations/pending", "ListPendingOrganizationInvitations", ofOrganizations((*Emulator).listPendingInvitationsBAPI)},
	{"GET", "/v1/organizations/{organization_id}/invitations/{invitation_id}", "GetOrganizationInvitation", ofOrganizations((*Emulator).getInvitationBAPI)},
	{"POST", "/v1/organizations/{organization_id}/invitations/{invitation_id}/revoke", "RevokeOrganizationInvitation", ofOrganizations((*Emulator).revokeOrganizationInvitationBAPI)},

	// Organization roles.
	{"GET", "/v1/organization_roles", "ListOrganizationRoles", ofOrganizations((*Emulator).listRoles)},
	{"POST", "/v1/organization_roles", "CreateOrganizationRole", ofOrganizations((*Emulator).createRole)},
	{"GET", "/v1/organization_roles/{organization_role_id}", "GetOrganizationRole", ofOrganizations((*Emulator).getRole)},
	{"PATCH", "/v1/organization_roles/{organization_role_id}", "UpdateOrganizationRole", ofOrganizations((*Emulator).updateRole)},
	{"DELETE", "/v1/organization_roles/{organization_role_id}", "DeleteOrganizationRole", ofOrganizations((*Emulator).deleteRole)},
	{"POST", "/v1/organization_roles/{organization_role_id}/permissions/{permission_id}", "AssignPermissionToOrganizationRole", ofOrganizations((*Emulator).assignPermission)},
	{"DELETE", "/v1/organization_roles/{organization_role_id}/permissions/{permission_id}", "RemovePermissionFromOrganizationRole", ofOrganizations((*Emulator).removePermission)},

	// Organizations memberships.
	{"GET", "/v1/organizations/{organization_id}/memberships", "ListOrganizationMemberships", ofOrganizations((*Emulator).listMemberships)},
	{"POST", "/v1/organizations/{organization_id}/memberships", "CreateOrganizationMembership", ofOrganizations((*Emulator).createMembership)},
	{"PATCH", "/v1/organizations/{organization_id}/memberships/{user_id}", "UpdateOrganizationMembership", ofOrganizations((*Emulator).updateMembership)},
	{"DELETE", "/v1/organizations/{organization_id}/memberships/{user_id}", "DeleteOrganizationMembership", ofOrganizations((*Emulator).deleteMembership)},
	{"PATCH", "/v1/organizations/{organization_id}/memberships/{user_id}/metadata", "UpdateOrganizationMembershipMetadata", ofOrganizations((*Emulator).updateMembershipMetadata)},

	// Organizations domains.
	{"GET", "/v1/organizations/{organization_id}/domains", "ListOrganizationDomains", ofOrganizations((*Emulator).listDomainsOfOrganization)},
	{"POST", "/v1/organizations/{organization_id}/domains", "CreateOrganizationDomain", ofOrganizations((*Emulator).createDomainBAPI)},
	{"PATCH", "/v1/organizations/{organization_id}/domains/{domain_id}", "UpdateOrganizationDomain", ofOrganizations((*Emulator).updateDomainBAPI)},
	{"DELETE", "/v1/organizations/{organization_id}/domains/{domain_id}", "DeleteOrganizationDomain", ofOrganizations((*Emulator).deleteDomainBAPI)},
	{"POST", "/v1/organizations/{organization_id}/domains/{domain_id}/verify_ownership", "VerifyOrganizationDomainOwnership", ofOrganizations((*Emulator).verifyDomainOwnership)},

	// Organization domains.
	{"GET", "/v1/organization_domains", "ListAllOrganizationDomains", ofOrganizations((*Emulator).listDomainsOfAll)},

	// Proxy checks.
	{"POST", "/v1/proxy_checks", "VerifyDomainProxy", (*Emulator).verifyProxy},

	// Redirect urls.
	{"GET", "/v1/redirect_urls", "ListRedirectURLs", (*Emulator).listRedirectURLs},
	{"POST", "/v1/redirect_urls", "CreateRedirectURL", (*Emulator).createRedirectURL},
	{"GET", "/v1/redirect_urls/{id}", "GetRedirectURL", (*Emulator).getRedirectURL},
	{"DELETE", "/v1/redirect_urls/{id}", "DeleteRedirectURL", (*Emulator).deleteRedirectURL},

	// Sign in tokens.
	{"POST", "/v1/sign_in_tokens", "CreateSignInToken", (*Emulator).createSignInTokenBAPI},
	{"POST", "/v1/sign_in_tokens/{sign_in_token_id}/revoke", "RevokeSignInToken", revokeTicket(state.TicketSignIn)},

	// Sign ups.
	{"GET", "/v1/sign_ups/{id}", "GetSignUp", (*Emulator).getSignUpBAPI},
	{"PATCH", "/v1/sign_ups/{id}", "UpdateSignUp", (*Emulator).updateSignUpBAPI},

	// Oauth applications.
	{"GET", "/v1/oauth_applications", "ListOAuthApplications", (*Emulator).listOAuthApplications},
	{"POST", "/v1/oauth_applications", "CreateOAuthApplication", (*Emulator).createOAuthApplication},
	{"GET", "/v1/oauth_applications/{oauth_application_id}", "GetOAuthApplication", (*Emulator).getOAuthApplication},
	{"PATCH", "/v1/oauth_applications/{oauth_application_id}", "UpdateOAuthApplication", (*Emulator).updateOAuthApplication},
	{"DELETE", "/v1/oauth_applications/{oauth_application_id}", "DeleteOAuthApplication", (*Emulator).deleteOAuthApplication},
	{"PUT", "/v1/oauth_applications/{oauth_application_id}/logo", "UploadOAuthApplicationLogo", nil},
	{"POST", "/v1/oauth_applications/{oauth_application_id}/rotate_secret", "RotateOAuthApplicationSecret", (*Emulator).rotateOAuthSecret},
	{"POST", "/v1/oauth_applications/{oauth_application_id}/revoke_token", "RevokeOAuthApplicationToken", (*Emulator).revokeOAuthTokenBAPI},

	// Saml connections.
	{"GET", "/v1/saml_connections", "ListSAMLConnections", nil},
	{"POST", "/v1/saml_connections", "CreateSAMLConnection", nil},
	{"GET", "/v1/saml_connections/{saml_connection_id}", "GetSAMLConnection", nil},
	{"PATCH", "/v1/saml_connections/{saml_connection_id}", "UpdateSAMLConnection", nil},
	{"DELETE", "/v1/saml_connections/{saml_connection_id}", "DeleteSAMLConnection", nil},

	// Enterprise connections.
	{"GET", "/v1/enterprise_connections", "ListEnterpriseConnections", nil},
	{"POST", "/v1/enterprise_connections", "CreateEnterpriseConnection", nil},
	{"GET", "/v1/enterprise_connections/{enterprise_connection_id}", "GetEnterpriseConnection", nil},
	{"PATCH", "/v1/enterprise_connections/{enterprise_connection_id}", "UpdateEnterpriseConnection", nil},
	{"DELETE", "/v1/enterprise_connections/{enterprise_connection_id}", "DeleteEnterpriseConnection", nil},
	{"GET", "/v1/enterprise_connections/{enterprise_connection_id}/test_runs", "ListEnterpriseConnectionTestRuns", nil},
	{"POST", "/v1/enterprise_connections/{enterprise_connection_id}/test_runs", "CreateEnterpriseConnectionTestRun", nil},

	// Testing tokens.
	{"POST", "/v1/testing_tokens", "CreateTestingToken", (*Emulator).createTestingToken},

	// Agents.
	{"POST", "/v1/agents/tasks", "CreateAgentTask", (*Emulator).createAgentTask},
	{"POST", "/v1/agents/tasks/{agent_task_id}/revoke", "RevokeAgentTask", (*Emulator).revokeAgentTask},

	// Organization memberships.
	{"GET", "/v1/organization_memberships", "InstanceGetOrganizationMemberships", ofOrganizations((*Emulator).listAllMemberships)},

	// Waitlist entries.
	{"GET", "/v1/waitlist_entries", "ListWaitlistEntries", (*Emulator).listWaitlist},
	{"POST", "/v1/waitlist_entries", "CreateWaitlistEntry", (*Emulator).createWaitlistEntry},
	{"POST", "/v1/waitlist_entries/bulk", "CreateBulkWaitlistEntries", (*Emulator).createWaitlistEntries},
	{"DELETE", "/v1/waitlist_entries/{waitlist_entry_id}", "DeleteWaitlistEntry", (*Emulator).deleteWaitlistEntry},
	{"POST", "/v1/waitlist_entries/{waitlist_entry_id}/invite", "InviteWaitlistEntry", (*Emulator).inviteWaitlistEntry},
	{"POST", "/v1/waitlist_entries/{waitlist_entry_id}/reject", "RejectWaitlistEntry", (*Emulator).rejectWaitlistEntry},

	// Billing.
	{"GET", "/v1/billing/plans", "GetCommercePlanList", nil},
	{"GET", "/v1/billing/prices", "GetBillingPriceList", nil},
	{"POST", "/v1/billing/prices", "CreateBillingPrice", nil},
	{"GET", "/v1/billing/subscription_items", "GetCommerceSubscriptionItemList", nil},
	{"DELETE", "/v1/billing/subscription_items/{subscription_item_id}", "CancelCommerceSubscriptionItem", nil},
	{"POST", "/v1/billing/subscription_items/{subscription_item_id}/extend_free_trial", "ExtendBillingSubscriptionItemFreeTrial", nil},
	{"POST", "/v1/billing/subscription_items/{subscription_item_id}/price_transition", "CreateBillingPriceTransition", nil},
	{"POST", "/v1/billing/subscription_items/{subscription_item_id}/discounts", "ApplyBillingSubscriptionItemDiscount", nil},
	{"DELETE", "/v1/billing/subscription_items/{subscription_item_id}/discounts/{discount_id}", "RemoveBillingSubscriptionItemDiscount", nil},
	{"GET", "/v1/billing/statements", "GetBillingStatementList", nil},
	{"GET", "/v1/billing/statements/{statementID}", "GetBillingStatement", nil},
	{"GET", "/v1/billing/statements/{statementID}/payment_attempts", "GetBillingStatementPaymentAttempts", nil},

	// Organization permissions.
	{"GET", "/v1/organization_permissions", "ListOrganizationPermissions", ofOrganizations((*Emulator).listPermissions)},
	{"POST", "/v1/organization_permissions", "CreateOrganizationPermission", ofOrganizations((*Emulator).createPermission)},
	{"GET", "/v1/organization_permissions/{permission_id}", "GetOrganizationPermission", ofOrganizations((*Emulator).getPermission)},
	{"PATCH", "/v1/organization_permissions/{permission_id}", "UpdateOrganizationPermission", ofOrganizations((*Emulator).updatePermission)},
	{"DELETE", "/v1/organization_permissions/{permission_id}", "DeleteOrganizationPermission", ofOrganizations((*Emulator).deletePermission)},

	// Role sets.
	{"GET", "/v1/role_sets", "ListRoleSets", ofOrganizations((*Emulator).listRoleSets)},
	{"POST", "/v1/role_sets", "CreateRoleSet", ofOrganizations((*Emulator).createRoleSet)},
	{"GET", "/v1/role_sets/{role_set_key_or_id}", "GetRoleSet", ofOrganizations((*Emulator).getRoleSet)},
	{"PATCH", "/v1/role_sets/{role_set_key_or_id}", "UpdateRoleSet", ofOrganizations((*Emulator).updateRoleSet)},
	{"POST", "/v1/role_sets/{role_set_key_or_id}/replace", "ReplaceRoleSet", ofOrganizations((*Emulator).replaceRoleSet)},
	{"POST", "/v1/role_sets/{role_set_key_or_id}/roles", "AddRolesToRoleSet", ofOrganizations((*Emulator).addRolesToRoleSet)},
	{"POST", "/v1/role_sets/{role_set_key_or_id}/roles/replace", "ReplaceRoleInRoleSet", ofOrganizations((*Emulator).replaceRoleInRoleSet)},

	// Scim directories.
	{"GET", "/v1/scim_directories", "ListSCIMDirectories", nil},
	{"POST", "/v1/scim_directories", "CreateSCIMDirectory", nil},
	{"GET", "/v1/scim_directories/{scim_directory_id}", "GetSCIMDirectory", nil},
	{"PATCH", "/v1/scim_directories/{scim_directory_id}", "UpdateSCIMDirectory", nil},
	{"DELETE", "/v1/scim_directories/{scim_directory_id}", "DeleteSCIMDirectory", nil},
	{"POST", "/v1/scim_directories/{scim_directory_id}/rotate_api_key", "RotateSCIMDirectoryAPIKey", nil},
	{"GET", "/v1/scim_directories/{scim_directory_id}/group_role_mappings", "ListSCIMGroupRoleMappings", nil},
	{"POST", "/v1/scim_directories/{scim_directory_id}/group_role_mappings", "CreateSCIMGroupRoleMapping", nil},
	{"PUT", "/v1/scim_directories/{scim_directory_id}/group_role_mappings", "ReplaceSCIMGroupRoleMappings", nil},
	{"DELETE", "/v1/scim_directories/{scim_directory_id}/group_role_mappings/{mapping_id}", "DeleteSCIMGroupRoleMapping", nil},

	// Directories.
	{"GET", "/v1/directories", "ListDirectories", nil},
	{"POST", "/v1/directories", "CreateDirectory", nil},
	{"GET", "/v1/directories/{directory_id}", "GetDirectory", nil},
	{"PATCH", "/v1/directories/{directory_id}", "UpdateDirectory", nil},
	{"DELETE", "/v1/directories/{directory_id}", "DeleteDirectory", nil},
	{"POST", "/v1/directories/{directory_id}/rotate_api_key", "RotateDirectoryAPIKey", nil},
	{"GET", "/v1/directories/{directory_id}/group_role_mappings", "ListDirectoryGroupRoleMappings", nil},
	{"POST", "/v1/directories/{directory_id}/group_role_mappings", "CreateDirectoryGroupRoleMapping", nil},
	{"PUT", "/v1/directories/{directory_id}/group_role_mappings", "ReplaceDirectoryGroupRoleMappings", nil},
	{"DELETE", "/v1/directories/{directory_id}/group_role_mappings/{mapping_id}", "DeleteDirectoryGroupRoleMapping", nil},

	// Admin portal link tokens.
	{"POST", "/v1/admin_portal_link_tokens", "createAdminPortalLinkToken", nil},
	{"POST", "/v1/admin_portal_link_tokens/{adminPortalLinkTokenID}/revoke", "revokeAdminPortalLinkToken", nil},

	// Api keys.
	{"GET", "/v1/api_keys", "getApiKeys", (*Emulator).listAPIKeys},
	{"POST", "/v1/api_keys", "createApiKey", (*Emulator).createAPIKey},
	{"GET", "/v1/api_keys/{apiKeyID}", "getApiKey", (*Emulator).getAPIKey},
	{"PATCH", "/v1/api_keys/{apiKeyID}", "updateApiKey", (*Emulator).updateAPIKey},
	{"DELETE", "/v1/api_keys/{apiKeyID}", "deleteApiKey", (*Emulator).deleteAPIKey},
	{"GET", "/v1/api_keys/{apiKeyID}/secret", "getApiKeySecret", (*Emulator).getAPIKeySecret},
	{"POST", "/v1/api_keys/{apiKeyID}/revoke", "revokeApiKey", (*Emulator).revokeAPIKey},
	{"POST", "/v1/api_keys/verify", "verifyApiKey", (*Emulator).verifyAPIKey},

	// M2m tokens.
	{"GET", "/v1/m2m_tokens", "getM2MTokens", (*Emulator).listM2MTokens},
	{"POST", "/v1/m2m_tokens", "createM2MToken", (*Emulator).createM2MToken},
	{"POST", "/v1/m2m_tokens/{m2m_token_id}/revoke", "revokeM2MToken", (*Emulator).revokeM2MToken},
	{"POST", "/v1/m2m_tokens/verify", "verifyM2MToken", (*Emulator).verifyM2MToken},

	// Oauth applications.
	{"POST", "/v1/oauth_applications/access_tokens/verify", "verifyOAuthAccessToken", (*Emulator).verifyOAuthAccessToken},
}
