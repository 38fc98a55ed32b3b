package notice

import (
	"nodobridge/bridge"
	"nodobridge/notice/pdf"
)

// manyInstalments is from how many on the dense grid is used (notices.md §4).
const manyInstalments = 9

// grid is how a row of instalments is divided.
type grid struct {
	bars  []float64 // left ends of the bars
	width float64   // of a bar
	texts []float64 // where texts begin
	qr    []float64 // left ends of the codes
	side  float64   // of a code
	end   float64   // how far behind the text's begin it may reach
	hint  string
	small float64 // size of the hint
}

var (
	twoColumns = grid{
		bars: []float64{6.88, 107.95}, width: 95.1, texts: []float64{left, 110.99}, qr: []float64{74.08, 174.89}, side: qrSide, end: 89, hint: "hint_two", small: 8,
	}
	threeColumns = grid{
		bars: []float64{6.88, 74.35, 141.55}, width: 61.38, texts: []float64{left, 77.33, 144.66}, qr: []float64{45.24, 112.71, 179.92}, side: qrSideThree, end: 55.5, hint: "hint_three", small: 7,
	}
)

func gridOf(columns int) *grid {
	if columns == 2 {
		return &twoColumns
	}
	return &threeColumns
}

// row draws instalments beside one another. Dense leaves out what the page says anyway.
func (a *avviso) row(y float64, g *grid, list []bridge.PrintedPayment, dense bool) error {
	for i := range list {
		if err := a.column(y, g, i, &list[i], dense); err != nil {
			return err
		}
	}
	return nil
}

func (a *avviso) column(y float64, g *grid, i int, p *bridge.PrintedPayment, dense bool) error {
	x := g.texts[i]
	a.bar(bar{x: g.bars[i], y: y, width: g.width, height: 7.94, textX: x, title: a.label("full", "part", &bridge.PrintedPayment{Number: p.Number}), other: a.otherLabel(p.Number)})
	end := g.qr[i] - 4 // of what stands beside the code
	in := a.at.Add(pdf.RoleText)
	a.write(in, style{size: 8}, x, y+14.8, a.it.say("euro")+" ")
	a.write(in, style{face: monoBold, size: 12}, x, y+19.6, euros(p.Amount))
	if p.Due != "" {
		a.field(field{key: "by_column", x: x, label: y + 24.9, limit: end})
		a.write(a.at.Add(pdf.RoleText), style{face: bold, size: 10}, x, y+29.6, day(p.Due))
	}
	if err := a.qr(*p, pdf.Point{X: g.qr[i], Y: y + 11.9}, g.side); err != nil {
		return err
	}
	far := x + g.end
	a.field(field{key: "nav", value: p.NAV.Printed(), x: x, label: y + 35.2, base: y + 39.7, limit: navEnd(g, i), value10: true})
	a.field(field{key: "ec_code", value: upper(string(a.n.EC.Code)), x: x, label: y + 45.2, base: y + 50.0, limit: x + 32, value10: true})
	a.field(field{key: "cbill", value: upper(a.n.EC.CBILL), x: x + 33.3, label: y + 45.2, base: y + 50.0, limit: far, value10: true})
	hint := y + 55.2 // clear of the scissors of a slip below
	if !dense {
		a.shortened(field{key: "subject", value: a.subject, x: x, label: y + 57.2, base: y + 61.1, limit: far})
		a.shortened(field{key: "payee", value: a.name, x: x, label: y + 66.4, base: y + 70.4, limit: far})
		hint = y + 78.1
	}
	a.rich(a.at.Add(pdf.RoleText), style{size: g.small}, area{x, hint, g.end, 3.4}, a.it.say(g.hint))
	return nil
}

// navEnd is how far the number's label may reach without touching the code's quiet zone.
func navEnd(g *grid, i int) float64 { return g.qr[i] - 3.2 }

// shortened is a field whose value has one line in a narrow column: it is set smaller
// and then cut, for the page's head says it in full.
func (a *avviso) shortened(f field) {
	st := style{face: bold, size: 8}
	for st.size > 6 && a.printer.width(st, f.value) > f.limit-f.x {
		st.size -= 0.5
	}
	value := f.value
	if lines := a.printer.lines(st, f.limit-f.x-2, value); len(lines) > 1 {
		value = lines[0] + "…"
	}
	f.value = ""
	a.field(f)
	a.write(a.at.Add(pdf.RoleText), st, f.x, f.base, value)
}
