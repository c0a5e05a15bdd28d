package bapi

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// listServer responds to list requests with items, in order, and counts the requests.
type listServer struct {
	mu       sync.Mutex
	items    []string // IDs
	requests int
	maxLimit int  // silently shortens longer pages
	object   bool // respond with an object with total_count
	strict   bool // refuses a cursor that is not in the list
	noCursor bool // ignores cursors
	before   func(*listServer)
}

func (s *listServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if s.before != nil {
		s.before(s)
	}
	q := r.URL.Query()
	limit, _ := strconv.Atoi(q.Get("limit"))
	offset, _ := strconv.Atoi(q.Get("offset"))
	if s.maxLimit > 0 {
		limit = min(limit, s.maxLimit)
	}
	if after := q.Get("starting_after"); after != "" && !s.noCursor {
		if offset != 0 || s.strict && !slices.Contains(s.items, after) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		// The API compares the creation times of users; here the IDs have the same order.
		for offset = 0; offset < len(s.items) && s.items[offset] <= after; offset++ {
		}
	}
	offset = min(offset, len(s.items))
	var parts []string
	for _, id := range s.items[offset:min(len(s.items), offset+limit)] {
		parts = append(parts, fmt.Sprintf(`{"id":%q}`, id))
	}
	list := "[" + strings.Join(parts, ",") + "]"
	if s.object {
		list = fmt.Sprintf(`{"data":%s,"total_count":%d}`, list, len(s.items))
	}
	_, _ = w.Write([]byte(list))
}

func ids(from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, fmt.Sprintf("id_%05d", i))
	}
	return out
}

func TestAllStopsAndStartsAgain(t *testing.T) {
	s := &listServer{items: ids(0, 25)}
	c := serve(t, s.ServeHTTP)
	all := c.Users.All(t.Context(), UserListParams{Limit: 10})
	if s.requests != 0 {
		t.Error("All sent a request before the loop began")
	}
	n := 0
	for _, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 10 {
			break
		}
	}
	if s.requests != 1 {
		t.Errorf("%d requests for the first page", s.requests)
	}
	for range 2 {
		var got []string
		for u, err := range all {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, u.ID)
		}
		if !slices.Equal(got, s.items) {
			t.Errorf("got %v", got)
		}
	}
	if s.requests != 1+3+3 {
		t.Errorf("%d requests in all, want 7", s.requests)
	}
}

func TestAllYieldsAnErrorOnce(t *testing.T) {
	n := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n++; n > 1 {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		(&listServer{items: ids(0, 30)}).ServeHTTP(w, r)
	})
	var got, failed int
	for u, err := range c.Users.All(t.Context(), UserListParams{Limit: 10}) {
		switch {
		case err != nil && u == nil && errors.Is(err, ErrForbidden):
			failed++
		case err != nil:
			t.Fatal(u, err)
		default:
			got++
		}
	}
	if got != 10 || failed != 1 {
		t.Errorf("%d users and %d errors", got, failed)
	}
	for _, err := range c.Users.All(t.Context(), UserListParams{Limit: 501}) {
		if !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("a limit of 501: %v", err)
		}
	}
}

// TestAllWhileTheListChanges adds and removes items between pages. Items that are there
// all the time must be yielded exactly once.
func TestAllWhileTheListChanges(t *testing.T) {
	const size = 60
	changes := map[string]func(*listServer){
		"nothing": func(*listServer) {},
		"one more in front": func(s *listServer) {
			s.items = slices.Insert(s.items, 0, fmt.Sprintf("new_%d", s.requests))
		},
		"seven more in front": func(s *listServer) {
			for i := range 7 {
				s.items = slices.Insert(s.items, 0, fmt.Sprintf("new_%d_%d", s.requests, i))
			}
		},
		"first removed":      func(s *listServer) { s.items = s.items[1:] },
		"first four removed": func(s *listServer) { s.items = s.items[4:] },
		"one at the end":     func(s *listServer) { s.items = append(s.items, fmt.Sprintf("zz_%d", s.requests)) },
		"last removed":       func(s *listServer) { s.items = s.items[:len(s.items)-1] },
	}
	for name, change := range changes {
		for _, mode := range []string{"offset", "offset and total", "cursor"} {
			t.Run(name+"/"+mode, func(t *testing.T) {
				if mode == "cursor" && strings.Contains(name, "more in front") {
					t.Skip("the fake's IDs are not in the order of creation then")
				}
				s := &listServer{items: ids(0, size), object: mode == "offset and total"}
				s.before = func(s *listServer) {
					if s.requests > 1 && s.requests < 6 {
						change(s)
					}
				}
				stay := slices.Clone(s.items)
				c := serve(t, s.ServeHTTP)
				params := UserListParams{Limit: 10, OrderBy: "-updated_at"}
				if mode == "cursor" {
					params.OrderBy = ""
				}
				got := map[string]int{}
				for u, err := range c.Users.All(t.Context(), params) {
					if err != nil {
						t.Fatal(err)
					}
					got[u.ID]++
				}
				for id, n := range got {
					if n > 1 {
						t.Errorf("%s came %d times", id, n)
					}
				}
				for _, id := range stay {
					if slices.Contains(s.items, id) && got[id] != 1 {
						t.Errorf("%s was there all the time and came %d times", id, got[id])
					}
				}
				if s.requests > 3*size/10 {
					t.Errorf("%d requests", s.requests)
				}
			})
		}
	}
}

