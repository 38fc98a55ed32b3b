// Package answers_test shows every answer of the acceptance cases to JAX-WS RI with
// schema validation on: a judge that is neither ours nor libxml2.
package answers_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"nodobridge/wsdl"
)

const tags = "sqlite_omit_load_extension,osusergo,netgo"

// required makes a missing tool a failure, as in CI.
func required(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("NODOBRIDGE_INTEROP_REQUIRED") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

func TestJAXWS_FindsNoDefectInAnyAnswer(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("javac"); err != nil {
		required(t, "javac is not installed (interop/install.sh)")
	}
	if _, err := os.Stat("/usr/share/java/jaxws-tools.jar"); err != nil {
		required(t, "JAX-WS RI is not installed: Debian package libjaxws-java (interop/install.sh)")
	}
	dir := t.TempDir()
	record := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-tags", tags, "-run", "Acceptance|Precedence|Reads_|OtherOperations", "nodobridge/soap")
	record.Env = append(os.Environ(), "NODOBRIDGE_INTEROP_ANSWERS="+dir)
	if out, err := record.CombinedOutput(); err != nil {
		t.Fatalf("cannot record the answers: %v\n%s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.xml"))
	if err != nil || len(files) < 86 {
		t.Fatalf("%d different answers were recorded, %v", len(files), err)
	}
	if out := judge(t, files); !strings.HasSuffix(out, fmt.Sprintf("%d answers, 0 defects\n", len(files))) {
		t.Error(out)
	} else {
		t.Log(out)
	}

	// The judge is awake: a spoilt answer is a defect.
	good, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	spoilt := filepath.Join(t.TempDir(), "spoilt.xml")
	if err := os.WriteFile(spoilt, bytes.Replace(good, []byte("<outcome>"), []byte("<outcome>X"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := judge(t, []string{spoilt}); !strings.HasSuffix(out, "1 answers, 1 defects\n") {
		t.Errorf("a spoilt answer passed: %s", out)
	}
}

// judge serves each answer at an address of its own and has JAX-WS RI call it.
func judge(t *testing.T, files []string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		name := strings.TrimPrefix(req.URL.Path, "/contract/")
		if name != req.URL.Path {
			text, err := wsdl.Files.ReadFile(name)
			if err != nil {
				http.NotFound(w, req)
				return
			}
			_, _ = w.Write(text) // the client has gone: its own report says so
			return
		}
		http.ServeFile(w, req, files[index(req.URL.Path)])
	}))
	defer server.Close()
	requests := t.TempDir()
	var list strings.Builder
	for i, file := range files {
		request := filepath.Join(requests, fmt.Sprintf("%d.xml", i))
		if err := os.WriteFile(request, []byte(requestFor(t, file)), 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&list, "%s\t%s/answer/%d\n", request, server.URL, i)
	}
	calls := filepath.Join(requests, "calls")
	if err := os.WriteFile(calls, []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, problem bytes.Buffer
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "./run.sh", server.URL+"/contract/paForNode.wsdl", calls)
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		t.Fatalf("cannot run JAX-WS RI: %v\n%s", err, problem.String())
	}
	return out.String()
}

func index(path string) int {
	n := 0
	_, _ = fmt.Sscanf(path, "/answer/%d", &n) // another path would get the first answer, of another operation
	return n
}

var root = regexp.MustCompile(`<soapenv:Body><paf:(\w+)>`)

// requestFor is a valid request of the operation that an answer belongs to: JAX-WS
// RI validates what it sends, too.
func requestFor(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m := root.FindSubmatch(text)
	if m == nil {
		t.Fatalf("%s is no answer of paForNode", file)
	}
	const parties = `<idPA>77777777777</idPA><idBrokerPA>99999999999</idBrokerPA><idStation>99999999999_01</idStation>`
	const code = `<qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>302000000000000000</noticeNumber></qrCode>`
	const subject = `<uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType><entityUniqueIdentifierValue>ANONIMO</entityUniqueIdentifierValue></uniqueIdentifier><fullName>x</fullName>`
	const receipt = `<receipt><receiptId>r</receiptId><noticeNumber>302000000000000000</noticeNumber><fiscalCode>77777777777</fiscalCode><outcome>OK</outcome><creditorReferenceId>02</creditorReferenceId>` +
		`<paymentAmount>1.00</paymentAmount><description>x</description><companyName>x</companyName><debtor>` + subject + `</debtor><transferList><transfer><idTransfer>1</idTransfer>` +
		`<transferAmount>1.00</transferAmount><fiscalCodePA>77777777777</fiscalCodePA><IBAN>x</IBAN><remittanceInformation>x</remittanceInformation><transferCategory>x</transferCategory></transfer></transferList>` +
		`<idPSP>x</idPSP><PSPCompanyName>x</PSPCompanyName><idChannel>x</idChannel><channelDescription>x</channelDescription></receipt>`
	requests := map[string][2]string{
		"paVerifyPaymentNoticeRes":      {"paVerifyPaymentNoticeReq", parties + code},
		"paGetPaymentRes":               {"paGetPaymentReq", parties + code},
		"paGetPaymentV2Response":        {"paGetPaymentV2Request", parties + code},
		"paSendRTRes":                   {"paSendRTReq", parties + receipt},
		"paSendRTV2Response":            {"paSendRTV2Request", parties + receipt},
		"paDemandPaymentNoticeResponse": {"paDemandPaymentNoticeRequest", parties + `<idServizio>00001</idServizio><idSoggettoServizio>00001</idSoggettoServizio><datiSpecificiServizioRequest>eA==</datiSpecificiServizioRequest>`},
	}
	r, known := requests[string(m[1])]
	if !known {
		t.Fatalf("no request for %s", m[1])
	}
	return `<p:` + r[0] + ` xmlns:p="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd">` + r[1] + `</p:` + r[0] + `>`
}
