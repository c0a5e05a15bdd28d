package clerktest_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// pixel is a PNG of one pixel.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// upload sends a body as it is.
func (f *fapi) upload(contentType, body string) (*http.Response, object) {
	f.t.Helper()
	path := "/v1/me/profile_image?__clerk_db_jwt=" + f.dev + "&_clerk_session_id=" + f.session
	resp, text := do(f.t, f.em, "POST", path, http.Header{"Content-Type": {contentType}}, body)
	return resp, decode[object](f.t, text)
}

func TestProfileImage(t *testing.T) {
	em := newEmulator(t, multiSession)
	em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
	f := newFAPI(t, em)
	f.signIn("a@example.com", password)
	data, err := base64.StdEncoding.DecodeString(pixel)
	if err != nil {
		t.Fatal(err)
	}
	form := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n" + string(data) + "\r\n--b--\r\n"
	for contentType, body := range map[string]string{
		"multipart/form-data; boundary=b": form,
		"application/octet-stream":        "data:image/png;base64," + pixel,
		"image/png":                       string(data),
	} {
		resp, out := f.upload(contentType, body)
		where := out.str("response", "public_url")
		if resp.StatusCode != 200 || !strings.HasPrefix(where, em.URL+"/static/images/img_") {
			t.Fatalf("%s: %d %v", contentType, resp.StatusCode, out)
		}
		me := f.ok("GET /me")
		if me.str("image_url") != where || me.at("has_image") != true {
			t.Errorf("%s: %v %v", contentType, me.at("image_url"), me.at("has_image"))
		}
		got, text := f.get(strings.TrimPrefix(where, em.URL))
		if got.Header.Get("Content-Type") != "image/png" || text != string(data) {
			t.Errorf("%s: %d %q", contentType, got.StatusCode, text)
		}
	}
	for _, bad := range []string{"", "<svg onload=alert(1)>", base64.StdEncoding.EncodeToString([]byte("<html>"))} {
		if resp, out := f.upload("application/octet-stream", bad); resp.StatusCode/100 != 4 {
			t.Errorf("%q: %d %v", bad, resp.StatusCode, out)
		}
	}
	f.ok("DELETE /me/profile_image")
	me := f.ok("GET /me")
	if me.at("has_image") != false || strings.Contains(me.str("image_url"), "/images/") {
		t.Errorf("afterwards: %v %v", me.at("image_url"), me.at("has_image"))
	}
}
