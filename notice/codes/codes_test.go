package codes_test

import (
	"image"
	"image/color"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"

	"nodobridge/bridge"
	"nodobridge/notice/codes"
)

// golden is pagoPA's own example FT_01 (notices.md §2.1).
var golden = codes.Payment{NAV: "470000008800999051", EC: "99999000013", Amount: 150000}

// TestQRText is notices.md §2.1 and the amounts of §9 row 3.
func TestQRText(t *testing.T) {
	t.Parallel()
	for amount, want := range map[bridge.Cents]string{
		150000:        "PAGOPA|002|470000008800999051|99999000013|150000",
		1:             "PAGOPA|002|470000008800999051|99999000013|01",
		10:            "PAGOPA|002|470000008800999051|99999000013|10",
		29:            "PAGOPA|002|470000008800999051|99999000013|29",
		1999:          "PAGOPA|002|470000008800999051|99999000013|1999",
		99999999999:   "PAGOPA|002|470000008800999051|99999000013|99999999999",
		100000000000:  "",
		0:             "",
		-1:            "",
		1 << 62:       "",
		2147483647_00: "",
	} {
		p := golden
		p.Amount = amount
		if got, err := codes.QRText(p); got != want || (err != nil) != (want == "") {
			t.Errorf("%d: %q, %v; want %q", amount, got, err, want)
		}
	}
	for _, wrong := range []codes.Payment{
		{NAV: "47000000880099905", EC: golden.EC, Amount: 1}, {NAV: "47000000880099905x", EC: golden.EC, Amount: 1}, {NAV: golden.NAV, EC: "9999900001", Amount: 1},
	} {
		if got, err := codes.QRText(wrong); err == nil {
			t.Errorf("%v gave %q", wrong, got)
		}
	}
}

