package observe

import (
	"bytes"
	"context"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// A nil Observer and missing functions are ignored.
func TestNobodyToTell(t *testing.T) {
	if New(clerk.Observer{}, nil) != nil {
		t.Error("an Observer of nothing")
	}
	for _, o := range []*Observer{nil, New(clerk.Observer{Webhook: func(context.Context, clerk.WebhookEvent) {}}, nil)} {
		if o.Decisions() || o.KeyFetches() || o.BackendCalls() || o.Webhooks() != (o != nil) {
			t.Error("it says that it observes what it does not")
		}
		o.Decision(t.Context(), clerk.DecisionEvent{})
		o.KeyFetch(t.Context(), clerk.KeyFetchEvent{})
		o.BackendCall(t.Context(), clerk.BackendCallEvent{})
		o.Webhook(t.Context(), clerk.WebhookEvent{})
	}
}

// New and Join handle each function of clerk.Observer. This test fails for a new
// function that they do not handle.
func TestEachFunctionIsKnown(t *testing.T) {
	typ := reflect.TypeFor[clerk.Observer]()
	for i := range typ.NumField() {
		name, calls := typ.Field(i).Name, 0
		var one clerk.Observer
		reflect.ValueOf(&one).Elem().Field(i).Set(reflect.MakeFunc(typ.Field(i).Type, func([]reflect.Value) []reflect.Value {
			calls++
			return nil
		}))
		o := New(Join(one, Join(clerk.Observer{}, one)), nil)
		if o == nil {
			t.Errorf("New does not know %s", name)
			continue
		}
		tell := reflect.ValueOf(o).MethodByName(name)
		tell.Call([]reflect.Value{reflect.ValueOf(t.Context()), reflect.Zero(tell.Type().In(1))})
		if calls != 2 {
			t.Errorf("%s was called %d times, want 2", name, calls)
		}
	}
}

// A panic affects only the function that panicked; the others are called. It is logged
// once a minute, without its value.
func TestAPanicEndsHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var order []string
		first := clerk.Observer{Decision: func(context.Context, clerk.DecisionEvent) {
			order = append(order, "first")
			panic("SuperSecret")
		}}
		second := clerk.Observer{Decision: func(context.Context, clerk.DecisionEvent) { order = append(order, "second") }}
		o := New(Join(first, second), slog.New(slog.NewTextHandler(&log, nil)))
		for range 3 {
			o.Decision(context.Background(), clerk.DecisionEvent{})
		}
		if want := []string{"first", "second", "first", "second", "first", "second"}; !slices.Equal(order, want) {
			t.Error(order)
		}
		text := log.String()
		if strings.Count(text, "level=ERROR") != 1 || !strings.Contains(text, "function=Decision") || !strings.Contains(text, "type=string") || strings.Contains(text, "SuperSecret") {
			t.Error(text)
		}
		time.Sleep(time.Minute)
		o.Decision(context.Background(), clerk.DecisionEvent{})
		if text = log.String(); strings.Count(text, "level=ERROR") != 2 || !strings.Contains(text, "left_out=2") {
			t.Error(text)
		}
	})
}

func TestDurationIsFilledIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []time.Duration
		o := New(clerk.Observer{
			Decision:    func(_ context.Context, e clerk.DecisionEvent) { got = append(got, e.Duration) },
			KeyFetch:    func(_ context.Context, e clerk.KeyFetchEvent) { got = append(got, e.Duration) },
			BackendCall: func(_ context.Context, e clerk.BackendCallEvent) { got = append(got, e.Duration) },
			Webhook:     func(_ context.Context, e clerk.WebhookEvent) { got = append(got, e.Duration) },
		}, nil)
		start := time.Now()
		time.Sleep(3 * time.Second)
		o.Decision(context.Background(), clerk.DecisionEvent{Start: start})
		o.KeyFetch(context.Background(), clerk.KeyFetchEvent{Start: start})
		o.BackendCall(context.Background(), clerk.BackendCallEvent{Start: start})
		o.Webhook(context.Background(), clerk.WebhookEvent{Start: start})
		if !slices.Equal(got, []time.Duration{3 * time.Second, 3 * time.Second, 3 * time.Second, 3 * time.Second}) {
			t.Error(got)
		}
	})
}
