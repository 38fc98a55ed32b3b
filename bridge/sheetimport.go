package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// SheetImport asks for the positions of a sheet.
type SheetImport struct {
	EC      ECCode
	Mapping Mapping
	Sheet   *Sheet
	Publish bool // payable at once, else drafts
	DryRun  bool // tell what would happen, and do nothing
	Partial bool // make the good ones although others are wrong
}

// SheetReport says what became of a sheet.
type SheetReport struct {
	Rows      int
	Positions []ImportedPosition // made, or that would be
	Problems  []SheetProblem     // at most MaxSheetProblems
	More      bool               // there are more problems
	DryRun    bool
}

// ImportedPosition is one that was made. In a dry run the numbers that are still to be
// issued are left out.
type ImportedPosition struct {
	Line int // of its first row
	IUPD IUPD
	NAVs []NoticeNumber
}

// MaxSheetProblems bounds a report.
const MaxSheetProblems = 1000

// sheetChunk is how many positions one transaction makes.
const sheetChunk = 100

// drafted is a position of a sheet before it has its numbers.
type drafted struct {
	line        int
	segregation string
	position    *Position
}

// ImportSheet makes positions of a sheet's rows. Unless Partial is asked for, either
// every row is good or nothing is made; what another caller does meanwhile is the only
// exception, and is reported.
func (s *Service) ImportSheet(ctx context.Context, by Principal, order SheetImport) (*SheetReport, error) {
	if !by.MayActFor(order.EC) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	report := &SheetReport{Rows: len(order.Sheet.Rows), DryRun: order.DryRun}
	list := order.read(report, s.companyName(order.EC))
	if len(report.Problems) > 0 && !order.Partial {
		return report, nil
	}
	// What the store says against it is known only from trying.
	good, err := s.makeDrafted(ctx, by, order, list, true, report)
	if err != nil || order.DryRun || len(report.Problems) > 0 && !order.Partial {
		if err == nil && !order.DryRun {
			report.Positions = nil
		}
		return report, err
	}
	report.Positions = nil
	if _, err := s.makeDrafted(ctx, by, order, good, false, report); err != nil {
		return report, err
	}
	now := s.now()
	err = s.store.Update(ctx, func(tx Tx) error {
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "sheet.import", EC: string(order.EC), Object: order.Mapping.Name, Detail: fmt.Sprintf("%d rows, %d positions", report.Rows, len(report.Positions))})
	})
	return report, unavailable("note the import", err)
}

func (s *Service) companyName(ec ECCode) string {
	institution, _ := s.Registry().EC(ec)
	return institution.Name
}

func (r *SheetReport) add(problems ...SheetProblem) {
	for _, p := range problems {
		if len(r.Problems) == MaxSheetProblems {
			r.More = true
			return
		}
		r.Problems = append(r.Problems, p)
	}
}

// read makes trees of the rows that are good in themselves.
func (o *SheetImport) read(report *SheetReport, company string) []drafted {
	places, problems := o.Mapping.places(o.Sheet)
	report.add(problems...)
	if len(problems) > 0 {
		return nil
	}
	var order []IUPD
	groups := map[IUPD][]sheetItem{}
	bad := map[IUPD]bool{}
	numbers := map[IUV]int{}
	for i := range o.Sheet.Rows {
		r := rowReader{row: &o.Sheet.Rows[i], places: places, cents: o.Mapping.Cents}
		it := r.item(o.EC)
		if it.position.CompanyName == "" {
			it.position.CompanyName = company
		}
		if iuv := it.instalment.IUV; iuv != "" {
			if earlier, twice := numbers[iuv]; twice {
				r.wrong("iuv", fmt.Sprintf("is that of line %d", earlier))
			}
			numbers[iuv] = it.line
		}
		if _, known := groups[it.iupd]; !known {
			order = append(order, it.iupd)
		} else if first := groups[it.iupd][0]; first.option.Debtor.FiscalCode != it.option.Debtor.FiscalCode {
			r.wrong("fiscalCode", fmt.Sprintf("is another than in line %d, which is of the same position", first.line))
		}
		groups[it.iupd] = append(groups[it.iupd], it)
		bad[it.iupd] = bad[it.iupd] || len(r.problems) > 0
		report.add(r.problems...)
	}
	order = slices.DeleteFunc(order, func(iupd IUPD) bool { return bad[iupd] })
	list := make([]drafted, len(order))
	for i, iupd := range order {
		list[i] = draft(groups[iupd])
	}
	return list
}

