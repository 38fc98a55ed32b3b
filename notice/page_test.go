package notice_test

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/draw"
	"image/png"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// placed is where a text begins, in millimetres from the top left corner.
type placed struct{ x, y, size float64 }

var (
	streams = regexp.MustCompile(`(?s)<</Filter /FlateDecode /Length (\d+)>>\nstream\n`)
	matrix  = regexp.MustCompile(`/F\d+ ([\d.]+) Tf 1 0 0 1 ([\d.-]+) ([\d.-]+) Tm`)
	colours = regexp.MustCompile(`(?m)(?:^|q )([\d.]+ (?:[\d.]+ [\d.]+ )?)(?:g|rg|G|RG) `)
)

// contents unpacks the pages of a file of ours.
func contents(t *testing.T, file []byte) []string {
	t.Helper()
	var pages []string
	for _, at := range streams.FindAllSubmatchIndex(file, -1) {
		length, err := strconv.Atoi(string(file[at[2]:at[3]]))
		if err != nil {
			t.Fatal(err)
		}
		r, err := zlib.NewReader(bytes.NewReader(file[at[1] : at[1]+length]))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(" Tf 1 0 0 1 ")) {
			pages = append(pages, string(text))
		}
	}
	return pages
}

func texts(t *testing.T, page string) []placed {
	t.Helper()
	var list []placed
	for _, m := range matrix.FindAllStringSubmatch(page, -1) {
		n := [3]float64{}
		for i := range n {
			v, err := strconv.ParseFloat(m[i+1], 64)
			if err != nil {
				t.Fatal(err)
			}
			n[i] = v
		}
		list = append(list, placed{n[1] / 72 * 25.4, 297 - n[2]/72*25.4, n[0]})
	}
	return list
}

// isNear says whether a text of the size begins within a millimetre of a place.
func isNear(list []placed, want placed) bool {
	for _, p := range list {
		if math.Abs(p.x-want.x) <= 1 && math.Abs(p.y-want.y) <= 1 && p.size == want.size {
			return true
		}
	}
	return false
}

// foreign asks a program that is not ours; without it the test is skipped, in CI it fails.
func foreign(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("NODOBRIDGE_INTEROP_REQUIRED") != "" {
			t.Fatalf("%s is not installed; .ci/run installs it", name)
		}
		t.Skipf("%s is not installed: apt-get install poppler-utils qpdf zbar-tools dmtx-utils", name)
	}
	out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// stored writes a file where foreign programs find it.
func stored(t *testing.T, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notice.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// rendered draws the pages as a scanner would see them and gives the files of the pictures.
func rendered(t *testing.T, path string, dpi int) []string {
	t.Helper()
	prefix := filepath.Join(t.TempDir(), "page")
	foreign(t, "pdftoppm", "-r", strconv.Itoa(dpi), "-gray", "-png", path, prefix)
	pages, err := filepath.Glob(prefix + "*.png")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no page was drawn: %v", err)
	}
	return pages
}

func picture(t *testing.T, path string) *image.Gray {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	gray := image.NewGray(img.Bounds())
	draw.Draw(gray, gray.Bounds(), img, img.Bounds().Min, draw.Src)
	return gray
}

// cut gives a part of a page by millimetres.
func cut(img *image.Gray, dpi int, x, y, width, height float64) *image.Gray {
	px := func(mm float64) int { return int(math.Round(mm * float64(dpi) / 25.4)) }
	return img.SubImage(image.Rect(px(x), px(y), px(x+width), px(y+height))).(*image.Gray)
}

// plainText is the text of a file with single blanks.
func plainText(t *testing.T, path string) string {
	t.Helper()
	return strings.Join(strings.Fields(foreign(t, "pdftotext", "-raw", path, "-")), " ")
}
