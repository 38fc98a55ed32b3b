package api_test

import (
	"net/http"
	"strings"
	"testing"

	"nodobridge/api"
)

const (
	titleBean      = "BAD REQUEST"
	titleSemantics = "Error in the debt position request data"
	titleUnique    = "The debt position violated constraints of uniqueness"
	option0        = "paymentOption.0."
	transfer0      = "paymentOption.0.transfer.0."
	stampJSON      = `{"hashDocument":"wHpFSLCGZjIvNSXxqtGbxg7275t446DRTk5ZrsdUQ6E=","stampType":"01","provincialResidence":"RM"}`
)

// TestCreate is gpd-api.md §8.1, each row by its number, the answer whole.
func TestCreate(t *testing.T) {
	t.Parallel()
	ten := make([]any, 11)
	for i := range ten {
		ten[i] = map[string]any{"key": strings.Repeat("k", i+1), "value": "v"}
	}
	tests := []struct {
		id     string
		query  string
		body   string
		status int
		answer string
	}{
		{"A1", "", minimal, 201, minimalAnswer},
		{"A2", "?toPublish=true", minimal, 201, edited(minimalAnswer, "status", "VALID", "validityDate", "2026-11-23T12:00:00")},
		{"A3", "?toPublish=true", edited(minimal, "validityDate", "2026-11-24T12:00:00"), 201, edited(minimalAnswer, "status", "PUBLISHED", "validityDate", "2026-11-24T12:00:00")},
		{"A4", "?toPublish=True", minimal, 201, edited(minimalAnswer, "status", "VALID", "validityDate", "2026-11-23T12:00:00")},
		{"A4 false in capitals", "?toPublish=FALSE", minimal, 201, minimalAnswer},
		{"A4 not a boolean", "?toPublish=maybe", minimal, 400, problem(400, titleBean, "Invalid value maybe for property toPublish")},
		{"A5", "", edited(minimal, option0+"nav", "CUSTOM_347000000000000012"), 201, edited(minimalAnswer, option0+"nav", "CUSTOM_347000000000000012")},
		{"A6", "", edited(minimal, "fullName", ""), 201, edited(minimalAnswer, "fullName", "")},
		{"A7", "", edited(minimal, "fullName", absent{}), 400, problem(400, titleBean, "fullName: full name is required")},
		{"A11", "", edited(minimal, option0+"amount", 1051), 400, problem(400, titleSemantics, "Amounts congruence error: payment option 47000000000000012 amount is 1051 cents and its transfers add up to 1050")},
		{"A12", "", edited(minimal, option0+"transfer", []any{object(transferJSON), object(transferJSON), object(transferJSON), object(transferJSON), object(transferJSON), object(transferJSON)}), 400,
			problem(400, titleSemantics, "Number of transfers error: payment option 47000000000000012 has 6, at most 5 are allowed")},
		{"A13", "", edited(minimal, transfer0+"idTransfer", "6"), 400, problem(400, titleSemantics, "Transfer ID congruence error: payment option 47000000000000012 has a transfer whose id is not 1 to 5")},
		{"A14", "", edited(minimal, option0+"retentionDate", "2026-12-30T00:00:00"), 400, problem(400, titleSemantics, "Dates congruence error: retention_date 2026-12-30T00:00:00 must not be before due_date 2026-12-31T22:59:59")},
		{"A15", "", edited(minimal, option0+"dueDate", "2026-11-22T00:00:00"), 400, problem(400, titleSemantics, "Dates congruence error: due_date 2026-11-22T00:00:00 must not be before validity_date 2026-11-23T12:00:00")},
		{"A16", "", edited(minimal, "validityDate", "2026-11-22T00:00:00"), 400, problem(400, titleSemantics, "Dates congruence error: validity_date 2026-11-22T00:00:00 must be later than now 2026-11-23T12:00:00")},
		{"A17", "", edited(minimal, "validityDate", "2027-01-01T00:00:00"), 400, problem(400, titleSemantics, "Dates congruence error: due_date 2026-12-31T22:59:59 must not be before validity_date 2027-01-01T00:00:00")},
		{"A18", "", edited(minimal, transfer0+"stamp", object(stampJSON)), 400, problem(400, titleSemantics, "Transfer congruence error: transfer 1 of payment option 47000000000000012 must have either an iban or a stamp")},
		{"A19", "", edited(minimal, transfer0+"iban", nil), 400, problem(400, titleSemantics, "Transfer congruence error: transfer 1 of payment option 47000000000000012 must have either an iban or a stamp")},
		{"A20", "", edited(minimal, transfer0+"iban", nil, transfer0+"stamp", object(stampJSON)), 201, edited(minimalAnswer, transfer0+"iban", nil, transfer0+"stamp", object(stampJSON))},
		{"A21", "", edited(minimal, transfer0+"iban", nil, transfer0+"stamp", object(stampJSON), transfer0+"postalIban", "IT60X0760111101000000123456"), 400,
			problem(400, titleSemantics, "Transfer congruence error: transfer 1 of payment option 47000000000000012 has a stamp and so no postalIban")},
		{"A22 postalIban empty", "", edited(minimal, transfer0+"postalIban", ""), 400, problem(400, titleBean, "paymentOption[0].transfer[0].postalIban: Postal IBAN must not contain spaces or special characters")},
		{"A22 postalIban with specials", "", edited(minimal, transfer0+"postalIban", "IT60X054281110!@#0000123456"), 400, problem(400, titleBean, "paymentOption[0].transfer[0].postalIban: Postal IBAN must not contain spaces or special characters")},
		{"A22 iban with a blank", "", edited(minimal, transfer0+"iban", "IT60 X0542811101000000123456"), 400, problem(400, titleBean, "paymentOption[0].transfer[0].iban: IBAN must not contain spaces or special characters")},
		{"A22 iban of 36", "", edited(minimal, transfer0+"iban", strings.Repeat("A", 36)), 400, problem(400, titleBean, "paymentOption[0].transfer[0].iban: IBAN must not contain spaces or special characters")},
		{"A22 postalIban kept", "", edited(minimal, transfer0+"postalIban", "IT60X0760111101000000123456"), 201, edited(minimalAnswer, transfer0+"postalIban", "IT60X0760111101000000123456")},
		{"A23", "", edited(minimal, "country", "it"), 400, problem(400, titleBean, "country: The country must be reported with two capital letters (example: IT)")},
		{"A24 eleven", "", edited(minimal, option0+"paymentOptionMetadata", ten), 400, problem(400, titleBean, "paymentOption[0].paymentOptionMetadata: size must be between 0 and 10")},
		{"A24 key twice", "", edited(minimal, option0+"paymentOptionMetadata", object(`[{"key":"a","value":"1"},{"key":"a","value":"2"}]`)), 400,
			problem(400, titleBean, "paymentOption[0].paymentOptionMetadata: paymentOptionMetadata keys must be unique")},
		{"A24 transfer key twice", "", edited(minimal, transfer0+"transferMetadata", object(`[{"key":"a","value":"1"},{"key":"a","value":"2"}]`)), 400,
			problem(400, titleBean, "paymentOption[0].transfer[0].transferMetadata: transferMetadata keys must be unique")},
		{"A25", "", edited(minimal, option0+"paymentOptionMetadata", nil, transfer0+"transferMetadata", nil), 201, minimalAnswer},
		{"A26", "", edited(minimal, option0+"paymentOptionMetadata", object(`[{"key":"NOTIFICATION_FEE","value":"1"}]`)), 409,
			problem(409, "The payment option contains reserved metadata", "metadata key NOTIFICATION_FEE of payment option 47000000000000012 is reserved")},
		{"A27", "", edited(minimal, option0+"amount", 0), 400, problem(400, titleBean, "paymentOption[0].amount: minimum amount is 1 eurocent")},
		{"A29", "", edited(minimal, transfer0+"organizationFiscalCode", "88888888888"), 201, edited(minimalAnswer, transfer0+"organizationFiscalCode", "88888888888")},
		{"A30", "", edited(minimal, "colour", "red", "IUPD", "another", transfer0+"x", object(`{"deep":[1.5e3,null,true,{}]}`)), 201, minimalAnswer},
		{"A31 absent", "", "", 400, problem(400, titleBean, "the request body cannot be read: it is empty, at byte 0")},
		{"A31 malformed", "", `{"iupd":`, 400, problem(400, titleBean, "the request body cannot be read: it ends too early, at byte 8 in iupd")},
		{"A32", "", edited(minimal, "type", "X"), 400, problem(400, titleBean, "type: must be F or G")},

		{"null transfers", "", edited(minimal, option0+"transfer", nil), 400, problem(400, titleSemantics, "Amounts congruence error: payment option 47000000000000012 amount is 1050 cents and its transfers add up to 0")},
		{"all violations at once", "", `{}`, 400, problem(400, titleBean,
			"iupd: iupd is required, type: type is required, fiscalCode: fiscal code is required, fullName: full name is required, switchToExpired: switch to expired value is required, companyName: company name is required")},
		{"violations of an option and a transfer", "", edited(minimal, "paymentOption", object(`[{"transfer":[{"stamp":{}}]}]`)), 400, problem(400, titleBean,
			"paymentOption[0].iuv: iuv is required, paymentOption[0].amount: amount is required, paymentOption[0].description: payment option description is required, "+
				"paymentOption[0].isPartialPayment: is partial payment is required, paymentOption[0].dueDate: due date is required, "+
				"paymentOption[0].transfer[0].idTransfer: id transfer is required, paymentOption[0].transfer[0].amount: amount is required, "+
				"paymentOption[0].transfer[0].remittanceInformation: remittance information is required, paymentOption[0].transfer[0].category: category is required, "+
				"paymentOption[0].transfer[0].stamp.hashDocument: must not be blank, paymentOption[0].transfer[0].stamp.stampType: must not be blank, "+
				"paymentOption[0].transfer[0].stamp.provincialResidence: must not be blank")},
		{"blank is missing, too long is refused", "", edited(minimal, "iupd", " \t", "companyName", strings.Repeat("è", 141), "email", "mario@"), 400, problem(400, titleBean,
			"iupd: iupd is required, email: Please provide a valid email address, companyName: size must be between 0 and 140")},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			s := newStation(t, api.Limits{})
			s.want(post(ours+tt.query, tt.body).with("Content-Type", "application/json; charset=UTF-8"), tt.status, tt.answer)
		})
	}
}

