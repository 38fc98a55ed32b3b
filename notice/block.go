package notice

import (
	"fmt"

	"nodobridge/bridge"
	"nodobridge/notice/codes"
	"nodobridge/notice/pdf"
)

// qrSide is the side of a QR code, and of one in a row of three (notices.md §2.1).
const (
	qrSide      = 24.87
	qrSideThree = 20.1
)

// payment is a payment with how its block is named.
type payment struct {
	bridge.PrintedPayment
	title, key string // of the bar; the key is that of the second language
	label      string // at the bar's right end
	other      string // the same in the second language
	slip       string // what its slip is called, "" by its day
}

// block draws a payment over the whole width: code, data, numbers to type.
func (a *avviso) block(y float64, p payment) error {
	a.bar(bar{x: 0, y: y, width: pdf.PageWidth, height: 7.94, textX: left, title: p.title, key: p.key})
	label, size := a.at.Add(pdf.RoleText), style{face: bold, size: 10}
	a.writeRight(label, size, right, y+titleDrop, p.label)
	if p.other != "" {
		a.writeRight(label.SpanOf(a.second.lang), style{regular, 8, secondGrey}, right-a.printer.width(size, p.label)-1.5, y+titleDrop, p.other)
	}
	if err := a.qr(p.PrintedPayment, pdf.Point{X: 10.05, Y: y + 14.02}, qrSide); err != nil {
		return err
	}
	a.rich(a.at.Add(pdf.RoleText), style{size: 8}, area{left, y + 46.6, 47, 3.9}, a.it.say("hint"))
	const x = 58.99
	a.euroRight(y+18.25, p.Amount)
	// Two lines of a value need the room of the next label: the names give way by size.
	a.fitted(field{key: "recipient", value: a.debtor, x: x, label: y + 16.4, base: y + 20.11, limit: 158})
	a.fitted(field{key: "payee", value: a.name, x: x, label: y + 25.7, base: y + 29.41, limit: right})
	a.fitted(field{key: "subject", value: a.subject, x: x, label: y + 34.9, base: y + 38.61, limit: right})
	a.field(field{key: "cbill", value: upper(a.n.EC.CBILL), x: x, label: y + 46.3, base: y + 52.1, limit: 93, value10: true})
	a.field(field{key: "nav", value: p.NAV.Printed(), x: 94.25, label: y + 46.3, base: y + 52.1, limit: 160, value10: true})
	a.field(field{key: "ec_code", value: upper(string(a.n.EC.Code)), label: y + 46.3, base: y + 52.1, limit: right, value10: true, atRight: true})
	return nil
}

// euroRight sets an amount that ends at the right margin.
func (a *avviso) euroRight(y float64, amount bridge.Cents) {
	in := a.at.Add(pdf.RoleText)
	number := style{face: monoBold, size: 12}
	text := euros(amount)
	x := right - a.printer.width(number, text)
	a.writeRight(in, style{size: 10}, x, y, a.it.say("euro")+" ")
	a.write(in, number, x, y, text)
}

// fitted is a field whose value stays on one line, or, at the smallest size, on two.
func (a *avviso) fitted(f field) {
	st := style{face: bold, size: 8}
	for st.size > 6 && a.printer.width(st, f.value) > f.limit-f.x {
		st.size -= 0.5
	}
	if lines := a.printer.lines(st, f.limit-f.x, f.value); len(lines) > 1 {
		f.base -= 0.6
	}
	value := f.value
	f.value = ""
	a.field(f)
	a.paragraph(a.at.Add(pdf.RoleText), st, area{f.x, f.base, f.limit - f.x, 2.6}, value)
}

// qr draws the code of a payment.
func (a *avviso) qr(p bridge.PrintedPayment, at pdf.Point, side float64) error {
	text, err := codes.QRText(codes.Payment{NAV: p.NAV, EC: a.n.EC.Code, Amount: p.Amount})
	if err != nil {
		return &bridge.Error{Code: bridge.CodeNotPrintable, Detail: err.Error()}
	}
	symbol, err := codes.QR(text)
	if err != nil {
		return fmt.Errorf("cannot print notice: %w", err)
	}
	a.symbol(a.at.Figure(a.it.say("alt_qr", "nav", p.NAV.Printed(), "ec", string(a.n.EC.Code), "amount", euros(p.Amount))), symbol, at, side)
	return nil
}

// symbol draws the dark modules as one vector path.
func (a *avviso) symbol(in *pdf.Element, s *codes.Symbol, at pdf.Point, side float64) {
	module := side / float64(s.Size())
	blocks := s.Blocks()
	list := make([]pdf.Rect, 0, len(blocks))
	for _, b := range blocks {
		list = append(list, pdf.Rect{X: at.X + float64(b.X)*module, Y: at.Y + float64(b.Y)*module, Width: float64(b.Width) * module, Height: float64(b.Height) * module})
	}
	a.page.Rects(in, list, pdf.Black)
}
