package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

// servicesConfig has a municipality that offers the identity card.
const servicesConfig = `
soap: {listen: "127.0.0.1:0"}
api: {listen: "127.0.0.1:0"}
admin: {listen: "127.0.0.1:0"}
brokers:
  - code: "99999999999"
    stations:
      - id: "99999999999_01"
        creditor_institutions:
          - code: "77777777777"
            name: Comune di Prova
            aux_digit: 3
            segregation_codes: ["02"]
            ibans: [IT60X0542811101000000123456]
            services:
              - service: cie
                id_servizio: "00005"
                subject: "00033"
                iban: IT60X0542811101000000123456
                category: 9/0101002IM/
                valid_days: 2
                amount:
                  table:
                    - {when: {causale: "9"}, cents: 2221}
                    - {cents: 2737}
`

const cieDocument = `<pagamentoCIE xmlns="http://PuntoAccessoPSP.spcoop.gov.it/pagamentoCIE"><codiceCausale>9</codiceCausale><codiceFiscaleComune>77777777777</codiceFiscaleComune><intestatario><codiceFiscaleIntestatario>RSSMRA80A01H501U</codiceFiscaleIntestatario><denominazioneIntestatario>Mario Rossi</denominazioneIntestatario></intestatario></pagamentoCIE>`

// A value that cannot be used is refused with its path in the file and the rule.
func TestServices_Refusals(t *testing.T) {
	t.Parallel()
	const at = "brokers[0].stations[0].creditor_institutions[0].services[0]."
	for _, c := range []struct{ name, old, new, says string }{
		{"as it is", "", "", ""},
		{"unknown service", "service: cie", "service: multa", at + `service: there is no service "multa", only cie, cup, passaporto, pesca, tassa_auto`},
		{"unknown key", "subject:", "soggetto:", "soggetto"},
		{"no identifier", `id_servizio: "00005"`, `id_servizio: ""`, at + "id_servizio: must be the 5 characters"},
		{"identifier as number", `"00005"`, `00005`, "must be a text; put it in quotes"},
		{"subject of four", `"00033"`, `"0033"`, at + "subject: must be the 5 characters"},
		{"account of another", "                iban: IT60X0542811101000000123456", "                iban: IT78N0760103200001012345678", at + "iban: must be one of the institution's ibans"},
		{"segregation code of another", "valid_days: 2", `segregation_code: "03"`, at + "segregation_code: must be one of the institution's segregation_codes"},
		{"segregation code not said", `segregation_codes: ["02"]`, `segregation_codes: []`, at + "segregation_code: must say which"},
		{"aux digit 1", "aux_digit: 3\n            segregation_codes: [\"02\"]", "aux_digit: 1", at + "service: only an institution of aux_digit 3"},
		{"table over no field", "causale:", "motivo:", at + `amount.table[0].when: there is no field "motivo"`},
		{"amount of zero", "2221", "0", at + "amount.table[0].cents: must be 1 to"},
		{"fraction of a cent", "2221", "22.21", "amount.table[0].cents: must be a int"},
		{"two sources", "amount:\n", "amount:\n                  fixed: 100\n", at + "amount.fixed, field, table, callback: exactly one"},
		{"callback into the machine", "table:\n                    - {when: {causale: \"9\"}, cents: 2221}\n                    - {cents: 2737}", "callback: {url: 'https://127.0.0.1/'}", at + "amount.callback.url: the address is private"},
		{"token that is not there", "table:\n                    - {when: {causale: \"9\"}, cents: 2221}\n                    - {cents: 2737}", "callback: {url: 'https://tributi.example.org/', token_file: no}", at + "amount.callback.token_file: cannot be read"},
		{"folder that is not there", "brokers:", "services_dir: altrove\nbrokers:", "services_dir: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := binarytest.New(t, strings.Replace(servicesConfig, c.old, c.new, 1))
			code, _, problem := h.Run("init")
			switch {
			case c.says == "" && code != 0, c.says != "" && (code != 78 || !strings.Contains(problem, c.says)):
				t.Errorf("exit %d, want %q:\n%s", code, c.says, problem)
			case strings.Count(strings.TrimSpace(problem), "\n") != 0:
				t.Errorf("more than one line:\n%s", problem)
			}
		})
	}
}

