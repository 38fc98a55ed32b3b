package soap

import (
	"errors"

	"nodobridge/bridge"
	"nodobridge/wsdl/pafornode"
)

// fault is a business refusal as the wire says it. It is not a Go error: it is
// made here, from one, and nowhere else.
type fault struct {
	code        string // faultCode
	text        string // faultString: SANP's fixed Italian text
	description string // free text, without anybody's data
}

// The faults that have no bridge.Code, because the bridge never sees the call.
var (
	faultSyntax     = fault{code: "PAA_SINTASSI_EXTRAXSD", text: "Errore di sintassi extra XSD"}
	faultSyntaxXSD  = fault{code: "PAA_SINTASSI_XSD", text: "Errore di sintassi XSD"}
	faultSystem     = fault{code: "PAA_SYSTEM_ERROR", text: "Errore generico"}
	faultUnknown    = fault{code: "PAA_PAGAMENTO_SCONOSCIUTO", text: "Pagamento in attesa risulta sconosciuto all'Ente Creditore"}
	faultOverloaded = fault{code: "PAA_SYSTEM_ERROR", text: "Errore generico", description: "too many calls at once"}
	faultUnsayable  = fault{code: "PAA_SEMANTICA", text: "Errore semantico", description: "the stored position cannot be expressed in the answer"}
)

// faults says every refusal of the node's calls in SANP's words (soap-node.md
// §2.0 "Official faultString texts").
var faults = map[bridge.Code]fault{
	bridge.CodeBrokerUnknown:    {code: "PAA_ID_INTERMEDIARIO_ERRATO", text: "Identificativo intermediario non corrispondente"},
	bridge.CodeStationUnknown:   {code: "PAA_STAZIONE_INT_ERRATA", text: "Stazione intermediario non corrispondente"},
	bridge.CodeECUnknown:        {code: "PAA_ID_DOMINIO_ERRATO", text: "La PAA non corrisponde al Dominio indicato"},
	bridge.CodeReceiptDuplicate: {code: "PAA_RECEIPT_DUPLICATA", text: "Ricevuta già acquisita"},
	bridge.CodeNoticeUnknown:    faultUnknown,
	bridge.CodeNoticeCancelled:  {code: "PAA_PAGAMENTO_ANNULLATO", text: "Pagamento in attesa risulta annullato all'Ente Creditore"},
	bridge.CodeNoticePaid:       {code: "PAA_PAGAMENTO_DUPLICATO", text: "Pagamento in attesa risulta concluso all'Ente Creditore"},
	bridge.CodeNoticeExpired:    {code: "PAA_PAGAMENTO_SCADUTO", text: "Pagamento in attesa risulta scaduto all'Ente Creditore"},
	bridge.CodeNotExpressible:   {code: "PAA_SEMANTICA", text: "Errore semantico"},
	bridge.CodeNotEnabled:       {code: "PAA_SYSTEM_ERROR", text: "Errore generico", description: "paDemandPaymentNotice not enabled"},
	bridge.CodeServiceUnknown:   {code: "PAA_SEMANTICA", text: "Errore semantico"},
	bridge.CodePayloadInvalid:   faultSyntaxXSD,
	bridge.CodeSourceSilent:     faultSystem,
	bridge.CodeStoreUnavailable: faultSystem,
}

// faultOf translates any error of a use case. What is no known refusal becomes
// PAA_SYSTEM_ERROR with nothing of its text (soap-node.md §5 pitfall 40).
func faultOf(err error) fault {
	var refusal *bridge.Error
	if !errors.As(err, &refusal) {
		return faultSystem
	}
	f, known := faults[refusal.Code]
	if !known {
		return faultSystem
	}
	if f.description == "" {
		f.description = cut(refusal.Detail)
	}
	return f
}

// maxDescription keeps a fault's description within what is known to be carried
// (soap-node.md §9: the node's limit is unknown, keep it at 255 or less).
const maxDescription = 255

func cut(s string) string {
	if r := []rune(s); len(r) > maxDescription {
		return string(r[:maxDescription])
	}
	return s
}

// bean is the fault element; id is the EC's code (architecture.md §7 "fault id").
func (f fault) bean(id string) *pafornode.FaultBean {
	b := &pafornode.FaultBean{FaultCode: f.code, FaultString: f.text, Id: id}
	if f.description != "" {
		b.Description = pafornode.Some(f.description)
	}
	return b
}
