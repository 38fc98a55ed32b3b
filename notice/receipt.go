package notice

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"nodobridge/bridge"
	"nodobridge/notice/pdf"
)

// receipt is a receipt ("quietanza") in the making: no official layout exists, the law's
// minimum content does (notices.md §7).
type receipt struct {
	*sheet
	r *bridge.Receipt
	d *bridge.ReceiptDetail
	y float64
}

// Receipt makes the PDF of a payment's receipt. Only a payment that was made has one.
func (p *Printer) Receipt(ec *bridge.CreditorInstitution, r *bridge.Receipt, d *bridge.ReceiptDetail) ([]byte, error) {
	if r.Outcome != bridge.OutcomeOK {
		return nil, &bridge.Error{Code: bridge.CodeNotPrintable, Detail: "the receipt does not attest a payment: its outcome is not OK"}
	}
	named := *ec
	if d.CompanyName != "" {
		named.Name = d.CompanyName
	}
	s, err := p.open(&named, p.words[italian].say("receipt_document", "iuv", string(r.IUV)), "")
	if err != nil {
		return nil, err
	}
	q := &receipt{sheet: s, r: r, d: d}
	q.header("receipt_title")
	q.subject(q.at.Add(pdf.RoleTitle), orElse(clean(d.Description), s.it.say("receipt_document", "iuv", string(r.IUV))))
	q.y = firstBar
	q.parties()
	q.payment()
	q.transfers()
	q.proof()
	return s.doc.Bytes()
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// wide begins a section over the whole width.
func (q *receipt) wide(key string) {
	q.room(30)
	q.bar(bar{x: 0, y: q.y, width: pdf.PageWidth, height: 7.94, textX: left, title: q.it.say(key)})
	q.y += 15
}

// room turns the page when less than so much is left.
func (q *receipt) room(need float64) {
	if q.y+need > bottom {
		q.header("receipt_title")
		q.y = firstBar
	}
}

// item is a label and what is known of it; nothing is printed of an empty one.
type item struct {
	key, value string
	large      bool
}

// items sets a row of them side by side and goes below the tallest.
func (q *receipt) items(columns []float64, list ...item) {
	drop := 0.0
	for i, it := range list {
		value := clean(it.value)
		if value == "" {
			continue
		}
		end := right
		if i+1 < len(columns) {
			end = columns[i+1] - 3
		}
		in := q.at.Add(pdf.RoleText)
		q.write(in, style{size: 8}, columns[i], q.y, q.it.say(it.key)+" ")
		st, pitch := style{face: bold, size: 9}, 4.1
		if it.large {
			st, pitch = style{face: bold, size: 14}, 6.1
		}
		last := q.paragraph(in, st, area{columns[i], q.y + pitch, end - columns[i], pitch}, value)
		drop = max(drop, last-q.y)
	}
	if drop > 0 {
		q.y += drop + 6.2
	}
}

var (
	twoItems   = []float64{left, middle}
	threeItems = []float64{left, 78, 141}
)

func (q *receipt) parties() {
	y := q.y
	q.half(y, false, q.it.say("receipt_parties"), "", leftEnd)
	q.writeRight(q.at.Add(pdf.RoleText), style{face: mono, size: 8}, leftEnd, y+titleDrop, q.it.say("fiscal_code")+" "+upper(string(q.r.PrimaryEC)))
	end := q.paragraph(q.at.Add(pdf.RoleText), style{face: bold, size: 12}, area{left, y + 15, leftEnd - left, 5.4}, clean(q.d.CompanyName))
	if office := clean(q.d.OfficeName); office != "" {
		end = q.paragraph(q.at.Add(pdf.RoleText), style{size: 10}, area{left, end + 6, leftEnd - left, 4.6}, office)
	}
	q.half(y, true, q.it.say("receipt_payer"), "", right)
	below := y + 15
	for _, who := range []struct {
		key    string
		person bridge.ReceiptPerson
	}{{"receipt_who", q.d.Payer}, {"receipt_debtor", q.d.Debtor}} {
		name, code := clean(who.person.Name), upper(who.person.Code)
		if name == "" && code == "" || code == "ANONIMO" {
			continue
		}
		in := q.at.Add(pdf.RoleText)
		q.write(in, style{size: 8}, middle, below, q.it.say(who.key)+" ")
		below = q.paragraph(in, style{face: bold, size: 10}, area{middle, below + 4.4, right - middle, 4.4}, name)
		q.write(in, style{face: mono, size: 8}, middle, below+4, code)
		below += 9.5
	}
	q.y = max(end+10, below+2)
}

// payment is the minimum content, item by item.
func (q *receipt) payment() {
	r := q.r
	q.wide("receipt_payment")
	when, arrival := moment(r.PaymentDateTime), ""
	if when == "" {
		when, arrival = q.it.say("receipt_unknown"), r.ReceivedAt.In(bridge.Rome()).Format("02/01/2006, 15:04:05")
	}
	q.items(threeItems, item{"receipt_amount", euros(r.Amount) + " " + q.it.say("euro"), true}, item{"receipt_moment", when, true}, item{"receipt_outcome", string(r.Outcome), true})
	fee, total := "", ""
	if r.Fee > 0 {
		fee, total = euros(r.Fee)+" "+q.it.say("euro"), euros(r.Amount.Plus(r.Fee))+" "+q.it.say("euro")
	}
	q.items(threeItems, item{key: "receipt_fee", value: fee}, item{key: "receipt_total", value: total}, item{key: "receipt_application", value: orElse(day(bridge.Day(r.ApplicationDate)), "")})
	q.items(twoItems, item{key: "receipt_arrival", value: arrival})
	q.items(threeItems, item{key: "receipt_iuv", value: string(r.IUV)}, item{key: "receipt_nav", value: r.NAV.Printed()}, item{key: "receipt_id", value: r.ReceiptID})
	codes := strings.Join(nonEmpty(r.PSPFiscalCode, unequal(r.PSPFiscalCode, q.d.PSPVATCode)), " / ")
	q.items(twoItems, item{key: "receipt_psp", value: strings.Join(nonEmpty(r.PSPCompany, parenthesised(r.PSPCode)), " ")}, item{key: "receipt_psp_code", value: codes})
	q.items(twoItems, item{key: "receipt_method", value: r.PaymentMethod}, item{key: "receipt_channel", value: q.d.Channel})
}

func nonEmpty(list ...string) []string {
	var out []string
	for _, text := range list {
		if text != "" {
			out = append(out, text)
		}
	}
	return out
}

func parenthesised(text string) string {
	if text == "" {
		return ""
	}
	return "(" + text + ")"
}

// unequal drops a second text that says the same.
func unequal(first, second string) string {
	if first == second {
		return ""
	}
	return second
}

// moment writes a receipt's own time as Italians do; "" when it has none.
func moment(text string) string {
	at := bridge.ParseWireTime(text)
	if at.IsZero() {
		return ""
	}
	return at.In(bridge.Rome()).Format("02/01/2006, 15:04:05")
}

// Columns of the table of transfers.
var transferColumns = []struct {
	key  string
	x, w float64
}{{"receipt_number", left, 8}, {"receipt_beneficiary", 20, 50}, {"receipt_reason", 73, 56}, {"receipt_account", 132, 42}, {"receipt_share", 177, 23}}

// transfers is the table of who got what. The EC's own share is bold, since each
// beneficiary gets the receipt of the whole payment.
func (q *receipt) transfers() {
	if len(q.d.Transfers) == 0 {
		return
	}
	q.wide("receipt_details")
	table := q.at.Add(pdf.RoleTable)
	q.row(table, pdf.RoleHeader, style{size: 7}, [5]string{
		q.it.say("receipt_number"), q.it.say("receipt_beneficiary"), q.it.say("receipt_reason"), q.it.say("receipt_account"), q.it.say("receipt_share"),
	})
	for i := range q.d.Transfers {
		t := &q.d.Transfers[i]
		st := style{size: 8}
		if t.EC == q.r.EC {
			st.face = bold
		}
		account := t.IBAN
		if account == "" {
			account = q.it.say("receipt_stamp")
		}
		name := clean(t.CompanyName)
		if name == "" && t.EC == q.r.PrimaryEC {
			name = clean(q.d.CompanyName)
		}
		q.row(table, pdf.RoleCell, st, [5]string{strconv.Itoa(t.ID), strings.Join(nonEmpty(name, string(t.EC)), " - "), strings.Join(nonEmpty(clean(t.RemittanceInformation), clean(t.Category)), " - "), account, euros(t.Amount)})
	}
	q.y += 4
}

func (q *receipt) row(table *pdf.Element, role pdf.Role, st style, cells [5]string) {
	lines := 1
	for i, text := range cells {
		lines = max(lines, len(q.printer.lines(st, transferColumns[i].w, text)))
	}
	height := float64(lines) * 3.6
	q.room(height)
	row := table.Add(pdf.RoleRow)
	for i, text := range cells {
		cell, column := row.Add(role), transferColumns[i]
		if i == len(cells)-1 {
			q.writeRight(cell, st, right, q.y, text)
			continue
		}
		q.paragraph(cell, st, area{column.x, q.y, column.w, 3.6}, text)
	}
	q.y += height + 2
}

// proof names the bytes that prove the payment, so that who has the duplicate can tell
// that it is this one.
func (q *receipt) proof() {
	q.room(45)
	q.wide("receipt_proof")
	sum := sha256.Sum256(q.r.Raw)
	in := q.at.Add(pdf.RoleText)
	q.write(in, style{size: 8}, left, q.y, q.it.say("receipt_hash")+" ")
	q.write(in, style{face: mono, size: 8}, left, q.y+4.4, hex.EncodeToString(sum[:]))
	q.rich(q.at.Add(pdf.RoleText), style{size: 8}, area{left, q.y + 10.5, right - left, 3.8}, q.it.say("receipt_note"))
}
