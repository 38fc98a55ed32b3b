package api

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"nodobridge/bridge"
)

// csvPage is how many rows an export reads at once.
const csvPage = 500

// table writes CSV as Italian spreadsheets read it: semicolons, CRLF, UTF-8 with its
// mark. A value that a spreadsheet would run as a formula gets an apostrophe in front.
type table struct {
	w     *csv.Writer
	excel bool // long digits as ="…", so that a spreadsheet keeps them whole
}

func newTable(w io.Writer, excel bool) (*table, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	t := &table{csv.NewWriter(w), excel}
	t.w.Comma, t.w.UseCRLF = ';', true
	return t, nil
}

func (t *table) row(values ...string) error {
	cells := make([]string, len(values))
	for i, value := range values {
		cells[i] = t.cell(value)
	}
	return t.w.Write(cells)
}

// cell disarms a value (OWASP "CSV injection"): those that begin with a sign that starts
// a formula, and with blanks that hide one.
func (t *table) cell(value string) string {
	const exact = 15 // digits that a spreadsheet's number keeps
	if strings.Trim(value, "0123456789") == "" {
		if t.excel && (len(value) > exact || len(value) > 1 && value[0] == '0') {
			return `="` + value + `"`
		}
		return value
	}
	for line := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if text := strings.TrimSpace(line); text != "" && strings.ContainsAny(text[:1], "=+-@|%") {
			return "'" + value
		}
	}
	return value
}

func (t *table) end() error {
	t.w.Flush()
	return t.w.Error()
}

// euroText writes euro with a comma.
func euroText(c bridge.Cents) string { return strings.Replace(c.String(), ".", ",", 1) }

// dayText writes a day of Italy's calendar.
func dayText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(bridge.Rome()).Format("02/01/2006")
}

func (s *Server) exportPositions(ctx context.Context, c *call) (reply, error) {
	if err := c.only("debtor", "changedSince", "excel"); err != nil {
		return reply{}, err
	}
	q := bridge.PositionSearch{EC: c.ec, Debtor: strings.ToUpper(c.query.Get("debtor")), Limit: csvPage}
	var err error
	if text := c.query.Get("changedSince"); text != "" {
		if q.ChangedSince, _, err = moment(text); err != nil {
			return reply{}, c.constraint("changedSince", err.Error())
		}
	}
	excel, err := c.flag("excel")
	if err != nil {
		return reply{}, err
	}
	write := func(w io.Writer) error {
		t, err := newTable(w, excel)
		if err == nil {
			err = t.row("iupd", "stato", "ente", "codice_fiscale", "debitore", "codice_avviso", "iuv", "rata", "causale", "importo", "scadenza", "stato_rata", "pagato_il", "ricevuta")
		}
		if err != nil {
			return err
		}
		err = s.service.ExportPositions(ctx, c.by, q, t.position)
		if err != nil {
			return err
		}
		return t.end()
	}
	return reply{status: http.StatusOK, kind: kindCSV, header: fileName("posizioni", c.ec), stream: write}, nil
}

// position writes a row for each instalment.
func (t *table) position(p *bridge.Position) error {
	for i := range p.Options {
		o := &p.Options[i]
		for j := range o.Instalments {
			in := &o.Instalments[j]
			plan := "unica"
			if o.Plan {
				plan = fmt.Sprint(j + 1)
			}
			err := t.row(string(p.IUPD), string(p.Status), p.CompanyName, o.Debtor.FiscalCode, o.Debtor.FullName, string(in.NAV), string(in.IUV), plan, in.Description,
				euroText(in.Amount), dayText(in.DueDate), strings.TrimPrefix(string(in.Status), "PO_"), dayText(in.PaidAt), in.ReceiptID)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Server) exportReceipts(ctx context.Context, c *call) (reply, error) {
	if err := c.only("after", "excel"); err != nil {
		return reply{}, err
	}
	q := bridge.ReceiptsQuery{EC: c.ec, Limit: csvPage}
	var err error
	if q.After, err = c.cursor(); err != nil {
		return reply{}, err
	}
	excel, err := c.flag("excel")
	if err != nil {
		return reply{}, err
	}
	write := func(w io.Writer) error {
		t, err := newTable(w, excel)
		if err == nil {
			err = t.row("numero", "ricevuta", "codice_avviso", "iuv", "iupd", "esito", "importo", "commissione", "codice_fiscale", "psp", "metodo", "pagato_il", "accreditato_il", "ricevuta_il")
		}
		if err != nil {
			return err
		}
		err = s.service.ExportReceipts(ctx, c.by, q, func(r *bridge.NumberedReceipt) error {
			return t.row(fmt.Sprint(r.Number), r.ReceiptID, string(r.NAV), string(r.IUV), string(r.IUPD), string(r.Outcome), euroText(r.Amount), euroText(r.Fee),
				r.DebtorFiscalCode, r.PSPCompany, r.PaymentMethod, dayText(r.PaidAt()), r.TransferDate, dayText(r.ReceivedAt))
		})
		if err != nil {
			return err
		}
		return t.end()
	}
	return reply{status: http.StatusOK, kind: kindCSV, header: fileName("ricevute", c.ec), stream: write}, nil
}
