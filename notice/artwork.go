package notice

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"nodobridge/notice/pdf"
)

// Marks that are others' property and so never come with nodobridge: pagoPA's logo and
// those of Poste Italiane's authorisation kit (notices.md §4 "Logos"). They are read
// from a folder, each as NAME.svg, NAME.png or NAME.jpg.
const (
	brandPagoPA     = "pagopa"
	brandBancoPosta = "bancoposta"
	brandPoste      = "poste-italiane"
	brandSlip       = "bollettino"
)

// artwork is a drawing or a bitmap that can be put into a rectangle.
type artwork struct {
	picture       *pdf.Picture
	shapes        []shape
	width, height float64 // in the drawing's units
	origin        pdf.Point
}

type shape struct {
	outline *pdf.Shape
	colour  pdf.Colour
	holes   bool
}

// ratio is the width divided by the height.
func (a *artwork) ratio() float64 {
	if a.picture != nil {
		return a.picture.Ratio()
	}
	return a.width / a.height
}

// draw fits the artwork into a rectangle at its top right or top left corner.
func (s *sheet) draw(in *pdf.Element, a *artwork, box pdf.Rect, right bool) {
	width, height := box.Width, box.Width/a.ratio()
	if height > box.Height {
		width, height = box.Height*a.ratio(), box.Height
	}
	x := box.X
	if right {
		x += box.Width - width
	}
	if a.picture != nil {
		s.page.Picture(in, a.picture, pdf.Rect{X: x, Y: box.Y, Width: width, Height: height})
		return
	}
	scale := width / a.width
	at := pdf.Placing{At: pdf.Point{X: x - a.origin.X*scale, Y: box.Y - a.origin.Y*scale}, Scale: scale}
	for _, part := range a.shapes {
		s.page.Shape(in, part.outline, at, part.colour, part.holes)
	}
}

// maxArtwork bounds a file of artwork.
const maxArtwork = 4 << 20

// most pixels of a bitmap: 30 mm at 300 dpi (notices.md §9 row 13).
const logoPixels = 354

// readArtwork reads NAME.svg, .png, .jpg or .jpeg from a folder; nil when there is none.
func (p *Printer) readArtwork(dir, name string) (*artwork, error) {
	for _, ending := range []string{".svg", ".png", ".jpg", ".jpeg"} {
		path := filepath.Join(dir, name+ending)
		file, err := readLimited(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var a *artwork
		if err == nil && ending == ".svg" {
			a, err = readSVG(file)
		} else if err == nil {
			a = &artwork{}
			a.picture, err = p.press.Picture(file, logoPixels)
		}
		if err != nil {
			return nil, fmt.Errorf("cannot use %s: %w", path, err)
		}
		return a, nil
	}
	return nil, nil
}

func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxArtwork+1))
	if err == nil && len(data) > maxArtwork {
		err = errors.New("the file is larger than 4 MB")
	}
	return data, err
}

var errSVG = errors.New("only drawings of filled paths with a viewBox are understood: export it so, or use PNG")

// readSVG reads a drawing that consists of filled paths, as logos are exported.
func readSVG(file []byte) (*artwork, error) {
	a := &artwork{}
	decoder := xml.NewDecoder(bytes.NewReader(file))
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if err := a.element(start); err != nil {
			return nil, err
		}
	}
	if len(a.shapes) == 0 || a.width <= 0 || a.height <= 0 {
		return nil, errSVG
	}
	return a, nil
}

func (a *artwork) element(start xml.StartElement) error {
	given := map[string]string{}
	for _, attr := range start.Attr {
		given[attr.Name.Local] = attr.Value
	}
	if given["transform"] != "" || given["style"] != "" {
		return errSVG
	}
	switch start.Name.Local {
	case "svg":
		var box [4]float64
		fields := strings.Fields(strings.ReplaceAll(given["viewBox"], ",", " "))
		if len(fields) != len(box) {
			return errSVG
		}
		for i := range box {
			n, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return errSVG
			}
			box[i] = n
		}
		a.origin, a.width, a.height = pdf.Point{X: box[0], Y: box[1]}, box[2], box[3]
	case "path":
		if given["fill"] == "none" {
			return nil
		}
		outline, err := pdf.ParseShape(given["d"])
		if err != nil {
			return err
		}
		colour, err := svgColour(given["fill"])
		if err != nil {
			return err
		}
		a.shapes = append(a.shapes, shape{outline, colour, given["fill-rule"] == "evenodd"})
	case "g", "title", "desc", "defs", "metadata":
	default:
		return errSVG
	}
	return nil
}

func svgColour(text string) (pdf.Colour, error) {
	switch strings.ToLower(text) {
	case "", "black":
		return pdf.Black, nil
	case "white":
		return pdf.Colour{R: 255, G: 255, B: 255}, nil
	}
	hex := strings.TrimPrefix(text, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 || hex == text {
		return pdf.Black, errSVG
	}
	return pdf.Colour{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n)}, nil
}
