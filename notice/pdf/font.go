package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode"
)

// Font is a TrueType font, read once and then used by any number of documents at a time.
type Font struct {
	name    string
	tables  map[string][]byte
	units   int
	glyphs  int
	offsets []uint32 // of the glyphs in glyf, one more than there are
	widths  []uint16 // by glyph, in font units
	chars   map[rune]uint16

	box             [4]int16
	ascent, descent int16
	capHeight       int16
	fixed           bool
	bold            bool
}

var errFont = errors.New("the file is no TrueType font that can be embedded")

// ParseFont reads a TrueType file. The name is the one that documents carry.
func ParseFont(name string, file []byte) (*Font, error) {
	f := &Font{name: name, tables: map[string][]byte{}, chars: map[rune]uint16{}}
	if err := f.directory(file); err != nil {
		return nil, fmt.Errorf("cannot read font %s: %w", name, err)
	}
	for _, read := range []func() error{f.readHead, f.readGlyphs, f.readWidths, f.readStyle, f.readChars} {
		if err := read(); err != nil {
			return nil, fmt.Errorf("cannot read font %s: %w", name, err)
		}
	}
	return f, nil
}

func (f *Font) directory(file []byte) error {
	if len(file) < 12 || binary.BigEndian.Uint32(file) != 0x00010000 {
		return errFont
	}
	count := int(binary.BigEndian.Uint16(file[4:]))
	if len(file) < 12+16*count {
		return errFont
	}
	for i := range count {
		entry := file[12+16*i:]
		at, length := uint64(binary.BigEndian.Uint32(entry[8:])), uint64(binary.BigEndian.Uint32(entry[12:]))
		if at+length > uint64(len(file)) {
			return errFont
		}
		f.tables[string(entry[:4])] = file[at : at+length]
	}
	return nil
}

// table gives a table that has at least so many bytes.
func (f *Font) table(tag string, least int) ([]byte, error) {
	t := f.tables[tag]
	if len(t) < least {
		return nil, fmt.Errorf("%w: table %s is missing or short", errFont, tag)
	}
	return t, nil
}

func (f *Font) readHead() error {
	head, err := f.table("head", 54)
	if err != nil {
		return err
	}
	f.units = int(binary.BigEndian.Uint16(head[18:]))
	for i := range f.box {
		f.box[i] = int16(binary.BigEndian.Uint16(head[36+2*i:]))
	}
	maxp, err := f.table("maxp", 32)
	if err != nil {
		return err
	}
	f.glyphs = int(binary.BigEndian.Uint16(maxp[4:]))
	if f.units == 0 || f.glyphs == 0 {
		return errFont
	}
	return nil
}

func (f *Font) readGlyphs() error {
	long := binary.BigEndian.Uint16(f.tables["head"][50:]) == 1
	size := 2
	if long {
		size = 4
	}
	loca, err := f.table("loca", size*(f.glyphs+1))
	if err != nil {
		return err
	}
	glyf, err := f.table("glyf", 1)
	if err != nil {
		return err
	}
	f.offsets = make([]uint32, f.glyphs+1)
	for i := range f.offsets {
		if long {
			f.offsets[i] = binary.BigEndian.Uint32(loca[4*i:])
		} else {
			f.offsets[i] = 2 * uint32(binary.BigEndian.Uint16(loca[2*i:]))
		}
		if int64(f.offsets[i]) > int64(len(glyf)) || i > 0 && f.offsets[i] < f.offsets[i-1] {
			return errFont
		}
	}
	return nil
}

func (f *Font) readWidths() error {
	hhea, err := f.table("hhea", 36)
	if err != nil {
		return err
	}
	f.ascent, f.descent = int16(binary.BigEndian.Uint16(hhea[4:])), int16(binary.BigEndian.Uint16(hhea[6:]))
	count := int(binary.BigEndian.Uint16(hhea[34:]))
	if count == 0 || count > f.glyphs {
		return errFont
	}
	hmtx, err := f.table("hmtx", 4*count)
	if err != nil {
		return err
	}
	f.widths = make([]uint16, f.glyphs)
	for i := range f.widths {
		f.widths[i] = binary.BigEndian.Uint16(hmtx[4*min(i, count-1):])
	}
	return nil
}

