package clerk

import (
	"encoding/base64"
	"strings"
)

// InstanceType is one of the two kinds of Clerk instances.
type InstanceType string

// The kinds of instances. Every application has one of each.
const (
	Development InstanceType = "development"
	Production  InstanceType = "production"
)

// PublishableKey is a parsed publishable key: it names an instance and where its
// Frontend API (FAPI) is. It is public. The zero value is no key.
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
	case strings.TrimSpace(key) != key:
		return bad("has white space around it")
	default:
		return bad("does not begin with pk_test_ or pk_live_")
	}
	host, err := base64.RawStdEncoding.DecodeString(
		strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(encoded, "=")))
	if err != nil {
		return bad("is damaged: what follows the prefix is not base64")
	}
	var ok bool
	if k.frontendAPI, ok = strings.CutSuffix(string(host), "$"); !ok {
		return bad("is cut short: the decoded text does not end in $")
	}
	if !validHost(k.frontendAPI) {
		return bad("does not hold the host name of a Frontend API")
	}
	return k, nil
}

// validHost keeps out what would turn a host into another URL: it goes into
// redirects. A path may follow, as the emulator's keys have one.
func validHost(s string) bool {
	if !strings.Contains(s, ".") || strings.HasPrefix(s, "/") {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte(".-:/_[]", c) >= 0:
		default:
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

// SecretKeyInstance tells which kind of instance a secret key belongs to:
// sk_test_… and sk_live_…, or test_… and live_… of keys made before 2022.
// Anything else is a *[ConfigError], whose text does not hold the key.
func SecretKeyInstance(key string) (InstanceType, error) {
	bad := func(problem string) (InstanceType, error) {
		return "", &ConfigError{Field: "SecretKey", Problem: problem}
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
	default:
		return bad("does not begin with sk_test_ or sk_live_")
	}
	if rest == "" {
		return bad("ends after its prefix")
	}
	// It goes into a header: white space and control characters are a bad paste.
	for _, c := range []byte(rest) {
		if c <= ' ' || c >= 0x7f {
			return bad("holds white space or a character that no key has")
		}
	}
	return instance, nil
}
