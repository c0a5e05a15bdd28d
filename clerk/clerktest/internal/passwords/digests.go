package passwords

import (
	"bytes"
	"crypto/md5" //nolint:gosec // imported users have such digests
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // imported users have such digests
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// hasher checks passwords against digests of one kind, in the form that Clerk
// takes them (parameter password_digest of CreateUser).
type hasher struct {
	// parse takes a digest apart, and returns what checks a password; nil if the
	// digest has another form.
	parse func(digest string) func(password []byte) bool
}

// hashers are those that the emulator can check. Of Clerk's others it has none:
// argon2i, argon2id, scrypt_firebase, scrypt_werkzeug, phpass, md5_phpass and awscognito need
// what the standard library lacks.
func hashers() map[string]hasher {
	return map[string]hasher{
		"bcrypt":               {parseBcrypt},
		"bcrypt_sha256_django": {parseBcryptDjango},
		"bcrypt_peppered":      {parseBcryptPeppered},
		"md5":                  plainDigest(md5.New, 16),
		"md5_salted":           saltedDigest(md5.New, 16),
		"sha256":               plainDigest(sha256.New, 32),
		"sha256_salted":        saltedDigest(sha256.New, 32),
		"ldap_ssha":            {parseSSHA},
		"sha512_symfony":       {parseSymfony},
		"pbkdf2_sha1":          {parsePBKDF2SHA1},
		"pbkdf2_sha256":        pbkdf2Digest("pbkdf2_sha256", sha256.New, unbase64, unbase64),
		"pbkdf2_sha256_django": pbkdf2Digest("pbkdf2_sha256", sha256.New, literal, unbase64),
		"pbkdf2_sha512":        pbkdf2Digest("pbkdf2_sha512", sha512.New, literal, hex.DecodeString),
		"pbkdf2_sha512_hex":    pbkdf2Digest("pbkdf2_sha512_hex", sha512.New, hex.DecodeString, hex.DecodeString),
	}
}

// maxIterations bounds what a digest may ask for: a second or so.
const maxIterations = 4_000_000

// CheckNewDigest refuses digests that no password could be checked against.
func CheckNewDigest(name, digest string) error {
	h, ok := hashers()[name]
	if !ok {
		return refusal.Param("password_hasher", "form_param_value_invalid", refusal.Quoted(name)+" does not match one of the allowed values for parameter password_hasher")
	}
	if len(digest) > 1024 || h.parse(digest) == nil {
		return refusal.Param("password_digest", "form_password_digest_invalid_code", "password_digest is not valid for the password_hasher "+name)
	}
	return nil
}

// CheckDigest compares a password with a digest that CheckNewDigest let pass.
func CheckDigest(name, digest, password string) bool {
	if check := hashers()[name].parse; check != nil {
		if compare := check(digest); compare != nil {
			return compare([]byte(password))
		}
	}
	return false
}

func same(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

func literal(s string) ([]byte, error) { return []byte(s), nil }

func unbase64(s string) ([]byte, error) {
	if b, err := base64.StdEncoding.DecodeString(s); err == nil {
		return b, nil
	}
	return base64.RawStdEncoding.DecodeString(s)
}

func sumOf(f func() hash.Hash, parts ...[]byte) []byte {
	h := f()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func plainDigest(f func() hash.Hash, size int) hasher {
	return hasher{func(digest string) func([]byte) bool {
		want, err := hex.DecodeString(digest)
		if err != nil || len(want) != size {
			return nil
		}
		return func(password []byte) bool { return same(sumOf(f, password), want) }
	}}
}

// saltedDigest is salt$hash, the hash being that of salt and password.
func saltedDigest(f func() hash.Hash, size int) hasher {
	return hasher{func(digest string) func([]byte) bool {
		salt, text, ok := keys.CutLast(digest, "$")
		want, err := hex.DecodeString(text)
		if !ok || err != nil || len(want) != size {
			return nil
		}
		return func(password []byte) bool { return same(sumOf(f, []byte(salt), password), want) }
	}}
}

// parseSSHA reads {SSHA} and the base64 of a SHA-1 hash with its salt after it.
func parseSSHA(digest string) func([]byte) bool {
	text, ok := strings.CutPrefix(digest, "{SSHA}")
	data, err := unbase64(text)
	if !ok || err != nil || len(data) <= sha1.Size {
		return nil
	}
	return func(password []byte) bool { return same(sumOf(sha1.New, password, data[sha1.Size:]), data[:sha1.Size]) }
}

// parseSymfony reads sha512_symfony$iterations$salt$hash.
func parseSymfony(digest string) func([]byte) bool {
	parts := strings.Split(digest, "$")
	if len(parts) != 4 || parts[0] != "sha512_symfony" {
		return nil
	}
	rounds, ok := iterations(parts[1])
	want, err := unbase64(parts[3])
	if !ok || err != nil || len(want) != sha512.Size {
		return nil
	}
	return func(password []byte) bool {
		salted := password
		if parts[2] != "" {
			salted = bytes.Join([][]byte{password, []byte("{" + parts[2] + "}")}, nil)
		}
		sum := sumOf(sha512.New, salted)
		for range rounds - 1 {
			sum = sumOf(sha512.New, sum, salted)
		}
		return same(sum, want)
	}
}

func iterations(text string) (n int, ok bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n > 0 && n <= maxIterations
}

// pbkdf2Digest is name$iterations$salt$hash.
func pbkdf2Digest(name string, f func() hash.Hash, salt, sum func(string) ([]byte, error)) hasher {
	return hasher{func(digest string) func([]byte) bool {
		parts := strings.Split(digest, "$")
		if len(parts) != 4 || parts[0] != name {
			return nil
		}
		rounds, ok := iterations(parts[1])
		saltBytes, err1 := salt(parts[2])
		want, err2 := sum(parts[3])
		if !ok || err1 != nil || err2 != nil || len(want) == 0 || len(want) > 128 {
			return nil
		}
		return func(password []byte) bool { return checkPBKDF2(f, password, saltBytes, rounds, want) }
	}}
}

func checkPBKDF2(f func() hash.Hash, password, salt []byte, rounds int, want []byte) bool {
	got, err := pbkdf2.Key(f, string(password), salt, rounds, len(want))
	return err == nil && same(got, want)
}

// parsePBKDF2SHA1 reads pbkdf2_sha1$iterations$salt$hash with the hash's length
// after it, 32 if left out. The salt is hexadecimal if it can be.
func parsePBKDF2SHA1(digest string) func([]byte) bool {
	parts := strings.Split(digest, "$")
	if len(parts) != 4 && len(parts) != 5 || parts[0] != "pbkdf2_sha1" {
		return nil
	}
	rounds, ok := iterations(parts[1])
	salt, err := hex.DecodeString(parts[2])
	if err != nil {
		salt = []byte(parts[2])
	}
	want, err := hex.DecodeString(parts[3])
	length := 32
	if len(parts) == 5 {
		length, _ = strconv.Atoi(parts[4]) // 0 is not the length of any
	}
	if !ok || err != nil || len(want) != length || length > 128 {
		return nil
	}
	return func(password []byte) bool { return checkPBKDF2(sha1.New, password, salt, rounds, want) }
}

func parseBcrypt(digest string) func([]byte) bool {
	if cost, _, _, ok := bcryptParts(digest); !ok || cost > maxBcryptCost {
		return nil
	}
	return func(password []byte) bool { return CheckBcrypt(digest, password) }
}

// parseBcryptDjango reads bcrypt_sha256$ and a bcrypt digest of the SHA-256 hash
// in hexadecimal.
func parseBcryptDjango(digest string) func([]byte) bool {
	rest, ok := strings.CutPrefix(digest, "bcrypt_sha256$")
	if !ok || parseBcrypt(rest) == nil {
		return nil
	}
	return func(password []byte) bool {
		return CheckBcrypt(rest, []byte(hex.EncodeToString(sumOf(sha256.New, password))))
	}
}

// parseBcryptPeppered reads a bcrypt digest of password and pepper, and the
// pepper after a further $.
func parseBcryptPeppered(digest string) func([]byte) bool {
	rest, pepper, ok := keys.CutLast(digest, "$")
	if !ok || parseBcrypt(rest) == nil {
		return nil
	}
	return func(password []byte) bool { return CheckBcrypt(rest, append(bytes.Clone(password), pepper...)) }
}
