package api_test

import (
	"fmt"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

const (
	oursV3 = "/gpd/debt-positions-service/v3/organizations/77777777777/debtpositions"
	oneV3  = oursV3 + "/77777777777-0001"

	debtorJSON     = `{"type":"F","fiscalCode":"RSSMRA80A01H501U","fullName":"Mario Rossi"}`
	debtorV3Answer = `{"type":"F","fiscalCode":"RSSMRA80A01H501U","fullName":"Mario Rossi","streetName":null,"civicNumber":null,"postalCode":null,"city":null,"province":null,
		"region":null,"country":null,"email":null,"phone":null}`
	instalmentJSON = `{"iuv":"47000000000000012","amount":1050,"description":"TARI 2026","dueDate":"2026-12-31T22:59:59","transfer":[` + transferJSON + `]}`
	minimalV3      = `{"iupd":"77777777777-0001","companyName":"Comune X","paymentOption":[{"description":"Unica soluzione","switchToExpired":false,"debtor":` + debtorJSON + `,"installments":[` + instalmentJSON + `]}]}`

	instalmentV3Answer = `{"nav":"347000000000000012","iuv":"47000000000000012","amount":1050,"description":"TARI 2026","dueDate":"2026-12-31T22:59:59","fee":0,"notificationFee":0,
		"status":"UNPAID","transfer":[` + transferAnswer + `],"installmentMetadata":[]}`
	minimalV3Answer = `{"iupd":"77777777777-0001","payStandIn":true,"companyName":"Comune X","officeName":null,"paymentDate":null,"status":"DRAFT","paymentOption":[{
		"validityDate":null,"retentionDate":null,"switchToExpired":false,"debtor":` + debtorV3Answer + `,"installments":[` + instalmentV3Answer + `]}]}`
	minimalV3View = `{"iupd":"77777777777-0001","organizationFiscalCode":"77777777777","companyName":"Comune X","officeName":null,"insertedDate":"2026-11-23T12:00:00","publishDate":null,
		"paymentDate":null,"status":"DRAFT","lastUpdatedDate":"2026-11-23T12:00:00","paymentOption":[{"switchToExpired":false,"retentionDate":null,"insertedDate":"2026-11-23T12:00:00",
		"validityDate":null,"debtor":` + debtorV3Answer + `,"installments":[{"nav":"347000000000000012","iuv":"47000000000000012","organizationFiscalCode":"77777777777","amount":1050,
		"description":"TARI 2026","dueDate":"2026-12-31T22:59:59","paymentDate":null,"reportingDate":null,"paymentMethod":null,"pspCompany":null,"fee":0,"notificationFee":0,"idReceipt":null,
		"idFlowReporting":null,"status":"UNPAID","lastUpdatedDate":"2026-11-23T12:00:00","installmentMetadata":[],"transfer":[{
		"organizationFiscalCode":"77777777777","companyName":null,"idTransfer":"1","amount":1050,"remittanceInformation":"TARI 2026","category":"9/0101108TS/",
		"iban":"IT60X0542811101000000123456","postalIban":null,"stamp":null,"insertedDate":"2026-11-23T12:00:00","status":"T_UNREPORTED",
		"lastUpdatedDate":"2026-11-23T12:00:00","transferMetadata":[]}]}]}]}`
	instalment0 = "paymentOption.0.installments.0."
)

// plans is a position of version 3 with two plans of two instalments each, which are
// given out of the order of their due dates.
func plans() string {
	plan := func(first int, due string) any {
		option := object(edited(minimalV3, "paymentOption.0.installments.1", object(instalmentJSON))).(map[string]any)["paymentOption"].([]any)[0]
		text := edited(`{"o":0}`, "o", option)
		for i := range 2 {
			at := fmt.Sprintf("o.installments.%d.", i)
			text = edited(text, at+"iuv", fmt.Sprintf("470000000000%05d", first+i), at+"dueDate", due)
		}
		return object(text).(map[string]any)["o"]
	}
	return edited(minimalV3, "paymentOption", []any{plan(20, "2027-03-31T00:00:00"), plan(10, "2027-01-31T00:00:00")})
}

// TestCreateV3 is rows F1 and F2 and the form of version 3.
func TestCreateV3(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		id     string
		query  string
		body   string
		status int
		answer string
	}{
		{"minimal", "", minimalV3, 201, minimalV3Answer},
		{"published", "?toPublish=true", minimalV3, 201, edited(minimalV3Answer, "status", "VALID", "paymentOption.0.validityDate", "2026-11-23T12:00:00")},
		{"pay stand in kept", "", edited(minimalV3, "payStandIn", false), 201, edited(minimalV3Answer, "payStandIn", false)}, // gpd-api.md §6.1 row 11
		{"F1", "", edited(minimalV3, "paymentOption.0.installments", []any{}), 400, problem(400, titleBean, "paymentOption[0].installments: size must be between 1 and 100")},
		{"F1 absent", "", edited(minimalV3, "paymentOption.0.installments", absent{}), 400, problem(400, titleBean, "paymentOption[0].installments: size must be between 1 and 100")},
		{"F2", "", edited(minimalV3, "paymentOption.0.installments.1", object(instalmentJSON)), 400, problem(400, titleBean, "paymentOption[0].installments[1].iuv: must occur once in the debt position")},
		{"no options", "", edited(minimalV3, "paymentOption", []any{}), 400, problem(400, titleBean, "paymentOption: size must be between 1 and 100")},
		{"no debtor", "", edited(minimalV3, "paymentOption.0.debtor", nil), 400, problem(400, titleBean, "paymentOption[0].debtor: debtor is required")},
		{"debtor of an unknown type", "", edited(minimalV3, "paymentOption.0.debtor.type", "X"), 400, problem(400, titleBean, "paymentOption[0].debtor.type: must be F or G")},
		{"no transfer", "", edited(minimalV3, instalment0+"transfer", []any{}), 400, problem(400, titleBean, "paymentOption[0].installments[0].transfer: size must be at least 1")},
		{"metadata without a value", "", edited(minimalV3, instalment0+"installmentMetadata", object(`[{"key":"k"}]`)), 201,
			edited(minimalV3Answer, instalment0+"installmentMetadata", object(`[{"key":"k","value":""}]`))},
		{"unknown member", "", edited(minimalV3, "serviceType", "GPD"), 201, minimalV3Answer},
		{"semantics", "", edited(minimalV3, instalment0+"amount", 7), 400,
			problem(400, titleSemantics, "Amounts congruence error: payment option 47000000000000012 amount is 7 cents and its transfers add up to 1050")},
		{"segregation", "?segregationCodes=99", minimalV3, 403, problem(403, titleForbidden, "debt position 77777777777-0001 of organization 77777777777 has a payment option outside of the segregation codes")},
	} {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			newStation(t, api.Limits{}).want(post(oursV3+tt.query, tt.body), tt.status, tt.answer)
		})
	}
}

