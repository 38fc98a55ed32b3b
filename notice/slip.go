package notice

import (
	"fmt"
	"strconv"

	"nodobridge/bridge"
	"nodobridge/notice/codes"
	"nodobridge/notice/pdf"
)

// slipForm is where things are on a slip, from its bar (notices.md §4): normal, or
// compact when a page has three.
type slipForm struct {
	pitch                            float64
	account, holder, debtor, subject float64
	labels, values                   float64
	matrix                           float64 // middle of the Data Matrix
	note, permit                     float64
	poste                            float64 // Poste's logotype
}

var (
	slipNormal = slipForm{
		pitch: 70.91, account: 19.05, holder: 29.90, debtor: 35.46, subject: 40.75, labels: 50.54, values: 56.09, matrix: 41.54, note: 43.4, permit: 62.18, poste: 14.25,
	}
	slipCompact = slipForm{
		pitch: 60.85, account: 16.93, holder: 25.66, debtor: 31.22, subject: 36.51, labels: 46.30, values: 51.85, matrix: 37.57, note: 38.2, permit: 53.98, poste: 12.13,
	}
)

// Places of a slip.
const (
	slipText     = 58.99
	slipEnd      = 168.5
	matrixSide   = 24.6
	matrixMiddle = 188.515
	cornerWidth  = 27.79
	cornerHeight = 28.04
)

// slip draws the postal slip of a payment; the title is what it is called, "" by its day.
func (a *avviso) slip(y float64, f slipForm, p *bridge.PrintedPayment, title string) error {
	a.icon("scissors", pdf.Rect{X: 196.05, Y: y - 3.6, Width: 3.86, Height: 3})
	a.page.Line(nil, pdf.Point{X: 0, Y: y - 2.05}, pdf.Point{X: 195, Y: y - 2.05}, 0.15, 0.8, secondGrey)
	a.bar(bar{x: 0, y: y, width: pdf.PageWidth, height: 7.94, textX: left, title: a.it.say("slip_title")})
	a.mark(brandBancoPosta, "BancoPosta", pdf.Rect{X: slipText, Y: y + 2.64, Width: 19.72, Height: 2.70})
	a.writeRight(a.at.Add(pdf.RoleText), style{face: bold, size: 10}, right, y+titleDrop, a.slipLabel(p, title))
	a.mark(brandPoste, "Poste Italiane", pdf.Rect{X: 10.08, Y: y + f.poste, Width: 38.54, Height: 5.05})
	if a.printer.brands[brandSlip] != nil {
		a.mark(brandSlip, "", pdf.Rect{X: 10.08, Y: y + f.poste + 8.5, Width: 12.91, Height: 12.91})
	}
	a.rich(a.at.Add(pdf.RoleText), style{size: 8}, area{left, y + f.note, 46, 3.7}, a.it.say("slip_note"))

	a.page.Rect(nil, 59.28, y+f.account-4.9, 7.52, 6.4, pdf.Black)
	a.write(nil, style{face: bold, size: 13, colour: pdf.Colour{R: 255, G: 255, B: 255}}, 61.7, y+f.account-0.1, "€")
	account := a.at.Add(pdf.RoleText)
	end := a.write(account, style{size: 10}, 69, y+f.account, a.it.say("slip_account")+" ")
	a.write(account, style{face: monoBold, size: 12}, end, y+f.account, a.n.EC.PostalAccount)
	a.euroRight(y+f.account, p.Amount)
	holder := clean(a.n.EC.Print.PostalHolder)
	if holder == "" {
		holder = a.name
	}
	a.beside(y+f.holder, "slip_holder", holder)
	a.beside(y+f.debtor, "recipient", a.debtor)
	a.beside(y+f.subject, "slip_subject", a.subject)
	a.field(field{key: "nav", value: p.NAV.Printed(), x: slipText, label: y + f.labels, base: y + f.values, limit: 114, value10: true})
	a.field(field{key: "slip_kind", value: "P1", x: 115.75, label: y + f.labels, base: y + f.values, limit: 125, value10: true})
	a.field(field{key: "slip_ec_code", value: upper(string(a.n.EC.Code)), label: y + f.labels, base: y + f.values, limit: slipEnd, value10: true, atRight: true})
	a.permit(y, f)
	return a.matrix(y+f.matrix, p)
}

