package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	out := binarytest.New(t, binarytest.SampleConfig).Must("demo")
	for _, scene := range []string{
		"POST /gpd/debt-positions-service/v1", "HTTP 201", "paVerifyPaymentNotice: the node asks", "paGetPaymentV2: the node asks", "paSendRTV2: the node asks",
		"<outcome>OK</outcome>", `"status": "PAID"`, "The stored receipt", "PAID, and the receipt is kept",
	} {
		if !strings.Contains(out, scene) {
			t.Errorf("the demonstration does not show %q", scene)
		}
	}
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	p.Upload(key, binarytest.Position(1, 12345))
	number := string(binarytest.NAV(1))
	for _, step := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"verify", number}, 0, "<amount>123.45</amount>"},
		{[]string{"activate", number, "--v1"}, 0, "<paymentAmount>123.45</paymentAmount>"},
		{[]string{"pay", number, "--receipt-id", "r1"}, 0, "paid 123.45"},
		{[]string{"verify", number}, 1, "PAA_PAGAMENTO_DUPLICATO"},
		{[]string{"receipt", number, "--amount", "123.45", "--receipt-id", "r2"}, 0, "<outcome>OK</outcome>"},
		{[]string{"receipt", number, "--amount", "123.45", "--receipt-id", "r2"}, 1, "PAA_RECEIPT_DUPLICATA"},
		{[]string{"verify", number, "--station", "99999999999_02", "--broker", "99999999999", "--ec", binarytest.EC}, 1, "PAA_STAZIONE_INT_ERRATA"},
	} {
		code, out, problem := h.Run(append([]string{"simulate", "--url", p.SOAP}, step.args...)...)
		if code != step.code || !strings.Contains(out+problem, step.says) {
			t.Errorf("simulate %v: exit %d\n%s%s", step.args, code, out, problem)
		}
	}
	p.Stop()
	if code, _, problem := h.Run("simulate", "verify", number, "--url", p.SOAP); code != 69 || !strings.Contains(problem, "IRRAGGIUNGIBILE") {
		t.Errorf("a station that is down: exit %d %s", code, problem)
	}
}

func TestContractDiff(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig)
	dir := apiDir(t)
	if out := h.Must("contract", "diff", dir); !strings.Contains(out, "the same") {
		t.Errorf("said %q", out)
	}
	if code, _, problem := h.Run("contract", "diff", t.TempDir()); code == 0 || !strings.Contains(problem, "paForNode.wsdl") {
		t.Errorf("an empty folder: exit %d %s", code, problem)
	}
}

// apiDir is where pagoPA's files are; the test is skipped where they are not.
func apiDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PAGOPA_API_DIR")
	if dir == "" {
		dir = "../../../shared/pagopa-api"
	}
	if _, err := os.Stat(filepath.Join(dir, "wsdl", "paForNode.wsdl")); err != nil {
		t.Skip("pagoPA's files are not here: set PAGOPA_API_DIR")
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return absolute
}

// Every answer about a thousand random positions obeys pagoPA's own XSD, and says
// the cents that were uploaded.
func TestThousandPositions(t *testing.T) {
	t.Parallel()
	official := filepath.Join(apiDir(t), "wsdl", "xsd", "paForNode.xsd")
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils)")
	}
	const count = 1000
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	answers := t.TempDir()
	node := p.Node()
	files := 0
	node.Trace = func(x nodesim.Exchange) {
		files++
		if err := os.WriteFile(filepath.Join(answers, fmt.Sprintf("%06d-%s.xml", files, x.Operation)), x.ResponseBody, 0o600); err != nil {
			t.Error(err)
		}
	}
	for n := int64(1); n <= count; n++ {
		body, cents, stamp := randomPosition(random, n)
		p.Upload(key, body)
		checkAmounts(t, node, string(binarytest.NAV(n)), cents, stamp)
	}
	p.Stop()
	lintAll(t, answers, official)
}

// checkAmounts reads a notice in every version that can express it.
func checkAmounts(t *testing.T, node *nodesim.Node, number string, cents int64, stamp bool) {
	t.Helper()
	verified, err := node.Verify(t.Context(), binarytest.EC, number)
	if err != nil || verified.Fault != nil || int64(verified.Option.Amount) != cents {
		t.Fatalf("verified as %+v, %v; want %d cents", verified, err, cents)
	}
	request := nodesim.ActivateRequest{EC: binarytest.EC, NoticeNumber: number}
	v2, err := node.GetPaymentV2(t.Context(), request)
	if err != nil || v2.Fault != nil || int64(v2.PaymentAmount) != cents {
		t.Fatalf("activated as %+v, %v; want %d cents", v2, err, cents)
	}
	v1, err := node.GetPayment(t.Context(), request)
	switch {
	case err != nil:
		t.Fatal(err)
	case stamp && (v1.Fault == nil || v1.Fault.Code != "PAA_SEMANTICA"): // soap-node.md §6 G12
		t.Fatalf("a stamp through version 1: %+v", v1)
	case !stamp && int64(v1.PaymentAmount) != cents:
		t.Fatalf("activated as %+v; want %d cents", v1, cents)
	}
}

