package api

import (
	"errors"
	"net/http"
	"strings"
	"syscall"
	"time"

	"nodobridge/bridge"
)

// Refusals that only the HTTP side knows; they share the one table below.
const (
	codeNoRoute      bridge.Code = "no_route"
	codeNoMethod     bridge.Code = "no_method"
	codeMediaType    bridge.Code = "media_type"
	codeTooLarge     bridge.Code = "too_large"
	codeInterval     bridge.Code = "list_interval"        // gpd-api.md §3.3
	codeExclusive    bridge.Code = "exclusive_parameters" // gpd-api.md §3.3
	codeRange        bridge.Code = "date_range"           // gpd-api.md §3.6
	codePastTheEnd   bridge.Code = "past_the_end"         // gpd-api.md §3.6
	codeEmptyFile    bridge.Code = "empty_file"           // gpd-api.md §5.1, as are the others of files
	codeNoZip        bridge.Code = "no_zip"
	codeFile         bridge.Code = "file"
	codeUnzip        bridge.Code = "unzip"
	codeJSON         bridge.Code = "file_json"
	codePositions    bridge.Code = "file_positions"
	codeBusy         bridge.Code = "busy"     // reliability-security.md §3.4
	codeTooMany      bridge.Code = "too_many" // gpd-api.md §4.1 step 2
	codeTooEarly     bridge.Code = "too_early"
	codeGone         bridge.Code = "gone"
	codeOtherRequest bridge.Code = "other_request" // reliability-security.md §9 row 51
	codeNoCheckout   bridge.Code = "no_checkout"
	codeInFlight     bridge.Code = "in_flight"
	codeLink         bridge.Code = "link"       // expired, or not made here
	codeNoRoom       bridge.Code = "no_room"    // reliability-security.md §2
	codeCrossSite    bridge.Code = "cross_site" // reliability-security.md §9 row 56
	titleInvalid                 = "BAD REQUEST"
	titleInternal                = "INTERNAL SERVER ERROR"
	detailInternal               = "The request could not be carried out; it may be tried again"
	detailNoRoom                 = "There is no room to store anything now; nothing of the request was stored, and it may be tried again"
)

// problem is GPD's error body, sent as application/json (gpd-api.md §4.2).
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// gatewayProblem is the body of pagoPA's API gateway, which refuses keys before
// GPD sees the request (gpd-api.md §4.1 steps 1 and 3).
type gatewayProblem struct {
	StatusCode int    `json:"statusCode"`
	Message    string `json:"message"`
}

// The gateway's texts. A missing, an unknown, a wrong and a revoked key get the
// same answer, although the gateway tells the first from the others
// (reliability-security.md §3.3).
const (
	messageKeyInvalid   = "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API."
	messageKeyForbidden = "You are not allowed to access this resource."
)

// verdict is what a refusal looks like on the wire: a title, or a gateway's
// message.
type verdict struct {
	status  int
	title   string
	message string
}

