package bridge

import (
	"slices"
	"time"
)

// check is what a new position must satisfy in itself (gpd-api.md §4.1 step 8,
// §4.3): the first broken rule of the first option that breaks one. That fields
// are present and have the right form is the API's to say, which knows their
// names; here that is only asserted.
func (p *Position) check(now time.Time) error { return p.checkOptions(now, false) }

// checkUpdate is check for a position that replaces another: its validity may have
// begun, and what does not switch to expired may be due in the past (gpd-api.md §4.3).
func (p *Position) checkUpdate(now time.Time) error { return p.checkOptions(now, true) }

func (p *Position) checkOptions(now time.Time, update bool) error {
	for i := range p.Options {
		o := &p.Options[i]
		if o.Debtor.Type != NaturalPerson && o.Debtor.Type != LegalPerson {
			return refuse(CodeSemantics, "Debtor error: the type must be F or G")
		}
		if !update && !o.ValidFrom.IsZero() && !o.ValidFrom.After(now) {
			return refuse(CodeSemantics, "Dates congruence error: validity_date %s must be later than now %s", stamp(o.ValidFrom), stamp(now))
		}
		earliest := o.ValidFrom
		if earliest.IsZero() || earliest.Before(now) && !(update && !o.SwitchToExpired) {
			earliest = now
		}
		for j := range o.Instalments {
			if err := o.Instalments[j].check(earliest); err != nil {
				return err
			}
		}
	}
	if err := p.checkMetadata(); err != nil {
		return err
	}
	return p.checkNumbers()
}

// check holds an instalment against the earliest due date that it may have.
func (in *Instalment) check(earliest time.Time) error {
	if in.Amount < 1 || in.Amount > MaxAmount {
		return refuse(CodeSemantics, "Amounts congruence error: the amount of payment option %s must be 1 to %d cents", in.IUV, MaxAmount)
	}
	if !in.DueDate.IsZero() && in.DueDate.Before(earliest) {
		return refuse(CodeSemantics, "Dates congruence error: due_date %s must not be before validity_date %s", stamp(in.DueDate), stamp(earliest))
	}
	if !in.RetentionDate.IsZero() && in.RetentionDate.Before(in.DueDate) {
		return refuse(CodeSemantics, "Dates congruence error: retention_date %s must not be before due_date %s", stamp(in.RetentionDate), stamp(in.DueDate))
	}
	return in.checkTransfers()
}

// checkMetadata comes after every option's own checks (gpd-api.md §4.1 step 9).
// Keys are unique within an instalment and within a transfer (§1.7).
func (p *Position) checkMetadata() error {
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			in := &p.Options[i].Instalments[j]
			lists := [][]Metadata{in.Metadata}
			for k := range in.Transfers {
				lists = append(lists, in.Transfers[k].Metadata)
			}
			if slices.ContainsFunc(lists, repeatsKey) {
				return refuse(CodeSemantics, "Metadata congruence error: payment option %s has a metadata key twice", in.IUV)
			}
			if slices.ContainsFunc(in.Metadata, func(m Metadata) bool { return m.Key == NotificationFeeKey }) {
				return refuse(CodeReservedMetadata, "metadata key %s of payment option %s is reserved", NotificationFeeKey, in.IUV)
			}
		}
	}
	return nil
}

func (in *Instalment) checkTransfers() error {
	if len(in.Transfers) > maxTransfers {
		return refuse(CodeSemantics, "Number of transfers error: payment option %s has %d, at most %d are allowed", in.IUV, len(in.Transfers), maxTransfers)
	}
	seen := map[int]bool{}
	amounts := make([]Cents, 0, maxTransfers)
	for i := range in.Transfers {
		t := &in.Transfers[i]
		if t.ID < 1 || t.ID > maxTransfers {
			return refuse(CodeSemantics, "Transfer ID congruence error: payment option %s has a transfer whose id is not 1 to %d", in.IUV, maxTransfers)
		}
		if seen[t.ID] {
			return refuse(CodeSemantics, "Transfer ID congruence error: payment option %s has transfer id %d twice", in.IUV, t.ID)
		}
		seen[t.ID] = true
		if (t.IBAN == "") == (t.Stamp == nil) {
			return refuse(CodeSemantics, "Transfer congruence error: transfer %d of payment option %s must have either an iban or a stamp", t.ID, in.IUV)
		}
		if t.Stamp != nil && t.PostalIBAN != "" {
			return refuse(CodeSemantics, "Transfer congruence error: transfer %d of payment option %s has a stamp and so no postalIban", t.ID, in.IUV)
		}
		if t.Amount < 1 {
			return refuse(CodeSemantics, "Amounts congruence error: the amount of transfer %d of payment option %s must be at least 1 cent", t.ID, in.IUV)
		}
		amounts = append(amounts, t.Amount)
	}
	total, err := sumCents(amounts...)
	if err != nil || total != in.Amount {
		return refuse(CodeSemantics, "Amounts congruence error: payment option %s amount is %d cents and its transfers add up to %d", in.IUV, in.Amount, total)
	}
	return nil
}

func repeatsKey(entries []Metadata) bool {
	seen := map[string]bool{}
	for _, m := range entries {
		if seen[m.Key] {
			return true
		}
		seen[m.Key] = true
	}
	return false
}

// checkNumbers refuses a position that collides with itself and the number that
// belongs to the node's probe.
func (p *Position) checkNumbers() error {
	navs, iuvs := map[NoticeNumber]bool{}, map[IUV]bool{}
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			in := &p.Options[i].Instalments[j]
			if in.NAV == ProbeNotice {
				return refuse(CodeSemantics, "Notice number error: %s is reserved to the node's probe", ProbeNotice)
			}
			if navs[in.NAV] || iuvs[in.IUV] {
				return refuse(CodePositionExists, "iuv %s or its nav occurs twice in the debt position", in.IUV)
			}
			navs[in.NAV], iuvs[in.IUV] = true, true
		}
	}
	return nil
}