// TestV3 walks through a position's life, as far as version 3 differs.
func TestV3(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.want(get(oneV3), 404, unknown("77777777777-0001"))
	s.created(oursV3, minimalV3)
	s.want(get(oneV3), 200, minimalV3View) // row F3: no description of the option
	s.want(get(oursV3), 200, page(0, 10, 1, minimalV3View))
	if got := s.stored("77777777777-0001").Options[0].Description; got != "Unica soluzione" {
		t.Errorf("description %q", got)
	}
	s.want(post(oneV3+"/publish", ""), 200, edited(minimalV3Answer, "status", "VALID", "paymentOption.0.validityDate", "2026-11-23T12:00:00"))
	// Row F3: the description of the option is what the payer reads.
	offers, err := s.service.PaymentOptions(t.Context(), string(ourEC), "347000000000000012")
	if err != nil || offers.Options[0].Description != "Unica soluzione" {
		t.Errorf("offered %+v, %v", offers, err)
	}
	s.want(post(oneV3+"/publish", ""), 409, problem(409, "Existing related payment found or not in publishable state", "the debt position is VALID, not DRAFT"))
	s.want(replace(oneV3, edited(minimalV3, "companyName", "Comune Y")), 200, edited(minimalV3Answer, "companyName", "Comune Y"))
	s.want(replace(oneV3, edited(minimalV3, "iupd", "b")), 400, problem(400, titleBean, "iupd: the path names another debt position than the body"))
	s.want(replace(oneV3+"?toPublish=true", minimalV3), 200, edited(minimalV3Answer, "status", "VALID", "paymentOption.0.validityDate", "2026-11-23T12:00:00"))
	// Row F5: what can no longer be paid is UNPAYABLE.
	s.want(post(oneV3+"/invalidate", ""), 200, edited(minimalV3Answer, "status", "UNPAYABLE", "paymentOption.0.validityDate", "2026-11-23T12:00:00"))
	s.want(replace(oneV3, minimalV3), 409, problem(409, titleUpdatable, "the debt position is INVALID"))
	unpayable := edited(minimalV3View, "status", "UNPAYABLE", "publishDate", "2026-11-23T12:00:00", "paymentOption.0.validityDate", "2026-11-23T12:00:00")
	s.want(get(oursV3+"?status=UNPAYABLE"), 200, page(0, 10, 1, unpayable))
	s.want(get(oursV3+"?status=VALID"), 200, page(0, 10, 0))
	s.want(get(oursV3+"?status=EXPIRED"), 400, problem(400, titleBean, "Invalid value EXPIRED for property status"))
	s.want(get(oursV3+"?due_date_from=2026-12-01&payment_date_from=2026-12-01"), 400, problem(400, "Exclusive Parameters", "the intervals due_date and payment_date exclude one another"))
	s.want(remove(oneV3), 200, `"The debt position was successfully deleted"`)
}

