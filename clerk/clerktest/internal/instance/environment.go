package instance

import (
	"cmp"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/passwords"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// environment is what clerk-js asks first: how the instance is set up.
func (e *API) environment(c *wire.Call) error {
	if _, err := e.Browser(c); err != nil {
		return err
	}
	c.Note("settings of the instance")
	return c.OK(map[string]any{
		"auth_config": e.authConfig(), "display_config": e.displayConfig(), "user_settings": e.userSettings(),
		"organization_settings": e.organizationSettings(),
		"fraud_settings":        map[string]any{"object": "fraud_settings", "native": map[string]any{"device_attestation_mode": "disabled"}},
		"commerce_settings": map[string]any{"billing": map[string]any{
			"stripe_publishable_key": nil, "free_trial_requires_payment_method": false,
			"user":         map[string]any{"enabled": false, "has_paid_plans": false},
			"organization": map[string]any{"enabled": false, "has_paid_plans": false},
		}},
		"api_keys_settings": map[string]any{"enabled": false, "user_api_keys_enabled": false, "orgs_api_keys_enabled": false},
		"protect_config":    map[string]any{}, "client_debug_mode": false, "partitioned_cookies": false, "maintenance_mode": false,
	})
}

func (e *API) organizationSettings() map[string]any {
	set := e.organizations.DescribeOrganizationSettings()
	return map[string]any{
		"enabled": set.Enabled, "max_allowed_memberships": set.MaxMemberships,
		"force_organization_selection": e.Settings().ForceOrganizationSelection, "actions": map[string]any{"admin_delete": set.AdminDelete}, "creator_role": set.CreatorRole,
		"slug": map[string]any{"disabled": set.SlugDisabled},
		"domains": map[string]any{
			"enabled": set.DomainsEnabled, "enrollment_modes": set.EnrollmentModes, "default_role": set.DomainsDefaultRole,
		},
		"organization_creation_defaults": map[string]any{"enabled": false},
	}
}

func (e *API) authConfig() map[string]any {
	set := e.Settings()
	instance := e.Store.Instance()
	return map[string]any{
		"object": "auth_config", "id": "aconf_1", "first_name": state.AttributeOn, "last_name": state.AttributeOn,
		"email_address": set.EmailAddress, "phone_number": set.PhoneNumber, "username": set.Username, "password": set.Password,
		"single_session_mode": !set.MultiSession, "enhanced_email_deliverability": false, "test_mode": e.testMode(),
		"cookieless_dev": instance.CookielessDev, "url_based_session_syncing": !instance.URLSyncingOff, "claimed_at": nil, "reverification": true,
		"identification_requirements": [][]string{}, "identification_strategies": e.answers.Identifiers(),
		"first_factors":                         append(e.strategies.EmailStrategies(), "password", "phone_code", "ticket"),
		"second_factors":                        []string{"totp", "phone_code", "backup_code"},
		"email_address_verification_strategies": e.strategies.EmailStrategies(),
		"native_settings": map[string]any{
			"object": "native_settings", "api_enabled": false, "trusted_device_sign_in_enabled": false,
			"trusted_device_enrollment_prompt_after_sign_in_enabled": false, "trusted_device_enrollment_prompt_after_sign_up_enabled": false,
		},
	}
}

func (e *API) displayConfig() map[string]any {
	instance := e.Store.Instance()
	config := map[string]any{
		"object": "display_config", "id": "display_config_1", "instance_environment_type": string(e.Config.Instance),
		"application_name": e.Settings().ApplicationName, "preferred_sign_in_strategy": cmp.Or(instance.PreferredStrategy, "password"), "theme": map[string]any{},
		"home_url": e.Config.Origins[0], "sign_in_url": e.FaceURL() + "/sign-in", "sign_up_url": e.FaceURL() + "/sign-in",
		"support_email": wire.OptString(instance.SupportEmail), "branded": false, "experimental_force_oauth_first": false, "clerk_js_version": wire.OptString(instance.ClerkJSVersion),
		"show_devmode_warning": false, "google_one_tap_client_id": nil, "help_url": nil, "privacy_policy_url": nil, "terms_url": nil,
		"logo_url": nil, "favicon_url": nil, "logo_image": nil, "favicon_image": nil, "logo_image_url": "", "favicon_image_url": "",
		"captcha_public_key": nil, "captcha_widget_type": nil, "captcha_public_key_invisible": nil, "captcha_provider": nil,
		"captcha_oauth_bypass": []string{}, "captcha_heartbeat": false,
	}
	for _, name := range []string{
		"user_profile_url", "waitlist_url", "oauth_consent_url", "after_sign_in_url", "after_sign_up_url", "after_sign_out_one_url",
		"after_sign_out_all_url", "after_switch_session_url", "after_join_waitlist_url", "organization_profile_url",
		"create_organization_url", "after_leave_organization_url", "after_create_organization_url", "logo_link_url",
	} {
		config[name] = ""
	}
	return config
}

// attribute describes one thing that a user may have.
func attribute(setting string, first, second, verifications []string) map[string]any {
	off := setting == state.AttributeOff
	list := func(l []string) []string {
		if off || l == nil {
			return []string{}
		}
		return l
	}
	return map[string]any{
		"enabled": !off, "required": setting == state.AttributeRequired, "immutable": false,
		"used_for_first_factor": len(list(first)) > 0, "first_factors": list(first),
		"used_for_second_factor": len(list(second)) > 0, "second_factors": list(second),
		"verifications": list(verifications), "verify_at_sign_up": len(list(verifications)) > 0,
	}
}

func (e *API) userSettings() map[string]any {
	set := e.Settings()
	disabled := map[string]any{"enabled": false}
	username := attribute(set.Username, nil, nil, nil)
	username["used_for_first_factor"] = set.Username != state.AttributeOff
	return map[string]any{
		"attributes": map[string]any{
			"email_address":     attribute(set.EmailAddress, e.strategies.EmailStrategies(), nil, e.strategies.EmailStrategies()),
			"phone_number":      attribute(set.PhoneNumber, []string{"phone_code"}, []string{"phone_code"}, []string{"phone_code"}),
			"username":          username,
			"first_name":        attribute(state.AttributeOn, nil, nil, nil),
			"last_name":         attribute(state.AttributeOn, nil, nil, nil),
			"password":          attribute(set.Password, nil, nil, nil),
			"web3_wallet":       attribute(state.AttributeOff, nil, nil, nil),
			"passkey":           attribute(state.AttributeOff, nil, nil, nil),
			"ticket":            attribute(state.AttributeOn, nil, nil, nil),
			"authenticator_app": attribute(state.AttributeOn, nil, []string{"totp"}, []string{"totp"}),
			"backup_code":       attribute(state.AttributeOn, nil, []string{"backup_code"}, nil),
		},
		"social": e.socials(), "saml": disabled, "enterprise_sso": map[string]any{"enabled": false, "self_serve_sso": false},
		"sign_in": map[string]any{"second_factor": map[string]any{"required": set.RequireMFA, "enabled": true}},
		"sign_up": map[string]any{
			"captcha_enabled": false, "captcha_widget_type": "smart", "custom_action_required": false, "progressive": true,
			"mode": set.SignUpMode, "legal_consent_enabled": false, "mfa": map[string]any{"required": set.RequireMFA},
		},
		"restrictions": e.restrictionSettings(),
		"password_settings": map[string]any{
			"disable_hibp": true, "disable_password_reverification": true, "min_length": passwords.MinLength, "max_length": passwords.MaxLength,
			"require_special_char": false, "require_numbers": false, "require_uppercase": false, "require_lowercase": false,
			"show_zxcvbn": false, "min_zxcvbn_strength": 0, "enforce_hibp_on_sign_in": false,
			"allowed_special_characters": "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~",
		},
		"username_settings": map[string]any{
			"min_length": state.MinUsername, "max_length": state.MaxUsername, "allow_extended_special_characters": false, "allow_numeric_usernames": true,
		},
		"actions": map[string]any{"delete_self": true, "create_organization": true, "create_organizations_limit": nil},
		"attack_protection": map[string]any{
			"user_lockout": map[string]any{"enabled": false, "max_attempts": 100, "duration_in_minutes": 60}, "pii": disabled,
			"email_link": map[string]any{"require_same_client": false}, "enumeration_protection": disabled,
		},
		"passkey_settings": map[string]any{"allow_autofill": false, "show_sign_in_button": false, "satisfies_second_factor": false},
	}
}

// socials are the providers that components offer.
func (e *API) socials() map[string]any {
	out := map[string]any{}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(e.Settings().OAuthProviders))) {
		label := strings.TrimPrefix(name, "custom_")
		social := map[string]any{
			"enabled": true, "required": false, "authenticatable": true, "block_email_subaddresses": false, "strategy": "oauth_" + name,
			"not_selectable": false, "deprecated": false, "name": strings.ToUpper(label[:1]) + label[1:], "logo_url": nil,
		}
		if label != name {
			social["logo_url"] = e.answers.ImageURL()
		}
		out["oauth_"+name] = social
	}
	return out
}
