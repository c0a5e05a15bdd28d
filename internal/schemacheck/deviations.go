package schemacheck

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// deviation is a row of DEVIATIONS.md: an intended difference.
type deviation struct {
	line       int
	api        string
	operations []string // nil for all
	status     int
	// field is a place in the body, or with … in front the end of one.
	field string
	// problem is the beginning of the problem's text.
	problem string
	reason  string
	// clerkJS is set if only recordings of clerk-js have it.
	clerkJS bool
}

// readDeviations reads the rows of every table with the expected columns.
func readDeviations(name string) ([]deviation, error) {
	data, err := os.ReadFile(name) //nolint:gosec // a file of this package
	if err != nil {
		return nil, err
	}
	var all []deviation
	var heading string
	for i, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(line, "## ") {
			heading = line
		}
		if !strings.HasPrefix(line, "| FAPI") && !strings.HasPrefix(line, "| BAPI") {
			continue
		}
		d, err := parseDeviation(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		d.line, d.clerkJS = i+1, heading == "## What clerk-js alone gets"
		all = append(all, d)
	}
	return all, nil
}

var code = regexp.MustCompile("`[^`]*`")

func parseDeviation(line string) (d deviation, err error) {
	// A | between backticks does not separate cells.
	line = code.ReplaceAllStringFunc(line, func(s string) string { return strings.ReplaceAll(strings.Trim(s, "`"), "|", "\x00") })
	cells := strings.Split(strings.Trim(line, "| "), "|")
	for i := range cells {
		cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), "\x00", "|")
	}
	if len(cells) != 6 {
		return d, fmt.Errorf("%d columns, want 6", len(cells))
	}
	d.api, d.field, d.problem, d.reason = cells[0], cells[3], cells[4], cells[5]
	if cells[1] != "*" {
		for name := range strings.SplitSeq(cells[1], ",") {
			d.operations = append(d.operations, strings.TrimSpace(name))
		}
	}
	if d.status, err = strconv.Atoi(cells[2]); err != nil {
		return d, err
	}
	if d.problem == "" || d.reason == "" {
		return d, fmt.Errorf("a row needs a problem and a reason")
	}
	return d, nil
}

func (d *deviation) covers(f finding) bool {
	if d.api != f.api || d.status != f.status || !strings.HasPrefix(f.problem, d.problem) ||
		d.operations != nil && !slices.Contains(d.operations, f.operation) {
		return false
	}
	if end, ok := strings.CutPrefix(d.field, "…"); ok {
		return strings.HasSuffix(f.field, end)
	}
	return d.field == f.field
}
