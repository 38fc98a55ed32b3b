package bridge_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// TestReserveNumbers: many at once, from eight callers at once, are each unique, valid and
// of the code asked for; one that an upload has taken is left out; after a restart and a
// deletion none comes again (notices.md §9 row 1).
func TestReserveNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := map[bridge.NoticeNumber]bool{}
	var mu sync.Mutex
	reserve := func(ctx context.Context, service *bridge.Service, count int) {
		list, err := service.ReserveNumbers(ctx, testkit.Principal(), bridge.NumberOrder{EC: testkit.EC, Segregation: "02", Count: count})
		if err != nil || len(list) != count {
			t.Errorf("%d numbers, %v", len(list), err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, nav := range list {
			if _, err := bridge.ParseNoticeNumber(string(nav)); err != nil || seen[nav] || !strings.HasPrefix(string(nav), "302") {
				t.Errorf("%s was issued twice, or is none", nav)
			}
			seen[nav] = true
		}
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { reserve(t.Context(), w.Service, 250) })
	}
	group.Wait()
	reserve(t.Context(), bridge.NewService(w.db, w.clock, testkit.Registry()), bridge.MaxNumbers)

	var nav bridge.NoticeNumber
	for nav = range seen {
		break
	}
	p := testkit.Single(1)
	p.Options[0].Instalments[0].NAV, p.Options[0].Instalments[0].IUV = nav, nav.IUV()
	w.create(t, p)
	if err := w.DeletePosition(t.Context(), testkit.Principal(), testkit.EC, p.IUPD); err != nil {
		t.Fatal(err)
	}
	reserve(t.Context(), w.Service, bridge.MaxNumbers)
}

func TestReserveNumbers_Refuses(t *testing.T) {
	t.Parallel()
	w := printing(t, func(ec *bridge.CreditorInstitution) {
		ec.AuxDigit, ec.SegregationCodes = bridge.AuxSegregationCodes, []string{"02", "03"}
	})
	held := testkit.Principal()
	held.Segregations = []string{"03"}
	for name, c := range map[string]struct {
		by    bridge.Principal
		order bridge.NumberOrder
		want  bridge.Code
	}{
		"none":             {testkit.Principal(), bridge.NumberOrder{EC: testkit.EC, Segregation: "02"}, bridge.CodeInvalid},
		"too many":         {testkit.Principal(), bridge.NumberOrder{EC: testkit.EC, Segregation: "02", Count: 1001}, bridge.CodeInvalid},
		"no code":          {testkit.Principal(), bridge.NumberOrder{EC: testkit.EC, Segregation: "2", Count: 1}, bridge.CodeInvalid},
		"not served here":  {testkit.Principal(), bridge.NumberOrder{EC: testkit.EC, Segregation: "04", Count: 1}, bridge.CodeInvalid},
		"not the key's":    {held, bridge.NumberOrder{EC: testkit.EC, Segregation: "02", Count: 1}, bridge.CodeSegregation},
		"not the key's EC": {testkit.Principal(), bridge.NumberOrder{EC: "88888888888", Segregation: "02", Count: 1}, bridge.CodeKeyForbidden},
		"the key's":        {held, bridge.NumberOrder{EC: testkit.EC, Segregation: "03", Count: 1}, ""},
	} {
		if _, err := w.ReserveNumbers(t.Context(), c.by, c.order); bridge.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
