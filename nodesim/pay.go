package nodesim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// PayRequest is one payment from the payer's first look at the notice to the creditor's receipt.
type PayRequest struct {
	EC           string
	NoticeNumber string
	Version      Version // V1 or V2, as the station is registered
	PaymentNote  string
	TransferType string
	PSP          PSP            // zero: SamplePSP
	Receipt      ReceiptOptions // what to change in the receipt
	Recipients   []string       // who is told; empty: the creditor alone. The node also tells broadcast stations (soap-node §2.5)
	Retry        Retry
}

// Retry is how long the node insists on a receipt that got no answer it can use. The node tries 48 times, an hour apart
// (soap-node §2.5); the zero value tries as many times, with a second for an hour.
type Retry struct {
	Attempts int
	Pause    time.Duration
}

// NodeRetry is the node's own pace: two days.
func NodeRetry() Retry { return Retry{Attempts: 48, Pause: time.Hour} }

func (r Retry) attempts() int        { return cmp.Or(r.Attempts, 48) }
func (r Retry) pause() time.Duration { return cmp.Or(r.Pause, time.Second) }

// Delivery is one attempt to hand over the receipt.
type Delivery struct {
	Recipient string
	Attempt   int    // from 1
	Fault     *Fault // the station's KO, which is final
	Err       error  // why the node will try again
}

// PayStory is what happened, as far as it went.
type PayStory struct {
	Verify     VerifyResult
	Payment    PaymentData
	Paid       bool    // the payer's money was taken: from here on the creditor has to be told
	Receipt    Receipt // as sent to the first recipient
	Deliveries []Delivery
}

// Refusal is the fault that kept the payment from being made, nil if it was made. A KO to the receipt is no refusal: the
// money has been taken, and the fault stands in the Deliveries.
func (s PayStory) Refusal() *Fault { return cmp.Or(s.Verify.Fault, s.Payment.Fault) }

// Pay verifies a notice, activates it, takes imaginary money and delivers the receipt. A refusal ends the story without
// error; an answer the node cannot use ends it with a *NodeError, except for receipts, which are sent again.
func (n *Node) Pay(ctx context.Context, r PayRequest) (PayStory, error) {
	var story PayStory
	err := r.Version.check()
	if err != nil {
		return story, err
	}
	story.Verify, err = n.Verify(ctx, r.EC, r.NoticeNumber)
	if err != nil || story.Verify.Fault != nil {
		return story, err
	}
	seen := story.Verify.Option.Amount
	activation := ActivateRequest{
		EC: r.EC, NoticeNumber: r.NoticeNumber, Amount: &seen, PaymentNote: r.PaymentNote, TransferType: r.TransferType,
	}
	story.Payment, err = n.activateAs(ctx, activation, r.Version)
	if err != nil || story.Payment.Fault != nil {
		return story, err
	}
	story.Paid = true
	story.Receipt = ReceiptFor(story.Payment, cmp.Or(r.PSP, SamplePSP()), r.Receipt)
	recipients := r.Recipients
	if len(recipients) == 0 {
		recipients = []string{r.EC}
	}
	story.Receipt.Recipient = recipients[0]
	var failures []error
	for _, recipient := range recipients {
		copied := story.Receipt
		copied.Recipient = recipient
		deliveries, err := n.insist(ctx, copied, r.Version, r.Retry)
		story.Deliveries = append(story.Deliveries, deliveries...)
		failures = append(failures, err)
	}
	return story, errors.Join(failures...)
}

// insist sends a receipt until the station gives an answer, OK or KO, or the node gives up (soap-node §2.6).
func (n *Node) insist(ctx context.Context, r Receipt, v Version, retry Retry) ([]Delivery, error) {
	var tried []Delivery
	for attempt := 1; ; attempt++ {
		result, err := n.deliver(ctx, r, v)
		tried = append(tried, Delivery{Recipient: r.Recipient, Attempt: attempt, Fault: result.Fault, Err: err})
		if err == nil {
			return tried, nil
		}
		_, retriable := errors.AsType[*NodeError](err)
		if !retriable {
			return tried, err
		}
		if attempt >= retry.attempts() {
			return tried, fmt.Errorf("cannot deliver receipt in %d attempts: %w", attempt, err)
		}
		err = pause(ctx, retry.pause())
		if err != nil {
			return tried, fmt.Errorf("cannot deliver receipt: %w", err)
		}
	}
}

// pause waits, or ends with the context.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
