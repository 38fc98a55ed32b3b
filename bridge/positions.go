package bridge

import (
	"context"
	"errors"
	"time"
)

// CreatePosition stores a new position, as a draft or published at once
// (gpd-api.md §3.2 row 1). The position comes with its tree filled in; status,
// times and missing NAVs are set here and are to be read from it afterwards.
func (s *Service) CreatePosition(ctx context.Context, by Principal, p *Position, publish bool) error {
	if !by.MayActFor(p.EC) {
		return &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	if err := s.ready(by, p, publish, now); err != nil {
		return err
	}
	err := s.store.Update(ctx, func(tx Tx) error { return s.createIn(ctx, tx, by, p, now) })
	return unavailable("store the position", err)
}

// ready completes a new position and checks it, without the store: segregation comes
// before anything that the position says (gpd-api.md §4.1 step 7).
func (s *Service) ready(by Principal, p *Position, publish bool, now time.Time) error {
	if err := by.segregated(p); err != nil {
		return err
	}
	p.prepare(now)
	if err := p.check(now); err != nil {
		return err
	}
	if err := s.Registry().strict(p); err != nil {
		return err
	}
	if publish {
		return p.publish(now)
	}
	return nil
}

// createIn stores a position that is ready, within somebody's transaction.
func (s *Service) createIn(ctx context.Context, tx Tx, by Principal, p *Position, now time.Time) error {
	if err := tx.InsertPosition(ctx, p); err != nil {
		return taken(p.EC, err)
	}
	return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "position.create", EC: string(p.EC), Object: string(p.IUPD), Detail: string(p.Status), About: p.about()})
}

// taken turns a collision into the refusal that GPD answers with.
func taken(ec ECCode, err error) error {
	if errors.Is(err, ErrExists) {
		return refuse(CodePositionExists, "a debt position of organization %s has this iupd, or an iuv or nav of it", ec)
	}
	return err
}

// prepare fills what the EC leaves open: NAV "3"+IUV, the beneficiary, the
// states of everything new (gpd-api.md §1.2, §1.3).
func (p *Position) prepare(now time.Time) {
	p.Status = Draft
	p.InsertedAt, p.LastUpdatedAt = now, now
	p.PublishedAt, p.PaidAt = time.Time{}, time.Time{}
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			in := &p.Options[i].Instalments[j]
			if in.NAV == "" {
				in.NAV = in.IUV.NoticeNumber()
			}
			in.Status = InstalmentUnpaid
			in.InsertedAt, in.LastUpdatedAt = now, now
			for k := range in.Transfers {
				t := &in.Transfers[k]
				t.Status = TransferUnreported
				if t.EC == "" {
					t.EC = p.EC
				}
			}
		}
	}
}

// publish makes a draft payable, now or from its validity on: Valid when any
// option has no validity or one that has begun, Published when all lie ahead
// (gpd-api.md §2.1). Open validities begin now.
func (p *Position) publish(now time.Time) error {
	to := Published
	for i := range p.Options {
		o := &p.Options[i]
		if o.ValidFrom.IsZero() {
			o.ValidFrom = now
		}
		if !o.ValidFrom.After(now) {
			to = Valid
		}
	}
	p.PublishedAt = now
	return p.move(EventPublish, to, now)
}

// PublishPosition makes a draft payable (gpd-api.md §2.2). The guards come in
// GPD's order: state, due dates against validities, due dates, validity.
func (s *Service) PublishPosition(ctx context.Context, by Principal, ec ECCode, iupd IUPD) (*Position, error) {
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
		if err := p.publishable(now); err != nil {
			return err
		}
		if err := p.publish(now); err != nil {
			return err
		}
		if err := tx.UpdatePositionState(ctx, p); err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "position.publish", EC: string(ec), Object: string(iupd), Detail: string(p.Status), About: p.about()})
	})
	if err != nil {
		return nil, known(ec, iupd, "publish the position", err)
	}
	return p, nil
}

