package hostile_test

import (
	"fmt"
	"strings"

	"nodobridge/internal/binarytest"
)

// tenants are rows 42 to 45: one creditor institution and another.
func tenants() []row {
	return []row{
		{n: 42, name: "what is another EC's", play: func(s *scene) {
			nav := s.position()
			paths := []string{
				binarytest.Positions + fmt.Sprintf("/P-%d", s.last), binarytest.Positions + "/nothing", binarytest.Positions,
				"/gpd/payments-receipts-service/v1/payments/" + binarytest.EC + "/receipts/" + nav[1:], "/gpd/payments-receipts-service/v1/payments/" + binarytest.EC + "/receipts/nothing",
				"/bridge/v1/organizations/" + binarytest.EC + "/positions?nav=" + nav,
			}
			first := ""
			for _, path := range paths {
				s.play(hit{name: path, to: s.json(), sent: request("GET", path, "", "Ocp-Apim-Subscription-Key: "+s.otherKey), want: func(a answer) string {
					if first == "" {
						first = a.body
					}
					if a.status != 403 || a.body != first || strings.Contains(a.body, nav) {
						return "want 403 with the one body"
					}
					return ""
				}, says: `"key_forbidden"`})
			}
			id := strings.Split(s.otherKey, "_")[1]
			if report := s.h.Must("breach", "report", "--key", id, "--from", "2026-01-01"); !strings.Contains(report, "access.denied") {
				s.t.Errorf("nothing is in the journal:\n%s", report)
			}
		}},
		{n: 43, name: "EC codes that are none", play: func(s *scene) {
			for _, ec := range []string{"77777777777%2F..%2F88888888888", "7777777777%00", "77777777777%00", "%ff7777777777", "777777777777", "7777777777", "77777777777%0d%0a", "%D9%A17777777777", "7777777777a"} {
				s.play(hit{name: ec, to: s.json(), sent: s.asked("GET", strings.Replace(binarytest.Positions, binarytest.EC, ec, 1), ""), want: is(400, `"status":400`, "organizationFiscalCode")})
			}
		}},
		{n: 44, name: "keys that are none", play: badKeys},
		{n: 45, name: "another EC as beneficiary", play: func(s *scene) {
			s.last++
			body := changed(binarytest.Position(s.last, 12000), `"idTransfer":"1"`, `"idTransfer":"1","organizationFiscalCode":"`+binarytest.OtherEC+`"`)
			s.play(hit{name: "upload", to: s.json(), sent: s.asked("POST", binarytest.Positions+"?toPublish=true", body), want: is(201)})
			iupd := fmt.Sprintf("P-%d", s.last)
			theirs := strings.Replace(binarytest.Positions, binarytest.EC, binarytest.OtherEC, 1)
			absent := func(status int) func(answer) string {
				return func(a answer) string {
					if a.status != status || strings.Contains(a.body, `"iupd":"`+iupd) {
						return "want nothing of it"
					}
					return ""
				}
			}
			key := "Ocp-Apim-Subscription-Key: " + s.otherKey
			s.play(
				hit{name: "their list", to: s.json(), sent: request("GET", theirs, "", key), want: absent(200)},
				hit{name: "their position", to: s.json(), sent: request("GET", theirs+"/"+iupd, "", key), want: absent(404)},
				hit{name: "ours, by their key", to: s.json(), sent: request("GET", binarytest.Positions+"/"+iupd, "", key), want: absent(403)},
				hit{name: "their search", to: s.json(), sent: request("GET", "/bridge/v1/organizations/"+binarytest.OtherEC+"/positions?debtor=RSSMRA80A01H501U", "", key), want: absent(200)},
			)
		}},
	}
}

// badKeys come from an address of their own, which has to wait in the end.
func badKeys(s *scene) {
	expired := strings.TrimSpace(s.h.Must("keys", "create", "--name", "old", "--ec", binarytest.EC))
	s.h.Must("keys", "revoke", strings.Split(expired, "_")[1])
	s.canaries = append(s.canaries, secretOf(expired))
	parts := strings.SplitN(s.key, "_", 3)
	first := ""
	same := func(a answer) string {
		if first == "" {
			first = a.body
		}
		if a.status != 401 || a.body != first {
			return "want 401 with the one body"
		}
		return ""
	}
	try := func(name, target string, want func(answer) string, headers ...string) hit {
		return hit{name: name, from: "127.0.0.9", to: s.json(), sent: request("GET", target, "", headers...), want: want}
	}
	const header = "Ocp-Apim-Subscription-Key: "
	s.play(
		try("missing", binarytest.Positions, same),
		try("unknown id", binarytest.Positions, same, header+"nb_000000000000_"+parts[2]),
		try("wrong secret", binarytest.Positions, same, header+"nb_"+parts[1]+"_"+strings.Repeat("A", 43)),
		try("ended", binarytest.Positions, same, header+expired),
		try("in the query", binarytest.Positions+"?subscription-key="+s.key, same),
		try("twice", binarytest.Positions, same, header+s.key, "X-Api-Key: "+s.key),
		try("as a bearer", binarytest.Positions, same, "Authorization: Bearer "+s.key),
		try("garbage", binarytest.Positions, same, header+"' OR 1=1 --"),
		try("empty", binarytest.Positions, same, header),
		try("the secret alone", binarytest.Positions, same, header+parts[2]),
		try("the eleventh", binarytest.Positions, is(429), header+"nb_x"),
		hit{name: "elsewhere a good key is not hindered", to: s.json(), sent: s.asked("GET", binarytest.Positions, ""), want: is(200)},
	)
}
