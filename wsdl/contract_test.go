package wsdl_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"nodobridge/wsdl"
	"nodobridge/wsdl/contract"
)

// officialDir returns the folder of pagoPA's own files, or skips the test. A
// relative PAGOPA_API_DIR starts at the root of the repository.
func officialDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PAGOPA_API_DIR")
	if dir == "" {
		dir = filepath.Join("..", "shared", "pagopa-api")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("..", dir)
	}
	_, err := os.Stat(dir)
	if err != nil {
		t.Skipf("NOT COMPARED: pagoPA's own files are not at hand (%v); set PAGOPA_API_DIR to a copy of the pagopa-api repository", err)
	}
	return dir
}

func TestContract_SaysWhatPagoPASays(t *testing.T) {
	t.Parallel()
	differences, err := contract.DiffDir(officialDir(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(differences) > 0 {
		t.Errorf("%d differences from pagoPA's files, the first: %s", len(differences), differences[0])
	}
}

// The comparison with pagoPA's files would see one altered facet of ours.
func TestContract_OneAlteredFacetFails(t *testing.T) {
	t.Parallel()
	theirs, err := contract.Load(os.DirFS(officialDir(t)), "wsdl/paForNode.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	altered := fstest.MapFS{}
	for _, name := range contractFiles {
		text := string(read(t, name))
		text = strings.Replace(text, `<xs:maxLength value="210"/>`, `<xs:maxLength value="209"/>`, 1)
		altered[name] = &fstest.MapFile{Data: []byte(text)}
	}
	ours, err := contract.Load(altered, "paForNode.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	differences := contract.Diff(ours, theirs)
	const want = "simpleType {http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd}stText210: maxLength: ours 209, theirs 210"
	if len(differences) != 1 || differences[0].String() != want {
		t.Errorf("differences %v, want only %s", differences, want)
	}
}

// contractFiles are the files of our statement.
var contractFiles = []string{"paForNode.wsdl", "xsd/paForNode.xsd", "xsd/commonTypes.xsd"}

// read returns one of our files.
func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := fs.ReadFile(wsdl.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
