package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/store"
)

const (
	ec    bridge.ECCode = "77777777777"
	other bridge.ECCode = "88888888888"
)

// noon is the instant at which these tests happen.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)

// openNew makes a store in a directory of the test's and opens it.
func openNew(t testing.TB) *store.DB {
	t.Helper()
	return openAt(t, newDir(t))
}

func newDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := store.Init(dir); err != nil {
		t.Fatalf("Init: %v", err)
	}
	return dir
}

func openAt(t testing.TB, dir string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), store.Options{Dir: dir})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return db
}

// iuvOf and navOf number the notices of these tests.
func iuvOf(n int) bridge.IUV { return bridge.IUV(fmt.Sprintf("01%013d%02d", n, n%93)) }

func navOf(n int) bridge.NoticeNumber { return iuvOf(n).NoticeNumber() }

// position is a published position with one option of one instalment.
func position(n int) *bridge.Position {
	return &bridge.Position{
		EC: ec, IUPD: bridge.IUPD(fmt.Sprintf("iupd-%04d", n)), Status: bridge.Valid, CompanyName: "Comune di Prova",
		InsertedAt: noon, LastUpdatedAt: noon, PublishedAt: noon,
		Options: []bridge.Option{option(instalment(n))},
	}
}

func option(list ...bridge.Instalment) bridge.Option {
	return bridge.Option{
		Plan: len(list) > 1, ValidFrom: noon,
		Debtor:      bridge.Debtor{Type: bridge.NaturalPerson, FiscalCode: "RSSMRA80A01H501U", FullName: "Mario Rossi"},
		Instalments: list,
	}
}

func instalment(n int) bridge.Instalment {
	return bridge.Instalment{
		NAV: navOf(n), IUV: iuvOf(n), Amount: 12050, Description: "TARI 2026", Status: bridge.InstalmentUnpaid,
		DueDate: noon.AddDate(0, 1, 0), InsertedAt: noon, LastUpdatedAt: noon,
		Transfers: []bridge.Transfer{{
			ID: 1, EC: ec, Amount: 12050, RemittanceInformation: "TARI 2026", Category: "9/0101108TS/",
			IBAN: "IT60X0542811101000000123456", Status: bridge.TransferUnreported,
		}},
	}
}

// richPosition has something in every field, and times with microseconds.
func richPosition(n int) *bridge.Position {
	p := position(n)
	p.Status, p.OfficeName, p.PayStandIn = bridge.PartiallyPaid, "Ufficio Tributi", true
	p.Options = append(p.Options, option(instalment(n+1), instalment(n+2)))
	first, plan := &p.Options[0], &p.Options[1]
	plan.Description, plan.ValidFrom, plan.SwitchToExpired = "In due rate", noon.Add(time.Hour+time.Microsecond), true
	first.Debtor = bridge.Debtor{
		Type: bridge.LegalPerson, FiscalCode: "01234567890", FullName: "Società «Àlfa» S.r.l.", StreetName: "Via Roma", CivicNumber: "1/bis",
		PostalCode: "00100", City: "Roma", Province: "RM", Region: "Lazio", Country: "IT", Email: "alfa@example.org", Phone: "+39061234567",
	}
	in := &plan.Instalments[0]
	in.RetentionDate, in.NotificationFee = noon.AddDate(0, 2, 0), 50
	in.Metadata = []bridge.Metadata{{Key: "b", Value: "2"}, {Key: "a", Value: "1"}}
	in.Status, in.PaidAt, in.PaymentMethod, in.PSPCompany = bridge.InstalmentPaid, noon.Add(time.Minute), "CP", "Banca"
	in.ReceiptID, in.Fee = "receipt-1", 150
	in.Transfers = []bridge.Transfer{
		{ID: 1, EC: ec, Amount: 10000, RemittanceInformation: "quota", Category: "9/0101108TS/", IBAN: "IT60X0760111101000000123456", PostalIBAN: "IT60X0760111101000000123456", CompanyName: "Comune", Status: bridge.TransferReported, Metadata: []bridge.Metadata{{Key: "k", Value: ""}}},
		{ID: 3, EC: other, Amount: 2050, RemittanceInformation: "bollo", Category: "9/0101109TS/", Stamp: &bridge.Stamp{HashDocument: "aGFzaA==", Type: "01", ProvincialResidence: "RM"}, Status: bridge.TransferUnreported},
	}
	plan.Instalments[1].DueDate = time.Time{}
	return p
}

func receipt(n int) *bridge.Receipt {
	return &bridge.Receipt{
		EC: ec, ReceiptID: fmt.Sprintf("receipt-%04d", n), Version: bridge.ReceiptV2, Raw: fmt.Appendf(nil, "<receipt>%d</receipt>", n),
		NAV: navOf(n), PrimaryEC: ec, IUV: iuvOf(n), Outcome: bridge.OutcomeOK, Amount: 12050, Fee: 150,
		DebtorFiscalCode: "RSSMRA80A01H501U", PSPCode: "BANK", PSPFiscalCode: "00000000001", PSPCompany: "Banca", PaymentMethod: "CP",
		PaymentNote: "cart", StandIn: true, PaymentDateTime: "2026-11-23T12:00:00", ApplicationDate: "2026-11-23", TransferDate: "2026-11-24",
		TransferTotal: 12050, ReceivedAt: noon, IUPD: "iupd-0001",
	}
}

func update(t testing.TB, db *store.DB, fn func(bridge.Tx) error) {
	t.Helper()
	if err := db.Update(context.Background(), fn); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func view(t testing.TB, db *store.DB, fn func(bridge.ReadTx) error) {
	t.Helper()
	if err := db.View(context.Background(), fn); err != nil {
		t.Fatalf("View: %v", err)
	}
}

func insert(t testing.TB, db *store.DB, positions ...*bridge.Position) {
	t.Helper()
	update(t, db, func(tx bridge.Tx) error {
		for _, p := range positions {
			if err := tx.InsertPosition(context.Background(), p); err != nil {
				return err
			}
		}
		return nil
	})
}
