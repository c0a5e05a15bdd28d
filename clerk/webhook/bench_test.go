package webhook

import (
	"net/http"
	"strings"
	"testing"
)

func BenchmarkVerify(b *testing.B) {
	v := newVerifier(b, Config{})
	large := strings.Replace(goodBody, "Ada", strings.Repeat("Ada ", 16<<10), 1)
	for name, tc := range map[string]struct {
		header http.Header
		body   string
	}{
		"280B":   {signed(b, goodBody), goodBody},
		"64KiB":  {signed(b, large), large},
		"forged": {signed(b, goodBody, testSecret(2)), goodBody},
		"none":   {http.Header{}, goodBody},
	} {
		b.Run(name, func(b *testing.B) {
			body := []byte(tc.body)
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				_, _ = v.Verify(tc.header, body)
			}
		})
	}
}

func BenchmarkVerifyRequest(b *testing.B) {
	v := newVerifier(b, Config{})
	h := signed(b, goodBody)
	b.ReportAllocs()
	for b.Loop() {
		r := &http.Request{Method: http.MethodPost, Header: h, ContentLength: int64(len(goodBody)), Body: body{strings.NewReader(goodBody), nil}}
		if _, err := v.VerifyRequest(r); err != nil {
			b.Fatal(err)
		}
	}
}
