package recording

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Read calls each for every exchange in the files of a folder: program by program, in
// the order in which the exchanges ended.
func Read(dir string, each func(Exchange) error) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		return err
	}
	for _, name := range files {
		if err := readFile(name, each); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
	}
	return nil
}

func readFile(name string, each func(Exchange) error) error {
	f, err := os.Open(name) //nolint:gosec // the caller names the folder
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	d := json.NewDecoder(bufio.NewReader(f))
	for {
		var x Exchange
		switch err := d.Decode(&x); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := each(x); err != nil {
			return err
		}
	}
}