func (p *Position) publishable(now time.Time) error {
	if p.Status != Draft {
		return refuse(CodeNotPublishable, "the debt position is %s, not DRAFT", p.StatusAt(now))
	}
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			in := &p.Options[i].Instalments[j]
			if from := p.Options[i].ValidFrom; !from.IsZero() && in.DueDate.Before(from) {
				return refuse(CodeDueBeforeValidity, "payment option %s is due on %s, before its validity %s", in.IUV, stamp(in.DueDate), stamp(from))
			}
		}
	}
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			if in := &p.Options[i].Instalments[j]; !in.DueDate.IsZero() && in.DueDate.Before(now) {
				return refuse(CodeDueDatePassed, "payment option %s was due on %s", in.IUV, stamp(in.DueDate))
			}
		}
	}
	if from := p.ValidFrom(); !from.IsZero() && from.Before(now) {
		return refuse(CodeValidityPassed, "the validity began on %s", stamp(from))
	}
	return nil
}

// Position reads one position.
func (s *Service) Position(ctx context.Context, by Principal, ec ECCode, iupd IUPD) (*Position, error) {
	p, _, err := s.PositionVersion(ctx, by, ec, iupd)
	return p, err
}

// PositionVersion reads one position and which version of it is stored.
func (s *Service) PositionVersion(ctx context.Context, by Principal, ec ECCode, iupd IUPD) (*Position, string, error) {
	if !by.MayActFor(ec) {
		return nil, "", &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	var p *Position
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		p, err = tx.Position(ctx, ec, iupd)
		return err
	})
	if err != nil {
		return nil, "", known(ec, iupd, "read the position", err)
	}
	if err := by.segregated(p); err != nil {
		return nil, "", err
	}
	version := p.Version()
	p.Status = p.StatusAt(now)
	return p, version, nil
}

// Positions reads a page of the EC's positions, each with the status of now.
func (s *Service) Positions(ctx context.Context, by Principal, q PositionQuery) (PositionPage, error) {
	if !by.MayActFor(q.EC) {
		return PositionPage{}, &Error{Code: CodeKeyForbidden}
	}
	q.Now, q.Segregations = s.now(), by.Segregations
	var page PositionPage
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		page, err = tx.Positions(ctx, q)
		return err
	})
	if err != nil {
		return PositionPage{}, unavailable("list the positions", err)
	}
	return page, nil
}

// DeletePosition removes a position that nobody has begun to pay.
func (s *Service) DeletePosition(ctx context.Context, by Principal, ec ECCode, iupd IUPD) error {
	return s.DeleteVersion(ctx, by, ec, iupd, "")
}

// DeleteVersion is DeletePosition of a position that is still the version given.
func (s *Service) DeleteVersion(ctx context.Context, by Principal, ec ECCode, iupd IUPD, version string) error {
	if !by.MayActFor(ec) {
		return &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := unchanged(ctx, tx, ec, iupd, version); err != nil {
			return err
		}
		return s.deleteIn(ctx, tx, by, ec, iupd, now)
	})
	return known(ec, iupd, "delete the position", err)
}

// deleteIn is DeletePosition within somebody's transaction.
func (s *Service) deleteIn(ctx context.Context, tx Tx, by Principal, ec ECCode, iupd IUPD, now time.Time) error {
	p, err := tx.Position(ctx, ec, iupd)
	if err != nil {
		return err
	}
	if err := by.segregated(p); err != nil {
		return err
	}
	if status := p.StatusAt(now); !CanMove(status, EventDelete, deleted) {
		return refuse(CodeNotDeletable, "the debt position is %s", status)
	}
	if err := tx.DeletePosition(ctx, ec, iupd); err != nil {
		return err
	}
	return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "position.delete", EC: string(ec), Object: string(iupd), About: p.about()})
}

// known turns a missing row into the refusal that names what was asked for.
func known(ec ECCode, iupd IUPD, doing string, err error) error {
	if errors.Is(err, ErrNotFound) {
		return refuse(CodePositionUnknown, "organization %s has no debt position %s", ec, iupd)
	}
	return unavailable(doing, err)
}

func stamp(at time.Time) string { return at.Format("2006-01-02T15:04:05") }
