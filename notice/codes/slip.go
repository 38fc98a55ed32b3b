package codes

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/datamatrix/encoder"
	"golang.org/x/text/unicode/norm"

	"nodobridge/bridge"
)

// Slip is a postal slip of a notice ("Bollettino Postale PA", document type 896).
type Slip struct {
	Payment
	Account    string // number of the account at Poste, 1 to 12 digits
	DebtorCode string
	DebtorName string
	Subject    string
}

// MaxSlip is the largest amount of a slip: its field has ten digits (notices.md §2.2).
const MaxSlip bridge.Cents = 9_999_999_999

// slipLength is the length of every SlipText.
const slipLength = 256

// SlipText is the content of the Data Matrix, 256 characters exactly (notices.md §2.2).
func SlipText(s Slip) (string, error) {
	if err := s.check(MaxSlip); err != nil {
		return "", err
	}
	if len(s.Account) > 12 || !digits(s.Account) {
		return "", errors.New("the account at Poste must be 1 to 12 digits")
	}
	code := transliterate(s.DebtorCode)
	if len(code) > 16 {
		return "", errors.New("the debtor's fiscal code has more than 16 characters and does not fit a postal slip")
	}
	text := fmt.Sprintf("codfase=NBPA;18%s12%s10%010d3896"+"1P1%s%-16s%-40s%-110s%12sA",
		s.NAV, strings.Repeat("0", 12-len(s.Account))+s.Account, int64(s.Amount), s.EC, code, cut(transliterate(s.DebtorName), 40), cut(transliterate(s.Subject), 110), "")
	if len(text) != slipLength {
		return "", fmt.Errorf("the slip's text has %d characters, not %d", len(text), slipLength)
	}
	return text, nil
}

// DataMatrix is the symbol of a SlipText: square, ECC 200.
func DataMatrix(text string) (*Symbol, error) {
	m, err := datamatrix.NewDataMatrixWriter().Encode(text, gozxing.BarcodeFormat_DATA_MATRIX, 0, 0,
		map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_DATA_MATRIX_SHAPE: encoder.SymbolShapeHint_FORCE_SQUARE})
	if err != nil {
		return nil, fmt.Errorf("cannot make Data Matrix: %w", err)
	}
	return newSymbol(m.GetWidth(), m.Get), nil
}

// undecomposed are letters of Latin alphabets that Unicode does not take apart into a
// base letter and a mark.
var undecomposed = map[rune]string{
	'ß': "SS", 'ẞ': "SS", 'ł': "L", 'Ł': "L", 'đ': "D", 'Đ': "D", 'ð': "D", 'Ð': "D", 'ø': "O", 'Ø': "O", 'æ': "AE", 'Æ': "AE", 'œ': "OE", 'Œ': "OE",
	'þ': "TH", 'Þ': "TH", 'ħ': "H", 'Ħ': "H", 'ŧ': "T", 'Ŧ': "T", 'ı': "I", 'ŋ': "N", 'Ŋ': "N", 'ĸ': "K", 'ſ': "S",
	'’': "'", '‘': "'", '´': "'", '`': "'", '–': "-", '—': "-", '‐': "-", '‑': "-",
}

// transliterate writes a text in the characters that Poste reads: capital letters,
// digits, blanks and & ' - . : _ , (notices.md §2.2). Capitals keep the symbol small.
// What has no such form becomes a blank, one for one.
func transliterate(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if plain, ok := undecomposed[r]; ok {
			b.WriteString(plain)
			continue
		}
		r = unicode.ToUpper(r)
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("&'-.:_,", r) {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// cut shortens a transliterated text, whose characters are bytes.
func cut(s string, most int) string { return s[:min(len(s), most)] }
