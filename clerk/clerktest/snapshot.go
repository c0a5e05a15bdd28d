package clerktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// What a snapshot says of itself, so that another file is told from it.
const (
	snapshotFormat  = "clerk-emulator-snapshot"
	snapshotVersion = 1
)

// Bounds of what [Emulator.Restore] reads.
const (
	maxSnapshot = 1 << 30 // some 700,000 users
)

// snapshot is an instance as JSON.
type snapshot struct {
	Format      string             `json:"format"`
	Version     int                `json:"version"`
	Instance    clerk.InstanceType `json:"instance"`
	FrontendAPI string             `json:"frontend_api"`     // for people: Restore leaves the instance's own
	ClockOffset time.Duration      `json:"clock_offset"`     // nanoseconds
	Keys        [][]byte           `json:"keys"`             // PKCS #8, the one that signs first
	Random      []byte             `json:"random,omitempty"` // where the ids of a deterministic instance are
	Tables      *state.Tables      `json:"tables"`
}

// Snapshot returns the state of the instance as JSON, for [Emulator.Restore]: all
// records, settings, signing keys and the offset of the clock. It holds private keys
// and hashes of passwords: treat it like a password. Equal states give equal bytes. The
// log of requests, faults and [Config] are not in it.
func (e *Emulator) Snapshot() []byte {
	e.helper()
	data, err := e.snapshot()
	if err != nil {
		e.fail("snapshot: %v", err)
	}
	return data
}

func (e *Emulator) snapshot() ([]byte, error) {
	s := snapshot{
		Format: snapshotFormat, Version: snapshotVersion, Instance: e.server.Config.Instance, FrontendAPI: e.server.Config.FrontendAPI,
	}
	var err error
	if s.Keys, err = e.server.Keys.Marshal(); err != nil {
		return nil, err
	}
	return state.With2(e.server.Store, func(tx *state.Tx) ([]byte, error) {
		if e.server.Config.Deterministic {
			var err error
			if s.Random, err = e.server.IDs.State(); err != nil {
				return nil, err
			}
		}
		s.ClockOffset = time.Duration(e.server.Offset.Load())
		s.Tables = &tx.Tables
		data, err := json.Marshal(&s)
		if err == nil && len(data) > maxSnapshot {
			err = errors.New("it would be larger than 1 GB")
		}
		return data, err
	})
}

// Restore brings the instance back to what it was when [Emulator.Snapshot] was
// called, here or in another process. Session tokens and cookies from before are
// good again, as long as they live; with another FrontendAPI in [Config] they
// have another issuer. The clock gets the offset from the snapshot, so that it
// may go back. In a [Config].Deterministic instance ids go on from there too; in
// others they stay random, so that no cookie of what was undone can ever fit
// something new. Webhook messages are forgotten; the endpoints stay.
//
// A snapshot that is damaged, of a newer version, of the other kind of instance, or
// that does not agree with itself (a member of an organization that is not there, an
// address of two users) is refused as a whole with an error that says why, and the
// instance does not change. Requests in progress may see either state.
func (e *Emulator) Restore(data []byte) error {
	if err := e.restore(data); err != nil {
		return fmt.Errorf("clerktest: snapshot: %w", err)
	}
	return nil
}

func (e *Emulator) restore(data []byte) error {
	in, err := readSnapshot(data)
	if err != nil {
		return err
	}
	switch {
	case in.Instance != e.server.Config.Instance:
		return fmt.Errorf("it is of a %s instance, and this is one of %s", refusal.Quoted(string(in.Instance)), e.server.Config.Instance)
	case in.ClockOffset < 0:
		return errors.New("clock_offset is negative")
	}
	keys, err := keys.Parse(in.Keys)
	if err != nil {
		return err
	}
	if err := in.Tables.Check(); err != nil {
		return err
	}
	if err := e.checkSatellites(in.Tables); err != nil {
		return err
	}
	if err := e.checkLinks(in.Tables); err != nil {
		return err
	}
	indexes, err := state.Index(in.Tables)
	if err != nil {
		return err
	}
	var random *rand.ChaCha8
	if in.Random != nil && e.server.Config.Deterministic {
		random = new(rand.ChaCha8)
		if err := random.UnmarshalBinary(in.Random); err != nil {
			return errors.New("random is not a state of the source of ids")
		}
	}

	// Nothing can go wrong any more.
	return e.server.Store.Update(func(tx *state.Tx) error {
		tx.Replace(in.Tables, indexes)
		e.hooks.clear() // they tell of another time
		e.server.Keys.Replace(keys)
		e.server.Offset.Store(int64(in.ClockOffset))
		if random != nil {
			e.server.IDs.Restore(random)
		}
		return nil
	})
}