// TestCreate_NoOptions is gpd-api.md §6.1 row 4: a position that nobody can pay
// is accepted, and keeps its debtor.
func TestCreate_NoOptions(t *testing.T) {
	t.Parallel()
	for _, nothing := range []any{absent{}, nil, []any{}} {
		s := newStation(t, api.Limits{})
		s.want(post(ours, edited(minimal, "paymentOption", nothing)), http.StatusCreated, edited(minimalAnswer, "paymentOption", []any{}))
		s.want(get(one), http.StatusOK, edited(minimalView, "paymentOption", []any{}))
		s.want(get(ours), http.StatusOK, page(0, 10, 1, edited(minimalView, "paymentOption", []any{})))
		s.want(post(one+"/publish", ""), http.StatusOK, edited(minimalAnswer, "paymentOption", []any{}, "status", "VALID", "validityDate", "2026-11-23T12:00:00"))
	}
}

// TestCreate_EveryFieldComesBack is the whole request model in and out, with
// instants in the forms that are accepted (gpd-api.md §1.1 to §1.3, §1.6).
func TestCreate_EveryFieldComesBack(t *testing.T) {
	t.Parallel()
	edits := []any{
		"payStandIn", false, "streetName", "Via Roma", "civicNumber", "1/A", "postalCode", "00100", "city", "Roma", "province", "RM", "region", "Lazio", "country", "IT",
		"email", "mario.rossi@example.org", "phone", "06 123", "switchToExpired", true, "officeName", "Tributi <&> \u2028",
		option0 + "paymentOptionMetadata", object(`[{"key":"a","value":"1"}]`), transfer0 + "transferMetadata", object(`[{"key":"b","value":"2"}]`),
		transfer0 + "companyName", "Comune X",
	}
	s := newStation(t, api.Limits{})
	body := edited(minimal, append(edits, "validityDate", "2026-11-25T01:00:00.1200+01:00", option0+"dueDate", "2026-12-31T22:59Z", option0+"retentionDate", "2027-12-31T22:59:59.1234567",
		"status", "PAID", "paymentDate", 7, option0+"fee", "x", option0+"notificationFee", []any{})...)
	answer := edited(minimalAnswer, append(edits, "validityDate", "2026-11-25T00:00:00.120", option0+"dueDate", "2026-12-31T22:59:00", option0+"retentionDate", "2027-12-31T22:59:59.123456",
		"status", "PUBLISHED")...)
	s.want(post(ours+"?toPublish=true", body), http.StatusCreated, answer)
}

