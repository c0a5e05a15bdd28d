package userpage

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/clerk/clerk-sdk-go/v2"
	sdkuser "github.com/clerk/clerk-sdk-go/v2/user"

	"github.com/clerkkit/clerkkit/bapi"
)

// userJSON is a user as sent by the Backend API: an email address, a phone number, a
// Google account, a little metadata.
const userJSON = `{"id":"user_%024d","object":"user","username":"ada%[1]d","first_name":"Ada","last_name":"Lovelace","locale":"en-GB",
"image_url":"https://img.clerk.com/eyJ0eXBlIjoiZGVmYXVsdCIsImlpZCI6Imluc18yIiwicmlkIjoidXNlcl8yIn0","has_image":true,
"primary_email_address_id":"idn_%024[1]d","primary_phone_number_id":"idn_p%023[1]d","primary_web3_wallet_id":null,
"password_enabled":true,"two_factor_enabled":false,"totp_enabled":false,"backup_code_enabled":false,
"email_addresses":[{"id":"idn_%024[1]d","object":"email_address","email_address":"ada%[1]d@example.com","reserved":false,
 "verification":{"object":"verification_otp","status":"verified","strategy":"email_code","attempts":1,"expire_at":1767323045123,"verified_at_client":"client_2a"},
 "linked_to":[{"type":"oauth_google","id":"idn_g%023[1]d"}],"matches_sso_connection":false,"created_at":1767323045123,"updated_at":1767323045123}],
"phone_numbers":[{"id":"idn_p%023[1]d","object":"phone_number","phone_number":"+1555%07[1]d","reserved_for_second_factor":false,"default_second_factor":false,"reserved":false,
 "verification":{"object":"verification_otp","status":"verified","strategy":"phone_code","attempts":1,"expire_at":1767323045123},
 "linked_to":[],"backup_codes":null,"created_at":1767323045123,"updated_at":1767323045123}],
"web3_wallets":[],"passkeys":[],
"external_accounts":[{"object":"external_account","id":"eac_%024[1]d","provider":"oauth_google","identification_id":"idn_g%023[1]d","provider_user_id":"1122334455%[1]d",
 "approved_scopes":"email openid profile","email_address":"ada%[1]d@example.com","first_name":"Ada","last_name":"Lovelace","avatar_url":"","image_url":"https://img.clerk.com/abc",
 "username":null,"public_metadata":{},"label":null,"created_at":1767323045123,"updated_at":1767323045123,
 "verification":{"object":"verification_oauth","status":"verified","strategy":"oauth_google","attempts":null,"expire_at":1767323045123}}],
"saml_accounts":[],"enterprise_accounts":[],
"public_metadata":{"plan":"pro","seats":%[1]d},"private_metadata":{"stripe":"cus_%[1]d","notes":["a","b","c"]},"unsafe_metadata":{},
"external_id":"ext-%[1]d","last_sign_in_at":1767323045123,"banned":false,"locked":false,"lockout_expires_in_seconds":null,"verification_attempts_remaining":100,
"created_at":1767323045123,"updated_at":1767323045123,"delete_self_enabled":true,"create_organization_enabled":true,"create_organizations_limit":null,
"last_active_at":1767323045123,"mfa_enabled_at":null,"mfa_disabled_at":null,"legal_accepted_at":null,"profile_image_url":"https://www.gravatar.com/avatar?d=mp"}`

// canned responds to every request with one body, without a network.
type canned []byte

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/users/count") {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"object":"total_count","total_count":500}`)), Request: r}, nil
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(c)), ContentLength: int64(len(c)), Request: r}, nil
}

func page() canned {
	var b bytes.Buffer
	for i := range 500 {
		b.WriteByte(",["[min(1, max(0, 1-i))])
		fmt.Fprintf(&b, strings.ReplaceAll(userJSON, "\n", ""), i)
	}
	b.WriteByte(']')
	return b.Bytes()
}

// reader fetches and reads one page.
type reader func(ctx context.Context) error

func kit(tb testing.TB, hc *http.Client) reader {
	api, err := bapi.New(bapi.Config{SecretKey: "sk_test_x", HTTPClient: hc})
	if err != nil {
		tb.Fatal(err)
	}
	return func(ctx context.Context) error {
		p, err := api.Users.List(ctx, bapi.UserListParams{Limit: 500})
		if err == nil && (len(p.Data) != 500 || p.Data[499].Username != "ada499" || p.Data[7].EmailAddresses[0].Verification.Status != "verified") {
			err = fmt.Errorf("read %d users", len(p.Data))
		}
		return err
	}
}

func official(hc *http.Client) reader {
	key := "sk_test_x"
	c := sdkuser.NewClient(&sdk.ClientConfig{BackendConfig: sdk.BackendConfig{Key: &key, HTTPClient: hc}})
	return func(ctx context.Context) error {
		params := &sdkuser.ListParams{}
		params.Limit = sdk.Int64(500)
		p, err := c.List(ctx, params)
		if err == nil && (len(p.Users) != 500 || *p.Users[499].Username != "ada499" || p.Users[7].EmailAddresses[0].Verification.Status != "verified") {
			err = fmt.Errorf("read %d users", len(p.Users))
		}
		return err
	}
}

// BenchmarkUserPage reads the page with both clients in turn, so that other load
// affects both, and reports clerkkit's time relative to clerk-sdk-go's.
func BenchmarkUserPage(b *testing.B) {
	hc := &http.Client{Transport: page()}
	ours, theirs := kit(b, hc), official(hc)
	var spent [2]time.Duration
	for b.Loop() {
		for i, read := range []reader{ours, theirs} {
			start := time.Now()
			if err := read(b.Context()); err != nil {
				b.Fatal(err)
			}
			spent[i] += time.Since(start)
		}
	}
	n := float64(b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(spent[0].Nanoseconds())/n/1e6, "ms-clerkkit")
	b.ReportMetric(float64(spent[1].Nanoseconds())/n/1e6, "ms-official")
	b.ReportMetric(spent[0].Seconds()/spent[1].Seconds(), "x-time")
}

// TestUserPageAllocations checks the goal: at most 0.6 of the official client's
// allocations.
func TestUserPageAllocations(t *testing.T) {
	hc := &http.Client{Transport: page()}
	count := func(read reader) float64 {
		return testing.AllocsPerRun(3, func() {
			if err := read(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
	ours, theirs := count(kit(t, hc)), count(official(hc))
	t.Logf("%.0f allocations, clerk-sdk-go %.0f: %.2f", ours, theirs, ours/theirs)
	if ours > 0.6*theirs {
		t.Errorf("%.0f allocations, more than 0.6 of %.0f", ours, theirs)
	}
}
