package notice

import "nodobridge/notice/pdf"

// fine is a notice of a traffic fine: one debt, two amounts by the day of payment
// (notices.md §3 "Traffic fines"). Without slips all is on one page; with slips each
// amount has a page of its own.
func (a *avviso) fine(y float64) error {
	first := payment{PrintedPayment: *a.n.Discounted, title: a.it.say("fine_discounted_bar"), label: a.it.say("fine_discounted_right"), slip: a.it.say("fine_discounted")}
	second := payment{PrintedPayment: *a.n.Reduced, title: a.it.say("fine_reduced_bar"), label: a.it.say("fine_reduced_right"), slip: a.it.say("fine_reduced")}
	a.fineAmounts(y)
	a.channels(y)
	if !a.n.Slip {
		end := a.terms(y + 28.3)
		y = max(y+fineRow, end+5.2)
		if err := a.block(y, first); err != nil {
			return err
		}
		y += blockPitch
		if y+blockPitch > bottom+4 {
			a.turn()
			y = firstBar
		}
		return a.block(y, second)
	}
	a.disclaimer(y + 36.5)
	y += rowHeight
	if err := a.withSlip(y, first); err != nil {
		return err
	}
	a.turn()
	a.bar(bar{x: 0, y: firstBar, width: pdf.PageWidth, height: 8.2, textX: left, title: a.it.say("fine_terms_bar")})
	a.terms(firstBar + 12)
	return a.withSlip(firstBar+rowHeight, second)
}

func (a *avviso) withSlip(y float64, p payment) error {
	if err := a.block(y, p); err != nil {
		return err
	}
	return a.slip(y+blockHeight, slipNormal, &p.PrintedPayment, p.slip)
}

// fineAmounts is the left half of the row: both amounts and their terms.
func (a *avviso) fineAmounts(y float64) {
	a.half(y, false, a.it.say("how_much_when"), "how_much_when", leftEnd)
	for i, p := range []struct {
		amount      string
		name, until string
	}{
		{euros(a.n.Discounted.Amount), a.it.say("fine_discounted"), a.it.say("fine_discounted_by")},
		{euros(a.n.Reduced.Amount), a.it.say("fine_reduced"), a.it.say("fine_reduced_by")},
	} {
		x := left + 47*float64(i)
		a.write(a.at.Add(pdf.RoleText), style{face: bold, size: 8}, x, y+16.67, p.name)
		a.write(a.at.Add(pdf.RoleText), style{face: bold, size: 14}, x, y+23.8, p.amount+" "+a.it.say("euro"))
		a.rich(a.at.Add(pdf.RoleText), style{size: 7}, area{x, y + 28, 45.5, 3.2}, p.until)
	}
}

// terms explains how the days are counted, and gives the last baseline. On the first page
// it stands in the left half, on a page of its own in the whole width.
func (a *avviso) terms(y float64) float64 {
	width := leftEnd - left
	if y < 100 {
		width = right - left
	}
	body := style{size: 8}
	for _, part := range []string{"fine_terms", "fine_waiting"} {
		y += 4.8
		a.write(a.at.Add(pdf.RoleText), style{face: bold, size: 8}, left, y, a.it.say(part+"_title"))
		y = a.rich(a.at.Add(pdf.RoleText), body, area{left, y + 3.8, width, 3.6}, a.it.say(part))
	}
	if width > leftEnd {
		return a.rich(a.at.Add(pdf.RoleText), style{face: bold, size: 8}, area{left, y + 5.2, width, 3.6}, a.it.say("fine_choice"))
	}
	y += 5.8
	a.disclaimer(y)
	return a.rich(a.at.Add(pdf.RoleText), style{face: bold, size: 8}, area{left, y + 12.8, width, 3.6}, a.it.say("fine_choice"))
}
