package bridge

import (
	"context"
	"time"
)

// PositionSearch asks for positions of an EC in the order of their last change. Zero
// values mean no filter.
type PositionSearch struct {
	EC           ECCode
	Debtor       string // fiscal code, whole
	NAV          NoticeNumber
	ChangedSince time.Time
	After        PositionMark // what the page before ended with
	Segregations []string     // allowed first two characters of the IUV; none means all
	Limit        int
}

// PositionMark is a place in the order of last changes.
type PositionMark struct {
	ChangedAt time.Time
	Row       int64
}

// FoundPositions is one page. Next is where to go on; the zero mark at the end.
type FoundPositions struct {
	Positions []Position
	Next      PositionMark
}

// SearchPositions finds positions with the status of now.
func (s *Service) SearchPositions(ctx context.Context, by Principal, q PositionSearch) (FoundPositions, error) {
	if !by.MayActFor(q.EC) {
		return FoundPositions{}, &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	q.Segregations = by.Segregations
	var page FoundPositions
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		page, err = tx.SearchPositions(ctx, q)
		return err
	})
	for i := range page.Positions {
		page.Positions[i].Status = page.Positions[i].StatusAt(now)
	}
	return page, unavailable("search the positions", err)
}
