package api

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nodobridge/bridge"
)

// What GPD does not have stands under a path of its own (gpd-api.md §6.3 point 6).
// These operations refuse what they do not know: a parameter that is misspelt must not
// silently be no filter.
const prefixOwn = "/bridge/v1"

const (
	paramReceipt = "receipt"
	paramAnomaly = "anomaly"
)

const (
	ownPath         = prefixOwn + "/organizations/:" + paramEC
	ownPositions    = ownPath + "/positions"
	ownPosition     = ownPositions + "/:" + paramIUPD
	ownReceipts     = ownPath + "/receipts"
	ownReceipt      = ownReceipts + "/:" + paramReceipt
	ownAnomalies    = ownPath + "/anomalies"
	defaultOwnLimit = 50
	maxOwnLimit     = 200
)

var (
	receiptForm = &numberForm{paramReceipt, regexp.MustCompile(`^[^\x00-\x1f\x7f]{1,255}$`), "must be 1 to 255 characters, none of them a control character"}
	anomalyForm = &numberForm{paramAnomaly, regexp.MustCompile(`^[1-9][0-9]{0,17}$`), "must be the number of an anomaly"}
)

// ownOperations are those of our own.
func ownOperations() []operation {
	return []operation{
		{method: http.MethodGet, path: ownPath + "/events", name: "listEvents", handle: (*Server).listEvents},
		{method: http.MethodGet, path: ownPositions, name: "searchPositions", handle: (*Server).searchPositions},
		{method: http.MethodPost, path: ownPositions, name: "createPosition", body: true, handle: (*Server).createOwn},
		{method: http.MethodGet, path: ownPosition, iupd: iupdAny, name: "getPosition", handle: (*Server).getOwn},
		{method: http.MethodPut, path: ownPosition, iupd: iupdAny, name: "updatePosition", body: true, handle: (*Server).updateOwn},
		{method: http.MethodDelete, path: ownPosition, iupd: iupdAny, name: "deletePosition", handle: (*Server).deleteOwn},
		{method: http.MethodPost, path: ownPosition + "/publish", iupd: iupdAny, name: "publishPosition", handle: (*Server).publishOwn},
		{method: http.MethodPost, path: ownPosition + "/invalidate", iupd: iupdAny, name: "invalidatePosition", handle: (*Server).invalidateOwn},
		{method: http.MethodPost, path: ownPosition + "/restore", iupd: iupdAny, name: "restorePosition", handle: (*Server).restorePosition},
		{method: http.MethodGet, path: ownReceipts, name: "listReceipts", handle: (*Server).receiptsAfter},
		{method: http.MethodGet, path: ownReceipt, number: receiptForm, name: "getReceipt", handle: (*Server).readReceipt},
		{method: http.MethodGet, path: ownReceipt + "/xml", number: receiptForm, name: "getReceiptXML", handle: (*Server).readReceiptXML},
		{method: http.MethodGet, path: ownAnomalies, name: "listAnomalies", handle: (*Server).listAnomalies},
		{method: http.MethodPost, path: ownAnomalies + "/:" + paramAnomaly + "/acknowledge", number: anomalyForm, name: "acknowledgeAnomaly", handle: (*Server).acknowledgeAnomaly},
	}
}

// receiptReads are the paths that need receipts:read.
var receiptReads = []string{prefixReceipts, ownReceipts, ownAnomalies, ownPath + "/events"}

// only refuses parameters of the query that the operation does not have, and those
// given twice.
func (c *call) only(names ...string) error {
	names = append(names, segregationCodes)
	for name, values := range c.query {
		if !slices.Contains(names, name) {
			return c.constraint(name, "is no parameter; the parameters are "+strings.Join(names, ", "))
		}
		if len(values) > 1 {
			return c.constraint(name, "is given twice")
		}
	}
	return nil
}

// ownLimit reads how many things a page has.
func (c *call) ownLimit() (int, error) {
	limit, err := c.number("limit", defaultOwnLimit)
	if err == nil && (limit < 1 || limit > maxOwnLimit) {
		err = c.constraint("limit", fmt.Sprintf("must be between 1 and %d", maxOwnLimit))
	}
	return limit, err
}

// cursor reads a number that an answer has given; 0 is the beginning.
func (c *call) cursor() (int64, error) {
	given := c.query.Get("after")
	if given == "" {
		return 0, nil
	}
	after, err := strconv.ParseInt(given, 10, 64)
	if err != nil || after < 0 {
		return 0, c.constraint("after", "must be the number that an answer has given as next")
	}
	return after, nil
}

// nextLink tells where the next page is (RFC 8288).
func (c *call) nextLink(after string) http.Header {
	query := url.Values{}
	for name, values := range c.query {
		query[name] = values
	}
	query.Set("after", after)
	return http.Header{"Link": {"<" + c.request.URL.EscapedPath() + "?" + query.Encode() + `>; rel="next"`}}
}

// oneOf reads a parameter with a closed set of values; "" when it is not given.
func oneOf[T ~string](c *call, name string, values []T) (T, error) {
	given := T(c.query.Get(name))
	if given != "" && !slices.Contains(values, given) {
		return "", c.constraint(name, fmt.Sprintf("must be one of %v", values))
	}
	return given, nil
}

// typesOf reads the types of events in a list with commas; none means all.
func (c *call) typesOf(text string) ([]bridge.EventType, error) {
	if text == "" {
		return nil, nil
	}
	var types []bridge.EventType
	for name := range strings.SplitSeq(text, ",") {
		if !slices.Contains(bridge.EventTypes(), bridge.EventType(name)) {
			return nil, c.constraint("types", fmt.Sprintf("must be types of events with commas between them: %v", bridge.EventTypes()))
		}
		types = append(types, bridge.EventType(name))
	}
	return types, nil
}
