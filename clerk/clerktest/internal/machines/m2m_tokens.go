package machines

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// reservedM2MClaims are those of an M2M JWT that the caller cannot give.
var reservedM2MClaims = []string{"iss", "sub", "exp", "nbf", "iat", "jti"}

type m2mTokenResource struct {
	Object           string          `json:"object"`
	ID               string          `json:"id"`
	Subject          string          `json:"subject"`
	Claims           json.RawMessage `json:"claims"`
	Scopes           []string        `json:"scopes"`
	Token            string          `json:"token,omitempty"` // once, to who made it
	Revoked          bool            `json:"revoked"`
	RevocationReason *string         `json:"revocation_reason"`
	Expired          bool            `json:"expired"`
	Expiration       *int64          `json:"expiration"`
	LastUsedAt       *int64          `json:"last_used_at"`
	CreatedAt        int64           `json:"created_at"`
	UpdatedAt        int64           `json:"updated_at"`
}

func (e *API) m2mTokenResource(t *state.M2MToken) m2mTokenResource {
	return m2mTokenResource{
		Object: "machine_to_machine_token", ID: t.ID, Subject: t.Subject, Claims: t.Claims, Scopes: append([]string{}, t.Scopes...),
		Revoked: t.Revoked, RevocationReason: wire.OptString(t.RevocationReason), Expired: !e.Now().Before(t.ExpireAt),
		Expiration: wire.OptMillis(t.ExpireAt), LastUsedAt: wire.OptMillis(t.LastUsedAt),
		CreatedAt: wire.Millis(t.Created.At), UpdatedAt: wire.Millis(t.UpdatedAt),
	}
}

func (e *API) createM2MToken(c *wire.Call) error {
	if c.Machine == nil {
		return &refusal.Error{
			Kind: refusal.KindNotAllowed, Code: "machine_secret_key_required", Message: "Machine secret key required",
			Long: "M2M tokens are made with the secret key of a machine.", Param: "", Meta: nil,
		}
	}
	var in struct {
		Claims       wire.Field[json.RawMessage] `json:"claims"`
		Lifetime     wire.Field[float64]         `json:"seconds_until_expiration"`
		MinRemaining wire.Field[float64]         `json:"min_remaining_ttl_seconds"`
		Format       wire.Field[string]          `json:"token_format"`
	}
	if err := Bad400(c.Decode(&in)); err != nil {
		return err
	}
	lifetime := time.Duration(c.Machine.DefaultTokenTTL) * time.Second
	if in.Lifetime.Set && !in.Lifetime.Null {
		var ok bool
		if lifetime, ok = wire.Seconds(in.Lifetime.Value); !ok || lifetime <= 0 {
			return refusal.BadParam("seconds_until_expiration", "is not a number of seconds above 0")
		}
	}
	var reuse *time.Duration
	if in.MinRemaining.Set && !in.MinRemaining.Null {
		remaining, ok := wire.Seconds(in.MinRemaining.Value)
		if !ok || remaining < 0 || remaining >= lifetime {
			return refusal.BadParam("min_remaining_ttl_seconds", "is not a number of seconds from 0 to the lifetime of the token")
		}
		reuse = &remaining
	}
	claims, err := customClaims(in.Claims)
	if err != nil {
		return err
	}
	var t state.M2MToken
	switch in.Format.Value {
	case "", "opaque":
		t, err = e.Store.NewM2MToken(c.Machine.ID, claims, lifetime, reuse)
	case "jwt":
		t, err = e.M2MJWT(c.Machine, claims, lifetime)
	default:
		return refusal.BadParam("token_format", "is neither opaque nor jwt")
	}
	if err != nil {
		return err
	}
	r := e.m2mTokenResource(&t)
	r.Token = t.Token
	c.Note("M2M token for machine " + t.Subject)
	return c.Created(r)
}

// Bad400 turns the 422 of a body that cannot be read into the 400 of the machine
// operations.
func Bad400(err error) error {
	if bad, ok := err.(*refusal.Error); ok && bad.Kind == refusal.KindInvalid { //nolint:errorlint // decode does not wrap it
		bad.Kind = refusal.KindBadRequest
	}
	return err
}

// customClaims returns claims without white space, nil for none.
func customClaims(in wire.Field[json.RawMessage]) (json.RawMessage, error) {
	if !in.Set || in.Null {
		return nil, nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, in.Value); err != nil {
		return nil, refusal.BadParam("claims", "is not JSON")
	}
	return b.Bytes(), nil
}

