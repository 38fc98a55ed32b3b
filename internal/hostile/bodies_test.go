package hostile_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"nodobridge/internal/binarytest"
)

const ownPositions = "/bridge/v1/organizations/" + binarytest.EC + "/positions"

// bodies are rows 26 to 29 and 46 to 52: what stands in JSON and in texts.
func bodies() []row {
	return []row{
		{n: 26, name: "SQL in every text", play: sqlTexts},
		{n: 27, name: "line ends and terminal codes", play: func(s *scene) {
			const forged = `%0d%0a%7B%22level%22:%22canary%22%7D%1b%5B2J`
			s.play(
				hit{name: "path", to: s.json(), sent: s.asked("GET", binarytest.Positions+"/"+forged, ""), want: is(400)},
				hit{name: "unknown path", to: s.json(), sent: s.asked("GET", "/"+forged, ""), want: is(404)},
				hit{name: "query", to: s.json(), sent: s.asked("GET", binarytest.Positions+"?status="+forged, ""), want: is(400)},
				hit{name: "request id", to: s.json(), sent: s.asked("GET", binarytest.Positions, "", "X-Request-Id: a\tcanary\x1b[2J"), want: is(400)}, // net/http refuses control characters
				hit{name: "request id with blanks", to: s.json(), sent: s.asked("GET", binarytest.Positions, "", `X-Request-Id: {"level":"canary"} x`), want: is(200)},
				hit{name: "path of the node", sent: request("POST", "/paForNode"+forged, verifyOf(string(binarytest.NAV(1))), xmlType), want: is(404)},
				hit{name: "action", sent: call(verifyOf(string(binarytest.NAV(1))), "SOAPAction: canary {}\" x"), want: outcomeOK},
				hit{name: "a person in the EC's place", sent: call(strings.ReplaceAll(verifyOf(string(binarytest.NAV(1))), "77777777777", "RSSMRA80A01H501U")), want: is(200, "KO")},
				hit{name: "a person in the broker's place", sent: call(strings.ReplaceAll(verifyOf(string(binarytest.NAV(1))), "99999999999", "RSSMRA80A01H501U")), want: is(200, "KO")},
				hit{name: "a person in the notice's place", sent: call(verifyOf("RSSMRA80A01H501U")), want: is(200, "KO")},
				hit{name: "a person in the path's EC", to: s.json(), sent: s.asked("GET", strings.Replace(binarytest.Positions, binarytest.EC, "RSSMRA80A01H501U", 1), ""), want: is(400)},
				hit{name: "a person in a header", to: s.json(), sent: s.asked("GET", binarytest.Positions, "", "User-Agent: RSSMRA80A01H501U", "Referer: http://canary/", "Idempotency-Key: RSSMRA80A01H501U"), want: is(200)},
				hit{name: "a name with a line end", to: s.json(), sent: s.asked("POST", binarytest.Positions, s.edited("fullName", "canary\r\n{\"level\":\"canary\"}\x1b[2J")), want: is(201)},
			)
		}},
		{n: 28, name: "script and templates in texts", play: papers},
		{n: 29, name: "formulas in texts", play: formulas},
		{n: 46, name: "JSON that two readers read differently", play: oddDocuments},
		{n: 47, name: "amounts that are no cents", play: func(s *scene) {
			for _, amount := range []string{"12000.0", "1.2e4", `"12000"`, "9223372036854775808", "-1", "true", "012000", "+12000", "0x2ee0", "1e400", "NaN"} {
				s.last++
				body := changed(binarytest.Position(s.last, 12000), `"amount":12000`, `"amount":`+amount)
				s.play(hit{name: amount, to: s.json(), sent: s.asked("POST", binarytest.Positions, body), want: is(400, "paymentOption[0]")})
			}
		}},
		{n: 48, name: "nesting and characters", play: func(s *scene) {
			for name, c := range map[string]string{
				"20,000 deep": strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), "20,000 objects deep": strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000),
				"lone surrogate": s.raw("fullName", `"\ud800"`), "invalid UTF-8": s.raw("fullName", "\"\xff\""), "NUL": s.raw("fullName", `"a\u0000b"`), "raw control": s.raw("fullName", "\"a\x01b\""),
			} {
				s.play(hit{name: name, to: s.json(), sent: s.asked("POST", binarytest.Positions, c), want: is(400)})
				s.play(hit{name: name + ", unknown member", to: s.json(), sent: s.asked("POST", ownPositions, `{"x":`+c+`}`), want: is(400)})
			}
		}},
		{n: 49, name: "other content types", play: func(s *scene) {
			s.last++
			body := binarytest.Position(s.last, 12000)
			for _, kind := range []string{"application/x-www-form-urlencoded", "text/xml", "application/xml", "text/plain", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/jsonx"} {
				s.play(hit{name: kind, to: s.json(), sent: request("POST", binarytest.Positions, body, "Content-Type: "+kind, "Ocp-Apim-Subscription-Key: "+s.key), want: is(415)})
			}
			s.play(hit{name: "none", to: s.json(), sent: request("POST", binarytest.Positions, body, "Ocp-Apim-Subscription-Key: "+s.key), want: is(415)})
			s.play(hit{name: "nothing was made", to: s.json(), sent: s.asked("GET", binarytest.Positions+fmt.Sprintf("/P-%d", s.last), ""), want: is(404)})
		}},
		{n: 50, name: "pages and dates", play: func(s *scene) {
			for _, query := range []string{"page=-1", "limit=1000000000", "limit=-1", "limit=0", "page=9223372036854775808", "page=999999999999&limit=50", "limit=x", "due_date_from=0000-00-00", "due_date_from=9999-99-99", "due_date_from=2026-13-01", "due_date_from=2026-01-01T00:00:00Z", "orderby=%27;DROP"} {
				s.play(hit{name: query, to: s.json(), sent: s.asked("GET", binarytest.Positions+"?"+query, ""), want: is(400)})
			}
			for _, query := range []string{"limit=201", "limit=-1", "after=x", "changedSince=0000-01-01", "unknown=1", "limit=1&limit=2"} {
				s.play(hit{name: "own, " + query, to: s.json(), sent: s.asked("GET", ownPositions+"?"+query, ""), want: is(400)})
			}
		}},
		{n: 51, name: "Idempotency-Key", play: sameKeyAgain},
		{n: 52, name: "stale update", play: staleUpdate},
	}
}

