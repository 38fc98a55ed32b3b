package notice

import (
	"strings"

	"nodobridge/bridge"
	"nodobridge/notice/pdf"
)

// Geometry that all pages share, in millimetres from the top left corner (notices.md §4).
const (
	left      = 10.0
	right     = 200.0
	middle    = 113.99 // where texts of the right half begin
	leftEnd   = 100.0
	firstBar  = 43.92 // below the header
	titleDrop = 5.03  // of a bar's title below the bar's top

	rightIcon = 188.0
)

// sheet is a document in the making.
type sheet struct {
	printer *Printer
	doc     *pdf.Document
	page    *pdf.Page
	at      *pdf.Element // the section under way
	logo    *artwork
	name    string // the EC's
	it      words
	second  words // of no text without a second language
}

// open begins a document. Its title is told by the window and read aloud.
func (p *Printer) open(ec *bridge.CreditorInstitution, title, language string) (*sheet, error) {
	if p.brands[brandPagoPA] == nil && !p.config.AllowMissingBrand {
		return nil, errNoBrand
	}
	logo, err := p.logo(ec.Code)
	if err != nil {
		return nil, err
	}
	name := clean(ec.Name)
	s := &sheet{printer: p, logo: logo, name: name, it: p.words[italian], second: p.words[language]}
	s.doc = p.press.New(pdf.Info{Title: title, Lang: "it-IT", Author: name, Producer: p.config.Producer})
	return s, nil
}

// header begins a page: the marks and the kind of document; of a further page all that is
// a repetition, which is not read aloud again.
func (s *sheet) header(title string) {
	first := s.page == nil
	s.page = s.doc.Page()
	tag := func(make func() *pdf.Element) *pdf.Element {
		if first {
			return make()
		}
		return nil
	}
	if first {
		s.at = s.doc.Root().Add(pdf.RoleSection)
	}
	brand := tag(func() *pdf.Element { return s.at.Figure(s.it.say("alt_brand")) })
	if art := s.printer.brands[brandPagoPA]; art != nil {
		s.draw(brand, art, pdf.Rect{X: 10.06, Y: 10.05, Width: 14.81, Height: 10}, false)
	} else {
		s.write(tag(func() *pdf.Element { return s.at.Add(pdf.RoleText) }), style{bold, 12, brandBlue}, 10.06, 16.5, "pagoPA")
	}
	kind := tag(func() *pdf.Element { return s.at.Add(pdf.RoleText) })
	s.write(kind, style{face: bold, size: 10}, 28.99, 13.23, s.it.say(title))
	if other := s.second.say(title); other != "" {
		s.write(kind.SpanOf(s.second.lang), style{regular, 8, secondGrey}, 28.99, 17.2, other)
	}
	if s.logo != nil {
		s.draw(tag(func() *pdf.Element { return s.at.Figure(s.it.say("alt_logo", "name", s.name)) }), s.logo, pdf.Rect{X: 170.02, Y: 10.05, Width: 30, Height: 29.9}, true)
	}
}

// subject sets the title of the document as large as two lines allow.
func (s *sheet) subject(in *pdf.Element, text string) {
	for _, size := range []float64{16, 14, 12, 10} {
		st := style{face: bold, size: size}
		if lines := s.printer.lines(st, 158, text); len(lines) <= 2 || size == 10 {
			s.paragraph(in, st, area{left, 29.10, 158, 6.6 * size / 16}, text)
			return
		}
	}
}

// bar draws a grey bar and its title, which begins a section.
type bar struct {
	x, y, width, height float64
	textX               float64
	title               string
	key                 string  // of the second language; "" for none
	other               string  // the second language's text where it has no key
	limit               float64 // how far the second language may reach; 0 for no bound
}

func (s *sheet) bar(b bar) {
	s.page.Rect(nil, b.x, b.y, b.width, b.height, barGrey)
	s.at = s.doc.Root().Add(pdf.RoleSection)
	heading := s.at.Add(pdf.RoleHeading)
	end := s.write(heading, style{face: bold, size: 10}, b.textX, b.y+titleDrop, b.title)
	other := b.other
	if b.key != "" {
		other = s.second.say(b.key)
	}
	if other != "" {
		small := style{regular, 8, secondGrey}
		for b.limit > 0 && small.size > 5 && end+1.5+s.printer.width(small, other) > b.limit {
			small.size -= 0.5
		}
		s.write(heading.SpanOf(s.second.lang), small, end+1.5, b.y+titleDrop, other)
	}
}

// half draws the bar of the left or right half of a row.
func (s *sheet) half(y float64, isRight bool, title, key string, limit float64) {
	b := bar{x: 0, y: y, width: 103.98, height: 8.2, textX: left, title: title, key: key, limit: limit}
	if isRight {
		b.x, b.width, b.textX = 106.10, 103.90, middle
	}
	s.bar(b)
}

// field is a label with its value below.
type field struct {
	key         string
	value       string
	x           float64
	label, base float64 // baselines
	limit       float64 // how far to the right both may reach
	value10     bool    // a number to be typed: Roboto Mono Bold 10
	atRight     bool    // both end at limit
}

// field sets label and value, and beside the label, or where there is no room below the
// value, the second language's.
func (s *sheet) field(f field) {
	in := s.at.Add(pdf.RoleText)
	label, small := style{face: regular, size: 8}, style{regular, 8, secondGrey}
	value := style{face: bold, size: 8}
	if f.value10 {
		value = style{face: monoBold, size: 10}
	}
	italianText, other := s.it.say(f.key), s.second.say(f.key)
	width := s.printer.width(label, italianText)
	beside := other != "" && f.x+width+1.5+s.printer.width(small, other) <= f.limit
	x := f.x
	if f.atRight {
		beside = other != ""
		x = f.limit - width
		if beside {
			x -= 1.5 + s.printer.width(small, other)
		}
	}
	s.write(in, label, x, f.label, italianText+" ")
	if beside {
		s.write(in.SpanOf(s.second.lang), small, x+width+1.5, f.label, other+" ")
	}
	if f.atRight {
		s.writeRight(in, value, f.limit, f.base, f.value)
		return
	}
	if f.value10 {
		s.write(in, value, f.x, f.base, f.value)
	} else {
		s.paragraph(in, value, area{f.x, f.base, f.limit - f.x, 3.7}, f.value)
	}
	if other != "" && !beside {
		small.size = 6
		s.write(in.SpanOf(s.second.lang), small, f.x, f.base+2.5, other)
	}
}

// upper is a code as it is printed.
func upper(code string) string { return strings.ToUpper(clean(code)) }
