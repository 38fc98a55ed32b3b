package service_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/service"
)

// An operator's own definition, with an XSD that imports another beside it.
func TestCatalog_OwnService(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "tipi.xsd", `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:tipi"><xs:simpleType name="codice"><xs:restriction base="xs:string"><xs:pattern value="[A-Z]{3}"/></xs:restriction></xs:simpleType></xs:schema>`)
	write(t, dir, "mensa.xsd", `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:tipi" targetNamespace="urn:mensa" elementFormDefault="qualified"><xs:import namespace="urn:tipi" schemaLocation="tipi.xsd"/><xs:element name="mensa"><xs:complexType><xs:sequence><xs:element name="scuola" type="t:codice"/><xs:element name="nota" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:element></xs:schema>`)
	write(t, dir, "mensa.yaml", own)
	s := offer(t, catalog(t, dir), enrolment("mensa", nil))
	claim, err := s.Claim(t.Context(), read(t, s, `<mensa xmlns="urn:mensa"><scuola>ABC</scuola><nota>{scuola}</nota></mensa>`))
	if err != nil || claim.Amount != 500 || claim.Description != "Mensa ABC {scuola}" {
		t.Errorf("%+v, %v", claim, err)
	}
	if _, err := s.Read([]byte(`<mensa xmlns="urn:mensa"><scuola>abc</scuola></mensa>`)); bridge.CodeOf(err) != bridge.CodePayloadInvalid {
		t.Errorf("the imported type is not checked: %v", err)
	}
}

// own is a definition with every key in use.
const own = `name: mensa
id_servizio: "00099"
xsd: mensa.xsd
root: "{urn:mensa}mensa"
fields:
  scuola: {path: scuola, required: true}
  nota: {path: nota}
debtor: {type: G, full_name: scuola}
amount: {fixed: 500}
description: "Mensa {scuola} {nota}"
category: 9/0101105TS/
valid_days: 3
window: 5m
`

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCatalog_RefusedDefinitions(t *testing.T) {
	t.Parallel()
	const xsd = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:mensa"><xs:element name="mensa"/></xs:schema>`
	for _, v := range []struct{ name, from, to, says string }{
		{"unknown key", "window: 5m", "windows: 5m", "windows"},
		{"two documents", "window: 5m", "window: 5m\n---\nname: altra", "one service"},
		{"name with a capital", "name: mensa", "name: Mensa", "name:"},
		{"name of a service that exists", "name: mensa", "name: cie", "another service"},
		{"identifier of four", `"00099"`, `"0099"`, "id_servizio"},
		{"XSD outside the folder", "xsd: mensa.xsd", "xsd: ../mensa.xsd", "xsd:"},
		{"XSD that is not there", "xsd: mensa.xsd", "xsd: altro.xsd", "xsd:"},
		{"root without namespace", `"{urn:mensa}mensa"`, "mensa", "root:"},
		{"field with a capital", "  nota: {", "  Nota: {", "fields.Nota"},
		{"field without path", "{path: nota}", "{}", "fields.nota.path"},
		{"broken path", "{path: nota}", `{path: "nota["}`, "fields.nota.path"},
		{"debtor from no field", "full_name: scuola", "full_name: alunno", "debtor.full_name"},
		{"debtor of type P", "type: G", "type: P", "debtor.type"},
		{"amount of zero", "fixed: 500", "table: [{cents: 0}]", "amount.table[0].cents"},
		{"negative amount", "fixed: 500", "fixed: -5", "amount.fixed"},
		{"fraction of a cent", "fixed: 500", "fixed: 500.5", "whole number of cents"},
		{"octal", "fixed: 500", "fixed: 0500", "whole number of cents"},
		{"amount as text", "fixed: 500", "fixed: '500'", "whole number of cents"},
		{"two sources", "fixed: 500", "fixed: 500, field: nota", "exactly one"},
		{"no source", "{fixed: 500}", "{}", "exactly one"},
		{"table over no field", "fixed: 500", "table: [{when: {classe: '1'}, cents: 5}]", "classe"},
		{"amount from no field", "fixed: 500", "field: importo", "importo"},
		{"callback over http", "fixed: 500", "callback: {url: 'http://example.org/'}", "https"},
		{"callback to loopback", "fixed: 500", "callback: {url: 'https://127.0.0.1/'}", "allow_private"},
		{"callback to localhost", "fixed: 500", "callback: {url: 'https://LocalHost./'}", "allow_private"},
		{"callback to metadata", "fixed: 500", "callback: {url: 'https://169.254.169.254/'}", "allow_private"},
		{"callback to mapped loopback", "fixed: 500", "callback: {url: 'https://[::ffff:127.0.0.1]/'}", "allow_private"},
		{"callback to a file", "fixed: 500", "callback: {url: 'file:///etc/passwd'}", "https"},
		{"callback with a password", "fixed: 500", "callback: {url: 'https://u:p@example.org/'}", "token_file"},
		{"description over no field", "{nota}\"", "{classe}\"", "classe"},
		{"open brace", "{nota}\"", "{nota\"", "description"},
		{"no description", `description: "Mensa {scuola} {nota}"`, "", "description"},
		{"window of no time", "window: 5m", "window: cinque", "window"},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			text := strings.Replace(own, v.from, v.to, 1)
			if text == own {
				t.Fatal("the case changes nothing")
			}
			write(t, dir, "mensa.xsd", xsd)
			write(t, dir, "mensa.yaml", text)
			_, err := service.LoadCatalog(t.Context(), dir)
			if err == nil || !strings.Contains(err.Error(), v.says) || !strings.Contains(err.Error(), "mensa.yaml") {
				t.Errorf("got %v, want the file and %q", err, v.says)
			}
		})
	}
	if _, err := service.LoadCatalog(t.Context(), filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("a folder that is not there is accepted")
	}
}

// The definition that docs/services.md shows can be used as it stands.
func TestCatalog_SampleOfTheDocs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/services.md")
	if err != nil {
		t.Fatal(err)
	}
	_, sample, found := strings.Cut(string(text), "```yaml\nname: mensa")
	sample, _, closed := strings.Cut(sample, "```")
	if !found || !closed {
		t.Fatal("docs/services.md has no sample")
	}
	dir := t.TempDir()
	write(t, dir, "mensa.yaml", "name: mensa"+sample)
	write(t, dir, "mensa.xsd", `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.comune.example.it/mensa" elementFormDefault="qualified"><xs:element name="mensa"><xs:complexType><xs:sequence><xs:element name="alunno"><xs:complexType><xs:sequence><xs:element name="codiceFiscale" type="xs:string"/><xs:element name="nome" type="xs:string"/></xs:sequence></xs:complexType></xs:element><xs:element name="pasti" type="xs:string"/></xs:sequence></xs:complexType></xs:element></xs:schema>`)
	e := enrolment("mensa", nil)
	e.IDServizio, e.Category = "00005", ""
	s := offer(t, catalog(t, dir), e)
	claim, err := s.Claim(t.Context(), read(t, s, `<mensa xmlns="http://www.comune.example.it/mensa"><alunno><codiceFiscale>RSSMRA80A01H501U</codiceFiscale><nome>Mario Rossi</nome></alunno><pasti>20</pasti></mensa>`))
	if err != nil || claim.Amount != 8800 || claim.Description != "Mensa scolastica, 20 pasti" || claim.Debtor.FullName != "Mario Rossi" {
		t.Errorf("%+v, %v", claim, err)
	}
}
