package nodesim_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jacoelho/xsd"
)

// officialDir is where pagoPA's own files are; a test that needs them is skipped where they are not.
func officialDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PAGOPA_API_DIR")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "pagopa-api")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatalf("cannot find official schemas: %v", err)
	}
	_, err = os.Stat(filepath.Join(dir, "wsdl", "xsd", "paForNode.xsd"))
	if err != nil {
		t.Skipf("SKIPPED, NOT VERIFIED: pagoPA's schemas are not in %s; set PAGOPA_API_DIR", dir)
	}
	return dir
}

// wholeSchema writes a schema that knows the SOAP envelope and its payload at once.
func wholeSchema(t *testing.T) string {
	t.Helper()
	dir := officialDir(t)
	text := fmt.Sprintf(`<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:import namespace="http://schemas.xmlsoap.org/soap/envelope/" schemaLocation="%s"/>
<xs:import namespace="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd" schemaLocation="%s"/>
</xs:schema>`, filepath.Join(dir, "xsd-common", "envelope.xsd"), filepath.Join(dir, "wsdl", "xsd", "paForNode.xsd"))
	path := filepath.Join(t.TempDir(), "whole.xsd")
	err := os.WriteFile(path, []byte(text), 0o600)
	if err != nil {
		t.Fatalf("cannot write schema: %v", err)
	}
	return path
}

// goJudge is the pure Go validator on a schema.
func goJudge(t *testing.T, schema string) func(document string) error {
	t.Helper()
	engine, err := xsd.Compile(t.Context(), xsd.File(schema))
	if err != nil {
		t.Fatalf("cannot compile schema: %v", err)
	}
	return func(document string) error {
		return engine.Validate(context.WithoutCancel(t.Context()), strings.NewReader(document))
	}
}

// xmllint is libxml2 on a schema; the test is skipped where the program is not installed.
func xmllint(t *testing.T, schema string) func(document string) error {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("SKIPPED, NOT VERIFIED: xmllint is not installed")
	}
	return func(document string) error {
		cmd := exec.CommandContext(t.Context(), program, "--noout", "--nonet", "--schema", schema, "-")
		cmd.Stdin = strings.NewReader(document)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("cannot validate document: %w\n%s", err, out)
		}
		return nil
	}
}

// judges gives both validators; only what both accept is valid.
func judges(t *testing.T, schema string) map[string]func(string) error {
	t.Helper()
	return map[string]func(string) error{"jacoelho/xsd": goJudge(t, schema), "xmllint": xmllint(t, schema)}
}
