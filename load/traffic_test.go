package load_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"nodobridge/load"
	"nodobridge/nodesim"
)

func TestSeries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ first, third string }{
		{"302000000000000184", "302000000000000386"}, {"001000000000000141", "001000000000000343"},
		{"100000000000000001", "100000000000000003"}, {"200000000000000103", "200000000000000305"},
	} {
		series, err := load.Series(c.first, 3)
		if err != nil {
			t.Errorf("%s: %v", c.first, err)
			continue
		}
		if series.At(0) != c.first || series.At(2) != c.third {
			t.Errorf("%s: third is %s, want %s", c.first, series.At(2), c.third)
		}
	}
	for name, c := range map[string]struct {
		first string
		count int
	}{
		"short": {"30200000000000010", 1}, "letters": {"3020000000000001x7", 1}, "aux 4": {"402000000000000107", 1}, "sign": {"-02000000000000107", 1},
		"check digits": {"302000000000000185", 1}, "none": {"302000000000000184", 0}, "too many": {"302999999999999828", 20_000_000_000},
	} {
		if _, err := load.Series(c.first, c.count); err == nil {
			t.Errorf("%s: no refusal", name)
		}
	}
}

func TestReadNotices(t *testing.T) {
	t.Parallel()
	list, err := load.ReadNotices(strings.NewReader("302000000000000184\n\n302000000000000386\r\n"))
	if err != nil || list.Count != 2 || list.At(1) != "302000000000000386" {
		t.Errorf("%v, %d notices", err, list.Count)
	}
	for _, bad := range []string{"", "302000000000000184\n30200000000000030\n", "30200000000000010x"} {
		if _, err := load.ReadNotices(strings.NewReader(bad)); err == nil {
			t.Errorf("%q: no refusal", bad)
		}
	}
}

// till is a station that answers OK to everything and remembers what it was asked.
type till struct {
	mu    sync.Mutex
	asked map[string][]string // notice numbers by operation
	ids   map[string]bool     // of receipts
}

var (
	noticeIn  = regexp.MustCompile(`<noticeNumber>(\d{18})</noticeNumber>`)
	receiptIn = regexp.MustCompile(`<receiptId>([^<]+)</receiptId>`)
)

func (s *till) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // a broken body has no notice
	operation := strings.Trim(r.Header.Get("SOAPAction"), `"`)
	nav := noticeIn.FindSubmatch(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[operation] = append(s.asked[operation], string(nav[1]))
	payload := "<outcome>OK</outcome>"
	response := operation + "Response"
	switch operation {
	case "paVerifyPaymentNotice":
		response = operation + "Res"
	case "paGetPaymentV2":
		payload += `<data><creditorReferenceId>` + string(nav[1][1:]) + `</creditorReferenceId><paymentAmount>10.00</paymentAmount><dueDate>2099-01-01</dueDate><description>d</description>
<companyName>c</companyName><debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType><entityUniqueIdentifierValue>ANONIMO</entityUniqueIdentifierValue></uniqueIdentifier><fullName>n</fullName></debtor>
<transferList><transfer><idTransfer>1</idTransfer><transferAmount>10.00</transferAmount><fiscalCodePA>77777777777</fiscalCodePA><IBAN>IT60X0542811101000000123456</IBAN><remittanceInformation>r</remittanceInformation><transferCategory>9/0101108TS/</transferCategory></transfer></transferList></data>`
	case "paSendRTV2":
		s.ids[string(receiptIn.FindSubmatch(body)[1])] = true
	}
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><e:Body><p:%s>%s</p:%s></e:Body></e:Envelope>`,
		response, bytes.TrimSpace([]byte(payload)), response)
}

func TestTraffic_MixReadsOneHalfAndPaysTheOtherOnce(t *testing.T) {
	t.Parallel()
	station := &till{asked: map[string][]string{}, ids: map[string]bool{}}
	server := serve(t, station.ServeHTTP)
	notices, err := load.Series("302000000000000184", 40)
	if err != nil {
		t.Fatal(err)
	}
	traffic := load.Traffic{Node: &nodesim.Node{URL: server.URL + "/paForNode", Broker: "99999999999", Station: "99999999999_01"}, EC: "77777777777", Operation: load.Mix, Notices: notices}
	p, err := traffic.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.Connections, p.Duration = 3, time.Minute
	result, err := load.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if result.All().Failed() != 0 || !result.Exhausted {
		t.Errorf("failures %v, exhausted %v", result.All().Errors, result.Exhausted)
	}
	receipts := station.asked["paSendRTV2"]
	if len(receipts) != 20 || len(station.ids) != 20 {
		t.Errorf("%d receipts with %d ids, want 20", len(receipts), len(station.ids))
	}
	paid := map[string]bool{}
	for _, nav := range receipts {
		paid[nav] = true
	}
	read := map[string]bool{}
	for _, nav := range append(station.asked["paVerifyPaymentNotice"], station.asked["paGetPaymentV2"][1:]...) {
		read[nav] = true
		if paid[nav] {
			t.Errorf("notice %s is read and paid", nav)
		}
	}
	if len(paid) != 20 || len(read) < 10 {
		t.Errorf("%d notices are paid and %d read", len(paid), len(read))
	}
	if verified := len(station.asked["paVerifyPaymentNotice"]); verified < 76 || verified > 88 {
		t.Errorf("%d verifications to 20 receipts, want four times as many", verified)
	}
}

func TestTraffic_RefusesWhatItCannotAsk(t *testing.T) {
	t.Parallel()
	one, err := load.Series("302000000000000184", 1)
	if err != nil {
		t.Fatal(err)
	}
	good := load.Traffic{Node: &nodesim.Node{URL: "http://127.0.0.1:1/paForNode"}, EC: "77777777777", Operation: load.Verify, Notices: one}
	if _, err := good.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*load.Traffic){
		"address":            func(x *load.Traffic) { x.Node = &nodesim.Node{URL: "ftp://127.0.0.1/"} },
		"operation":          func(x *load.Traffic) { x.Operation = "delete" },
		"no notice":          func(x *load.Traffic) { x.Notices = load.Notices{} },
		"a mix of one":       func(x *load.Traffic) { x.Operation = load.Mix },
		"nobody to activate": func(x *load.Traffic) { x.Operation = load.Receipt },
	} {
		bad := good
		spoil(&bad)
		if _, err := bad.Plan(t.Context()); err == nil {
			t.Errorf("%s: no refusal", name)
		}
	}
}