// permit is Poste's authorisation. On a compact slip it stands beside the numbers: there it
// is smaller when it is long.
func (a *avviso) permit(y float64, f slipForm) {
	text, st := clean(a.n.EC.PostalAuthorization), style{regular, 7, secondGrey}
	width := slipEnd - left
	if f == slipCompact {
		width = slipText - left - 1.5
	}
	for st.size > 5 && a.printer.width(st, text) > width {
		st.size -= 0.25
	}
	lines := a.printer.lines(st, width, text)
	a.paragraph(a.at.Add(pdf.RoleText), st, area{left, y + f.permit - 2*float64(max(0, len(lines)-1)), width, 2}, text)
}

// slipLabel says what the slip pays: a slip that is cut off must say it by itself.
func (a *avviso) slipLabel(p *bridge.PrintedPayment, title string) string {
	if title != "" {
		return title
	}
	key := "full"
	if p.Number > 0 {
		key = "part"
	}
	if p.Due != "" {
		key += "_slip"
	}
	return a.it.say(key, "date", day(p.Due), "n", strconv.Itoa(p.Number))
}

// mark draws one of Poste's marks, or its name where the artwork is not at hand.
func (a *avviso) mark(name, text string, box pdf.Rect) {
	if art := a.printer.brands[name]; art != nil {
		alt := text
		if alt == "" {
			alt = a.it.say("slip_title")
		}
		a.draw(a.at.Figure(alt), art, box, false)
		return
	}
	size := box.Height / 0.25 * 0.72
	a.write(a.at.Add(pdf.RoleText), style{face: bold, size: size}, box.X, box.Y+box.Height-0.3, text)
}

// beside sets a label and its value on one line, smaller when it is long.
func (a *avviso) beside(y float64, key, value string) {
	in := a.at.Add(pdf.RoleText)
	x := a.write(in, style{size: 8}, slipText, y, a.it.say(key)+" ") + 0.5
	st := style{face: bold, size: 8}
	width := matrixMiddle - cornerWidth/2 - 2 - x
	for st.size > 5.5 && a.printer.width(st, value) > width {
		st.size -= 0.5
	}
	if lines := a.printer.lines(st, width, value); len(lines) > 1 {
		a.paragraph(in, st, area{x, y - 1.2, width, 2.4}, value)
		return
	}
	a.write(in, st, x, y, value)
}

// matrix draws the Data Matrix within its four corner marks.
func (a *avviso) matrix(middleY float64, p *bridge.PrintedPayment) error {
	text, err := codes.SlipText(codes.Slip{
		Payment: codes.Payment{NAV: p.NAV, EC: a.n.EC.Code, Amount: p.Amount},
		Account: a.n.EC.PostalAccount, DebtorCode: clean(a.n.Debtor.FiscalCode), DebtorName: a.debtor, Subject: a.subject,
	})
	if err != nil {
		return &bridge.Error{Code: bridge.CodeNotPrintable, Detail: err.Error()}
	}
	symbol, err := codes.DataMatrix(text)
	if err != nil {
		return fmt.Errorf("cannot print notice: %w", err)
	}
	const thick, arm = 0.53, 4.6
	x, y := matrixMiddle-cornerWidth/2, middleY-cornerHeight/2
	var corners []pdf.Rect
	for _, right := range []float64{0, cornerWidth} {
		for _, low := range []float64{0, cornerHeight} {
			h, v := pdf.Rect{X: x, Y: y, Width: arm, Height: thick}, pdf.Rect{X: x, Y: y, Width: thick, Height: arm}
			if right > 0 {
				h.X, v.X = x+right-arm, x+right-thick
			}
			if low > 0 {
				h.Y, v.Y = y+low-thick, y+low-arm
			}
			corners = append(corners, h, v)
		}
	}
	a.page.Rects(nil, corners, markGrey)
	figure := a.at.Figure(a.it.say("alt_matrix", "nav", p.NAV.Printed(), "amount", euros(p.Amount)))
	a.symbol(figure, symbol, pdf.Point{X: matrixMiddle - matrixSide/2, Y: middleY - matrixSide/2}, matrixSide)
	return nil
}
