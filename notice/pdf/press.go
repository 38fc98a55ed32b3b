// Package pdf writes small tagged PDF documents: A4 pages with text in embedded
// TrueType fonts, rectangles, vector symbols and bitmaps, every piece of which is
// either in the structure tree or an artifact (notices.md §5, §8: no Go library that
// can be had through the module proxy writes a structure tree).
//
// What comes out is made to be PDF/UA-1 and PDF/A-2a and says so in its metadata:
// fonts embedded as subsets with ToUnicode, an sRGB output intent, a language, a title
// that is shown, no encryption, no transparency, no outside references. The same calls
// give the same bytes: no clock and no chance is asked, and the file's identifier is a
// hash of its content.
//
// Lengths are millimetres from the page's top left corner, the y of a text is its
// baseline, sizes of type are points.
package pdf

import (
	"bytes"
	"compress/zlib"
	"sync"
)

// pointsPerMM converts lengths to PDF's.
const pointsPerMM = 72 / 25.4

// A4, in millimetres.
const (
	PageWidth  = 210.0
	PageHeight = 297.0
)

// Press makes documents; it holds what they have in common. It is safe for concurrent
// use.
type Press struct {
	profile []byte // sRGB, packed
	packers sync.Pool
}

// NewPress makes a press.
func NewPress() *Press {
	p := &Press{}
	p.packers.New = func() any { return zlib.NewWriter(nil) }
	p.profile = p.pack(sRGB())
	return p
}

// pack compresses a stream.
func (p *Press) pack(data []byte) []byte {
	w := p.packers.Get().(*zlib.Writer)
	defer p.packers.Put(w)
	var out bytes.Buffer
	out.Grow(len(data)/2 + 64)
	w.Reset(&out)
	// Writing into memory cannot fail.
	_, _ = w.Write(data)
	_ = w.Close()
	return out.Bytes()
}
