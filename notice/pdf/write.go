package pdf

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
)

// file is a PDF file that is being put together.
type file struct {
	document *Document
	objects  [][]byte // from object 1 on
}

// reserve gives the number of an object that is written later.
func (f *file) reserve() int {
	f.objects = append(f.objects, nil)
	return len(f.objects)
}

func (f *file) put(number int, format string, args ...any) {
	f.objects[number-1] = fmt.Appendf(nil, format, args...)
}

func (f *file) add(format string, args ...any) int {
	n := f.reserve()
	f.put(n, format, args...)
	return n
}

// stream adds packed data; entries are more of its dictionary.
func (f *file) stream(packed []byte, entries string) int {
	n := f.reserve()
	head := fmt.Sprintf("<</Filter /FlateDecode /Length %d%s>>\nstream\n", len(packed), entries)
	const end = "\nendstream"
	object := make([]byte, 0, len(head)+len(packed)+len(end))
	f.objects[n-1] = append(append(append(object, head...), packed...), end...)
	return n
}

var errEmpty = errors.New("the document has no page")

// Bytes ends the document and gives the file.
func (d *Document) Bytes() ([]byte, error) {
	if d.err == nil && len(d.pages) == 0 {
		d.err = errEmpty
	}
	if d.err != nil {
		return nil, fmt.Errorf("cannot make PDF: %w", d.err)
	}
	f := &file{document: d}
	catalog, pages := f.reserve(), f.reserve()
	for _, p := range d.pages {
		p.object = f.reserve()
	}
	for _, u := range d.fonts {
		u.object = f.font(u)
	}
	pictures := make([]int, len(d.pictures))
	for i, pic := range d.pictures {
		pictures[i] = f.picture(pic)
	}
	tree := f.structure()
	var kids strings.Builder
	for i, p := range d.pages {
		f.page(i, p, pages, pictures)
		fmt.Fprintf(&kids, "%d 0 R ", p.object)
	}
	f.put(pages, "<</Type /Pages /Kids [%s] /Count %d>>", kids.String(), len(d.pages))
	profile := f.stream(d.press.profile, " /N 3")
	metadata := f.metadata()
	f.put(catalog, "<</Type /Catalog /Pages %d 0 R /StructTreeRoot %d 0 R /MarkInfo <</Marked true>> /Lang %s /ViewerPreferences <</DisplayDocTitle true>> /Metadata %d 0 R "+
		"/OutputIntents [<</Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB IEC61966-2.1) /Info (sRGB IEC61966-2.1) /DestOutputProfile %d 0 R>>]>>",
		pages, tree, textString(d.info.Lang), metadata, profile)
	info := "<</Title " + textString(d.info.Title) + " /Producer " + textString(d.info.Producer)
	if d.info.Author != "" {
		info += " /Author " + textString(d.info.Author)
	}
	return f.bytes(catalog, f.add("%s>>", info)), nil
}

func (f *file) page(index int, p *Page, parent int, pictures []int) {
	p.leave()
	content := f.stream(f.document.press.pack(p.content), "")
	var fonts, images strings.Builder
	for _, u := range f.document.fonts {
		if p.fonts[u.font] {
			fmt.Fprintf(&fonts, "/F%d %d 0 R ", u.number, u.object)
		}
	}
	for i, pic := range f.document.pictures {
		if p.pictures[pic] {
			fmt.Fprintf(&images, "/I%d %d 0 R ", i+1, pictures[i])
		}
	}
	f.put(p.object, "<</Type /Page /Parent %d 0 R /MediaBox [0 0 595.276 841.89] /Contents %d 0 R /Resources <</Font <<%s>> /XObject <<%s>>>> /StructParents %d /Tabs /S>>",
		parent, content, fonts.String(), images.String(), index)
}

func (f *file) picture(pic *Picture) int {
	space := "/DeviceRGB"
	if pic.grey {
		space = "/DeviceGray"
	}
	return f.stream(pic.packed, fmt.Sprintf(" /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent 8", pic.width, pic.height, space))
}

// bytes writes the objects, where they are, and an identifier made from them.
func (f *file) bytes(catalog, info int) []byte {
	var b bytes.Buffer
	size := 1024
	for _, object := range f.objects {
		size += len(object) + 64 // its frame, and its place in the table
	}
	b.Grow(size)
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(f.objects))
	for i, object := range f.objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n", i+1)
		b.Write(object)
		b.WriteString("\nendobj\n")
	}
	id := sha256.Sum256(b.Bytes())
	begin := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /ID [<%X> <%X>]>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, catalog, info, id[:16], id[:16], begin)
	return b.Bytes()
}

// textString is a text outside of pages: UTF-16 with its mark.
func textString(s string) string {
	b := []byte("<FEFF")
	for _, unit := range utf16.Encode([]rune(s)) {
		b = appendHex(b, unit)
	}
	return string(append(b, '>'))
}
