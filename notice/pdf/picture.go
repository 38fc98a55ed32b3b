package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // the forms in which logos come
	_ "image/png"
)

// Picture is a bitmap made ready to be put into documents, any number of them.
type Picture struct {
	width, height int
	grey          bool
	packed        []byte
}

// maxPixels bounds the bitmaps that are read: they are unpacked in memory.
const maxPixels = 25_000_000

// Picture reads a PNG or JPEG file, puts it on white and makes it no larger than most
// pixels on its longer side.
func (p *Press) Picture(file []byte, most int) (*Picture, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("cannot read picture: %w", err)
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width > maxPixels/config.Height {
		return nil, errors.New("cannot read picture: it is too large")
	}
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("cannot read picture: %w", err)
	}
	pic := &Picture{width: config.Width, height: config.Height, grey: true}
	if longer := max(config.Width, config.Height); longer > most {
		pic.width, pic.height = max(1, config.Width*most/longer), max(1, config.Height*most/longer)
	}
	samples := make([]byte, 0, 3*pic.width*pic.height)
	for y := range pic.height {
		for x := range pic.width {
			c := average(img, config, pic, x, y)
			pic.grey = pic.grey && c.R == c.G && c.G == c.B
			samples = append(samples, c.R, c.G, c.B)
		}
	}
	if pic.grey {
		for i := range pic.width * pic.height {
			samples[i] = samples[3*i]
		}
		samples = samples[:pic.width*pic.height]
	}
	pic.packed = p.pack(samples)
	return pic, nil
}

// average is the colour of what becomes one pixel, on white.
func average(img image.Image, from image.Config, to *Picture, x, y int) color.RGBA {
	origin := img.Bounds().Min
	var r, g, b, n uint64
	for sy := y * from.Height / to.height; sy < max(1+y*from.Height/to.height, (y+1)*from.Height/to.height); sy++ {
		for sx := x * from.Width / to.width; sx < max(1+x*from.Width/to.width, (x+1)*from.Width/to.width); sx++ {
			pr, pg, pb, alpha := img.At(origin.X+sx, origin.Y+sy).RGBA()
			white := uint64(0xffff - alpha)
			r, g, b, n = r+uint64(pr)+white, g+uint64(pg)+white, b+uint64(pb)+white, n+1
		}
	}
	return color.RGBA{uint8(r / n >> 8), uint8(g / n >> 8), uint8(b / n >> 8), 255}
}

// Ratio is the width divided by the height.
func (pic *Picture) Ratio() float64 { return float64(pic.width) / float64(pic.height) }
