package clerktest

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

func (e *Emulator) getInstance(c *call) error {
	set := e.store.Instance()
	c.note("the instance")
	return c.ok(struct {
		Object         string   `json:"object"`
		ID             string   `json:"id"`
		Environment    string   `json:"environment_type"`
		AllowedOrigins []string `json:"allowed_origins"`
		Workspace      *string  `json:"workspace_id"` // null: nobody owns it
	}{"instance", e.instanceID(), string(e.cfg.Instance), set.AllowedOrigins, nil})
}

// testMode reports whether test addresses have the code that everybody knows.
func (e *Emulator) testMode() bool {
	return state.With(e.store, func(tx *state.Tx) bool {
		return tx.Testing()
	})
}

// flag is a setting of a body, which null leaves as it is.
func flag(f field[bool], to *bool) {
	if given(f) {
		*to = f.Value
	}
}

// switched is flag for settings that have a default of their own.
func switched(f field[bool], to **bool) {
	if given(f) {
		value := f.Value
		*to = &value
	}
}

func (e *Emulator) updateInstance(c *call) error {
	var in struct {
		TestMode       field[bool]     `json:"test_mode"`
		HIBP           field[bool]     `json:"hibp"`
		SupportEmail   field[string]   `json:"support_email"`
		ClerkJS        field[string]   `json:"clerk_js_version"`
		Development    field[string]   `json:"development_origin"`
		AllowedOrigins field[[]string] `json:"allowed_origins"`
		Cookieless     field[bool]     `json:"cookieless_dev"`
		URLSyncing     field[bool]     `json:"url_based_session_syncing"`
		Preferred      field[string]   `json:"preferred_sign_in_strategy_when_password_required"`
	}
	if err := c.decode(&in); err != nil {
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
	if len(in.AllowedOrigins.Value) > maxListParam {
		return refusal.Param("allowed_origins", "form_param_array_size_exceeded", "allowed_origins should not exceed 100 items.")
	}
	for _, origin := range in.AllowedOrigins.Value {
		if !validClientOrigin(origin) {
			return refusal.Param("allowed_origins", "form_param_format_invalid", refusal.Quoted(origin)+" is not an origin like chrome-extension://abc")
		}
	}
	if _, err := e.store.ChangeInstance(func(_ *state.Tx, set *state.InstanceSettings) error {
		switched(in.TestMode, &set.TestMode)
		flag(in.HIBP, &set.HIBP)
		flag(in.Cookieless, &set.CookielessDev)
		if given(in.URLSyncing) {
			set.URLSyncingOff = !in.URLSyncing.Value
		}
		in.SupportEmail.into(&set.SupportEmail)
		in.ClerkJS.into(&set.ClerkJSVersion)
		in.Development.into(&set.DevelopmentOrigin)
		in.AllowedOrigins.into(&set.AllowedOrigins)
		in.Preferred.into(&set.PreferredStrategy)
		return nil
	}); err != nil {
		return err
	}
	c.note("the instance changed")
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

var clientOrigin = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[A-Za-z0-9.-]{1,255}(:[0-9]{1,5})?$`)

// validClientOrigin tells origins of browsers and of what is built like one: an
// extension, an app.
func validClientOrigin(origin string) bool { return clientOrigin.MatchString(origin) }

// allowedClient tells whose scripts may read answers of the Frontend API.
func (e *Emulator) allowedClient(origin string) bool {
	if e.allowedOrigin(origin) {
		return true
	}
	set := e.store.Instance()
	return slices.Contains(set.AllowedOrigins, origin)
}

type restrictionsResource struct {
	Object                      string `json:"object"`
	Allowlist                   bool   `json:"allowlist"`
	Blocklist                   bool   `json:"blocklist"`
	NoListsOnSignIn             bool   `json:"allowlist_blocklist_disabled_on_sign_in"`
	BlockEmailSubaddresses      bool   `json:"block_email_subaddresses"`
	BlockDisposableEmailDomains bool   `json:"block_disposable_email_domains"`
}

func (e *Emulator) restrictions() restrictionsResource {
	return state.With(e.store, func(tx *state.Tx) restrictionsResource {
		set := &tx.Instance
		return restrictionsResource{
			"instance_restrictions", state.InForce(set.Allowlist, len(tx.Allowlist)), state.InForce(set.Blocklist, len(tx.Blocklist)),
			set.NoListsOnSignIn, set.BlockEmailSubaddresses, set.BlockDisposableEmailDomains,
		}
	})
}

// restrictionSettings are the restrictions as clerk-js reads them.
func (e *Emulator) restrictionSettings() map[string]any {
	r := e.restrictions()
	enabled := func(on bool) map[string]any { return map[string]any{"enabled": on} }
	return map[string]any{
		"allowlist": enabled(r.Allowlist), "blocklist": enabled(r.Blocklist),
		"allowlist_blocklist_disabled_on_sign_in": enabled(r.NoListsOnSignIn), "block_email_subaddresses": enabled(r.BlockEmailSubaddresses),
		"block_disposable_email_domains": enabled(r.BlockDisposableEmailDomains),
	}
}

func (e *Emulator) updateRestrictions(c *call) error {
	var in struct {
		Allowlist       field[bool] `json:"allowlist"`
		Blocklist       field[bool] `json:"blocklist"`
		NoListsOnSignIn field[bool] `json:"allowlist_blocklist_disabled_on_sign_in"`
		Subaddresses    field[bool] `json:"block_email_subaddresses"`
		Disposable      field[bool] `json:"block_disposable_email_domains"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if _, err := e.store.ChangeInstance(func(_ *state.Tx, set *state.InstanceSettings) error {
		switched(in.Allowlist, &set.Allowlist)
		switched(in.Blocklist, &set.Blocklist)
		flag(in.NoListsOnSignIn, &set.NoListsOnSignIn)
		flag(in.Subaddresses, &set.BlockEmailSubaddresses)
		flag(in.Disposable, &set.BlockDisposableEmailDomains)
		return nil
	}); err != nil {
		return err
	}
	c.note("restrictions changed")
	return c.ok(e.restrictions())
}

func (e *Emulator) getProtect(c *call) error {
	set := e.store.Instance()
	return e.answerProtect(c, &set)
}

func (e *Emulator) answerProtect(c *call, set *state.InstanceSettings) error {
	c.note("protection of the instance")
	return c.ok(map[string]any{
		"object": "instance_protect", "rules_enabled": set.ProtectRules, "specter_enabled": set.ProtectSpecter, "checks_bypassed": false,
	})
}

func (e *Emulator) updateProtect(c *call) error {
	var in struct {
		Rules   field[bool] `json:"rules_enabled"`
		Specter field[bool] `json:"specter_enabled"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	set, err := e.store.ChangeInstance(func(_ *state.Tx, set *state.InstanceSettings) error {
		flag(in.Rules, &set.ProtectRules)
		flag(in.Specter, &set.ProtectSpecter)
		return nil
	})
	if err != nil {
		return err
	}
	return e.answerProtect(c, &set)
}

func (e *Emulator) getCommunication(c *call) error {
	set := e.store.Instance()
	return e.answerCommunication(c, &set)
}

func (e *Emulator) answerCommunication(c *call, set *state.InstanceSettings) error {
	c.note("communication settings")
	return c.ok(map[string]any{"object": "instance_communication", "blocked_country_codes": append([]string{}, set.BlockedCountries...)})
}

func (e *Emulator) updateCommunication(c *call) error {
	var in struct {
		Blocked field[[]string] `json:"blocked_country_codes"`
	}
	if err := c.decode(&in); err != nil {
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
	set, err := e.store.ChangeInstance(func(_ *state.Tx, set *state.InstanceSettings) error {
		if given(in.Blocked) {
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
func (e *Emulator) updateAuthConfig(c *call) error {
	var in struct {
		Restricted  field[bool]   `json:"restricted_to_allowlist"`
		From        field[string] `json:"from_email_address"`
		Progressive field[bool]   `json:"progressive_sign_up"`
		TestMode    field[bool]   `json:"test_mode"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if from := in.From.Value; from != "" && (!state.ValidSlug(from) || strings.ContainsAny(from, "_-")) {
		return refusal.Param("from_email_address", "form_param_format_invalid", "from_email_address is not letters and digits: the part before the @")
	}
	set, err := e.store.ChangeInstance(func(_ *state.Tx, set *state.InstanceSettings) error {
		switched(in.Restricted, &set.Allowlist)
		switched(in.TestMode, &set.TestMode)
		if in.From.Value != "" {
			set.FromEmailAddress = in.From.Value
		}
		if given(in.Progressive) {
			set.ProgressiveOff = !in.Progressive.Value
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.note("settings of the instance changed")
	return c.ok(map[string]any{
		"object": "instance_settings", "id": e.instanceID(), "restricted_to_allowlist": e.restrictions().Allowlist,
		"from_email_address": set.FromEmailAddress, "progressive_sign_up": !set.ProgressiveOff, "enhanced_email_deliverability": false,
	})
}

// production reports whether it is a production instance.
func (e *Emulator) production() bool { return e.cfg.Instance == clerk.Production }
