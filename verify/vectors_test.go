package verify_test

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// recordedCase is the part of a recorded protocol case that package verify can replay:
// one token in a header, a clock, keys, and the answer of the reference.
type recordedCase struct {
	ID, Group, Desc string
	Now             int64
	Sequence        string
	Options         struct {
		JWTKey            *string `json:"jwtKey"`
		AuthorizedParties any     `json:"authorizedParties"`
		Audience          any     `json:"audience"`
		ClockSkewInMs     any     `json:"clockSkewInMs"`
		AcceptsToken      any     `json:"acceptsToken"`
	}
	Request struct{ Headers [][2]string }
	BAPI    []struct {
		Path   string
		Status int
		JSON   struct{ Keys []map[string]any }
	} `json:"bapi"`
	Expect struct {
		Status, Reason string
		Auth           map[string]any
	}
}

// TestRecordedTokens replays tokens recorded with the official SDK, from the directory
// in CLERKKIT_VECTORS_DIR. A token that the reference did not accept must not be
// accepted here. Different reasons are logged.
func TestRecordedTokens(t *testing.T) {
	dir := os.Getenv("CLERKKIT_VECTORS_DIR")
	if dir == "" {
		t.Skip("CLERKKIT_VECTORS_DIR is not set")
	}
	accepted, refused, stricter := 0, 0, 0
	differences := map[string][]string{}
	for _, c := range readCases(t, filepath.Join(dir, "matrix.jsonl.gz")) {
		token, ok := c.headerToken()
		if !ok {
			continue
		}
		v, ok := c.verifier(t)
		if !ok {
			continue
		}
		claims, err := v.Verify(t.Context(), token)
		reference := c.Expect.Status == "signed-in"
		switch {
		case err == nil && !reference:
			t.Errorf("%s (%s): accepted, the reference says %s %s", c.ID, c.Desc, c.Expect.Status, c.Expect.Reason)
		case err == nil:
			accepted++
			c.compareIdentity(t, claims)
		default:
			refused++
			var e *verify.Error
			if !errors.As(err, &e) {
				t.Errorf("%s: %T is not a *verify.Error", c.ID, err)
				continue
			}
			want := c.Expect.Reason
			if reference {
				stricter++
				want = "accepted"
			}
			if !sameReason(e.Reason, want) {
				key := want + " there, " + string(e.Reason) + " here"
				differences[key] = append(differences[key], c.ID+" "+c.Desc)
			}
		}
	}
	if accepted == 0 || refused == 0 {
		t.Errorf("%d accepted, %d refused: the recorded cases were not understood", accepted, refused)
	}
	t.Logf("%d accepted, %d refused, %d of them accepted by the reference", accepted, refused, stricter)
	keys := make([]string, 0, len(differences))
	for k := range differences {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		t.Logf("%s: %s", k, strings.Join(differences[k], "; "))
	}
}

// headerToken returns the bearer token of cases whose token is in a header.
func (c *recordedCase) headerToken() (string, bool) {
	if !strings.HasPrefix(c.Group, "jwt-") && c.Group != "azp" && c.Group != "jwks" {
		return "", false
	}
	if c.Options.AcceptsToken != nil && c.Options.AcceptsToken != "session_token" {
		return "", false
	}
	for _, h := range c.Request.Headers {
		if token, ok := strings.CutPrefix(h[1], "Bearer "); ok && h[0] == "authorization" {
			return strings.TrimRight(token, " \t"), true // as the header parser does
		}
	}
	return "", false
}

