package verify

import (
	"strings"
	"sync"
	"sync/atomic"
)

// scratch holds the bytes of one token while it is parsed, so that verifying a new
// token allocates only what is kept.
type scratch struct{ token, decoded []byte }

var scratchPool = sync.Pool{New: func() any { return new(scratch) }}

// load copies the token, so that the hash and the decoder can read it as bytes.
func (s *scratch) load(token string) {
	s.token = append(s.token[:0], token...)
	if cap(s.decoded) < len(token) {
		s.decoded = make([]byte, len(token))
	}
	s.decoded = s.decoded[:cap(s.decoded)]
}

// headerMemo caches the decoded headers of verified tokens by their text. An instance
// signs with one or two keys, so a few headers repeat. Only a valid token can add one.
type headerMemo struct{ slots [4]atomic.Pointer[memoSlot] }

type memoSlot struct {
	segment string
	header  header
}

func (m *headerMemo) get(segment string) *header {
	for i := range m.slots {
		if s := m.slots[i].Load(); s != nil && s.segment == segment {
			return &s.header
		}
	}
	return nil
}

// put uses an empty slot, or else the one that the text hashes to.
func (m *headerMemo) put(segment string, h header) {
	var sum uint32
	for _, c := range []byte(segment) {
		sum = sum*31 + uint32(c)
	}
	slot := &m.slots[sum%uint32(len(m.slots))]
	for i := range m.slots {
		if m.slots[i].Load() == nil {
			slot = &m.slots[i]
			break
		}
	}
	slot.Store(&memoSlot{strings.Clone(segment), h})
}
