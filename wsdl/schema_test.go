package wsdl_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jacoelho/xsd"
)

// verify is a document that our schema accepts, with room for a change.
const verify = `<p:paVerifyPaymentNoticeReq xmlns:p="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd">` +
	`<idPA>77777777777</idPA><idBrokerPA>99999999999</idBrokerPA><idStation>99999999999_01</idStation>` +
	`<qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>302000000000000018</noticeNumber></qrCode>` +
	`</p:paVerifyPaymentNoticeReq>`

// documents are what a judge has to accept or refuse once it has our schema.
var documents = map[string]struct {
	text  string
	valid bool
}{
	"request":             {verify, true},
	"notice number of 17": {strings.Replace(verify, "302000000000000018", "30200000000000001", 1), false},
	"qualified child":     {strings.NewReplacer("<idPA>", "<p:idPA>", "</idPA>", "</p:idPA>").Replace(verify), false},
	"unknown root":        {`<x/>`, false},
}

// Two judges that are not ours read the files as schemas, and read them alike.
func TestSchema_XMLLintAcceptsIt(t *testing.T) {
	t.Parallel()
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed: the schema is judged by jacoelho/xsd alone")
	}
	for name, tt := range documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := filepath.Join(t.TempDir(), "document.xml")
			err := os.WriteFile(document, []byte(tt.text), 0o600)
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), lint, "--nonet", "--noout", "--schema", "xsd/paForNode.xsd", document).CombinedOutput()
			if strings.Contains(string(out), "failed to compile") || strings.Contains(string(out), "parser error") {
				t.Fatalf("xmllint cannot use the schema: %s", out)
			}
			if (err == nil) != tt.valid {
				t.Errorf("xmllint: %v, want valid=%t\n%s", err, tt.valid, out)
			}
		})
	}
}

func TestSchema_JacoelhoXSDAcceptsIt(t *testing.T) {
	t.Parallel()
	engine, err := xsd.Compile(context.Background(), xsd.File("xsd/paForNode.xsd"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := engine.Validate(t.Context(), strings.NewReader(tt.text))
			if (err == nil) != tt.valid {
				t.Errorf("error %v, want valid=%t", err, tt.valid)
			}
		})
	}
}
