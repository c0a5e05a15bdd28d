package jwks

import (
	"bytes"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/lestrrat-go/jwx/v2/jwk"
)

const (
	maxBody  = 256 << 10 // bytes of a document; Clerk's are about 1 KiB
	maxKeys  = 64
	maxKid   = 256 // bytes of a key id
	minBits  = 2048
	maxBits  = 8192 // the maximum of crypto/tls; larger keys take milliseconds per check
	minE     = 65537
	maxE     = 1<<31 - 1 // the maximum of crypto/rsa
	algRS256 = "RS256"
)

// document is a parsed key set.
type document struct {
	keys    map[string]*rsa.PublicKey
	ignored int // entries that are not RS256 verification keys, which is normal
	suspect int // RS256 keys that are refused: duplicates, private, out of range
}

// parseSet parses a JSON Web Key Set (RFC 7517 section 5). The document must be a JSON
// object whose "keys" is an array of objects, within the limits above. The package
// comment says which keys are used.
func parseSet(body []byte) (*document, error) {
	if len(body) > maxBody {
		return nil, &Error{Reason: ReasonTooLarge, detail: "the key set is over 256 KiB"}
	}
	top, err := object(body)
	if err != nil {
		return nil, malformed("the response is not a JSON object")
	}
	var entries []json.RawMessage
	raw, ok := top["keys"]
	if !ok || json.Unmarshal(raw, &entries) != nil || entries == nil {
		return nil, malformed(`the response has no "keys" array`)
	}
	if len(entries) > maxKeys {
		return nil, &Error{Reason: ReasonTooLarge, detail: "the key set has over 64 keys"}
	}

	doc := &document{keys: make(map[string]*rsa.PublicKey, len(entries))}
	times := make(map[string]int, len(entries))
	for _, entry := range entries {
		members, err := object(entry)
		if err != nil {
			return nil, malformed("an entry of the key set is not an object with unique members")
		}
		kid, ok := text(members, "kid")
		if !ok || kid == "" || len(kid) > maxKid {
			doc.ignored++
			continue
		}
		times[kid]++
		if times[kid] > 1 {
			delete(doc.keys, kid) // ambiguous
			doc.suspect++
			continue
		}
		switch key, verdict := publicKey(members); verdict {
		case usable:
			doc.keys[kid] = key
		case otherUse:
			doc.ignored++
		case refused:
			doc.suspect++
		}
	}
	if len(doc.keys) == 0 {
		return nil, &Error{Reason: ReasonNoKeys, detail: fmt.Sprintf(
			"no usable key in the set (%d ignored, %d refused)", doc.ignored, doc.suspect)}
	}
	return doc, nil
}

type verdict int

const (
	otherUse verdict = iota // not meant for RS256 verification
	refused                 // an RS256 verification key that is not acceptable
	usable
)

// privateMembers are the private key members in RFC 7518 sections 6.2.2, 6.3.2 and 6.4.
var privateMembers = [...]string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

func publicKey(members map[string]json.RawMessage) (*rsa.PublicKey, verdict) {
	for _, name := range privateMembers {
		if _, ok := members[name]; ok {
			return nil, refused // the private key is public, so its signatures prove nothing
		}
	}
	if kty, ok := text(members, "kty"); !ok || kty != "RSA" {
		return nil, otherUse
	}
	if use, ok := text(members, "use"); !ok || use != "" && use != "sig" {
		return nil, otherUse
	}
	if alg, ok := text(members, "alg"); !ok || alg != "" && alg != algRS256 {
		return nil, otherUse
	}
	if raw, ok := members["key_ops"]; ok {
		var ops []string
		if json.Unmarshal(raw, &ops) != nil || !slices.Contains(ops, "verify") {
			return nil, otherUse
		}
	}
	return rsaKey(members["n"], members["e"])
}

// rsaKey lets jwx parse a JWK that has only n and e, so that it parses no certificate
// chains or URLs. It takes the numbers from the parsed key, because jwx's own
// conversion truncates a large exponent to 64 bits.
func rsaKey(n, e json.RawMessage) (*rsa.PublicKey, verdict) {
	minimal, err := json.Marshal(map[string]json.RawMessage{"kty": json.RawMessage(`"RSA"`), "n": n, "e": e})
	if err != nil {
		return nil, refused
	}
	parsed, err := jwk.ParseKey(minimal)
	if err != nil {
		return nil, refused
	}
	k, ok := parsed.(jwk.RSAPublicKey)
	if !ok {
		return nil, refused
	}
	modulus := new(big.Int).SetBytes(k.N())
	if bits := modulus.BitLen(); bits < minBits || bits > maxBits || modulus.Bit(0) == 0 {
		return nil, refused
	}
	exponent := new(big.Int).SetBytes(k.E())
	if !exponent.IsInt64() || exponent.Int64() < minE || exponent.Int64() > maxE || exponent.Bit(0) == 0 {
		return nil, refused
	}
	return &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}, usable
}

// text returns the string value of a member: "" and true if it is absent, false if it
// is empty or not a string.
func text(members map[string]json.RawMessage, name string) (string, bool) {
	raw, ok := members[name]
	if !ok {
		return "", true
	}
	var s *string
	if json.Unmarshal(raw, &s) != nil || s == nil || *s == "" {
		return "", false
	}
	return *s, true
}

var errNotAnObject = errors.New("not one JSON object with unique members")

// object splits a JSON object into its members. Names are case-sensitive and must be
// unique. encoding/json would ignore case and use the last duplicate.
func object(data []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errNotAnObject
	}
	members := make(map[string]json.RawMessage)
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, errNotAnObject
		}
		name, ok := t.(string)
		if _, twice := members[name]; !ok || twice {
			return nil, errNotAnObject
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, errNotAnObject
		}
		members[name] = value
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return nil, errNotAnObject
	}
	if len(bytes.TrimSpace(data[dec.InputOffset():])) != 0 {
		return nil, errNotAnObject
	}
	return members, nil
}

func malformed(detail string) *Error {
	return &Error{Reason: ReasonMalformed, detail: detail}
}
