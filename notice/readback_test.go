package notice_test

import (
	"image"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/qrcode"

	"nodobridge/notice/pdf"
)

var (
	figurePath = regexp.MustCompile(`(?s)/Figure <<[^>]*>> BDC\n(.*?)EMC`)
	rectPath   = regexp.MustCompile(`(?m)([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re$`)
)

// symbols are where a page has codes, in millimetres: figures of many squares.
func symbols(t *testing.T, page string) []pdf.Rect {
	t.Helper()
	var list []pdf.Rect
	for _, m := range figurePath.FindAllStringSubmatch(page, -1) {
		squares := rectPath.FindAllStringSubmatch(m[1], -1)
		if len(squares) < 100 {
			continue
		}
		x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
		for _, square := range squares {
			n := [4]float64{}
			for i := range n {
				v, err := strconv.ParseFloat(square[i+1], 64)
				if err != nil {
					t.Fatal(err)
				}
				n[i] = v / 72 * 25.4
			}
			x0, x1, y0, y1 = min(x0, n[0]), max(x1, n[0]+n[2]), min(y0, n[1]), max(y1, n[1]+n[3])
		}
		list = append(list, pdf.Rect{X: x0, Y: pdf.PageHeight - y1, Width: x1 - x0, Height: y1 - y0})
	}
	return list
}

// readQR reads a code on a drawn page with a reader that is not ours; "" when it is none.
func readQR(t *testing.T, page *image.Gray, dpi int, at pdf.Rect) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(cut(page, dpi, at.X-3, at.Y-3, at.Width+6, at.Height+6))
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		return ""
	}
	return read.GetText()
}

// TestQR_OtherReader is notices.md §9 row 2: a second scanner that is not ours reads the
// same codes on the drawn pages, at 150 dpi and at 300.
func TestQR_OtherReader(t *testing.T) {
	t.Parallel()
	for _, s := range samples {
		n := s.notice()
		file := made(t, n)
		path := stored(t, file)
		for _, dpi := range []int{150, 300} {
			if dpi == 300 && !slices.Contains([]string{"single", "plan-2", "plan-3-slip", "fine"}, s.name) {
				continue // one of each kind of block
			}
			var got []string
			pictures := rendered(t, path, dpi)
			for i, page := range contents(t, file) {
				drawn := picture(t, pictures[i])
				for _, at := range symbols(t, page) {
					if text := readQR(t, drawn, dpi, at); text != "" {
						got = append(got, text)
					}
				}
			}
			slices.Sort(got)
			if want := wantQR(t, n); !slices.Equal(got, want) {
				t.Errorf("%s at %d dpi: %d codes %v, want %v", s.name, dpi, len(got), got, want)
			}
		}
	}
}

// TestQR_InColumns: in rows of two the code is 25 mm, in rows of three 20 mm, with four
// modules of white around it (notices.md §9 row 2).
func TestQR_InColumns(t *testing.T) {
	t.Parallel()
	const dpi, row = 300, 197.64
	for name, c := range map[string]struct {
		n    int
		left []float64
		side float64
		mm   float64
	}{
		"two":   {2, []float64{74.08, 174.89}, 24.87, 25},
		"three": {3, []float64{45.24, 112.71, 179.92}, 20.1, 20},
	} {
		n := reference()
		parts(c.n)(n)
		page := picture(t, rendered(t, stored(t, made(t, n)), dpi)[0])
		for _, x := range c.left {
			wantQuiet(t, name, page, dpi, spot{x, row + 11.9, c.side, c.mm})
		}
	}
}

// spot is where a code should be, and how large, in millimetres.
type spot struct{ x, y, side, want float64 }

// wantQuiet measures a code and asks for pure white around it.
func wantQuiet(t *testing.T, name string, page *image.Gray, dpi int, s spot) {
	t.Helper()
	module := s.side / 33
	outer := cut(page, dpi, s.x-4*module, s.y-4*module, s.side+8*module, s.side+8*module).Bounds()
	inner := cut(page, dpi, s.x-0.2, s.y-0.2, s.side+0.4, s.side+0.4).Bounds()
	dark := image.Rectangle{}
	for y := outer.Min.Y; y < outer.Max.Y; y++ {
		for x := outer.Min.X; x < outer.Max.X; x++ {
			level := page.GrayAt(x, y).Y
			if at := image.Pt(x, y); level != 255 && !at.In(inner) {
				t.Errorf("%s: the quiet zone has grey %d at %.1f, %.1f mm", name, level, float64(x)*25.4/float64(dpi), float64(y)*25.4/float64(dpi))
				return
			} else if level < 128 {
				dark = dark.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	for _, pixels := range []int{dark.Dx(), dark.Dy()} {
		if mm := float64(pixels) * 25.4 / float64(dpi); mm < s.want-0.3 || mm > s.want+0.3 {
			t.Errorf("%s: the code is %.2f mm, want %g", name, mm, s.want)
		}
	}
}

// TestBlackAndWhite is notices.md §9 row 11: a printer that knows black and white only
// gives codes that can be read.
func TestBlackAndWhite(t *testing.T) {
	t.Parallel()
	n := sampleOf(t, "plan-3-slip").notice()
	prefix := filepath.Join(t.TempDir(), "page")
	foreign(t, "pdftoppm", "-r", "300", "-mono", "-png", stored(t, made(t, n)), prefix)
	pages, err := filepath.Glob(prefix + "*.png")
	if err != nil || len(pages) != 2 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	var got []string
	for _, page := range pages {
		got = append(got, strings.Fields(foreign(t, "zbarimg", "-q", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", page))...)
	}
	slices.Sort(got)
	if want := wantQR(t, n); !slices.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
	matrices := 0
	for _, at := range symbols(t, contents(t, made(t, n))[1]) {
		bitmap, err := gozxing.NewBinaryBitmapFromImage(cut(picture(t, pages[1]), 300, at.X-0.6, at.Y-0.6, at.Width+1.2, at.Height+1.2))
		if err != nil {
			t.Fatal(err)
		}
		if read, err := datamatrix.NewDataMatrixReader().Decode(bitmap, nil); err == nil && len(read.GetText()) == 256 {
			matrices++
		}
	}
	if matrices != 3 {
		t.Errorf("%d Data Matrix codes were read, want 3", matrices)
	}
}