// TestCreate_Uniqueness is rows A8 to A10.
func TestCreate_Uniqueness(t *testing.T) {
	t.Parallel()
	taken := problem(409, titleUnique, "a debt position of organization 77777777777 has this iupd, or an iuv or nav of it")
	tests := []struct {
		id     string
		path   string
		body   string
		status int
		answer string
	}{
		{"A8", ours, minimal, 409, taken},
		{"A9 iuv", ours, edited(minimal, "iupd", "2", option0+"nav", "3x"), 409, taken},
		{"A9 nav", ours, edited(minimal, "iupd", "2", option0+"iuv", "other", option0+"nav", "347000000000000012"), 409, taken},
		{"A9 within one body", ours, edited(minimal, "iupd", "2", "paymentOption.1", object(optionJSON)), 409, problem(409, titleUnique, "iuv 47000000000000012 or its nav occurs twice in the debt position")},
		{"A10", theirs, minimal, 201, edited(minimalAnswer, transfer0+"organizationFiscalCode", "88888888888")},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			s := newStation(t, api.Limits{})
			s.created(ours, minimal)
			r := post(tt.path, tt.body)
			if tt.path == theirs {
				r = r.with("Ocp-Apim-Subscription-Key", s.otherKey)
			}
			s.want(r, tt.status, tt.answer)
		})
	}
}

