package soap_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// stuckStore answers nobody before the caller gives up.
type stuckStore struct{ bridge.Store }

func (stuckStore) Notice(ctx context.Context, _ bridge.ECCode, _ bridge.NoticeNumber) (*bridge.Notice, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (stuckStore) View(ctx context.Context, _ func(bridge.ReadTx) error) error {
	<-ctx.Done()
	return ctx.Err()
}

func (stuckStore) Update(ctx context.Context, _ func(bridge.Tx) error) error {
	<-ctx.Done()
	return ctx.Err()
}

// A store that blocks: every call is answered by its own deadline, reads with a
// KO, receipts with nothing that the node could take for an answer, and the probe
// as ever (soap-node.md §2.7, architecture.md §7 "store down").
func TestStoreBlocked(t *testing.T) {
	t.Parallel()
	s := newStation(t, stuckStore{}, soap.Limits{ReadDeadline: time.Millisecond, ReceiptDeadline: time.Millisecond})
	s.post(t, verifyOf(nav1)).isKO(t, verifyRes, "PAA_SYSTEM_ERROR", "77777777777", "")
	s.post(t, getV1Of(nav1)).isKO(t, getV1Res, "PAA_SYSTEM_ERROR", "77777777777", "")
	s.post(t, getV2Of(nav1)).isKO(t, getV2Res, "PAA_SYSTEM_ERROR", "77777777777", "")
	s.post(t, receiptOf(nav1, "r1")).isFault(t, "Server", "the receipt cannot be stored now")
	s.post(t, receiptV1Of(nav1, "r1")).isFault(t, "Server", "the receipt cannot be stored now")
	misrouted := otherParties(receiptOf(nav1, "r1"), "11111111111", testkit.Broker, testkit.Station)
	s.post(t, misrouted).isFault(t, "Server", "the receipt cannot be stored now") // a KO would lose what could not be kept
	s.post(t, receiptOf(nav1, "r1")[:400], "SOAPAction: paSendRTV2").isFault(t, "Client", "document ends too early")
	s.post(t, verifyOf(string(bridge.ProbeNotice))).isKO(t, verifyRes, unknownNotice, "77777777777", "")
}

// gatedStore holds every notice read until it is let go, and says that one waits.
type gatedStore struct {
	bridge.Store
	waiting, release chan struct{}
}

func (s *gatedStore) Notice(ctx context.Context, ec bridge.ECCode, nav bridge.NoticeNumber) (*bridge.Notice, error) {
	s.waiting <- struct{}{}
	<-s.release
	return s.Store.Notice(ctx, ec, nav)
}

// With as many calls in the bridge as it takes, one more is refused at once: it
// cannot have waited, as the others are still held (soap-node.md §2.7).
func TestOverload(t *testing.T) {
	t.Parallel()
	db := &gatedStore{Store: openStore(t), waiting: make(chan struct{}), release: make(chan struct{})}
	s := newStation(t, db, soap.Limits{Calls: 2})
	s.single(t, nil)
	held := make(chan answer, 2)
	for range 2 {
		go func() { held <- s.post(t, verifyOf(nav1)) }()
		<-db.waiting
	}
	const tooMany = "too many calls at once"
	s.post(t, verifyOf(nav1)).isKO(t, verifyRes, "PAA_SYSTEM_ERROR", "77777777777", tooMany)
	s.post(t, getV2Of(nav1)).isKO(t, getV2Res, "PAA_SYSTEM_ERROR", "77777777777", tooMany)
	s.post(t, receiptOf(nav1, "r1")).isPlain(t, http.StatusServiceUnavailable, tooMany)
	s.post(t, verifyOf(string(bridge.ProbeNotice))).isKO(t, verifyRes, unknownNotice, "77777777777", "")
	for range 2 {
		db.release <- struct{}{}
	}
	for range 2 {
		a := <-held
		a.is(t, verified())
	}
	s.post(t, receiptOf(nav1, "r1")).is(t, acceptedV2)
}

// While long bodies under way have used their memory up, one more is refused, and the
// calls that payers wait for are answered (reliability-security.md §3.4).
func TestBodies_HaveABudget(t *testing.T) {
	t.Parallel()
	s := newStation(t, openStore(t), soap.Limits{Bodies: 100 << 10})
	s.single(t, nil)
	long := receiptOf(nav1, "r1")
	long += strings.Repeat(" ", 80<<10-len(long))
	r, w := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url, r)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = int64(len(long))
	req.Header.Set("Content-Type", "text/xml")
	req.Header.Set("Expect", "100-continue") // the body is asked for once its memory is taken
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	status := make(chan int, 1)
	go func() {
		res, err := client.Do(req)
		if err != nil {
			status <- 0
			return
		}
		_ = res.Body.Close() // the status is all that is looked at
		status <- res.StatusCode
	}()
	if _, err := io.WriteString(w, long[:1000]); err != nil { // returns when it is read
		t.Fatal(err)
	}
	s.post(t, long).isPlain(t, http.StatusServiceUnavailable, "too many long bodies at once")
	s.post(t, verifyOf(string(bridge.ProbeNotice))).isKO(t, verifyRes, unknownNotice, "77777777777", "")
	if _, err := io.WriteString(w, long[1000:]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-status; got != http.StatusOK {
		t.Errorf("the first one: HTTP %d", got)
	}
	if got := s.post(t, long); got.status != http.StatusOK {
		t.Errorf("afterwards: HTTP %d", got.status)
	}
}
