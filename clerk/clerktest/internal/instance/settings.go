package instance

import (
	"net/http"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

func (e *API) getInstance(c *wire.Call) error {
	set := e.Store.Instance()
	c.Note("the instance")
	return c.OK(struct {
		Object         string   `json:"object"`
		ID             string   `json:"id"`
		Environment    string   `json:"environment_type"`
		AllowedOrigins []string `json:"allowed_origins"`
		Workspace      *string  `json:"workspace_id"` // null: nobody owns it
	}{"instance", e.InstanceID(), string(e.Config.Instance), set.AllowedOrigins, nil})
}

// testMode reports whether test addresses have the code that everybody knows.
func (e *API) testMode() bool {
	return state.With(e.Store, func(tx *state.Tx) bool {
		return tx.Testing()
	})
}

func (e *API) updateInstance(c *wire.Call) error {
	var in struct {
		TestMode       wire.Field[bool]     `json:"test_mode"`
		HIBP           wire.Field[bool]     `json:"hibp"`
		SupportEmail   wire.Field[string]   `json:"support_email"`
		ClerkJS        wire.Field[string]   `json:"clerk_js_version"`
		Development    wire.Field[string]   `json:"development_origin"`
		AllowedOrigins wire.Field[[]string] `json:"allowed_origins"`
		Cookieless     wire.Field[bool]     `json:"cookieless_dev"`
		URLSyncing     wire.Field[bool]     `json:"url_based_session_syncing"`
		Preferred      wire.Field[string]   `json:"preferred_sign_in_strategy_when_password_required"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.SupportEmail.Value != "" && !state.ValidEmail(in.SupportEmail.Value) {
		return refusal.Param("support_email", "form_param_format_invalid", "support_email is not an e-mail address")
	}
	if !slices.Contains([]string{"", "password", "otp"}, in.Preferred.Value) {
		return refusal.Param("preferred_sign_in_strategy_when_password_required", "form_param_value_invalid", "it is neither password nor otp")
	}
	if origin := in.Development.Value; origin != "" {
		if parsed, ok := hosts.ParseOrigin(origin); !ok || parsed != origin {
			return refusal.Param("development_origin", "form_param_format_invalid", "development_origin is not an origin like http://localhost:3000")
		}
	}
	if len(in.AllowedOrigins.Value) > wire.MaxListParam {
		return refusal.Param("allowed_origins", "form_param_array_size_exceeded", "allowed_origins should not exceed 100 items.")
	}
	for _, origin := range in.AllowedOrigins.Value {
		if !wire.ValidClientOrigin(origin) {
			return refusal.Param("allowed_origins", "form_param_format_invalid", refusal.Quoted(origin)+" is not an origin like chrome-extension://abc")
		}
	}
	if _, err := e.Store.ChangeInstance(func(_ *state.Tx, set *state.InstanceSettings) error {
		wire.Switched(in.TestMode, &set.TestMode)
		wire.Flag(in.HIBP, &set.HIBP)
		wire.Flag(in.Cookieless, &set.CookielessDev)
		if wire.Given(in.URLSyncing) {
			set.URLSyncingOff = !in.URLSyncing.Value
		}
		in.SupportEmail.Into(&set.SupportEmail)
		in.ClerkJS.Into(&set.ClerkJSVersion)
		in.Development.Into(&set.DevelopmentOrigin)
		in.AllowedOrigins.Into(&set.AllowedOrigins)
		in.Preferred.Into(&set.PreferredStrategy)
		return nil
	}); err != nil {
		return err
	}
	c.Note("the instance changed")
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}

type restrictionsResource struct {
	Object                      string `json:"object"`
	Allowlist                   bool   `json:"allowlist"`
	Blocklist                   bool   `json:"blocklist"`
	NoListsOnSignIn             bool   `json:"allowlist_blocklist_disabled_on_sign_in"`
	BlockEmailSubaddresses      bool   `json:"block_email_subaddresses"`
	BlockDisposableEmailDomains bool   `json:"block_disposable_email_domains"`
}

func (e *API) restrictions() restrictionsResource {
	return state.With(e.Store, func(tx *state.Tx) restrictionsResource {
		set := &tx.Instance
		return restrictionsResource{
			"instance_restrictions", state.InForce(set.Allowlist, len(tx.Allowlist)), state.InForce(set.Blocklist, len(tx.Blocklist)),
			set.NoListsOnSignIn, set.BlockEmailSubaddresses, set.BlockDisposableEmailDomains,
		}
	})
}

// restrictionSettings are the restrictions as clerk-js reads them.
func (e *API) restrictionSettings() map[string]any {
	r := e.restrictions()
	enabled := func(on bool) map[string]any { return map[string]any{"enabled": on} }
	return map[string]any{
		"allowlist": enabled(r.Allowlist), "blocklist": enabled(r.Blocklist),
		"allowlist_blocklist_disabled_on_sign_in": enabled(r.NoListsOnSignIn), "block_email_subaddresses": enabled(r.BlockEmailSubaddresses),
		"block_disposable_email_domains": enabled(r.BlockDisposableEmailDomains),
	}
}

func (e *API) updateRestrictions(c *wire.Call) error {
	var in struct {
		Allowlist       wire.Field[bool] `json:"allowlist"`
		Blocklist       wire.Field[bool] `json:"blocklist"`
		NoListsOnSignIn wire.Field[bool] `json:"allowlist_blocklist_disabled_on_sign_in"`
		Subaddresses    wire.Field[bool] `json:"block_email_subaddresses"`
		Disposable      wire.Field[bool] `json:"block_disposable_email_domains"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if _, err := e.Store.ChangeInstance(func(_ *state.Tx, set *state.InstanceSettings) error {
		wire.Switched(in.Allowlist, &set.Allowlist)
		wire.Switched(in.Blocklist, &set.Blocklist)
		wire.Flag(in.NoListsOnSignIn, &set.NoListsOnSignIn)
		wire.Flag(in.Subaddresses, &set.BlockEmailSubaddresses)
		wire.Flag(in.Disposable, &set.BlockDisposableEmailDomains)
		return nil
	}); err != nil {
		return err
	}
	c.Note("restrictions changed")
	return c.OK(e.restrictions())
}

func (e *API) getProtect(c *wire.Call) error {
	set := e.Store.Instance()
	return e.answerProtect(c, &set)
}

func (e *API) answerProtect(c *wire.Call, set *state.InstanceSettings) error {
	c.Note("protection of the instance")
	return c.OK(map[string]any{
		"object": "instance_protect", "rules_enabled": set.ProtectRules, "specter_enabled": set.ProtectSpecter, "checks_bypassed": false,
	})
}

func (e *API) updateProtect(c *wire.Call) error {
	var in struct {
		Rules   wire.Field[bool] `json:"rules_enabled"`
		Specter wire.Field[bool] `json:"specter_enabled"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	set, err := e.Store.ChangeInstance(func(_ *state.Tx, set *state.InstanceSettings) error {
		wire.Flag(in.Rules, &set.ProtectRules)
		wire.Flag(in.Specter, &set.ProtectSpecter)
		return nil
	})
	if err != nil {
		return err
	}
	return e.answerProtect(c, &set)
}

func (e *API) getCommunication(c *wire.Call) error {
	set := e.Store.Instance()
	return e.answerCommunication(c, &set)
}

func (e *API) answerCommunication(c *wire.Call, set *state.InstanceSettings) error {
	c.Note("communication settings")
	return c.OK(map[string]any{"object": "instance_communication", "blocked_country_codes": append([]string{}, set.BlockedCountries...)})
}

func (e *API) updateCommunication(c *wire.Call) error {
	var in struct {
		Blocked wire.Field[[]string] `json:"blocked_country_codes"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	const param = "blocked_country_codes"
	if len(in.Blocked.Value) > 250 {
		return refusal.Param(param, "form_param_array_size_exceeded", param+" should not exceed 250 items.")
	}
	for i, code := range in.Blocked.Value {
		if len(code) != 2 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return refusal.Param(param, "form_param_value_invalid", refusal.Quoted(code)+" is not a country code of two capital letters")
		}
		if slices.Contains(in.Blocked.Value[:i], code) {
			return refusal.Param(param, "duplicate_list_items_not_allowed", "duplicate list items not allowed: "+code)
		}
	}
	set, err := e.Store.ChangeInstance(func(_ *state.Tx, set *state.InstanceSettings) error {
		if wire.Given(in.Blocked) {
			set.BlockedCountries = in.Blocked.Value
		}
		return nil
	})
	if err != nil {
		return err
	}
	return e.answerCommunication(c, &set)
}

// updateAuthConfig is the older way to a few settings (Beta features).
func (e *API) updateAuthConfig(c *wire.Call) error {
	var in struct {
		Restricted  wire.Field[bool]   `json:"restricted_to_allowlist"`
		From        wire.Field[string] `json:"from_email_address"`
		Progressive wire.Field[bool]   `json:"progressive_sign_up"`
		TestMode    wire.Field[bool]   `json:"test_mode"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if from := in.From.Value; from != "" && (!state.ValidSlug(from) || strings.ContainsAny(from, "_-")) {
		return refusal.Param("from_email_address", "form_param_format_invalid", "from_email_address is not letters and digits: the part before the @")
	}
	set, err := e.Store.ChangeInstance(func(_ *state.Tx, set *state.InstanceSettings) error {
		wire.Switched(in.Restricted, &set.Allowlist)
		wire.Switched(in.TestMode, &set.TestMode)
		if in.From.Value != "" {
			set.FromEmailAddress = in.From.Value
		}
		if wire.Given(in.Progressive) {
			set.ProgressiveOff = !in.Progressive.Value
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.Note("settings of the instance changed")
	return c.OK(map[string]any{
		"object": "instance_settings", "id": e.InstanceID(), "restricted_to_allowlist": e.restrictions().Allowlist,
		"from_email_address": set.FromEmailAddress, "progressive_sign_up": !set.ProgressiveOff, "enhanced_email_deliverability": false,
	})
}
