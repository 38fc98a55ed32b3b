package crash_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// history is one run of the model beside the program.
type history struct {
	*bench
	dice   *rand.Rand
	model  model
	number int64
	sent   []bridge.Receipt // what the node has sent, to be sent again
	said   []string
	faults []string
}

func (h *history) wrong(format string, args ...any) {
	h.faults = append(h.faults, fmt.Sprintf(format, args...))
}

func (h *history) iupd() bridge.IUPD { return bridge.IUPD(fmt.Sprintf("POS-%d", h.number)) }

func (h *history) step() {
	switch n := h.dice.IntN(20); {
	case n < 4:
		h.create()
	case n < 6:
		h.publish()
	case n < 7:
		h.invalidate()
	case n < 8:
		h.remove()
	case n < 11:
		h.verify()
	case n < 14:
		h.receipt()
	case n < 16:
		h.resend()
	case n < 17:
		h.turn()
	default:
		h.jump()
	}
}

// attempt makes one call, under which the process may die, and says whether its effect
// is there. legal is what the model says of it; want, when it is not, the refusal.
func (h *history) attempt(what string, call func() error, legal bool, want ...bridge.Code) bool {
	h.fate()
	err := call()
	h.said = append(h.said, fmt.Sprintf("%s: %v", what, err))
	if h.faulty.gone {
		h.crashes++
		done := h.faulty.committed
		h.restart()
		return done && legal // what is not legal may have been committed, without effect: a duplicate
	}
	h.faulty.start()
	switch {
	case legal && err != nil:
		h.wrong("%s: %v, which the model allows", what, err)
	case !legal && !slices.Contains(want, bridge.CodeOf(err)):
		h.wrong("%s: %v, want one of %v", what, err, want)
	}
	return legal
}

// fate decides whether and when the process dies under the next call.
func (h *history) fate() {
	switch h.dice.IntN(10) {
	case 0:
		h.faulty.dieAfter = h.dice.IntN(4)
	case 1:
		h.faulty.unheard = true
	}
}

// note is the journal that the model expects.
func (h *history) note(action, object string) {
	h.model.journal = append(h.model.journal, action+" "+object)
}

func (h *history) create() {
	p, publish := testkit.Single(h.number), h.dice.IntN(3) > 0
	due := h.clock.Now().Add(30 * 24 * time.Hour)
	p.Options[0].Instalments[0].DueDate = due
	call := func() error {
		return h.service.CreatePosition(context.Background(), testkit.Principal(), p, publish)
	}
	if !h.attempt("create", call, h.model.stored == "", bridge.CodePositionExists) {
		return
	}
	h.model.stored, h.model.due, h.model.settled = bridge.Draft, due, ""
	if publish {
		h.model.stored, h.model.from = bridge.Valid, h.clock.Now()
	}
	h.note("position.create", string(h.iupd()))
}

func (h *history) publish() {
	call := func() error {
		_, err := h.service.PublishPosition(context.Background(), testkit.Principal(), testkit.EC, h.iupd())
		return err
	}
	legal := h.model.stored == bridge.Draft && !h.model.due.Before(h.clock.Now())
	if h.attempt("publish", call, legal, bridge.CodePositionUnknown, bridge.CodeNotPublishable, bridge.CodeDueDatePassed) {
		h.model.stored, h.model.from = bridge.Valid, h.clock.Now()
		h.note("position.publish", string(h.iupd()))
	}
}

func (h *history) invalidate() {
	call := func() error {
		_, err := h.service.InvalidatePosition(context.Background(), testkit.Principal(), testkit.EC, h.iupd())
		return err
	}
	if h.attempt("invalidate", call, h.model.status(h.clock.Now()) == bridge.Valid, bridge.CodePositionUnknown, bridge.CodeNotInvalidable) {
		h.model.stored = bridge.Invalid
		h.note("position.invalidate", string(h.iupd()))
	}
}

func (h *history) remove() {
	call := func() error {
		return h.service.DeletePosition(context.Background(), testkit.Principal(), testkit.EC, h.iupd())
	}
	if h.attempt("delete", call, h.model.unpaid(), bridge.CodePositionUnknown, bridge.CodeNotDeletable) {
		h.model.stored = ""
		h.note("position.delete", string(h.iupd()))
	}
}

// verify is the node's question, which changes nothing.
func (h *history) verify() {
	q := bridge.NoticeQuery{Addressee: testkit.Addressee(), QRFiscalCode: string(testkit.EC), NAV: string(testkit.NAV(h.number))}
	v, err := h.service.VerifyNotice(context.Background(), q)
	h.said = append(h.said, fmt.Sprintf("verify: %v", err))
	want := map[bridge.PositionStatus]bridge.Code{
		"": bridge.CodeNoticeUnknown, bridge.Draft: bridge.CodeNoticeUnknown, bridge.Invalid: bridge.CodeNoticeCancelled,
		bridge.Expired: bridge.CodeNoticeExpired, bridge.Paid: bridge.CodeNoticePaid, bridge.Valid: "",
	}[h.model.status(h.clock.Now())]
	if (want == "" || want == bridge.CodeNoticeExpired) && h.model.from.After(h.clock.Now()) {
		want = bridge.CodeNoticeUnknown // the clock was put back before its validity
	}
	if bridge.CodeOf(err) != want || want == "" && (err != nil || v.Amount != 12000) {
		h.wrong("verify: %v, want %q", err, want)
	}
}

