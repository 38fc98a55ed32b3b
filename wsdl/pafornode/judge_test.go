package pafornode_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jacoelho/xsd"

	"nodobridge/wsdl"
)

// envelopeSchema is a SOAP 1.1 envelope with exactly one payload of the
// contract in its Body, for the judges.
const envelopeSchema = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="http://schemas.xmlsoap.org/soap/envelope/"
	targetNamespace="http://schemas.xmlsoap.org/soap/envelope/" elementFormDefault="qualified">
	<xs:import namespace="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd" schemaLocation="xsd/paForNode.xsd"/>
	<xs:element name="Envelope"><xs:complexType><xs:sequence>
		<xs:element name="Header" minOccurs="0"><xs:complexType><xs:sequence>
			<xs:any namespace="##any" minOccurs="0" maxOccurs="unbounded" processContents="skip"/>
		</xs:sequence><xs:anyAttribute namespace="##any" processContents="skip"/></xs:complexType></xs:element>
		<xs:element name="Body"><xs:complexType><xs:sequence>
			<xs:any namespace="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd" processContents="strict"/>
		</xs:sequence><xs:anyAttribute namespace="##any" processContents="skip"/></xs:complexType></xs:element>
	</xs:sequence><xs:anyAttribute namespace="##any" processContents="skip"/></xs:complexType></xs:element>
</xs:schema>`

// writeSchemas puts the embedded contract, from which this package is generated,
// and the envelope's schema into a folder, and returns the latter's name.
func writeSchemas(dir string) (string, error) {
	err := os.CopyFS(dir, wsdl.Files)
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "envelope.xsd")
	return name, os.WriteFile(name, []byte(envelopeSchema), 0o600)
}

// engine is jacoelho/xsd with the envelope and the contract, compiled once.
var engine = sync.OnceValues(func() (*xsd.Engine, error) {
	dir, err := os.MkdirTemp("", "judge")
	if err != nil {
		return nil, err
	}
	name, err := writeSchemas(dir)
	if err != nil {
		return nil, err
	}
	compiled, err := xsd.Compile(context.Background(), xsd.File(name))
	if err != nil {
		return nil, err
	}
	return compiled, os.RemoveAll(dir)
})

// judge asks jacoelho/xsd; nil means valid.
func judge(t testing.TB, doc []byte) error {
	t.Helper()
	e, err := engine()
	if err != nil {
		t.Fatalf("cannot compile the contract: %v", err)
	}
	return e.ValidateWithOptions(context.Background(), bytes.NewReader(doc), xsd.ValidateOptions{MaxErrors: 1})
}

// xmllint asks libxml2 about many documents in one process: the names of those
// that are valid. Where xmllint is not installed, it returns nil.
func xmllint(t *testing.T, docs map[string][]byte) map[string]bool {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		t.Log("xmllint not installed: one judge only")
		return nil
	}
	dir := t.TempDir()
	schema, err := writeSchemas(dir)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--noout", "--nonet", "--schema", schema}
	files := map[string]string{}
	for name, doc := range docs {
		file := filepath.Join(dir, fmt.Sprintf("%d.xml", len(files)))
		err = os.WriteFile(file, doc, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		files[file] = name
		args = append(args, file)
	}
	// The exit status is that of the last failure; the verdicts are lines.
	out, _ := exec.Command(program, args...).CombinedOutput()
	if bytes.Contains(out, []byte("failed to compile")) {
		t.Fatalf("xmllint: %s", out)
	}
	valid := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		file, ok := strings.CutSuffix(strings.TrimSpace(line), " validates")
		if ok {
			valid[files[file]] = true
		}
	}
	return valid
}