// TestQR_IsVersion4LevelM: a decoder that looks at the symbol says so, for the shortest
// and the longest content.
func TestQR_IsVersion4LevelM(t *testing.T) {
	t.Parallel()
	for _, amount := range []bridge.Cents{1, 150000, bridge.MaxAmount} {
		p := golden
		p.Amount = amount
		text, err := codes.QRText(p)
		if err != nil {
			t.Fatal(err)
		}
		s, err := codes.QR(text)
		if err != nil {
			t.Fatal(err)
		}
		if s.Size() != 33 {
			t.Errorf("%s: %d modules", text, s.Size())
		}
		read, err := qrcode.NewQRCodeReader().Decode(bitmap(t, s, 4), map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
		if err != nil {
			t.Fatal(err)
		}
		if read.GetText() != text {
			t.Errorf("read %q, want %q", read.GetText(), text)
		}
		if level := read.GetResultMetadata()[gozxing.ResultMetadataType_ERROR_CORRECTION_LEVEL]; level != decoder.ErrorCorrectionLevel_M.String() {
			t.Errorf("level %v", level)
		}
	}
	if _, err := codes.QR(strings.Repeat("x", 63)); err == nil {
		t.Error("63 bytes fitted version 4 M, which holds 62")
	}
}

func goldenSlip() codes.Slip {
	return codes.Slip{Payment: golden, Account: "123456", DebtorCode: "FFFCST83A15L113V", DebtorName: "Mario Rossi", Subject: "Avviso Pagamento di TEST"}
}

// TestSlipText_Golden is the decoded pagoPA example FT_03, in capitals (notices.md §2.2).
func TestSlipText_Golden(t *testing.T) {
	t.Parallel()
	got, err := codes.SlipText(goldenSlip())
	want := "codfase=NBPA;" + "18470000008800999051" + "12000000123456" + "100000150000" + "3896" + "1P1" + "99999000013" + "FFFCST83A15L113V" +
		"MARIO ROSSI" + strings.Repeat(" ", 29) + "AVVISO PAGAMENTO DI TEST" + strings.Repeat(" ", 86) + strings.Repeat(" ", 12) + "A"
	if err != nil || got != want {
		t.Errorf("%q, %v\nwant %q", got, err, want)
	}
}

// TestSlipText_Is256 is notices.md §9 row 4: whatever the names are, every field keeps
// its place, and the slices that the IO app reads are right.
func TestSlipText_Is256(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*codes.Slip){
		"long name":    func(s *codes.Slip) { s.DebtorName = strings.Repeat("Maria Ludovica ", 5)[:70] },
		"long subject": func(s *codes.Slip) { s.Subject = strings.Repeat("è", 140) },
		"foreign letters": func(s *codes.Slip) {
			s.DebtorName, s.Subject = "Nicolò Müller-Čšž", "Čšž ßłđ €/() 日本 Ω"
		},
		"company":      func(s *codes.Slip) { s.DebtorCode = "01199250158" },
		"empty":        func(s *codes.Slip) { s.DebtorCode, s.DebtorName, s.Subject = "", "", "" },
		"largest":      func(s *codes.Slip) { s.Amount = codes.MaxSlip },
		"full account": func(s *codes.Slip) { s.Account = "001012345678" },
	} {
		s := goldenSlip()
		change(&s)
		got, err := codes.SlipText(s)
		if err != nil || len(got) != 256 {
			t.Errorf("%s: %d characters, %v", name, len(got), err)
			continue
		}
		if bad := strings.Trim(got[13:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789&'-.:_, "); bad != "" {
			t.Errorf("%s: %q is outside of Poste's characters", name, bad)
		}
		if got[15:33] != string(s.NAV) || got[66:77] != string(s.EC) || got[49:59] != leftZero(int64(s.Amount)) || got[255] != 'A' {
			t.Errorf("%s: %q", name, got)
		}
	}
	s := goldenSlip()
	s.DebtorName, s.Subject = "Nicolò Müller-Čšž", "Straße Łódź, œuvre & “x”"
	got, err := codes.SlipText(s)
	if err != nil || strings.TrimSpace(got[93:133]) != "NICOLO MULLER-CSZ" || strings.TrimSpace(got[133:243]) != "STRASSE LODZ, OEUVRE &  X" {
		t.Errorf("%q, %v", got, err)
	}
}

func leftZero(n int64) string {
	b := []byte("0000000000")
	for i := 9; n > 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return string(b)
}

func TestSlipText_Refuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*codes.Slip){
		"amount":       func(s *codes.Slip) { s.Amount = codes.MaxSlip + 1 },
		"no account":   func(s *codes.Slip) { s.Account = "" },
		"long account": func(s *codes.Slip) { s.Account = "1234567890123" },
		"debtor code":  func(s *codes.Slip) { s.DebtorCode = "12345678901234567" },
		"number":       func(s *codes.Slip) { s.NAV = "RF18539007547034" },
	} {
		s := goldenSlip()
		change(&s)
		if got, err := codes.SlipText(s); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestDataMatrix: the symbol of a slip is square, 48 or 52 modules, and reads back
// (notices.md §2.2, §9 row 4).
func TestDataMatrix(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 40 {
		s := goldenSlip()
		if i > 0 {
			s.DebtorName, s.Subject = words(random, 60), words(random, 110)
		}
		text, err := codes.SlipText(s)
		if err != nil {
			t.Fatal(err)
		}
		symbol, err := codes.DataMatrix(text)
		if err != nil {
			t.Fatal(err)
		}
		if symbol.Size() != 48 && symbol.Size() != 52 {
			t.Errorf("%q: %d modules", text, symbol.Size())
		}
		read, err := datamatrix.NewDataMatrixReader().Decode(bitmap(t, symbol, 2), map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
		if err != nil || read.GetText() != text {
			t.Errorf("read %v, %v; want %q", read, err, text)
		}
	}
}

func words(random *rand.Rand, most int) string {
	const letters = "AAEEIIOOUBCDFGLMNPRSTVZ  àèìòù"
	runes := []rune(letters)
	var b strings.Builder
	for range random.IntN(most) {
		b.WriteRune(runes[random.IntN(len(runes))])
	}
	return b.String()
}

// TestBlocks: the rectangles cover each dark module once and no light one.
func TestBlocks(t *testing.T) {
	t.Parallel()
	text, err := codes.QRText(golden)
	if err != nil {
		t.Fatal(err)
	}
	s, err := codes.QR(text)
	if err != nil {
		t.Fatal(err)
	}
	covered := map[[2]int]int{}
	blocks := s.Blocks()
	for _, b := range blocks {
		for x := b.X; x < b.X+b.Width; x++ {
			for y := b.Y; y < b.Y+b.Height; y++ {
				covered[[2]int{x, y}]++
			}
		}
	}
	dark := 0
	for y := range s.Size() {
		for x := range s.Size() {
			n := 0
			if s.Dark(x, y) {
				n, dark = 1, dark+1
			}
			if covered[[2]int{x, y}] != n {
				t.Fatalf("module %d,%d is covered %d times, want %d", x, y, covered[[2]int{x, y}], n)
			}
		}
	}
	if len(blocks) == 0 || len(blocks) >= dark/2 {
		t.Errorf("%d blocks for %d modules", len(blocks), dark)
	}
}

// bitmap draws a symbol as a scanner sees it, with a quiet zone.
func bitmap(t *testing.T, s *codes.Symbol, quiet int) *gozxing.BinaryBitmap {
	t.Helper()
	const scale = 4
	side := (s.Size() + 2*quiet) * scale
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			img.SetGray(x, y, color.Gray{255})
			if s.Dark(x/scale-quiet, y/scale-quiet) && x/scale >= quiet && y/scale >= quiet {
				img.SetGray(x, y, color.Gray{})
			}
		}
	}
	b, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
