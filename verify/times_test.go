package verify_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// TestTimeBoundaries moves the clock past each boundary by one millisecond.
func TestTimeBoundaries(t *testing.T) {
	const none = -1 // any negative skew
	const ok = clerk.Reason("")
	const expired, early, future = clerk.ReasonTokenExpired, clerk.ReasonTokenNotActiveYet, clerk.ReasonTokenIATInTheFuture
	for _, tt := range []struct {
		claims obj
		skew   time.Duration
		now    int64 // milliseconds after nowSec
		want   clerk.Reason
	}{
		{obj{"exp": nowSec}, 0, 4999, ok},
		{obj{"exp": nowSec}, 0, 5000, expired},
		{obj{"exp": nowSec}, none, -1, ok},
		{obj{"exp": nowSec}, none, 0, expired},
		{obj{"exp": nowSec}, none, 1, expired},
		{obj{"exp": nowSec}, 10 * time.Second, 9999, ok},
		{obj{"exp": nowSec}, 10 * time.Second, 10000, expired},
		{obj{"exp": nowSec}, 1500 * time.Millisecond, 1499, ok},
		{obj{"exp": nowSec}, 1500 * time.Millisecond, 1500, expired},
		{obj{"exp": raw("1750000000.999")}, none, 0, expired}, // fractions are truncated
		{obj{"nbf": nowSec}, 0, -5000, ok},
		{obj{"nbf": nowSec}, 0, -5001, early},
		{obj{"nbf": nowSec}, none, 0, ok},
		{obj{"nbf": nowSec}, none, -1, early},
		{obj{"nbf": nowSec}, -time.Hour, 0, ok},
		{obj{"nbf": nowSec}, -time.Hour, -1, early},
		{obj{"iat": nowSec}, 0, -5000, ok},
		{obj{"iat": nowSec}, 0, -5001, future},
		{obj{"iat": nowSec}, none, 0, ok},
		{obj{"iat": nowSec}, none, -1, future},
		{obj{"nbf": nowSec + 100, "iat": nowSec + 100, "exp": nowSec - 100}, 0, 0, expired}, // the order of the official SDKs
		{obj{"nbf": nowSec + 100, "iat": nowSec + 100}, 0, 0, early},
	} {
		t.Run(fmt.Sprint(tt.claims, tt.now, tt.want), func(t *testing.T) {
			base := session(obj{"nbf": remove, "iat": remove, "exp": nowSec + 1000})
			tok := token(header(nil), base.with(tt.claims))
			change := func(c *verify.Config) { c.ClockSkew, c.Now = tt.skew, at(nowSec*1000+tt.now) }
			_, err := newVerifier(t, change).Verify(t.Context(), tok)
			if tt.want == ok {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			refused(t, err, tt.want, tok)
			if tt.now != 0 && !strings.Contains(err.Error(), " by ") {
				t.Errorf("%q does not say by how much", err)
			}
		})
	}
}

func TestTimesFarOff(t *testing.T) {
	for _, now := range []time.Time{{}, time.Unix(math.MaxInt32, 0), time.Unix(1<<40, 0), time.Unix(-1<<40, 0)} {
		v := newVerifier(t, func(c *verify.Config) { c.Now = func() time.Time { return now } })
		_, err := v.Verify(t.Context(), good())
		if err == nil {
			t.Errorf("accepted in the year %d", now.Year())
		}
	}
	// 300 years overflow a Duration; the difference saturates and stays refused.
	v := newVerifier(t, func(c *verify.Config) { c.ClockSkew = math.MaxInt64 })
	if _, err := v.Verify(t.Context(), token(header(nil), session(obj{"exp": raw("-8.64e12")}))); !errors.Is(err, verify.ErrExpired) {
		t.Errorf("%v", err)
	}
}

func TestWithClockSkew(t *testing.T) {
	v := newVerifier(t, func(c *verify.Config) { c.ClockSkew = -1 })
	patient := v.WithClockSkew(24 * time.Hour)
	late := token(header(nil), session(obj{"exp": nowSec - 3600}))
	if _, err := v.Verify(t.Context(), late); !errors.Is(err, verify.ErrExpired) {
		t.Errorf("%v", err)
	}
	if _, err := patient.Verify(t.Context(), late); err != nil {
		t.Errorf("%v", err)
	}
	if _, err := patient.Verify(t.Context(), token(header(nil), session(obj{"exp": nowSec - 3600, "azp": "https://evil.example.com"}))); !errors.Is(err, verify.ErrUnauthorizedParty) {
		t.Errorf("%v", err)
	}
	if _, err := v.Verify(t.Context(), late); !errors.Is(err, verify.ErrExpired) {
		t.Errorf("the first Verifier changed: %v", err)
	}
}
