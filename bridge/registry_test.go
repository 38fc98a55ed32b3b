package bridge_test

import (
	"errors"
	"slices"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// registryOf has our EC on each of the stations, with that station's entry.
func registryOf(t *testing.T, stations ...bridge.Station) *bridge.Registry {
	t.Helper()
	b := bridge.Broker{Code: testkit.Broker, Stations: map[string]bridge.Station{}}
	for _, s := range stations {
		b.Stations[s.ID] = s
	}
	r, err := bridge.NewRegistry([]bridge.Broker{b})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// on is a station with one entry of our EC.
func on(id string, ec bridge.CreditorInstitution) bridge.Station {
	ec.Code, ec.Name = testkit.EC, "Comune di Prova"
	return bridge.Station{ID: id, ECs: map[bridge.ECCode]bridge.CreditorInstitution{ec.Code: ec}}
}

// A notice whose codes are not the addressed station's is unknown there, stored or
// not (soap-node.md §1.4 "Routing consequence"); its receipt is applied all the
// same.
func TestRouting_OnlyTheStationOfTheCodesAnswers(t *testing.T) {
	t.Parallel()
	const other = "99999999999_02"
	for _, c := range []struct {
		name        string
		here, there bridge.CreditorInstitution // on the addressed station, and on the other one
		nav         bridge.NoticeNumber
		known       bool
	}{
		{"nothing configured", bridge.CreditorInstitution{}, bridge.CreditorInstitution{}, testkit.NAV(1), true},
		{"its segregation code", bridge.CreditorInstitution{AuxDigit: "3", SegregationCodes: []string{"01", "02"}}, bridge.CreditorInstitution{}, testkit.NAV(1), true},
		{"another segregation code", bridge.CreditorInstitution{AuxDigit: "3", SegregationCodes: []string{"01"}}, bridge.CreditorInstitution{}, testkit.NAV(1), false},
		{"the other station's segregation code", bridge.CreditorInstitution{AuxDigit: "3", SegregationCodes: []string{"01"}}, bridge.CreditorInstitution{AuxDigit: "3", SegregationCodes: []string{"02"}}, testkit.NAV(1), false},
		{"any segregation code", bridge.CreditorInstitution{AuxDigit: "3"}, bridge.CreditorInstitution{}, testkit.NAV(1), true},
		{"segregation code without aux digit", bridge.CreditorInstitution{SegregationCodes: []string{"01"}}, bridge.CreditorInstitution{}, testkit.NAV(1), false},
		{"another aux digit", bridge.CreditorInstitution{AuxDigit: "0"}, bridge.CreditorInstitution{}, testkit.NAV(1), false},
		{"its application code", bridge.CreditorInstitution{AuxDigit: "0", ApplicationCode: "01"}, bridge.CreditorInstitution{}, "001000000000000141", true},
		{"another application code", bridge.CreditorInstitution{AuxDigit: "0", ApplicationCode: "02"}, bridge.CreditorInstitution{}, "001000000000000141", false},
		{"aux digit 2", bridge.CreditorInstitution{AuxDigit: "2"}, bridge.CreditorInstitution{}, "200000000000000103", true},
		{"aux digit 3 asked for aux digit 2", bridge.CreditorInstitution{AuxDigit: "3"}, bridge.CreditorInstitution{}, "200000000000000103", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetRegistry(registryOf(t, on(testkit.Station, c.here), on(other, c.there)))
			p := testkit.Single(1)
			in := &p.Options[0].Instalments[0]
			in.NAV, in.IUV = c.nav, c.nav.IUV()
			w.create(t, p)
			want := bridge.CodeNoticeUnknown
			if c.known {
				want = ""
			}
			if _, err := w.VerifyNotice(t.Context(), query(c.nav)); bridge.CodeOf(err) != want {
				t.Errorf("verified: %v, want %q", err, want)
			}
			if _, err := w.GetPayment(t.Context(), bridge.PaymentQuery{NoticeQuery: query(c.nav), V2: true}); bridge.CodeOf(err) != want {
				t.Errorf("activated: %v, want %q", err, want)
			}
			d := receipt(1, "r1")
			d.Receipt.NAV, d.Receipt.IUV = c.nav, c.nav.IUV()
			if err := w.RecordReceipt(t.Context(), d); err != nil {
				t.Errorf("receipt: %v", err)
			}
			if got := w.status(t, p.IUPD); got != bridge.Paid {
				t.Errorf("after the receipt the position is %s", got)
			}
		})
	}
}

func TestRegistry_ECs(t *testing.T) {
	t.Parallel()
	first := on(testkit.Station, bridge.CreditorInstitution{AuxDigit: "3", SegregationCodes: []string{"01"}})
	first.ECs["88888888888"] = bridge.CreditorInstitution{Code: "88888888888", Name: "Altrove"}
	r := registryOf(t, first, on("99999999999_02", bridge.CreditorInstitution{AuxDigit: "3", SegregationCodes: []string{"02"}}))
	var codes []bridge.ECCode
	for _, ec := range r.ECs() {
		codes = append(codes, ec.Code)
	}
	if !slices.Equal(codes, []bridge.ECCode{testkit.EC, "88888888888"}) {
		t.Errorf("institutions are %v", codes)
	}
	if ec, ok := r.EC("88888888888"); !ok || ec.Name != "Altrove" {
		t.Errorf("found %+v, %v", ec, ok)
	}
	if _, ok := r.EC("99999999999"); ok {
		t.Error("found an institution that is not registered")
	}
}

// The rules between entries that a file cannot say (its lists become maps), and
// those that need two stations.
func TestNewRegistry_Refuses(t *testing.T) {
	t.Parallel()
	type ec = bridge.CreditorInstitution
	station := func(id string, e ec) map[string]bridge.Station { return map[string]bridge.Station{id: on(id, e)} }
	both := func(a, b ec) map[string]bridge.Station {
		return map[string]bridge.Station{"A": on("A", a), "B": on("B", b)}
	}
	for _, c := range []struct {
		name    string
		brokers []bridge.Broker
		want    bridge.Place
	}{
		{"station of two brokers", []bridge.Broker{{Code: "99999999999", Stations: station("A", ec{})}, {Code: "88888888888", Stations: station("A", ec{})}}, bridge.Place{Broker: "88888888888", Station: "A", Key: "id"}},
		{"station under another id", []bridge.Broker{{Code: "99999999999", Stations: map[string]bridge.Station{"B": on("A", ec{})}}}, bridge.Place{Broker: "99999999999", Station: "B", Key: "id"}},
		{"EC under another code", []bridge.Broker{{Code: "99999999999", Stations: map[string]bridge.Station{"A": {ID: "A", ECs: map[bridge.ECCode]ec{"88888888888": {Code: "77777777777", Name: "x"}}}}}}, bridge.Place{Broker: "99999999999", Station: "A", EC: "88888888888", Key: "code"}},
		{"application code on two stations", []bridge.Broker{{Code: "99999999999", Stations: both(ec{AuxDigit: "0", ApplicationCode: "01"}, ec{AuxDigit: "0", ApplicationCode: "01"})}}, bridge.Place{Broker: "99999999999", Station: "B", EC: testkit.EC, Key: "application_code"}},
		{"aux digit 1 on two stations", []bridge.Broker{{Code: "99999999999", Stations: both(ec{AuxDigit: "1"}, ec{AuxDigit: "1"})}}, bridge.Place{Broker: "99999999999", Station: "B", EC: testkit.EC, Key: "aux_digit"}},
		{"segregation code on two stations, one without aux digit", []bridge.Broker{{Code: "99999999999", Stations: both(ec{SegregationCodes: []string{"01"}}, ec{AuxDigit: "3", SegregationCodes: []string{"01"}})}}, bridge.Place{Broker: "99999999999", Station: "B", EC: testkit.EC, Key: "segregation_codes"}},
		{"two profiles of one EC", []bridge.Broker{{Code: "99999999999", Stations: both(ec{}, ec{Profile: bridge.Strict})}}, bridge.Place{Broker: "99999999999", Station: "B", EC: testkit.EC, Key: "profile"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := bridge.NewRegistry(c.brokers)
			var broken *bridge.RegistryError
			if !errors.As(err, &broken) || broken.Place != c.want {
				t.Errorf("refused with %v, want %+v", err, c.want)
			}
		})
	}
	if _, err := bridge.NewRegistry([]bridge.Broker{{Code: "99999999999", Stations: both(ec{AuxDigit: "3", SegregationCodes: []string{"01"}}, ec{AuxDigit: "0"})}}); err != nil {
		t.Errorf("two aux digits on two stations: %v", err)
	}
}

// What is allowed and probably not meant is said, by the key that is to be looked
// at.
func TestRegistry_Advice(t *testing.T) {
	t.Parallel()
	good := bridge.CreditorInstitution{Code: "00488410010", Name: "x", AuxDigit: "3", SegregationCodes: []string{"02"}, IBANs: []bridge.IBAN{"IT78N0760103200001012345678"},
		Profile: bridge.Strict, PostalAccount: "1012345678", PostalAuthorization: "AUT. 1"}
	for _, c := range []struct {
		name   string
		change func(*bridge.CreditorInstitution, *bridge.Station)
		want   []string
	}{
		{"nothing", func(*bridge.CreditorInstitution, *bridge.Station) {}, nil},
		{"version 1", func(_ *bridge.CreditorInstitution, s *bridge.Station) { s.PrimitiveVersion = 1 }, []string{"primitive_version"}},
		{"odd station id", func(_ *bridge.CreditorInstitution, s *bridge.Station) { s.ID = "STATION" }, []string{"id"}},
		{"control digit", func(ec *bridge.CreditorInstitution, _ *bridge.Station) { ec.Code = "77777777777" }, []string{"code"}},
		{"no aux digit", func(ec *bridge.CreditorInstitution, _ *bridge.Station) { ec.AuxDigit = "" }, []string{"aux_digit"}},
		{"old aux digit", func(ec *bridge.CreditorInstitution, _ *bridge.Station) { ec.AuxDigit, ec.SegregationCodes = "2", nil }, []string{"aux_digit"}},
		{"any segregation code", func(ec *bridge.CreditorInstitution, _ *bridge.Station) { ec.SegregationCodes = nil }, []string{"segregation_codes"}},
		{"central service's segregation code", func(ec *bridge.CreditorInstitution, _ *bridge.Station) { ec.SegregationCodes = []string{"45", "46"} }, []string{"segregation_codes"}},
		{"no accounts", func(ec *bridge.CreditorInstitution, _ *bridge.Station) { ec.IBANs = nil }, []string{"ibans"}},
		{"compatible", func(ec *bridge.CreditorInstitution, _ *bridge.Station) { ec.Profile = "" }, []string{"profile"}},
		{"slip without authorisation", func(ec *bridge.CreditorInstitution, _ *bridge.Station) { ec.PostalAuthorization = "" }, []string{"postal_authorization"}},
		{"authorisation without account", func(ec *bridge.CreditorInstitution, _ *bridge.Station) { ec.PostalAccount = "" }, []string{"postal_account"}},
		{"slip of another account", func(ec *bridge.CreditorInstitution, _ *bridge.Station) { ec.PostalAccount = "12345678" }, []string{"postal_account"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ec, s := good, bridge.Station{ID: "00488410010_01"}
			c.change(&ec, &s)
			s.ECs = map[bridge.ECCode]bridge.CreditorInstitution{ec.Code: ec}
			r, err := bridge.NewRegistry([]bridge.Broker{{Code: "00488410010", Stations: map[string]bridge.Station{s.ID: s}}})
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, a := range r.Advice() {
				keys = append(keys, a.Key)
				if a.What == "" || a.Why == "" || a.Cure == "" {
					t.Errorf("%+v does not say everything", a)
				}
			}
			if !slices.Equal(keys, c.want) {
				t.Errorf("advised on %v, want %v", keys, c.want)
			}
		})
	}
}

// A broadcast station beside another of the same EC gets every receipt a second
// time.
func TestRegistry_Advice_Broadcast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		broadcast bool
		ok        [2]bool // duplicates are answered OK
		want      bool
	}{
		{"no broadcast", false, [2]bool{}, false},
		{"broadcast", true, [2]bool{}, true},
		{"one answers duplicates with OK", true, [2]bool{true, false}, true},
		{"both answer duplicates with OK", true, [2]bool{true, true}, false},
	} {
		a := on("99999999999_01", bridge.CreditorInstitution{AuxDigit: "3", SegregationCodes: []string{"01"}})
		b := on("99999999999_02", bridge.CreditorInstitution{AuxDigit: "3", SegregationCodes: []string{"02"}})
		b.Broadcast, a.DuplicateReceiptOK, b.DuplicateReceiptOK = c.broadcast, c.ok[0], c.ok[1]
		got := slices.ContainsFunc(registryOf(t, a, b).Advice(), func(a bridge.Advice) bool {
			return a.Place == bridge.Place{Broker: "99999999999", Station: "99999999999_02", Key: "broadcast"}
		})
		if got != c.want {
			t.Errorf("%s: advised %v", c.name, got)
		}
	}
}
