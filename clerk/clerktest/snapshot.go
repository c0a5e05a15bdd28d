package clerktest

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// What a snapshot says of itself, so that another file is told from it.
const (
	snapshotFormat  = "clerk-emulator-snapshot"
	snapshotVersion = 1
)

// Bounds of what [Emulator.Restore] reads.
const (
	maxSnapshot     = 1 << 30 // some 700,000 users
	maxSnapshotKeys = 64
	maxKeyBits      = 8192
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
	Tables      *tables            `json:"tables"`
}

// Snapshot returns all that the instance holds as JSON, for [Emulator.Restore]:
// users, sessions and what else the store has, settings, signing keys and the
// offset of the clock. It holds private keys and hashes of passwords: treat it
// like a password. Equal states give equal bytes. The log of requests, faults and [Config] are not in it.
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
		Format: snapshotFormat, Version: snapshotVersion, Instance: e.cfg.Instance, FrontendAPI: e.cfg.FrontendAPI,
	}
	for _, key := range e.keys.all() {
		der, err := x509.MarshalPKCS8PrivateKey(key.private)
		if err != nil {
			return nil, err
		}
		s.Keys = append(s.Keys, der)
	}
	return with2(e.store, func(tx *stateTx) ([]byte, error) {
		if e.cfg.Deterministic {
			var err error
			if s.Random, err = e.ids.state(); err != nil {
				return nil, err
			}
		}
		s.ClockOffset = time.Duration(e.offset.Load())
		s.Tables = &tx.tables
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
// A snapshot that is damaged, of a newer version, of the other kind of instance,
// or that does not agree with itself (a member of an organization that is not
// there, an address of two users) is refused as a whole with an error that says
// why: the instance stays as it was. Requests under way may see either state.
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
	case in.Instance != e.cfg.Instance:
		return fmt.Errorf("it is of a %s instance, and this is one of %s", quoted(string(in.Instance)), e.cfg.Instance)
	case in.ClockOffset < 0:
		return errors.New("clock_offset is negative")
	}
	keys, err := parseKeys(in.Keys)
	if err != nil {
		return err
	}
	if err := in.Tables.check(); err != nil {
		return err
	}
	if err := e.checkSatellites(in.Tables); err != nil {
		return err
	}
	if err := e.checkLinks(in.Tables); err != nil {
		return err
	}
	indexes, err := index(in.Tables)
	if err != nil {
		return err
	}
	var random *rand.ChaCha8
	if in.Random != nil && e.cfg.Deterministic {
		random = new(rand.ChaCha8)
		if err := random.UnmarshalBinary(in.Random); err != nil {
			return errors.New("random is not a state of the source of ids")
		}
	}

	// Nothing can go wrong any more.
	return e.store.Update(func(tx *stateTx) error {
		tx.tables, tx.indexes = *in.Tables, indexes
		tx.set.Store(&in.Tables.Settings)
		tx.publishSatellites()
		tx.hooks.clear() // they tell of another time
		tx.purgeNonces, tx.purgeLinks = max(1000, 2*len(tx.Nonces)), max(1000, 2*len(tx.Links))
		e.keys.replace(keys)
		e.offset.Store(int64(in.ClockOffset))
		if random != nil {
			e.ids.restore(random)
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
	in := snapshot{Tables: new(tables)}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields() // a newer emulator's: it would be lost
	d.UseNumber()             // custom claims keep their digits
	if err := d.Decode(&in); err != nil {
		return nil, decodeError(data, d.InputOffset(), err)
	}
	if in.Tables == nil {
		return nil, errors.New("tables is null")
	}
	return &in, in.Tables.complete()
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
		err = fmt.Errorf("%s is a JSON %s", quoted(wrongType.Field), strings.SplitN(wrongType.Value, " ", 2)[0])
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("it ends too early")
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		name := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
		err = errors.New("the field " + quoted(name) + " is unknown: of a newer emulator?")
	default: // of a time, a key: these errors repeat the value
		err = errors.New("it holds a value that is none of its type")
	}
	return fmt.Errorf("byte %d: %w", offset, err)
}

func parseKeys(list [][]byte) ([]signingKey, error) {
	if len(list) == 0 || len(list) > maxSnapshotKeys {
		return nil, fmt.Errorf("it has %d keys, which must be 1 to %d", len(list), maxSnapshotKeys)
	}
	keys := make([]signingKey, len(list))
	for i, der := range list {
		if len(der) > maxKeyBits { // bytes: twice what such a key needs
			return nil, fmt.Errorf("keys[%d] is too long", i)
		}
		key, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return nil, fmt.Errorf("keys[%d] is not a private key in PKCS #8", i)
		}
		private, ok := key.(*rsa.PrivateKey)
		if !ok || private.N.BitLen() < 2048 || private.N.BitLen() > maxKeyBits {
			return nil, fmt.Errorf("keys[%d] is not an RSA key of 2048 to %d bits", i, maxKeyBits)
		}
		if err := private.Validate(); err != nil {
			return nil, fmt.Errorf("keys[%d] is not a good RSA key", i)
		}
		keys[i] = newSigningKey(private)
	}
	return keys, nil
}

// Reset brings the instance back to its start: what [Emulator.Load] added is
// there, under the ids that it got, and nothing else. Settings are those of
// [Config], the first signing key signs, the clock stands where Config has it,
// faults, webhook messages and the log of requests are gone. Webhook endpoints
// stay, and hear of what is loaded again.
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
	e.faults.clear()
	e.log.clear()
	e.SetRateLimits(e.cfg.RateLimits)
	for i := range e.seeds.list {
		if err := e.load(&e.seeds.list[i]); err != nil {
			return err
		}
	}
	return nil
}

// empty brings the instance back to where nothing is loaded.
func (e *Emulator) empty() error {
	return e.store.Update(func(tx *stateTx) error {
		tx.tables, tx.indexes = newTables(), newIndexes()
		tx.hooks.clear()
		tx.Settings = e.cfg.Settings
		tx.set.Store(&e.cfg.Settings)
		tx.publishSatellites()
		e.keys.replace([]signingKey{e.firstKey})
		e.offset.Store(0)
		if e.cfg.Deterministic {
			var first rand.ChaCha8
			if err := first.UnmarshalBinary(e.firstRandom); err != nil {
				return err
			}
			e.ids.restore(&first)
		}
		return nil
	})
}
