package main

import (
	"strings"
	"unicode"
)

// initialisms are written in one case in Go names.
var initialisms = map[string]string{
	"acs": "ACS", "bcc": "BCC", "cc": "CC", "html": "HTML", "api": "API", "cname": "CNAME", "hibp": "HIBP", "id": "ID", "ids": "IDs", "idp": "IDP", "ip": "IP",
	"it": "IT", "js": "JS", "json": "JSON", "jit": "JIT", "jwt": "JWT", "jwks": "JWKS", "mfa": "MFA", "m2m": "M2M", "oauth": "OAuth",
	"oidc": "OIDC", "otp": "OTP", "pkce": "PKCE", "qi": "QI", "saml": "SAML", "scim": "SCIM", "sms": "SMS", "sp": "SP",
	"sso": "SSO", "totp": "TOTP", "ttl": "TTL", "uri": "URI", "uris": "URIs", "url": "URL", "urls": "URLs", "ms": "MS",
	"ios": "IOS", "dp": "DP", "dq": "DQ", "okx": "OKX", "github": "GitHub", "gitlab": "GitLab", "metamask": "MetaMask",
	"rsa": "RSA", "ec": "EC", "okp": "OKP", "x5c": "X5C", "x5t": "X5T", "x5u": "X5U", "s256": "S256", "es256": "ES256",
}

// words splits a JSON name, a path parameter or an enum value into words.
func words(s string) []string {
	var out []string
	var cur []rune
	flush := func() {
		if len(cur) > 0 {
			out = append(out, string(cur))
			cur = nil
		}
	}
	rs := []rune(s)
	for i, r := range rs {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		case unicode.IsUpper(r) && i > 0 && unicode.IsLower(rs[i-1]):
			flush()
			cur = append(cur, r)
		default:
			cur = append(cur, r)
		}
	}
	flush()
	return out
}

// goName returns the exported Go name for a JSON name: email_address_id is
// EmailAddressID.
func goName(s string) string {
	var b strings.Builder
	for _, w := range words(s) {
		low := strings.ToLower(w)
		if up, ok := initialisms[low]; ok {
			b.WriteString(up)
			continue
		}
		b.WriteString(strings.ToUpper(low[:1]) + low[1:])
	}
	return b.String()
}

// argName returns the Go name of a positional argument: user_id is userID.
func argName(s string) string {
	ws := words(s)
	first := strings.ToLower(ws[0])
	name := first + goName(strings.Join(ws[1:], "_"))
	switch name {
	case "type", "range", "func", "map":
		return name + "Value"
	}
	return name
}

// enumNames gives equal lists in several places one name, and a shorter name if type
// and field repeat a word.
var enumNames = map[string]string{
	"AllowlistIdentifierIdentifierType":                           "IdentifierType",
	"BillingPaymentAttemptEventStatus":                            "BillingPaymentAttemptStatus",
	"BillingPriceTransitionDetailsPreviousSubscriptionItemStatus": "BillingSubscriptionItemStatus",
	"BillingStatus":                              "BillingSubscriptionItemStatus",
	"BillingSubscriptionEventStatus":             "BillingSubscriptionStatus",
	"BillingSubscriptionItemEventStatus":         "BillingSubscriptionItemStatus",
	"BillingSupportedBillingPeriods":             "BillingPriceSupportedBillingPeriods",
	"BlocklistIdentifierIdentifierType":          "IdentifierType",
	"EmailAddressIdentificationStatus":           "IdentificationStatus",
	"EnterpriseConnectionStatus":                 "EnterpriseConnectionTestRunStatus",
	"JSONWebKeyKty":                              "JSONWebKeyType",
	"M2MTokenTokenFormat":                        "M2MTokenFormat",
	"OrganizationAction":                         "BillingCreditAction",
	"OrganizationSettingsDomainsEnrollmentModes": "OrganizationDomainEnrollmentMode",
	"PhoneNumberIdentificationStatus":            "IdentificationStatus",
	"SessionEventStatus":                         "SessionStatus",
	"SessionFormat":                              "SessionRefreshFormat",
	"TemplateTemplateType":                       "TemplateType",
	"UserAction":                                 "BillingCreditAction",
	"UserEmailAddressIdentificationStatus":       "IdentificationStatus",
	"UserPhoneNumberIdentificationStatus":        "IdentificationStatus",
	"UserStatus":                                 "OrganizationInvitationStatus",
}

// singular drops the plural of a service's name: Users is User.
func singular(service string) string {
	switch {
	case strings.HasSuffix(service, "ies"):
		return strings.TrimSuffix(service, "ies") + "y"
	case strings.HasSuffix(service, "sses"):
		return strings.TrimSuffix(service, "es")
	case strings.HasSuffix(service, "JWKS"), strings.HasSuffix(service, "ss"), service == "Miscellaneous":
		return service
	}
	return strings.TrimSuffix(service, "s")
}
