package notice

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"nodobridge/notice/pdf"
)

// Colours of a notice (notices.md §4).
var (
	barGrey    = pdf.Colour{R: 0xec, G: 0xec, B: 0xec}
	secondGrey = pdf.Colour{R: 0x7c, G: 0x7c, B: 0x7b}
	markGrey   = pdf.Colour{R: 0xd9, G: 0xd9, B: 0xd9}
	brandBlue  = pdf.Colour{R: 0x00, G: 0x66, B: 0xcc}
)

// face names one of the four typefaces.
type face int

const (
	regular face = iota
	bold
	mono
	monoBold
)

// style is how a text is set.
type style struct {
	face   face
	size   float64 // points
	colour pdf.Colour
}

func (st style) in(f face) style { st.face = f; return st }

// area is where a text may stand: the baseline of its first line, how wide it may be
// and how far its lines are apart.
type area struct{ x, y, width, pitch float64 }

// font gives the typeface for a text and the text as it can be set. Titillium has no
// Greek and no Cyrillic, Roboto Mono has: a text that needs them is set in it as a whole.
// What neither has loses its accents, and what is left is a question mark: never an
// empty box (notices.md §8 "Fonts").
func (p *Printer) font(f face, text string) (*pdf.Font, string) {
	fonts := [...]*pdf.Font{regular: p.faces.Regular, bold: p.faces.Bold, mono: p.faces.Mono, monoBold: p.faces.MonoBold}
	chosen, wider := fonts[f], fonts[mono]
	if f == bold || f == monoBold {
		wider = fonts[monoBold]
	}
	switch {
	case chosen.Has(text):
		return chosen, text
	case wider.Has(text):
		return wider, text
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(text) {
		switch {
		case wider.Has(string(r)):
			b.WriteRune(r)
		case !unicode.Is(unicode.Mn, r):
			b.WriteByte('?')
		}
	}
	return wider, b.String()
}

// clean makes a text of somebody's one line of composed letters and single blanks.
func clean(text string) string {
	return strings.Join(strings.FieldsFunc(norm.NFC.String(strings.ToValidUTF8(text, "?")), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	}), " ")
}

func (p *Printer) width(st style, text string) float64 {
	font, text := p.font(st.face, text)
	return font.Width(text, st.size)
}

// write sets one line and gives where it ends.
func (s *sheet) write(in *pdf.Element, st style, x, y float64, text string) float64 {
	font, text := s.printer.font(st.face, text)
	s.page.Text(in, pdf.Text{Font: font, Size: st.size, X: x, Y: y, Colour: st.colour}, text)
	return x + font.Width(text, st.size)
}

// writeRight sets one line that ends at right.
func (s *sheet) writeRight(in *pdf.Element, st style, right, y float64, text string) {
	s.write(in, st, right-s.printer.width(st, text), y, text)
}

// lines breaks a text at blanks; a word that is wider than a line is broken where the
// line ends.
func (p *Printer) lines(st style, width float64, text string) []string {
	var lines []string
	current := ""
	for _, word := range strings.Fields(text) {
		if current != "" && p.width(st, current+" "+word) <= width {
			current += " " + word
			continue
		}
		if current != "" {
			lines = append(lines, current)
		}
		for p.width(st, word) > width {
			fits := p.fitting(st, width, word)
			lines, word = append(lines, word[:fits]), word[fits:]
		}
		current = word
	}
	if current != "" {
		lines = append(lines, current)
	}
	return lines
}

// fitting is how many bytes of a word fit a line, one character at least.
func (p *Printer) fitting(st style, width float64, word string) int {
	fits := 0
	for i, r := range word {
		end := i + len(string(r))
		if i > 0 && p.width(st, word[:end]) > width {
			break
		}
		fits = end
	}
	return fits
}

// paragraph sets a text of somebody's in lines and gives the last baseline; a.y when
// there is no text.
func (s *sheet) paragraph(in *pdf.Element, st style, a area, text string) float64 {
	y := a.y
	for i, line := range s.printer.lines(st, a.width, text) {
		y = a.y + float64(i)*a.pitch
		s.write(in, st, a.x, y, line)
	}
	return y
}

// piece is a word of a text of ours, with its style.
type piece struct {
	text string
	st   style
}

// rich sets a text of ours, whose **words** may be bold, and gives the last baseline.
func (s *sheet) rich(in *pdf.Element, st style, a area, text string) float64 {
	var pieces []piece
	for i, part := range strings.Split(text, "**") {
		own := st
		if i%2 == 1 {
			own = st.in(bold)
		}
		for _, word := range strings.Fields(part) {
			pieces = append(pieces, piece{word, own})
		}
	}
	x, y := a.x, a.y
	blank := s.printer.width(st, " ")
	for i := 0; i < len(pieces); {
		// Neighbours of one style on one line are one text.
		run := pieces[i]
		width := s.printer.width(run.st, run.text)
		if x > a.x && x+width > a.x+a.width {
			x, y = a.x, y+a.pitch
		}
		for i++; i < len(pieces) && pieces[i].st == run.st; i++ {
			longer := run.text + " " + pieces[i].text
			if w := s.printer.width(run.st, longer); x+w <= a.x+a.width {
				run.text, width = longer, w
				continue
			}
			break
		}
		if i < len(pieces) {
			run.text += " " // so that the words stay apart when the text is copied
		}
		s.write(in, run.st, x, y, run.text)
		x += width + blank
	}
	return y
}
