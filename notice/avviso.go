package notice

import (
	"strconv"
	"strings"

	"nodobridge/bridge"
	"nodobridge/notice/pdf"
)

// Heights of a notice's blocks (notices.md §4), each from its bar to the next one's.
const (
	rowHeight     = 51.07 // how much and where
	fineRow       = 83.31 // the same with the terms of a fine
	blockHeight   = 60.85 // payment data, followed by a slip
	blockPitch    = 56.88 // payment data, followed by instalments
	columnsHeight = 91.0  // a row of two, or of three with all texts, and its slips' distance
	columnsDepth  = 82.0  // down to its last line
	denseHeight   = 61.0  // a row of three without subject and EC
	denseDepth    = 58.0
	bottom        = 287.0
)

// avviso is a notice in the making.
type avviso struct {
	*sheet
	n       *bridge.PaymentNotice
	subject string
	debtor  string
}

// Notice makes the PDF of a payment notice.
func (p *Printer) Notice(n *bridge.PaymentNotice) ([]byte, error) {
	subject := clean(n.Subject)
	s, err := p.open(&n.EC, p.words[italian].say("document", "subject", subject), n.Language)
	if err != nil {
		return nil, err
	}
	a := &avviso{sheet: s, n: n, subject: subject, debtor: clean(n.Debtor.FullName)}
	a.header("title")
	title := a.at.Add(pdf.RoleTitle)
	a.sheet.subject(title, subject)
	y := a.parties(firstBar)
	if n.Discounted != nil && n.Reduced != nil {
		err = a.fine(y)
	} else {
		err = a.plain(y)
	}
	if err != nil {
		return nil, err
	}
	return s.doc.Bytes()
}

// plain is a notice of a payment in full, of instalments, or of both.
func (a *avviso) plain(y float64) error {
	many := len(a.n.Instalments)
	a.amounts(y)
	a.channels(y)
	y += rowHeight
	if full := a.n.Full; full != nil {
		if err := a.block(y, payment{PrintedPayment: *full, title: a.it.say("data"), key: "data", label: a.label("full", "part", full), other: a.otherLabel(full.Number)}); err != nil {
			return err
		}
		if a.n.Slip {
			if err := a.slip(y+blockHeight, slipNormal, full, ""); err != nil {
				return err
			}
		}
		y += blockPitch
	}
	switch {
	case many == 0:
		return nil
	case a.n.Slip:
		return a.slipPages()
	}
	return a.plan(y)
}

// label says what a payment is: "Rata unica entro il 31/12/2026", "Rata 3".
func (a *avviso) label(full, part string, p *bridge.PrintedPayment) string {
	key, by := full, "_by"
	if p.Number > 0 {
		key = part
	}
	if p.Due == "" {
		by = "" // no dangling "entro" (notices.md §4, defect e)
	}
	return a.it.say(key+by, "date", day(p.Due), "n", strconv.Itoa(p.Number))
}

// otherLabel says in the second language what a payment is, without its day.
func (a *avviso) otherLabel(number int) string {
	if number > 0 {
		return a.second.say("part", "n", strconv.Itoa(number))
	}
	return a.second.say("full")
}

// cell is one half of the row of the parties.
type cell struct {
	isRight       bool
	title, key    string
	code, name    string
	middle, below string
}

// parties draws who asks and who owes, and gives where the next row begins: the taller
// of the two decides.
func (a *avviso) parties(y float64) float64 {
	creditor := cell{title: a.it.say("creditor"), key: "creditor", code: upper(string(a.n.EC.Code)), name: a.name, middle: clean(a.n.Sector), below: clean(a.n.EC.Print.Info)}
	debtor := cell{isRight: true, title: a.it.say("debtor"), key: "debtor", code: upper(a.n.Debtor.FiscalCode), name: a.debtor, middle: address(&a.n.Debtor)}
	if debtor.code == "ANONIMO" {
		debtor.code = ""
	}
	next := max(a.height(y, &creditor), a.height(y, &debtor))
	a.cell(y, next, &creditor)
	a.cell(y, next, &debtor)
	return next
}

// address is where the debtor lives, on one line or two.
func address(d *bridge.Debtor) string {
	street := clean(d.StreetName + " " + d.CivicNumber)
	city := clean(d.PostalCode + " " + d.City)
	if province := clean(d.Province); province != "" && city != "" {
		city += " (" + province + ")"
	}
	if street != "" && city != "" {
		street += ", "
	}
	return street + city
}

// Styles and places of a cell.
const (
	cellName    = 18.52 // first baseline below the bar
	namePitch   = 6.1
	middleDrop  = 11.64
	middleGap   = 7.67 // that stays where there is no middle (scenario_ft_02)
	middlePitch = 5.8
	belowDrop   = 10.32
	belowPitch  = 3.7
	belowEnd    = 5.29
	middleEnd   = 5.84
	nameEnd     = 17.5
)

func (c *cell) area() (x, width float64) {
	if c.isRight {
		return middle, right - middle
	}
	return left, leftEnd - left
}

