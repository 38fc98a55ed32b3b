// Package codes makes the two machine-readable codes of a payment notice: the QR code
// that a payment app reads and the Data Matrix that the post office reads
// (notices.md §2). It says what stands in them and gives their modules; drawing them is
// the business of who has the paper. The symbols themselves are gozxing's.
package codes

import (
	"errors"
	"fmt"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"

	"nodobridge/bridge"
)

// Payment is what a code asks to be paid.
type Payment struct {
	NAV    bridge.NoticeNumber
	EC     bridge.ECCode
	Amount bridge.Cents
}

// qrVersion is the symbol's size that pagoPA prescribes: 33 x 33 modules.
const qrVersion = 4

// QRText is the content of the QR code (notices.md §2.1). The amount has at least two
// digits: five cents are 05.
func QRText(p Payment) (string, error) {
	if err := p.check(bridge.MaxAmount); err != nil {
		return "", err
	}
	return fmt.Sprintf("PAGOPA|002|%s|%s|%02d", p.NAV, p.EC, int64(p.Amount)), nil
}

// check refuses what no code can say. A notice number of a wrong check digit can be
// said; whether it is wanted is not decided here.
func (p Payment) check(most bridge.Cents) error {
	if len(p.NAV) != 18 || !digits(string(p.NAV)) {
		return errors.New("the notice number must be 18 digits to be printed")
	}
	if _, err := bridge.ParseECCode(string(p.EC)); err != nil {
		return err
	}
	if p.Amount < 1 || p.Amount > most {
		return fmt.Errorf("the amount must be between 0.01 and %s to be printed", most)
	}
	return nil
}

// QR is the symbol of a QRText: version 4, error correction M, one segment of bytes.
func QR(text string) (*Symbol, error) {
	code, err := encoder.Encoder_encode(text, decoder.ErrorCorrectionLevel_M, map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_QR_VERSION: qrVersion})
	if err != nil {
		return nil, fmt.Errorf("cannot make QR code: %w", err)
	}
	m := code.GetMatrix()
	return newSymbol(m.GetWidth(), func(x, y int) bool { return m.Get(x, y) == 1 }), nil
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
