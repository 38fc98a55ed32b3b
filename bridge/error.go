package bridge

import (
	"errors"
	"fmt"
)

// Code names why a use case said no. soap/fault.go and api/problem.go are the
// only places that turn it into a faultCode or a status.
type Code string

// The refusals of the node's calls, in the order of precedence of soap-node.md
// §2.0 (the first that holds is the answer), then those of the JSON API.
const (
	CodeBrokerUnknown    Code = "broker_unknown"    // PAA_ID_INTERMEDIARIO_ERRATO
	CodeStationUnknown   Code = "station_unknown"   // PAA_STAZIONE_INT_ERRATA
	CodeECUnknown        Code = "ec_unknown"        // PAA_ID_DOMINIO_ERRATO
	CodeReceiptDuplicate Code = "receipt_duplicate" // PAA_RECEIPT_DUPLICATA
	CodeNoticeUnknown    Code = "notice_unknown"    // PAA_PAGAMENTO_SCONOSCIUTO
	CodeNoticeCancelled  Code = "notice_cancelled"  // PAA_PAGAMENTO_ANNULLATO
	CodeNoticePaid       Code = "notice_paid"       // PAA_PAGAMENTO_DUPLICATO
	CodeNoticeExpired    Code = "notice_expired"    // PAA_PAGAMENTO_SCADUTO
	CodeNotExpressible   Code = "not_expressible"   // PAA_SEMANTICA: our data cannot be said in the answer
	CodeNotEnabled       Code = "not_enabled"       // PAA_SYSTEM_ERROR: paDemandPaymentNotice has no service here
	CodeServiceUnknown   Code = "service_unknown"   // PAA_SEMANTICA: the EC does not offer this spontaneous service
	CodePayloadInvalid   Code = "payload_invalid"   // PAA_SINTASSI_XSD: the service's own data breaks its XSD
	CodeSourceSilent     Code = "source_silent"     // PAA_SYSTEM_ERROR: who knows the amount does not answer

	CodeInvalid           Code = "invalid"             // a field breaks a rule of form: 400, GPD title "BAD REQUEST"
	CodeSemantics         Code = "semantics"           // the fields contradict one another: 400, "Error in the debt position request data"
	CodePositionUnknown   Code = "position_unknown"    // 404
	CodePositionExists    Code = "position_exists"     // 409 uniqueness of IUPD, IUV or NAV
	CodeReservedMetadata  Code = "reserved_metadata"   // 409 NOTIFICATION_FEE supplied
	CodeNotDeletable      Code = "not_deletable"       // 409 delete of a (partially) paid position
	CodeNotPublishable    Code = "not_publishable"     // 409 publish of what is not a draft
	CodeValidityPassed    Code = "validity_passed"     // 409 publish after the validity date began
	CodeDueDatePassed     Code = "due_date_passed"     // 409 publish after a due date
	CodeDueBeforeValidity Code = "due_before_validity" // 409 publish with due date before validity
	CodeNotUpdatable      Code = "not_updatable"       // 409 update of an invalid or (partially) paid position
	CodeNotInvalidable    Code = "not_invalidable"     // 409 invalidate of what is not published
	CodeNotRestorable     Code = "not_restorable"      // 409 restore of what is neither invalid nor expired
	CodeChanged           Code = "changed"             // 412 the position is no longer the one that was read
	CodeWebhookUnknown    Code = "webhook_unknown"     // 404
	CodeEventUnknown      Code = "event_unknown"       // 404
	CodeTooManyWebhooks   Code = "too_many_webhooks"   // 409
	CodeNotInCart         Code = "not_in_cart"         // 409 a notice that cannot be paid now
	CodeCartRefused       Code = "cart_refused"        // 502 Checkout does not take the cart
	CodeSheet             Code = "sheet"               // 400 a table that cannot be read
	CodeMappingUnknown    Code = "mapping_unknown"     // 404
	CodeTooManyMappings   Code = "too_many_mappings"   // 409
	CodeAnomalyUnknown    Code = "anomaly_unknown"     // 404
	CodeSegregation       Code = "segregation"         // 403 outside of the caller's segregation codes
	CodeUpdateFailed      Code = "update_failed"       // 422 the notification fee has no transfer to go on
	CodeOptionUnknown     Code = "option_unknown"      // 404 no such payment option, or an alternative that is out of the race
	CodeAlreadyPaid       Code = "already_paid"        // 409 payment of what is paid
	CodeTransferUnknown   Code = "transfer_unknown"    // 404
	CodeNotAccountable    Code = "not_accountable"     // 409 report of a transfer whose option is not paid, or twice
	CodeFeeNotUnpaid      Code = "fee_not_unpaid"      // 422 notification fee on a paid option
	CodeFeeNoTransfer     Code = "fee_no_transfer"     // 422 notification fee without an own transfer
	CodeReceiptUnknown    Code = "receipt_unknown"     // 404
	CodeReceiptForbidden  Code = "receipt_forbidden"   // 403 receipt outside of the caller's segregation codes
	CodeFileUnknown       Code = "file_unknown"        // 404 no such uploaded file
	CodeNotPrintable      Code = "not_printable"       // 422 no notice or receipt can be printed of it
	CodeTemplateUnknown   Code = "template_unknown"    // 404 a notice of no such form is printed here
	CodeNotDelegated      Code = "not_delegated"       // 403 a notice number that the key may not print
	CodeFolderUnknown     Code = "folder_unknown"      // 404 no such folder of notices, or not this key's to see
	CodePrintUnknown      Code = "print_unknown"       // 404 no such notice, or no such error, in the folder
	CodeFolderOther       Code = "folder_other"        // 409 the key's name for a folder was used for other notices
	CodeFolderWaiting     Code = "folder_waiting"      // 403 the folder is not printed to its end
	CodeMultiPlan         Code = "multi_plan"          // 422 a position with several plans has no v1 view
	CodeKeyInvalid        Code = "key_invalid"         // 401
	CodeKeyForbidden      Code = "key_forbidden"       // 403 key not bound to the EC
	CodeStoreUnavailable  Code = "store_unavailable"   // reads: PAA_SYSTEM_ERROR; receipts: HTTP 500
)

// Error is the only business error. Detail is shown to the caller: it never
// holds SQL, paths, stacks or another debtor's data. Err is for the log.
type Error struct {
	Code   Code
	Detail string
	Field  string // the wire or JSON name of the offending field, when there is one
	Err    error
}

// Error describes the refusal for the log; answers are built from Code and Detail.
func (e *Error) Error() string {
	s := string(e.Code)
	if e.Field != "" {
		s += " (" + e.Field + ")"
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the private cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf gives the refusal's code, or "" when err is no business refusal.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func refuse(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// FieldError is one broken rule of one field, by its JSON path.
type FieldError struct {
	Field string // e.g. "paymentOption[0].transfer[1].iban"
	Rule  string
}
