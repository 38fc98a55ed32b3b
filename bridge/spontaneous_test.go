package bridge_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// counter is a service whose every payload is its own form; it costs 10.00.
type counter struct {
	terms bridge.ServiceTerms
	claim bridge.Claim
	err   error
}

func (c *counter) Open() bool                                           { return true }
func (c *counter) Find(bridge.Demand) (bridge.SpontaneousService, bool) { return c, true }
func (c *counter) Offered(bridge.ECCode) []bridge.OfferedService        { return nil }
func (c *counter) Terms() bridge.ServiceTerms                           { return c.terms }

func (c *counter) Read(payload []byte) (bridge.ServiceForm, error) {
	return bridge.ServiceForm{Canonical: payload}, nil
}

func (c *counter) ByName(_ bridge.ECCode, name string) (bridge.SpontaneousService, bool) {
	return c, name == c.terms.Name
}

func (c *counter) Fill(fields map[string]string) (bridge.ServiceForm, error) {
	return bridge.ServiceForm{Canonical: bridge.CanonicalFields(fields), Fields: fields}, nil
}

func (c *counter) Claim(context.Context, bridge.ServiceForm) (bridge.Claim, error) {
	return c.claim, c.err
}

func terms() bridge.ServiceTerms {
	return bridge.ServiceTerms{
		Name: "prova", IBAN: "IT60X0542811101000000123456", Segregation: "02", Category: "9/0101108TS/", ValidDays: 1, Window: 30 * time.Minute,
	}
}

func newCounter() *counter {
	return &counter{terms: terms(), claim: bridge.Claim{Amount: 1000, Description: "Servizio di prova"}}
}

func demandFor(payload string) bridge.Demand {
	return bridge.Demand{Addressee: testkit.Addressee(), Service: "00001", Subject: "00001", Payload: base64.StdEncoding.EncodeToString([]byte(payload))}
}

func demandNAV(t *testing.T, s *world, payload string) bridge.NoticeNumber {
	t.Helper()
	d, err := s.DemandNotice(t.Context(), demandFor(payload))
	if err != nil {
		t.Fatal(err)
	}
	return d.NAV
}

