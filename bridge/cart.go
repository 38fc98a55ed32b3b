package bridge

import (
	"context"
	"fmt"
)

// Cart is what a payer has chosen to pay at the EC's own portal, for pagoPA's Checkout to
// take the money (Checkout EC API v2, CartRequestV2).
type Cart struct {
	EC      ECCode
	ID      string // comes back as paymentNote of each receipt (soap-node.md §2.3); may be empty
	Email   string // where Checkout tells the payer; may be empty
	Notices []CartNotice
	AllCCP  bool // every transfer can be credited to a postal account
	Return  ReturnURLs
}

// CartNotice is one notice as Checkout shows it.
type CartNotice struct {
	NAV         NoticeNumber
	Amount      Cents
	CompanyName string
	Description string
}

// ReturnURLs are the portal's pages that Checkout sends the payer back to.
type ReturnURLs struct {
	OK, Cancel, Error, Waiting string
}

// MaxCartNotices is Checkout's bound.
const MaxCartNotices = 5

// FillCart completes a cart, whose notices have their numbers alone, with what is due for
// them now. A notice that cannot be paid now is refused with the reason that a PSP would
// get.
func (s *Service) FillCart(ctx context.Context, by Principal, c *Cart) error {
	if !by.MayActFor(c.EC) {
		return &Error{Code: CodeKeyForbidden}
	}
	ec, known := s.Registry().EC(c.EC)
	if !known {
		return refuse(CodeECUnknown, "organization %s is not configured on any station", c.EC)
	}
	now := s.now()
	c.AllCCP = true
	for i := range c.Notices {
		at := &c.Notices[i]
		n, err := s.store.Notice(ctx, c.EC, at.NAV)
		if isGone(err) {
			return notInCart(at.NAV, refuse(CodeNoticeUnknown, ""))
		}
		if err != nil {
			return unavailable("read the notice", err)
		}
		if !by.mayUseIUV(n.IUV) {
			return refuse(CodeSegregation, "notice %s of organization %s is outside of the segregation codes", at.NAV, c.EC)
		}
		if err := Payable(n, now); err != nil {
			return notInCart(at.NAV, err)
		}
		v, err := verification(n, ec)
		if err != nil {
			return notInCart(at.NAV, err)
		}
		at.Amount, at.CompanyName, at.Description = v.Amount, v.CompanyName, v.Description
		c.AllCCP = c.AllCCP && v.AllCCP
	}
	return nil
}

// cartReasons say why a notice cannot be paid.
var cartReasons = map[Code]string{
	CodeNoticeUnknown: "is not known or not payable yet", CodeNoticeCancelled: "is cancelled", CodeNoticePaid: "is paid", CodeNoticeExpired: "has expired",
	CodeNotExpressible: "has data that the wire cannot carry",
}

func notInCart(nav NoticeNumber, err error) error {
	reason, known := cartReasons[CodeOf(err)]
	if !known {
		return err
	}
	return &Error{Code: CodeNotInCart, Field: "notices", Detail: fmt.Sprintf("notice %s %s", nav, reason)}
}

// NoteCart writes to the journal that a cart was opened.
func (s *Service) NoteCart(ctx context.Context, by Principal, c *Cart) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		for _, n := range c.Notices {
			err := tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "cart.open", EC: string(c.EC), Object: string(n.NAV), Detail: c.ID, About: Subject{NAV: n.NAV, Amount: n.Amount}})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return unavailable("note the cart", err)
}
