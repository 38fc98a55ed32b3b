package bridge

import "time"

// Notice is one payable notice as the node asks for it: everything that
// paVerifyPaymentNotice and paGetPayment need, in one row found by (EC, NAV).
// It is a read model: the store writes it in the transaction that writes the
// position, from Position.Notices.
type Notice struct {
	EC   ECCode
	NAV  NoticeNumber
	IUV  IUV
	IUPD IUPD

	PositionStatus   PositionStatus
	InstalmentStatus InstalmentStatus
	Excluded         bool      // another option of the position has been (partly) paid
	ValidFrom        time.Time // the option's
	DueDate          time.Time
	SwitchToExpired  bool
	PaidAt           time.Time // of this instalment, or of the option that closed the position

	Amount      Cents
	Description string
	CompanyName string
	OfficeName  string
	AllPostal   bool // every transfer can be credited to a postal account (XSD allCCP)
	Last        bool // nothing of the option remains to be paid after this instalment

	Debtor    Debtor
	Transfers []Transfer
	Metadata  []Metadata
}

// Payable is the one rule of what the node may have paid now: nil, or the
// refusal, in the precedence of soap-node.md §2.0 rows 7 to 10.
func Payable(n *Notice, now time.Time) error {
	switch {
	case n.PositionStatus == Draft:
		return refuse(CodeNoticeUnknown, "")
	case n.PositionStatus == Invalid:
		return refuse(CodeNoticeCancelled, "")
	case n.InstalmentStatus != InstalmentUnpaid, n.PositionStatus == Paid, n.PositionStatus == Reported:
		// Also the alternatives of the option that closed the position (§6 V7).
		return n.paid()
	case n.ValidFrom.After(now):
		return refuse(CodeNoticeUnknown, "")
	case n.Excluded:
		// GPD answers "unknown" for the alternatives of a plan that has begun
		// (gpd-api.md §2.7).
		return refuse(CodeNoticeUnknown, "")
	case n.PositionStatus == Expired, n.SwitchToExpired && !n.DueDate.IsZero() && n.DueDate.Before(now):
		return refuse(CodeNoticeExpired, "")
	}
	return nil
}

func (n *Notice) paid() *Error {
	if n.PaidAt.IsZero() {
		return refuse(CodeNoticePaid, "")
	}
	return refuse(CodeNoticePaid, "pagato il %s", DayOf(n.PaidAt))
}

// Notices gives the read model of every instalment of the position.
func (p *Position) Notices() []Notice {
	var notices []Notice
	for i := range p.Options {
		o := &p.Options[i]
		for j := range o.Instalments {
			in := &o.Instalments[j]
			paidAt := in.PaidAt
			if paidAt.IsZero() {
				paidAt = p.PaidAt
			}
			notices = append(notices, Notice{
				EC: p.EC, NAV: in.NAV, IUV: in.IUV, IUPD: p.IUPD,
				PositionStatus: p.Status, InstalmentStatus: in.Status,
				Excluded:  p.startedElsewhere(i),
				ValidFrom: o.ValidFrom, DueDate: in.DueDate, SwitchToExpired: o.SwitchToExpired, PaidAt: paidAt,
				Amount: in.Amount, Description: in.Description,
				CompanyName: p.CompanyName, OfficeName: p.OfficeName,
				AllPostal: in.allPostal(), Last: o.unpaid() <= 1,
				Debtor: o.Debtor, Transfers: in.Transfers, Metadata: in.Metadata,
			})
		}
	}
	return notices
}

// startedElsewhere says whether an option other than the i-th has been started.
func (p *Position) startedElsewhere(i int) bool {
	for k := range p.Options {
		if k != i && p.Options[k].Started() {
			return true
		}
	}
	return false
}

func (o *Option) unpaid() int {
	count := 0
	for i := range o.Instalments {
		if !o.Instalments[i].isSettled() {
			count++
		}
	}
	return count
}

func (i *Instalment) allPostal() bool {
	for k := range i.Transfers {
		if i.Transfers[k].postalAccount() == "" {
			return false
		}
	}
	return len(i.Transfers) > 0
}
