package bridge

import "context"

// ExportPositions walks an EC's positions in the order of their last change and hands
// each on; the journal says that it was done, because a list of debtors leaves the
// station.
func (s *Service) ExportPositions(ctx context.Context, by Principal, q PositionSearch, each func(*Position) error) error {
	if err := s.noteExport(ctx, by, q.EC, "export.positions"); err != nil {
		return err
	}
	for {
		page, err := s.SearchPositions(ctx, by, q)
		if err != nil {
			return err
		}
		for i := range page.Positions {
			if err := each(&page.Positions[i]); err != nil {
				return err
			}
		}
		if page.Next == (PositionMark{}) {
			return nil
		}
		q.After = page.Next
	}
}

// ExportReceipts walks an EC's receipts in the order of their arrival.
func (s *Service) ExportReceipts(ctx context.Context, by Principal, q ReceiptsQuery, each func(*NumberedReceipt) error) error {
	if err := s.noteExport(ctx, by, q.EC, "export.receipts"); err != nil {
		return err
	}
	for {
		list, err := s.ReceiptsAfter(ctx, by, q)
		if err != nil {
			return err
		}
		for i := range list {
			if err := each(&list[i]); err != nil {
				return err
			}
			q.After = list[i].Number
		}
		if len(list) < q.Limit {
			return nil
		}
	}
}

func (s *Service) noteExport(ctx context.Context, by Principal, ec ECCode, action string) error {
	if !by.MayActFor(ec) {
		return &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: action, EC: string(ec), Object: string(ec)})
	})
	return unavailable("note the export", err)
}
