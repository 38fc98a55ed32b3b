package notice_test

import (
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"

	"nodobridge/bridge"
	"nodobridge/notice"
	"nodobridge/notice/codes"
)

func made(t *testing.T, n *bridge.PaymentNotice) []byte {
	t.Helper()
	out, err := printer(t).Notice(n)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wantQR is what the codes of a notice must say, in printed order.
func wantQR(t *testing.T, n *bridge.PaymentNotice) []string {
	t.Helper()
	var list []string
	for _, p := range n.Payments() {
		list = append(list, fmt.Sprintf("PAGOPA|002|%s|%s|%02d", p.NAV, n.EC.Code, int64(p.Amount)))
	}
	slices.Sort(list)
	return list
}

// TestQR_ReadFromPage is notices.md §9 row 2: a scanner that is not ours finds on the
// drawn pages one code for each payment, and it says exactly what it must.
func TestQR_ReadFromPage(t *testing.T) {
	t.Parallel()
	for _, s := range samples {
		n := s.notice()
		path := stored(t, made(t, n))
		for _, dpi := range []int{150, 300} {
			if dpi == 300 && s.name != "single" && s.name != "plan-3" {
				continue
			}
			var got []string
			for _, page := range rendered(t, path, dpi) {
				out := foreign(t, "zbarimg", "-q", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", page)
				got = append(got, strings.Fields(out)...)
			}
			slices.Sort(got)
			if want := wantQR(t, n); !slices.Equal(got, want) {
				t.Errorf("%s at %d dpi: %d codes %v, want %v", s.name, dpi, len(got), got, want)
			}
		}
	}
}

// TestQR_QuietZone: four modules around the code are pure white, and the code is 33
// modules of 24.87 mm (notices.md §2.1, §9 row 2).
func TestQR_QuietZone(t *testing.T) {
	t.Parallel()
	const dpi = 300
	n := sampleNotice()
	n.EC.Print.Info = "www.comune.prova.example.it"
	wantQuiet(t, "in full", picture(t, rendered(t, stored(t, made(t, n)), dpi)[0]), dpi, spot{10.05, 140.76 + 14.02, 24.87, 25})
}

// TestMatrix_ReadFromPage is notices.md §9 row 4: the postal code on the drawn page has
// the 256 characters of its slip, on a page of one and on a page of three.
func TestMatrix_ReadFromPage(t *testing.T) {
	t.Parallel()
	const dpi = 300
	for name, at := range map[string]struct {
		page    int
		middles []float64
	}{
		"single-slip":         {0, []float64{0}},
		"single-slip-longest": {0, []float64{0}},
		"plan-3-slip":         {1, []float64{104.92 + 37.57, 165.77 + 37.57, 226.62 + 37.57}},
		"plan-2-slip":         {1, []float64{134.92 + 41.54, 205.83 + 41.54}},
	} {
		n := samples[slices.IndexFunc(samples, func(s sample) bool { return s.name == name })].notice()
		path := stored(t, made(t, n))
		page := picture(t, rendered(t, path, dpi)[at.page])
		payments := n.Payments()[at.page:]
		for i, middle := range at.middles {
			top, height := middle-15, 30.0
			if middle == 0 {
				top, height = 233, 42 // wherever the parties have pushed it
			}
			want, err := codes.SlipText(codes.Slip{
				Payment: codes.Payment{NAV: payments[i].NAV, EC: n.EC.Code, Amount: payments[i].Amount}, Account: n.EC.PostalAccount,
				DebtorCode: n.Debtor.FiscalCode, DebtorName: n.Debtor.FullName, Subject: n.Subject,
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := readMatrix(t, cut(page, dpi, 175.2, top, 26.6, height)); got != want {
				t.Errorf("%s: matrix %d is %q, want %q", name, i, got, want)
			}
		}
	}
}

// readMatrix finds the dark square of a Data Matrix in a strip and reads it.
func readMatrix(t *testing.T, strip *image.Gray) string {
	t.Helper()
	box := image.Rectangle{}
	for y := strip.Bounds().Min.Y; y < strip.Bounds().Max.Y; y++ {
		for x := strip.Bounds().Min.X; x < strip.Bounds().Max.X; x++ {
			if strip.GrayAt(x, y).Y < 100 { // the corner marks are lighter
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if mm := float64(box.Dx()) * 25.4 / 300; mm < 24.3 || mm > 25.7 {
		t.Errorf("the matrix is %.2f mm wide", mm)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(strip.SubImage(box.Inset(-6)))
	if err != nil {
		t.Fatal(err)
	}
	read, err := datamatrix.NewDataMatrixReader().Decode(bitmap, nil)
	if err != nil {
		return err.Error()
	}
	return read.GetText()
}

// TestMatrix_SecondReader: dmtxread reads the same (notices.md §8 "optional second opinion").
func TestMatrix_SecondReader(t *testing.T) {
	t.Parallel()
	path := stored(t, made(t, samples[slices.IndexFunc(samples, func(s sample) bool { return s.name == "single-slip" })].notice()))
	page := rendered(t, path, 150)[0]
	program, err := exec.LookPath("dmtxread")
	if err != nil {
		foreign(t, "dmtxread")
	}
	out, err := exec.CommandContext(t.Context(), program, "-N1", "-m20000", "-x68%", "-y2%", "-X100%", "-Y30%", page).Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := string(out); len(got) != 256 || !strings.HasPrefix(got, "codfase=NBPA;18301000000000004386120010123456781000000150003896"+"1P199999000013RSSMRA80A01H501UMARIO ROSSI") {
		t.Errorf("%d characters: %q", len(got), got)
	}
}

// TestGeometry is notices.md §9 row 7: texts begin where they do on pagoPA's own pages,
// within a millimetre. Input as FT_01's: one line of everything.
func TestGeometry(t *testing.T) {
	t.Parallel()
	n := sampleNotice()
	n.EC.Print.Info = "www.comune.prova.example.it"
	n.Slip = true
	list := texts(t, contents(t, made(t, n))[0])
	const row, data, slip = 89.69, 140.76, 201.61
	for name, want := range map[string]placed{
		"title": {28.99, 13.23, 10}, "subject": {10, 29.10, 16}, "creditor": {10, 43.92 + 5.03, 10}, "debtor": {113.99, 43.92 + 5.03, 10},
		"name": {10, 62.44, 14}, "debtor's name": {113.99, 62.44, 14}, "sector": {10, 74.08, 12}, "address": {113.99, 74.08, 12}, "info": {10, 84.40, 8},
		"how much": {10, row + 5.03, 10}, "amount label": {10, row + 16.67, 8}, "amount": {10, row + 22.76, 16}, "by": {72.05, row + 16.67, 8}, "date": {72.05, row + 22.76, 16},
		"disclaimer": {15.99, row + 31.2, 8}, "app": {113.99, row + 17.2, 10}, "places": {113.99, row + 33.6, 10},
		"data": {10, data + 5.03, 10}, "hint": {10, data + 46.6, 8}, "recipient": {58.99, data + 16.4, 8}, "recipient's name": {58.99, data + 20.11, 8},
		"payee": {58.99, data + 25.7, 8}, "oggetto": {58.99, data + 34.9, 8}, "cbill label": {58.99, data + 46.3, 8}, "cbill": {58.99, data + 52.1, 10}, "nav": {94.25, data + 52.1, 10},
		"slip": {10, slip + 5.03, 10}, "note": {10, slip + 43.4, 8}, "slip nav": {58.99, slip + 56.09, 10}, "kind": {115.75, slip + 56.09, 10}, "permit": {10, slip + 62.18, 7},
		"holder": {58.99, slip + 29.90, 8}, "slip debtor": {58.99, slip + 35.46, 8}, "slip subject": {58.99, slip + 40.75, 8},
	} {
		if !isNear(list, want) {
			t.Errorf("%s: nothing of %g points begins near %.2f, %.2f", name, want.size, want.x, want.y)
		}
	}
}

// TestColours is notices.md §9 row 11.
func TestColours(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{"0": true, "0.925": true, "0.486 0.486 0.482": true, "0.851": true, "0 0.4 0.8": true, "1": true}
	seen := map[string]bool{}
	for _, s := range samples {
		for _, page := range contents(t, made(t, s.notice())) {
			for _, m := range colours.FindAllStringSubmatch(page, -1) {
				colour := strings.TrimSpace(m[1])
				seen[colour] = true
				if !allowed[colour] {
					t.Errorf("%s has the colour %s", s.name, colour)
				}
			}
		}
	}
	if len(seen) != len(allowed) {
		t.Errorf("only %v were seen", seen)
	}
}

// TestPages is notices.md §9 row 8: the table of pages, nothing outside of the margins.
func TestPages(t *testing.T) {
	t.Parallel()
	bank := map[int]int{2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 2, 8: 2, 9: 2, 10: 2, 11: 2, 12: 2, 72: 9}
	slips := map[int]int{2: 2, 3: 2, 4: 3, 5: 3, 6: 3, 7: 4, 8: 4, 9: 4, 10: 5, 11: 5, 12: 5, 72: 25}
	for n := range bank {
		for _, slip := range []bool{false, true} {
			notice := sampleNotice()
			notice.EC.Print.Info = "www.comune.prova.example.it"
			withPlan(n)(notice)
			notice.Slip = slip
			want := bank[n]
			if slip {
				want = slips[n]
			}
			pages := contents(t, made(t, notice))
			if len(pages) != want {
				t.Errorf("%d instalments, slips %v: %d pages, want %d", n, slip, len(pages), want)
			}
			for i, page := range pages {
				if !isNear(texts(t, page), placed{28.99, 13.23, 10}) {
					t.Errorf("%d instalments, slips %v: page %d has no header", n, slip, i+1)
				}
				columns := map[int]bool{}
				for _, b := range bars(t, page) {
					if b.Y > 43 && b.Width < 100 {
						columns[int(b.Width)] = true
					}
				}
				if len(columns) > 1 {
					t.Errorf("%d instalments, slips %v: page %d has columns of %v mm", n, slip, i+1, columns)
				}
				for _, p := range texts(t, page) {
					if p.x < 9.9 || p.x > 200 || p.y < 10 || p.y > 287 {
						t.Errorf("%d instalments, slips %v: page %d has a text at %.1f, %.1f", n, slip, i+1, p.x, p.y)
					}
				}
			}
		}
	}
}

// TestText is notices.md §9 rows 6 and 12: everything printed can be read as text, with its
// accents, and no letters are drawn as ligatures.
func TestText(t *testing.T) {
	t.Parallel()
	n := sampleNotice()
	n.Debtor.FullName, n.Subject = "Nicolò Müller-Čšž", "Perché no? Ufficio affissioni"
	n.EC.Print.Places, n.EC.Print.App, n.Slip = "presso la tesoreria", true, true
	n.Full.Amount = 123456789
	text := plainText(t, stored(t, made(t, n)))
	for _, want := range []string{
		"Nicolò Müller-Čšž", "Perché no? Ufficio affissioni", "3010 0000 0000 0043 86", "1.234.567,89", "Rata unica entro il 28/01/2026", "Rata unica entro 28/01/2026",
		"sul sito o app dell'ente, dal tuo Home Banking", "presso la tesoreria, presso Banche e Sportelli ATM, negli Uffici Postali", "CBI1Z", "99999000013", "RSSMRA80A01H501U", "sul C/C n. 1012345678",
		"Inquadra il codice QR con la tua app di pagamento o usa i dati accanto.", "Via della Prova 12, 00100 Roma (RM)", "AUT. DB/0000/PROVA 00000 DEL 01/01/2026",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q cannot be read in %s", want, text)
		}
	}
	if strings.ContainsAny(text, "ﬁﬂﬀ") {
		t.Error("ligatures in the text")
	}
	n.Full.Due = ""
	if text := plainText(t, stored(t, made(t, n))); strings.Contains(text, "entro") {
		t.Errorf("without a due date it says until when: %s", text)
	}
}

// TestTags is notices.md §5: title, sections, codes with a text of their own; and what
// is not ours says that the file is sound.
func TestTags(t *testing.T) {
	t.Parallel()
	n := sampleNotice()
	n.Slip, n.Language = true, "de"
	file := made(t, n)
	path := stored(t, file)
	tree := foreign(t, "pdfinfo", "-struct-text", path)
	for role, least := range map[string]int{"H1": 1, "H2": 6, "Figure": 2, "P": 20, "Span": 10} {
		if got := len(regexp.MustCompile(`(?m)^\s*`+role+`\b`).FindAllString(tree, -1)); got < least {
			t.Errorf("%d of %s, want %d:\n%s", got, role, least, tree)
		}
	}
	if out := foreign(t, "qpdf", "--check", path); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Errorf("qpdf: %s", out)
	}
	if info := foreign(t, "pdfinfo", path); !strings.Contains(info, "Tagged:          yes") || !strings.Contains(info, "Avviso di pagamento: Tassa sui rifiuti 2026") {
		t.Errorf("pdfinfo: %s", info)
	}
	if strings.Contains(string(file), "/Subtype /Image") {
		t.Error("the codes are bitmaps")
	}
}

// TestLogo: the EC's logo stands on every page and once in the file; without pagoPA's own
// nothing is printed (notices.md §4 "Logos", §9 row 13).
func TestLogo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	svg := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 20"><g><path d="M0 0h30v20h-30z" fill="#0066cc"/><path d="M5 5l20 0 0 10-20 0z" fill="white"/></g></svg>`
	for _, name := range []string{"pagopa.svg", "bancoposta.svg", string(sampleEC) + ".svg"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(svg), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := notice.New(notice.Config{BrandDir: dir, LogoDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	n := sampleNotice()
	n.Slip = true
	out, err := p.Notice(n)
	if err != nil {
		t.Fatal(err)
	}
	if text := plainText(t, stored(t, out)); strings.Contains(text, "pagoPA") || strings.Contains(text, "BancoPosta") || !strings.Contains(text, "Poste Italiane") {
		t.Errorf("artwork and names: %s", text)
	}
	bare, err := notice.New(notice.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bare.Notice(n); bridge.CodeOf(err) != bridge.CodeNotPrintable {
		t.Errorf("without pagoPA's logo: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pagopa.svg"), []byte(`<svg viewBox="0 0 1 1"><image href="x"/></svg>`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := notice.New(notice.Config{BrandDir: dir}); err == nil {
		t.Error("a drawing that cannot be drawn was accepted")
	}
}

// TestTexts: one file replaces single texts; what is not known is refused.
func TestTexts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(text string) error {
		if err := os.WriteFile(filepath.Join(dir, "it.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := notice.New(notice.Config{TextDir: dir, AllowMissingBrand: true})
		return err
	}
	for text, wrong := range map[string]string{
		`{"disclaimer": "Nuovo testo"}`: "", `{"disclaimers": "x"}`: "no text of notices", `{"part": "Rata {m}"}`: "{m} is not filled in", `[]`: "one object",
	} {
		if err := write(text); (err == nil) != (wrong == "") || err != nil && !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestGlyphs: names of any alphabet are printed, never dropped (notices.md §8 "Fonts").
func TestGlyphs(t *testing.T) {
	t.Parallel()
	n := sampleNotice()
	for _, name := range []string{"Αθηνά Ωνάση", "Иван Грозный", "山田太郎", "Zoe\u0308 d\u2019Arc", "Nguyễn Văn A", "a\x00b\u200b\xff"} {
		n.Debtor.FullName = name
		out, err := printer(t).Notice(n)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if name == "Иван Грозный" && !strings.Contains(plainText(t, stored(t, out)), name) {
			t.Errorf("%s cannot be read back", name)
		}
	}
}
