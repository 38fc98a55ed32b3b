package contract_test

import (
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"nodobridge/wsdl"
	"nodobridge/wsdl/contract"
)

const (
	service  = "paForNode.wsdl"
	payloads = "xsd/paForNode.xsd"
	common   = "xsd/commonTypes.xsd"
)

// The namespaces, as they stand in the names of components.
const (
	svc = "{http://pagopa-api.pagopa.gov.it/paForNode}"
	pa  = "{http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd}"
	ct  = "{http://pagopa-api.pagopa.gov.it/xsd/common-types/v1.0.0/}"
)

// edit replaces, in a file, the first place of a text behind another text.
type edit struct{ file, behind, old, new string }

// mutation is a change of the contract, and the difference to be named first.
type mutation struct {
	edit edit
	want string
}

// ourFiles returns a copy of our contract.
func ourFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, name := range []string{service, payloads, common} {
		text, err := fs.ReadFile(wsdl.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: text}
	}
	return out
}

// apply makes an edit.
func (e edit) apply(t *testing.T, files fstest.MapFS) {
	t.Helper()
	text := string(files[e.file].Data)
	start := strings.Index(text, e.behind)
	if start < 0 {
		t.Fatalf("%s holds no %q", e.file, e.behind)
	}
	start += len(e.behind)
	if !strings.Contains(text[start:], e.old) {
		t.Fatalf("%s holds no %q behind %q", e.file, e.old, e.behind)
	}
	files[e.file].Data = []byte(text[:start] + strings.Replace(text[start:], e.old, e.new, 1))
}

func load(t *testing.T, fsys fs.FS) []contract.Component {
	t.Helper()
	out, err := contract.Load(fsys, service)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDiff_NamesTheFirstDifference(t *testing.T) {
	t.Parallel()
	ours := load(t, wsdl.Files)
	mutations := map[string]mutation{}
	for _, table := range []map[string]mutation{facetMutations, shapeMutations, declarationMutations, serviceMutations} {
		maps.Copy(mutations, table)
	}
	for name, tt := range mutations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := ourFiles(t)
			tt.edit.apply(t, files)
			got := contract.Diff(ours, load(t, files))
			if len(got) == 0 {
				t.Fatalf("no difference seen, want %s", tt.want)
			}
			if got[0].String() != tt.want {
				t.Errorf("first difference\n got %s\nwant %s", got[0], tt.want)
			}
			if back := contract.Diff(load(t, files), ours); len(back) != len(got) {
				t.Errorf("%d differences one way, %d the other", len(got), len(back))
			}
		})
	}
}

// One change is one difference: what follows an added element has merely moved,
// and what is said about the element itself is not repeated.
func TestDiff_NamesAnAddedElementOnce(t *testing.T) {
	t.Parallel()
	files := ourFiles(t)
	shapeMutations["element added"].edit.apply(t, files)
	got := contract.Diff(load(t, wsdl.Files), load(t, files))
	if len(got) != 1 {
		t.Errorf("%d differences, want 1: %v", len(got), got)
	}
}

