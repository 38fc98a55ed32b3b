package notice_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/notice"
)

// sampleOf finds a sample by its name.
func sampleOf(t *testing.T, name string) sample {
	t.Helper()
	at := slices.IndexFunc(samples, func(s sample) bool { return s.name == name })
	if at < 0 {
		t.Fatalf("there is no sample %s", name)
	}
	return samples[at]
}

// word is a word on a page as poppler sees it, in points.
type word struct {
	page                   int
	left, top, right, base float64
	text                   string
}

var wordBox = regexp.MustCompile(`<page |<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)</word>`)

// wordsOf reads where the words of a file stand. Of a letter's box the room above its
// capitals and below its baseline is left out: lines may be close.
func wordsOf(t *testing.T, file []byte) []word {
	t.Helper()
	var list []word
	page := 0
	for _, m := range wordBox.FindAllStringSubmatch(foreign(t, "pdftotext", "-bbox", stored(t, file), "-"), -1) {
		if m[5] == "" {
			page++
			continue
		}
		n := [4]float64{}
		for i := range n {
			v, err := strconv.ParseFloat(m[i+1], 64)
			if err != nil {
				t.Fatal(err)
			}
			n[i] = v
		}
		height := n[3] - n[1]
		list = append(list, word{page, n[0], n[1] + 0.3*height, n[2], n[3] - 0.28*height, m[5]})
	}
	return list
}

// collision names two words that touch, or one that leaves the page; "" when none does.
func collision(list []word) string {
	for i, a := range list {
		if a.left < 10/25.4*72-1 || a.right > 200.2/25.4*72 || a.base > 287/25.4*72 {
			return fmt.Sprintf("page %d: %q leaves the margins: %.0f to %.0f mm, %.0f mm down", a.page, a.text, a.left/72*25.4, a.right/72*25.4, a.base/72*25.4)
		}
		for _, b := range list[i+1:] {
			if a.page == b.page && min(a.right, b.right)-max(a.left, b.left) > 0.5 && min(a.base, b.base)-max(a.top, b.top) > 0.5 {
				return fmt.Sprintf("page %d: %q and %q stand on one another, %.0f mm from the left, %.0f mm down", a.page, a.text, b.text, b.left/72*25.4, b.base/72*25.4)
			}
		}
	}
	return ""
}

// TestStress is notices.md §9 row 9: with every text as long as it may be, in every layout
// and every second language, nothing stands on anything else and nothing leaves the page.
func TestStress(t *testing.T) {
	t.Parallel()
	if collision([]word{{1, 100, 100, 150, 110, "a"}, {1, 140, 105, 180, 115, "b"}}) == "" || collision([]word{{1, 100, 100, 600, 110, "a"}}) == "" {
		t.Fatal("collisions are not found")
	}
	layouts := map[string][]func(*bridge.PaymentNotice){
		"single": nil, "slip": {withSlip}, "two": {withPlan(2)}, "three": {withPlan(3)}, "twelve": {withPlan(12)}, "six, not in full": {withPlan(6), noFull},
		"two with slips": {withPlan(2), withSlip}, "three with slips": {withPlan(3), withSlip}, "fine": {withFine}, "fine with slips": {withFine, withSlip},
	}
	for name, layout := range layouts {
		for _, language := range append(bridge.SecondLanguages(), "") {
			n := sampleNotice()
			withLongest(n)
			n.EC.Print.Places, n.EC.Print.App = "presso la tesoreria dell'ente e i suoi sportelli", true
			n.EC.PostalAuthorization = "AUT. DB/SSIC/E 1234567 DEL 01/02/2026 BOLLETTINO PA"
			n.EC.Print.PostalHolder = "Unione dei Comuni Montani dell'Alta Valle Lunga SP"
			subject := n.Subject
			for _, change := range layout {
				change(n)
			}
			n.Subject, n.Language = subject, language
			for _, p := range []*bridge.PrintedPayment{n.Full, n.Discounted, n.Reduced} {
				if p != nil && n.Slip {
					p.Amount = 9999999999
				}
			}
			for i := range n.Instalments {
				n.Instalments[i].Amount = 9999999999
			}
			file := made(t, n)
			list := wordsOf(t, file)
			for i, page := range contents(t, file) {
				for _, b := range bars(t, page) { // scissors stand above the right end of a slip's bar, and letters reach below their line
					if n.Slip && b.Width > 200 {
						list = append(list, word{i + 1, 196.05 / 25.4 * 72, (b.Y - 4.6) / 25.4 * 72, 199.91 / 25.4 * 72, (b.Y - 0.6) / 25.4 * 72, "the scissors"})
					}
				}
			}
			if hit := collision(list); hit != "" {
				t.Errorf("%s, %q: %s", name, language, hit)
			}
		}
	}
}

