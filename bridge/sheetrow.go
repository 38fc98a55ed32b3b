package bridge

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// SheetProblem is a rule that a row breaks. It names line, column and field, and never
// repeats a value.
type SheetProblem struct {
	Line   int
	Column string // "" when no column is at fault
	Field  string
	Rule   string
}

// rowReader reads one row by a mapping and gathers everything that is wrong with it.
type rowReader struct {
	row      *SheetRow
	places   map[string]place
	cents    bool
	problems []SheetProblem
}

func (r *rowReader) wrong(field, rule string) {
	column := ""
	if at := r.places[field]; len(at.columns) > 0 {
		column = strings.Join(at.names, "+")
	}
	r.problems = append(r.problems, SheetProblem{Line: r.row.Line, Column: column, Field: field, Rule: rule})
}

// text reads a field and checks that it is there and not too long.
func (r *rowReader) text(field string) (string, bool) {
	at, given := r.places[field]
	if !given {
		return "", false
	}
	text, number := at.text(r.row)
	for _, f := range sheetFields {
		if f.name != field {
			continue
		}
		if text == "" && f.required {
			r.wrong(field, "is missing")
		}
		if utf8.RuneCountInString(text) > f.most {
			r.wrong(field, fmt.Sprintf("must have at most %d characters", f.most))
			return "", number
		}
	}
	return text, number
}

func (r *rowReader) plain(field string) string {
	text, _ := r.text(field)
	return text
}

// sheetItem is what one row says.
type sheetItem struct {
	line        int
	iupd        IUPD
	single      bool // the whole amount at once, beside a plan
	segregation string
	position    Position // what belongs to the whole position
	option      Option
	instalment  Instalment
}

// item reads the row. Its problems are in r.
func (r *rowReader) item(ec ECCode) sheetItem {
	it := sheetItem{line: r.row.Line, iupd: r.iupd(ec), segregation: r.plain("segregationCode")}
	switch strings.ToLower(r.plain("instalment")) {
	case "0", "unica", "soluzione unica", "unica soluzione":
		it.single = true
	}
	if len(it.segregation) == 1 && allDigits(it.segregation) {
		it.segregation = "0" + it.segregation
	}
	if s := it.segregation; s != "" && (len(s) != 2 || !allDigits(s)) {
		r.wrong("segregationCode", "must be two digits")
	}
	it.position = Position{EC: ec, IUPD: it.iupd, CompanyName: r.plain("companyName"), OfficeName: r.plain("officeName"), PayStandIn: r.flag("payStandIn", true)}
	it.option = Option{SwitchToExpired: r.flag("switchToExpired", true), Debtor: r.debtor()}
	if text, _ := r.text("validityDate"); text != "" {
		day, err := sheetDay(text)
		r.check("validityDate", err)
		it.option.ValidFrom = day.UTC()
	}
	it.instalment = r.instalment(ec)
	if it.instalment.IUV == "" && it.segregation == "" {
		r.wrong("iuv", "is missing, and there is no segregationCode to issue one")
	}
	return it
}

// iupd is the row's, or is made of what tells its position from others: the same row
// always gets the same, so a file that is read twice makes nothing twice.
func (r *rowReader) iupd(ec ECCode) IUPD {
	if text := r.plain("iupd"); text != "" {
		return IUPD(text)
	}
	group := r.plain("group")
	if group == "" {
		r.wrong("iupd", "is missing")
		return ""
	}
	sum := sha256.Sum256([]byte(string(ec) + "\n" + strings.ToUpper(group)))
	const enough = 12 // bytes
	return IUPD("F-" + hex.EncodeToString(sum[:enough]))
}

func (r *rowReader) check(field string, err error) {
	if err != nil {
		r.wrong(field, err.Error())
	}
}

func (r *rowReader) flag(field string, otherwise bool) bool {
	text := r.plain(field)
	if text == "" {
		return otherwise
	}
	yes, err := sheetFlag(text)
	r.check(field, err)
	return yes
}

func (r *rowReader) debtor() Debtor {
	d := Debtor{
		Type: NaturalPerson, FullName: r.plain("fullName"), StreetName: r.plain("streetName"), CivicNumber: r.plain("civicNumber"), PostalCode: r.plain("postalCode"),
		City: r.plain("city"), Province: strings.ToUpper(r.plain("province")), Region: r.plain("region"), Country: strings.ToUpper(r.plain("country")),
		Email: r.plain("email"), Phone: r.plain("phone"),
	}
	const italian = 5
	if p := d.PostalCode; allDigits(p) && p != "" && len(p) < italian && (d.Country == "" || d.Country == "IT") {
		d.PostalCode = strings.Repeat("0", italian-len(p)) + p // eaten by the spreadsheet
	}
	if text := r.plain("fiscalCode"); text != "" {
		code, err := sheetFiscalCode(text)
		r.check("fiscalCode", err)
		d.FiscalCode = code
	}
	switch strings.ToUpper(r.plain("debtorType")) {
	case "F":
	case "G":
		d.Type = LegalPerson
	case "":
		if allDigits(d.FiscalCode) && d.FiscalCode != "" {
			d.Type = LegalPerson
		}
	default:
		r.wrong("debtorType", "must be F or G")
	}
	return d
}

func (r *rowReader) instalment(ec ECCode) Instalment {
	in := Instalment{Description: r.plain("description")}
	if text, number := r.text("amount"); text != "" {
		amount, err := sheetAmount(text, number, r.cents)
		r.check("amount", err)
		in.Amount = amount
	}
	if text := r.plain("dueDate"); text != "" {
		day, err := sheetDay(text)
		r.check("dueDate", err)
		if err == nil {
			in.DueDate = endOfRomanDay(day)
		}
	}
	if text, number := r.text("iuv"); text != "" {
		iuv, err := sheetNumber(text, number)
		r.check("iuv", err)
		in.IUV = IUV(iuv)
	}
	if text, number := r.text("nav"); text != "" {
		nav, err := sheetNumber(text, number)
		r.check("nav", err)
		in.NAV = NoticeNumber(nav)
		if in.IUV == "" && err == nil && len(nav) == 18 && nav[0] == '3' {
			in.IUV = IUV(nav[1:])
		}
	}
	t := Transfer{ID: 1, EC: ec, Amount: in.Amount, Category: r.plain("category"), RemittanceInformation: r.plain("remittanceInformation")}
	if t.RemittanceInformation == "" {
		t.RemittanceInformation = in.Description
	}
	t.IBAN, t.PostalIBAN = r.iban("iban"), r.iban("postalIban")
	in.Transfers = []Transfer{t}
	return in
}

func (r *rowReader) iban(field string) string {
	text := strings.ToUpper(strings.ReplaceAll(r.plain(field), " ", ""))
	if text == "" {
		return ""
	}
	_, err := ParseIBAN(text)
	r.check(field, err)
	return text
}
