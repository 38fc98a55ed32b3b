package bridge

import (
	"context"
	"slices"
	"time"
)

// UpdatePosition replaces what a position says, as a draft or published at once
// (gpd-api.md §3.2 row 4). Without publish a published position goes back to being a
// draft: its notices are payable no longer (§6.1 row 1). What stays the same keeps its
// times, what is gone is removed, and a notification fee that SEND has added is added
// again (§2.5). A position that somebody has begun to pay is not updated.
func (s *Service) UpdatePosition(ctx context.Context, by Principal, p *Position, publish bool) error {
	return s.UpdateVersion(ctx, by, p, publish, "")
}

// UpdateVersion is UpdatePosition of a position that is still the version given.
func (s *Service) UpdateVersion(ctx context.Context, by Principal, p *Position, publish bool, version string) error {
	if !by.MayActFor(p.EC) {
		return &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := unchanged(ctx, tx, p.EC, p.IUPD, version); err != nil {
			return err
		}
		return s.updateIn(ctx, tx, by, p, publish, now)
	})
	return known(p.EC, p.IUPD, "update the position", err)
}

// updateIn is UpdatePosition within somebody's transaction.
func (s *Service) updateIn(ctx context.Context, tx Tx, by Principal, p *Position, publish bool, now time.Time) error {
	old, err := tx.Position(ctx, p.EC, p.IUPD)
	if err != nil {
		return err
	}
	if err := s.updatable(by, old, p, now); err != nil {
		return err
	}
	p.prepare(now)
	p.inherit(old, now)
	if err := p.addNotificationFees(); err != nil {
		return err
	}
	if err := p.checkUpdate(now); err != nil {
		return err
	}
	if err := s.Registry().strict(p); err != nil {
		return err
	}
	if publish {
		p.keepValidity(old, now)
		if err := p.publish(now); err != nil {
			return err
		}
	}
	if err := tx.ReplacePosition(ctx, p); err != nil {
		return taken(p.EC, err)
	}
	return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "position.update", EC: string(p.EC), Object: string(p.IUPD), Detail: string(p.Status), About: p.about()})
}

// updatable is the guard of gpd-api.md §4.1 step 7: segregation, then state. Both the
// stored and the new position must be within the codes.
func (s *Service) updatable(by Principal, old, p *Position, now time.Time) error {
	for _, position := range []*Position{old, p} {
		if err := by.segregated(position); err != nil {
			return err
		}
	}
	status := old.StatusAt(now)
	if !CanMove(status, EventUpdateDraft, Draft) {
		return refuse(CodeNotUpdatable, "the debt position is %s", status)
	}
	return nil
}

// inherit takes over from the stored position what an update leaves as it is. Payment
// options are the same when their IUV is.
func (p *Position) inherit(old *Position, now time.Time) {
	p.InsertedAt = old.InsertedAt
	p.LastUpdatedAt = now
	before := map[IUV]*Instalment{}
	for i := range old.Options {
		for j := range old.Options[i].Instalments {
			in := &old.Options[i].Instalments[j]
			before[in.IUV] = in
		}
	}
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			in := &p.Options[i].Instalments[j]
			if was := before[in.IUV]; was != nil {
				in.InsertedAt, in.NotificationFee = was.InsertedAt, was.NotificationFee
			}
		}
	}
}

// keepValidity: a position that was already payable and whose update says nothing
// about its validity stays payable since then (gpd-api.md §2.1).
func (p *Position) keepValidity(old *Position, now time.Time) {
	from := old.ValidFrom()
	if old.Status == Draft || from.IsZero() || from.After(now) {
		return
	}
	for i := range p.Options {
		if p.Options[i].ValidFrom.IsZero() {
			p.Options[i].ValidFrom = from
		}
	}
}

// addNotificationFees adds SEND's cost again to the amounts that the EC has sent
// without it (gpd-api.md §2.5).
func (p *Position) addNotificationFees() error {
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			in := &p.Options[i].Instalments[j]
			if in.NotificationFee == 0 {
				continue
			}
			primary := in.primaryTransfer(p.EC)
			if primary == nil {
				return refuse(CodeUpdateFailed, "payment option %s bears a notification fee and has no transfer of organization %s", in.IUV, p.EC)
			}
			primary.Amount += in.NotificationFee
			in.Amount += in.NotificationFee
		}
	}
	return nil
}