// draft makes one position of its rows: those of the whole amount are options of their
// own, the others one option, a plan when they are several.
func draft(items []sheetItem) drafted {
	first := items[0]
	p := first.position
	var plan *Option
	for _, it := range items {
		o := it.option
		o.Instalments = []Instalment{it.instalment}
		switch {
		case it.single:
			p.Options = append(p.Options, o)
		case plan == nil:
			plan = &o
		default:
			plan.Plan = true
			plan.Instalments = append(plan.Instalments, it.instalment)
		}
	}
	if plan != nil {
		p.Options = append(p.Options, *plan)
	}
	return drafted{first.line, first.segregation, &p}
}

// makeDrafted makes the positions, or tries to and undoes it. What is refused is
// reported; the others are given back.
func (s *Service) makeDrafted(ctx context.Context, by Principal, order SheetImport, list []drafted, trial bool, report *SheetReport) ([]drafted, error) {
	var good []drafted
	for chunk := range slices.Chunk(list, sheetChunk) {
		var made []ImportedPosition
		var refused []SheetProblem
		var taken []drafted
		now := s.now()
		err := s.store.Update(ctx, func(tx Tx) error {
			for _, d := range chunk {
				one, refusal, err := s.makeOne(ctx, tx, by, order, d, trial, now)
				switch {
				case err != nil:
					return err
				case refusal != nil:
					refused = append(refused, *refusal)
				default:
					made, taken = append(made, one), append(taken, d)
				}
			}
			if trial {
				return errTried
			}
			return nil
		})
		if err != nil && !errors.Is(err, errTried) {
			return nil, unavailable("make the positions", err)
		}
		report.Positions = append(report.Positions, made...)
		report.add(refused...)
		good = append(good, taken...)
	}
	return good, nil
}

// makeOne makes one position of a copy: its numbers are issued anew each time.
func (s *Service) makeOne(ctx context.Context, tx Tx, by Principal, order SheetImport, d drafted, trial bool, now time.Time) (ImportedPosition, *SheetProblem, error) {
	p := d.position.copied()
	out := ImportedPosition{Line: d.line, IUPD: p.IUPD}
	err := p.number(ctx, tx, by, d.segregation)
	if err == nil {
		err = s.ready(by, p, order.Publish, now)
	}
	if err == nil {
		err = s.createIn(ctx, tx, by, p, now)
	}
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Code != CodeStoreUnavailable {
		return out, &SheetProblem{Line: d.line, Field: "iupd", Rule: "is refused: " + refusal.Detail}, nil
	}
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			if d.position.Options[i].Instalments[j].IUV != "" || !trial {
				out.NAVs = append(out.NAVs, p.Options[i].Instalments[j].NAV)
			}
		}
	}
	return out, nil, err
}

// copied is a tree of its own.
func (p *Position) copied() *Position {
	out := *p
	out.Options = slices.Clone(p.Options)
	for i := range out.Options {
		out.Options[i].Instalments = slices.Clone(out.Options[i].Instalments)
		for j := range out.Options[i].Instalments {
			in := &out.Options[i].Instalments[j]
			in.Transfers = slices.Clone(in.Transfers)
		}
	}
	return &out
}

// number issues the numbers that a position does not have.
func (p *Position) number(ctx context.Context, tx Tx, by Principal, segregation string) error {
	for i := range p.Options {
		for j := range p.Options[i].Instalments {
			in := &p.Options[i].Instalments[j]
			if in.IUV != "" {
				continue
			}
			if len(by.Segregations) > 0 && !slices.Contains(by.Segregations, segregation) {
				return refuse(CodeSegregation, "segregationCode is outside of the segregation codes")
			}
			nav, err := issueNumber(ctx, tx, p.EC, segregation)
			if err != nil {
				return err
			}
			in.NAV, in.IUV = nav, nav.IUV()
		}
	}
	return nil
}
