package soap_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// options asks for the payment options of a notice as the node's platform does.
func (s *station) options(t *testing.T, ec, nav string, headers ...string) answer {
	t.Helper()
	return s.send(t, http.MethodPost, s.optionsURL(ec, nav), "", headers...)
}

func (s *station) optionsURL(ec, nav string) string {
	return strings.TrimSuffix(s.url, "/paForNode") + "/odp/payment-options/organizations/" + ec + "/notices/" + nav
}

// offers is the answer's states and amounts, an option with its instalments a line.
func (a answer) offers(t *testing.T) string {
	t.Helper()
	var got struct {
		PaymentOptions []struct {
			Status       string
			Amount       json.Number
			Installments []struct {
				Status string
				Amount json.Number
			}
		}
	}
	if err := json.Unmarshal(a.body, &got); err != nil || a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" {
		t.Fatalf("HTTP %d %s, %v:\n%s", a.status, a.header.Get("Content-Type"), err, a.body)
	}
	var lines []string
	for _, o := range got.PaymentOptions {
		line := o.Status + " " + o.Amount.String() + ":"
		for _, in := range o.Installments {
			line += " " + in.Status + " " + in.Amount.String()
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

// wantODP checks a refusal whole: status, code and message go together, and the
// six fields are all there is.
func (a answer) wantODP(t *testing.T, status int, code, message string) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal(a.body, &got); err != nil || a.status != status || a.header.Get("Content-Type") != "application/json" {
		t.Fatalf("HTTP %d %s, %v, want %d:\n%s", a.status, a.header.Get("Content-Type"), err, status, a.body)
	}
	fields := []string{"appErrorCode", "dateTime", "errorMessage", "httpStatusCode", "httpStatusDescription", "timestamp"}
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, fields) {
		t.Fatalf("the fields are %v, want %v", names, fields)
	}
	if got["httpStatusCode"] != float64(status) || got["httpStatusDescription"] != http.StatusText(status) || got["appErrorCode"] != code || got["errorMessage"] != message {
		t.Errorf("want %s %q, got\n%s", code, message, a.body)
	}
	at, err := time.Parse("2006-01-02T15:04:05.999999", got["dateTime"].(string))
	if err != nil || at.Unix() != int64(got["timestamp"].(float64)) {
		t.Errorf("dateTime %v and timestamp %v are not one instant in UTC", got["dateTime"], got["timestamp"])
	}
}

const (
	optionsUnknown = "PAA_PAGAMENTO_SCONOSCIUTO Pagamento in attesa risulta sconosciuto all'Ente Creditore"
	optionsFailed  = "PAA_SYSTEM_ERROR Errore generico"
)

// soap-node.md §6, cases O1 to O5.
func TestAcceptance_PaymentOptions(t *testing.T) {
	t.Parallel()
	ec, nav := string(testkit.EC), string(testkit.NAV(1))
	for _, c := range []acceptance{
		{"O1", "plan + single option: 200, enums only, integer cents, instalments add up", func(t *testing.T, s *station) {
			s.create(t, testkit.Plan(1), true)
			for n := int64(1); n <= 3; n++ {
				got := s.options(t, ec, string(testkit.NAV(n))).offers(t)
				if want := "PO_UNPAID 12000: POI_UNPAID 12000; PO_UNPAID 12000: POI_UNPAID 6000 POI_UNPAID 6000"; got != want {
					t.Errorf("notice %d leads to\n%s, want\n%s", n, got, want)
				}
			}
		}},
		{"O2", "unknown NAV: 404 with ODP-107", func(t *testing.T, s *station) {
			s.options(t, ec, nav).wantODP(t, http.StatusNotFound, "ODP-107", optionsUnknown)
		}},
		{"O3", "wrong EC: 400 ODP-104", func(t *testing.T, s *station) {
			s.create(t, testkit.Single(1), true)
			s.options(t, "00000000000", nav).wantODP(t, http.StatusBadRequest, "ODP-104", "PAA_ID_DOMINIO_ERRATO La PAA non corrisponde al Dominio indicato")
		}},
		{"O4", "paid option: 200 with PO_PAID/POI_PAID", func(t *testing.T, s *station) {
			s.create(t, testkit.Plan(1), true)
			s.post(t, receiptOf(nav, "r1")).wantOK(t)
			for n := int64(1); n <= 3; n++ {
				got := s.options(t, ec, string(testkit.NAV(n))).offers(t)
				if want := "PO_PAID 12000: POI_PAID 12000; PO_INVALID 12000: POI_INVALID 6000 POI_INVALID 6000"; got != want {
					t.Errorf("notice %d leads to\n%s, want\n%s", n, got, want)
				}
			}
		}},
		{"O5", "internal failure: 500 ODP-103", func(t *testing.T, s *station) {
			s = newStation(t, viewStore{s.db, func(context.Context) error { return errors.New("disk on fire: SELECT") }}, soap.Limits{})
			s.options(t, ec, nav).wantODP(t, http.StatusInternalServerError, "ODP-103", optionsFailed)
		}},
	} {
		t.Run(c.id, func(t *testing.T) {
			t.Parallel()
			t.Log(c.rule)
			c.run(t, newStation(t, openStore(t), soap.Limits{}))
		})
	}
}

