package forwarded_test

import (
	"net/http"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/forwarded"
)

// provider is a request as a provider forwards it, according to its documentation.
type provider struct {
	name, source string
	host         string   // the Host that arrives here
	fields       []string // forwarded fields, in pairs
	hops         int      // TrustedProxyHops, only for the client's address
	// public is the origin with only AuthorizedParties; "" means https://app.example.com.
	public string
	// needs is set if AuthorizedParties are not enough and PublicURL is required.
	needs bool
}

var providers = []provider{
	{name: "nginx, Clerk's guide", source: "https://clerk.com/docs/guides/development/deployment/behind-a-proxy",
		host: "127.0.0.1:3000", fields: []string{"X-Forwarded-Host", "app.example.com", "X-Forwarded-Proto", "https"}},
	{name: "nginx, the usual lines", source: "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
		host: "app.example.com", hops: 1, fields: []string{"X-Real-Ip", client, "X-Forwarded-For", client, "X-Forwarded-Proto", "https"}},
	{name: "nginx with $http_host forgotten", source: "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
		host: "upstream", public: "http://upstream", needs: true},
	{name: "Cloudflare", source: "https://developers.cloudflare.com/fundamentals/reference/http-headers/",
		host: "app.example.com", hops: 1, fields: []string{"Cf-Connecting-Ip", client, "Cf-Ipcountry", "DE", "Cf-Ray", "8f", "Cf-Visitor", `{"scheme":"https"}`,
			"X-Forwarded-For", client, "X-Forwarded-Proto", "https", "Cdn-Loop", "cloudflare; loops=1"}},
	{name: "Cloudflare, then nginx", source: "https://developers.cloudflare.com/fundamentals/reference/http-headers/ and Clerk's guide",
		host: "127.0.0.1:3000", hops: 2, fields: []string{"Cf-Connecting-Ip", client, "X-Forwarded-For", client + ", 172.70.1.1", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com"}},
	{name: "Cloudflare, then nginx on plain http", source: "https://developers.cloudflare.com/ssl/origin-configuration/ssl-modes/flexible/",
		host: "app.example.com", hops: 2, fields: []string{"X-Forwarded-For", client + ", 172.70.1.1", "X-Forwarded-Proto", "https,http"}},
	{name: "AWS Application Load Balancer", source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html",
		host: "app.example.com", hops: 1, fields: []string{"X-Forwarded-For", client, "X-Forwarded-Proto", "https", "X-Forwarded-Port", "443", "X-Amzn-Trace-Id", "Root=1-6"}},
	{name: "ALB with client port preservation", source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html#x-forwarded-for-client-port-preservation",
		host: "app.example.com", hops: 1, fields: []string{"X-Forwarded-For", client + ":51008", "X-Forwarded-Proto", "https", "X-Forwarded-Port", "443"}},
	{name: "CloudFront with the viewer's Host, then ALB on plain http", source: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html",
		host: "app.example.com", hops: 2, fields: []string{"X-Forwarded-For", client + ", 130.176.1.1", "X-Forwarded-Proto", "http", "X-Forwarded-Port", "80",
			"Cloudfront-Forwarded-Proto", "https", "Via", "2.0 x.cloudfront.net (CloudFront)"}},
	{name: "CloudFront as it comes", source: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html",
		host: "origin.internal.example", public: "http://origin.internal.example", needs: true, hops: 1,
		fields: []string{"X-Forwarded-For", client, "Via", "2.0 x.cloudfront.net (CloudFront)", "X-Amz-Cf-Id", "a"}},
	{name: "Fly", source: "https://fly.io/docs/networking/request-headers/",
		host: "app.example.com", hops: 2, fields: []string{"Fly-Client-Ip", client, "Fly-Forwarded-Port", "443", "X-Forwarded-For", client + ", 66.241.1.1", "X-Forwarded-Proto", "https",
			"X-Forwarded-Port", "443", "X-Forwarded-Ssl", "on", "Via", "2 fly.io"}},
	{name: "Azure Front Door", source: "https://learn.microsoft.com/en-us/azure/frontdoor/front-door-http-headers-protocol",
		host: "app.azurewebsites.net", hops: 1, fields: []string{"X-Azure-Clientip", client, "X-Azure-Socketip", client, "X-Azure-Fdid", "55ce", "X-Forwarded-For", client,
			"X-Forwarded-Host", "app.example.com", "X-Forwarded-Proto", "https", "Via", "2.0 Azure"}},
	{name: "Azure Application Gateway", source: "https://learn.microsoft.com/en-us/azure/application-gateway/rewrite-http-headers-url",
		host: "app.example.com", hops: 1, fields: []string{"X-Forwarded-For", client + ":51008", "X-Forwarded-Proto", "https", "X-Forwarded-Port", "443", "X-Original-Host", "app.example.com"}},
	{name: "Railway", source: "https://docs.railway.com/reference/public-networking",
		host: "app.example.com", hops: 1, fields: []string{"X-Real-Ip", client, "X-Forwarded-For", client, "X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com", "X-Railway-Edge", "eu"}},
	{name: "Traefik", source: "https://doc.traefik.io/traefik/routing/entrypoints/#forwarded-headers",
		host: "app.example.com", hops: 1, fields: []string{"X-Forwarded-For", client, "X-Forwarded-Host", "app.example.com", "X-Forwarded-Port", "443", "X-Forwarded-Proto", "https",
			"X-Forwarded-Server", "traefik-1", "X-Real-Ip", client}},
	{name: "Traefik, a WebSocket", source: "https://github.com/traefik/traefik/blob/master/pkg/middlewares/forwardedheaders/forwarded_header.go",
		host: "app.example.com", fields: []string{"X-Forwarded-Host", "app.example.com", "X-Forwarded-Port", "443", "X-Forwarded-Proto", "wss"}},
	{name: "AWS API Gateway, HTTP API", source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-http.html",
		host: "alb-1.eu-central-1.elb.amazonaws.com", hops: 1, fields: []string{"Forwarded", "by=3.21.1.1;for=" + client + ";host=app.example.com;proto=https", "Via", "HTTP/1.1 AmazonAPIGateway"}},
	{name: "AWS API Gateway, REST API", source: "https://repost.aws/knowledge-center/api-gateway-rest-api-host-header",
		host: "alb-1.eu-central-1.elb.amazonaws.com", public: "https://alb-1.eu-central-1.elb.amazonaws.com", needs: true, hops: 1,
		fields: []string{"X-Forwarded-For", client, "X-Forwarded-Proto", "https", "X-Forwarded-Port", "443"}},
	{name: "Heroku", source: "https://devcenter.heroku.com/articles/http-routing#heroku-headers",
		host: "app.example.com", hops: 1, fields: []string{"X-Forwarded-For", client, "X-Forwarded-Proto", "https", "X-Forwarded-Port", "443", "X-Request-Start", "1", "Via", "1.1 heroku-router"}},
	{name: "Vercel", source: "https://vercel.com/docs/headers/request-headers",
		host: "app.example.com", hops: 1, fields: []string{"X-Forwarded-For", client, "X-Forwarded-Host", "app.example.com", "X-Forwarded-Proto", "https", "X-Real-Ip", client,
			"Forwarded", "for=" + client + ";host=app.example.com;proto=https;sig=0QmVhcmVyIGE5/+==;exp=1764477600", "X-Vercel-Deployment-Url", "app-1.vercel.app"}},
	{name: "Google Cloud Run", source: "https://cloud.google.com/functions/docs/reference/headers and https://cloud.google.com/load-balancing/docs/https#x-forwarded-for_header",
		host: "app.example.com", hops: 1, fields: []string{"X-Forwarded-For", client, "X-Forwarded-Proto", "https", "Forwarded", `for="` + client + `";proto=https`, "X-Cloud-Trace-Context", "1/1;o=1"}},
	{name: "Caddy", source: "https://caddyserver.com/docs/caddyfile/directives/reverse_proxy#defaults",
		host: "app.example.com", hops: 1, fields: []string{"X-Forwarded-For", client, "X-Forwarded-Host", "app.example.com", "X-Forwarded-Proto", "https"}},
	{name: "HAProxy, option forwarded", source: "https://docs.haproxy.org/3.0/configuration.html#4-option%20forwarded",
		host: "backend:8080", hops: 1, fields: []string{"Forwarded", `proto=https;host="app.example.com";for=` + client}},
	{name: "HAProxy, option forwardfor", source: "https://docs.haproxy.org/3.0/configuration.html#4-option%20forwardfor",
		host: "app.example.com", hops: 1, fields: []string{"X-Forwarded-For", client, "X-Forwarded-Proto", "https", "X-Forwarded-Port", "443"}},
	{name: "Kubernetes, ingress-nginx", source: "https://github.com/kubernetes/ingress-nginx/blob/main/rootfs/etc/nginx/template/nginx.tmpl",
		host: "app.example.com", hops: 1, fields: []string{"X-Request-Id", "6", "X-Real-Ip", client, "X-Forwarded-For", client, "X-Forwarded-Host", "app.example.com", "X-Forwarded-Port", "443",
			"X-Forwarded-Proto", "https", "X-Forwarded-Scheme", "https", "X-Scheme", "https"}},
	{name: "ALB, then an nginx that appends to every field", source: "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#var_proxy_add_x_forwarded_for",
		host: "web:8080", hops: 2, fields: []string{"X-Forwarded-For", client + ", 10.0.1.7", "X-Forwarded-Host", "app.example.com, app.example.com", "X-Forwarded-Port", "443, 80", "X-Forwarded-Proto", "https, http"}},
	{name: "Envoy, Istio", source: "https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers",
		host: "app.example.com", hops: 1, fields: []string{"X-Forwarded-For", client, "X-Forwarded-Proto", "https", "X-Envoy-External-Address", client, "X-Request-Id", "6"}},
	{name: "Envoy with a host rewrite", source: "https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-host",
		host: "web.default.svc.cluster.local", hops: 1, fields: []string{"X-Forwarded-For", client, "X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com"}},
	{name: "Apache, with RequestHeader for the scheme", source: "https://httpd.apache.org/docs/2.4/mod/mod_proxy.html#x-headers",
		host: "127.0.0.1:3000", hops: 1, fields: []string{"X-Forwarded-For", client, "X-Forwarded-Host", "app.example.com", "X-Forwarded-Server", "web-1.example.com", "X-Forwarded-Proto", "https"}},
	{name: "Google Cloud Application Load Balancer", source: "https://cloud.google.com/load-balancing/docs/https#x-forwarded-for_header",
		host: "app.example.com", hops: 2, fields: []string{"X-Forwarded-For", client + ",34.120.1.1", "X-Forwarded-Proto", "https", "Via", "1.1 google", "X-Cloud-Trace-Context", "1/1"}},
	{name: "Kong", source: "https://github.com/Kong/kong/pull/2236",
		host: "web:3000", hops: 1, fields: []string{"X-Real-Ip", client, "X-Forwarded-For", client, "X-Forwarded-Host", "app.example.com", "X-Forwarded-Port", "443", "X-Forwarded-Proto", "https",
			"X-Forwarded-Path", "/x", "X-Forwarded-Prefix", "/"}},
	{name: "Cloudflare Tunnel", source: "https://developers.cloudflare.com/fundamentals/reference/http-headers/",
		host: "app.example.com", hops: 1, fields: []string{"Cf-Connecting-Ip", client, "Cf-Ray", "8f", "Cf-Visitor", `{"scheme":"https"}`, "Cf-Warp-Tag-Id", "6", "Cdn-Loop", "cloudflare", "X-Forwarded-For", client, "X-Forwarded-Proto", "https"}},
	{name: "IIS Application Request Routing", source: "https://learn.microsoft.com/en-us/iis/extensions/configuring-application-request-routing-arr/define-and-configure-an-application-request-routing-server-farm",
		host: "web-1:8080", public: "http://web-1:8080", needs: true, hops: 1, fields: []string{"X-Forwarded-For", client + ":51008", "X-Arr-Ssl", "2048|256|CN=R11", "X-Original-Url", "/", "X-Arr-Log-Id", "6"}},
}

const client = "203.0.113.7"

// TestProviders: AuthorizedParties are enough to determine the origin behind each
// provider, or PublicURL if the provider does not forward the host.
func TestProviders(t *testing.T) {
	for _, p := range providers {
		t.Run(p.name, func(t *testing.T) {
			if p.source == "" {
				t.Error("no source")
			}
			req := request("http", p.host, p.fields...)
			cfg := clerk.Config{AuthorizedParties: []string{"https://app.example.com"}, TrustedProxyHops: p.hops}
			want := p.public
			if want == "" {
				want = "https://app.example.com"
			}
			if got := forwarded.New(cfg).Public(req); got.Origin.String() != want || got.NotBelieved || got.Doubtful {
				t.Errorf("got %+v, want %s", got, want)
			}
			if p.needs {
				cfg.PublicURL = "https://app.example.com"
				if got := forwarded.New(cfg).Public(req); got.Origin.String() != cfg.PublicURL {
					t.Errorf("with PublicURL: %+v", got)
				}
			}
			if addr := forwarded.New(cfg).ClientAddr(req); p.hops > 0 && addr.String() != client {
				t.Errorf("client address %s", addr)
			}
			if p.needs {
				return
			}
			// Fields from the client in front of the provider's own change nothing.
			spoofed := append([]string{
				"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "http", "X-Forwarded-For", "198.51.100.66",
				"Forwarded", "for=198.51.100.66;host=evil.example;proto=http", "X-Forwarded-Port", "8443",
			}, p.fields...)
			if got := forwarded.New(cfg).Public(request("http", p.host, spoofed...)); got.Origin.String() != want {
				t.Errorf("with a stranger's fields: %+v", got)
			}
		})
	}
}

// request returns a request with header fields in pairs. A repeated name becomes a
// repeated field.
func request(scheme, host string, fields ...string) forwarded.Request {
	h := http.Header{}
	for i := 0; i < len(fields); i += 2 {
		h.Add(fields[i], fields[i+1])
	}
	return forwarded.Request{RemoteAddr: "10.0.0.9:4711", Scheme: scheme, Host: host, Header: h}
}
