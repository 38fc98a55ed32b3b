package hostile_test

import (
	"fmt"
	"strings"

	"nodobridge/internal/binarytest"
)

// browsers is row 56. There is no console and no session: the pages that a browser can be
// tricked with are those of /docs/, and what it can be made to send is a call without a key.
func browsers(s *scene) {
	key := "Ocp-Apim-Subscription-Key: " + s.key
	s.last++
	sent := changed(binarytest.Position(s.last, 12000), `"companyName":"`, `"companyName":"<script>canary()</script>`)
	s.play(hit{name: "a script is stored", to: s.json(), sent: request("POST", binarytest.Positions, sent, "Content-Type: application/json", key), want: shut(201, "application/json")})
	s.play(hit{name: "and read", to: s.json(), sent: request("GET", binarytest.Positions+fmt.Sprintf("/P-%d", s.last), "", key), want: shut(200, "application/json")})

	page := ""
	same := func(a answer) string {
		if page == "" {
			page = a.body
		}
		csp := a.header.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'none'", "script-src 'self';", "connect-src 'self'", "base-uri 'none'", "form-action 'none'"} {
			if !strings.Contains(csp, rule) {
				return "want the policy to say " + rule
			}
		}
		if a.body != page || strings.Contains(strings.ReplaceAll(page, "<script src=", ""), "<script>") {
			return "want the one page, without a script of its own"
		}
		return shut(200, "text/html; charset=utf-8")(a)
	}
	for _, query := range []string{"", "?url=https://canary.example/x.json", "?configUrl=https://canary.example/x.json", `?x="><script>canary()</script>`, "?urls.primaryName=%3Cscript%3E"} {
		s.play(hit{name: "page " + query, to: s.json(), sent: request("GET", "/docs/"+query, ""), want: same})
	}
	s.play(
		hit{name: "a cookie", to: s.json(), sent: request("GET", "/docs/", "", "Cookie: session=canary; __Host-session=canary"), want: same},
		hit{name: "script", to: s.json(), sent: request("GET", "/docs/start.js", ""), want: shut(200, "text/javascript; charset=utf-8")},
		hit{name: "library", to: s.json(), sent: request("GET", "/docs/swagger-ui-bundle.js", ""), want: shut(200, "text/javascript; charset=utf-8"), lean: true},
		hit{name: "document", to: s.json(), sent: request("GET", "/openapi/gpd-v1.json", ""), want: shut(200, "application/json"), lean: true},
		hit{name: "no such page", to: s.json(), sent: request("GET", "/docs/%3Cscript%3Ecanary()%3C/script%3E", ""), want: refusedQuietly(404)},
		hit{name: "outside of the pages", to: s.json(), sent: request("GET", "/docs/..%2f..%2f..%2fetc/passwd", ""), want: refusedQuietly(404)},
	)
	s.crossSite(key)
	s.compatBrowsers()
	s.valid()
}

