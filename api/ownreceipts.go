package api

import (
	"context"
	"net/http"
	"strconv"

	"nodobridge/bridge"
)

// ownReceiptView is a receipt with what GPD's list leaves out. In lists the debtor is
// masked, and the fields of one receipt alone are left out.
type ownReceiptView struct {
	Number          int64               `json:"number,omitempty"` // of lists: the place in the order of arrival
	ReceiptID       string              `json:"receiptId"`
	Organization    bridge.ECCode       `json:"organizationFiscalCode"`
	PrimaryEC       bridge.ECCode       `json:"primaryOrganizationFiscalCode"`
	NAV             bridge.NoticeNumber `json:"nav"`
	IUV             bridge.IUV          `json:"iuv"`
	IUPD            bridge.IUPD         `json:"iupd,omitempty"` // of the position that it settled
	Outcome         bridge.Outcome      `json:"outcome"`
	Amount          bridge.Cents        `json:"amount"` // cents
	Fee             bridge.Cents        `json:"fee"`    // cents
	Debtor          string              `json:"debtorFiscalCode"`
	PSP             string              `json:"pspId"`
	PSPCompany      string              `json:"pspCompany"`
	PaymentMethod   string              `json:"paymentMethod,omitempty"`
	PaymentNote     string              `json:"paymentNote,omitempty"`
	StandIn         bool                `json:"standIn"`
	PaymentDateTime string              `json:"paymentDateTime,omitempty"` // the three dates are the receipt's own text
	ApplicationDate string              `json:"applicationDate,omitempty"`
	TransferDate    string              `json:"transferDate,omitempty"`
	ReceivedAt      instant             `json:"receivedAt"`
	Version         int                 `json:"version"` // 1 paSendRT, 2 paSendRTV2
}

func ownReceiptOf(r *bridge.Receipt) ownReceiptView {
	return ownReceiptView{
		ReceiptID: r.ReceiptID, Organization: r.EC, PrimaryEC: r.PrimaryEC, NAV: r.NAV, IUV: r.IUV, IUPD: r.IUPD, Outcome: r.Outcome, Amount: r.Amount, Fee: r.Fee,
		Debtor: r.DebtorFiscalCode, PSP: r.PSPCode, PSPCompany: r.PSPCompany, PaymentMethod: r.PaymentMethod, PaymentNote: r.PaymentNote, StandIn: r.StandIn,
		PaymentDateTime: r.PaymentDateTime, ApplicationDate: r.ApplicationDate, TransferDate: r.TransferDate, ReceivedAt: instant(r.ReceivedAt), Version: int(r.Version),
	}
}

// ownReceiptsPage is a page in the order of arrival. Next is to be given as after.
type ownReceiptsPage struct {
	Receipts []ownReceiptView `json:"receipts"`
	Next     int64            `json:"next"`
	More     bool             `json:"more"`
}

func (s *Server) receiptsAfter(ctx context.Context, c *call) (reply, error) {
	if err := c.only("after", "limit", "nav"); err != nil {
		return reply{}, err
	}
	q := bridge.ReceiptsQuery{EC: c.ec, NAV: bridge.NoticeNumber(c.query.Get("nav"))}
	var err error
	if q.After, err = c.cursor(); err != nil {
		return reply{}, err
	}
	limit, err := c.ownLimit()
	if err != nil {
		return reply{}, err
	}
	q.Limit = limit + 1
	list, err := s.service.ReceiptsAfter(ctx, c.by, q)
	if err != nil {
		return reply{}, err
	}
	out := ownReceiptsPage{Receipts: []ownReceiptView{}, Next: q.After, More: len(list) > limit}
	for i := range list[:min(len(list), limit)] {
		v := ownReceiptOf(&list[i].Receipt)
		v.Number, v.Debtor = list[i].Number, bridge.MaskFiscalCode(v.Debtor)
		out.Receipts = append(out.Receipts, v)
		out.Next = v.Number
	}
	answer := reply{status: http.StatusOK, body: out}
	if out.More {
		answer.header = c.nextLink(strconv.FormatInt(out.Next, 10))
	}
	return answer, nil
}

func (s *Server) readReceipt(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	r, err := s.service.ReadReceipt(ctx, c.by, c.ec, c.given)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: ownReceiptOf(r)}, nil
}

// readReceiptXML gives the call that brought the receipt, byte for byte as the node
// sent it: that is what proves the payment.
func (s *Server) readReceiptXML(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	r, err := s.service.ReadReceipt(ctx, c.by, c.ec, c.given)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, raw: r.Raw, kind: kindXML}, nil
}