// TestAllOfAServerWithALowerLimit: a page that the server shortened is not the last
// one.
func TestAllOfAServerWithALowerLimit(t *testing.T) {
	for _, object := range []bool{false, true} {
		s := &listServer{items: ids(0, 230), maxLimit: 50, object: object}
		c := serve(t, s.ServeHTTP)
		n := 0
		for _, err := range c.Users.All(t.Context(), UserListParams{OrderBy: "username"}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 230 {
			t.Errorf("%d of 230 users", n)
		}
	}
}

// TestAllEndsOnAServerThatRepeatsItself: a walk ends if all pages are the same.
func TestAllEndsOnAServerThatRepeatsItself(t *testing.T) {
	for name, body := range map[string]string{
		"same page":       `[{"id":"a"},{"id":"b"}]`,
		"same with total": `{"data":[{"id":"a"},{"id":"b"}],"total_count":1000}`,
		"total but empty": `{"data":[],"total_count":1000}`,
		"one short":       `[{"id":"a"}]`,
		"null, of none":   `{"data":null,"total_count":0}`,
	} {
		for _, order := range []string{"", "username"} {
			n, requests := 0, 0
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				requests++
				_, _ = w.Write([]byte(body))
			})
			for _, err := range c.Users.All(t.Context(), UserListParams{Limit: 2, OrderBy: order}) {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			if n > 2 || requests > 20 {
				t.Errorf("%s, order %q: %d users in %d requests", name, order, n, requests)
			}
		}
	}
}

// TestAllOfItemsWithoutIDs: a walk ends although items without IDs cannot be
// recognized.
func TestAllOfItemsWithoutIDs(t *testing.T) {
	n, requests := 0, 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		if r.URL.Query().Get("offset") == "" {
			_, _ = w.Write([]byte(`[{"token":"a"},{"token":"b"}]`))
			return
		}
		_, _ = w.Write([]byte(`[{"token":"c"}]`))
	})
	for _, err := range c.Users.AllOAuthAccessTokens(t.Context(), "user_1", "oauth_google", UserListOAuthAccessTokensParams{Limit: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n > 100 {
			t.Fatalf("no end in %d requests", requests)
		}
	}
	if n != 3 {
		t.Errorf("%d items", n)
	}
}

// TestAllThroughFaults walks 10,000 users. Each must be yielded exactly once, with a
// bounded number of attempts. synctest fails if a goroutine is left.
func TestAllThroughFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &listServer{items: ids(0, 10000)}
		f := &flaky{rand: rand.New(rand.NewPCG(1, 2)), next: s}
		c, err := New(Config{SecretKey: testKey, HTTPClient: &http.Client{Transport: f}, MaxRetries: 8, MaxRetryWait: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		var got []string
		for u, err := range c.Users.All(t.Context(), UserListParams{Limit: 100}) {
			if err != nil {
				t.Fatalf("after %d users: %v", len(got), err)
			}
			got = append(got, u.ID)
		}
		if !slices.Equal(got, s.items) {
			t.Errorf("%d users", len(got))
		}
		if f.tries > 2*101+50 || f.tries < 120 {
			t.Errorf("%d attempts for 101 pages", f.tries)
		}
		t.Logf("%d users, %d pages, %d attempts, %v of virtual time", len(got), s.requests, f.tries, time.Since(start))
	})
}

// TestAllOfAServerWithoutCursors: if the server ignores cursors, the first page is not
// the only one.
func TestAllOfAServerWithoutCursors(t *testing.T) {
	s := &listServer{items: ids(0, 57), noCursor: true}
	c := serve(t, s.ServeHTTP)
	all := c.Users.All(t.Context(), UserListParams{Limit: 10})
	for range 2 {
		var got []string
		for u, err := range all {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, u.ID)
		}
		if !slices.Equal(got, s.items) {
			t.Errorf("%d of %d users", len(got), len(s.items))
		}
	}
}

// TestAllWhenTheCursorIsDeleted removes the last users of a page before the next page
// is fetched, on a server that then refuses the cursor.
func TestAllWhenTheCursorIsDeleted(t *testing.T) {
	for gone := range 5 {
		s := &listServer{items: ids(0, 30), strict: true}
		s.before = func(s *listServer) {
			if s.requests == 2 {
				s.items = slices.Delete(s.items, 10-gone, 10)
			}
		}
		c := serve(t, s.ServeHTTP)
		n := 0
		var failed error
		for _, err := range c.Users.All(t.Context(), UserListParams{Limit: 10}) {
			if err != nil {
				failed = err
				break
			}
			n++
		}
		if gone <= maxStepsBack && (failed != nil || n != 30) {
			t.Errorf("%d gone: %d users, %v", gone, n, failed)
		}
		if gone > maxStepsBack && !errors.Is(failed, ErrValidation) {
			t.Errorf("%d gone: %d users, %v", gone, n, failed)
		}
	}
}

func TestAllEndsWithItsContext(t *testing.T) {
	s := &listServer{items: ids(0, 100)}
	c := serve(t, s.ServeHTTP)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range c.Users.All(ctx, UserListParams{Limit: 10}) {
		if n++; n == 10 {
			cancel()
		}
		if n > 10 && !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
	if n != 11 || s.requests != 1 {
		t.Errorf("%d items in %d requests", n, s.requests)
	}
}
