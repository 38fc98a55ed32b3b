package soap

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"nodobridge/bridge"
)

// optionsOperation is the name in the log and the metrics of "Opzioni di
// pagamento": the node's platform asks by REST, on the node's listener, for every
// way of paying a debt (soap-node.md §3).
const optionsOperation = "paymentOptions"

const contentTypeJSON = "application/json"

// odpError is an error of openapi orgs_payment_options.json: what the platform
// does not find in this form it replaces with PAA_SYSTEM_ERROR and an alert.
type odpError struct {
	fault  string
	code   string // appErrorCode
	status int    // goes with the code, always
}

// odpErrors is the whole table of soap-node.md §3.
var odpErrors = []odpError{
	{"PAA_SINTASSI", "ODP-101", http.StatusBadRequest},
	{"PAA_SEMANTICA", "ODP-102", http.StatusUnprocessableEntity},
	{"PAA_SYSTEM_ERROR", "ODP-103", http.StatusInternalServerError},
	{"PAA_ID_DOMINIO_ERRATO", "ODP-104", http.StatusBadRequest},
	{"PAA_ID_INTERMEDIARIO_ERRATO", "ODP-105", http.StatusBadRequest},
	{"PAA_STAZIONE_INT_ERRATA", "ODP-106", http.StatusBadRequest},
	{"PAA_PAGAMENTO_SCONOSCIUTO", "ODP-107", http.StatusNotFound},
	{"PAA_PAGAMENTO_DUPLICATO", "ODP-108", http.StatusConflict},
	{"PAA_PAGAMENTO_IN_CORSO", "ODP-109", http.StatusConflict},
	{"PAA_PAGAMENTO_SCADUTO", "ODP-110", http.StatusUnprocessableEntity},
	{"PAA_PAGAMENTO_ANNULLATO", "ODP-111", http.StatusUnprocessableEntity},
}

// faultSyntaxOptions is the only fault that SOAP does not have.
var faultSyntaxOptions = fault{code: "PAA_SINTASSI", text: "Errore di sintassi"}

// optionsError is the body of every refusal (openapi ErrorResponse).
type optionsError struct {
	HTTPStatusCode        int    `json:"httpStatusCode"`
	HTTPStatusDescription string `json:"httpStatusDescription"`
	AppErrorCode          string `json:"appErrorCode"`
	ErrorMessage          string `json:"errorMessage"` // begins with the fault's code
	Timestamp             int64  `json:"timestamp"`    // seconds since 1970
	DateTime              string `json:"dateTime"`
}

// optionsAnswer is openapi PaymentOptionsResponse.
type optionsAnswer struct {
	OrganizationFiscalCode string            `json:"organizationFiscalCode"`
	CompanyName            string            `json:"companyName"`
	OfficeName             string            `json:"officeName,omitempty"`
	StandIn                bool              `json:"standin"`
	PaymentOptions         []optionsOfOption `json:"paymentOptions"`
}

// optionsOfOption is openapi PaymentOption; amounts are cents.
type optionsOfOption struct {
	Description          string                `json:"description,omitempty"`
	NumberOfInstallments int                   `json:"numberOfInstallments"`
	Amount               int64                 `json:"amount"`
	DueDate              string                `json:"dueDate,omitempty"`
	ValidFrom            string                `json:"validFrom,omitempty"`
	Status               string                `json:"status"`
	StatusReason         string                `json:"statusReason"`
	AllCCP               bool                  `json:"allCCP"`
	Installments         []optionsOfInstalment `json:"installments"`
}

// optionsOfInstalment is openapi Installment.
type optionsOfInstalment struct {
	NAV          string `json:"nav"`
	IUV          string `json:"iuv"`
	Amount       int64  `json:"amount"`
	Description  string `json:"description,omitempty"`
	DueDate      string `json:"dueDate,omitempty"`
	ValidFrom    string `json:"validFrom,omitempty"`
	Status       string `json:"status"`
	StatusReason string `json:"statusReason"`
}

// offerReasons are what a payer may be shown.
var offerReasons = map[bridge.OfferState]string{
	bridge.OfferUnpaid:            "Da pagare",
	bridge.OfferPaid:              "Pagato",
	bridge.OfferPartiallyPaid:     "Pagato in parte",
	bridge.OfferExpiredNotPayable: "Scaduto, non più pagabile",
	bridge.OfferExpiredUnpaid:     "Scaduto, ancora pagabile",
	bridge.OfferInvalid:           "Non pagabile: è stata scelta un'altra opzione di pagamento",
}

const reasonCancelled = "Non pagabile: la posizione debitoria è stata annullata"