// crossSite plays what a page of another site can make a browser send: it has no key, and
// with a stolen one it is refused all the same, as is the preflight that asks for leave.
func (s *scene) crossSite(key string) {
	s.t.Helper()
	s.last++
	body := binarytest.Position(s.last, 12000)
	elsewhere := []string{"Origin: https://canary.example", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"}
	post := func(kind string, more ...string) string {
		return request("POST", binarytest.Positions, body, append(more, "Content-Type: "+kind)...)
	}
	nothing := shut(403, "application/json")
	s.play(
		hit{name: "a form", to: s.json(), sent: post("application/x-www-form-urlencoded", elsewhere...), want: nothing, says: `"cross_site"`},
		hit{name: "text", to: s.json(), sent: post("text/plain", elsewhere...), want: nothing},
		hit{name: "JSON", to: s.json(), sent: post("application/json", elsewhere...), want: nothing},
		hit{name: "with a key", to: s.json(), sent: post("application/json", append(elsewhere, key)...), want: nothing},
		hit{name: "an older browser, with a key", to: s.json(), sent: post("application/json", "Origin: https://canary.example", key), want: nothing},
		hit{name: "a frame, with a key", to: s.json(), sent: post("application/json", "Origin: null", key), want: nothing},
		hit{name: "a program without a key", to: s.json(), sent: post("application/json"), want: shut(401, "application/json")},
		hit{name: "a key in a cookie", to: s.json(), sent: post("application/json", "Cookie: "+key), want: shut(401, "application/json")},
		hit{name: "preflight", to: s.json(), sent: request("OPTIONS", binarytest.Positions, "", "Origin: https://canary.example", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: ocp-apim-subscription-key"), want: shut(204, "")},
		hit{name: "reading, with a key", to: s.json(), sent: request("GET", binarytest.Positions, "", append(elsewhere, key)...), want: shut(200, "application/json")},
		hit{name: "our own page, with a key", to: s.json(), sent: post("application/json", "Origin: http://station.example", "Sec-Fetch-Site: same-origin", key), want: shut(201, "application/json")},
		hit{name: "a receipt", sent: call(receiptOf(string(binarytest.NAV(s.last)), "canary"), elsewhere...), want: refusedQuietly(403)},
	)
	if status := s.status(); strings.Contains(status, "PAID") {
		s.t.Errorf("the position is %s", status)
	}
}

// compatBrowsers plays a page that has found the listener without keys, by its address and
// by a name of its own that resolves to this machine.
func (s *scene) compatBrowsers() {
	s.t.Helper()
	config := changed(sampleConfig, `api: {listen: "127.0.0.1:0"`, `api: {listen: "127.0.0.1:0", compat_listen: "127.0.0.1:0"`)
	n := newScene(s.t, config)
	nav := n.position()
	to, positions := host(n.p.Compat), "/organizations/"+binarytest.EC+"/debtpositions"
	named := func(text, name string) string { return changed(text, "Host: station.example", "Host: "+name) }
	publish := positions + fmt.Sprintf("/P-%d/invalidate", n.last)
	n.play(
		hit{name: "by address", to: to, sent: named(request("POST", publish, "", "Origin: https://canary.example", "Sec-Fetch-Site: cross-site"), to), want: refusedQuietly(403)},
		hit{name: "by a name", to: to, sent: named(request("POST", publish, "", "Origin: http://canary.example", "Sec-Fetch-Site: same-origin"), "canary.example"), want: refusedQuietly(421)},
		hit{name: "reading by a name", to: to, sent: named(request("GET", positions, ""), "canary.example:8083"), want: refusedQuietly(421)},
		hit{name: "options by a name", to: to, sent: named(request("POST", "/payment-options/organizations/"+binarytest.EC+"/notices/"+nav, ""), "canary.example"), want: refusedQuietly(421)},
		hit{name: "a program", to: to, sent: named(request("GET", positions, ""), to), want: shut(200, "application/json")},
	)
	if status := n.status(); status != "VALID" {
		s.t.Errorf("the position is %s", status)
	}
	n.p.Stop()
}

// shut wants a status and a type, and what keeps a browser from doing more with it.
func shut(status int, kind string) func(answer) string {
	return func(a answer) string {
		h := a.header
		switch {
		case a.status != status || h.Get("Content-Type") != kind:
			return fmt.Sprintf("want HTTP %d and %s", status, kind)
		case h.Get("X-Content-Type-Options") != "nosniff", h.Get("X-Frame-Options") != "DENY", h.Get("Referrer-Policy") != "no-referrer", h.Get("Cache-Control") != "no-store":
			return "want the headers for browsers"
		case !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'"):
			return "want it in no frame"
		}
		return grantsNothing(a)
	}
}

// refusedQuietly wants a status and nothing of the request repeated.
func refusedQuietly(status int) func(answer) string {
	return func(a answer) string {
		if wrong := is(status)(a); wrong != "" {
			return wrong
		}
		if strings.Contains(a.body, "canary") || strings.Contains(a.body, "script") {
			return "want nothing repeated"
		}
		return grantsNothing(a)
	}
}

// grantsNothing wants no cookie and no leave for another origin.
func grantsNothing(a answer) string {
	for name := range a.header {
		if name == "Set-Cookie" || strings.HasPrefix(name, "Access-Control-") {
			return "want no header " + name
		}
	}
	return ""
}
