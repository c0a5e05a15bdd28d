package forwarded_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/forwarded"
)

var two = clerk.Config{AuthorizedParties: []string{"https://app.example.com", "https://admin.example.com", "https://port.example.com:8443", "https://port.example.com:9443", "https://[2001:db8::1]"}}

// TestConfiguredOrigins tests the rule for configured origins.
func TestConfiguredOrigins(t *testing.T) {
	for _, tt := range []struct {
		name         string
		scheme, host string
		fields       []string
		want         string
		notBelieved  bool
	}{
		{"nothing forwarded", "https", "app.example.com", nil, "https://app.example.com", false},
		{"a stranger's host", "https", "app.example.com", []string{"X-Forwarded-Host", "evil.example"}, "https://app.example.com", false},
		{"a stranger's host, not configured", "http", "10.0.0.1:3000", []string{"X-Forwarded-Host", "evil.example"}, "http://10.0.0.1:3000", true},
		{"a client's own X-Forwarded-Host names another configured one", "http", "app.example.com", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "admin.example.com"}, "https://app.example.com", false},
		{"and writes the scheme as well", "http", "app.example.com", []string{"X-Forwarded-Proto", "http", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "admin.example.com"}, "https://app.example.com", false},
		{"Forwarded names another configured one", "https", "app.example.com", []string{"Forwarded", "host=admin.example.com;proto=https"}, "https://app.example.com", false},
		{"the nearest proxy counts", "http", "10.0.0.1", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com, admin.example.com"}, "https://admin.example.com", false},
		{"an inner host in the list", "http", "10.0.0.1", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com, inner.local"}, "https://app.example.com", false},
		{"two fields are one list", "http", "10.0.0.1", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "admin.example.com", "X-Forwarded-Host", "app.example.com"}, "https://app.example.com", false},
		{"the scheme makes another origin", "http", "10.0.0.1", []string{"X-Forwarded-Host", "app.example.com"}, "http://10.0.0.1", true},
		{"https for the Host as received", "http", "other.example.com", []string{"X-Forwarded-Proto", "https"}, "https://other.example.com", false},
		{"https in a list", "http", "app.example.com", []string{"X-Forwarded-Proto", "https,http"}, "https://app.example.com", false},
		{"https in a list, the other way", "http", "app.example.com", []string{"X-Forwarded-Proto", "http, https"}, "https://app.example.com", false},
		{"upper case", "http", "APP.example.com", []string{"X-Forwarded-Proto", "HTTPS"}, "https://app.example.com", false},
		{"http cannot downgrade", "https", "app.example.com", []string{"X-Forwarded-Proto", "http"}, "https://app.example.com", false},
		{"http cannot downgrade another host", "https", "x.example", []string{"X-Forwarded-Proto", "http"}, "https://x.example", false},
		{"another scheme", "http", "app.example.com", []string{"X-Forwarded-Proto", "javascript"}, "http://app.example.com", false},
		{"ws", "http", "x.example", []string{"X-Forwarded-Proto", "ws"}, "http://x.example", false},
		{"the default port", "http", "app.example.com:443", []string{"X-Forwarded-Proto", "https"}, "https://app.example.com", false},
		{"nginx's $host:$server_port behind TLS", "http", "app.example.com:80", []string{"X-Forwarded-Proto", "https"}, "https://app.example.com", false},
		{"the same in X-Forwarded-Host", "http", "10.0.0.1", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com:80"}, "https://app.example.com", false},
		{"the same with the port of TLS", "http", "port.example.com:80", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Port", "8443"}, "https://port.example.com:8443", false},
		{"the same for a host that is not configured", "http", "x.example:80", []string{"X-Forwarded-Proto", "https"}, "https://x.example", false},
		{"TLS on port 80", "https", "x.example:80", []string{"X-Forwarded-Proto", "https"}, "https://x.example:80", false},
		{"X-Forwarded-Port and $host", "http", "port.example.com", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Port", "8443"}, "https://port.example.com:8443", false},
		{"X-Forwarded-Port and X-Forwarded-Host", "http", "10.0.0.1", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "port.example.com", "X-Forwarded-Port", "8443"}, "https://port.example.com:8443", false},
		{"X-Forwarded-Port of a host that has one", "http", "port.example.com:9000", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Port", "8443"}, "https://port.example.com:9000", false},
		{"X-Forwarded-Port makes no other origin", "https", "app.example.com", []string{"X-Forwarded-Port", "8443"}, "https://app.example.com", false},
		{"a list of ports, the inner proxy's last", "http", "port.example.com", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Port", "8443, 80"}, "https://port.example.com:8443", false},
		{"a list of ports in two fields", "http", "port.example.com", []string{"X-Forwarded-Proto", "https,http", "X-Forwarded-Port", "8443", "X-Forwarded-Port", " , 80 ,"}, "https://port.example.com:8443", false},
		{"of two configured ports the nearest proxy's", "http", "10.0.0.1", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "port.example.com", "X-Forwarded-Port", "8443,9443"}, "https://port.example.com:9443", false},
		{"ports that are none", "http", "port.example.com", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Port", "99999, -1, 8443x, :8443, 8443@evil.example, 8443/x"}, "https://port.example.com", false},
		{"more ports than are looked at", "http", "port.example.com", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Port", "8443" + strings.Repeat(",80", 8)}, "https://port.example.com", false},
		{"a list of ports does not move a configured Host", "http", "app.example.com", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Port", "8443, 9443"}, "https://app.example.com", false},
		{"blanks and empty members", "http", "10.0.0.1", []string{"X-Forwarded-Proto", " , https\t,, http ,", "X-Forwarded-Host", "\t, app.example.com ,,"}, "https://app.example.com", false},
		{"a comma alone", "http", "10.0.0.1", []string{"X-Forwarded-Proto", ",", "X-Forwarded-Host", " , ,", "X-Forwarded-Port", ","}, "http://10.0.0.1", false},
		{"each field twice", "http", "10.0.0.1", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Proto", "http", "X-Forwarded-Host", "app.example.com", "X-Forwarded-Host", "inner.local", "Forwarded", "host=a.local", "Forwarded", "host=b.local;proto=http"}, "https://app.example.com", false},
		{"CloudFront's scheme twice", "http", "app.example.com", []string{"Cloudfront-Forwarded-Proto", "http", "Cloudfront-Forwarded-Proto", "https"}, "https://app.example.com", false},
		{"Forwarded in several members", "http", "10.0.0.1", []string{"Forwarded", `for=192.0.2.1;proto="https"; host="app.example.com:443" , for="[2001:db8::1]:47" ;by=_x;proto=http;host="inner.local"`}, "https://app.example.com", false},
		{"Forwarded with quoted pairs", "http", "10.0.0.1", []string{"Forwarded", `host="app\.example\.com";proto="ht\tps";ext="a, b; host=evil.example"`}, "https://app.example.com", false},
		{"Forwarded with empty members", "http", "10.0.0.1", []string{"Forwarded", `, ;, host=app.example.com;;proto=https;, ,`}, "https://app.example.com", false},
		{"Forwarded with an empty value", "http", "10.0.0.1", []string{"Forwarded", `host=;proto=https, host=app.example.com;proto=https`}, "http://10.0.0.1", false},
		{"Forwarded with a parameter twice", "http", "10.0.0.1", []string{"Forwarded", `host=inner.local, host=evil.example;Host=app.example.com;proto=https`}, "http://10.0.0.1", false},
		{"IPv6", "http", "[::1]:3000", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "[2001:DB8:0:0::1]"}, "https://[2001:db8::1]", false},
		{"a trailing dot is another host", "http", "10.0.0.1", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com."}, "https://10.0.0.1", true},
		{"a path in the host", "http", "10.0.0.1", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com/x"}, "https://10.0.0.1", false},
		{"a user in the host", "http", "10.0.0.1", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com@evil.example"}, "https://10.0.0.1", false},
		{"Forwarded", "http", "10.0.0.1", []string{"Forwarded", `for=1.2.3.4;HOST="app.example.com";Proto=https, for=10.0.0.2`}, "https://app.example.com", false},
		{"Forwarded with an open quotation mark", "http", "10.0.0.1", []string{"Forwarded", `for=";host=x, host=app.example.com;proto=https`}, "http://10.0.0.1", false},
		{"Forwarded beyond the bound", "http", "10.0.0.1", []string{"Forwarded", strings.Repeat(" ", 5000) + "host=app.example.com;proto=https"}, "http://10.0.0.1", false},
		{"no usable Host", "http", "a b", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com"}, "https://app.example.com", false},
		{"no usable Host at all", "https", "a b", nil, "", false},
		{"more values than are looked at", "http", "10.0.0.1", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com" + strings.Repeat(",x.example", 8)}, "https://10.0.0.1", true},
	} {
		got := forwarded.New(two).Public(request(tt.scheme, tt.host, tt.fields...))
		if got.Origin.String() != tt.want || got.NotBelieved != tt.notBelieved {
			t.Errorf("%s: got %+v, want %s, not believed: %v", tt.name, got, tt.want, tt.notBelieved)
		}
	}
}

// TestOriginsOfAllSettings: each setting that names an origin configures it, except the
// origin of a browser extension.
func TestOriginsOfAllSettings(t *testing.T) {
	req := request("http", "10.0.0.1", "X-Forwarded-Host", "pr-7.example.com", "X-Forwarded-Proto", "https")
	var asked []string
	for name, tt := range map[string]struct {
		cfg     clerk.Config
		limited bool
		want    string
	}{
		"parties":         {clerk.Config{AuthorizedParties: []string{"https://pr-7.example.com"}}, true, "https://pr-7.example.com"},
		"redirects":       {clerk.Config{AllowedRedirectOrigins: []string{"https://pr-7.example.com"}}, true, "https://pr-7.example.com"},
		"func":            {clerk.Config{AuthorizedPartyFunc: func(o string) bool { asked = append(asked, o); return o == "https://pr-7.example.com" }}, true, "https://pr-7.example.com"},
		"func says no":    {clerk.Config{AuthorizedPartyFunc: func(string) bool { return false }}, true, "https://10.0.0.1"},
		"PublicURL":       {clerk.Config{PublicURL: "https://pub.example.com", AuthorizedParties: []string{"https://pr-7.example.com"}}, true, "https://pub.example.com"},
		"an extension":    {clerk.Config{AuthorizedParties: []string{"chrome-extension://abc"}}, false, "https://10.0.0.1"},
		"nothing":         {clerk.Config{}, false, "https://10.0.0.1"},
		"other parties":   {two, true, "https://10.0.0.1"},
		"hops do not add": {clerk.Config{AuthorizedParties: two.AuthorizedParties, TrustedProxyHops: 1}, true, "https://10.0.0.1"},
		"any, with hops":  {clerk.Config{AuthorizedParties: two.AuthorizedParties, TrustedProxyHops: 1, InsecureAnyRedirectOrigin: true}, true, "https://pr-7.example.com"},
	} {
		r := forwarded.New(tt.cfg)
		if got := r.Public(req); got.Origin.String() != tt.want || r.Limited() != tt.limited {
			t.Errorf("%s: %+v, limited: %v", name, got, r.Limited())
		}
	}
	if !slices.Equal(asked, []string{"https://10.0.0.1", "https://pr-7.example.com"}) {
		t.Errorf("AuthorizedPartyFunc was asked about %q", asked)
	}
}

func TestMayCarryToken(t *testing.T) {
	app, _ := forwarded.ParseOrigin("https", "app.example.com")
	evil, _ := forwarded.ParseOrigin("https", "evil.example")
	r := forwarded.New(two)
	if !r.MayCarryToken(app) || r.MayCarryToken(evil) || r.MayCarryToken(forwarded.Origin{}) {
		t.Error("only configured origins may")
	}
	if forwarded.New(clerk.Config{}).MayCarryToken(evil) {
		t.Error("without configured origins, none may")
	}
	any := forwarded.New(clerk.Config{InsecureAnyRedirectOrigin: true})
	if !any.MayCarryToken(evil) || any.MayCarryToken(forwarded.Origin{}) {
		t.Error("InsecureAnyRedirectOrigin must allow every origin except the zero value")
	}
}

// TestCountedHops tests the rule without configured origins.
func TestCountedHops(t *testing.T) {
	for _, tt := range []struct {
		name     string
		hops     int
		fields   []string
		want     string
		doubtful bool
	}{
		{"no hops", 0, []string{"X-Forwarded-Host", "a.example", "X-Forwarded-Proto", "http"}, "http://app.example.com", false},
		{"no hops, an upgrade", 0, []string{"X-Forwarded-Host", "a.example", "X-Forwarded-Proto", "https"}, "https://app.example.com", false},
		{"the port of plain http", 1, []string{"X-Forwarded-Host", "a.example:80", "X-Forwarded-Proto", "https"}, "https://a.example", false},
		{"one", 1, []string{"X-Forwarded-Host", "evil.example, a.example", "X-Forwarded-Proto", "http, https"}, "https://a.example", false},
		{"two", 2, []string{"X-Forwarded-Host", "evil.example, a.example, b.example"}, "http://a.example", false},
		{"a shorter list", 9, []string{"X-Forwarded-Host", "a.example, b.example"}, "http://a.example", false},
		{"wss", 1, []string{"X-Forwarded-Proto", "wss"}, "https://app.example.com", false},
		{"CloudFront", 1, []string{"Cloudfront-Forwarded-Proto", "https"}, "https://app.example.com", false},
		{"Forwarded", 1, []string{"Forwarded", "host=evil.example, host=a.example;proto=https"}, "https://a.example", false},
		{"Forwarded beside X-Forwarded-For is the client's", 1, []string{"X-Forwarded-For", "1.2.3.4", "Forwarded", "host=evil.example;proto=https"}, "http://app.example.com", false},
		{"garbage", 1, []string{"X-Forwarded-Host", "a b"}, "http://app.example.com", true},
		{"another scheme", 1, []string{"X-Forwarded-Proto", "javascript"}, "http://app.example.com", true},
		{"blanks around a value", 2, []string{"X-Forwarded-Host", "a.example , inner.local", "X-Forwarded-Proto", "https\t, http"}, "https://a.example", false},
		{"an empty value counts as one", 2, []string{"X-Forwarded-Host", "evil.example, a.example,", "X-Forwarded-Proto", "https,"}, "https://a.example", false},
		{"several fields", 2, []string{"X-Forwarded-Host", "evil.example", "X-Forwarded-Host", "a.example", "X-Forwarded-Host", "b.example"}, "http://a.example", false},
		{"Forwarded in two fields", 2, []string{"Forwarded", `host=evil.example`, "Forwarded", `host="a.example";proto=https`, "Forwarded", "host=b.example"}, "https://a.example", false},
		{"says nothing", 1, []string{"X-Forwarded-Host", "x,", "X-Forwarded-Proto", "https"}, "http://app.example.com", false},
	} {
		got := forwarded.New(clerk.Config{TrustedProxyHops: tt.hops}).Public(request("http", "app.example.com", tt.fields...))
		if got.Origin.String() != tt.want || got.Doubtful != tt.doubtful {
			t.Errorf("%s: %+v, want %s", tt.name, got, tt.want)
		}
	}
}

func TestClientAddr(t *testing.T) {
	for _, tt := range []struct {
		name   string
		hops   int
		remote string
		fields []string
		want   string
	}{
		{"no hops", 0, "203.0.113.9:4711", []string{"X-Forwarded-For", "198.51.100.66"}, "203.0.113.9"},
		{"no hops, IPv6", 0, "[2001:db8::1]:443", nil, "2001:db8::1"},
		{"a zone", 0, "[fe80::1%eth0]:443", nil, "fe80::1"},
		{"IPv4 in IPv6", 0, "[::ffff:203.0.113.9]:443", nil, "203.0.113.9"},
		{"unknown", 0, "", nil, "invalid IP"},
		{"a Unix socket", 0, "@", nil, "invalid IP"},
		{"a Unix socket behind a proxy", 1, "@", []string{"X-Forwarded-For", "203.0.113.7"}, "203.0.113.7"},
		{"with a port", 1, "10.0.0.1:1", []string{"X-Forwarded-For", "203.0.113.7:51008"}, "203.0.113.7"},
		{"in brackets and quotes", 1, "10.0.0.1:1", []string{"X-Forwarded-For", `"[2001:db8::1]:443"`}, "2001:db8::1"},
		{"in brackets", 1, "10.0.0.1:1", []string{"X-Forwarded-For", "[2001:DB8:0::1]"}, "2001:db8::1"},
		{"bare IPv6", 1, "10.0.0.1:1", []string{"X-Forwarded-For", "2001:db8::1"}, "2001:db8::1"},
		{"from the right", 1, "10.0.0.1:1", []string{"X-Forwarded-For", "198.51.100.66, 203.0.113.7"}, "203.0.113.7"},
		{"two hops, two fields", 2, "10.0.0.1:1", []string{"X-Forwarded-For", "198.51.100.66, 203.0.113.7", "X-Forwarded-For", "10.0.0.2"}, "203.0.113.7"},
		{"a shorter list", 3, "10.0.0.1:1", []string{"X-Forwarded-For", "203.0.113.7"}, "203.0.113.7"},
		{"unknown entry", 1, "10.0.0.1:1", []string{"X-Forwarded-For", "unknown"}, "10.0.0.1"},
		{"an obfuscated one", 1, "10.0.0.1:1", []string{"Forwarded", "for=_hidden"}, "10.0.0.1"},
		{"garbage", 1, "10.0.0.1:1", []string{"X-Forwarded-For", "[2001:db8::1"}, "10.0.0.1"},
		{"a name", 1, "10.0.0.1:1", []string{"X-Forwarded-For", "host.example:80"}, "10.0.0.1"},
		{"Forwarded", 2, "10.0.0.1:1", []string{"Forwarded", `for=198.51.100.66, for="[2001:db8::1]:4711";proto=https, for=10.0.0.2`}, "2001:db8::1"},
		{"Forwarded without quotes", 1, "10.0.0.1:1", []string{"Forwarded", `For=[2001:db8::1]:4711`}, "2001:db8::1"},
		{"Forwarded beside X-Forwarded-For is the client's", 1, "10.0.0.1:1", []string{"Forwarded", "for=198.51.100.66", "X-Forwarded-For", "203.0.113.7"}, "203.0.113.7"},
		{"blanks around entries", 2, "10.0.0.1:1", []string{"X-Forwarded-For", "198.51.100.66 ,\t203.0.113.7 , 10.0.0.2"}, "203.0.113.7"},
		{"an empty entry is a proxy's", 2, "10.0.0.1:1", []string{"X-Forwarded-For", "198.51.100.66, 203.0.113.7,"}, "203.0.113.7"},
		{"nginx on a Unix socket", 2, "@", []string{"X-Forwarded-For", "198.51.100.66, 203.0.113.7, unix:"}, "203.0.113.7"},
		{"IPv4 in IPv6 with a port", 1, "10.0.0.1:1", []string{"X-Forwarded-For", "[::ffff:203.0.113.7]:51008"}, "203.0.113.7"},
		{"quotes without brackets", 1, "10.0.0.1:1", []string{"X-Forwarded-For", `"203.0.113.7:51008"`}, "203.0.113.7"},
		{"a zone in an entry", 1, "10.0.0.1:1", []string{"X-Forwarded-For", "fe80::1%eth0"}, "fe80::1"},
		{"Forwarded with an open quotation mark", 1, "10.0.0.1:1", []string{"Forwarded", `for="198.51.100.66, for=203.0.113.7`}, "10.0.0.1"},
		{"Forwarded in two fields", 1, "10.0.0.1:1", []string{"Forwarded", "for=198.51.100.66", "Forwarded", `for="203.0.113.7:1"`}, "203.0.113.7"},
		{"no field", 1, "10.0.0.1:1", nil, "10.0.0.1"},
	} {
		req := request("http", "app.example.com", tt.fields...)
		req.RemoteAddr = tt.remote
		if got := forwarded.New(clerk.Config{TrustedProxyHops: tt.hops}).ClientAddr(req); got.String() != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestLongLists: long lists from a client do not allocate.
func TestLongLists(t *testing.T) {
	long := strings.Repeat("198.51.100.66,", 1<<16)
	req := request("http", "10.0.0.1", "X-Forwarded-For", long+"203.0.113.7", "X-Forwarded-Host", strings.Repeat("evil.example,", 1<<16)+"app.example.com",
		"X-Forwarded-Proto", strings.Repeat("http,", 1<<16)+"https", "Forwarded", strings.Repeat("host=evil.example,", 1<<16))
	cfg := two
	cfg.TrustedProxyHops = 1
	r := forwarded.New(cfg)
	if got := r.Public(req).Origin.String(); got != "https://app.example.com" {
		t.Error(got)
	}
	if got := r.ClientAddr(req).String(); got != "203.0.113.7" {
		t.Error(got)
	}
	if n := testing.AllocsPerRun(10, func() { r.ClientAddr(req) }); n > 0 {
		t.Errorf("the client's address takes %v allocations", n)
	}
	if n := testing.AllocsPerRun(10, func() { r.Public(req) }); n > 30 {
		t.Errorf("the origin takes %v allocations", n)
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "localhost:3000": true, "app.localhost": true, "127.0.0.1:3000": true, "127.8.9.1": true, "[::1]:80": true, "0.0.0.0:3000": true,
		"app.example.com": false, "10.0.0.1": false, "[2001:db8::1]": false, "localhost.example.com": false,
	} {
		if o, ok := forwarded.ParseOrigin("http", host); !ok || o.Loopback() != want {
			t.Errorf("%s: %v", host, o.Loopback())
		}
	}
}

// FuzzPublic: for arbitrary fields, the origin is the received one or a configured one.
func FuzzPublic(f *testing.F) {
	f.Add("app.example.com", "admin.example.com", "https", "8443", "host=app.example.com;proto=https", "1.2.3.4:5")
	f.Add("10.0.0.1:3000", "evil.example, x", "wss,http", "1", `for="a\"b";host="[::1]:3"`, `"[2001:db8::1]:443"`)
	f.Fuzz(func(t *testing.T, host, fHost, proto, port, rfc, from string) {
		req := request("http", host, "X-Forwarded-Host", fHost, "X-Forwarded-Proto", proto, "X-Forwarded-Port", port, "Forwarded", rfc, "X-Forwarded-For", from)
		r := forwarded.New(two)
		got := r.Public(req).Origin
		if r.Configured(got) || got == (forwarded.Origin{}) {
			return
		}
		plain, _ := forwarded.ParseOrigin("http", host)
		upgraded, _ := forwarded.ParseOrigin("https", host)
		if got != plain && got != upgraded {
			t.Errorf("%q is neither received nor configured", got)
		}
		forwarded.New(clerk.Config{TrustedProxyHops: 1}).ClientAddr(req)
	})
}