// readSnapshot decodes a snapshot strictly. Its tables are complete, and hold no
// nil.
func readSnapshot(data []byte) (*snapshot, error) {
	if len(data) > maxSnapshot {
		return nil, errors.New("it is larger than 1 GB")
	}
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, decodeError(data, 0, err)
	}
	switch {
	case head.Format != snapshotFormat:
		return nil, errors.New("it is not a snapshot of the emulator")
	case head.Version != snapshotVersion:
		return nil, fmt.Errorf("it has version %d of the format, and this emulator reads %d", head.Version, snapshotVersion)
	}
	in := snapshot{Tables: new(state.Tables)}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields() // a newer emulator's: it would be lost
	d.UseNumber()             // custom claims keep their digits
	if err := d.Decode(&in); err != nil {
		return nil, decodeError(data, d.InputOffset(), err)
	}
	if in.Tables == nil {
		return nil, errors.New("tables is null")
	}
	return &in, in.Tables.Complete()
}

// decodeError says where in a file JSON is wrong, without repeating any of it.
func decodeError(data []byte, offset int64, err error) error {
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
		if offset >= int64(len(data)) {
			return errors.New("it ends too early")
		}
		err = errors.New("it is not JSON")
	case errors.As(err, &wrongType):
		offset = wrongType.Offset
		err = fmt.Errorf("%s is a JSON %s", refusal.Quoted(wrongType.Field), strings.SplitN(wrongType.Value, " ", 2)[0])
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("it ends too early")
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		name := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
		err = errors.New("the field " + refusal.Quoted(name) + " is unknown: of a newer emulator?")
	default: // of a time, a key: these errors repeat the value
		err = errors.New("it holds a value that is none of its type")
	}
	return fmt.Errorf("byte %d: %w", offset, err)
}

// Reset returns the instance to its start: it has what [Emulator.Load] added, with the
// same ids, and nothing else. Settings are those of [Config], the first signing key
// signs, the clock stands where Config has it, faults, webhook messages and the log of
// requests are gone. Webhook endpoints stay, and hear of what is loaded again.
func (e *Emulator) Reset() {
	e.helper()
	if err := e.reset(); err != nil {
		e.fail("reset: %v", err)
	}
}

func (e *Emulator) reset() error {
	e.seeds.Lock()
	defer e.seeds.Unlock()
	if err := e.empty(); err != nil {
		return err
	}
	e.server.Faults.Clear()
	e.server.Log.Clear()
	e.SetRateLimits(e.server.Config.RateLimits)
	for i := range e.seeds.list {
		if err := e.load(&e.seeds.list[i]); err != nil {
			return err
		}
	}
	return nil
}

// empty brings the instance back to where nothing is loaded.
func (e *Emulator) empty() error {
	return e.server.Store.Update(func(tx *state.Tx) error {
		tx.Empty(e.server.Config.Settings)
		e.hooks.clear()
		e.server.Keys.Replace([]keys.Key{e.server.FirstKey})
		e.server.Offset.Store(0)
		if e.server.Config.Deterministic {
			var first rand.ChaCha8
			if err := first.UnmarshalBinary(e.firstRandom); err != nil {
				return err
			}
			e.server.IDs.Restore(&first)
		}
		return nil
	})
}
