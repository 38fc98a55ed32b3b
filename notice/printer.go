// Package notice lays out what a citizen is given on paper or as a file: the payment
// notice ("avviso di pagamento") in pagoPA's form, with Poste Italiane's slips where the
// creditor institution may print them, and the receipt of a payment (notices.md §3, §4,
// §7). What a notice says is decided in bridge; here is only how it looks. Nothing is
// kept: the same content gives the same bytes, at any time.
package notice

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"nodobridge/bridge"
	"nodobridge/notice/fonts"
	"nodobridge/notice/pdf"
)

// Config says where things are that do not come with nodobridge. Folders may be "".
type Config struct {
	BrandDir string // pagoPA's and Poste's marks
	LogoDir  string // the ECs' logos: <fiscal code>.svg, .png or .jpg
	TextDir  string // texts in place of ours: it.json, de.json, ...
	// AllowMissingBrand prints the name where pagoPA's logo should be: for tests, never
	// for citizens.
	AllowMissingBrand bool
	// Producer is the program's name in the file.
	Producer string
}

// Printer makes PDF files. It is safe for concurrent use.
type Printer struct {
	config Config
	press  *pdf.Press
	faces  *fonts.Family
	words  map[string]words
	icons  map[string]*artwork
	brands map[string]*artwork

	logos sync.Map // by EC, *logoEntry
}

// New reads typefaces, texts and artwork.
func New(c Config) (*Printer, error) {
	p := &Printer{config: c, press: pdf.NewPress(), brands: map[string]*artwork{}}
	var err error
	if p.faces, err = fonts.Load(); err != nil {
		return nil, fmt.Errorf("cannot print notices: %w", err)
	}
	if p.words, err = loadWords(c.TextDir); err != nil {
		return nil, fmt.Errorf("cannot print notices: %w", err)
	}
	if p.icons, err = loadIcons(); err != nil {
		return nil, fmt.Errorf("cannot print notices: %w", err)
	}
	if c.BrandDir == "" {
		return p, nil
	}
	for _, name := range []string{brandPagoPA, brandBancoPosta, brandPoste, brandSlip} {
		if p.brands[name], err = p.readArtwork(c.BrandDir, name); err != nil {
			return nil, fmt.Errorf("cannot print notices: %w", err)
		}
	}
	return p, nil
}

// errNoBrand is told to who asks for a document.
var errNoBrand = &bridge.Error{Code: bridge.CodeNotPrintable, Detail: "pagoPA's logo is not configured on this station (notices.brand_dir)"}

// logoEntry is a logo as it was when it was read.
type logoEntry struct {
	art     *artwork
	path    string
	size    int64
	changed time.Time
}

// logo gives the EC's logo, nil when it has none. A changed file is read again.
func (p *Printer) logo(ec bridge.ECCode) (*artwork, error) {
	if p.config.LogoDir == "" {
		return nil, nil
	}
	for _, ending := range []string{".svg", ".png", ".jpg", ".jpeg"} {
		path := filepath.Join(p.config.LogoDir, string(ec)+ending)
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("cannot look for logo: %w", err)
		}
		if kept, ok := p.logos.Load(ec); ok {
			if e := kept.(*logoEntry); e.path == path && e.size == info.Size() && e.changed.Equal(info.ModTime()) {
				return e.art, nil
			}
		}
		art, err := p.readArtwork(p.config.LogoDir, string(ec))
		if err != nil {
			return nil, err
		}
		p.logos.Store(ec, &logoEntry{art, path, info.Size(), info.ModTime()})
		return art, nil
	}
	return nil, nil
}
