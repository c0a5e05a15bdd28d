package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// saveEvery is how long a change waits to be saved; longer where there is so much
// that saving takes more than a tenth of that.
const saveEvery = 2 * time.Second

// maxData bounds what is read: as much as Restore takes.
const maxData = 1 << 30

// data is the file that the emulator's state is kept in.
type data struct {
	name     string
	em       *clerktest.Emulator
	log      *slog.Logger
	restored bool     // it was there
	count    uint64   // requests that the file knows of
	saved    [32]byte // hash of its content
}

// openData restores the state from the file, if it is there.
func openData(name string, em *clerktest.Emulator, log *slog.Logger) (*data, error) {
	d := &data{name: name, em: em, log: log}
	content, err := readData(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return d, nil
	case err != nil:
		return nil, err
	}
	if err := em.Restore(content); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	d.restored = true
	return d, nil
}

func readData(name string) ([]byte, error) {
	f, err := os.Open(name) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	content, err := io.ReadAll(io.LimitReader(f, maxData+1))
	if err == nil && len(content) > maxData {
		err = fmt.Errorf("%s: larger than 1 GB", name)
	}
	return content, err
}

// keep saves what changes until ctx ends.
func (d *data) keep(ctx context.Context) {
	timer := time.NewTimer(saveEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		start := time.Now()
		if d.em.RequestCount() != d.count {
			if err := d.save(); err != nil {
				d.log.Error("clerk-emulator: not saved", "error", err)
			}
		}
		timer.Reset(max(saveEvery, 10*time.Since(start)))
	}
}

// save writes the state, unless the file has it already. At each moment the file
// is whole: the old state or the new one.
func (d *data) save() error {
	count := d.em.RequestCount() // before the snapshot, which may be ahead of it
	content := d.em.Snapshot()
	if sum := sha256.Sum256(content); sum != d.saved {
		if err := writeFile(d.name, content); err != nil {
			return err
		}
		d.saved = sum
	}
	d.count = count
	return nil
}

// writeFile replaces a file at once: the content goes to a file beside it, to the
// disk, and under the name. Only the user may read it, because it holds keys.
func writeFile(name string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name()) // the first error counts
		}
	}()
	if _, err = f.Write(content); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), name); err != nil {
		return err
	}
	return syncDir(filepath.Dir(name))
}

// syncDir makes a rename last. Not every system can do it to a folder.
func syncDir(name string) error {
	dir, err := os.Open(name) //nolint:gosec // the folder of the file that the user names
	if err != nil {
		return err
	}
	_ = dir.Sync() // Windows cannot
	return dir.Close()
}