// height gives where the next row begins if only this cell counted.
func (a *avviso) height(y float64, c *cell) float64 {
	_, width := c.area()
	p := a.printer
	y += cellName + namePitch*float64(max(0, len(p.lines(style{face: bold, size: 14}, width, c.name))-1))
	end := y + nameEnd
	if lines := p.lines(style{size: 12}, width, c.middle); len(lines) > 0 {
		y += middleDrop + middlePitch*float64(len(lines)-1)
		end = y + middleEnd
	} else {
		y += middleGap
	}
	if lines := p.lines(style{size: 8}, width, c.below); len(lines) > 0 {
		end = y + belowDrop + belowPitch*float64(len(lines)-1) + belowEnd
	}
	return end
}

func (a *avviso) cell(y, next float64, c *cell) {
	x, width := c.area()
	code, st := "", style{face: mono, size: 8}
	if c.code != "" {
		code = a.it.say("fiscal_code") + " " + c.code
	}
	a.half(y, c.isRight, c.title, c.key, x+width-a.printer.width(st, code)-1.5)
	a.writeRight(a.at.Add(pdf.RoleText), st, x+width, y+titleDrop, code)
	y = a.paragraph(a.at.Add(pdf.RoleText), style{face: bold, size: 14}, area{x, y + cellName, width, namePitch}, c.name)
	a.paragraph(a.at.Add(pdf.RoleText), style{size: 12}, area{x, y + middleDrop, width, middlePitch}, c.middle)
	if lines := a.printer.lines(style{size: 8}, width, c.below); len(lines) > 0 {
		first := next - belowEnd - belowPitch*float64(len(lines)-1)
		a.paragraph(a.at.Add(pdf.RoleText), style{size: 8}, area{x, first, width, belowPitch}, c.below)
	}
}

// amounts is the left half of the row: how much, until when, and the warning that the
// amount may change, without which it may not (notices.md §3).
func (a *avviso) amounts(y float64) {
	key := "how_much"
	full := a.n.Full
	if dated(a.n) {
		key = "how_much_when"
	}
	a.half(y, false, a.it.say(key), key, leftEnd)
	many := strconv.Itoa(len(a.n.Instalments))
	note := ""
	switch {
	case full != nil:
		a.field(field{key: "amount", x: left, label: y + 16.67, base: y + 22.76, limit: 72, value: ""})
		a.write(a.at.Add(pdf.RoleText), style{face: bold, size: 16}, left, y+22.76, euros(full.Amount)+" "+a.it.say("euro"))
		if full.Due != "" {
			a.field(field{key: "by", x: 72.05, label: y + 16.67, limit: leftEnd})
			a.write(a.at.Add(pdf.RoleText), style{face: bold, size: 16}, 72.05, y+22.76, day(full.Due))
		}
		if len(a.n.Instalments) > 0 {
			note = a.it.say("plan_or_full", "n", many)
		}
	default:
		a.write(a.at.Add(pdf.RoleText), style{face: bold, size: 16}, left, y+18.5, a.it.say("plan_only", "n", many))
	}
	if len(a.n.Instalments) >= manyInstalments {
		note = strings.TrimSpace(strings.TrimSuffix(note, ".") + ". " + a.it.say("plan_many"))
		note = strings.TrimPrefix(note, ". ")
	}
	warning := y + 31.2
	if note != "" {
		warning = max(warning, a.rich(a.at.Add(pdf.RoleText), style{face: bold, size: 8}, area{left, y + 28, leftEnd - left, 3.7}, note)+5.5)
	}
	a.disclaimer(warning)
}

func dated(n *bridge.PaymentNotice) bool {
	for _, p := range n.Payments() {
		if p.Due != "" {
			return true
		}
	}
	return false
}

func (a *avviso) disclaimer(y float64) {
	a.icon("info", pdf.Rect{X: 10.05, Y: y - 2.7, Width: 3.97, Height: 3.97})
	a.rich(a.at.Add(pdf.RoleText), style{size: 8}, area{15.99, y, leftEnd - 15.99, 3.8}, a.it.say("disclaimer"))
}

// channels is the right half of the row: where to pay.
func (a *avviso) channels(y float64) {
	a.half(y, true, a.it.say("where"), "where", right-35)
	a.writeRight(a.at.Add(pdf.RoleText), style{size: 10}, right, y+titleDrop, a.it.say("where_site"))
	where := ""
	switch profile := a.n.EC.Print; {
	case profile.Website && profile.App:
		where = a.it.say("online_both")
	case profile.Website:
		where = a.it.say("online_site")
	case profile.App:
		where = a.it.say("online_app")
	}
	text := style{size: 8}
	a.write(a.at.Add(pdf.RoleText), style{face: bold, size: 10}, middle, y+17.2, a.it.say("online_title"))
	a.rich(a.at.Add(pdf.RoleText), text, area{middle, y + 21.4, 69, 3.7}, a.it.say("online", "where", where))
	a.icon("phone", pdf.Rect{X: rightIcon + 2, Y: y + 13.6, Width: 9, Height: 12})
	places := ""
	if own := clean(a.n.EC.Print.Places); own != "" {
		places = own + ", "
	}
	a.write(a.at.Add(pdf.RoleText), style{face: bold, size: 10}, middle, y+33.6, a.it.say("place_title"))
	a.rich(a.at.Add(pdf.RoleText), text, area{middle, y + 37.8, 69, 3.7}, a.it.say("place", "where", places))
	a.icon("shop", pdf.Rect{X: rightIcon + 1, Y: y + 30.4, Width: 9, Height: 12})
}
