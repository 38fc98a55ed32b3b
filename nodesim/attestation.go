package nodesim

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// deliver sends the receipt of a step: the one sent before, or a new one from what the notice's activation said.
func (st *stage) deliver(ctx context.Context, node *Node, nav string, step Step) reply {
	id := step.Receipt
	if !step.Literal {
		id += "-" + st.Run
	}
	key := fmt.Sprint(nav, " ", id, " ", step.Recipient)
	known := st.sent[key]
	if !step.Again {
		receipt, err := st.receipt(nav, id, step)
		if err != nil {
			return reply{err: err}
		}
		known = sentReceipt{receipt: receipt, version: st.version, hand: node.spelling(step.StandIn)}
		st.sent[key] = known
	}
	sender := *node
	if known.hand != nil {
		again := *known.hand
		if step.Again {
			again.RequestID = newToken() // the same bytes, but a request of its own
		}
		sender = *node.Spelt(again)
	}
	answer, err := sender.deliver(ctx, known.receipt, known.version)
	return reply{fault: answer.Fault, err: err}
}

// spelling is how this node writes a receipt with such a mark, nil where its Style says it.
func (n *Node) spelling(mark StandIn) *Spelling {
	var s Spelling
	switch {
	case n.spelt != nil:
		s = *n.spelt
	case mark == StandInBeside:
		s = Spelling{Envelope: "soapenv", Payload: "pafn", ContentType: WireStyle{}.contentType(), RequestID: newToken()}
	default:
		return nil
	}
	s.StandInBeside = mark == StandInBeside
	return &s
}

// receipt makes a new receipt.
func (st *stage) receipt(nav, id string, step Step) (Receipt, error) {
	data, activated := st.payments[nav]
	switch {
	case activated:
	case step.Amount != nil:
		data = unseen(st.ec, nav, st.version, *step.Amount)
	default:
		return Receipt{}, fmt.Errorf("cannot make receipt %s: the notice was not activated; say of how much it is", step.Receipt)
	}
	r := ReceiptFor(data, SamplePSP(), ReceiptOptions{Now: time.Now(), ReceiptID: id, StandIn: step.StandIn != NoStandIn})
	r.Recipient = cmp.Or(step.Recipient, r.Recipient)
	if step.Amount != nil {
		r.PaymentAmount = *step.Amount
		if len(r.Transfers) == 1 {
			r.Transfers[0].Amount = *step.Amount
		}
	}
	return r, nil
}

// unseen is what the node knows of a payment about which the station has said nothing: one of those it collects in the
// station's place (soap-node §2.8).
func unseen(ec, nav string, v Version, amount Cents) PaymentData {
	return PaymentData{
		Version: v, Request: ActivateRequest{EC: ec, NoticeNumber: nav}, CreditorReferenceID: nav[1:],
		PaymentAmount: amount, Description: "Pagamento " + nav, CompanyName: "Ente " + ec,
		Debtor: Subject{Type: "F", Code: "ANONIMO", FullName: "ANONIMO"},
		Transfers: []Transfer{{
			ID: 1, Amount: amount, FiscalCodePA: ec, IBAN: "IT60X0542811101000000123456",
			RemittanceInformation: "/RFB/" + nav[1:] + "/" + amount.String(), TransferCategory: "9/0101108TS/",
		}},
	}
}
