package api_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"nodobridge/api"
)

const (
	gateway401 = `{"statusCode":401,"message":"Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API."}`
	gateway403 = `{"statusCode":403,"message":"You are not allowed to access this resource."}`
	keyHeader  = "Ocp-Apim-Subscription-Key"
)

// everyOperation is one sound request for each operation that needs a key.
func everyOperation(path string) map[string]request {
	return map[string]request{
		"create":  post(path, minimal),
		"list":    get(path),
		"get":     get(path + "/77777777777-0001"),
		"publish": post(path+"/77777777777-0001/publish", ""),
		"delete":  remove(path + "/77777777777-0001"),
	}
}

// TestKey_EveryFailureLooksTheSame is row I1 (reliability-security.md §9 row 44).
func TestKey_EveryFailureLooksTheSame(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{KeyFailures: -1})
	revoked := s.newKey(ourEC)
	err := s.service.RevokeKey(context.Background(), strings.Split(revoked, "_")[1])
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{
		"missing": "", "unknown": "nb_000000000000_" + strings.Repeat("A", 43), "wrong secret": s.key[:len(s.key)-1] + "!",
		"without prefix": strings.TrimPrefix(s.key, "nb_"), "revoked": revoked, "garbage": "x y",
	}
	for name, r := range everyOperation(ours) {
		for why, key := range keys {
			t.Run(name+" "+why, func(t *testing.T) {
				s.want(r.with(keyHeader, key), http.StatusUnauthorized, gateway401)
				if got := s.do(r.with(keyHeader, key)); !strings.Contains(got.header.Get("WWW-Authenticate"), keyHeader) {
					t.Errorf("WWW-Authenticate %q", got.header.Get("WWW-Authenticate"))
				}
			})
		}
	}
	s.want(get(ours+"?subscription-key="+s.key).with(keyHeader, ""), http.StatusUnauthorized, gateway401)
}

// TestPath_MalformedEC is reliability-security.md §9 row 43: after the key,
// before the binding.
func TestPath_MalformedEC(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{KeyFailures: -1})
	names := map[string]string{"create": "createDebtPosition", "list": "getOrganizationDebtPositions", "get": "getOrganizationDebtPositionByIUPD", "publish": "publishDebtPosition", "delete": "deleteDebtPosition"}
	for _, ec := range []string{"77777777777%2F..%2F88888888888", "7777777777%00", "7777777777%ff", "777777777777", "7777777777", "7777777777a", "%D9%A1777777777", "7777777777%0d%0a"} {
		for name, r := range everyOperation(base + "/organizations/" + ec + "/debtpositions") {
			t.Run(name+" "+ec, func(t *testing.T) {
				s.want(r, http.StatusBadRequest, problem(400, titleBean, names[name]+`.organizationFiscalCode: must match "\d{11}"`))
				s.want(r.with(keyHeader, ""), http.StatusUnauthorized, gateway401)
			})
		}
	}
}

// TestRequestID is row I4.
func TestRequestID(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for _, r := range []request{get("/info"), get(ours), get(one), get("/nowhere"), remove(ours), get(ours).with(keyHeader, "")} {
		if got := s.do(r.with("X-Request-Id", "client-42")).header.Get("X-Request-Id"); got != "client-42" {
			t.Errorf("%s %s: given id came back as %q", r.method, r.path, got)
		}
		for _, odd := range []string{"", "two words", "é", strings.Repeat("x", 129)} {
			got := s.do(r.with("X-Request-Id", odd)).header.Get("X-Request-Id")
			if !uuid.MatchString(got) || seen[got] {
				t.Errorf("%s %s: id %q for %q is no new UUID", r.method, r.path, got, odd)
			}
			seen[got] = true
		}
	}
}

// TestRouting is GET /info, which needs no key, and what is no operation.
func TestRouting(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.want(get("/info").with(keyHeader, ""), 200, `{"name":"nodobridge","version":"0.1.0","environment":"test"}`)
	s.want(get(base+"/info").with(keyHeader, ""), 200, `{"name":"nodobridge","version":"0.1.0","environment":"test"}`)
	for _, path := range []string{"/", "/nowhere", base, ours + "/a/b", "/organizations/77777777777/debtpositions", ours + "%2F77777777777-0001"} {
		s.want(get(path), 404, problem(404, "NOT FOUND", "there is no such resource"))
	}
	for method, path := range map[string]string{"PUT": one + "/publish", "PATCH": ours, "TRACE": ours, "BREW": one, "POST": "/info", "GET": one + "/publish"} {
		r := request{method: method, path: path}
		s.want(r, 405, problem(405, "METHOD NOT ALLOWED", "the resource has no such method"))
		if s.do(r).header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", method, path)
		}
	}
}

// TestBody is reliability-security.md §9 rows 10, 13, 46 to 49 on the wire.
func TestBody(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{BodyBytes: 4096})
	kind := func(r request, media string) request { return r.with("Content-Type", media) }
	wrongKind := problem(415, "UNSUPPORTED MEDIA TYPE", "the content type must be application/json in UTF-8, without content encoding")
	tooLarge := problem(413, "PAYLOAD TOO LARGE", "the request body exceeds 4096 bytes")
	create := post(ours, minimal)
	for _, tt := range []struct {
		id     string
		r      request
		status int
		answer string
	}{
		{"10", post(ours, minimal+strings.Repeat(" ", 4096)), 413, tooLarge},
		{"13", create.with("Content-Encoding", "gzip"), 415, wrongKind},
		{"46", post(ours, `{"iupd":"a","iupd":"b"}`), 400, problem(400, titleBean, "iupd: is given twice")},
		{"46 null", post(ours, `null`), 400, problem(400, titleBean, "the request body must be an object")},
		{"47", post(ours, edited(minimal, option0+"amount", "1")), 400, problem(400, titleBean, "paymentOption[0].amount: must be an integer")},
		{"47 -1", post(ours, edited(minimal, option0+"amount", -1)), 400, problem(400, titleBean, "paymentOption[0].amount: minimum amount is 1 eurocent")},
		{"48", post(ours, `{"x":`+strings.Repeat("[", 2000)), 400, problem(400, titleBean, "the request body cannot be read: it is nested deeper than 32, at byte 37 in x")},
		{"49 form", kind(create, "application/x-www-form-urlencoded"), 415, wrongKind},
		{"49 XML", kind(create, "text/xml"), 415, wrongKind},
		{"49 none", kind(create, ""), 415, wrongKind},
		{"49 other charset", kind(create, "application/json; charset=iso-8859-1"), 415, wrongKind},
		{"49 nonsense", kind(create, "application/json; ="), 415, wrongKind},
		{"publish needs no content type", post(one+"/publish", ""), 404, unknown("77777777777-0001")},
		{"amount beyond the wire", post(ours, edited(minimal, option0+"amount", 100_000_000_000)), 400,
			problem(400, titleSemantics, "Amounts congruence error: the amount of payment option 47000000000000012 must be 1 to 99999999999 cents")},
	} {
		t.Run(tt.id, func(t *testing.T) { s.want(tt.r, tt.status, tt.answer) })
	}
	s.want(get(ours), 200, page(0, 10, 0))
}
