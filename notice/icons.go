package notice

import "nodobridge/notice/pdf"

// Our own pictograms: decoration beside texts that say the same.
var iconPaths = map[string]struct {
	path          string
	width, height float64
}{
	"info":     {"M2 0c1.105 0 2 .895 2 2s-.895 2-2 2-2-.895-2-2 .895-2 2-2z M1.68 1.62h.64v1.6h-.64z M1.68 .78h.64v.58h-.64z", 4, 4},
	"phone":    {"M2 0h8q2 0 2 2v16q0 2-2 2h-8q-2 0-2-2v-16q0-2 2-2z M1.5 3h9v12.5h-9z M5 17h2v1.3h-2z", 12, 20},
	"shop":     {"M0 6l6-6 6 6v1.4h-12z M1 8.6h2v6.4h-2z M5 8.6h2v6.4h-2z M9 8.6h2v6.4h-2z M0 16.2h12v2.2h-12z", 12, 18.4},
	"scissors": {"M.7 0c.39 0 .7.31.7.7s-.31.7-.7.7-.7-.31-.7-.7.31-.7.7-.7z M.7.35c.19 0 .35.16.35.35s-.16.35-.35.35-.35-.16-.35-.35.16-.35.35-.35z M.7 1.7c.39 0 .7.31.7.7s-.31.7-.7.7-.7-.31-.7-.7.31-.7.7-.7z M.7 2.05c.19 0 .35.16.35.35s-.16.35-.35.35-.35-.16-.35-.35.16-.35.35-.35z M1.1 1.15l.3-.3 2.5 1.6q-.4.35-.9.15z M1.1 1.95l.3.3 2.5-1.6q-.4-.35-.9-.15z", 3.9, 3.1},
}

// loadIcons reads the outlines; they are ours, so a fault is a programmer's.
func loadIcons() (map[string]*artwork, error) {
	icons := map[string]*artwork{}
	for name, icon := range iconPaths {
		outline, err := pdf.ParseShape(icon.path)
		if err != nil {
			return nil, err
		}
		icons[name] = &artwork{shapes: []shape{{outline, pdf.Black, name != "scissors"}}, width: icon.width, height: icon.height}
	}
	return icons, nil
}

func (s *sheet) icon(name string, box pdf.Rect) { s.draw(nil, s.printer.icons[name], box, false) }
