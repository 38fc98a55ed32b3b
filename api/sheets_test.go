package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/sheet"
)

const (
	ownImports  = own + "/imports"
	ownMappings = own + "/mappings"
	tariMapping = `{"amountUnit":"euro","fields":{"iupd":{"columns":["CODICE"]},"fiscalCode":{"columns":["CF"]},"fullName":{"columns":["NOME","COGNOME"]},"amount":{"columns":["IMPORTO"]},
		"description":{"default":"TARI 2026"},"dueDate":{"columns":["SCADENZA"]},"instalment":{"columns":["RATA"]},"iuv":{"columns":["IUV"]},"segregationCode":{"default":"47"},
		"category":{"default":"9/0101100IM/"},"iban":{"default":"IT60X0542811101000000123456"}}}`
	tariHead = "CODICE;CF;NOME;COGNOME;IMPORTO;SCADENZA;RATA;IUV\n"
)

func newSheetStation(t *testing.T) *station {
	t.Helper()
	s := newStationWith(t, api.Config{ReadSheet: sheet.Read})
	if got := s.do(replace(ownMappings+"/tari", tariMapping)); got.status != http.StatusOK {
		t.Fatal(got.body)
	}
	return s
}

func csvOf(path, body string) request {
	return post(path, body).with("Content-Type", "text/csv; charset=windows-1252")
}