// primaryTransfer is the one that bears the notification fee: the EC's own with the
// lowest number.
func (in *Instalment) primaryTransfer(owner ECCode) *Transfer {
	var primary *Transfer
	for i := range in.Transfers {
		t := &in.Transfers[i]
		if t.EC == owner && (primary == nil || t.ID < primary.ID) {
			primary = t
		}
	}
	return primary
}

// InvalidatePosition withdraws a published position: its notices are cancelled
// (gpd-api.md §3.2 row 7). One that has expired is not invalidated (§2.2).
func (s *Service) InvalidatePosition(ctx context.Context, by Principal, ec ECCode, iupd IUPD) (*Position, error) {
	if !by.MayActFor(ec) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	var p *Position
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		p, err = tx.Position(ctx, ec, iupd)
		if err != nil {
			return err
		}
		if err := by.segregated(p); err != nil {
			return err
		}
		if status := p.StatusAt(now); !CanMove(status, EventInvalidate, Invalid) {
			return refuse(CodeNotInvalidable, "the debt position is %s", status)
		}
		if err := p.move(EventInvalidate, Invalid, now); err != nil {
			return err
		}
		if err := tx.UpdatePositionState(ctx, p); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "position.invalidate", EC: string(ec), Object: string(iupd), About: p.about()})
	})
	if err != nil {
		return nil, known(ec, iupd, "invalidate the position", err)
	}
	return p, nil
}

// IBANChange asks for another account in the transfers of an EC (gpd-api.md §3.2 row 8).
type IBANChange struct {
	EC    ECCode
	Old   string
	New   string
	Limit int // transfers at most; 1 to 1000
}

// ibanChunk is how many positions one transaction changes: the writer is nobody's for
// long, and a caller repeats the request anyway until nothing is left.
const ibanChunk = 50

// ChangeIBAN puts a new account in the place of an old one in the EC's own transfers
// that nobody has paid yet, and says in how many. Positions are changed in several
// transactions; a caller repeats until fewer than the limit are changed.
func (s *Service) ChangeIBAN(ctx context.Context, by Principal, c IBANChange) (int, error) {
	if !by.MayActFor(c.EC) {
		return 0, &Error{Code: CodeKeyForbidden}
	}
	var iupds []IUPD
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		iupds, err = tx.PositionsWithIBAN(ctx, c.EC, c.Old, c.Limit)
		return err
	})
	if err != nil {
		return 0, unavailable("find the transfers", err)
	}
	changed := 0
	for chunk := range slices.Chunk(iupds, ibanChunk) {
		if changed == c.Limit {
			break
		}
		n := 0
		err := s.store.Update(ctx, func(tx Tx) (err error) {
			n, err = s.changeIBANIn(ctx, tx, by, c, chunk, c.Limit-changed)
			return err
		})
		if err != nil {
			return 0, unavailable("change the transfers", err)
		}
		changed += n
	}
	return changed, nil
}

func (s *Service) changeIBANIn(ctx context.Context, tx Tx, by Principal, c IBANChange, iupds []IUPD, limit int) (int, error) {
	now := s.now()
	changed := 0
	for _, iupd := range iupds {
		p, err := tx.Position(ctx, c.EC, iupd)
		if isGone(err) {
			continue
		}
		if err != nil {
			return 0, err
		}
		n := p.changeIBAN(by, c, limit-changed, now)
		if n == 0 {
			continue
		}
		if err := s.Registry().strict(p); err != nil {
			return 0, err
		}
		if err := tx.ReplacePosition(ctx, p); err != nil {
			return 0, err
		}
		err = tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "position.iban", EC: string(c.EC), Object: string(iupd), About: p.about()})
		if err != nil {
			return 0, err
		}
		changed += n
	}
	return changed, nil
}

// changeIBAN changes at most limit transfers and says how many.
func (p *Position) changeIBAN(by Principal, c IBANChange, limit int, now time.Time) int {
	if !slices.Contains([]PositionStatus{Draft, Published, Valid, PartiallyPaid}, p.Status) {
		return 0
	}
	changed := 0
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			in := &p.Options[i].Instalments[j]
			if in.isSettled() || !by.mayUseIUV(in.IUV) {
				continue
			}
			for k := range in.Transfers {
				if t := &in.Transfers[k]; t.EC == p.EC && t.IBAN == c.Old && changed < limit {
					t.IBAN = c.New
					in.LastUpdatedAt, p.LastUpdatedAt = now, now
					changed++
				}
			}
		}
	}
	return changed
}