var pieces = []string{"a", "Z", "è", "ß", "😀", "é", "&", "<", ">", `"`, "'", " ", "\n", "\t", "\u00a0", "中", "0", "]]>", "\u202e", "ﬁ"}

func randomText(random *rand.Rand, max int) string {
	var b strings.Builder
	b.WriteString("x")
	for range random.IntN(max) {
		b.WriteString(pieces[random.IntN(len(pieces))])
	}
	if r := []rune(b.String()); len(r) > max {
		return string(r[:max])
	}
	return b.String()
}

// randomPosition is JSON that GPD accepts, with texts and optional fields of every
// kind; it says the amount and whether a revenue stamp is in it.
func randomPosition(random *rand.Rand, n int64) (string, int64, bool) {
	var transfers []map[string]any
	total, stamp := int64(0), false
	for id := 1; id <= 1+random.IntN(5); id++ {
		cents := 1 + random.Int64N([]int64{10, 10000, 19_999_999_999}[random.IntN(3)])
		total += cents
		transfer := map[string]any{
			"idTransfer": fmt.Sprint(id), "amount": cents, "category": "9/0101108TS/", "remittanceInformation": randomText(random, 140),
			"organizationFiscalCode": fmt.Sprintf("%011d", random.Int64N(99999999999)),
		}
		switch random.IntN(4) {
		case 0:
			stamp = true
			transfer["stamp"] = map[string]any{"hashDocument": "wHpFSLCGZjIvNSXxqtGbxg7275t446DRTk5ZrsdUQ6E=", "stampType": "01", "provincialResidence": "RM"}
		case 1:
			transfer["iban"], transfer["postalIban"] = "IT60X0542811101000000123456", "IT60X0760111101000000123456"
		default:
			transfer["iban"] = "IT60X0542811101000000123456"
		}
		if random.IntN(2) == 0 {
			transfer["companyName"] = randomText(random, 140)
			transfer["transferMetadata"] = []any{map[string]any{"key": randomText(random, 140), "value": randomText(random, 140)}}
		}
		transfers = append(transfers, transfer)
	}
	position := map[string]any{
		"iupd": fmt.Sprintf("P-%d", n), "type": []string{"F", "G"}[random.IntN(2)], "fiscalCode": []string{"RSSMRA80A01H501U", "12345678901", ""}[random.IntN(3)],
		"fullName": randomText(random, 100), "companyName": randomText(random, 140), "officeName": randomText(random, 140), "switchToExpired": random.IntN(2) == 0,
		"streetName": randomText(random, 100), "civicNumber": randomText(random, 30), "postalCode": randomText(random, 30), "city": randomText(random, 60),
		"province": randomText(random, 60), "country": "IT", "email": []string{"a@b.it", "o'neil@example.org", "x+y@example.org"}[random.IntN(3)],
		"paymentOption": []any{map[string]any{
			"iuv": string(binarytest.NAV(n).IUV()), "amount": total, "description": randomText(random, 140), "isPartialPayment": false,
			"dueDate": time.Now().UTC().AddDate(0, 0, 1+random.IntN(1000)).Format("2006-01-02T15:04:05"), "transfer": transfers,
			"paymentOptionMetadata": []any{map[string]any{"key": randomText(random, 140), "value": randomText(random, 140)}},
		}},
	}
	text, err := json.Marshal(position)
	if err != nil {
		panic(err)
	}
	return string(text), total, stamp
}

// lintAll has xmllint judge every answer in one process.
func lintAll(t *testing.T, dir, official string) {
	t.Helper()
	schema := filepath.Join(t.TempDir(), "envelope.xsd")
	text := fmt.Sprintf(`<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://schemas.xmlsoap.org/soap/envelope/" elementFormDefault="qualified">
<xs:import namespace="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd" schemaLocation="%s"/>
<xs:element name="Envelope"><xs:complexType><xs:sequence><xs:element name="Body"><xs:complexType><xs:sequence>
<xs:any namespace="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd" processContents="strict"/>
</xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>`, official)
	if err := os.WriteFile(schema, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.xml"))
	if err != nil || len(files) < 3000 {
		t.Fatalf("%d answers were kept, %v", len(files), err)
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", append([]string{"--noout", "--nonet", "--schema", schema}, files...)...)
	var report bytes.Buffer
	cmd.Stderr = &report
	if err := cmd.Run(); err != nil {
		for line := range strings.Lines(report.String()) {
			if !strings.HasSuffix(strings.TrimSpace(line), "validates") {
				t.Error(strings.TrimSpace(line))
			}
		}
		t.Fatalf("xmllint: %v", err)
	}
	t.Logf("%d answers are valid against pagoPA's XSD", len(files))
}
