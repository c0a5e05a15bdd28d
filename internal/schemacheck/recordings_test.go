package schemacheck

import (
	"os"
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

// TestRecordings judges what other tests have recorded.
func TestRecordings(t *testing.T) {
	dir := os.Getenv(recording.Env)
	if dir == "" {
		t.Skip("skipped: " + recording.Env + " is not set")
	}
	all := openAPI(t)
	count := map[finding]int{}
	example := map[finding]recording.Exchange{}
	n := 0
	if err := recording.Read(dir, func(x recording.Exchange) error {
		n++
		for _, f := range all.judge(x) {
			count[f]++
			example[f] = x
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for f, k := range count {
		t.Logf("%6d %s", k, f)
	}
	t.Logf("%d exchanges, %d findings", n, len(count))
}
