package verify_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

func TestVerifyTemplate(t *testing.T) {
	audience := func(c *verify.Config) { c.Audience = []string{"https://api.example.com"} }
	for name, tt := range map[string]struct {
		h, p   obj
		change func(*verify.Config)
		want   clerk.Reason
	}{
		"plain":                  {nil, nil, nil, ""},
		"no typ":                 {obj{"typ": remove}, nil, nil, ""},
		"odd custom claims":      {nil, obj{"o": "x", "fea": 1, "v": "1.0", "org_permissions": "all", "act": 7, "sts": []int{}}, nil, ""},
		"audience":               {nil, obj{"aud": []string{"x", "https://api.example.com"}}, audience, ""},
		"no audience":            {nil, nil, audience, clerk.ReasonTokenVerificationFailed},
		"another audience":       {nil, obj{"aud": "https://other.example.com"}, audience, clerk.ReasonTokenVerificationFailed},
		"an empty audience":      {nil, obj{"aud": []string{"", "https://api.example.com"}}, audience, clerk.ReasonTokenVerificationFailed},
		"audience not asked for": {nil, obj{"aud": "https://other.example.com"}, nil, ""},
		"session":                {obj{"cat": sessionCat}, nil, nil, clerk.ReasonTokenTypeMismatch},
		"no category":            {obj{"cat": remove}, nil, nil, clerk.ReasonTokenTypeMismatch},
		"category ignored":       {obj{"cat": ignoreCat}, nil, nil, clerk.ReasonTokenTypeMismatch},
		"machine":                {nil, obj{"sub": "mch_1"}, nil, clerk.ReasonTokenTypeMismatch},
		"typ of an OAuth token":  {obj{"typ": "at+jwt"}, nil, nil, clerk.ReasonTokenTypeMismatch},
		"another typ":            {obj{"typ": "dpop+jwt"}, nil, nil, clerk.ReasonTokenInvalid},
		"no sub":                 {nil, obj{"sub": remove}, nil, clerk.ReasonTokenVerificationFailed},
		"foreign azp":            {nil, obj{"azp": "https://evil.example.com"}, nil, clerk.ReasonTokenInvalidAuthorizedParties},
		"no azp":                 {nil, obj{"azp": remove}, nil, clerk.ReasonTokenInvalidAuthorizedParties},
		"foreign issuer":         {nil, obj{"iss": "https://evil.example.com"}, nil, clerk.ReasonTokenInvalidIssuer},
		"expired":                {nil, obj{"exp": nowSec - 60}, nil, clerk.ReasonTokenExpired},
		"no exp":                 {nil, obj{"exp": remove}, nil, clerk.ReasonTokenVerificationFailed},
		"not yet":                {nil, obj{"nbf": nowSec + 60}, nil, clerk.ReasonTokenNotActiveYet},
		"exp of a wrong type":    {nil, obj{"exp": "soon"}, nil, clerk.ReasonTokenVerificationFailed},
		"alg none":               {obj{"alg": "none"}, nil, nil, clerk.ReasonTokenInvalidAlgorithm},
		"crit":                   {obj{"crit": []string{"x"}}, nil, nil, clerk.ReasonTokenInvalid},
		"unknown key":            {obj{"kid": "ins_9"}, nil, nil, clerk.ReasonJWKKidMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			tok := token(header(obj{"cat": templateCat}).with(tt.h), session(tt.p))
			change := tt.change
			if change == nil {
				change = func(*verify.Config) {}
			}
			claims, err := newVerifier(t, change).VerifyTemplate(t.Context(), tok)
			if tt.want != "" {
				refused(t, err, tt.want, tok)
				if claims != nil {
					t.Error("claims come with an error")
				}
				return
			}
			if err != nil || claims.Subject() == "" || len(claims.Raw()) == 0 {
				t.Errorf("%v, %v", claims, err)
			}
		})
	}
	t.Run("forged", func(t *testing.T) {
		tok := sign(foreignKey(), header(obj{"cat": templateCat}).String(), session(nil).String())
		_, err := newVerifier(t).VerifyTemplate(t.Context(), tok)
		refused(t, err, clerk.ReasonTokenInvalidSignature, tok)
	})
}
