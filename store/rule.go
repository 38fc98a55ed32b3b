package store

import (
	"slices"

	"nodobridge/bridge"
)

// The domain's rules for a stored tree. They are asserted before it is written
// and after it is read (style.md rule 13); the schema's CHECKs say the same of
// single rows. A rule is named by a fixed text without content.

const maxTransfers = 5 // XSD ctTransferListPA

var (
	positionStatuses = []bridge.PositionStatus{
		bridge.Draft, bridge.Published, bridge.Valid, bridge.Invalid, bridge.Expired,
		bridge.PartiallyPaid, bridge.Paid, bridge.Reported,
	}
	instalmentStatuses = []bridge.InstalmentStatus{
		bridge.InstalmentUnpaid, bridge.InstalmentPaid, bridge.InstalmentPartiallyReported, bridge.InstalmentReported,
	}
	transferStatuses = []bridge.TransferStatus{bridge.TransferUnreported, bridge.TransferReported}
)

// brokenRule gives the first rule that a position breaks, or "".
func brokenRule(p *bridge.Position) string {
	if _, err := bridge.ParseECCode(string(p.EC)); err != nil {
		return "the position's EC is no fiscal code"
	}
	switch {
	case p.IUPD == "":
		return "the position has no IUPD"
	case !slices.Contains(positionStatuses, p.Status):
		return "the position's status is unknown"
	case p.Status == bridge.Paid && p.PaidAt.IsZero():
		return "a paid position has no time of payment"
	case p.InsertedAt.IsZero(), p.LastUpdatedAt.IsZero():
		return "the position has no times"
	case len(p.Options) == 0:
		return "the position has no option"
	}
	for i := range p.Options {
		// GPD accepts a position that nobody can pay; its one option keeps the debtor
		// (gpd-api.md §6.1 row 4).
		if len(p.Options[i].Instalments) == 0 && len(p.Options) > 1 {
			return "an option has no instalment"
		}
		for j := range p.Options[i].Instalments {
			if rule := brokenInstalment(&p.Options[i].Instalments[j]); rule != "" {
				return rule
			}
		}
	}
	return ""
}

func brokenInstalment(in *bridge.Instalment) string {
	switch {
	case in.NAV == "", in.NAV == bridge.ProbeNotice:
		return "an instalment has no usable NAV"
	case in.IUV == "":
		return "an instalment has no IUV"
	case !slices.Contains(instalmentStatuses, in.Status):
		return "an instalment's status is unknown"
	case (in.Status == bridge.InstalmentUnpaid) != in.PaidAt.IsZero():
		return "an instalment's status and time of payment differ"
	case in.NotificationFee < 0, in.Fee < 0:
		return "an instalment has a negative fee"
	}
	return brokenShares(in.Amount, in.Transfers)
}

// brokenShares is the sum rule of an instalment and of its read model.
func brokenShares(amount bridge.Cents, transfers []bridge.Transfer) string {
	if amount < 1 || amount > bridge.MaxAmount {
		return "an amount is out of bounds"
	}
	if len(transfers) < 1 || len(transfers) > maxTransfers {
		return "an instalment has no transfer or too many"
	}
	var seen [maxTransfers + 1]bool
	left := amount
	for i := range transfers {
		t := &transfers[i]
		switch {
		case t.ID < 1, t.ID > maxTransfers, seen[t.ID]:
			return "a transfer's number is out of bounds or occurs twice"
		case t.Amount < 1, t.Amount > left:
			return "the transfers do not add up to the amount"
		case t.EC == "":
			return "a transfer has no beneficiary"
		case (t.IBAN == "") != (t.Stamp != nil):
			return "a transfer has not one of IBAN and stamp"
		case t.PostalIBAN != "" && t.IBAN == "":
			return "a transfer has a postal IBAN only"
		case !slices.Contains(transferStatuses, t.Status):
			return "a transfer's status is unknown"
		}
		seen[t.ID] = true
		left -= t.Amount
	}
	if left != 0 {
		return "the transfers do not add up to the amount"
	}
	return ""
}
