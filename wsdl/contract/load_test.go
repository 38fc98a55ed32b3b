package contract_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"nodobridge/wsdl/contract"
)

func TestLoad_RefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	const schemaImport = `schemaLocation="commonTypes.xsd"`
	tests := map[string]struct {
		edit edit
		want string
	}{
		"file missing":           {edit{payloads, "", schemaImport, `schemaLocation="nowhere.xsd"`}, "xsd/nowhere.xsd"},
		"import above the root":  {edit{payloads, "", schemaImport, `schemaLocation="../../etc/passwd"`}, "outside of the contract's folder"},
		"import from the net":    {edit{payloads, "", schemaImport, `schemaLocation="http://localhost/x.xsd"`}, "not a relative path"},
		"import by full path":    {edit{payloads, "", schemaImport, `schemaLocation="/etc/passwd"`}, "not a relative path"},
		"import of a WSDL":       {edit{payloads, "", schemaImport, `schemaLocation="../paForNode.wsdl"`}, "root is not xs:schema"},
		"schema as WSDL":         {edit{service, "", `xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"`, `xmlns:wsdl="urn:w"`}, "root is not wsdl:definitions"},
		"document type":          {edit{common, "", `<xs:schema`, `<!DOCTYPE schema><xs:schema`}, "document type declaration"},
		"not well-formed":        {edit{common, "", `</xs:schema>`, ``}, "xsd/commonTypes.xsd"},
		"no root":                {edit{service, "", `<wsdl:definitions`, `<!--`}, "paForNode.wsdl"},
		"prefix of an element":   {edit{common, "", `<xs:simpleType`, `<q:x/><xs:simpleType`}, "prefix of q:x is not bound"},
		"prefix of an attribute": {edit{common, "", `<xs:simpleType`, `<xs:simpleType q:x="1"`}, "prefix of q:x is not bound"},
		"prefix of a type":       {edit{common, "", `"ct:stOutcome"`, `"q:stOutcome"`}, `prefix of "q:stOutcome" is not bound`},
		"prefix of a message":    {edit{service, "", `"svc:paSendRTReq"`, `"q:paSendRTReq"`}, `prefix of "q:paSendRTReq" is not bound`},
		"prefix of a reference":  {edit{common, "", `<xs:sequence>`, `<xs:sequence><xs:element ref="q:x"/>`}, `prefix of "q:x" is not bound`},
		"too deep":               {edit{common, "", `<xs:sequence>`, strings.Repeat(`<xs:sequence>`, 200)}, "levels of elements"},
		"too large":              {edit{common, "", `<xs:schema`, strings.Repeat(" ", 5<<20) + `<xs:schema`}, "more than 4194304 bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := ourFiles(t)
			tt.edit.apply(t, files)
			_, err := contract.Load(files, service)
			if err == nil || !strings.HasPrefix(err.Error(), "cannot load contract: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one about %q", err, tt.want)
			}
		})
	}
}

// Schemas may import one another in a circle: each is read once.
func TestLoad_ReadsACircleOfImportsOnce(t *testing.T) {
	t.Parallel()
	files := ourFiles(t)
	before := len(load(t, files))
	edit{common, "", `<xs:simpleType`, `<xs:import namespace="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd" schemaLocation="paForNode.xsd"/><xs:simpleType`}.apply(t, files)
	if after := len(load(t, files)); after != before {
		t.Errorf("%d components, want %d", after, before)
	}
}

// A schema split in two by xs:include still shows all its types.
func TestLoad_FollowsIncludes(t *testing.T) {
	t.Parallel()
	files := ourFiles(t)
	edit{common, "", `<xs:simpleType`, `<xs:include schemaLocation="more.xsd"/><xs:simpleType`}.apply(t, files)
	files["xsd/more.xsd"] = &fstest.MapFile{Data: []byte(`<schema xmlns="http://www.w3.org/2001/XMLSchema"
		targetNamespace="http://pagopa-api.pagopa.gov.it/xsd/common-types/v1.0.0/"><element name="more" type="string"/></schema>`)}
	want := "element " + ct + "more"
	for _, c := range load(t, files) {
		if c.String() == want {
			return
		}
	}
	t.Errorf("no %s", want)
}