// TestMappings: kept by name for an EC, checked, listed beside those that are built in.
func TestMappings(t *testing.T) {
	t.Parallel()
	s := newSheetStation(t)
	if got := column(s.members(get(ownMappings)), "mappings", "name"); got != "tari gil mypay" {
		t.Errorf("mappings %s", got)
	}
	if got := s.members(get("/bridge/v1/organizations/88888888888/mappings").with(keyHeader, s.otherKey)); len(got["mappings"].([]any)) != 2 {
		t.Errorf("another EC sees %v", got["mappings"])
	}
	for body, rule := range map[string]string{
		`{"fields":{"colour":{"default":"x"}}}`:      "fields.colour: is no field; the fields are iupd",
		`{"fields":{"amount":{}}}`:                   "fields.amount: needs columns or a default",
		`{"fields":{"amount":{"columns":[""]}}}`:     "fields.amount: needs 1 to 5 names",
		`{"amountUnit":"lire"}`:                      "amountUnit: must be euro or cents",
		`{"columns":{}}`:                             "columns: is no member of a mapping",
		`{"fields":{"amount":{"column":"IMPORTO"}}}`: "fields.amount.column: is no member",
	} {
		if got := s.do(replace(ownMappings+"/x", body)); got.status != http.StatusBadRequest || !strings.Contains(got.body, rule) {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if got := s.do(remove(ownMappings + "/tari")); got.status != http.StatusNoContent {
		t.Errorf("%d %s", got.status, got.body)
	}
	s.want(remove(ownMappings+"/tari"), 404, problem(404, "Not found the mapping", "organization 77777777777 has no mapping tari"))
	s.want(csvOf(ownImports+"?mapping=tari", tariHead+"a"), 404, problem(404, "Not found the mapping", "organization 77777777777 has no mapping tari"))
}

// TestImport: a dry run tells what the import then does; rows of one code are a plan
// beside the whole amount; numbers are issued where there are none.
func TestImport(t *testing.T) {
	t.Parallel()
	s := newSheetStation(t)
	file := tariHead +
		"A1;RSSMRA80A01H501U;Mario;Ross\xec;1.234,50;31/12/2026;;47000000000000012\n" +
		"A2;488410010;;TIM S.p.A.;100,00;31/12/2026;0;\n" +
		"A2;488410010;;TIM S.p.A.;50,00;31/12/2026;1;\n" +
		"A2;488410010;;TIM S.p.A.;50,00;31/01/2027;2;\n"
	dry := s.members(csvOf(ownImports+"?mapping=tari&dryRun=true&toPublish=true", file))
	if column(dry, "positions", "iupd") != "A1 A2" || len(dry["problems"].([]any)) != 0 || dry["rows"] != 4.0 || column(dry, "positions", "navs") != "[347000000000000012] []" {
		t.Fatalf("dry run: %v", dry)
	}
	s.want(get(ours), 200, page(0, 10, 0))
	made := s.members(csvOf(ownImports+"?mapping=tari&toPublish=true", file))
	if column(made, "positions", "line") != "2 3" {
		t.Fatalf("import: %v", made)
	}
	first := s.stored("A1")
	in := first.Options[0].Instalments[0]
	if first.Status != bridge.Valid || first.CompanyName != "Comune di Prova" || in.Amount != 123450 || in.NAV != "347000000000000012" || first.Options[0].Debtor.FullName != "Mario Rossì" ||
		!in.DueDate.Equal(time.Date(2026, 12, 31, 22, 59, 59, 0, time.UTC)) || in.Transfers[0].RemittanceInformation != "TARI 2026" {
		t.Errorf("the first: %+v", first)
	}
	second := s.stored("A2")
	if len(second.Options) != 2 || second.Options[0].Plan || !second.Options[1].Plan || len(second.Options[1].Instalments) != 2 || second.Options[1].Debtor.FiscalCode != "00488410010" ||
		second.Options[1].Debtor.Type != bridge.LegalPerson {
		t.Errorf("the second: %+v", second)
	}
	for _, nav := range strings.Fields(strings.Trim(strings.Split(column(made, "positions", "navs"), "] [")[1], "[]")) {
		if _, err := bridge.ParseNoticeNumber(nav); err != nil || nav[:3] != "347" {
			t.Errorf("issued %s: %v", nav, err)
		}
	}
	// The same file again makes nothing twice.
	again := s.do(csvOf(ownImports+"?mapping=tari&toPublish=true", file))
	answer := object(again.body).(map[string]any)
	if again.status != http.StatusUnprocessableEntity || len(answer["positions"].([]any)) != 0 || column(answer, "problems", "line") != "2 3" || !strings.Contains(again.body, "has this iupd") {
		t.Errorf("again: %d %s", again.status, again.body)
	}
}

// TestImport_Problems: every broken rule of every row is named, without its value, and
// nothing is made unless the good ones are asked for.
func TestImport_Problems(t *testing.T) {
	t.Parallel()
	s := newSheetStation(t)
	file := tariHead +
		"A1;RSSMRA80A01H501X;Mario;Rossi;12,345;31/12/26;;3,02E+17\n" +
		"A2;RSSMRA80A01H501U;Mario;Rossi;10,00;31/12/2026;;\n" +
		"A3;RSSMRA80A01H501U;Mario;Rossi;10,00;01/01/2020;;\n" +
		"A4;RSSMRA80A01H501U;Mario;Rossi;10,00;31/12/2026;1;\n" +
		"A4;00488410010;;TIM;10,00;31/12/2026;2;\n" +
		";RSSMRA80A01H501U;Mario;Rossi;;31/12/2026;;\n"
	got := s.do(csvOf(ownImports+"?mapping=tari", file))
	answer := object(got.body).(map[string]any)
	want := "fiscalCode amount dueDate iuv fiscalCode iupd amount"
	if got.status != http.StatusUnprocessableEntity || column(answer, "problems", "line") != "2 2 2 2 6 7 7" || len(answer["positions"].([]any)) != 0 {
		t.Errorf("%d %s", got.status, got.body)
	}
	fields := strings.Fields(column(answer, "problems", "field"))
	for _, field := range strings.Fields(want) {
		if !strings.Contains(strings.Join(fields, " "), field) {
			t.Errorf("%s is not among %v", field, fields)
		}
	}
	for _, value := range []string{"RSSMRA", "12,345", "3,02E", "Mario"} {
		if strings.Contains(got.body, value) {
			t.Errorf("the report repeats %s: %s", value, got.body)
		}
	}
	s.want(get(ours), 200, page(0, 10, 0))
	partial := s.members(csvOf(ownImports+"?mapping=tari&partial=true", file))
	if column(partial, "positions", "iupd") != "A2" || !strings.Contains(column(partial, "problems", "rule"), "due_date 2020-01-01T22:59:59 must not be before") {
		t.Errorf("partial: %v", partial)
	}
	missing := s.do(csvOf(ownImports+"?mapping=tari", "CODICE;CF\nA9;x\n"))
	if missing.status != http.StatusUnprocessableEntity || !strings.Contains(missing.body, `"column":"IMPORTO","field":"amount","rule":"there is no such column"`) {
		t.Errorf("missing columns: %d %s", missing.status, missing.body)
	}
	built := s.do(csvOf(ownImports+"?mapping=gil&dryRun=true", "TIPO;CODICE_FISCALE_PIVA\nF;x\n"))
	if !strings.Contains(built.body, `"field":"category","rule":"is required`) {
		t.Errorf("a built-in mapping: %d %s", built.status, built.body)
	}
	for r, detail := range map[string]string{ownImports: "mapping: must be 1 to 64", ownImports + "?mapping=tari&dry=1": "importPositions.dry: is no parameter"} {
		if got := s.do(csvOf(r, file)); got.status != http.StatusBadRequest || !strings.Contains(got.body, detail) {
			t.Errorf("%s: %d %s", r, got.status, got.body)
		}
	}
	if got := s.do(post(ownImports+"?mapping=tari", "{}")); got.status != http.StatusUnsupportedMediaType {
		t.Errorf("JSON: %d %s", got.status, got.body)
	}
	if got := s.do(csvOf(ownImports+"?mapping=tari", "\x00")); got.status != http.StatusBadRequest || !strings.Contains(got.body, "The table cannot be read") {
		t.Errorf("binary: %d %s", got.status, got.body)
	}
	held := s.newKeyOf(bridge.Key{Name: "partner", ECs: []bridge.ECBinding{{EC: ourEC, Segregations: []string{"48"}}}})
	foreign := s.do(csvOf(ownImports+"?mapping=tari", tariHead+"B1;RSSMRA80A01H501U;Mario;Rossi;10,00;31/12/2026;;\n").with(keyHeader, held))
	if foreign.status != http.StatusUnprocessableEntity || !strings.Contains(foreign.body, "outside of the segregation codes") {
		t.Errorf("another code's numbers: %d %s", foreign.status, foreign.body)
	}
}

// TestExports: what was imported comes out as Italian spreadsheets read it, no cell is a
// formula, and the journal knows who has taken it.
func TestExports(t *testing.T) {
	t.Parallel()
	s := newSheetStation(t)
	s.created(ours+"?toPublish=true", edited(minimal, "fullName", "=HYPERLINK(\"http://x\")", option0+"description", " @SUM(1;2)", "companyName", "-2+3"))
	s.receipted("+R1", "47000000000000012", 1050)
	got := s.do(get(own + "/positions.csv"))
	const head = "\ufeffiupd;stato;ente;codice_fiscale;debitore;codice_avviso;iuv;rata;causale;importo;scadenza;stato_rata;pagato_il;ricevuta\r\n"
	want := head + "77777777777-0001;PAID;'-2+3;RSSMRA80A01H501U;\"'=HYPERLINK(\"\"http://x\"\")\";347000000000000012;47000000000000012;unica;\"' @SUM(1;2)\";10,50;31/12/2026;PAID;23/11/2026;'+R1\r\n"
	if got.status != 200 || got.body != want || !strings.HasPrefix(got.header.Get("Content-Type"), "text/csv") || got.header.Get("Content-Disposition") != `attachment; filename="posizioni-77777777777.csv"` {
		t.Errorf("%d %v\n%s\nwant\n%s", got.status, got.header, got.body, want)
	}
	excel := s.do(get(own + "/positions.csv?excel=true"))
	if !strings.Contains(excel.body, `;"=""347000000000000012""";"=""47000000000000012""";`) {
		t.Errorf("for Excel: %s", excel.body)
	}
	receipts := s.do(get(own + "/receipts.csv"))
	if receipts.status != 200 || !strings.Contains(receipts.body, "\r\n1;'+R1;347000000000000012;47000000000000012;77777777777-0001;OK;10,50;0,00;RSSMRA80A01H501U;Banca;;23/11/2026;;23/11/2026\r\n") {
		t.Errorf("%d %s", receipts.status, receipts.body)
	}
	for n := range 1100 {
		s.receipted(fmt.Sprint("N", n), fmt.Sprintf("47%015d", n+100), 100)
	}
	if many := s.do(get(own + "/receipts.csv")); strings.Count(many.body, "\r\n") != 1102 {
		t.Errorf("%d lines", strings.Count(many.body, "\r\n"))
	}
	if got := s.do(get(own + "/positions.csv?changedSince=x")); got.status != http.StatusBadRequest {
		t.Errorf("%d %s", got.status, got.body)
	}
	s.clock.Set(testkit.Noon)
	exports := 0
	err := s.store.View(t.Context(), func(tx bridge.ReadTx) error {
		records, err := tx.JournalAfter(t.Context(), bridge.JournalQuery{EC: ourEC, Actions: []string{"export.positions", "export.receipts"}, Limit: 10})
		exports = len(records)
		return err
	})
	if err != nil || exports != 4 {
		t.Errorf("%d exports in the journal, %v", exports, err)
	}
}

// TestImports_TwoAtOnce: a table takes much more memory than its file, so a third one is
// to come again (reliability-security.md §8 G9).
func TestImports_TwoAtOnce(t *testing.T) {
	t.Parallel()
	began, end := make(chan struct{}), make(chan struct{})
	s := newStationWith(t, api.Config{ReadSheet: func(ctx context.Context, file []byte) (*bridge.Sheet, error) {
		began <- struct{}{}
		<-end
		return sheet.Read(ctx, file)
	}})
	if got := s.do(replace(ownMappings+"/tari", tariMapping)); got.status != http.StatusOK {
		t.Fatal(got.body)
	}
	order := csvOf(ownImports+"?mapping=tari&dryRun=true", tariHead+"A-1;RSSMRA80A01H501U;Mario;Rossi;1,00;31/12/2099;;\n")
	answers := make(chan int, 2)
	for range 2 {
		go func() { answers <- s.do(order).status }()
		<-began
	}
	if got := s.do(order); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "2 tables are being imported already") {
		t.Errorf("a third one: %d %s", got.status, got.body)
	}
	close(end)
	for range 2 {
		if status := <-answers; status != http.StatusOK {
			t.Errorf("one of two: %d", status)
		}
	}
}
