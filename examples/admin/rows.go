package main

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// row is a line of a CSV file. Its cells are keyed by the names in the header.
type row struct {
	line   int
	fields map[string]string
}

// id identifies the content of a row in the journal.
func (r row) id() string {
	var names []string
	for name := range r.fields {
		names = append(names, name)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%q=%q\n", name, r.fields[name])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// readRows reads a CSV file. Its header must have all needed columns and no unknown
// ones.
func readRows(path string, needed, known []string) ([]row, error) {
	f, err := os.Open(path) //nolint:gosec // G304: the operator names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // opened for reading
	r := csv.NewReader(f)
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: no header: %w", path, err)
	}
	header[0] = strings.TrimPrefix(header[0], "\uFEFF") // spreadsheets write a byte order mark
	for _, name := range needed {
		if !slices.Contains(header, name) {
			return nil, fmt.Errorf("%s: the header lacks %s", path, name)
		}
	}
	for _, name := range header {
		if !slices.Contains(needed, name) && !slices.Contains(known, name) {
			return nil, fmt.Errorf("%s: unknown column %q; there are %s", path, name, strings.Join(append(needed, known...), ", "))
		}
	}
	var rows []row
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		line, _ := r.FieldPos(0)
		fields := map[string]string{}
		for i, name := range header {
			fields[name] = strings.TrimSpace(record[i])
		}
		rows = append(rows, row{line, fields})
	}
}

// journal records the completed rows in a file next to the CSV file, so that an
// interrupted run continues where it stopped.
type journal struct {
	f    *os.File
	done map[string]bool
}

func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600) //nolint:gosec // G304: beside the file that the operator named
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	j := &journal{f, map[string]bool{}}
	for line := range strings.Lines(string(b)) {
		if id, ok := strings.CutSuffix(line, "\n"); ok { // an incomplete line was not finished
			j.done[id] = true
		}
	}
	if len(b) > 0 && b[len(b)-1] != '\n' {
		if _, err := f.WriteString("\n"); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return j, nil
}

func (j *journal) add(r row) error {
	j.done[r.id()] = true
	_, err := j.f.WriteString(r.id() + "\n")
	return err
}

// job says how to process the rows of a file.
type job struct {
	path string
	yes  bool
	// say describes the change of a row, or returns what is wrong with the row.
	say func(row) (string, error)
	// do applies some rows and returns an error or nil for each.
	do func(ctx context.Context, rows []row) []error
	// atOnce is the maximum number of rows in a call of do.
	atOnce int
}

// carryOut checks all rows, then prints or applies their changes.
func (a *app) carryOut(ctx context.Context, rows []row, j job) (err error) {
	var bad []error
	said := map[int]string{}
	for _, r := range rows {
		text, err := j.say(r)
		if err != nil {
			bad = append(bad, fmt.Errorf("%s:%d: %w", j.path, r.line, err))
		}
		said[r.line] = text
	}
	if len(bad) > 0 {
		return fmt.Errorf("nothing was changed:\n%w", errors.Join(bad...))
	}
	log, err := openJournal(j.path + ".done")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.f.Close()) }()
	var todo []row
	for _, r := range rows {
		if !log.done[r.id()] {
			todo = append(todo, r)
		}
	}
	if skipped := len(rows) - len(todo); skipped > 0 {
		fmt.Fprintf(a.note, "%d rows are done already (%s.done)\n", skipped, j.path)
	}
	if !j.yes {
		for _, r := range todo {
			fmt.Fprintf(a.out, "would %s\n", said[r.line])
		}
		fmt.Fprintf(a.note, "%d rows, nothing was changed; use -yes to apply\n", len(todo))
		return nil
	}
	failed := 0
	for chunk := range slices.Chunk(todo, j.atOnce) {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("interrupted; run it again to continue: %w", err)
		}
		for i, err := range j.do(ctx, chunk) {
			r := chunk[i]
			if err != nil {
				failed++
				fmt.Fprintf(a.out, "%s:%d: FAILED to %s: %v\n", j.path, r.line, said[r.line], err)
				continue
			}
			fmt.Fprintf(a.out, "%s:%d: %s\n", j.path, r.line, said[r.line])
			if err := log.add(r); err != nil {
				return err
			}
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d rows failed; run it again to retry them", failed, len(todo))
	}
	return nil
}
