package wsdl_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fewWords is how short a remark may be before it is nobody's in particular.
const fewWords = 4

// Our files say what pagoPA's say; they are not copies of them.
func TestStatement_IsOurOwn(t *testing.T) {
	t.Parallel()
	root := officialDir(t)
	var ours []string
	for _, name := range contractFiles {
		ours = append(ours, remarks(t, read(t, name))...)
	}
	if len(ours) < 50 {
		t.Errorf("%d remarks in our files: too few to be an annotated statement", len(ours))
	}
	for _, name := range []string{"wsdl/paForNode.wsdl", "wsdl/xsd/paForNode.xsd", "xsd-common/sac-common-types-1.0.xsd"} {
		official, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		for _, own := range contractFiles {
			if bytes.Equal(read(t, own), official) {
				t.Errorf("%s is a copy of pagoPA's %s", own, name)
			}
		}
		for _, remark := range remarks(t, official) {
			for _, own := range ours {
				long := len(strings.Fields(remark)) >= fewWords
				if own == remark || long && strings.Contains(own, remark) {
					t.Errorf("pagoPA's %s and our files share the remark %q", name, remark)
				}
			}
		}
	}
}

// remarks returns what a document says to people: its comments and annotations,
// in lower case and with single blanks.
func remarks(t *testing.T, document []byte) []string {
	t.Helper()
	var out []string
	add := func(text string) {
		text = strings.ToLower(strings.Join(strings.Fields(text), " "))
		if text != "" {
			out = append(out, text)
		}
	}
	decoder := xml.NewDecoder(bytes.NewReader(document))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.Comment:
			add(string(token))
		case xml.CharData:
			add(string(token))
		}
	}
}
