package pdf

import (
	"encoding/binary"
	"maps"
	"slices"
)

// subset is a font file that draws the glyphs in use and nothing else. Glyphs keep
// their numbers, so that text can be written before it is known which are used.
// Instructions are left out: they are for screens of few pixels.
func (f *Font) subset(used map[uint16]rune) []byte {
	keep := f.closure(used)
	last := int(slices.Max(keep))
	size := 0
	for _, g := range keep {
		size += len(f.glyph(g)) + 4
	}
	glyf := make([]byte, 0, size)
	loca := make([]byte, 4*(last+2))
	next := 0
	for g := range last + 1 {
		binary.BigEndian.PutUint32(loca[4*g:], uint32(len(glyf)))
		if next < len(keep) && int(keep[next]) == g {
			glyf = appendPlain(glyf, f.glyph(uint16(g)))
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
			next++
		}
	}
	binary.BigEndian.PutUint32(loca[4*(last+1):], uint32(len(glyf)))

	hmtx := make([]byte, 4*(last+1))
	for _, g := range keep {
		binary.BigEndian.PutUint16(hmtx[4*int(g):], f.widths[g])
		binary.BigEndian.PutUint16(hmtx[4*int(g)+2:], f.bearing(int(g)))
	}
	head := slices.Clone(f.tables["head"][:54])
	clear(head[8:12])                        // the checksum, set by sfnt
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	hhea := slices.Clone(f.tables["hhea"][:36])
	binary.BigEndian.PutUint16(hhea[34:], uint16(last+1))
	maxp := slices.Clone(f.tables["maxp"][:32])
	binary.BigEndian.PutUint16(maxp[4:], uint16(last+1))
	clear(maxp[14:28]) // what instructions would need
	binary.BigEndian.PutUint16(maxp[14:], 1)
	return sfnt([]fontTable{{"glyf", glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}})
}

func (f *Font) glyph(g uint16) []byte {
	return f.tables["glyf"][f.offsets[g]:f.offsets[g+1]]
}

// bearing is the left side bearing of a glyph.
func (f *Font) bearing(g int) uint16 {
	hmtx := f.tables["hmtx"]
	long := int(binary.BigEndian.Uint16(f.tables["hhea"][34:]))
	at := 4*g + 2
	if g >= long {
		at = 4*long + 2*(g-long)
	}
	if at+2 > len(hmtx) {
		return 0
	}
	return binary.BigEndian.Uint16(hmtx[at:])
}

// closure adds to the used glyphs the first one, which every font must have, and the
// parts of which composed ones are made.
func (f *Font) closure(used map[uint16]rune) []uint16 {
	keep := map[uint16]bool{0: true}
	waiting := slices.Sorted(maps.Keys(used))
	for len(waiting) > 0 {
		g := waiting[0]
		waiting = waiting[1:]
		if keep[g] || int(g) >= f.glyphs {
			continue
		}
		keep[g] = true
		parts(f.glyph(g), func(flags int, part []byte) {
			waiting = append(waiting, binary.BigEndian.Uint16(part[2:]))
		})
	}
	return slices.Sorted(maps.Keys(keep))
}

// Flags of a part of a composed glyph (OpenType, glyf).
const (
	partWords        = 0x0001
	partScale        = 0x0008
	partMore         = 0x0020
	partTwoScales    = 0x0040
	partMatrix       = 0x0080
	partInstructions = 0x0100
)

// parts walks over the parts of a composed glyph and gives where they end; 0 for a
// glyph that is none.
func parts(glyph []byte, visit func(flags int, part []byte)) int {
	if len(glyph) < 10 || int16(binary.BigEndian.Uint16(glyph)) >= 0 {
		return 0
	}
	at := 10
	for at+4 <= len(glyph) {
		flags := int(binary.BigEndian.Uint16(glyph[at:]))
		visit(flags, glyph[at:])
		at += 6
		if flags&partWords != 0 {
			at += 2
		}
		switch {
		case flags&partScale != 0:
			at += 2
		case flags&partTwoScales != 0:
			at += 4
		case flags&partMatrix != 0:
			at += 8
		}
		if flags&partMore == 0 {
			break
		}
	}
	return min(at, len(glyph))
}

// appendPlain appends a glyph without its instructions.
func appendPlain(to, glyph []byte) []byte {
	if len(glyph) < 10 {
		return to
	}
	contours := int16(binary.BigEndian.Uint16(glyph))
	if contours < 0 {
		start := len(to)
		to = append(to, glyph...)
		end := parts(to[start:], func(flags int, part []byte) { binary.BigEndian.PutUint16(part, uint16(flags&^partInstructions)) })
		return to[:start+end]
	}
	at := 10 + 2*int(contours)
	if at+2 > len(glyph) {
		return to
	}
	skipped := at + 2 + int(binary.BigEndian.Uint16(glyph[at:]))
	if skipped > len(glyph) {
		return to
	}
	to = append(append(to, glyph[:at]...), 0, 0)
	return append(to, glyph[skipped:]...)
}

type fontTable struct {
	tag  string
	data []byte
}

// sfnt puts tables, which are in the order of their tags, together to a font file.
func sfnt(tables []fontTable) []byte {
	count := len(tables)
	power, log := 1, 0
	for power*2 <= count {
		power, log = power*2, log+1
	}
	size := 12 + 16*count
	for _, t := range tables {
		size += len(t.data) + 3
	}
	out := make([]byte, 12+16*count, size)
	binary.BigEndian.PutUint32(out, 0x00010000)
	for i, n := range []int{count, 16 * power, log, 16*count - 16*power} {
		binary.BigEndian.PutUint16(out[4+2*i:], uint16(n))
	}
	head := 0
	for i, t := range tables {
		entry := out[12+16*i:]
		copy(entry, t.tag)
		binary.BigEndian.PutUint32(entry[4:], checksum(t.data))
		binary.BigEndian.PutUint32(entry[8:], uint32(len(out)))
		binary.BigEndian.PutUint32(entry[12:], uint32(len(t.data)))
		if t.tag == "head" {
			head = len(out)
		}
		out = append(out, t.data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	binary.BigEndian.PutUint32(out[head+8:], 0xb1b0afba-checksum(out))
	return out
}

func checksum(data []byte) uint32 {
	var sum uint32
	for len(data) >= 4 {
		sum += binary.BigEndian.Uint32(data)
		data = data[4:]
	}
	var rest [4]byte
	copy(rest[:], data)
	return sum + binary.BigEndian.Uint32(rest[:])
}
