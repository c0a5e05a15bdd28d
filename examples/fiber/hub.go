package main

import "sync"

// hub sends messages to all listeners of a room.
type hub struct {
	mu    sync.Mutex
	rooms map[string]map[chan string]bool
}

func (h *hub) join(room string) (messages <-chan string, leave func()) {
	c := make(chan string, 16)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms == nil {
		h.rooms = map[string]map[chan string]bool{}
	}
	if h.rooms[room] == nil {
		h.rooms[room] = map[chan string]bool{}
	}
	h.rooms[room][c] = true
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.rooms[room], c)
	}
}

// send drops the message for listeners that are too slow.
func (h *hub) send(room, message string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.rooms[room] {
		select {
		case c <- message:
		default:
		}
	}
}