func (f *Font) readStyle() error {
	os2, err := f.table("OS/2", 78)
	if err != nil {
		return err
	}
	if restricted := binary.BigEndian.Uint16(os2[8:]) & 0x0f; restricted == 2 {
		return fmt.Errorf("%w: its licence forbids embedding", errFont)
	}
	f.bold = binary.BigEndian.Uint16(os2[4:]) >= 600
	f.capHeight = int16(f.units * 7 / 10)
	if len(os2) >= 90 && binary.BigEndian.Uint16(os2) >= 2 {
		f.capHeight = int16(binary.BigEndian.Uint16(os2[88:]))
	}
	if post := f.tables["post"]; len(post) >= 16 {
		f.fixed = binary.BigEndian.Uint32(post[12:]) != 0
	}
	return nil
}

// readChars reads the Unicode subtables of the forms 4 and 12.
func (f *Font) readChars() error {
	cmap, err := f.table("cmap", 4)
	if err != nil {
		return err
	}
	for i := range int(binary.BigEndian.Uint16(cmap[2:])) {
		if len(cmap) < 12+8*i {
			return errFont
		}
		platform, encoding := binary.BigEndian.Uint16(cmap[4+8*i:]), binary.BigEndian.Uint16(cmap[6+8*i:])
		at := binary.BigEndian.Uint32(cmap[8+8*i:])
		if known := platform == 0 || platform == 3 && (encoding == 1 || encoding == 10); !known || int64(at)+16 > int64(len(cmap)) {
			continue
		}
		switch t := cmap[at:]; binary.BigEndian.Uint16(t) {
		case 4:
			f.readSegments(t)
		case 12:
			f.readGroups(t)
		}
	}
	if len(f.chars) == 0 {
		return fmt.Errorf("%w: no Unicode characters", errFont)
	}
	return nil
}

func (f *Font) readSegments(t []byte) {
	count := int(binary.BigEndian.Uint16(t[6:])) // twice the number of segments
	if len(t) < 16+4*count {
		return
	}
	word := func(at int) int {
		if at+2 > len(t) {
			return 0
		}
		return int(binary.BigEndian.Uint16(t[at:]))
	}
	for i, next := 0, 0; i < count; i += 2 {
		last, first, delta, offset := word(14+i), word(16+count+i), word(16+2*count+i), word(16+3*count+i)
		if first < next { // they ascend, and so no character is met twice
			return
		}
		next = last + 1
		for c := first; c <= last && c != 0xffff; c++ {
			glyph := c + delta
			if offset != 0 {
				glyph = word(16 + 3*count + i + offset + 2*(c-first))
				if glyph != 0 {
					glyph += delta
				}
			}
			f.learn(rune(c), glyph&0xffff)
		}
	}
}

func (f *Font) readGroups(t []byte) {
	next := uint32(0)
	for i := range int(binary.BigEndian.Uint32(t[12:])) {
		if len(t) < 16+12*(i+1) {
			return
		}
		first, last, glyph := binary.BigEndian.Uint32(t[16+12*i:]), binary.BigEndian.Uint32(t[20+12*i:]), binary.BigEndian.Uint32(t[24+12*i:])
		if first < next || last < first || last > unicode.MaxRune {
			return
		}
		next = last + 1
		for c := first; c <= last; c++ {
			f.learn(rune(c), int(glyph+c-first))
		}
	}
}

func (f *Font) learn(c rune, glyph int) {
	if glyph > 0 && glyph < f.glyphs {
		f.chars[c] = uint16(glyph)
	}
}

// Has says whether the font has a glyph for every character of a text.
func (f *Font) Has(text string) bool {
	for _, c := range text {
		if f.chars[c] == 0 {
			return false
		}
	}
	return true
}

// Width is how wide a text is, in millimetres, at a size in points.
func (f *Font) Width(text string, size float64) float64 {
	sum := 0
	for _, c := range text {
		sum += int(f.widths[f.chars[c]])
	}
	return float64(sum) * size / float64(f.units) / pointsPerMM
}

// thousandths converts font units to the thousandths of PDF.
func (f *Font) thousandths(units int) int {
	if units < 0 {
		return -((-units*1000 + f.units/2) / f.units)
	}
	return (units*1000 + f.units/2) / f.units
}