// receipt is a payment of the notice, whatever its state: the money has moved.
func (h *history) receipt() {
	amount := bridge.Cents(12000)
	if h.dice.IntN(8) == 0 {
		amount = 12100
	}
	id := fmt.Sprintf("R-%d-%d", h.number, len(h.sent))
	nav := testkit.NAV(h.number)
	r := bridge.Receipt{
		ReceiptID: id, Version: bridge.ReceiptV2, Raw: []byte("<receipt>" + id + "</receipt>"), NAV: nav, PrimaryEC: testkit.EC, IUV: nav.IUV(),
		Outcome: bridge.OutcomeOK, Amount: amount, TransferTotal: amount, DebtorFiscalCode: "RSSMRA80A01H501U", PSPCode: "BANK", PSPFiscalCode: "00000000001", PSPCompany: "Banca",
	}
	h.sent = append(h.sent, r)
	h.deliver(r)
}

// resend is the node again, which has not heard the answer or does not mind.
func (h *history) resend() {
	if len(h.sent) == 0 {
		return
	}
	h.resends++
	h.deliver(h.sent[h.dice.IntN(len(h.sent))])
}

func (h *history) deliver(r bridge.Receipt) {
	call := func() error {
		return h.service.RecordReceipt(context.Background(), bridge.Delivery{Addressee: testkit.Addressee(), Receipt: r})
	}
	_, known := h.model.receipts[r.ReceiptID]
	if !h.attempt("receipt "+r.ReceiptID, call, !known, bridge.CodeReceiptDuplicate) {
		return
	}
	h.model.receipts[r.ReceiptID] = r.Amount
	if h.model.unpaid() {
		h.model.stored, h.model.settled = bridge.Paid, r.ReceiptID
	}
	h.note("receipt.record", r.ReceiptID)
}

// turn is the periodic job, which stores what time has moved.
func (h *history) turn() {
	if _, err := h.service.TurnClock(context.Background()); err != nil {
		h.wrong("turn: %v", err)
	}
	h.said = append(h.said, "turn")
	h.model.stored = h.model.status(h.clock.Now())
}

// jump puts the clock: by hours, over days, to the year's end, to a leap day.
func (h *history) jump() {
	h.jumps++
	now := h.clock.Now()
	to := []time.Time{
		now.Add(time.Second), now.Add(-2 * time.Hour), now.Add(2 * time.Hour), now.AddDate(0, 0, 1), now.AddDate(0, 0, 40), now.AddDate(0, 0, -1),
		time.Date(now.Year(), time.December, 31, 22, 59, 59, 0, time.UTC), time.Date(2028, time.February, 29, 12, 0, 0, 0, time.UTC),
		time.Date(now.Year(), time.October, 25, 0, 30, 0, 0, time.UTC), // summer time ends in Rome
	}[h.dice.IntN(9)]
	h.clock.Set(to)
	h.said = append(h.said, to.Format(time.RFC3339))
}

// judge compares what is stored: the state, each receipt once, the sums, the journal.
func (h *history) judge() error {
	ctx := context.Background()
	return h.db.View(ctx, func(tx bridge.ReadTx) error {
		p, err := tx.Position(ctx, testkit.EC, h.iupd())
		status := bridge.PositionStatus("")
		if err == nil {
			status = p.StatusAt(h.clock.Now())
		} else if !errors.Is(err, bridge.ErrNotFound) {
			return err
		}
		if want := h.model.status(h.clock.Now()); status != want {
			h.wrong("the position is %q, want %q", status, want)
		}
		if p != nil && err == nil && p.Options[0].Instalments[0].ReceiptID != h.model.settled {
			h.wrong("paid by %q, want %q", p.Options[0].Instalments[0].ReceiptID, h.model.settled)
		}
		return errors.Join(h.judgeReceipts(ctx, tx), h.judgeJournal(ctx, tx))
	})
}

func (h *history) judgeReceipts(ctx context.Context, tx bridge.ReadTx) error {
	list, err := tx.ReceiptsByNAV(ctx, testkit.EC, testkit.NAV(h.number))
	if err != nil {
		return err
	}
	var have, want bridge.Cents
	effects := 0
	for _, r := range list {
		have += r.Amount
		if r.IUPD != "" {
			effects++
		}
		if h.model.receipts[r.ReceiptID] != r.Amount {
			h.wrong("receipt %s of %d is stored", r.ReceiptID, r.Amount)
		}
	}
	for _, amount := range h.model.receipts {
		want += amount
	}
	if have != want || len(list) != len(h.model.receipts) {
		h.wrong("%d receipts of %d cents in all, want %d of %d", len(list), have, len(h.model.receipts), want)
	}
	if paid := h.model.stored == bridge.Paid; paid != (effects == 1) || effects > 1 {
		h.wrong("%d receipts had an effect, and paid is %v", effects, paid)
	}
	return nil
}

var modelled = []string{"position.create", "position.publish", "position.invalidate", "position.delete", "receipt.record"}

func (h *history) judgeJournal(ctx context.Context, tx bridge.ReadTx) error {
	page, err := tx.JournalAfter(ctx, bridge.JournalQuery{EC: testkit.EC, After: h.cursor, Actions: modelled, Limit: 500})
	if err != nil {
		return err
	}
	var have []string
	for _, r := range page {
		have = append(have, r.Action+" "+r.Object)
		h.cursor = r.ID
	}
	if !slices.Equal(have, h.model.journal) {
		h.wrong("the journal says %v, want %v", have, h.model.journal)
	}
	return nil
}