// TestCreate_OptionsKeepTheirOrder: whole and partial options may alternate; the
// partial ones are one plan, and the answer has the request's order.
func TestCreate_OptionsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	var edits, answers []any
	for i, iuv := range []string{"part-1", "whole-1", "part-2", "whole-2"} {
		at := "paymentOption." + string(rune('0'+i))
		edits = append(edits, at, object(optionJSON), at+".iuv", iuv, at+".isPartialPayment", strings.HasPrefix(iuv, "part"))
		option := edited(minimalAnswer)
		answers = append(answers, at, object(option).(map[string]any)["paymentOption"].([]any)[0], at+".iuv", iuv, at+".nav", "3"+iuv, at+".isPartialPayment", strings.HasPrefix(iuv, "part"))
	}
	s.want(post(ours, edited(minimal, edits...)), http.StatusCreated, edited(minimalAnswer, answers...))
	stored := s.stored("77777777777-0001")
	if len(stored.Options) != 3 || !stored.Options[0].Plan || len(stored.Options[0].Instalments) != 2 {
		t.Errorf("stored as %d options, the first with %d instalments", len(stored.Options), len(stored.Options[0].Instalments))
	}
}

// TestCreate_RaceForOneNumber: of positions that want one IUV at once exactly one
// is made (style.md 27).
func TestCreate_RaceForOneNumber(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	const racers = 8
	type outcome struct {
		answer response
		err    error
	}
	outcomes := make(chan outcome, racers)
	for i := range racers {
		go func() {
			answer, err := s.send(post(ours, edited(minimal, "iupd", "racer-"+string(rune('a'+i)))))
			outcomes <- outcome{answer, err}
		}()
	}
	count := map[int]int{}
	for range racers {
		got := <-outcomes
		if got.err != nil {
			t.Error(got.err)
		}
		count[got.answer.status]++
	}
	if count[http.StatusCreated] != 1 || count[http.StatusConflict] != racers-1 {
		t.Errorf("statuses %v", count)
	}
}
