package bridge

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The values of spreadsheets, in the ways in which Italian ones write them (duties.md
// §7.1). A value that could be read in two ways is refused, never guessed.

var (
	italianAmount = regexp.MustCompile(`^([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]{1,2})?$`)
	plainAmount   = regexp.MustCompile(`^[0-9]+\.[0-9]{1,2}$`)
	cellNumber    = regexp.MustCompile(`^([0-9]+)(?:\.([0-9]+))?$`)
	scientific    = regexp.MustCompile(`(?i)^[0-9]+([.,][0-9]+)?E\+?[0-9]+$`)
)

// errShown is a number that a spreadsheet has shortened: its last digits are lost.
var errShown = errors.New("was turned into a number by the spreadsheet and has lost digits: format the column as text")

// sheetAmount reads euro, "1.234,50", "1234,5", "12.50", "€ 10", or a number's cell,
// "12.5"; with cents, whole cents.
func sheetAmount(text string, number, cents bool) (Cents, error) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.ReplaceAll(text, "\u00a0", " "), "€"), "€"))
	if scientific.MatchString(text) {
		return 0, errShown
	}
	if cents {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, errors.New("must be whole cents such as 1250")
		}
		return withinAmount(Cents(n))
	}
	if number {
		return cellAmount(text)
	}
	switch {
	case italianAmount.MatchString(text):
		whole, part, _ := strings.Cut(strings.ReplaceAll(text, ".", ""), ",")
		return euro(whole, part)
	case plainAmount.MatchString(text):
		whole, part, _ := strings.Cut(text, ".")
		return euro(whole, part)
	}
	return 0, errors.New("must be an amount in euro such as 1.234,50 or 1234,50")
}

// cellAmount reads a number's cell. A computed one may be off by what binary fractions
// are, 12.299999999999999: it is taken for the cents that it stands for.
func cellAmount(text string) (Cents, error) {
	m := cellNumber.FindStringSubmatch(text)
	if m == nil {
		return 0, errors.New("must be an amount in euro such as 12.50")
	}
	whole, part := m[1], m[2]
	if len(part) <= 2 {
		return euro(whole, part)
	}
	const sure = 4 // digits behind the cents that must be all zeros or all nines
	tail := part[2:]
	short := tail[:min(len(tail), sure)]
	amount, err := euro(whole, part[:2])
	switch {
	case err != nil:
		return 0, err
	case strings.Trim(short, "0") == "" && (len(tail) >= sure || strings.Trim(tail, "0") == ""):
		return amount, nil
	case len(tail) >= sure && strings.Trim(short, "9") == "":
		return withinAmount(amount + 1)
	}
	return 0, errors.New("must not have fractions of a cent")
}

func euro(whole, part string) (Cents, error) {
	part = (part + "00")[:2]
	n, err := strconv.ParseInt(whole+part, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("must be 0,01 to %s euro", MaxAmount)
	}
	return withinAmount(Cents(n))
}

func withinAmount(c Cents) (Cents, error) {
	if c < 1 || c > MaxAmount {
		return 0, fmt.Errorf("must be 0,01 to %s euro", MaxAmount)
	}
	return c, nil
}

var (
	italianDay = regexp.MustCompile(`^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?: 0{1,2}[:.]00(?:[:.]00)?)?$`)
	shortYear  = regexp.MustCompile(`^[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}$`)
)

// sheetDay reads a day of Italy's calendar, "31/12/2026", "31-12-2026", "2026-12-31".
func sheetDay(text string) (time.Time, error) {
	if shortYear.MatchString(text) {
		return time.Time{}, errors.New("must have a year of four digits")
	}
	day := text
	if m := italianDay.FindStringSubmatch(text); m != nil {
		day = fmt.Sprintf("%s-%02s-%02s", m[3], m[2], m[1])
	} else if strings.HasSuffix(text, "T00:00:00") || strings.HasSuffix(text, "T00:00:00Z") {
		day = text[:len(time.DateOnly)]
	}
	at, err := time.ParseInLocation(time.DateOnly, day, rome)
	if err != nil || at.Year() < 1900 || at.Year() > 2199 {
		return time.Time{}, errors.New("must be a day such as 31/12/2026")
	}
	return at, nil
}

// endOfRomanDay is the last second of the day, when a due date ends.
func endOfRomanDay(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 23, 59, 59, 0, rome).UTC()
}

// sheetFiscalCode reads a debtor's code and gives back the zeros in front that a
// spreadsheet has eaten, when the control digit says that they are missing.
func sheetFiscalCode(text string) (string, error) {
	text = strings.ToUpper(strings.ReplaceAll(text, " ", ""))
	if scientific.MatchString(text) {
		return "", errShown
	}
	const company = 11
	if allDigits(text) && text != "" && len(text) < company {
		text = strings.Repeat("0", company-len(text)) + text
	}
	code, err := ParseFiscalCode(text)
	return string(code), err
}

// sheetNumber reads a notice number or a creditor reference.
func sheetNumber(text string, number bool) (string, error) {
	const exact = 15 // digits that a spreadsheet's number keeps
	text = strings.ReplaceAll(text, " ", "")
	if scientific.MatchString(text) || number && len(text) > exact {
		return "", errShown
	}
	return text, nil
}

// sheetFlag reads yes and no.
func sheetFlag(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "si", "sì", "s", "true", "vero", "1", "x", "yes":
		return true, nil
	case "no", "n", "false", "falso", "0":
		return false, nil
	}
	return false, errors.New("must be sì or no")
}