// A PSP demands a notice from the binary and has it paid; a reload switches the
// service off and another, of the operator's own folder, on.
func TestServices_DemandPayReload(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, servicesConfig)
	h.Must("init")
	p := h.Serve()
	request := nodesim.DemandRequest{EC: "77777777777", Service: "00005", Subject: "00033", Data: []byte(cieDocument)}
	made, err := p.Node().Demand(t.Context(), request)
	if err != nil || made.Fault != nil || made.Option.Amount != 2221 {
		t.Fatalf("%+v, %v", made, err)
	}
	story, err := p.Node().Pay(t.Context(), nodesim.PayRequest{EC: "77777777777", NoticeNumber: made.NoticeNumber, Version: nodesim.V2, Retry: nodesim.Retry{Attempts: 1}})
	if err != nil || story.Refusal() != nil || !story.Paid {
		t.Fatalf("%+v, %v", story, err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"mensa.xsd":  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:mensa"><xs:element name="mensa" type="xs:string"/></xs:schema>`,
		"mensa.yaml": "name: mensa\nid_servizio: \"00099\"\nxsd: mensa.xsd\nroot: \"{urn:mensa}mensa\"\nfields: {scuola: {path: .}}\namount: {fixed: 500}\ndescription: \"Mensa {scuola}\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.Configure("services_dir: " + dir + "\n" + strings.Replace(servicesConfig, "                valid_days: 2\n",
		"                enabled: false\n", 1) + "              - {service: mensa, subject: \"00001\", iban: IT60X0542811101000000123456, category: 9/0101105TS/}\n")
	p.Hangup()
	p.Await("configuration reloaded")
	off, err := p.Node().Demand(t.Context(), request)
	if err != nil || off.Fault == nil || off.Fault.Code != "PAA_SEMANTICA" {
		t.Errorf("switched off: %+v, %v", off, err)
	}
	mine, err := p.Node().Demand(t.Context(), nodesim.DemandRequest{EC: "77777777777", Service: "00099", Subject: "00001", Data: []byte(`<m:mensa xmlns:m="urn:mensa">Rodari</m:mensa>`)})
	if err != nil || mine.Fault != nil || mine.Option.Amount != 500 || mine.PaymentDescription != "Mensa Rodari" {
		t.Errorf("%+v, %v", mine, err)
	}
	p.Stop()
}

// The service that config.yaml shows in comments can be used as it stands, with
// one of its four ways of an amount.
func TestServices_SampleOfConfig(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sample := strings.Replace(string(text), "            services: []\n            # - service: cie", "            services:\n            # - service: cie", 1)
	sample = strings.Replace(sample, "segregation_codes: []", `segregation_codes: ["02"]`, 1)
	_, sample, _ = strings.Cut(sample, "            services:\n")
	_, head, _ := strings.Cut(string(text), "# Whom the node")
	head, _, _ = strings.Cut(head, "            services: []\n")
	sample = regexp.MustCompile(`(?m)^            # ( *[a-z-].*)$`).ReplaceAllString(sample, "            $1")
	sample = regexp.MustCompile(`(?ms)^              +(fixed|field): .*?\n|^              +callback:.*`).ReplaceAllString(sample, "")
	sample = regexp.MustCompile(`(?m)^ +# .*\n`).ReplaceAllString(sample, "")
	h := binarytest.New(t, "# Whom the node"+head+"            services:\n"+sample)
	if code, _, problem := h.Run("init"); code != 0 {
		t.Errorf("exit %d: %s\n%s", code, problem, sample)
	}
}