// The whole body, member by member: dates are UTC without a zone as GPD's and the
// official example's, and what is not known is left out.
func TestPaymentOptions_Body(t *testing.T) {
	t.Parallel()
	s := newStation(t, openStore(t), soap.Limits{})
	p := testkit.Plan(1)
	p.Options[1].Description = `Due rate & "spese"`
	p.Options[1].Instalments[0].DueDate = testkit.Noon.Add(time.Hour + 250*time.Millisecond)
	p.Options[1].SwitchToExpired = false
	p.OfficeName = ""
	s.create(t, p, true)
	s.clock.Set(testkit.Noon.Add(2 * time.Hour))
	instalment := func(n int64, amount int, due, status, reason string) string {
		return fmt.Sprintf(`{"nav":"%s","iuv":"%s","amount":%d,"description":"TARI 2026","dueDate":"%s","validFrom":"2026-11-23T12:00:00","status":"%s","statusReason":"%s"}`,
			testkit.NAV(n), testkit.NAV(n).IUV(), amount, due, status, reason)
	}
	want := `{"organizationFiscalCode":"77777777777","companyName":"Comune di Prova","standin":true,"paymentOptions":[` +
		`{"description":"TARI 2026","numberOfInstallments":1,"amount":12000,"dueDate":"2026-12-23T12:00:00","validFrom":"2026-11-23T12:00:00","status":"PO_UNPAID","statusReason":"Da pagare","allCCP":false,"installments":[` +
		instalment(1, 12000, "2026-12-23T12:00:00", "POI_UNPAID", "Da pagare") + `]},` +
		`{"description":"Due rate \u0026 \"spese\"","numberOfInstallments":2,"amount":12000,"dueDate":"2026-12-23T12:00:00","validFrom":"2026-11-23T12:00:00","status":"PO_UNPAID","statusReason":"Da pagare","allCCP":false,"installments":[` +
		instalment(2, 6000, "2026-11-23T13:00:00.25", "POI_EXPIRED_UNPAID", "Scaduto, ancora pagabile") + "," +
		instalment(3, 6000, "2026-12-23T12:00:00", "POI_UNPAID", "Da pagare") + `]}]}`
	if got := s.options(t, string(testkit.EC), string(testkit.NAV(2))); string(got.body) != want {
		t.Errorf("got\n%s, want\n%s", got.body, want)
	}
}

