package bridge_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// requested is the n-th notice that an application describes.
func requested(n int64) *bridge.PrintRequest {
	return &bridge.PrintRequest{
		Template: "TemplateSingleInstalment", EC: testkit.EC, Subject: "TARI 2026", Debtor: testkit.Debtor(),
		Full: &bridge.PrintedPayment{NAV: testkit.NAV(n), Amount: 12000, Due: "2026-12-23"},
	}
}

func (w *world) accept(t *testing.T, name string, requests ...*bridge.PrintRequest) (string, error) {
	t.Helper()
	return w.AcceptFolder(t.Context(), testkit.Principal(), name, [32]byte{byte(len(requests))}, requests)
}

func (w *world) mustAccept(t *testing.T, name string, requests ...*bridge.PrintRequest) string {
	t.Helper()
	id, err := w.accept(t, name, requests...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *world) folder(t *testing.T, id string) *bridge.PrintFolder {
	t.Helper()
	f, err := w.Folder(t.Context(), testkit.Principal(), id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// work tries what waits; the numbers say which notices fail.
func (w *world) work(t *testing.T, limit int, failing ...int64) {
	t.Helper()
	list, err := w.NextPrints(t.Context(), limit)
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		list[i].State = bridge.PrintDone
		if slices.ContainsFunc(failing, func(n int64) bool { return list[i].Request.Full.NAV == testkit.NAV(n) }) {
			list[i].State, list[i].Reason = bridge.PrintFailed, "no CBILL"
		}
	}
	if err := w.FinishPrints(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}

// TestFolder_Life: kept once for one name, worked off in parts, told of in the order of
// the request, and gone when it is deleted or old.
func TestFolder_Life(t *testing.T) {
	t.Parallel()
	w := printing(t, nil)
	id := w.mustAccept(t, "k1", requested(1), requested(2), requested(3))
	if again := w.mustAccept(t, "k1", requested(1), requested(2), requested(3)); again != id {
		t.Errorf("the same request again got folder %s, not %s", again, id)
	}
	if _, err := w.accept(t, "k1", requested(1)); bridge.CodeOf(err) != bridge.CodeFolderOther {
		t.Errorf("another request by the same name: %v", err)
	}
	if _, err := w.accept(t, "k3", requested(1), requested(2), requested(1)); bridge.CodeOf(err) != bridge.CodeInvalid || !strings.Contains(err.Error(), "notices[2]: is the same") {
		t.Errorf("a notice twice: %v", err)
	}
	for _, step := range []struct {
		limit   int
		failing int64
		status  string
		fetch   bridge.Code
	}{{0, 0, "INSERTED", bridge.CodeFolderWaiting}, {2, 2, "PROCESSING", bridge.CodeFolderWaiting}, {2, 0, "PROCESSED_WITH_FAILURES", ""}} {
		if step.limit > 0 {
			w.work(t, step.limit, step.failing)
		}
		if f := w.folder(t, id); f.Status() != step.status || bridge.CodeOf(f.Fetchable("")) != step.fetch {
			t.Errorf("%s, fetching: %v; want %s", f.Status(), f.Fetchable(""), step.status)
		}
	}
	f := w.folder(t, id)
	if file := "pagopa-avviso-77777777777-" + string(testkit.NAV(1)) + "-TemplateSingleInstalment"; f.Items[0].File != file || f.Fetchable(file) != nil {
		t.Errorf("%+v, fetching: %v", f.Items[0], f.Fetchable(file))
	}
	if f.Items[1].Reason != "no CBILL" || bridge.CodeOf(f.Fetchable(f.Items[1].File)) != bridge.CodePrintUnknown {
		t.Errorf("%+v", f.Items[1])
	}
	if err := w.PutPrinted(t.Context(), testkit.Principal(), id, requested(2)); err != nil {
		t.Fatal(err)
	}
	if f := w.folder(t, id); f.Status() != "PROCESSED" || len(f.Items) != 3 {
		t.Errorf("printed anew: %s, %d notices", f.Status(), len(f.Items))
	}
	items, err := w.Printed(t.Context(), id, "", 0, 2)
	if err != nil || len(items) != 2 || items[0].Request.Full.Amount != 12000 || items[0].Request.Debtor.FullName != "Mario Rossi" {
		t.Fatalf("%+v, %v", items, err)
	}
	if rest, err := w.Printed(t.Context(), id, "", items[1].Row, 2); err != nil || len(rest) != 1 || rest[0].Row <= items[1].Row {
		t.Errorf("%+v, %v", rest, err)
	}

	other := w.mustAccept(t, "k2", requested(4))
	if err := w.DeleteFolder(t.Context(), testkit.Principal(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Folder(t.Context(), testkit.Principal(), id); bridge.CodeOf(err) != bridge.CodeFolderUnknown {
		t.Errorf("deleted: %v", err)
	}
	w.clock.Set(testkit.Noon.Add(200*24*time.Hour + time.Second))
	if n, err := w.ForgetFolders(t.Context(), 201*24*time.Hour); n != 0 || err != nil {
		t.Errorf("%d folders forgotten too early, %v", n, err)
	}
	if n, err := w.ForgetFolders(t.Context(), 200*24*time.Hour); n != 1 || err != nil {
		t.Errorf("%d folders forgotten, %v", n, err)
	}
	if _, err := w.Printed(t.Context(), other, "", 0, 1); bridge.CodeOf(err) != bridge.CodeFolderUnknown {
		t.Errorf("forgotten: %v", err)
	}
}

// TestMayPrint_LooksAtEveryNumber, not only at the first as pagoPA's service does.
func TestMayPrint_LooksAtEveryNumber(t *testing.T) {
	t.Parallel()
	w := printing(t, func(ec *bridge.CreditorInstitution) {
		ec.AuxDigit, ec.SegregationCodes = bridge.AuxSegregationCodes, []string{"02", "03"}
	})
	foreign := func(code string) bridge.PrintedPayment {
		nav, err := bridge.NewNoticeNumber(code, 9)
		if err != nil {
			t.Fatal(err)
		}
		return bridge.PrintedPayment{NAV: nav, Amount: 1}
	}
	held := testkit.Principal()
	held.Segregations = []string{"02"}
	for name, c := range map[string]struct {
		by     bridge.Principal
		change func(*bridge.PrintRequest)
		want   bridge.Code
	}{
		"own":               {by: testkit.Principal(), change: func(*bridge.PrintRequest) {}},
		"foreign EC":        {by: bridge.Principal{KeyID: "x", ECs: []bridge.ECCode{"88888888888"}}, change: func(*bridge.PrintRequest) {}, want: bridge.CodeKeyForbidden},
		"EC not configured": {by: bridge.Principal{KeyID: "x", ECs: []bridge.ECCode{"88888888888"}}, change: func(r *bridge.PrintRequest) { r.EC = "88888888888" }, want: bridge.CodeECUnknown},
		"instalment":        {by: testkit.Principal(), change: func(r *bridge.PrintRequest) { r.Instalments = []bridge.PrintedPayment{foreign("04")} }, want: bridge.CodeNotDelegated},
		"reduced":           {by: testkit.Principal(), change: func(r *bridge.PrintRequest) { p := foreign("04"); r.Reduced = &p }, want: bridge.CodeNotDelegated},
		"held key":          {by: held, change: func(r *bridge.PrintRequest) { p := foreign("03"); r.Discounted = &p }, want: bridge.CodeNotDelegated},
		"held key's own":    {by: held, change: func(*bridge.PrintRequest) {}},
	} {
		r := requested(1)
		c.change(r)
		if err := w.MayPrint(c.by, r); bridge.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if _, err := w.RequestedNotice(t.Context(), c.by, r); bridge.CodeOf(err) != c.want {
			t.Errorf("%s: printed: %v, want %q", name, err, c.want)
		}
	}
	id := w.mustAccept(t, "k", requested(1))
	if _, err := w.Folder(t.Context(), held, id); err != nil {
		t.Errorf("a folder of the key's own codes: %v", err)
	}
	held.Segregations = []string{"03"}
	if _, err := w.Folder(t.Context(), held, id); bridge.CodeOf(err) != bridge.CodeFolderUnknown {
		t.Errorf("a folder of other codes: %v", err)
	}
}

// TestRequestedNotice_Slip: slips only where they may be, and to the account that the node
// is told of a stored position.
func TestRequestedNotice_Slip(t *testing.T) {
	t.Parallel()
	w := printing(t, nil)
	order := func(n int64) error {
		r := requested(n)
		r.Template = "TemplateSingleInstalmentPoste"
		got, err := w.RequestedNotice(t.Context(), testkit.Principal(), r)
		if err == nil && !got.Slip {
			t.Errorf("%d: no slip", n)
		}
		return err
	}
	if err := order(7); err != nil {
		t.Errorf("a position that is not stored: %v", err)
	}
	w.create(t, postal(testkit.Single(1)))
	if err := order(1); err != nil {
		t.Errorf("a position with the account: %v", err)
	}
	w.create(t, testkit.Single(2))
	wantRefusal(t, order(2), "no account at Poste")
	plain := requested(1)
	if n, err := w.RequestedNotice(t.Context(), testkit.Principal(), plain); err != nil || n.Slip || n.EC.Name != "Comune di Prova" || n.EC.CBILL == "" {
		t.Errorf("%+v, %v", n, err)
	}
	if w := printing(t, func(ec *bridge.CreditorInstitution) { ec.PostalAuthorization = "" }); true {
		r := requested(7)
		r.Template = "TemplateSingleInstalmentPoste"
		_, err := w.RequestedNotice(t.Context(), testkit.Principal(), r)
		wantRefusal(t, err, "authorisation")
	}
}

// TestFolder_IsAPersons: who asks what is known of them is told of notices in folders too,
// and an erasure takes them, also while the debt is open.
func TestFolder_IsAPersons(t *testing.T) {
	t.Parallel()
	w := printing(t, nil)
	mine, other := requested(1), requested(2)
	mine.Debtor.FiscalCode, mine.Debtor.FullName = "vrdmra80a01h501u", "Maria Verdi"
	id := w.mustAccept(t, "k", mine, other)
	q := bridge.SubjectQuery{FiscalCode: "VRDMRA80A01H501U", Reason: "protocollo 1/2026"}
	file, err := w.SubjectExport(t.Context(), q)
	if err != nil || len(file.Printed) != 1 || file.Printed[0].Request.Debtor.FullName != "Maria Verdi" {
		t.Errorf("%+v, %v", file, err)
	}
	keep := func([]byte, string) ([]byte, error) { return nil, nil }
	if e, err := w.EraseSubject(t.Context(), q, false, keep, false); err != nil || e.Traces != 1 {
		t.Errorf("%+v, %v", e, err)
	}
	f := w.folder(t, id)
	if len(f.Items) != 1 || !strings.Contains(f.Items[0].File, string(testkit.NAV(2))) {
		t.Errorf("what is left: %+v", f.Items)
	}
}

// TestFinishPrints_NotTwice: what was put in the place of a waiting notice, or deleted,
// while the worker tried it is left as it is.
func TestFinishPrints_NotTwice(t *testing.T) {
	t.Parallel()
	w := printing(t, nil)
	id := w.mustAccept(t, "k", requested(1), requested(2))
	work, err := w.NextPrints(context.Background(), 5)
	if err != nil || len(work) != 2 {
		t.Fatalf("%d waiting, %v", len(work), err)
	}
	if err := w.PutPrinted(t.Context(), testkit.Principal(), id, requested(1)); err != nil {
		t.Fatal(err)
	}
	for i := range work {
		work[i].State, work[i].Reason = bridge.PrintFailed, "late"
	}
	for range 2 {
		if err := w.FinishPrints(t.Context(), work); err != nil {
			t.Fatal(err)
		}
	}
	f := w.folder(t, id)
	if f.Status() != "PROCESSED_WITH_FAILURES" || f.Items[1].State != bridge.PrintDone || f.Items[0].Reason != "late" {
		t.Errorf("%s %+v", f.Status(), f.Items)
	}
}
