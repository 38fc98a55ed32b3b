package api

import (
	"context"
	"net/http"

	"nodobridge/bridge"
)

// templateView is a form of notice. We have no files of pagoPA's templates to hand out:
// the forms are drawn by this program.
type templateView struct {
	ID          string `json:"templateId"`
	Description string `json:"description"`
	ExampleURL  string `json:"templateExampleUrl"`
}

// templateDetail also shows a request; its example is what that gives.
type templateDetail struct {
	templateView
	Request *printRequest `json:"exampleRequest"`
}

func (s *Server) templateView(c *call, t *bridge.PrintTemplate) templateView {
	return templateView{ID: t.ID, Description: t.Description, ExampleURL: s.origin(c.request) + noticesPath + "/templates/" + t.ID + "/example"}
}

func (s *Server) templates(_ context.Context, c *call) (reply, error) {
	list := []templateView{}
	for _, t := range bridge.PrintTemplates() {
		list = append(list, s.templateView(c, &t))
	}
	return reply{status: http.StatusOK, body: list}, nil
}

func (s *Server) template(_ context.Context, c *call) (reply, error) {
	t, err := bridge.PrintTemplateOf(c.given)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: templateDetail{s.templateView(c, &t), exampleOf(&t)}}, nil
}

// templateExample draws what the example's request gives, for an institution that nobody
// has configured.
func (s *Server) templateExample(_ context.Context, c *call) (reply, error) {
	t, err := bridge.PrintTemplateOf(c.given)
	if err != nil {
		return reply{}, err
	}
	if s.printer == nil {
		return reply{}, errNoPrinter
	}
	v := &violations{}
	order := exampleOf(&t).order(v, "")
	if err := v.err(); err != nil {
		return reply{}, err
	}
	file, err := s.printer.Notice(order.Example(exampleInstitution()))
	if err != nil {
		return reply{}, s.notPrinted(c, "", err)
	}
	return document(file, "esempio-"+t.ID+".pdf"), nil
}

// exampleInstitution is invented, as are the person and the numbers below.
func exampleInstitution() bridge.CreditorInstitution {
	return bridge.CreditorInstitution{
		Code: "99999000013", Name: "Comune di Esempio", CBILL: "ESEMP", PostalAccount: "1", PostalAuthorization: "AUT. DI ESEMPIO, NON VALIDA",
		Print: bridge.PrintProfile{Info: "www.comune.example.it"},
	}
}

// exampleOf is a request for the template.
func exampleOf(t *bridge.PrintTemplate) *printRequest {
	text := func(s string) *string { return &s }
	number := func(n int64) *int64 { return &n }
	part := func(n int64, amount int64) printPartRequest {
		nav, err := bridge.NewNoticeNumber("01", n)
		if err != nil {
			panic("api: an example has no number: " + err.Error())
		}
		return printPartRequest{Amount: number(amount), Code: text(string(nav)), DueDate: text("31/12/2099")}
	}
	notice := &printNoticeRequest{Subject: text("Oggetto di esempio")}
	first, second := part(1, 12000), part(2, 8400)
	switch {
	case t.Fine:
		first.DueDate, second.DueDate = nil, nil
		notice.Reduced, notice.Discounted = &first, &second
	default:
		notice.Code, notice.Amount, notice.DueDate = first.Code, first.Amount, first.DueDate
	}
	for i := range t.Min {
		notice.Instalments = append(notice.Instalments, part(int64(i)+2, 12000/int64(t.Min)))
	}
	return &printRequest{TemplateID: text(t.ID), Data: &printDataRequest{
		Notice: notice, Institution: &printInstitutionRequest{TaxCode: text("99999000013")},
		Debtor: &printDebtorRequest{TaxCode: text("RSSMRA80A01H501U"), FullName: text("Mario Rossi"), Address: text("Via di Esempio"), BuildingNumber: text("1"), PostalCode: text("00100"), City: text("Roma"), Province: text("RM")},
	}}
}