// rewritings change how our contract is written and not what it says.
var rewritings = map[string]func(fstest.MapFS){
	"prefix renamed":                      replaced(payloads, `"ct:`, `"common:`, "xmlns:ct=", "xmlns:common="),
	"schema language as default":          replaced(common, "<xs:", "<", "</xs:", "</", "xmlns:xs=", "xmlns=", `"xs:`, `"`),
	"target namespace as default":         replaced(common, "xmlns:ct=", "xmlns=", `"ct:`, `"`),
	"prefix declared where it is used":    replaced(payloads, `type="pa:ctQrCode"`, `xmlns:q="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd" type="q:ctQrCode"`),
	"comment added":                       replaced(payloads, `<xs:sequence>`, `<!-- maxLength --><xs:sequence><!-- x -->`),
	"annotation added":                    replaced(common, length, `<xs:length value="11"><xs:annotation><xs:documentation>eleven</xs:documentation></xs:annotation></xs:length>`),
	"annotations changed":                 replaced(payloads, `<xs:documentation>`, `<xs:documentation>So to speak: `),
	"documentation of the WSDL changed":   replaced(service, `<wsdl:documentation>`, `<wsdl:documentation>So to speak: `),
	"layout":                              replaced(payloads, "\n", "\r\n\t"),
	"explicit occurrence":                 replaced(payloads, `name="idPA"`, `minOccurs="1" name="idPA" maxOccurs="1"`),
	"explicit occurrence of a sequence":   replaced(payloads, `<xs:sequence>`, `<xs:sequence minOccurs="1" maxOccurs="1">`),
	"explicit unqualified form":           replaced(common, `version="1.0">`, `version="1.0" elementFormDefault="unqualified" attributeFormDefault="unqualified">`),
	"order of facets":                     replaced(common, length, "", elevenDigits, elevenDigits+length),
	"order of enumerations":               replaced(common, `<xs:enumeration value="KO"/>`, "", `<xs:enumeration value="OK"/>`, `<xs:enumeration value="KO"/><xs:enumeration value="OK"/>`),
	"declarations reordered":              reversed,
	"operations reordered":                replaced(service, soapBinding, soapBinding+sendOperation, sendOperation, ""),
	"attributes reordered":                replaced(payloads, `name="idPA" type="ct:stText35"`, `type="ct:stText35" name="idPA"`),
	"end tag in full":                     replaced(common, `<xs:maxLength value="140"/>`, `<xs:maxLength value="140"></xs:maxLength>`),
	"no XML declaration":                  replaced(common, `<?xml version="1.0" encoding="UTF-8"?>`, ``),
	"import written in a roundabout way":  replaced(service, `schemaLocation="xsd/paForNode.xsd"`, `schemaLocation="./xsd/../xsd/paForNode.xsd"`),
	"imported file in a folder elsewhere": moved,
}

const (
	length        = `<xs:length value="11"/>`
	elevenDigits  = `<xs:pattern value="[0-9]{11}"/>`
	soapBinding   = `<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>`
	sendOperation = `<wsdl:operation name="paSendRT">
      <soap:operation soapAction="paSendRT"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>`
)

func TestDiff_SeesNoDifferenceInHowItIsWritten(t *testing.T) {
	t.Parallel()
	ours := load(t, wsdl.Files)
	for name, rewrite := range rewritings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, files := ourFiles(t), ourFiles(t)
			rewrite(files)
			same := true
			for file := range files {
				same = same && before[file] != nil && string(before[file].Data) == string(files[file].Data)
			}
			if same {
				t.Fatal("the rewriting changes nothing")
			}
			for _, d := range contract.Diff(ours, load(t, files)) {
				t.Error(d)
			}
		})
	}
}

// replaced replaces texts everywhere in a file, in pairs of old and new.
func replaced(file string, pairs ...string) func(fstest.MapFS) {
	return func(files fstest.MapFS) {
		files[file].Data = []byte(strings.NewReplacer(pairs...).Replace(string(files[file].Data)))
	}
}

// moved puts the common types into a folder of their own, as pagoPA does.
func moved(files fstest.MapFS) {
	files["common/types.xsd"] = files[common]
	delete(files, common)
	replaced(payloads, `"commonTypes.xsd"`, `"../common/types.xsd"`)(files)
}

// reversed puts the complex types of the payloads into the opposite order.
func reversed(files fstest.MapFS) {
	const end = "\n  </xs:complexType>\n"
	blocks := strings.Split(string(files[payloads].Data), end)
	last := len(blocks) - 1
	head, first, _ := strings.Cut(blocks[0], `<xs:complexType`)
	blocks[0] = "<xs:complexType" + first
	out := head
	for i := last - 1; i >= 0; i-- {
		out += blocks[i] + end
	}
	files[payloads].Data = []byte(out + blocks[last])
}
