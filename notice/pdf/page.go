package pdf

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Colour is an sRGB colour, or a grey when its parts are equal.
type Colour struct{ R, G, B uint8 }

// Black is the colour of text.
var Black = Colour{}

// Page is a page that is being drawn. What is drawn belongs to an element of the
// structure tree, or to none: then it is decoration, which is not read aloud.
type Page struct {
	document *Document
	content  []byte
	owner    *Element
	open     bool // marked content has begun
	marks    []*Element
	fill     Colour
	painted  bool // fill has been set
	fonts    map[*Font]bool
	pictures map[*Picture]bool
	object   int
}

// enter begins the marked content of an element, unless that is the one under way.
func (p *Page) enter(in *Element) {
	if p.open && p.owner == in {
		return
	}
	p.leave()
	p.open, p.owner = true, in
	if in == nil {
		p.write("/Artifact BMC\n")
		return
	}
	mark := len(p.marks)
	p.marks = append(p.marks, in)
	in.kids = append(in.kids, kid{page: p, mark: mark})
	if in.pageOf == nil {
		in.pageOf = p
	}
	p.write("/" + string(in.role) + " <</MCID " + strconv.Itoa(mark) + ">> BDC\n")
}

func (p *Page) leave() {
	if p.open {
		p.write("EMC\n")
	}
	p.open, p.owner = false, nil
}

// Text is one line of text.
type Text struct {
	Font   *Font
	Size   float64 // points
	X, Y   float64
	Colour Colour
}

// Text writes a line. A character that the font does not have makes the document fail:
// it is never left out and never shown as a box.
func (p *Page) Text(in *Element, t Text, s string) {
	if s == "" {
		return
	}
	use := p.document.use(t.Font)
	p.fonts[t.Font] = true
	p.enter(in)
	p.colour(t.Colour)
	p.write("BT /F" + strconv.Itoa(use.number) + " ")
	p.numbers(t.Size)
	p.write("Tf 1 0 0 1 ")
	p.numbers(t.X*pointsPerMM, (PageHeight-t.Y)*pointsPerMM)
	p.write("Tm <")
	for _, c := range s {
		glyph := t.Font.chars[c]
		if glyph == 0 || c == utf8.RuneError {
			p.document.fail(fmt.Errorf("font %s has no glyph for %U", t.Font.name, c))
			continue
		}
		if _, known := use.glyphs[glyph]; !known {
			use.glyphs[glyph] = c
		}
		p.content = appendHex(p.content, glyph)
	}
	p.write("> Tj ET\n")
}

func appendHex(b []byte, n uint16) []byte {
	const digits = "0123456789ABCDEF"
	return append(b, digits[n>>12], digits[n>>8&15], digits[n>>4&15], digits[n&15])
}

// Rect fills a rectangle.
func (p *Page) Rect(in *Element, x, y, width, height float64, c Colour) {
	p.Rects(in, []Rect{{x, y, width, height}}, c)
}

// Rect is a rectangle by its top left corner.
type Rect struct{ X, Y, Width, Height float64 }

// Rects fills rectangles as one path, so that no hair line shows between neighbours.
func (p *Page) Rects(in *Element, list []Rect, c Colour) {
	p.enter(in)
	p.colour(c)
	for _, r := range list {
		p.numbers(r.X*pointsPerMM, (PageHeight-r.Y-r.Height)*pointsPerMM, r.Width*pointsPerMM, r.Height*pointsPerMM)
		p.write("re\n")
		in.cover(p, r.X, r.Y, r.Width, r.Height)
	}
	p.write("f\n")
}

// Line draws a line of a width, dashed when dash is not 0.
func (p *Page) Line(in *Element, from, to Point, width, dash float64, c Colour) {
	p.enter(in)
	p.write("q ")
	p.components(c, "G ", "RG ")
	p.numbers(width * pointsPerMM)
	p.write("w ")
	if dash > 0 {
		p.write("[")
		p.numbers(dash * pointsPerMM)
		p.write("] 0 d ")
	}
	p.numbers(from.X*pointsPerMM, (PageHeight-from.Y)*pointsPerMM)
	p.write("m ")
	p.numbers(to.X*pointsPerMM, (PageHeight-to.Y)*pointsPerMM)
	p.write("l S Q\n")
}

// Picture draws a bitmap into a rectangle.
func (p *Page) Picture(in *Element, pic *Picture, at Rect) {
	number := p.document.usePicture(pic)
	p.pictures[pic] = true
	p.enter(in)
	p.write("q ")
	p.numbers(at.Width*pointsPerMM, 0, 0, at.Height*pointsPerMM, at.X*pointsPerMM, (PageHeight-at.Y-at.Height)*pointsPerMM)
	p.write("cm /I" + strconv.Itoa(number) + " Do Q\n")
	in.cover(p, at.X, at.Y, at.Width, at.Height)
}

func (p *Page) colour(c Colour) {
	if p.painted && p.fill == c {
		return
	}
	p.fill, p.painted = c, true
	p.components(c, "g ", "rg ")
}

func (p *Page) components(c Colour, grey, rgb string) {
	if c.R == c.G && c.G == c.B {
		p.numbers(float64(c.R) / 255)
		p.write(grey)
		return
	}
	p.numbers(float64(c.R)/255, float64(c.G)/255, float64(c.B)/255)
	p.write(rgb)
}

func (p *Page) write(s string) { p.content = append(p.content, s...) }

// numbers writes each with a blank behind it.
func (p *Page) numbers(list ...float64) {
	for _, n := range list {
		p.content = append(appendNumber(p.content, n), ' ')
	}
}

// appendNumber writes three decimals at most: a third of a micrometre.
func appendNumber(b []byte, n float64) []byte {
	start := len(b)
	b = strconv.AppendFloat(b, n, 'f', 3, 64)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	if string(b[start:]) == "-0" {
		b = append(b[:start], '0')
	}
	return b
}