// optionsTarget reads {prefix}/payment-options/organizations/{ec}/notices/{nav};
// ok is false for any other path, and for all when the service is off. The
// platform appends the path to the station's rest_endpoint (soap-node.md §3).
func (s *Server) optionsTarget(path string) (ec, nav string, ok bool) {
	if s.options == "" {
		return "", "", false
	}
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(s.options, "/")+"/payment-options/organizations/")
	if !ok {
		return "", "", false
	}
	ec, nav, ok = strings.Cut(rest, "/notices/")
	return ec, nav, ok && !strings.Contains(ec, "/") && !strings.Contains(nav, "/")
}

// paymentOptions answers one call. A body is none of the contract's and not read.
func (x *exchange) paymentOptions(ec, nav string) {
	x.record.Operation = optionsOperation
	if x.request.Method != http.MethodPost {
		x.allow = http.MethodPost
		x.plain(http.StatusMethodNotAllowed, "payment options are asked for by POST")
		return
	}
	x.record.address(bridge.Addressee{EC: ec})
	x.record.Notice = x.server.spare.noticeHash(nav)
	if !x.enterBridge() {
		x.refuseOptions(faultOverloaded)
		return
	}
	defer x.leaveBridge()
	ctx, cancel := context.WithTimeout(x.request.Context(), x.server.limits.ReadDeadline)
	defer cancel()
	answer, err := x.server.service.PaymentOptions(ctx, ec, nav)
	if err != nil {
		x.record.Err = err
		x.refuseOptions(optionsFaultOf(err))
		return
	}
	x.record.Outcome = "OK"
	x.json(http.StatusOK, optionsOf(answer))
}

// crashed answers a call that panicked in the form that its caller can read.
func (x *exchange) crashed() {
	if x.record.Operation == optionsOperation {
		x.refuseOptions(faultSystem)
		return
	}
	x.fail("Server", "internal error")
}

func optionsFaultOf(err error) fault {
	var refusal *bridge.Error
	if !errors.As(err, &refusal) || refusal.Code != bridge.CodeInvalid {
		return faultOf(err)
	}
	f := faultSyntaxOptions
	f.description = cut(refusal.Field + ": " + refusal.Detail)
	return f
}

// odp is the row of a fault; one without a row is a system error.
func (f fault) odp() (fault, odpError) {
	for _, row := range odpErrors {
		if row.fault == f.code {
			return f, row
		}
	}
	return faultSystem.odp()
}

// refuseOptions makes the six fields of an error. The official example's timestamp
// and dateTime are the same instant only if the latter is UTC.
func (x *exchange) refuseOptions(f fault) {
	f, row := f.odp()
	message := f.code + " " + f.text
	if f.description != "" {
		message += ": " + f.description
	}
	x.record.Outcome, x.record.FaultCode = "KO", row.code
	x.json(row.status, optionsError{
		HTTPStatusCode: row.status, HTTPStatusDescription: http.StatusText(row.status), AppErrorCode: row.code, ErrorMessage: message,
		Timestamp: x.record.Start.Unix(), DateTime: localDateTime(x.record.Start),
	})
}

func (x *exchange) json(status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		panic("cannot write a fixed structure of texts and numbers as JSON: " + err.Error())
	}
	x.status, x.contentType, x.body = status, contentTypeJSON, body
}

// localDateTime is a moment as GPD, whose answers the platform reads too, and the
// official examples write it: UTC, without a zone (gpd-api.md §1.6); "" for none.
func localDateTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.999999")
}

func optionsOf(p *bridge.PaymentOptions) optionsAnswer {
	reason := func(state bridge.OfferState) string {
		if state == bridge.OfferInvalid && p.Cancelled {
			return reasonCancelled
		}
		return offerReasons[state]
	}
	answer := optionsAnswer{OrganizationFiscalCode: string(p.EC), CompanyName: p.CompanyName, OfficeName: p.OfficeName, StandIn: p.StandIn}
	for _, o := range p.Options {
		option := optionsOfOption{
			Description: o.Description, NumberOfInstallments: len(o.Instalments), Amount: int64(o.Amount),
			DueDate: localDateTime(o.DueDate), ValidFrom: localDateTime(o.ValidFrom),
			Status: "PO_" + string(o.State), StatusReason: reason(o.State), AllCCP: o.AllPostal,
		}
		for _, in := range o.Instalments {
			option.Installments = append(option.Installments, optionsOfInstalment{
				NAV: string(in.NAV), IUV: string(in.IUV), Amount: int64(in.Amount), Description: in.Description,
				DueDate: localDateTime(in.DueDate), ValidFrom: option.ValidFrom,
				Status: "POI_" + string(in.State), StatusReason: reason(in.State),
			})
		}
		answer.PaymentOptions = append(answer.PaymentOptions, option)
	}
	return answer
}