func TestPaymentOptions_StatesAndRefusals(t *testing.T) {
	t.Parallel()
	s := newStation(t, openStore(t), soap.Limits{})
	s.create(t, testkit.Single(1), false)
	s.create(t, testkit.Single(2), true)
	cancel(t, s, "POS-2")
	short := testkit.Single(3)
	short.Options[0].Instalments[0].DueDate = testkit.Noon.Add(time.Minute)
	s.create(t, short, true)
	later := testkit.Single(4)
	later.Options[0].ValidFrom = testkit.Noon.Add(time.Hour)
	s.create(t, later, true)
	s.clock.Set(testkit.Noon.Add(2 * time.Minute))
	ec := string(testkit.EC)
	s.options(t, ec, string(testkit.NAV(1))).wantODP(t, http.StatusNotFound, "ODP-107", optionsUnknown) // a draft
	s.options(t, ec, string(testkit.NAV(4))).wantODP(t, http.StatusNotFound, "ODP-107", optionsUnknown) // not yet valid
	cancelled := s.options(t, ec, string(testkit.NAV(2)))
	if got := cancelled.offers(t); got != "PO_INVALID 12000: POI_INVALID 12000" || !strings.Contains(string(cancelled.body), "annullata") {
		t.Errorf("cancelled is\n%s", cancelled.body)
	}
	if got := s.options(t, ec, string(testkit.NAV(3))).offers(t); got != "PO_EXPIRED_NOT_PAYABLE 12000: POI_EXPIRED_NOT_PAYABLE 12000" {
		t.Errorf("expired is %s", got)
	}
	const badEC = "PAA_SINTASSI Errore di sintassi: organization-fiscal-code: the creditor institution's fiscal code must be 11 digits"
	const badNAV = "PAA_SINTASSI Errore di sintassi: notice-number: the notice number must be 18 digits"
	for _, c := range []struct{ ec, nav, message string }{
		{"RSSMRA80A01H501U", string(testkit.NAV(1)), badEC},
		{"", string(testkit.NAV(1)), badEC},
		{"%3Cscript%3E", string(testkit.NAV(1)), badEC},
		{ec, "ABCDEF", badNAV}, // gpd-api.md §8.5 E21
		{ec, "", badNAV},
		{ec, string(testkit.NAV(1)) + "0", badNAV},
		{ec, "%D9%A1" + string(testkit.NAV(1))[1:], badNAV}, // an Arabic digit
	} {
		s.options(t, c.ec, c.nav).wantODP(t, http.StatusBadRequest, "ODP-101", c.message)
	}
}

// viewStore runs something before every view.
type viewStore struct {
	bridge.Store
	before func(context.Context) error
}

func (v viewStore) View(ctx context.Context, fn func(bridge.ReadTx) error) error {
	if err := v.before(ctx); err != nil {
		return err
	}
	return v.Store.View(ctx, fn)
}

// The limits of the other reads hold here too, and every refusal has the form that
// the platform reads.
func TestPaymentOptions_Limits(t *testing.T) {
	t.Parallel()
	ec, nav := string(testkit.EC), string(testkit.NAV(1))
	t.Run("deadline", func(t *testing.T) {
		t.Parallel()
		wait := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		s := newStation(t, viewStore{openStore(t), wait}, soap.Limits{ReadDeadline: time.Millisecond})
		s.options(t, ec, nav).wantODP(t, http.StatusInternalServerError, "ODP-103", optionsFailed)
	})
	t.Run("panic", func(t *testing.T) {
		t.Parallel()
		s := newStation(t, viewStore{openStore(t), func(context.Context) error { panic("a bug") }}, soap.Limits{})
		for range 3 { // and the place is given back
			s.options(t, ec, nav).wantODP(t, http.StatusInternalServerError, "ODP-103", optionsFailed)
		}
	})
	t.Run("too many at once", func(t *testing.T) {
		t.Parallel()
		entered, leave := make(chan struct{}), make(chan struct{})
		s := newStation(t, viewStore{openStore(t), func(context.Context) error { entered <- struct{}{}; <-leave; return nil }}, soap.Limits{Calls: 1})
		first := make(chan answer)
		go func() { first <- s.options(t, ec, nav) }()
		<-entered
		s.options(t, ec, nav).wantODP(t, http.StatusInternalServerError, "ODP-103", optionsFailed+": too many calls at once")
		close(leave)
		(<-first).wantODP(t, http.StatusNotFound, "ODP-107", optionsUnknown)
	})
}

