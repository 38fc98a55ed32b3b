package fill

import (
	"fmt"
	"time"

	"nodobridge/bridge"
)

// The words of which invented people are made. None of the combinations is anybody.
var (
	givenNames = []string{"Anna", "Bruno", "Carla", "Dario", "Elena", "Fabio", "Giulia", "Hans", "Irene", "Luca", "Marta"}
	surnames   = []string{"Abate", "Bianchi", "Colombo", "De Angelis", "Esposito", "Ferrari", "Gallo", "Lombardi", "Moretti", "Neri", "Òrtega", "Parisi", "Ricci"}
	streets    = []string{"Via Roma", "Piazza Garibaldi", "Corso Italia", "Via della Libertà", "Viale Europa", "Vicolo Corto", "Strada Vecchia"}
)

// Position is the n-th position of every filled store, not yet published: about as many
// bytes as a municipality's waste tax has. Its due date lies years ahead, so that the
// store stays payable.
func Position(n int) *bridge.Position {
	nav := NAV(n)
	return &bridge.Position{
		EC: EC, IUPD: IUPD(n), CompanyName: "Comune di Prova", OfficeName: "Ufficio Tributi", PayStandIn: true,
		Options: []bridge.Option{{
			Debtor: debtor(n),
			Instalments: []bridge.Instalment{{
				NAV: nav, IUV: nav.IUV(), Amount: Amount, Description: fmt.Sprintf("TARI 2026 utenza %08d", n),
				DueDate:  time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n%365),
				Metadata: []bridge.Metadata{{Key: "utenza", Value: fmt.Sprintf("%08d", n)}},
				Transfers: []bridge.Transfer{
					{ID: 1, EC: EC, CompanyName: "Comune di Prova", Amount: Amount - provincial, RemittanceInformation: "TARI 2026", Category: "9/0101100IM/", IBAN: "IT60X0542811101000000123456"},
					{ID: 2, EC: Province, CompanyName: "Provincia di Prova", Amount: provincial, RemittanceInformation: "TEFA 2026", Category: "9/0201102IM/", IBAN: "IT60X0542811101000000654321"},
				},
			}},
		}},
	}
}

// debtor is the n-th invented person; the fiscal code has a natural person's form.
func debtor(n int) bridge.Debtor {
	given, surname := givenNames[n%len(givenNames)], surnames[n%len(surnames)]
	letters := func(v int) string {
		return string([]byte{byte('A' + v/676%26), byte('A' + v/26%26), byte('A' + v%26)})
	}
	code := fmt.Sprintf("%s%s%02d%c%02d%c%03d%c", letters(n/17576), letters(n), n%100, "ABCDEHLMPRST"[n%12], n%28+1, 'A'+n%26, n%1000, 'A'+n%23)
	return bridge.Debtor{
		Type: bridge.NaturalPerson, FiscalCode: code, FullName: given + " " + surname,
		StreetName: streets[n%len(streets)], CivicNumber: fmt.Sprint(n%200 + 1), PostalCode: "00100", City: "Roma", Province: "RM", Region: "Lazio",
		Country: "IT", Email: fmt.Sprintf("utenza.%08d@example.org", n),
	}
}
