package forwarded_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestDeploymentTable: the table in docs/deployment.md has the providers of
// TestProviders.
func TestDeploymentTable(t *testing.T) {
	doc, err := os.ReadFile("../../docs/deployment.md")
	if err != nil {
		t.Fatal(err)
	}
	origin := []string{"X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "Forwarded", "Cloudfront-Forwarded-Proto"}
	var table strings.Builder
	for _, p := range providers {
		sends := "its own Host"
		if p.host == "app.example.com" {
			sends = "the browser's Host"
		}
		for i := 0; i < len(p.fields); i += 2 {
			if slices.Contains(origin, p.fields[i]) {
				sends += fmt.Sprintf(", `%s: %s`", p.fields[i], p.fields[i+1])
			}
		}
		set, hops := "", ""
		if p.needs {
			set = "`CLERK_PUBLIC_URL`"
		}
		if p.hops > 0 {
			hops = fmt.Sprint(p.hops)
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", p.name, sends, set, hops)
	}
	if !strings.Contains(string(doc), table.String()) {
		t.Errorf("the table in docs/deployment.md is out of date; it must be\n%s", table.String())
	}
}
