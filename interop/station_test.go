package interop_test

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"nodobridge/internal/binarytest"
)

// Who calls whom in every run: the parties of the station's sample configuration.
const (
	creditorInstitution = binarytest.EC
	broker              = "99999999999"
	stationID           = "99999999999_01"
)

func TestMain(m *testing.M) { os.Exit(binarytest.Main(m)) }

// notice is a payable notice. One from outside is known by number and amount only.
type notice struct {
	nav       string
	cents     int64
	transfers []transferReport // as every client must read them
}

// station starts the built binary with a fresh store and gives the address of its
// WSDL and a source of payable notices, uploaded over its JSON API. Each notice is
// handed out once: a run pays it.
//
// To try the clients against a station that somebody else has started, describe it:
//
//	NODOBRIDGE_INTEROP_WSDL=http://127.0.0.1:8080/paForNode?wsdl
//	NODOBRIDGE_INTEROP_NAVS=302000000000000101:12000,...   (notice number:amount in cents)
func station(t *testing.T) (wsdlURL string, newNotice func(version int) notice) {
	t.Helper()
	if wsdlURL = os.Getenv("NODOBRIDGE_INTEROP_WSDL"); wsdlURL != "" {
		return wsdlURL, func(int) notice { return listed(t) }
	}
	home := binarytest.New(t, binarytest.SampleConfig)
	home.Must("init")
	key := home.NewKey()
	process := home.Serve()
	t.Cleanup(process.Stop)
	var mu sync.Mutex
	serial := int64(0)
	return process.SOAP + "?wsdl", func(version int) notice {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		serial++
		body, made := position(serial, version)
		process.Upload(key, body)
		return made
	}
}

// notices are those of the environment not handed out yet: all tests draw from the
// one list.
var notices = strings.Split(os.Getenv("NODOBRIDGE_INTEROP_NAVS"), ",")

func listed(t *testing.T) notice {
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
	return notice{nav: nav, cents: cents}
}