// M2MJWT makes the JWT form of an M2M token. Scopes are not in it: aud and scopes
// are claims that the caller may give.
func (e *API) M2MJWT(m *state.Machine, custom json.RawMessage, lifetime time.Duration) (state.M2MToken, error) {
	claims := map[string]any{}
	if custom != nil {
		var own map[string]json.RawMessage
		if json.Unmarshal(custom, &own) != nil || own == nil {
			return state.M2MToken{}, refusal.BadParam("claims", "of a JWT is not a JSON object")
		}
		for name, v := range own {
			if slices.Contains(reservedM2MClaims, name) {
				return state.M2MToken{}, refusal.BadParam("claims", "holds "+name+", which is a claim of Clerk's own")
			}
			claims[name] = v
		}
	}
	now := e.Now()
	t := state.M2MToken{
		ID: e.IDs.Hex("mt"), Subject: m.ID, Scopes: m.ScopeIDs(), Claims: custom,
		ExpireAt: now.Add(lifetime), Created: state.Made{At: now}, UpdatedAt: now,
	}
	claims["iss"], claims["sub"], claims["jti"] = e.Issuer(), m.ID, t.ID
	claims["iat"], claims["nbf"], claims["exp"] = now.Unix(), now.Unix()-10, t.ExpireAt.Unix()
	key := e.Keys.Current()
	var err error
	t.Token, err = keys.SignRS256(key.Private, keys.Header(key.ID, map[string]any{"cat": keys.CategoryM2M}), claims)
	return t, err
}

func (e *API) verifyM2MToken(c *wire.Call) error {
	var in struct {
		Token string `json:"token"`
	}
	if err := Bad400(c.Decode(&in)); err != nil {
		return err
	}
	if in.Token == "" {
		return refusal.BadParam("token", "must be given")
	}
	if strings.Count(in.Token, ".") == 2 {
		return e.verifyM2MJWT(c, in.Token)
	}
	t, err := e.Store.M2MTokenOf(in.Token, c.Machine)
	if err != nil {
		return err
	}
	c.Note("M2M token of machine " + t.Subject + " verified")
	return c.OK(e.m2mTokenResource(&t))
}

// verifyM2MJWT answers for a JWT what its claims say. Which machines may accept
// it is for its claims, and so for them.
func (e *API) verifyM2MJWT(c *wire.Call, token string) error {
	jwt, ok := e.Keys.Own(token)
	var claims map[string]json.RawMessage
	if !ok || jwt.Cat != keys.CategoryM2M || json.Unmarshal(jwt.Payload, &claims) != nil || !e.Now().Before(time.Unix(jwt.Exp, 0)) {
		return refusal.NotFound("valid M2M token")
	}
	t := state.M2MToken{
		ID: jwt.ID, Subject: jwt.Subject, ExpireAt: time.Unix(jwt.Exp, 0),
		Created: state.Made{At: time.Unix(jwt.IssuedAt, 0)}, UpdatedAt: time.Unix(jwt.IssuedAt, 0),
	}
	for _, name := range reservedM2MClaims {
		delete(claims, name)
	}
	if len(claims) > 0 {
		t.Claims, _ = json.Marshal(claims) //nolint:errchkjson // just decoded
	}
	if _, err := e.Store.Machine(t.Subject); err != nil {
		return refusal.NotFound("valid M2M token")
	}
	c.Note("M2M token of machine " + t.Subject + " verified")
	return c.OK(e.m2mTokenResource(&t))
}

func (e *API) listM2MTokens(c *wire.Call) error {
	query := c.R.URL.Query()
	subject := query.Get("subject")
	if subject == "" {
		return refusal.BadParam("subject", "must be given")
	}
	if c.Machine != nil && c.Machine.ID != subject {
		return &refusal.Error{
			Kind: refusal.KindNotAllowed, Code: "authorization_invalid", Message: "Unauthorized request",
			Long: "The secret key of a machine lists the tokens of that machine alone.", Param: "", Meta: nil,
		}
	}
	all, err := e.Store.ListM2MTokens(subject, query.Get("revoked") == "true", query.Get("expired") == "true")
	if err != nil {
		return err
	}
	slices.Reverse(all)
	total := len(all)
	if all, err = machinePage(all, query); err != nil {
		return err
	}
	out := make([]m2mTokenResource, len(all))
	for i := range all {
		out[i] = e.m2mTokenResource(&all[i])
	}
	c.Note("list of M2M tokens")
	return c.OK(map[string]any{"m2m_tokens": out, "total_count": total})
}

// maxMachinePage is the limit of lists of M2M tokens and API keys.
const maxMachinePage = 100

// machinePage is page with the limits of M2M tokens and API keys.
func machinePage[T any](all []T, query url.Values) ([]T, error) {
	if n, err := strconv.Atoi(query.Get("limit")); err == nil && n > maxMachinePage {
		return nil, refusal.BadParam("limit", "is above 100")
	}
	return wire.Page(all, query)
}

func (e *API) revokeM2MToken(c *wire.Call) error {
	var in struct {
		Reason *string `json:"revocation_reason"`
	}
	if err := Bad400(c.Decode(&in)); err != nil {
		return err
	}
	t, err := e.Store.RevokeM2MToken(c.Param(0), wire.Deref(in.Reason), c.Machine)
	if err != nil {
		return err
	}
	c.Note("M2M token of machine " + t.Subject + " revoked")
	return c.OK(e.m2mTokenResource(&t))
}