// TestV3_Reported is row F5: what the reporting flow has shown is PAID.
func TestV3_Reported(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(oursV3+"?toPublish=true", minimalV3)
	s.edit("77777777777-0001", func(p *bridge.Position) {
		in := &p.Options[0].Instalments[0]
		p.Status, p.PaidAt, in.Status, in.PaidAt, in.Transfers[0].Status = bridge.Reported, testkit.Noon, bridge.InstalmentReported, testkit.Noon, bridge.TransferReported
	})
	reported := edited(minimalV3View, "status", "PAID", "publishDate", "2026-11-23T12:00:00", "paymentDate", "2026-11-23T12:00:00", "paymentOption.0.validityDate", "2026-11-23T12:00:00",
		instalment0+"status", "REPORTED", instalment0+"paymentDate", "2026-11-23T12:00:00", instalment0+"transfer.0.status", "T_REPORTED")
	s.want(get(oneV3), 200, reported)
	s.want(get(oursV3+"?status=PAID"), 200, page(0, 10, 1, reported)) // gpd-api.md §6.1 row 10
}

// TestV3_PublishMixed is row F4: one option's validity open, the other's ahead.
func TestV3_PublishMixed(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	second := object(edited(minimalV3, instalment0+"iuv", "47000000000000113", "paymentOption.0.validityDate", tomorrow)).(map[string]any)["paymentOption"].([]any)[0]
	s.created(oursV3, edited(minimalV3, "paymentOption.1", second))
	s.do(post(oneV3+"/publish", ""))
	p := s.stored("77777777777-0001")
	if p.Status != bridge.Valid || !p.Options[0].ValidFrom.Equal(testkit.Noon) || !p.Options[1].ValidFrom.Equal(testkit.Noon.Add(24*time.Hour)) {
		t.Errorf("%s, valid from %s and %s", p.Status, p.Options[0].ValidFrom, p.Options[1].ValidFrom)
	}
}

// TestV3_SeenByV1 is rows B3 and F6: a position of several plans has no view in
// version 1, one with one plan and a whole amount has.
func TestV3_SeenByV1(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(oursV3, plans())
	multi := problem(422, "MULTI_INSTALLMENT_NOT_SUPPORTED_IN_V1", "debt position 77777777777-0001 of organization 77777777777 has several instalment plans, which version 1 cannot show")
	s.want(get(one), 422, multi)
	s.want(get(ours), 200, page(0, 10, 1))
	view := object(s.do(get(oneV3)).body).(map[string]any)["paymentOption"].([]any)
	if len(view) != 2 || view[0].(map[string]any)["installments"].([]any)[0].(map[string]any)["iuv"] != "47000000000000010" {
		t.Errorf("the option due first does not come first: %v", view)
	}
	s.want(remove(one), 200, `"The debt position was successfully deleted"`)

	onePlan := object(plans()).(map[string]any)["paymentOption"].([]any)[0]
	s.created(oursV3, edited(minimalV3, "paymentOption.1", onePlan))
	flat := object(s.do(get(one)).body).(map[string]any)["paymentOption"].([]any)
	var partial []any
	for _, o := range flat {
		partial = append(partial, o.(map[string]any)["isPartialPayment"])
	}
	if fmt.Sprint(partial) != "[false true true]" {
		t.Errorf("flat view of %v", partial)
	}
}