func TestPaymentOptions_PathAndMethod(t *testing.T) {
	t.Parallel()
	s := newStation(t, openStore(t), soap.Limits{})
	s.create(t, testkit.Single(1), true)
	whole := s.optionsURL(string(testkit.EC), string(testkit.NAV(1)))
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		if a := s.send(t, method, whole, ""); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != http.MethodPost {
			t.Errorf("%s: HTTP %d, Allow %q", method, a.status, a.header.Get("Allow"))
		}
	}
	for _, path := range []string{whole + "/", whole + "/x", strings.Replace(whole, "/odp", "", 1), strings.Replace(whole, "/notices", "", 1), strings.Replace(whole, "organizations", "organisations", 1), strings.Replace(whole, "/notices", "%2Fx/notices", 1)} {
		if a := s.send(t, http.MethodPost, path, ""); a.status != http.StatusNotFound {
			t.Errorf("%s: HTTP %d", path, a.status)
		}
	}
	for _, body := range []string{"{}", "null", "<", strings.Repeat("x", 2<<20)} { // the contract has none: not read
		if a := s.send(t, http.MethodPost, whole, body, "Content-Type: application/json"); a.status != http.StatusOK {
			t.Errorf("body of %d bytes: HTTP %d", len(body), a.status)
		}
	}
}

// rest_endpoint may be a host alone; without the key nothing is answered.
func TestPaymentOptions_Prefixes(t *testing.T) {
	t.Parallel()
	db := openStore(t)
	service := bridge.NewService(db, testkit.NewClock(), testkit.Registry())
	if err := service.CreatePosition(t.Context(), testkit.Principal(), testkit.Single(1), true); err != nil {
		t.Fatal(err)
	}
	path := "/payment-options/organizations/" + string(testkit.EC) + "/notices/" + string(testkit.NAV(1))
	for _, c := range []struct {
		configured, path string
		status           int
	}{
		{"", path, http.StatusNotFound},
		{"/", path, http.StatusOK},
		{"/a/b", "/a/b" + path, http.StatusOK},
		{"/a/b/", "/a/b" + path, http.StatusOK},
		{"/a/b", path, http.StatusNotFound},
		{"/a/b", "/a/bc" + path, http.StatusNotFound},
	} {
		server := soap.NewServer(soap.Config{Service: service, Path: "/paForNode", OptionsPath: c.configured, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, c.path, nil))
		if w.Code != c.status {
			t.Errorf("%q asked for %s: HTTP %d, want %d", c.configured, c.path, w.Code, c.status)
		}
	}
}

func TestPaymentOptions_OneLineWithoutPersonalData(t *testing.T) {
	t.Parallel()
	s := newStation(t, openStore(t), soap.Limits{})
	s.create(t, testkit.Single(1), true)
	nav := string(testkit.NAV(1))
	s.options(t, string(testkit.EC), nav, "X-Request-Id: req-1")
	s.post(t, verifyOf(nav))
	s.options(t, "RSSMRA80A01H501U", nav)
	s.options(t, string(testkit.EC), string(testkit.NAV(2)))
	lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines for four calls:\n%s", len(lines), s.log)
	}
	for _, secret := range []string{nav, string(testkit.NAV(2)), "RSSMRA", "TARI", "Rossi", "disk"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, s.log)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ok, verify, bad, unknown := s.records[0], s.records[1], s.records[2], s.records[3]
	if ok.Operation != "paymentOptions" || ok.Outcome != "OK" || ok.EC != string(testkit.EC) || ok.RequestID != "req-1" || ok.Notice == "" || ok.Notice != verify.Notice {
		t.Errorf("record is %+v", ok)
	}
	if bad.Outcome != "KO" || bad.FaultCode != "ODP-101" || bad.EC != "" || unknown.FaultCode != "ODP-107" || unknown.Status != http.StatusNotFound {
		t.Errorf("records are %+v, %+v", bad, unknown)
	}
}