// verdicts translates every refusal that this API can meet, with GPD's exact
// titles (gpd-api.md §4.2). A code that is not here is a failure: 500.
var verdicts = map[bridge.Code]verdict{
	bridge.CodeKeyInvalid:        {status: http.StatusUnauthorized, message: messageKeyInvalid},
	bridge.CodeKeyForbidden:      {status: http.StatusForbidden, message: messageKeyForbidden},
	bridge.CodeInvalid:           {status: http.StatusBadRequest, title: titleInvalid},
	bridge.CodeSemantics:         {status: http.StatusBadRequest, title: "Error in the debt position request data"},
	bridge.CodePositionUnknown:   {status: http.StatusNotFound, title: "Not found the debt position"},
	bridge.CodePositionExists:    {status: http.StatusConflict, title: "The debt position violated constraints of uniqueness"},
	bridge.CodeReservedMetadata:  {status: http.StatusConflict, title: "The payment option contains reserved metadata"},
	bridge.CodeNotDeletable:      {status: http.StatusConflict, title: "Existing related payment found"},
	bridge.CodeNotPublishable:    {status: http.StatusConflict, title: "Existing related payment found or not in publishable state"},
	bridge.CodeValidityPassed:    {status: http.StatusConflict, title: "Publish request occurred after the validity date began"},
	bridge.CodeDueDatePassed:     {status: http.StatusConflict, title: "Publish request occurred after the due date of a payment options has expired"},
	bridge.CodeDueBeforeValidity: {status: http.StatusConflict, title: "The due date of a payment option is before the validity date"},
	bridge.CodeNotUpdatable:      {status: http.StatusConflict, title: "Existing related payment found or not in updatable state"},
	bridge.CodeNotInvalidable:    {status: http.StatusConflict, title: "Existing related payment found or not in invalidable state"},
	bridge.CodeNotRestorable:     {status: http.StatusConflict, title: "The debt position is not in restorable state"},
	bridge.CodeChanged:           {status: http.StatusPreconditionFailed, title: "The debt position has changed"},
	codeOtherRequest:             {status: http.StatusUnprocessableEntity, title: "The Idempotency-Key was used for another request"},
	codeInFlight:                 {status: http.StatusConflict, title: "A request with this Idempotency-Key is under way"},
	bridge.CodeWebhookUnknown:    {status: http.StatusNotFound, title: "Not found the webhook"},
	bridge.CodeEventUnknown:      {status: http.StatusNotFound, title: "Not found the event"},
	bridge.CodeTooManyWebhooks:   {status: http.StatusConflict, title: "There are too many webhooks"},
	bridge.CodeNotInCart:         {status: http.StatusConflict, title: "A notice cannot be paid"},
	bridge.CodeCartRefused:       {status: http.StatusBadGateway, title: "Checkout does not take the cart"},
	bridge.CodeServiceUnknown:    {status: http.StatusNotFound, title: "Not found the service"},
	bridge.CodePayloadInvalid:    {status: http.StatusBadRequest, title: titleInvalid},
	bridge.CodeSourceSilent:      {status: http.StatusServiceUnavailable, title: "The amount is not known now"},
	bridge.CodeNoticeUnknown:     {status: http.StatusNotFound, title: "Nothing is due"},
	bridge.CodeNoticePaid:        {status: http.StatusConflict, title: "Existing related payment found"},
	bridge.CodeECUnknown:         {status: http.StatusNotFound, title: "Not found the organization"},
	codeNoCheckout:               {status: http.StatusNotImplemented, title: "Checkout is not configured"},
	bridge.CodeSheet:             {status: http.StatusBadRequest, title: "The table cannot be read"},
	bridge.CodeMappingUnknown:    {status: http.StatusNotFound, title: "Not found the mapping"},
	bridge.CodeTooManyMappings:   {status: http.StatusConflict, title: "There are too many mappings"},
	bridge.CodeAnomalyUnknown:    {status: http.StatusNotFound, title: "Not found the anomaly"},
	bridge.CodeSegregation:       {status: http.StatusForbidden, title: "The payment position is forbidden"},
	bridge.CodeUpdateFailed:      {status: http.StatusUnprocessableEntity, title: "The debt position update is failed"},
	bridge.CodeOptionUnknown:     {status: http.StatusNotFound, title: "Not found the payment option"},
	bridge.CodeAlreadyPaid:       {status: http.StatusConflict, title: "Existing related payment found"},
	bridge.CodeTransferUnknown:   {status: http.StatusNotFound, title: "Not found the transfer"},
	bridge.CodeNotAccountable:    {status: http.StatusConflict, title: "transfer is not in accountable state"},
	bridge.CodeFeeNotUnpaid:      {status: http.StatusUnprocessableEntity, title: "Not in unpaid state for notification fee update"},
	bridge.CodeFeeNoTransfer:     {status: http.StatusUnprocessableEntity, title: "No valid transfer found for notification fee update"},
	bridge.CodeReceiptUnknown:    {status: http.StatusNotFound, title: "Not found the receipt"},
	bridge.CodeReceiptForbidden:  {status: http.StatusForbidden, title: "The receipt retrieve is forbidden"},
	codeRange:                    {status: http.StatusBadRequest, title: "Invalid date range"},
	codePastTheEnd:               {status: http.StatusBadRequest, title: "Not enough elements"},
	bridge.CodeFileUnknown:       {status: http.StatusNotFound, title: "STATUS NOT FOUND"},
	codeTooMany:                  {status: http.StatusTooManyRequests},
	codeNoRoom:                   {status: http.StatusInsufficientStorage, title: "INSUFFICIENT STORAGE"},
	codeBusy:                     {status: http.StatusServiceUnavailable, title: "SERVICE UNAVAILABLE"},
	codeEmptyFile:                {status: http.StatusBadRequest, title: "EMPTY FILE"},
	codeNoZip:                    {status: http.StatusBadRequest, title: "NOT A ZIP FILE"},
	codeFile:                     {status: http.StatusBadRequest, title: "INVALID FILE"},
	codeUnzip:                    {status: http.StatusBadRequest, title: "UNZIP ERROR"},
	codeJSON:                     {status: http.StatusBadRequest, title: "INVALID JSON"},
	codePositions:                {status: http.StatusBadRequest, title: "INVALID DEBT POSITIONS"},
	codeTooEarly:                 {status: http.StatusTooEarly, title: "TOO EARLY"},
	codeGone:                     {status: http.StatusGone, title: "GONE"},
	bridge.CodeNotPrintable:      {status: http.StatusUnprocessableEntity, title: "The document cannot be printed"},
	bridge.CodeTemplateUnknown:   {status: http.StatusNotFound, title: "Not found the template"},
	bridge.CodeNotDelegated:      {status: http.StatusForbidden, title: "NOT_ALLOWED_ON_CI_CODE"},
	bridge.CodeFolderUnknown:     {status: http.StatusNotFound, title: "Not found the folder"},
	bridge.CodePrintUnknown:      {status: http.StatusNotFound, title: "Not found the notice"},
	bridge.CodeFolderOther:       {status: http.StatusConflict, title: "The Idempotency-Key was used for another request"},
	bridge.CodeFolderWaiting:     {status: http.StatusForbidden, title: "The folder is not ready"},
	codeLink:                     {status: http.StatusForbidden, title: "The link is not valid"},
	bridge.CodeMultiPlan:         {status: http.StatusUnprocessableEntity, title: "MULTI_INSTALLMENT_NOT_SUPPORTED_IN_V1"},
	codeInterval:                 {status: http.StatusBadRequest, title: "The debt positions cannot be recovered"},
	codeExclusive:                {status: http.StatusBadRequest, title: "Exclusive Parameters"},
	codeCrossSite:                {status: http.StatusForbidden, message: messageKeyForbidden},
	codeNoRoute:                  {status: http.StatusNotFound, title: "NOT FOUND"},
	codeNoMethod:                 {status: http.StatusMethodNotAllowed, title: "METHOD NOT ALLOWED"},
	codeMediaType:                {status: http.StatusUnsupportedMediaType, title: "UNSUPPORTED MEDIA TYPE"},
	codeTooLarge:                 {status: http.StatusRequestEntityTooLarge, title: "PAYLOAD TOO LARGE"},
}