func TestServiceTerms_Validate(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*bridge.ServiceTerms){
		"IBAN":         func(s *bridge.ServiceTerms) { s.IBAN = "IT60X0542811101000000123457" },
		"postal IBAN":  func(s *bridge.ServiceTerms) { s.PostalIBAN = "x" },
		"segregation":  func(s *bridge.ServiceTerms) { s.Segregation = "2" },
		"category":     func(s *bridge.ServiceTerms) { s.Category = "" },
		"no day":       func(s *bridge.ServiceTerms) { s.ValidDays = 0 },
		"many days":    func(s *bridge.ServiceTerms) { s.ValidDays = 367 },
		"short window": func(s *bridge.ServiceTerms) { s.Window = time.Second },
		"long window":  func(s *bridge.ServiceTerms) { s.Window = 25 * time.Hour },
	} {
		s := terms()
		change(&s)
		if err := s.Validate(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := terms().Validate(); err != nil {
		t.Error(err)
	}
}

// Notice numbers are unique, valid and tell nothing of one another.
func TestDemand_NumbersUnderConcurrency(t *testing.T) {
	t.Parallel()
	s := newWorld(t)
	s.UseDesk(newCounter())
	const workers, each = 16, 25
	var mu sync.Mutex
	seen := map[bridge.NoticeNumber]bool{}
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range each {
				d, err := s.DemandNotice(t.Context(), demandFor(fmt.Sprintf("%d-%d", w, i)))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				seen[d.NAV] = true
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(seen) != workers*each {
		t.Errorf("%d numbers for %d positions", len(seen), workers*each)
	}
	neighbours := 0
	for nav := range seen {
		if _, err := bridge.ParseNoticeNumber(string(nav)); err != nil || nav[:3] != "302" {
			t.Errorf("%s: %v", nav, err)
		}
		if nav[3:9] == "000000" {
			neighbours++ // a plain counter would begin like this
		}
	}
	if neighbours > 1 {
		t.Errorf("%d numbers begin as a counter does", neighbours)
	}
}

// A deleted position's number is not issued again and not accepted from an upload.
func TestDemand_DeletedNumberStaysUsed(t *testing.T) {
	t.Parallel()
	s := newWorld(t)
	s.UseDesk(newCounter())
	nav := demandNAV(t, s, "a")
	iupd := bridge.IUPD("SP-" + nav)
	if err := s.DeletePosition(t.Context(), testkit.Principal(), testkit.EC, iupd); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		if again := demandNAV(t, s, fmt.Sprint(i)); again == nav {
			t.Fatal("the number is issued again")
		}
	}
	for _, change := range []func(in *bridge.Instalment){
		func(in *bridge.Instalment) { in.NAV, in.IUV = nav, nav.IUV() },
		func(in *bridge.Instalment) { in.IUV = nav.IUV() },
	} {
		p := testkit.Single(1)
		change(&p.Options[0].Instalments[0])
		if err := s.CreatePosition(t.Context(), testkit.Principal(), p, true); bridge.CodeOf(err) != bridge.CodePositionExists {
			t.Errorf("an upload with the number: %v", err)
		}
	}
	// An EC may use its own numbers again, as at GPD.
	for range 2 {
		if err := s.CreatePosition(t.Context(), testkit.Principal(), testkit.Single(2), true); err != nil {
			t.Fatal(err)
		}
		if err := s.DeletePosition(t.Context(), testkit.Principal(), testkit.EC, "POS-2"); err != nil {
			t.Fatal(err)
		}
	}
}

// A series of three numbers, of which an upload has taken one: the counter goes on
// to the next.
func TestDemand_SkipsUploadedNumber(t *testing.T) {
	t.Parallel()
	s := newWorld(t)
	s.UseDesk(newCounter())
	key := make([]byte, 32)
	err := s.db.Update(t.Context(), func(tx bridge.Tx) error {
		// The series' key is known here, so what it gives next can be uploaded first.
		_, err := tx.NextNumbers(t.Context(), testkit.EC, "02", 1, key)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	twin := newWorld(t)
	twin.UseDesk(newCounter())
	err = twin.db.Update(t.Context(), func(tx bridge.Tx) error {
		_, err := tx.NextNumbers(t.Context(), testkit.EC, "02", 1, key)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	taken := demandNAV(t, twin, "a") // the same key and counter give the same number
	p := testkit.Single(1)
	p.Options[0].Instalments[0].NAV, p.Options[0].Instalments[0].IUV = taken, taken.IUV()
	if err := s.CreatePosition(t.Context(), testkit.Principal(), p, true); err != nil {
		t.Fatal(err)
	}
	got, next := demandNAV(t, s, "a"), demandNAV(t, twin, "b")
	if got == taken || got != next {
		t.Errorf("issued %s, want %s", got, next)
	}
}

func TestDemand_ClaimsThatMakeNoPosition(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]struct {
		change func(*counter)
		code   bridge.Code
	}{
		"nothing due":          {func(c *counter) { c.err = &bridge.Error{Code: bridge.CodeNoticeUnknown} }, bridge.CodeNoticeUnknown},
		"source fails":         {func(c *counter) { c.err = errors.New("boom") }, bridge.CodeStoreUnavailable},
		"amount of zero":       {func(c *counter) { c.claim.Amount = 0 }, bridge.CodeNotExpressible},
		"amount beyond":        {func(c *counter) { c.claim.Amount = bridge.MaxAmount + 1 }, bridge.CodeNotExpressible},
		"no description":       {func(c *counter) { c.claim.Description = " \t" }, bridge.CodeNotExpressible},
		"debtor of one letter": {func(c *counter) { c.claim.Debtor.FiscalCode = "x" }, bridge.CodeNotExpressible},
		"debtor of type P":     {func(c *counter) { c.claim.Debtor.Type = "P" }, bridge.CodeNotExpressible},
		"due yesterday":        {func(c *counter) { c.claim.DueDate = "2026-11-22" }, bridge.CodeSourceSilent},
		"due on no day":        {func(c *counter) { c.claim.DueDate = "2026-13-01" }, bridge.CodeSourceSilent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newWorld(t)
			c := newCounter()
			v.change(c)
			s.UseDesk(c)
			_, err := s.DemandNotice(t.Context(), demandFor("a"))
			if bridge.CodeOf(err) != v.code {
				t.Errorf("got %v, want %s", err, v.code)
			}
			page, err := s.Positions(t.Context(), testkit.Principal(), bridge.PositionQuery{EC: testkit.EC, Limit: 10, OrderBy: bridge.ByInsertedDate})
			if err != nil || page.Total != 0 {
				t.Errorf("%d positions, %v", page.Total, err)
			}
		})
	}
}

// The last second of the Italian day, also on the day on which the clocks change.
func TestDemand_DueDate(t *testing.T) {
	t.Parallel()
	for now, want := range map[string]string{
		"2026-11-23T12:00:00Z": "2026-11-24T22:59:59Z",
		"2026-11-23T22:59:59Z": "2026-11-24T22:59:59Z",
		"2026-11-23T23:00:00Z": "2026-11-25T22:59:59Z", // midnight in Rome
		"2026-10-24T12:00:00Z": "2026-10-25T22:59:59Z", // summer time ends
		"2026-03-28T12:00:00Z": "2026-03-29T21:59:59Z", // summer time begins
	} {
		s := newWorld(t)
		s.UseDesk(newCounter())
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		s.clock.Set(at)
		nav := demandNAV(t, s, "a")
		p, err := s.Position(t.Context(), testkit.Principal(), testkit.EC, bridge.IUPD("SP-"+nav))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Options[0].Instalments[0].DueDate.Format(time.RFC3339); got != want {
			t.Errorf("demanded at %s: due %s, want %s", now, got, want)
		}
	}
}
