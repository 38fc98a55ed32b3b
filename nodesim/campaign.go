package nodesim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
)

// duplicata is how a station says that it has the receipt already (soap-node §2.5 step 3).
const duplicata = "PAA_RECEIPT_DUPLICATA"

// run does all the work. First come the readings and the receipts as scheduled, then what has to be sent again.
func (c *campaign) run(ctx context.Context) {
	work := make(chan func())
	var workers sync.WaitGroup
	for range c.concurrency() {
		workers.Go(func() {
			for do := range work {
				do()
			}
		})
	}
	c.open.Add(len(c.payments))
	workers.Go(func() {
		c.open.Wait()
		close(c.resends)
	})
	for _, s := range c.schedule() {
		if s.receipt {
			work <- func() { c.deliver(ctx, s.payment) }
		} else {
			work <- func() { c.ask(ctx, s.payment) }
		}
	}
	for p := range c.resends {
		work <- func() { c.resend(ctx, p) }
	}
	close(work)
	workers.Wait()
}

// step is the reading of one payment, or its receipt.
type step struct {
	*payment
	receipt bool
}

// schedule is every payment's reading and every payment's receipt in a random order, but no receipt before its reading.
// So receipts come in another order than the payments were made, as they do when some wait for hours (soap-node §2.5).
func (c *campaign) schedule() []step {
	var steps []step
	for _, p := range c.payments {
		steps = append(steps, step{payment: p}, step{payment: p})
	}
	random := rand.New(rand.NewPCG(c.Seed, 0))
	random.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
	seen := map[*payment]bool{}
	for i, s := range steps {
		steps[i].receipt = seen[s.payment]
		seen[s.payment] = true
	}
	return steps
}

// ask verifies and activates; a payer who is told that the station does not answer tries again.
func (c *campaign) ask(ctx context.Context, p *payment) {
	defer close(p.read)
	var err error
	for range c.reads() {
		err = c.askOnce(ctx, p)
		_, again := errors.AsType[*NodeError](err)
		if !again {
			break
		}
		c.noteError(err)
	}
	if err != nil {
		p.result.Err = fmt.Errorf("cannot make payment: %w", err)
	}
	if !p.result.Paid {
		c.open.Done()
	}
}

func (c *campaign) askOnce(ctx context.Context, p *payment) error {
	r := p.result.Request
	seen, err := p.node.Verify(ctx, r.EC, r.NoticeNumber)
	p.result.Refusal = seen.Fault
	if err != nil || seen.Fault != nil {
		return err
	}
	activation := ActivateRequest{
		EC: r.EC, NoticeNumber: r.NoticeNumber, Amount: &seen.Option.Amount, PaymentNote: r.PaymentNote, TransferType: r.TransferType,
	}
	data, err := p.node.activateAs(ctx, activation, r.Version)
	p.result.Refusal = data.Fault
	if err != nil || data.Fault != nil {
		return err
	}
	p.result.Receipt = ReceiptFor(data, cmp.Or(r.PSP, SamplePSP()), r.Receipt)
	if len(r.Recipients) == 1 {
		p.result.Receipt.Recipient = r.Recipients[0]
	}
	p.result.Paid = true
	return nil
}

// deliver sends the receipt of a payment that was made, once.
func (c *campaign) deliver(ctx context.Context, p *payment) {
	<-p.read // begun before by a worker that waits for nobody
	if !p.result.Paid {
		return
	}
	p.result.Attempts++
	answer, err := p.node.deliver(ctx, p.result.Receipt, p.result.Request.Version)
	_, again := errors.AsType[*NodeError](err)
	if again {
		c.noteError(err)
		p.sent = true // perhaps: nobody on this side of a cut knows
		if p.result.Attempts < c.Retry.attempts() {
			c.resends <- p
			return
		}
		err = fmt.Errorf("cannot deliver receipt in %d attempts: %w", p.result.Attempts, err)
	}
	defer c.open.Done()
	if err != nil {
		p.result.Err = err
		return
	}
	p.sent = p.sent || p.net.trouble == Duplicated || p.net.trouble == Twinned
	p.result.Fault = answer.Fault
	p.result.Acknowledged = answer.Fault == nil || (answer.Fault.Code == duplicata && p.sent)
}

// resend waits for its hour and delivers.
func (c *campaign) resend(ctx context.Context, p *payment) {
	err := c.sleep(ctx, c.Retry.pause())
	if err != nil {
		p.result.Err = fmt.Errorf("cannot deliver receipt: %w", err)
		c.open.Done()
		return
	}
	c.deliver(ctx, p)
}

// noteError counts an answer that the node could not use.
func (c *campaign) noteError(err error) {
	verdict, ok := errors.AsType[*NodeError](err)
	if ok {
		c.count(func(r *Report) { r.NodeErrors[verdict.Code]++ })
	}
}
