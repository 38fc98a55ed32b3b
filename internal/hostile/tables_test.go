package hostile_test

import (
	"fmt"
	"strings"

	"nodobridge/internal/binarytest"
)

const bridgePath = "/bridge/v1/organizations/" + binarytest.EC

// formulas is row 29: a text that a spreadsheet would run leaves the station disarmed,
// and comes in again as it was.
func formulas(s *scene) {
	begun := []string{"=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "  =1", "x\n=1", "x\r=1"}
	for i, text := range begun {
		s.play(hit{name: fmt.Sprintf("stored %d", i), to: s.json(), sent: s.asked("POST", binarytest.Positions, s.edited("fullName", text)), want: is(201)})
	}
	disarmed := func(a answer) string {
		for _, text := range begun {
			first, _, _ := strings.Cut(strings.ReplaceAll(text, "\r", "\n"), "\n") // line ends come out as CRLF
			if !strings.Contains(a.body, "'"+first) {
				return fmt.Sprintf("%q is not disarmed", text)
			}
		}
		if wrong := is(200)(a); wrong != "" {
			return wrong
		}
		return ""
	}
	s.play(hit{name: "exported", to: s.json(), sent: s.asked("GET", bridgePath+"/positions.csv", ""), want: disarmed})

	mapping := `{"fields":{"iupd":{"columns":["iupd"]},"fullName":{"columns":["debitore"]},"fiscalCode":{"default":"ANONIMO"},"amount":{"default":"1,00"},"description":{"default":"x"},"dueDate":{"default":"31/12/2099"},` +
		`"iuv":{"columns":["iuv"]},"category":{"default":"9/0101108TS/"},"iban":{"default":"IT60X0542811101000000123456"}}}`
	s.play(
		hit{name: "mapping", to: s.json(), sent: s.asked("PUT", bridgePath+"/mappings/again", mapping), want: is(200)},
		hit{name: "imported", to: s.json(), sent: request("POST", bridgePath+"/imports?mapping=again", "iupd;debitore;iuv\nF-29;'=HYPERLINK(1);47000000000002999\n",
			"Content-Type: text/csv", "Ocp-Apim-Subscription-Key: "+s.key), want: is(200, "F-29")},
		hit{name: "as it was", to: s.json(), sent: s.asked("GET", bridgePath+"/positions/F-29", ""), want: is(200, `"fullName":"=HYPERLINK(1)"`)},
		hit{name: "a bomb of a workbook", to: s.json(), sent: request("POST", bridgePath+"/imports?mapping=again", string(archive(s, entry{name: "xl/worksheets/sheet1.xml", data: make([]byte, 20<<20)})),
			"Content-Type: application/octet-stream", "Ocp-Apim-Subscription-Key: "+s.key), want: is(400, "unpacked"), lean: true},
		hit{name: "no table", to: s.json(), sent: request("POST", bridgePath+"/imports?mapping=again", "\x00\x01", "Content-Type: text/csv", "Ocp-Apim-Subscription-Key: "+s.key), want: is(400)},
		hit{name: "a table of another type", to: s.json(), sent: request("POST", bridgePath+"/imports?mapping=again", "a;b\n1;2", "Content-Type: application/pdf", "Ocp-Apim-Subscription-Key: "+s.key), want: is(415)},
	)
}
