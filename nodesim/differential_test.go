package nodesim_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"nodobridge/nodesim"
)

// The spoilt answers of judge_test.go name the rules one by one. Here every element of every answer is spoilt in every
// way of a list, and nodesim must refuse all that pagoPA's own XSD refuses; what it refuses besides must be one of the
// rules the XSD cannot say.

// fullAnswers holds each element of the contract at least once.
var fullAnswers = map[string]string{
	"verify": verifyOK,
	"paymentV1": strings.NewReplacer(
		"<description>TARI 2026</description>", "<retentionDate>2026-12-31T10:00:00</retentionDate><lastPayment>1</lastPayment>"+
			"<description>TARI 2026</description><companyName>Comune</companyName><officeName>Tributi</officeName>",
		"</transferCategory>", "</transferCategory><metadata><mapEntry><key>k</key><value>v</value></mapEntry></metadata>",
	).Replace(paymentV1OK),
	"paymentV2": paymentV2OK,
	"demand": strings.Replace(strings.Replace(demandOK, "<allCCP>", "<dueDate>2026-12-31</dueDate><detailDescription>d</detailDescription><allCCP>", 1),
		"</companyName>", "</companyName><officeName>Bollo</officeName>", 1),
	"receiptV1": strings.Replace(strings.ReplaceAll(receiptV2KO, "paSendRTV2Response", "paSendRTRes"), "</id>", "</id><description>d</description>"+
		"<serial>1</serial><originalFaultCode>a</originalFaultCode><originalFaultString>b</originalFaultString><originalDescription>c</originalDescription>", 1),
	"receiptV2": receiptV2KO,
}

// ownRules are the node's rules beyond the XSD (soap-node §2.0, §2.2, §2.3).
var ownRules = regexp.MustCompile(`and an OK needs it|options is "(LS|GT|ANY)"|the transfers sum to|two transfers have idTransfer|` +
	`the outcome is KO and|the outcome is OK and`)

// texts are put in the place of every leaf's text.
func texts() []string {
	list := []string{
		"", " ", "x", "a b", "0", "1", "2", "5", "6", " 5 ", "+3", "-1", "01", "02", "1.5", "99999999999999",
		"0.00", "0.01", "1.00", "01.00", " 1.00 ", "+1.00", "-1.00", "1.000", "1,00", "999999999.99", "1000000000.00",
		"2026-12-31", "2026-12-31Z", "2026-12-31+02:00", " 2026-12-31 ", "2026-02-29", "2026-13-01", "2026-1-1", "20261231", "2026-12-31+15:00",
		"2026-12-31T10:00:00", "2026-12-31T10:00:00.123456+02:00", "2026-12-31T10:00", "2026-12-31T25:00:00", "2026-12-31 10:00:00",
		"true", "false", "TRUE", " true ", "OK", "KO", " OK", "EQ", "LS", "ANY", "F", "G", "f", "IT", "it", "ITA",
		"77777777777", "7777777777", "302000000000000012", "30200000000000001", "a@b", "a@b.c", "a@b..c", "à@b.c", "a@b_c", "QUJD", "QUI=", "QUI", "Q*JD",
	}
	for _, n := range []int{2, 16, 17, 35, 36, 70, 71, 72, 76, 140, 141, 256, 257} {
		list = append(list, strings.Repeat("A", n), strings.Repeat("🏛", n))
	}
	return list
}

// canned is a network that has one answer for everybody.
type canned string

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(c))), Request: r}, nil
}

func TestCalls_RefuseWhateverOfficialXSDRefuses(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED, NOT VERIFIED: thousands of documents, 3 s and ten times that under -race; run without -short")
	}
	official := goJudge(t, wholeSchema(t))
	for name, payload := range fullAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused, accepted := 0, 0
			spoilEverywhere(t, envelop(payload), func(how, document string) {
				byXSD := official(document)
				node := &nodesim.Node{URL: "http://station.invalid", HTTP: &http.Client{Transport: canned(document)}}
				_, byNode := calls[name].call(t.Context(), node)
				switch {
				case byXSD != nil && byNode == nil:
					t.Errorf("%s: the XSD refuses it, nodesim does not: %v", how, byXSD)
				case byXSD == nil && byNode != nil && !ownRules.MatchString(byNode.Error()):
					t.Errorf("%s: nodesim refuses what the XSD accepts: %v", how, byNode)
				case byNode != nil:
					refused++
				default:
					accepted++
				}
			})
			if refused == 0 || accepted == 0 {
				t.Errorf("%d refused, %d accepted: the comparison proves nothing", refused, accepted)
			}
		})
	}
}

// spoilEverywhere hands over a document once for every element below the payload's root and every way of spoiling it.
func spoilEverywhere(t *testing.T, document string, judge func(how, spoilt string)) {
	t.Helper()
	doc := etree.NewDocument()
	err := doc.ReadFromString(document)
	if err != nil {
		t.Fatal(err)
	}
	try := func(e *etree.Element, how string) {
		spoilt, err := doc.WriteToString()
		if err != nil {
			t.Fatal(err)
		}
		judge(fmt.Sprintf("%s: %s", e.GetPath(), how), spoilt)
	}
	for _, e := range doc.FindElements("/Envelope/Body/*//*") {
		if len(e.ChildElements()) == 0 {
			was := e.Text()
			for _, text := range texts() {
				e.SetText(text)
				try(e, fmt.Sprintf("text %q", text))
			}
			e.SetText(was)
		}
		spoilStructure(e, try)
	}
}

// spoilStructure changes what stands around an element, and puts it right again.
func spoilStructure(e *etree.Element, try func(*etree.Element, string)) {
	parent, at := e.Parent(), e.Index()
	e.Space = "paf"
	try(e, "qualified")
	e.Space = ""

	for _, twin := range []*etree.Element{e.Copy(), etree.NewElement("novelty")} {
		parent.InsertChildAt(at, twin)
		try(e, "behind "+twin.Tag)
		parent.RemoveChildAt(at)
	}
	parent.RemoveChildAt(at)
	parent.InsertChildAt(len(parent.Child), e)
	try(e, "moved to the end")
	parent.RemoveChildAt(len(parent.Child) - 1)
	parent.InsertChildAt(0, e)
	try(e, "moved to the front")
	parent.RemoveChildAt(0)
	parent.InsertChildAt(at, etree.NewComment("gone"))
	try(e, "removed")
	parent.RemoveChildAt(at)
	parent.InsertChildAt(at, e)
}
