package nodesim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Result is what came of one payment.
type Result struct {
	Request      PayRequest // with the receiptId and the stand-in mark that the campaign chose
	Refusal      *Fault     // the fault that kept the payment from being made
	Err          error      // why the payment was not made, or its receipt not delivered
	Paid         bool       // the payer's money was taken
	Receipt      Receipt    // as sent, when Paid
	Spelling     Spelling   // of the receipt, when Paid
	Attempts     int        // how often the receipt was sent
	Fault        *Fault     // the KO that ended the delivery
	Acknowledged bool       // the station has the receipt: it said OK, or that it has had it since an earlier attempt
}

// Report is what came of a campaign.
type Report struct {
	Seed    uint64
	Results []Result // in the order of the requests

	Calls              int // answered or not, a duplicate not counted
	Paid               int
	Refused            int // payments refused by the station
	Failed             int // payments not made, or receipts not delivered, for want of an answer
	Acknowledged       int // receipts
	AnsweredDuplicata  int // receipts whose last answer was PAA_RECEIPT_DUPLICATA
	Resends            int // of receipts
	DuplicatesAnswered int // answers with HTTP 200 to duplicates, which the node did not see
	Troubles           map[Trouble]int
	NodeErrors         map[NodeCode]int
	StandIns           map[bool]int // receipts with the mark beside the receipt (true) and inside it (false)
}

func newReport(seed uint64) Report {
	return Report{Seed: seed, Troubles: map[Trouble]int{}, NodeErrors: map[NodeCode]int{}, StandIns: map[bool]int{}}
}

func (r *Report) add(result Result) {
	r.Results = append(r.Results, result)
	counts := []struct {
		counter *int
		counted bool
	}{
		{&r.Paid, result.Paid}, {&r.Refused, result.Refusal != nil}, {&r.Failed, result.Err != nil}, {&r.Acknowledged, result.Acknowledged},
		{&r.AnsweredDuplicata, result.Fault != nil && result.Fault.Code == duplicata},
	}
	for _, c := range counts {
		if c.counted {
			*c.counter++
		}
	}
	r.Resends += max(0, result.Attempts-1)
}

// Cuts is how many connections were cut.
func (r *Report) Cuts() int { return r.Troubles[CutInRequest] + r.Troubles[CutInAnswer] }

// String is the report for people; its first word is the seed that replays it.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %d payments, %d paid, %d refused, %d failed; %d receipts acknowledged, %d resends, %d answered %s; %d calls",
		r.Seed, len(r.Results), r.Paid, r.Refused, r.Failed, r.Acknowledged, r.Resends, r.AnsweredDuplicata, duplicata, r.Calls)
	for _, t := range slices.Sorted(maps.Keys(r.Troubles)) {
		if t != NoTrouble {
			fmt.Fprintf(&b, ", %d %s", r.Troubles[t], t)
		}
	}
	fmt.Fprintf(&b, "; %d duplicates answered; stand-in %d inside, %d beside", r.DuplicatesAnswered, r.StandIns[false], r.StandIns[true])
	for _, code := range slices.Sorted(maps.Keys(r.NodeErrors)) {
		fmt.Fprintf(&b, "; %d %s", r.NodeErrors[code], code)
	}
	return b.String()
}
