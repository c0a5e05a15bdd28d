package jwks

import (
	"context"
	"testing"
)

func TestKnownKeyAllocatesNothing(t *testing.T) {
	s := newTestSource(t, &server{handler: serving("ins_2abc", "ins_2def")})
	mustKey(t, s, "ins_2abc")
	ctx := context.Background()
	if n := testing.AllocsPerRun(1000, func() {
		if _, err := s.Key(ctx, "ins_2abc"); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkKey(b *testing.B) {
	s := newTestSource(b, &server{handler: serving("ins_2abc", "ins_2def")})
	mustKey(b, s, "ins_2abc")
	ctx := context.Background()
	b.Run("known", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Key(ctx, "ins_2abc"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("known/parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := s.Key(ctx, "ins_2abc"); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
	b.Run("unknown", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Key(ctx, "ins_flood"); err == nil {
				b.Fatal("found")
			}
		}
	})
}

func BenchmarkParseSet(b *testing.B) {
	body := []byte(keysJSON("ins_2abc", "ins_2def"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseSet(body); err != nil {
			b.Fatal(err)
		}
	}
}
