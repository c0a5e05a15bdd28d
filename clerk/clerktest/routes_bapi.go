package clerktest

// backendRoutes are the operations of the Backend API, by the names of Clerk's description
// of 2026-05-12.
var backendRoutes = answered([]operation{
	// Public.
	{Method: "GET", Pattern: "/v1/public/interstitial", Operation: "GetPublicInterstitial", Handler: nil},

	// Jwks.
	{Method: "GET", Pattern: "/v1/jwks", Operation: "GetJWKS"},

	// Clients.
	{Method: "GET", Pattern: "/v1/clients", Operation: "GetClientList"},
	{Method: "POST", Pattern: "/v1/clients/verify", Operation: "VerifyClient"},
	{Method: "GET", Pattern: "/v1/clients/{client_id}", Operation: "GetClient"},
	{Method: "GET", Pattern: "/v1/clients/handshake_payload", Operation: "GetHandshakePayload"}, // not in the description

	// Emails. Not in the description; @clerk/backend 3.25.0 has them.
	{Method: "POST", Pattern: "/v1/email", Operation: "CreateEmail", Handler: nil},
	{Method: "POST", Pattern: "/v1/email/batch", Operation: "CreateEmailBatch", Handler: nil},
	{Method: "GET", Pattern: "/v1/email/{email_id}", Operation: "GetEmail", Handler: nil},

	// Email addresses.
	{Method: "POST", Pattern: "/v1/email_addresses", Operation: "CreateEmailAddress"},
	{Method: "GET", Pattern: "/v1/email_addresses/{email_address_id}", Operation: "GetEmailAddress"},
	{Method: "PATCH", Pattern: "/v1/email_addresses/{email_address_id}", Operation: "UpdateEmailAddress"},
	{Method: "DELETE", Pattern: "/v1/email_addresses/{email_address_id}", Operation: "DeleteEmailAddress"},
	{Method: "POST", Pattern: "/v1/email_addresses/{email_address_id}/prepare_verification", Operation: "PrepareEmailAddressVerification"},
	{Method: "POST", Pattern: "/v1/email_addresses/{email_address_id}/attempt_verification", Operation: "AttemptEmailAddressVerification"},
	{Method: "PUT", Pattern: "/v1/users/{user_id}/email_address", Operation: "ReplaceUserEmailAddress"},

	// Phone numbers.
	{Method: "POST", Pattern: "/v1/phone_numbers", Operation: "CreatePhoneNumber"},
	{Method: "GET", Pattern: "/v1/phone_numbers/{phone_number_id}", Operation: "GetPhoneNumber"},
	{Method: "PATCH", Pattern: "/v1/phone_numbers/{phone_number_id}", Operation: "UpdatePhoneNumber"},
	{Method: "DELETE", Pattern: "/v1/phone_numbers/{phone_number_id}", Operation: "DeletePhoneNumber"},
	{Method: "POST", Pattern: "/v1/phone_numbers/{phone_number_id}/prepare_verification", Operation: "PreparePhoneNumberVerification"},
	{Method: "POST", Pattern: "/v1/phone_numbers/{phone_number_id}/attempt_verification", Operation: "AttemptPhoneNumberVerification"},
	{Method: "PUT", Pattern: "/v1/users/{user_id}/phone_number", Operation: "ReplaceUserPhoneNumber"},

	// Sessions.
	{Method: "GET", Pattern: "/v1/sessions", Operation: "GetSessionList"},
	{Method: "POST", Pattern: "/v1/sessions", Operation: "createSession"},
	{Method: "GET", Pattern: "/v1/sessions/{session_id}", Operation: "GetSession"},
	{Method: "POST", Pattern: "/v1/sessions/{session_id}/refresh", Operation: "RefreshSession"},
	{Method: "POST", Pattern: "/v1/sessions/{session_id}/revoke", Operation: "RevokeSession"},
	{Method: "POST", Pattern: "/v1/sessions/{session_id}/tokens", Operation: "CreateSessionToken"},
	{Method: "POST", Pattern: "/v1/sessions/{session_id}/tokens/{template_name}", Operation: "CreateSessionTokenFromTemplate"},

	// Templates.
	{Method: "GET", Pattern: "/v1/templates/{template_type}", Operation: "GetTemplateList"},
	{Method: "GET", Pattern: "/v1/templates/{template_type}/{slug}", Operation: "GetTemplate"},
	{Method: "PUT", Pattern: "/v1/templates/{template_type}/{slug}", Operation: "UpsertTemplate"},
	{Method: "POST", Pattern: "/v1/templates/{template_type}/{slug}/revert", Operation: "RevertTemplate"},
	{Method: "POST", Pattern: "/v1/templates/{template_type}/{slug}/preview", Operation: "PreviewTemplate"},
	{Method: "POST", Pattern: "/v1/templates/{template_type}/{slug}/toggle_delivery", Operation: "ToggleTemplateDelivery"},

	// Users.
	{Method: "GET", Pattern: "/v1/users", Operation: "GetUserList"},
	{Method: "POST", Pattern: "/v1/users", Operation: "CreateUser"},
	{Method: "GET", Pattern: "/v1/users/count", Operation: "GetUsersCount"},
	{Method: "GET", Pattern: "/v1/users/{user_id}", Operation: "GetUser"},
	{Method: "PATCH", Pattern: "/v1/users/{user_id}", Operation: "UpdateUser"},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}", Operation: "DeleteUser"},
	{Method: "POST", Pattern: "/v1/users/{user_id}/ban", Operation: "BanUser"},
	{Method: "POST", Pattern: "/v1/users/{user_id}/unban", Operation: "UnbanUser"},
	{Method: "POST", Pattern: "/v1/users/ban", Operation: "UsersBan"},
	{Method: "POST", Pattern: "/v1/users/unban", Operation: "UsersUnban"},
	{Method: "POST", Pattern: "/v1/users/{user_id}/lock", Operation: "LockUser"},
	{Method: "POST", Pattern: "/v1/users/{user_id}/unlock", Operation: "UnlockUser"},
	{Method: "POST", Pattern: "/v1/users/{user_id}/profile_image", Operation: "SetUserProfileImage"},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/profile_image", Operation: "DeleteUserProfileImage"},
	{Method: "PUT", Pattern: "/v1/users/{user_id}/metadata", Operation: "ReplaceUserMetadata"},
	{Method: "PATCH", Pattern: "/v1/users/{user_id}/metadata", Operation: "UpdateUserMetadata"},

	// Users billing.
	{Method: "GET", Pattern: "/v1/users/{user_id}/billing/subscription", Operation: "GetUserBillingSubscription", Handler: nil},
	{Method: "GET", Pattern: "/v1/users/{user_id}/billing/credits", Operation: "GetUserBillingCreditBalance", Handler: nil},
	{Method: "POST", Pattern: "/v1/users/{user_id}/billing/credits", Operation: "AdjustUserBillingCreditBalance", Handler: nil},

	// Users.
	{Method: "GET", Pattern: "/v1/users/{user_id}/oauth_access_tokens/{provider}", Operation: "GetOAuthAccessToken"},
	{Method: "GET", Pattern: "/v1/users/{user_id}/organization_memberships", Operation: "UsersGetOrganizationMemberships"},
	{Method: "GET", Pattern: "/v1/users/{user_id}/organization_invitations", Operation: "UsersGetOrganizationInvitations"},
	{Method: "POST", Pattern: "/v1/users/{user_id}/remove_password", Operation: "RemoveUserPassword"},
	{Method: "POST", Pattern: "/v1/users/{user_id}/verify_password", Operation: "VerifyPassword"},
	{Method: "POST", Pattern: "/v1/users/{user_id}/verify_totp", Operation: "VerifyTOTP"},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/mfa", Operation: "DisableMFA"},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/backup_code", Operation: "DeleteBackupCode"},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/passkeys/{passkey_identification_id}", Operation: "UserPasskeyDelete"},
	{Method: "GET", Pattern: "/v1/users/{user_id}/trusted_devices", Operation: "ListUserTrustedDevices"},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/trusted_devices/{trusted_device_id}", Operation: "RevokeUserTrustedDevice"},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/web3_wallets/{web3_wallet_identification_id}", Operation: "UserWeb3WalletDelete"},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/totp", Operation: "DeleteTOTP"},
	{Method: "DELETE", Pattern: "/v1/users/{user_id}/external_accounts/{external_account_id}", Operation: "DeleteExternalAccount"},
	{Method: "POST", Pattern: "/v1/users/{user_id}/password/set_compromised", Operation: "SetUserPasswordCompromised"},
	{Method: "POST", Pattern: "/v1/users/{user_id}/password/unset_compromised", Operation: "UnsetUserPasswordCompromised"},

	// Invitations.
	{Method: "GET", Pattern: "/v1/invitations", Operation: "ListInvitations"},
	{Method: "POST", Pattern: "/v1/invitations", Operation: "CreateInvitation"},
	{Method: "POST", Pattern: "/v1/invitations/bulk", Operation: "CreateBulkInvitations"},
	{Method: "DELETE", Pattern: "/v1/invitations/{invitation_id}", Operation: "DeleteInvitation"}, // as the emails
	{Method: "POST", Pattern: "/v1/invitations/{invitation_id}/revoke", Operation: "RevokeInvitation"},

	// Organization invitations.
	{Method: "GET", Pattern: "/v1/organization_invitations", Operation: "ListInstanceOrganizationInvitations"},

	// Allowlist identifiers.
	{Method: "GET", Pattern: "/v1/allowlist_identifiers", Operation: "ListAllowlistIdentifiers"},
	{Method: "POST", Pattern: "/v1/allowlist_identifiers", Operation: "CreateAllowlistIdentifier"},
	{Method: "DELETE", Pattern: "/v1/allowlist_identifiers/{identifier_id}", Operation: "DeleteAllowlistIdentifier"},

	// Blocklist identifiers.
	{Method: "GET", Pattern: "/v1/blocklist_identifiers", Operation: "ListBlocklistIdentifiers"},
	{Method: "POST", Pattern: "/v1/blocklist_identifiers", Operation: "CreateBlocklistIdentifier"},
	{Method: "DELETE", Pattern: "/v1/blocklist_identifiers/{identifier_id}", Operation: "DeleteBlocklistIdentifier"},

	// Beta features.
	{Method: "PATCH", Pattern: "/v1/beta_features/instance_settings", Operation: "UpdateInstanceAuthConfig"},
	{Method: "PUT", Pattern: "/v1/beta_features/domain", Operation: "UpdateProductionInstanceDomain", Handler: nil},

	// Actor tokens.
	{Method: "POST", Pattern: "/v1/actor_tokens", Operation: "CreateActorToken"},
	{Method: "POST", Pattern: "/v1/actor_tokens/{actor_token_id}/revoke", Operation: "RevokeActorToken"},

	// Domains.
	{Method: "GET", Pattern: "/v1/domains", Operation: "ListDomains"},
	{Method: "POST", Pattern: "/v1/domains", Operation: "AddDomain"},
	{Method: "PATCH", Pattern: "/v1/domains/{domain_id}", Operation: "UpdateDomain"},
	{Method: "DELETE", Pattern: "/v1/domains/{domain_id}", Operation: "DeleteDomain"},

	// Instance.
	{Method: "GET", Pattern: "/v1/instance", Operation: "GetInstance"},
	{Method: "PATCH", Pattern: "/v1/instance", Operation: "UpdateInstance"},
	{Method: "PATCH", Pattern: "/v1/instance/restrictions", Operation: "UpdateInstanceRestrictions"},
	{Method: "GET", Pattern: "/v1/instance/protect", Operation: "GetInstanceProtect"},
	{Method: "PATCH", Pattern: "/v1/instance/protect", Operation: "UpdateInstanceProtect"},
	{Method: "GET", Pattern: "/v1/instance/communication", Operation: "GetInstanceCommunication"},
	{Method: "PATCH", Pattern: "/v1/instance/communication", Operation: "UpdateInstanceCommunication"},
	{Method: "GET", Pattern: "/v1/instance/oauth_application_settings", Operation: "GetInstanceOAuthApplicationSettings"},
	{Method: "PATCH", Pattern: "/v1/instance/oauth_application_settings", Operation: "UpdateInstanceOAuthApplicationSettings"},
	{Method: "POST", Pattern: "/v1/instance/change_domain", Operation: "ChangeProductionInstanceDomain", Handler: nil},
	{Method: "GET", Pattern: "/v1/instance/organization_settings", Operation: "GetInstanceOrganizationSettings"},
	{Method: "PATCH", Pattern: "/v1/instance/organization_settings", Operation: "UpdateInstanceOrganizationSettings"},

	// Webhooks.
	{Method: "POST", Pattern: "/v1/webhooks/svix", Operation: "CreateSvixApp", Handler: (*Emulator).createSvixApp},
	{Method: "DELETE", Pattern: "/v1/webhooks/svix", Operation: "DeleteSvixApp", Handler: (*Emulator).deleteSvixApp},
	{Method: "POST", Pattern: "/v1/webhooks/svix_url", Operation: "GenerateSvixAuthURL", Handler: (*Emulator).svixURL},

	// Jwt templates.
	{Method: "GET", Pattern: "/v1/jwt_templates", Operation: "ListJWTTemplates"},
	{Method: "POST", Pattern: "/v1/jwt_templates", Operation: "CreateJWTTemplate"},
	{Method: "GET", Pattern: "/v1/jwt_templates/{template_id}", Operation: "GetJWTTemplate"},
	{Method: "PATCH", Pattern: "/v1/jwt_templates/{template_id}", Operation: "UpdateJWTTemplate"},
	{Method: "DELETE", Pattern: "/v1/jwt_templates/{template_id}", Operation: "DeleteJWTTemplate"},

	// Machines.
	{Method: "GET", Pattern: "/v1/machines", Operation: "ListMachines"},
	{Method: "POST", Pattern: "/v1/machines", Operation: "CreateMachine"},
	{Method: "GET", Pattern: "/v1/machines/{machine_id}", Operation: "GetMachine"},
	{Method: "PATCH", Pattern: "/v1/machines/{machine_id}", Operation: "UpdateMachine"},
	{Method: "DELETE", Pattern: "/v1/machines/{machine_id}", Operation: "DeleteMachine"},
	{Method: "GET", Pattern: "/v1/machines/{machine_id}/secret_key", Operation: "GetMachineSecretKey"},
	{Method: "POST", Pattern: "/v1/machines/{machine_id}/secret_key/rotate", Operation: "RotateMachineSecretKey"},
	{Method: "POST", Pattern: "/v1/machines/{machine_id}/scopes", Operation: "CreateMachineScope"},
	{Method: "DELETE", Pattern: "/v1/machines/{machine_id}/scopes/{other_machine_id}", Operation: "DeleteMachineScope"},

	// Organizations.
	{Method: "GET", Pattern: "/v1/organizations", Operation: "ListOrganizations"},
	{Method: "POST", Pattern: "/v1/organizations", Operation: "CreateOrganization"},
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}", Operation: "GetOrganization"},
	{Method: "PATCH", Pattern: "/v1/organizations/{organization_id}", Operation: "UpdateOrganization"},
	{Method: "DELETE", Pattern: "/v1/organizations/{organization_id}", Operation: "DeleteOrganization"},
	{Method: "PUT", Pattern: "/v1/organizations/{organization_id}/metadata", Operation: "ReplaceOrganizationMetadata"},
	{Method: "PATCH", Pattern: "/v1/organizations/{organization_id}/metadata", Operation: "MergeOrganizationMetadata"},
	{Method: "PUT", Pattern: "/v1/organizations/{organization_id}/logo", Operation: "UploadOrganizationLogo"},
	{Method: "DELETE", Pattern: "/v1/organizations/{organization_id}/logo", Operation: "DeleteOrganizationLogo"},

	// Organizations billing.
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/billing/subscription", Operation: "GetOrganizationBillingSubscription", Handler: nil},
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/billing/credits", Operation: "GetOrganizationBillingCreditBalance", Handler: nil},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/billing/credits", Operation: "AdjustOrganizationBillingCreditBalance", Handler: nil},

	// Organizations invitations.
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/invitations", Operation: "ListOrganizationInvitations"},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/invitations", Operation: "CreateOrganizationInvitation"},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/invitations/bulk", Operation: "CreateOrganizationInvitationBulk"},
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/invitations/pending", Operation: "ListPendingOrganizationInvitations"},
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/invitations/{invitation_id}", Operation: "GetOrganizationInvitation"},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/invitations/{invitation_id}/revoke", Operation: "RevokeOrganizationInvitation"},

	// Organization roles.
	{Method: "GET", Pattern: "/v1/organization_roles", Operation: "ListOrganizationRoles"},
	{Method: "POST", Pattern: "/v1/organization_roles", Operation: "CreateOrganizationRole"},
	{Method: "GET", Pattern: "/v1/organization_roles/{organization_role_id}", Operation: "GetOrganizationRole"},
	{Method: "PATCH", Pattern: "/v1/organization_roles/{organization_role_id}", Operation: "UpdateOrganizationRole"},
	{Method: "DELETE", Pattern: "/v1/organization_roles/{organization_role_id}", Operation: "DeleteOrganizationRole"},
	{Method: "POST", Pattern: "/v1/organization_roles/{organization_role_id}/permissions/{permission_id}", Operation: "AssignPermissionToOrganizationRole"},
	{Method: "DELETE", Pattern: "/v1/organization_roles/{organization_role_id}/permissions/{permission_id}", Operation: "RemovePermissionFromOrganizationRole"},

	// Organizations memberships.
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/memberships", Operation: "ListOrganizationMemberships"},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/memberships", Operation: "CreateOrganizationMembership"},
	{Method: "PATCH", Pattern: "/v1/organizations/{organization_id}/memberships/{user_id}", Operation: "UpdateOrganizationMembership"},
	{Method: "DELETE", Pattern: "/v1/organizations/{organization_id}/memberships/{user_id}", Operation: "DeleteOrganizationMembership"},
	{Method: "PATCH", Pattern: "/v1/organizations/{organization_id}/memberships/{user_id}/metadata", Operation: "UpdateOrganizationMembershipMetadata"},

	// Organizations domains.
	{Method: "GET", Pattern: "/v1/organizations/{organization_id}/domains", Operation: "ListOrganizationDomains"},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/domains", Operation: "CreateOrganizationDomain"},
	{Method: "PATCH", Pattern: "/v1/organizations/{organization_id}/domains/{domain_id}", Operation: "UpdateOrganizationDomain"},
	{Method: "DELETE", Pattern: "/v1/organizations/{organization_id}/domains/{domain_id}", Operation: "DeleteOrganizationDomain"},
	{Method: "POST", Pattern: "/v1/organizations/{organization_id}/domains/{domain_id}/verify_ownership", Operation: "VerifyOrganizationDomainOwnership"},

	// Organization domains.
	{Method: "GET", Pattern: "/v1/organization_domains", Operation: "ListAllOrganizationDomains"},

	// Proxy checks.
	{Method: "POST", Pattern: "/v1/proxy_checks", Operation: "VerifyDomainProxy"},

	// Redirect urls.
	{Method: "GET", Pattern: "/v1/redirect_urls", Operation: "ListRedirectURLs"},
	{Method: "POST", Pattern: "/v1/redirect_urls", Operation: "CreateRedirectURL"},
	{Method: "GET", Pattern: "/v1/redirect_urls/{id}", Operation: "GetRedirectURL"},
	{Method: "DELETE", Pattern: "/v1/redirect_urls/{id}", Operation: "DeleteRedirectURL"},

	// Sign in tokens.
	{Method: "POST", Pattern: "/v1/sign_in_tokens", Operation: "CreateSignInToken"},
	{Method: "POST", Pattern: "/v1/sign_in_tokens/{sign_in_token_id}/revoke", Operation: "RevokeSignInToken"},

	// Sign ups.
	{Method: "GET", Pattern: "/v1/sign_ups/{id}", Operation: "GetSignUp"},
	{Method: "PATCH", Pattern: "/v1/sign_ups/{id}", Operation: "UpdateSignUp"},

	// Oauth applications.
	{Method: "GET", Pattern: "/v1/oauth_applications", Operation: "ListOAuthApplications"},
	{Method: "POST", Pattern: "/v1/oauth_applications", Operation: "CreateOAuthApplication"},
	{Method: "GET", Pattern: "/v1/oauth_applications/{oauth_application_id}", Operation: "GetOAuthApplication"},
	{Method: "PATCH", Pattern: "/v1/oauth_applications/{oauth_application_id}", Operation: "UpdateOAuthApplication"},
	{Method: "DELETE", Pattern: "/v1/oauth_applications/{oauth_application_id}", Operation: "DeleteOAuthApplication"},
	{Method: "PUT", Pattern: "/v1/oauth_applications/{oauth_application_id}/logo", Operation: "UploadOAuthApplicationLogo", Handler: nil},
	{Method: "POST", Pattern: "/v1/oauth_applications/{oauth_application_id}/rotate_secret", Operation: "RotateOAuthApplicationSecret"},
	{Method: "POST", Pattern: "/v1/oauth_applications/{oauth_application_id}/revoke_token", Operation: "RevokeOAuthApplicationToken"},

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
	{Method: "POST", Pattern: "/v1/testing_tokens", Operation: "CreateTestingToken"},

	// Agents.
	{Method: "POST", Pattern: "/v1/agents/tasks", Operation: "CreateAgentTask"},
	{Method: "POST", Pattern: "/v1/agents/tasks/{agent_task_id}/revoke", Operation: "RevokeAgentTask"},

	// Organization memberships.
	{Method: "GET", Pattern: "/v1/organization_memberships", Operation: "InstanceGetOrganizationMemberships"},

	// Waitlist entries.
	{Method: "GET", Pattern: "/v1/waitlist_entries", Operation: "ListWaitlistEntries"},
	{Method: "POST", Pattern: "/v1/waitlist_entries", Operation: "CreateWaitlistEntry"},
	{Method: "POST", Pattern: "/v1/waitlist_entries/bulk", Operation: "CreateBulkWaitlistEntries"},
	{Method: "DELETE", Pattern: "/v1/waitlist_entries/{waitlist_entry_id}", Operation: "DeleteWaitlistEntry"},
	{Method: "POST", Pattern: "/v1/waitlist_entries/{waitlist_entry_id}/invite", Operation: "InviteWaitlistEntry"},
	{Method: "POST", Pattern: "/v1/waitlist_entries/{waitlist_entry_id}/reject", Operation: "RejectWaitlistEntry"},

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
	{Method: "GET", Pattern: "/v1/organization_permissions", Operation: "ListOrganizationPermissions"},
	{Method: "POST", Pattern: "/v1/organization_permissions", Operation: "CreateOrganizationPermission"},
	{Method: "GET", Pattern: "/v1/organization_permissions/{permission_id}", Operation: "GetOrganizationPermission"},
	{Method: "PATCH", Pattern: "/v1/organization_permissions/{permission_id}", Operation: "UpdateOrganizationPermission"},
	{Method: "DELETE", Pattern: "/v1/organization_permissions/{permission_id}", Operation: "DeleteOrganizationPermission"},

	// Role sets.
	{Method: "GET", Pattern: "/v1/role_sets", Operation: "ListRoleSets"},
	{Method: "POST", Pattern: "/v1/role_sets", Operation: "CreateRoleSet"},
	{Method: "GET", Pattern: "/v1/role_sets/{role_set_key_or_id}", Operation: "GetRoleSet"},
	{Method: "PATCH", Pattern: "/v1/role_sets/{role_set_key_or_id}", Operation: "UpdateRoleSet"},
	{Method: "POST", Pattern: "/v1/role_sets/{role_set_key_or_id}/replace", Operation: "ReplaceRoleSet"},
	{Method: "POST", Pattern: "/v1/role_sets/{role_set_key_or_id}/roles", Operation: "AddRolesToRoleSet"},
	{Method: "POST", Pattern: "/v1/role_sets/{role_set_key_or_id}/roles/replace", Operation: "ReplaceRoleInRoleSet"},

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
	{Method: "GET", Pattern: "/v1/api_keys", Operation: "getApiKeys"},
	{Method: "POST", Pattern: "/v1/api_keys", Operation: "createApiKey"},
	{Method: "GET", Pattern: "/v1/api_keys/{apiKeyID}", Operation: "getApiKey"},
	{Method: "PATCH", Pattern: "/v1/api_keys/{apiKeyID}", Operation: "updateApiKey"},
	{Method: "DELETE", Pattern: "/v1/api_keys/{apiKeyID}", Operation: "deleteApiKey"},
	{Method: "GET", Pattern: "/v1/api_keys/{apiKeyID}/secret", Operation: "getApiKeySecret"},
	{Method: "POST", Pattern: "/v1/api_keys/{apiKeyID}/revoke", Operation: "revokeApiKey"},
	{Method: "POST", Pattern: "/v1/api_keys/verify", Operation: "verifyApiKey"},

	// M2m tokens.
	{Method: "GET", Pattern: "/v1/m2m_tokens", Operation: "getM2MTokens"},
	{Method: "POST", Pattern: "/v1/m2m_tokens", Operation: "createM2MToken"},
	{Method: "POST", Pattern: "/v1/m2m_tokens/{m2m_token_id}/revoke", Operation: "revokeM2MToken"},
	{Method: "POST", Pattern: "/v1/m2m_tokens/verify", Operation: "verifyM2MToken"},

	// Oauth applications.
	{Method: "POST", Pattern: "/v1/oauth_applications/access_tokens/verify", Operation: "verifyOAuthAccessToken"},
}, inBackend)