// refuse answers an error. What is no refusal of the table is told as a neutral
// failure of the operation; its cause goes to the log only.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, op *operation, err error) {
	x := exchangeOf(r)
	if errors.Is(err, bridge.ErrNoRoom) || errors.Is(err, syscall.ENOSPC) { // the store's disk, or that of uploads
		err = &bridge.Error{Code: codeNoRoom, Detail: detailNoRoom, Err: err}
		w.Header().Set("Retry-After", "60")
	}
	x.code = bridge.CodeOf(err)
	var refusal *bridge.Error
	found, known := verdicts[x.code]
	if !errors.As(err, &refusal) || !known {
		x.cause = err
		title := orElse(op.failure, titleInternal)
		s.write(w, r, http.StatusInternalServerError, problem{Title: title, Status: http.StatusInternalServerError, Detail: detailInternal})
		return
	}
	x.cause = refusal.Err
	switch found.status {
	case http.StatusUnauthorized:
		// As the gateway says it; RFC 9110 §11.6.1 wants a challenge.
		w.Header().Set("WWW-Authenticate", `AzureApiManagementKey realm="nodobridge",name="`+headerKey+`",type="header"`)
	case http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable, http.StatusInsufficientStorage:
		// The rest of the body is not read: without a deadline the server would
		// wait for some of it before it closes.
		w.Header().Set("Connection", "close")
		_ = http.NewResponseController(w).SetReadDeadline(time.Now()) // a writer without deadlines has nothing to wait for
	}
	if found.status == http.StatusTooManyRequests {
		found.message = refusal.Detail
	}
	if found.message != "" {
		s.write(w, r, found.status, gatewayProblem{StatusCode: found.status, Message: found.message})
		return
	}
	s.write(w, r, found.status, problem{Title: found.title, Status: found.status, Detail: orElse(refusal.Detail, found.title)})
}

// invalid is one refusal for all broken rules of form: "field: rule", joined by
// commas (gpd-api.md §4.1 step 5).
func invalid(broken ...bridge.FieldError) *bridge.Error {
	parts := make([]string, len(broken))
	for i, b := range broken {
		parts[i] = b.Field + ": " + b.Rule
	}
	return &bridge.Error{Code: bridge.CodeInvalid, Field: broken[0].Field, Detail: strings.Join(parts, ", ")}
}
