package pdf

import "slices"

// Info is what a document says of itself.
type Info struct {
	Title string // shown in the window's title bar
	Lang  string // of the text, e.g. it-IT
	// Author is who speaks; it may be empty.
	Author string
	// Producer is the program that made it.
	Producer string
}

// Document is a document that is being made. It is for one goroutine.
type Document struct {
	press    *Press
	info     Info
	pages    []*Page
	root     *Element
	fonts    []*fontUse
	pictures []*Picture
	err      error
}

// fontUse is what a document needs of a font.
type fontUse struct {
	font   *Font
	number int
	glyphs map[uint16]rune
	object int
}

// New begins a document.
func (p *Press) New(info Info) *Document {
	d := &Document{press: p, info: info}
	d.root = &Element{role: RoleDocument, document: d}
	return d
}

// Root is the element that holds all others.
func (d *Document) Root() *Element { return d.root }

// Page adds an A4 page.
func (d *Document) Page() *Page {
	const usual = 28 << 10 // bytes of a page with a code: what grows is copied
	p := &Page{document: d, content: make([]byte, 0, usual), fonts: map[*Font]bool{}, pictures: map[*Picture]bool{}}
	d.pages = append(d.pages, p)
	return p
}

func (d *Document) use(f *Font) *fontUse {
	for _, u := range d.fonts {
		if u.font == f {
			return u
		}
	}
	u := &fontUse{font: f, number: len(d.fonts) + 1, glyphs: map[uint16]rune{}}
	d.fonts = append(d.fonts, u)
	return u
}

func (d *Document) usePicture(pic *Picture) int {
	at := slices.Index(d.pictures, pic)
	if at < 0 {
		at = len(d.pictures)
		d.pictures = append(d.pictures, pic)
	}
	return at + 1
}

// fail keeps the first failure.
func (d *Document) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}
