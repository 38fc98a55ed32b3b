package testkit

import (
	"fmt"
	"time"

	"nodobridge/bridge"
)

// The parties of the specification's acceptance cases (soap-node.md §6).
const (
	EC      = bridge.ECCode("77777777777")
	Broker  = "99999999999"
	Station = "99999999999_01"
)

// Registry knows the one broker with its one station and EC.
func Registry() *bridge.Registry {
	r, err := bridge.NewRegistry([]bridge.Broker{{
		Code: Broker,
		Stations: map[string]bridge.Station{Station: {
			ID:  Station,
			ECs: map[bridge.ECCode]bridge.CreditorInstitution{EC: {Code: EC, Name: "Comune di Prova"}},
		}},
	}})
	if err != nil {
		panic(err)
	}
	return r
}

// Principal may act for EC.
func Principal() bridge.Principal {
	return bridge.Principal{KeyID: "000000000000", ECs: []bridge.ECCode{EC}}
}

// Addressee is the node's call to our EC on our station.
func Addressee() bridge.Addressee {
	return bridge.Addressee{EC: string(EC), Broker: Broker, Station: Station}
}

// NAV is the n-th notice number of segregation code 02.
func NAV(n int64) bridge.NoticeNumber {
	nav, err := bridge.NewNoticeNumber("02", n)
	if err != nil {
		panic(err)
	}
	return nav
}

// Single is a position of one option, 120.00 euro due in a month, with the n-th
// notice number.
func Single(n int64) *bridge.Position {
	return &bridge.Position{
		EC: EC, IUPD: bridge.IUPD(fmt.Sprintf("POS-%d", n)), CompanyName: "Comune di Prova", OfficeName: "Ufficio Tributi", PayStandIn: true,
		Options: []bridge.Option{{
			SwitchToExpired: true, Debtor: Debtor(),
			Instalments: []bridge.Instalment{Instalment(n, 12000)},
		}},
	}
}

// Plan is a position payable at once with notice n, or in two instalments of
// half the amount with notices n+1 and n+2.
func Plan(n int64) *bridge.Position {
	p := Single(n)
	p.Options = append(p.Options, bridge.Option{
		Plan: true, SwitchToExpired: true, Debtor: Debtor(),
		Instalments: []bridge.Instalment{Instalment(n+1, 6000), Instalment(n+2, 6000)},
	})
	return p
}

// Instalment has one transfer to EC's bank account.
func Instalment(n int64, amount bridge.Cents) bridge.Instalment {
	nav := NAV(n)
	return bridge.Instalment{
		NAV: nav, IUV: nav.IUV(), Amount: amount, Description: "TARI 2026", DueDate: Noon.Add(30 * 24 * time.Hour),
		Transfers: []bridge.Transfer{{
			ID: 1, EC: EC, Amount: amount, RemittanceInformation: "TARI 2026", Category: "9/0101108TS/", IBAN: "IT60X0542811101000000123456",
		}},
	}
}

// Debtor is nobody: an invented natural person.
func Debtor() bridge.Debtor {
	return bridge.Debtor{Type: bridge.NaturalPerson, FiscalCode: "RSSMRA80A01H501U", FullName: "Mario Rossi", Country: "IT", Email: "mario.rossi@example.org"}
}
