package schemacheck

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// implemented calls every described operation on an emulator and returns those that do
// not respond with 501. It does not rely on the emulator's own tables.
func (all descriptions) implemented() ([]*described, error) {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		return nil, err
	}
	var have []*described
	for _, d := range all {
		r := httptest.NewRequest(d.method, "http://localhost"+placeholder.ReplaceAllString(d.pattern, "x"), strings.NewReader(""))
		if d.api == backendAPI {
			r.Header.Set("Authorization", "Bearer "+em.SecretKey())
		}
		w := httptest.NewRecorder()
		em.ServeHTTP(w, r)
		there, err := isThere(w.Result())
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", d.method, d.pattern, err)
		}
		if there {
			have = append(have, d)
		}
	}
	slices.SortFunc(have, func(a, b *described) int { return strings.Compare(a.String(), b.String()) })
	return have, nil
}

func (d *described) String() string {
	return d.api + " " + d.method + " " + d.pattern
}

// isThere reports whether the response is not the one for a missing operation or page.
func isThere(resp *http.Response) (bool, error) {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return false, err
	}
	if err := resp.Body.Close(); err != nil {
		return false, err
	}
	if resp.StatusCode != http.StatusNotImplemented && resp.StatusCode != http.StatusNotFound {
		return true, nil
	}
	var envelope struct {
		Errors []struct {
			Code string `json:"code"`
			Long string `json:"long_message"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil || len(envelope.Errors) == 0 {
		return true, nil //nolint:nilerr // another kind of response, checked elsewhere
	}
	first := envelope.Errors[0]
	return first.Code != "not_implemented_in_emulator" && !strings.HasPrefix(first.Long, "No page "), nil
}
