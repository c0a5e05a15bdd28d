package webhook

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
)

// track is a body that counts the bytes read and records Close.
type track struct {
	io.Reader
	read   int
	closed bool
}

func (b *track) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.read += n
	return n, err
}

func (b *track) Close() error { b.closed = true; return nil }

// request returns a delivery of unknown length whose body is a track.
func request(h http.Header, body io.Reader) (*http.Request, *track) {
	r := httptest.NewRequest(http.MethodPost, "/webhooks", nil)
	tr := &track{Reader: body}
	r.Header, r.Body, r.ContentLength = h, tr, -1
	return r, tr
}

func TestVerifyRequestRestoresBody(t *testing.T) {
	errBroken := errors.New("connection reset")
	long := strings.Repeat("a", 300)
	for name, tc := range map[string]struct {
		header  http.Header
		body    io.Reader
		rest    string // what a later reader gets
		restErr error
		want    error
	}{
		"verified":           {signed(t, goodBody), strings.NewReader(goodBody), goodBody, nil, nil},
		"byte by byte":       {signed(t, goodBody), iotest.OneByteReader(strings.NewReader(goodBody)), goodBody, nil, nil},
		"data with the EOF":  {signed(t, goodBody), iotest.DataErrReader(strings.NewReader(goodBody)), goodBody, nil, nil},
		"forged":             {signed(t, goodBody, testSecret(2)), strings.NewReader(goodBody), goodBody, nil, ErrNoMatchingSignature},
		"not signed":         {http.Header{}, strings.NewReader(goodBody), goodBody, nil, ErrNotSigned},
		"as large as may be": {signed(t, long[:256]), strings.NewReader(long[:256]), long[:256], nil, ErrMalformedEvent},
		"too large":          {signed(t, long), strings.NewReader(long), long, nil, ErrTooLarge},
		"one byte too large": {signed(t, long[:257]), strings.NewReader(long[:257]), long[:257], nil, ErrTooLarge},
		"broken":             {signed(t, goodBody), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errBroken)), "half", errBroken, ErrUnreadableBody},
		"limited before":     {signed(t, goodBody), http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(long)), 9), long[:9], &http.MaxBytesError{}, ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			limit := int64(256)
			if len(goodBody) > 256 {
				limit = int64(len(goodBody))
				if strings.Contains(name, "large") {
					limit = 256
				}
			}
			v := newVerifier(t, Config{MaxBodyBytes: limit})
			r, tr := request(tc.header, tc.body)
			ev, err := v.VerifyRequest(r)
			if !errors.Is(err, tc.want) || (ev == nil) != (tc.want != nil) {
				t.Fatalf("got %v, %v; want %v", ev, err, tc.want)
			}
			if tr.read > int(limit)+1 {
				t.Errorf("read %d bytes of a body that may have %d", tr.read, limit)
			}
			if tc.want == ErrNotSigned && tr.read > 0 { //nolint:errorlint // compares a value of the table
				t.Error("read the body of a request that is not signed")
			}
			rest, err := io.ReadAll(r.Body)
			if string(rest) != tc.rest || (err == nil) != (tc.restErr == nil) {
				t.Errorf("later readers find %q, %v; want %q, %v", rest, err, tc.rest, tc.restErr)
			}
			if err := r.Body.Close(); err != nil || !tr.closed {
				t.Errorf("closing the body does not close the first one: %v", err)
			}
		})
	}
}

func TestVerifyRequestTwice(t *testing.T) {
	v := newVerifier(t, Config{})
	r, _ := request(signed(t, goodBody), strings.NewReader(goodBody))
	for range 3 {
		if _, err := v.VerifyRequest(r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVerifyRequestContentLength(t *testing.T) {
	v := newVerifier(t, Config{})
	r, tr := request(signed(t, goodBody), strings.NewReader(goodBody))
	r.ContentLength = 1<<20 + 1
	if _, err := v.VerifyRequest(r); !errors.Is(err, ErrTooLarge) || tr.read > 0 {
		t.Errorf("got %v after %d bytes", err, tr.read)
	}
	r.ContentLength = 1 << 20 // larger than the body
	if _, err := v.VerifyRequest(r); err != nil {
		t.Error(err)
	}
}

func TestVerifyRequestDefaultLimit(t *testing.T) {
	v := newVerifier(t, Config{})
	fits := `{"type":"x","pad":"` + strings.Repeat("a", 1<<20-21) + `"}`
	for body, want := range map[string]error{fits: nil, fits + " ": ErrTooLarge} {
		h := signed(t, body)
		r, _ := request(h, strings.NewReader(body))
		if _, err := v.VerifyRequest(r); !errors.Is(err, want) {
			t.Errorf("%d bytes: %v", len(body), err)
		}
		if _, err := v.Verify(h, []byte(body)); !errors.Is(err, want) {
			t.Errorf("%d bytes to Verify: %v", len(body), err)
		}
	}
}

func TestVerifyRequestWithoutBody(t *testing.T) {
	v := newVerifier(t, Config{})
	r, _ := request(signed(t, goodBody), nil)
	r.Body = nil
	_, err := v.VerifyRequest(r)
	if !errors.Is(err, ErrNoMatchingSignature) || !strings.Contains(err.Error(), "earlier code") {
		t.Errorf("got %v", err)
	}
	r, _ = request(signed(t, ""), strings.NewReader(""))
	if _, err := v.VerifyRequest(r); !errors.Is(err, ErrMalformedEvent) {
		t.Errorf("a signed empty body: %v", err)
	}
}
