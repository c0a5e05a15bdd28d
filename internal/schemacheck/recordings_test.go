package schemacheck

import (
	"cmp"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/internal/recording"
)

func openAPI(t *testing.T) descriptions {
	t.Helper()
	dir := os.Getenv("CLERKKIT_OPENAPI_DIR")
	if dir == "" {
		t.Skip("skipped: CLERKKIT_OPENAPI_DIR is not set")
	}
	all, err := readDescriptions(dir)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// tally counts the responses of an operation.
type tally struct {
	answers, succeeded, refused int
	valid                       int // without findings
	right                       int // without findings, or with those that DEVIATIONS.md allows
}

// TestRecordings checks the recordings of other tests: the emulator's own, which cover
// every operation, and those of third-party clients.
func TestRecordings(t *testing.T) {
	dir := os.Getenv(recording.Env)
	if dir == "" {
		t.Skip("skipped: " + recording.Env + " is not set; .ci/run schemas records and judges")
	}
	all := openAPI(t)
	deviations, err := readDeviations("DEVIATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(recording.Env, "") // do not record the probes
	have, err := all.implemented()
	if err != nil {
		t.Fatal(err)
	}

	operations := make(map[string]*tally)
	runs, allowed := make(map[string]int), make(map[int]int)
	type example struct {
		count int
		last  recording.Exchange
	}
	unlisted := make(map[finding]*example)
	if err := recording.Read(dir, func(x recording.Exchange) error {
		runs[x.Run]++
		key := operationKey(x.API, x.Method, x.Pattern)
		n := operations[key]
		if n == nil {
			n = new(tally)
			operations[key] = n
		}
		n.answers++
		if x.Status < 400 {
			n.succeeded++
		} else {
			n.refused++
		}
		valid, right := true, true
		for _, f := range all.judge(x) {
			valid = false
			if i := slices.IndexFunc(deviations, func(d deviation) bool { return d.covers(f) && (!d.clerkJS || x.Run == "clerkjs.test") }); i >= 0 {
				allowed[i]++
				continue
			}
			right = false
			if unlisted[f] == nil {
				unlisted[f] = new(example)
			}
			unlisted[f].count++
			unlisted[f].last = x
		}
		if valid {
			n.valid++
		}
		if right {
			n.right++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}

	for _, f := range slices.SortedFunc(maps.Keys(unlisted), func(a, b finding) int { return strings.Compare(a.String(), b.String()) }) {
		e := unlisted[f]
		t.Errorf("%s: %d times, last by %s: %s %s", f, e.count, e.last.Run, e.last.Method, e.last.URI)
	}
	if runs["clerktest.test"] == 0 {
		t.Log("without the emulator's own tests: neither coverage nor DEVIATIONS.md is judged")
	} else {
		judgeCoverage(t, have, operations)
		for i, d := range deviations {
			if allowed[i] == 0 && (!d.clerkJS || runs["clerkjs.test"] > 0) {
				t.Errorf("DEVIATIONS.md:%d: does not occur any more", d.line)
			}
		}
	}
	total := new(tally)
	for _, n := range operations {
		total.answers += n.answers
		total.valid += n.valid
	}
	for _, run := range slices.SortedFunc(maps.Keys(runs), func(a, b string) int { return cmp.Compare(runs[b], runs[a]) }) {
		t.Logf("%7d answers to %s", runs[run], run)
	}
	t.Logf("%d answers, %d as described, the rest by %d rows of DEVIATIONS.md", total.answers, total.valid, len(deviations))
}

// judgeCoverage requires a recorded response for every operation of the emulator, and a
// recorded error if the operation can fail.
func judgeCoverage(t *testing.T, have []*described, operations map[string]*tally) {
	count := map[string]*[3]int{backendAPI: {}, frontendAPI: {}}
	for _, d := range have {
		n := operations[operationKey(d.api, d.method, d.pattern)]
		count[d.api][0]++
		switch {
		case n == nil:
			t.Errorf("%s: implemented, and in no recording", d)
			continue
		case n.succeeded == 0 && !neverThere[d.String()]:
			t.Errorf("%s: no recording of a success", d)
		case n.refused == 0 && mayRefuse(d):
			t.Errorf("%s: no recording of an error", d)
		}
		count[d.api][1]++
		if n.right == n.answers {
			count[d.api][2]++
		}
	}
	for _, api := range []string{backendAPI, frontendAPI} {
		t.Logf("%s: %d operations implemented, %d recorded, %d of them right in every answer", api, count[api][0], count[api][1], count[api][2])
	}
}

// neverThere are operations on objects that the emulator never has. They always respond
// with 404.
var neverThere = map[string]bool{
	"BAPI DELETE /v1/users/{user_id}/passkeys/{passkey_identification_id}":         true,
	"BAPI DELETE /v1/users/{user_id}/trusted_devices/{trusted_device_id}":          true,
	"BAPI DELETE /v1/users/{user_id}/web3_wallets/{web3_wallet_identification_id}": true,
	"FAPI GET /v1/billing/plans/{planIdOrSlug}":                                    true,
}

// mayRefuse reports whether the description of an operation has an error. The
// environment and the account portal are public.
func mayRefuse(d *described) bool {
	if d.pattern == "/v1/environment" || d.pattern == "/v1/account_portal" {
		return false
	}
	for status := range d.operation.Responses.Map() {
		if strings.HasPrefix(status, "4") {
			return true
		}
	}
	return false
}
