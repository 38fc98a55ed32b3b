package interop_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// Who calls whom in every run. The station must know this creditor institution,
// broker and station, in the roles the node gives them.
const (
	creditorInstitution = "77777777777"
	broker              = "99999999999"
	stationID           = "99999999999_01"
)

// notices are those not handed out yet: all tests draw from the one list.
var notices = strings.Split(os.Getenv("NODOBRIDGE_INTEROP_NAVS"), ",")

// station gives the address of a running station's WSDL and a source of payable
// notices of creditorInstitution. Each notice is handed out once: a run pays it.
//
// For now the station is one that somebody has started, described by
//
//	NODOBRIDGE_INTEROP_WSDL=http://127.0.0.1:8080/paForNode?wsdl
//	NODOBRIDGE_INTEROP_NAVS=302000000000000101:12000,...   (notice number:amount in cents)
func station(t *testing.T) (wsdlURL string, newNotice func() (nav string, amountCents int64)) {
	t.Helper()
	wsdlURL = os.Getenv("NODOBRIDGE_INTEROP_WSDL")
	if wsdlURL == "" {
		missing(t, "no station: NODOBRIDGE_INTEROP_WSDL is not set")
	}
	newNotice = func() (string, int64) {
		t.Helper()
		if len(notices) == 0 || notices[0] == "" {
			t.Fatal("NODOBRIDGE_INTEROP_NAVS holds too few notices: every client and version pays one")
		}
		nav, amount, _ := strings.Cut(strings.TrimSpace(notices[0]), ":")
		notices = notices[1:]
		cents, err := strconv.ParseInt(amount, 10, 64)
		if err != nil {
			t.Fatalf("NODOBRIDGE_INTEROP_NAVS: %q is not NAV:CENTS", nav+":"+amount)
		}
		return nav, cents
	}
	return wsdlURL, newNotice
}