// TestWords is notices.md §9 row 10: every text of every language is printed as it stands
// in its file, somewhere among all that can be printed.
func TestWords(t *testing.T) {
	t.Parallel()
	spoken := regexp.MustCompile(`^(alt_.*|document|receipt_document|receipt_page)$`) // not printed, or two pages long
	for _, language := range append(bridge.SecondLanguages(), "it") {
		var all strings.Builder
		add := func(n *bridge.PaymentNotice) {
			if language != "it" {
				n.Language = language
			}
			all.WriteString(plainText(t, stored(t, made(t, n))) + " ")
		}
		for _, s := range samples {
			add(s.notice())
		}
		for _, change := range []func(*bridge.PaymentNotice){
			func(n *bridge.PaymentNotice) { n.EC.Print.App = true },
			func(n *bridge.PaymentNotice) { n.EC.Print.Website, n.EC.Print.App = false, true },
			func(n *bridge.PaymentNotice) {
				withPlan(2)(n)
				withSlip(n)
				n.Instalments[0].Due, n.Full.Due = "", ""
			},
		} {
			n := sampleNotice()
			change(n)
			add(n)
		}
		if language == "it" {
			r, d := sampleReceipt()
			all.WriteString(plainText(t, stored(t, madeReceipt(t, r, d))) + " ")
			r.PaymentDateTime = ""
			all.WriteString(plainText(t, stored(t, madeReceipt(t, r, d))))
		}
		text := strings.Join(strings.Fields(all.String()), " ")
		file, err := os.ReadFile(filepath.Join("words", language+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]string
		if err := json.Unmarshal(file, &words); err != nil {
			t.Fatal(err)
		}
		if len(words) < 18 {
			t.Errorf("%s has only %d texts", language, len(words))
		}
		for key, want := range words {
			if spoken.MatchString(key) {
				continue
			}
			for _, piece := range regexp.MustCompile(`\{[a-z]+\}`).Split(strings.ReplaceAll(want, "**", ""), -1) {
				if piece = strings.TrimSpace(piece); !strings.Contains(text, piece) {
					t.Errorf("%s: %s: %q is not printed", language, key, piece)
				}
			}
		}
	}
}

var (
	spanOf = regexp.MustCompile(`^/Span <<`)
	fillOf = regexp.MustCompile(`(?:^|q )([\d.]+(?: [\d.]+ [\d.]+)?) (?:g|rg) `)
)

// TestSecondLanguage_IsGrey is notices.md §9 row 10: the second language is #7C7C7B.
func TestSecondLanguage_IsGrey(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"single-german", "plan-2-slovenian"} {
		spans := 0
		for _, page := range contents(t, made(t, sampleOf(t, s).notice())) {
			colour, inSpan := "", false
			for line := range strings.Lines(page) {
				if m := fillOf.FindStringSubmatch(line); m != nil {
					colour = m[1]
				}
				switch {
				case spanOf.MatchString(line):
					inSpan = true
				case strings.HasPrefix(line, "EMC"):
					inSpan = false
				case inSpan && strings.Contains(line, " Tj"):
					spans++
					if colour != "0.486 0.486 0.482" {
						t.Errorf("%s: a text of the second language is %s: %s", s, colour, line)
					}
				}
			}
		}
		if spans < 10 {
			t.Errorf("%s: only %d texts of the second language", s, spans)
		}
	}
}

// TestFile is notices.md §9 row 12 of every layout: A4, fonts embedded in part and with
// their letters, norms declared, language and colours said.
func TestFile(t *testing.T) {
	t.Parallel()
	for _, s := range samples {
		file := made(t, s.notice())
		path := stored(t, file)
		info := foreign(t, "pdfinfo", path)
		for _, want := range []string{`Tagged:\s+yes`, `Page size:\s+595\.2\d* x 841\.89 pts \(A4\)`, `Encrypted:\s+no`, `JavaScript:\s+no`} {
			if !regexp.MustCompile(want).MatchString(info) {
				t.Errorf("%s: pdfinfo does not say %s:\n%s", s.name, want, info)
			}
		}
		fonts := strings.Split(strings.TrimSpace(foreign(t, "pdffonts", path)), "\n")[2:]
		for _, line := range fonts {
			if !regexp.MustCompile(`^[A-Z]{6}\+\S+\s+CID TrueType\s+Identity-H\s+yes yes yes`).MatchString(line) {
				t.Errorf("%s: %s", s.name, line)
			}
		}
		for _, want := range []string{"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>", "<pdfuaid:part>1</pdfuaid:part>", "/OutputIntents", "<dc:language><rdf:Bag><rdf:li>it-IT</rdf:li>", "/StructTreeRoot", "/DisplayDocTitle true", "/Marked true"} {
			if !bytes.Contains(file, []byte(want)) {
				t.Errorf("%s has no %s", s.name, want)
			}
		}
		if len(fonts) < 3 {
			t.Errorf("%s has %d fonts", s.name, len(fonts))
		}
	}
}

// TestLogo_Bitmap is notices.md §9 row 13: a large picture is made as small as 30 mm at
// 300 dpi need, and stands in the file once for all of its pages.
func TestLogo_Bitmap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	img := image.NewNRGBA(image.Rect(0, 0, 1200, 1200))
	for x := range 1200 {
		for y := range 1200 {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), uint8(x * y), 255})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, string(sampleEC)+".png"), file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := notice.New(notice.Config{LogoDir: dir, AllowMissingBrand: true})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Notice(sampleOf(t, "plan-12").notice())
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`/Subtype /Image[^>]*/Width (\d+)`).FindAllSubmatch(out, -1)
	if len(found) != 1 {
		t.Fatalf("%d pictures", len(found))
	}
	if width, err := strconv.Atoi(string(found[0][1])); err != nil || width > 355 || width < 340 {
		t.Errorf("the picture is %d wide, %v", width, err)
	}
	if pages := len(contents(t, out)); pages < 2 {
		t.Errorf("%d pages", pages)
	}
}

// TestVeraPDF is notices.md §9 row 12 "where available": the norms' own judge.
func TestVeraPDF(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("verapdf")
	if err != nil {
		t.Skip("veraPDF is not installed, and no package of it is to be had from Debian, npm or the Go proxy")
	}
	for _, s := range samples {
		path := stored(t, made(t, s.notice()))
		for _, norm := range []string{"2a", "ua1"} {
			out, err := exec.CommandContext(t.Context(), program, "--format", "text", "--flavour", norm, path).CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), "PASS") {
				t.Errorf("%s, %s: %v\n%s", s.name, norm, err, out)
			}
		}
	}
}
