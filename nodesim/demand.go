package nodesim

import (
	"context"
	"encoding/base64"
	"errors"
)

// DemandRequest asks for a notice that does not exist yet: a spontaneous payment at the PSP (soap-node §2.4).
type DemandRequest struct {
	EC      string // idPA
	Service string // idServizio, five characters
	Subject string // idSoggettoServizio, five characters
	Data    []byte // the service's own XML, not yet in base64
}

// DemandResult is the answer to paDemandPaymentNotice.
type DemandResult struct {
	Fault        *Fault // nil when a notice was made
	FiscalCode   string // with NoticeNumber: what to verify and activate next
	NoticeNumber string
	NoticeDescription
}

// Demand asks the station to make a position on the fly and to tell its notice number.
func (n *Node) Demand(ctx context.Context, r DemandRequest) (DemandResult, error) {
	payload := n.request(demandOperation, r.EC)
	put(payload, "idServizio", r.Service)
	put(payload, "idSoggettoServizio", r.Subject)
	put(payload, "datiSpecificiServizioRequest", base64.StdEncoding.EncodeToString(r.Data))

	answer, fault, err := n.call(ctx, demandOperation, payload, n.Patience.read())
	if err != nil || fault != nil {
		return DemandResult{Fault: fault}, wrap("cannot demand notice", err)
	}
	notice, err := readNotice(answer, demandOperation.response)
	qr := childOf(answer, "qrCode")
	if qr == nil {
		err = errors.New(demandOperation.response + "/qrCode is missing, and an OK needs it")
	}
	if err != nil {
		return DemandResult{}, wrap("cannot demand notice", refuse("%v", err))
	}
	return DemandResult{
		FiscalCode: valueOf(qr, "fiscalCode"), NoticeNumber: valueOf(qr, "noticeNumber"), NoticeDescription: notice,
	}, nil
}
