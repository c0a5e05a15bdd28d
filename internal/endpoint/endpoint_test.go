package endpoint

import "testing"

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "localhost.": true, "app.localhost": true, "127.0.0.1": true, "127.9.9.9": true,
		"::1": true, "[::1]": true, "::ffff:127.0.0.1": true,
		"": false, "localhost.example.com": false, "notlocalhost": false, "127.0.0.1.example.com": false, "127.1": false, "0.0.0.0": false,
		"10.0.0.1": false, "::": false, "[::1": true, "localhost:3000": false, "2130706433": false, "::ffff:10.0.0.1": false,
	} {
		if got := Loopback(host); got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
}

func TestWithoutVersion(t *testing.T) {
	for base, want := range map[string]string{
		"https://api.clerk.com": "https://api.clerk.com", "https://api.clerk.com/": "https://api.clerk.com", "https://api.clerk.com/v1": "https://api.clerk.com",
		"https://api.clerk.com/v1/": "https://api.clerk.com", "/__clerk/v1": "/__clerk", "/v1": "", "https://api.clerk.com/v10": "https://api.clerk.com/v10", "": "",
	} {
		if got := WithoutVersion(base); got != want {
			t.Errorf("%q: %q, want %q", base, got, want)
		}
	}
}
