package hostile_test

import (
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	_ "github.com/mattn/go-sqlite3" // holds the store's lock in row 40

	"nodobridge/internal/binarytest"
)

// receipts are rows 25 and 36 to 41: what is told of payments.
func receipts() []row {
	return []row{
		{n: 25, name: "amounts that are none", play: func(s *scene) {
			for _, amount := range []string{"1e2", "+10.00", "10,00", "10.000", "-1.00", "NaN", "", strings.Repeat("9", 30) + ".00"} {
				s.keptReceipts("", map[string]func(string) string{" " + amount: replacing("<paymentAmount>120.00", "<paymentAmount>"+amount)})
			}
		}},
		{n: 36, name: "fifty at once", play: fiftyAtOnce},
		{n: 37, name: "the same receiptId with another amount", play: func(s *scene) {
			nav := s.position()
			s.play(
				hit{name: "first", sent: call(receiptOf(nav, "variant")), want: outcomeOK},
				hit{name: "again", sent: call(replacing("<paymentAmount>120.00", "<paymentAmount>999.00")(receiptOf(nav, "variant"))), want: ko(receiptRes, "PAA_RECEIPT_DUPLICATA")},
			)
			s.anomaly("variant", "variant")
		}},
		{n: 38, name: "odd receipts", play: oddReceipts},
		{n: 39, name: "an EC that is not on the station", play: func(s *scene) {
			nav := s.position()
			sent := strings.ReplaceAll(receiptOf(nav, "elsewhere"), "77777777777", "11111111111")
			s.play(hit{name: "receipt", sent: call(sent), want: ko(receiptRes, "PAA_ID_DOMINIO_ERRATO")})
			s.kept++
			s.anomaly("configuration", "elsewhere")
			if code, out, _ := s.h.Run("receipts", "replay", "--all"); code != 1 || !strings.Contains(out, "still not configured") {
				s.t.Errorf("replay: %d %s", code, out)
			}
			s.untouched("another EC")
		}},
		{n: 40, name: "disk full, writer blocked", play: func(s *scene) {
			fullDisk(s)
			blockedWriter(s)
		}},
		{n: 41, name: "data of a spontaneous payment", play: demands},
	}
}

func fiftyAtOnce(s *scene) {
	const copies = 50
	nav := s.position()
	sent := call(receiptOf(nav, "fifty"))
	results := make([]answer, copies)
	var all sync.WaitGroup
	for i := range results {
		c := dial(s.t, "", s.node())
		all.Go(func() {
			_, err := c.Write([]byte(sent))
			if err == nil {
				results[i] = readAll(c)
			}
		})
	}
	all.Wait()
	ok, duplicates := 0, 0
	for _, a := range results {
		switch {
		case outcomeOK(a) == "":
			ok++
		case ko(receiptRes, "PAA_RECEIPT_DUPLICATA")(a) == "":
			duplicates++
		default:
			s.t.Errorf("answered %d %s", a.status, a.body)
		}
	}
	if ok != 1 || duplicates != copies-1 {
		s.t.Errorf("%d OK and %d duplicates", ok, duplicates)
	}
	s.account("fifty", copies)
	s.valid()
	if got := s.status(); got != "PAID" {
		s.t.Errorf("the position is %s", got)
	}
	status, list := s.p.Call("GET", "/bridge/v1/organizations/"+binarytest.EC+"/receipts?limit=200", s.key, "")
	s.lines++
	if status != 200 || strings.Count(list, `"fifty"`) != 1 {
		s.t.Errorf("stored as %d %s", status, list)
	}
}

// anomaly wants a receipt noted under a class.
func (s *scene) anomaly(class, receipt string) {
	s.t.Helper()
	if list := s.h.Must("anomalies", "list", "--class", class, "--limit", "1000"); !strings.Contains(list, receipt) {
		s.t.Errorf("%s is not noted as %s:\n%s", receipt, class, list)
	}
}

func oddReceipts(s *scene) {
	nav := s.position()
	unknown := "302" + strings.Repeat("9", 13) + "00"
	s.play(
		hit{name: "unknown notice", sent: call(receiptOf(unknown, "odd-unknown")), want: outcomeOK},
		hit{name: "paid", sent: call(receiptOf(nav, "odd-first")), want: outcomeOK},
		hit{name: "double", sent: call(receiptOf(nav, "odd-double")), want: outcomeOK},
	)
	s.anomaly("unknown_notice", "odd-unknown")
	s.anomaly("double_payment", "odd-double")
	nav = s.position()
	more := strings.NewReplacer("<paymentAmount>120.00", "<paymentAmount>121.00", "<transferAmount>120.00", "<transferAmount>121.00").Replace(receiptOf(nav, "odd-amount"))
	s.play(hit{name: "another amount", sent: call(more), want: outcomeOK})
	s.anomaly("amount_differs", "odd-amount")
	nav = s.position()
	late := replacing("<channelDescription>app</channelDescription>", "<channelDescription>app</channelDescription><standIn>true</standIn>")(receiptOf(nav, "odd-standin"))
	s.play(hit{name: "stand-in", sent: call(late), want: outcomeOK})
	s.anomaly("stand_in", "odd-standin")
}

