package clerk

import (
	"cmp"
	"errors"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// ConfigFromEnv fills a Config from the environment variables that Clerk's SDKs share:
// those named in the comments of [Config]. Unset and empty variables leave zero values.
// Quotes, white space and a byte order mark around a value are removed.
// CLERK_API_VERSION may only be v1, the version that the kit speaks. The kit sends no
// telemetry, whatever CLERK_TELEMETRY_… says.
//
// Values that cannot be used are joined *[ConfigError]s which name the variable
// and never its value.
func ConfigFromEnv() (Config, error) {
	env := func(name string) string { return unpasted(os.Getenv(name)) }
	first := func(names ...string) string {
		for _, name := range names {
			if v := env(name); v != "" {
				return v
			}
		}
		return ""
	}
	c := Config{
		SecretKey:                 env("CLERK_SECRET_KEY"),
		PublishableKey:            env("CLERK_PUBLISHABLE_KEY"),
		JWTKey:                    env("CLERK_JWT_KEY"),
		MachineSecretKey:          env("CLERK_MACHINE_SECRET_KEY"),
		WebhookSigningSecret:      env("CLERK_WEBHOOK_SIGNING_SECRET"),
		APIURL:                    env("CLERK_API_URL"),
		FrontendAPI:               env("CLERK_FAPI"),
		ProxyURL:                  env("CLERK_PROXY_URL"),
		PublicURL:                 strings.TrimRight(env("CLERK_PUBLIC_URL"), "/"),
		Domain:                    env("CLERK_DOMAIN"),
		SignInURL:                 env("CLERK_SIGN_IN_URL"),
		SignUpURL:                 env("CLERK_SIGN_UP_URL"),
		SignInFallbackRedirectURL: first("CLERK_SIGN_IN_FALLBACK_REDIRECT_URL", "CLERK_AFTER_SIGN_IN_URL"),
		SignInForceRedirectURL:    env("CLERK_SIGN_IN_FORCE_REDIRECT_URL"),
		SignUpFallbackRedirectURL: first("CLERK_SIGN_UP_FALLBACK_REDIRECT_URL", "CLERK_AFTER_SIGN_UP_URL"),
		SignUpForceRedirectURL:    env("CLERK_SIGN_UP_FORCE_REDIRECT_URL"),
		JSURL:                     first("CLERK_JS_URL", "CLERK_JS"),
		JSVersion:                 env("CLERK_JS_VERSION"),
	}
	var errs []error
	parties := env("CLERK_AUTHORIZED_PARTIES")
	for p := range strings.SplitSeq(parties, ",") {
		if p = unpasted(p); p != "" {
			c.AuthorizedParties = append(c.AuthorizedParties, p)
		}
	}
	switch {
	case parties != "" && c.AuthorizedParties == nil: // or nothing would be checked
		errs = append(errs, &ConfigError{"CLERK_AUTHORIZED_PARTIES", "lists no origin"})
	case strings.HasPrefix(parties, "[") && !strings.HasPrefix(parties, "[:"), strings.HasPrefix(parties, "{"):
		errs = append(errs, &ConfigError{"CLERK_AUTHORIZED_PARTIES", "is JSON; write the origins with commas between them, without brackets and quotes"})
		c.AuthorizedParties = nil
	case strings.Count(parties, "://") > len(c.AuthorizedParties):
		errs = append(errs, &ConfigError{"CLERK_AUTHORIZED_PARTIES", "separates origins by something else than commas"})
		c.AuthorizedParties = nil
	}
	if c.FrontendAPI != "" && !strings.Contains(c.FrontendAPI, "://") {
		c.FrontendAPI = "https://" + c.FrontendAPI
	}
	for _, v := range []struct {
		name string
		to   *bool
	}{
		{"CLERK_IS_SATELLITE", &c.IsSatellite},
		{"CLERK_HEADER_ONLY", &c.HeaderOnly},
		{"CLERK_INSECURE_EMULATOR", &c.InsecureEmulator},
	} {
		if text := env(v.name); text != "" {
			var err error
			if *v.to, err = strconv.ParseBool(text); err != nil {
				errs = append(errs, &ConfigError{v.name, "is neither true nor false"})
			}
		}
	}
	if v := env("CLERK_TRUSTED_PROXY_HOPS"); v != "" {
		var err error
		if c.TrustedProxyHops, err = strconv.Atoi(v); err != nil {
			errs = append(errs, &ConfigError{"CLERK_TRUSTED_PROXY_HOPS", "is not a whole number"})
		}
	}
	if v := env("CLERK_API_VERSION"); v != "" && v != "v1" {
		errs = append(errs, &ConfigError{"CLERK_API_VERSION", "is not v1, the only version that the kit speaks"})
	}
	if err := errors.Join(append(errs, renamed(c.validate(false)))...); err != nil {
		return Config{}, err
	}
	return c, nil
}

// fieldVariables maps each field that can be wrong to its environment variable.
var fieldVariables = map[string]string{
	"APIURL":                    "CLERK_API_URL",
	"AuthorizedParties":         "CLERK_AUTHORIZED_PARTIES",
	"Domain":                    "CLERK_DOMAIN",
	"FrontendAPI":               "CLERK_FAPI",
	"HeaderOnly":                "CLERK_HEADER_ONLY",
	"InsecureEmulator":          "CLERK_INSECURE_EMULATOR",
	"IsSatellite":               "CLERK_IS_SATELLITE",
	"JSURL":                     "CLERK_JS_URL",
	"JSVersion":                 "CLERK_JS_VERSION",
	"JWTKey":                    "CLERK_JWT_KEY",
	"MachineSecretKey":          "CLERK_MACHINE_SECRET_KEY",
	"ProxyURL":                  "CLERK_PROXY_URL",
	"PublicURL":                 "CLERK_PUBLIC_URL",
	"PublishableKey":            "CLERK_PUBLISHABLE_KEY",
	"SecretKey":                 "CLERK_SECRET_KEY",
	"SignInFallbackRedirectURL": "CLERK_SIGN_IN_FALLBACK_REDIRECT_URL",
	"SignInForceRedirectURL":    "CLERK_SIGN_IN_FORCE_REDIRECT_URL",
	"SignInURL":                 "CLERK_SIGN_IN_URL",
	"SignUpFallbackRedirectURL": "CLERK_SIGN_UP_FALLBACK_REDIRECT_URL",
	"SignUpForceRedirectURL":    "CLERK_SIGN_UP_FORCE_REDIRECT_URL",
	"SignUpURL":                 "CLERK_SIGN_UP_URL",
	"TrustedProxyHops":          "CLERK_TRUSTED_PROXY_HOPS",
	"WebhookSigningSecret":      "CLERK_WEBHOOK_SIGNING_SECRET",
}

// variables replaces the names of fields in a text by their variables. The longest come
// first, because one name may end in another.
var variables = func() *strings.Replacer {
	fields := slices.SortedFunc(maps.Keys(fieldVariables), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	var pairs []string
	for _, field := range fields {
		pairs = append(pairs, field, fieldVariables[field])
	}
	return strings.NewReplacer(pairs...)
}()

// renamed returns the errors with the names of variables instead of fields.
func renamed(err error) error {
	joined, ok := err.(interface{ Unwrap() []error }) // as Validate joins them; nothing wraps
	if !ok {
		return err
	}
	errs := joined.Unwrap()
	out := make([]error, len(errs))
	for i, e := range errs {
		out[i] = e
		if ce := (*ConfigError)(nil); errors.As(e, &ce) {
			out[i] = &ConfigError{variables.Replace(ce.Field), variables.Replace(ce.Problem)}
		}
	}
	return errors.Join(out...)
}
