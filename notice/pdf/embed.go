package pdf

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// font embeds what the document uses of a font and gives its number.
func (f *file) font(u *fontUse) int {
	used := slices.Sorted(maps.Keys(u.glyphs))
	press := f.document.press
	name := subsetTag(used) + "+" + u.font.name
	data := u.font.subset(u.glyphs)
	stream := f.stream(press.pack(data), fmt.Sprintf(" /Length1 %d", len(data)))
	flags, stem := 1<<5, 80 // not symbolic
	if u.font.fixed {
		flags |= 1
	}
	if u.font.bold {
		stem = 140
	}
	t := u.font.thousandths
	descriptor := f.add("<</Type /FontDescriptor /FontName /%s /Flags %d /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight %d /StemV %d /FontFile2 %d 0 R>>",
		name, flags, t(int(u.font.box[0])), t(int(u.font.box[1])), t(int(u.font.box[2])), t(int(u.font.box[3])), t(int(u.font.ascent)), t(int(u.font.descent)), t(int(u.font.capHeight)), stem, stream)
	var widths strings.Builder
	for _, g := range used {
		fmt.Fprintf(&widths, "%d [%d] ", g, t(int(u.font.widths[g])))
	}
	outlines := f.add("<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %d 0 R /CIDToGIDMap /Identity /DW 0 /W [%s]>>",
		name, descriptor, widths.String())
	unicode := f.stream(press.pack(u.toUnicode(used)), "")
	return f.add("<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>", name, outlines, unicode)
}

// subsetTag is six letters that tell this subset from others (ISO 32000-1, 9.6.4).
func subsetTag(used []uint16) string {
	var b []byte
	for _, g := range used {
		b = binary.BigEndian.AppendUint16(b, g)
	}
	sum := sha256.Sum256(b)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return string(tag)
}

// toUnicode says which character each glyph is.
func (u *fontUse) toUnicode(used []uint16) []byte {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	const most = 100 // entries of one block
	for chunk := range slices.Chunk(used, most) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(chunk))
		for _, g := range chunk {
			line := append(appendHex([]byte("<"), g), "> <"...)
			for _, unit := range utf16.Encode([]rune{u.glyphs[g]}) {
				line = appendHex(line, unit)
			}
			b.Write(append(line, ">\n"...))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return []byte(b.String())
}