func (c *recordedCase) verifier(t *testing.T) (*verify.Verifier, bool) {
	cfg := verify.Config{
		AuthorizedParties: stringList(c.Options.AuthorizedParties),
		Audience:          stringList(c.Options.Audience), // the reference drops empty ones too
		Now:               func() time.Time { return time.UnixMilli(c.Now) },
		Logger:            quiet,
	}
	switch ms := c.Options.ClockSkewInMs.(type) {
	case nil:
	case float64:
		if ms < 0 {
			return nil, false // as for JavaScript, a token would end before its exp
		}
		cfg.ClockSkew = cmp.Or(time.Duration(ms*float64(time.Millisecond)), -1) // 0 is none there
	default:
		return nil, false // only JavaScript allows this configuration
	}
	if c.Options.JWTKey != nil {
		keys, err := verify.PEM(*c.Options.JWTKey)
		if err != nil {
			t.Logf("%s (%s): the PEM is refused: %v; the reference says %s %s", c.ID, c.Desc, err, c.Expect.Status, c.Expect.Reason)
			return nil, false
		}
		cfg.Keys = keys
	} else {
		set := jwkSet{}
		for _, answer := range c.BAPI {
			if answer.Path != "/v1/jwks" {
				continue
			}
			if answer.Status != 0 && answer.Status != 200 {
				return nil, false // package jwks fetches keys
			}
			for _, jwk := range answer.JSON.Keys {
				set.add(jwk)
			}
			break
		}
		cfg.Keys = set
	}
	v, err := verify.New(cfg)
	if err != nil {
		t.Errorf("%s: %v", c.ID, err)
		return nil, false
	}
	return v, true
}

// stringList reads an option that may be a string or a list, without empty ones.
func stringList(option any) (list []string) {
	switch o := option.(type) {
	case string:
		list = []string{o}
	case []any:
		for _, s := range o {
			s, _ := s.(string)
			list = append(list, s)
		}
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

func (c *recordedCase) compareIdentity(t *testing.T, claims *clerk.Claims) {
	auth, want := claims.Auth(), c.Expect.Auth
	if auth.Reason == clerk.ReasonSessionPending && want["userId"] == nil {
		return
	}
	for name, have := range map[string]string{
		"userId": auth.UserID, "sessionId": auth.SessionID, "orgId": auth.OrgID, "orgRole": auth.OrgRole, "orgSlug": auth.OrgSlug,
	} {
		if s, _ := want[name].(string); s != have {
			t.Errorf("%s (%s): %s is %q, the reference has %v", c.ID, c.Desc, name, have, want[name])
		}
	}
	list, _ := want["orgPermissions"].([]any)
	for _, p := range auth.Permissions() {
		if !slices.Contains(list, any(p)) {
			t.Errorf("%s (%s): grants %s, the reference only %v", c.ID, c.Desc, p, list)
		}
	}
	if len(auth.Permissions()) < len(list) {
		t.Logf("%s (%s): permissions %q, the reference has %q", c.ID, c.Desc, auth.Permissions(), list)
	}
}

// sameReason reports whether the reasons agree. Package handshake replaces a few
// reasons of this package.
func sameReason(have clerk.Reason, want string) bool {
	return string(have) == want ||
		have == clerk.ReasonTokenExpired && strings.HasPrefix(want, "session-token-expired") ||
		have == clerk.ReasonTokenNotActiveYet && want == "session-token-nbf" ||
		have == clerk.ReasonTokenIATInTheFuture && want == "session-token-iat-in-the-future"
}

// jwkSet is a simple parser of RSA signing keys. Package jwks has the real one.
type jwkSet map[string]*rsa.PublicKey

func (s jwkSet) add(jwk map[string]any) {
	text := func(name string) string { v, _ := jwk[name].(string); return v }
	if text("kty") != "RSA" || text("use") == "enc" || jwk["alg"] != nil && text("alg") != "RS256" {
		return
	}
	if ops, ok := jwk["key_ops"].([]any); ok && (len(ops) != 1 || ops[0] != "verify") {
		return
	}
	n, err1 := base64.RawURLEncoding.DecodeString(text("n"))
	e, err2 := base64.RawURLEncoding.DecodeString(text("e"))
	if err1 != nil || err2 != nil || text("kid") == "" {
		return
	}
	s[text("kid")] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
}

func (s jwkSet) Key(_ context.Context, kid string) (*rsa.PublicKey, error) {
	if key := s[kid]; key != nil {
		return key, nil
	}
	return nil, clerk.ErrKeyUnknown
}

func readCases(t *testing.T, path string) []recordedCase {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var cases []recordedCase
	lines := bufio.NewScanner(zr)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c recordedCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return cases
}
