package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/sheet"
)

func operationsOf() []api.Operation {
	var list []api.Operation
	for _, op := range api.Operations() {
		if op.Path != "/info" { // outside of every prefix
			list = append(list, op)
		}
	}
	return list
}

// counter is a desk with one service whose every form costs 22.21.
type counter struct{}

func (counter) Open() bool                                           { return true }
func (counter) Find(bridge.Demand) (bridge.SpontaneousService, bool) { return counter{}, true }
func (counter) Offered(bridge.ECCode) []bridge.OfferedService {
	return []bridge.OfferedService{{Name: "cie", Description: "Carta {causale}", Fields: []bridge.ServiceField{{Name: "causale", Required: true, Pattern: "[0-9]+"}}}}
}

func (counter) ByName(_ bridge.ECCode, name string) (bridge.SpontaneousService, bool) {
	return counter{}, name == "cie"
}

func (counter) Terms() bridge.ServiceTerms {
	return bridge.ServiceTerms{Name: "cie", IBAN: "IT60X0542811101000000123456", Segregation: "47", Category: "9/0101002IM/", ValidDays: 1, Window: time.Hour}
}

func (counter) Read(payload []byte) (bridge.ServiceForm, error) {
	return bridge.ServiceForm{Canonical: payload}, nil
}

func (counter) Fill(fields map[string]string) (bridge.ServiceForm, error) {
	return bridge.ServiceForm{Canonical: bridge.CanonicalFields(fields), Fields: fields}, nil
}

func (counter) Claim(context.Context, bridge.ServiceForm) (bridge.Claim, error) {
	return bridge.Claim{Amount: 2221, Description: "Carta d'identità elettronica"}, nil
}

// newExampleStation has everything plugged in that an example asks for.
func newExampleStation(t *testing.T) *station {
	t.Helper()
	s := newStationWith(t, api.Config{
		ReadSheet: sheet.Read, Printer: clerk{},
		CheckURL: func(context.Context, string) error { return nil },
		OpenCart: func(context.Context, *bridge.Cart) (string, error) { return "https://checkout.example.org/c/1", nil },
	})
	s.service.UseDesk(counter{})
	s.service.SetRegistry(printingRegistry(t))
	return s
}

// prepare brings about what an example needs and fills in its path.
func (s *station) prepare(operation, path string) string {
	s.t.Helper()
	webhook, query, positions := "", "", ours
	if s.compat {
		positions = "/organizations/77777777777/debtpositions"
	}
	switch operation {
	case "updateDebtPosition", "updatePosition", "updateMultipleDebtPositions", "deleteMultipleDebtPositions", "setPaymentOptionAsAlreadyPaid", "updateTransferIbanMassive", "openCart", "payPaymentOption", "updateNotificationFee":
		s.created(positions+"?toPublish=true", edited(minimal, "iupd", "TARI-2026-0001"))
	case "resendEvents":
		webhook = fmt.Sprint(object(s.do(post(ownWebhooks, `{"url":"https://gestionale.example.org/"}`)).body).(map[string]any)["id"])
	case "importPositions":
		s.members(replace(ownMappings+"/tari", `{"fields":{"iupd":{"columns":["CODICE"]},"fiscalCode":{"columns":["CF"]},"fullName":{"columns":["COGNOME","NOME"]},"amount":{"columns":["IMPORTO"]},"dueDate":{"columns":["SCADENZA"]},
			"description":{"default":"TARI 2026"},"category":{"default":"9/0101100IM/"},"iban":{"default":"IT60X0542811101000000123456"},"segregationCode":{"default":"47"}}}`))
		query = "?mapping=tari"
	}
	if operation == "updateTransferIbanMassive" {
		query = "?oldIban=IT60X0542811101000000123456"
	}
	return strings.NewReplacer("{ec}", "77777777777", "{iupd}", "TARI-2026-0001", "{nav}", "347000000000000012", "{webhook}", webhook, "{service}", "cie", "{mapping}", "tari").Replace(path) + query
}