// fullDisk has the store on a small file system, which is filled: the receipt is not
// taken, and taken once there is room.
func fullDisk(s *scene) {
	h := binarytest.New(s.t, sampleConfig)
	dir := filepath.Join(h.Dir, "small")
	small, err := mountSmall(dir)
	if err != nil {
		s.t.Logf("the full disk is left out: a small file system cannot be mounted here (%v)", err)
		return
	}
	s.t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }) // the folder is removed with the test
	h.Configure(sampleConfig + "\nstore: {dir: small/var}\n")
	h.Must("init")
	n := &scene{t: s.t, h: h, canaries: s.canaries, key: h.NewKey(), p: h.Serve()}
	n.lines = len(n.p.Lines(1, patience))
	nav := n.position()
	if err := small.fill(); err != nil {
		s.t.Fatal(err)
	}
	refused, taken := 0, 0
	for i := range 20_000 { // the room kept back for receipts is used up first
		a := n.send(hit{sent: call(receiptOf(nav, fmt.Sprintf("full-%d", i)))})
		if a.status == 500 && strings.Contains(a.body, "Fault") {
			refused++
			break
		}
		if outcomeOK(a) != "" {
			s.t.Fatalf("answered %d %s", a.status, a.body)
		}
		taken++
	}
	s.t.Logf("%d receipts fitted, then one was refused", taken)
	if refused == 0 {
		s.t.Fatal("the disk was never full")
	}
	if err := small.clear(); err != nil {
		s.t.Fatal(err)
	}
	if a := n.send(hit{sent: call(receiptOf(nav, fmt.Sprintf("full-%d", taken)))}); outcomeOK(a) != "" {
		s.t.Errorf("sent again with room on the disk: %d %s", a.status, a.body)
	}
	n.p.Stop()
}

// blockedWriter has another program hold the store's write lock for longer than a
// receipt may take.
func blockedWriter(s *scene) {
	n := newScene(s.t, sampleConfig)
	nav := n.position()
	release := n.blockWriter()
	sent := call(receiptOf(nav, "blocked"))
	if a := n.send(hit{sent: sent}); fault("Server", "")(a) != "" {
		s.t.Errorf("with the writer blocked: %d %s", a.status, a.body)
	}
	release()
	if a := n.send(hit{sent: sent}); outcomeOK(a) != "" && ko(receiptRes, "PAA_RECEIPT_DUPLICATA")(a) != "" {
		s.t.Errorf("sent again: %d %s", a.status, a.body)
	}
	if got := n.status(); got != "PAID" {
		s.t.Errorf("the position is %s", got)
	}
	n.p.Stop()
}

// blockWriter takes the store's write lock, as another program could, and gives the way
// to release it.
func (s *scene) blockWriter() (release func()) {
	s.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(s.h.Dir, "var", "nodobridge.db")+"?_txlock=immediate")
	if err != nil {
		s.t.Fatal(err)
	}
	tx, err := db.BeginTx(s.t.Context(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return func() {
		s.t.Helper()
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			s.t.Error(err)
		}
	}
}

func demands(s *scene) {
	demand := func(data string) string {
		return call(wrapped(`<pafn:paDemandPaymentNoticeRequest>`+addressed+`<idServizio>00005</idServizio><idSoggettoServizio>00033</idSoggettoServizio><datiSpecificiServizioRequest>`+data+`</datiSpecificiServizioRequest></pafn:paDemandPaymentNoticeRequest>`), "SOAPAction: paDemandPaymentNotice")
	}
	encoded := func(document string) string { return base64.StdEncoding.EncodeToString([]byte(document)) }
	const card = `<pagamentoCIE xmlns="http://PuntoAccessoPSP.spcoop.gov.it/pagamentoCIE"><codiceCausale>9</codiceCausale><codiceFiscaleComune>77777777777</codiceFiscaleComune><intestatario><codiceFiscaleIntestatario>RSSMRA80A01H501U</codiceFiscaleIntestatario><denominazioneIntestatario>Mario Rossi</denominazioneIntestatario></intestatario></pagamentoCIE>`
	count := func() string {
		_, list := s.p.Call("GET", binarytest.Positions+"?limit=1&page=0", s.key, "")
		s.lines++
		_, total, _ := strings.Cut(list, `"total_pages":`)
		return total
	}
	before := count()
	for name, data := range map[string]string{
		"bad base64": "%%%", "half base64": "abc", "inner DOCTYPE": encoded(`<!DOCTYPE x [<!ENTITY e "9">]>` + replacing(">9<", ">&e;<")(card)),
		"512 KiB and one": encoded("<a>" + strings.Repeat("x", 512<<10-6) + "</a>"), "no document": encoded("canary"), "laughs": encoded(`<!DOCTYPE x><x/>`),
	} {
		s.play(hit{name: name, sent: demand(data), want: ko("paDemandPaymentNoticeResponse", "PAA_SINTASSI_XSD")})
	}
	if after := count(); after != before {
		s.t.Errorf("positions were made: %s before, %s after", before, after)
	}
	s.play(hit{name: "as it should be", sent: demand(encoded(card)), want: outcomeOK})
}