// edited is a new position with another text of a member of its own.
func (s *scene) edited(member, text string) string {
	s.t.Helper()
	value, err := json.Marshal(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.raw(member, string(value))
}

// raw is edited with the value as it is to stand there.
func (s *scene) raw(member, value string) string {
	s.last++
	body := binarytest.Position(s.last, 12000)
	begin := strings.Index(body, `"`+member+`":`)
	end := begin + strings.Index(body[begin:], ",")
	return body[:begin] + `"` + member + `":` + value + body[end:]
}

func ownPosition(n int64) string {
	return fmt.Sprintf(`{"iupd":"P-%d","companyName":"Comune di Prova","paymentOption":[{"switchToExpired":false,"description":"TARI 2026","validityDate":null,"debtor":{"type":"F","fiscalCode":"RSSMRA80A01H501U","fullName":"Mario Rossi"},
"installments":[{"iuv":%q,"amount":12000,"description":"TARI 2026","dueDate":"2099-01-01T00:00:00Z","transfer":[{"idTransfer":"1","amount":12000,"remittanceInformation":"TARI 2026","category":"9/0101108TS/","iban":"IT60X0542811101000000123456"}]}]}]}`,
		n, binarytest.NAV(n).IUV())
}

// sqlTexts puts SQL into every text of a position and of a receipt; all is stored as it
// is, and everything is still there.
func sqlTexts(s *scene) {
	const evil = `' OR 1=1; DROP TABLE position; --`
	for _, member := range []string{"fullName", "companyName", "fiscalCode", "iupd"} {
		want := is(201)
		at := s.last + 1
		s.play(hit{name: member, to: s.json(), sent: s.asked("POST", binarytest.Positions+"?toPublish=true", s.edited(member, evil)), want: func(a answer) string {
			if a.status == 400 {
				return "" // a rule of form may refuse it
			}
			return want(a)
		}})
		if member == "fullName" {
			s.play(hit{name: "as stored", to: s.json(), sent: s.asked("GET", ownPositions+fmt.Sprintf("/P-%d", at), ""), want: is(200, evil)})
		}
	}
	s.play(
		hit{name: "status", to: s.json(), sent: s.asked("GET", binarytest.Positions+"?status=%27%20OR%201=1%20--", ""), want: is(400)},
		hit{name: "search", to: s.json(), sent: s.asked("GET", ownPositions+"?debtor=%27%20OR%201=1%20--", ""), want: func(a answer) string {
			if a.status == 200 && strings.Contains(a.body, "iupd") {
				return "want nothing found"
			}
			return ""
		}},
		hit{name: "notice", sent: call(verifyOf("&apos; OR 1=1 --")), want: ko(verifyRes, "PAA_SINTASSI_EXTRAXSD")},
		hit{name: "EC", sent: call(replacing("<idPA>77777777777", "<idPA>' OR 1=1 --")(verifyOf(string(binarytest.NAV(1))))), want: ko(verifyRes, "PAA_ID_DOMINIO_ERRATO")}, // the XSD allows any 35 characters there
	)
	nav := s.position()
	s.play(hit{name: "receipt", sent: call(strings.NewReplacer("TARI 2026", evil, "Banca di Prova", evil, "Mario Rossi", evil).Replace(receiptOf(nav, "' OR 1=1 --"))), want: outcomeOK})
	if got := s.status(); got != "PAID" {
		s.t.Errorf("the position is %s", got)
	}
}

func oddDocuments(s *scene) {
	whole := func() string { s.last++; return binarytest.Position(s.last, 12000) }
	at := func(path, name, body, says string) {
		s.play(hit{name: name, to: s.json(), sent: s.asked("POST", path, body), want: is(400, says)})
	}
	at(binarytest.Positions, "duplicate key", changed(whole(), `"type":"F"`, `"type":"F","type":"G"`), "type")
	at(binarytest.Positions, "duplicate key, escaped", changed(whole(), `"type":"F"`, `"type":"F","t\u0079pe":"G"`), "type")
	at(binarytest.Positions, "duplicate unknown key", changed(whole(), `"type":"F"`, `"type":"F","x":1,"x":2`), "x")
	at(binarytest.Positions, "case variant", changed(whole(), `"type"`, `"Type"`), "type")
	at(ownPositions, "unknown member", changed(ownPosition(s.last), `"companyName"`, `"companyname":"x","companyName"`), "companyname")
	at(binarytest.Positions, "trailing text", whole()+"x", "something follows")
	at(binarytest.Positions, "two documents", whole()+whole(), "something follows")
	at(binarytest.Positions, "null", "null", "")
	at(binarytest.Positions, "array", "["+whole()+"]", "")
	at(binarytest.Positions, "empty", " ", "empty")
	at(binarytest.Positions, "BOM", "\ufeff"+whole(), "")
	at(binarytest.Positions, "comment", "/* */"+whole(), "")
}

func staleUpdate(s *scene) {
	s.last++
	at, body, tag, newer := ownPositions+fmt.Sprintf("/P-%d", s.last), ownPosition(s.last), "", ""
	s.play(hit{name: "create", to: s.json(), sent: s.asked("POST", ownPositions, body), want: func(a answer) string {
		tag = a.header.Get("Etag")
		return is(201)(a)
	}})
	s.play(hit{name: "update", to: s.json(), sent: s.asked("PUT", at, strings.Replace(body, "12000", "13000", 2), "If-Match: "+tag), want: func(a answer) string {
		newer = a.header.Get("Etag")
		return is(200)(a)
	}})
	s.play(
		hit{name: "stale", to: s.json(), sent: s.asked("PUT", at, strings.Replace(body, "Rossi", "Stale", 1), "If-Match: "+tag), want: is(412)},
		hit{name: "unchanged", to: s.json(), sent: s.asked("GET", at, ""), want: func(a answer) string {
			if a.status != 200 || strings.Contains(a.body, "Stale") || a.header.Get("Etag") != newer || newer == tag {
				return "want the second version as it was, " + newer
			}
			return ""
		}},
	)
}

func sameKeyAgain(s *scene) {
	s.last++
	body, header := ownPosition(s.last), "Idempotency-Key: hostile-51"
	first := ""
	s.play(
		hit{name: "first", to: s.json(), sent: s.asked("POST", ownPositions, body, header), want: func(a answer) string {
			first = a.body
			return is(201)(a)
		}},
		hit{name: "the same", to: s.json(), sent: s.asked("POST", ownPositions, body, header), want: func(a answer) string {
			if a.status != 201 || a.body != first || a.header.Get("Idempotency-Hit") != "true" {
				return "want the stored answer"
			}
			return ""
		}},
		hit{name: "another body", to: s.json(), sent: s.asked("POST", ownPositions, strings.Replace(body, "Rossi", "Verdi", 1), header), want: is(422)},
	)
	s.inFlight()
}

// inFlight sends a request twice at once while another program holds the store's write
// lock: one is under way and cannot end, the other is refused meanwhile.
func (s *scene) inFlight() {
	s.t.Helper()
	s.last++
	sent := s.asked("POST", ownPositions, ownPosition(s.last), "Idempotency-Key: hostile-51-flight")
	release := s.blockWriter()
	answers := make(chan answer, 2)
	for range 2 {
		c := dial(s.t, "", s.json())
		go func() {
			_, _ = c.Write([]byte(sent)) // without it there is no answer
			answers <- readAll(c)
		}()
	}
	refused := <-answers
	release()
	made := <-answers
	if refused.status != 409 || made.status != 201 {
		s.t.Errorf("in flight: %d %s, and %d %s", refused.status, refused.body, made.status, made.body)
	}
	s.account("in flight", 2)
	s.valid()
}
