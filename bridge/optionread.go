package bridge

import "context"

// OptionByNumber reads what an activation by NAV (or IUV) would find: the position
// with its state of now, the option and the instalment. What GPD's internal read does
// not show is not found: an option whose validity lies ahead, and an alternative of a
// plan that has begun (gpd-api.md §2.3, §2.4). A notice past its due date that expires
// has the position's state EXPIRED, as GPD says it.
func (s *Service) OptionByNumber(ctx context.Context, by Principal, ec ECCode, number NoticeNumber) (*Position, *Option, *Instalment, error) {
	if !by.MayActFor(ec) {
		return nil, nil, nil, &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	var p *Position
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		p, err = byNumber(ctx, tx, by, ec, number)
		return err
	})
	if err != nil {
		return nil, nil, nil, unavailable("read the payment option", err)
	}
	o, in := p.instalmentOf(number)
	unknown := refuse(CodeOptionUnknown, "organization %s has no payment option %s", ec, number)
	if o.ValidFrom.After(now) {
		return nil, nil, nil, unknown
	}
	for i := range p.Options {
		if other := &p.Options[i]; other != o && other.Started() && !in.isSettled() && !(o.Plan && o.Started()) {
			return nil, nil, nil, unknown
		}
	}
	p.Status = p.StatusAt(now)
	overdue := o.SwitchToExpired && !in.isSettled() && !in.DueDate.IsZero() && in.DueDate.Before(now)
	if overdue && (p.Status == Valid || p.Status == PartiallyPaid) {
		p.Status = Expired
	}
	return p, o, in, nil
}

// PositionByIUV reads the position of a creditor reference.
func (s *Service) PositionByIUV(ctx context.Context, by Principal, ec ECCode, iuv IUV) (*Position, error) {
	if !by.MayActFor(ec) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	if !by.mayUseIUV(iuv) { // before anything is looked up (gpd-api.md §3.4)
		return nil, refuse(CodeSegregation, "payment option %s of organization %s is outside of the segregation codes", iuv, ec)
	}
	now := s.now()
	var p *Position
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		p, err = byNumber(ctx, tx, by, ec, NoticeNumber(iuv))
		return err
	})
	if err != nil {
		return nil, unavailable("read the position", err)
	}
	p.Status = p.StatusAt(now)
	return p, nil
}
