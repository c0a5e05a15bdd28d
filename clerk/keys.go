package clerk

import (
	"encoding/base64"
	"net"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/internal/ascii"
)

// InstanceType is one of the two kinds of Clerk instances.
type InstanceType string

// The kinds of instances. Every application has one of each.
const (
	Development InstanceType = "development"
	Production  InstanceType = "production"
)

// PublishableKey is a parsed publishable key. It names an instance and the host of its
// Frontend API (FAPI). It is not a secret. The zero value means no key.
type PublishableKey struct {
	raw         string
	frontendAPI string
	instance    InstanceType
}

// ParsePublishableKey parses pk_test_… and pk_live_…: a prefix that names the
// instance type, then the base64 of the Frontend API's host and a "$". Standard
// and URL-safe alphabets are read, padded or not. A key that does not have this
// form is a *[ConfigError].
func ParsePublishableKey(key string) (PublishableKey, error) {
	bad := func(problem string) (PublishableKey, error) {
		return PublishableKey{}, &ConfigError{Field: "PublishableKey", Problem: problem}
	}
	if problem := pastedProblem(key); problem != "" {
		return bad(problem)
	}
	if !ascii.Visible(key) { // base64 would skip line breaks, and the cookie suffix not
		return bad("holds white space or a character that no key has")
	}
	k := PublishableKey{raw: key}
	var encoded string
	switch {
	case key == "":
		return bad("is empty; copy it from the API keys page of the Clerk Dashboard")
	case strings.HasPrefix(key, "pk_test_"):
		k.instance, encoded = Development, key[len("pk_test_"):]
	case strings.HasPrefix(key, "pk_live_"):
		k.instance, encoded = Production, key[len("pk_live_"):]
	case strings.HasPrefix(key, "sk_"):
		return bad("is a secret key; the publishable key begins with pk_test_ or pk_live_")
	default:
		return bad("does not begin with pk_test_ or pk_live_")
	}
	unpadded := strings.TrimRight(encoded, "=")
	host, err := base64.RawStdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "/").Replace(unpadded))
	// The names of cookies follow from the text of the key, so a sign more is another key.
	if padding := len(encoded) - len(unpadded); err != nil || padding > 2 || padding > 0 && len(encoded)%4 != 0 {
		return bad("is damaged: what follows the prefix is not base64")
	}
	var ok bool
	if k.frontendAPI, ok = strings.CutSuffix(string(host), "$"); !ok {
		return bad("is cut short, or its letters were made lower case: the decoded text does not end in $")
	}
	if !validFrontendAPI(k.frontendAPI) {
		return bad("does not hold the host name of a Frontend API")
	}
	return k, nil
}

// notInSecrets reports what no secret key holds: a list of two, for example, a remark
// behind the key, or what the Dashboard shows instead of it.
func notInSecrets(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune("!\"#$%&'()*,:;<>?@[\\]^`{|}", r)
}

// validFrontendAPI accepts a host with a dot. A path may follow it, because an emulator
// may serve several instances.
func validFrontendAPI(s string) bool {
	host, path, _ := strings.Cut(s, "/")
	if !strings.Contains(host, ".") || !validHost(host) {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" && path != "" || strings.Trim(segment, ".") == "" && segment != "" || strings.Trim(segment, hostBytes+".") != "" {
			return false
		}
	}
	return true
}

const hostBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// validHost accepts host names with a dot, localhost and IP addresses, with or without
// a port. It refuses characters that would make another URL of the redirects in which
// the host stands.
func validHost(s string) bool {
	host := s
	if i := strings.LastIndexByte(s, ':'); i > 0 && (s[i-1] == ']' || strings.Count(s, ":") == 1) {
		port, err := strconv.ParseUint(s[i+1:], 10, 16)
		if err != nil || port == 0 {
			return false
		}
		host = s[:i]
	}
	if ip, ok := strings.CutPrefix(host, "["); ok {
		ip, ok = strings.CutSuffix(ip, "]")
		return ok && strings.Contains(ip, ":") && net.ParseIP(ip) != nil
	}
	if host != "localhost" && !strings.Contains(host, ".") {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || label[0] == '-' || strings.Trim(label, hostBytes) != "" {
			return false
		}
	}
	return true
}

// String returns the key as it was given.
func (k PublishableKey) String() string { return k.raw }

// FrontendAPI returns the host of the instance's Frontend API, without scheme:
// clerk.example.com, or something-12.clerk.accounts.dev in development.
func (k PublishableKey) FrontendAPI() string { return k.frontendAPI }

// Instance returns the kind of instance the key belongs to, "" for no key.
func (k PublishableKey) Instance() InstanceType { return k.instance }

// SecretKeyInstance returns the kind of instance that a secret key belongs to:
// sk_test_… and sk_live_…, or test_… and live_… of keys made before 2022. Every other
// text is a *[ConfigError], which does not repeat the key.
func SecretKeyInstance(key string) (InstanceType, error) {
	bad := func(problem string) (InstanceType, error) {
		return "", &ConfigError{Field: "SecretKey", Problem: problem}
	}
	if problem := pastedProblem(key); problem != "" {
		return bad(problem)
	}
	var rest string
	var instance InstanceType
	switch {
	case key == "":
		return bad("is empty; copy it from the API keys page of the Clerk Dashboard")
	case strings.HasPrefix(key, "sk_test_"):
		instance, rest = Development, key[len("sk_test_"):]
	case strings.HasPrefix(key, "sk_live_"):
		instance, rest = Production, key[len("sk_live_"):]
	case strings.HasPrefix(key, "test_"):
		instance, rest = Development, key[len("test_"):]
	case strings.HasPrefix(key, "live_"):
		instance, rest = Production, key[len("live_"):]
	case strings.HasPrefix(key, "pk_"):
		return bad("is a publishable key; the secret key begins with sk_test_ or sk_live_")
	case strings.HasPrefix(key, "ak_"), strings.HasPrefix(key, "whsec_"):
		return bad("is another kind of key; the instance's secret key begins with sk_test_ or sk_live_")
	default:
		return bad("does not begin with sk_test_ or sk_live_")
	}
	switch {
	case rest == "":
		return bad("ends after its prefix")
	case strings.Trim(rest, "*\u2022") == "": // the Dashboard hides keys like this
		return bad("is a placeholder; copy the value from the Clerk Dashboard")
	case strings.ContainsFunc(rest, notInSecrets):
		return bad("holds white space or a character that no key has")
	}
	return instance, nil
}
