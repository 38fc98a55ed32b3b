package main_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/binarytest"
	"nodobridge/store"
)

// restartLength is how many restarts and how many calls between two of them: the
// goal's floor (reliability-security.md §8 G6), or more by night.
func restartLength() (rounds, calls int) {
	rounds, calls = 8, 2500
	if n, err := strconv.Atoi(os.Getenv("RESTARTS")); err == nil && n > 0 {
		rounds = n
	}
	return rounds, calls
}

// A station whose sockets the supervisor holds is restarted under load: no call
// fails, and no acknowledged receipt is lost. The callers keep their connections and
// cannot send a request twice, as the node's forwarder.
func TestRestart_FailsNoCall(t *testing.T) {
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	key := h.NewKey()
	s := h.Supervise(binarytest.SampleConfig)
	p := s.Serve(0)
	p.Upload(key, binarytest.Position(1, 12000))
	callers := startCallers(p.SOAP)
	rounds, between := restartLength()
	for range rounds {
		callers.await(between)
		p.Stop()
		p = s.Serve(0)
	}
	callers.await(between)
	callers.stop()
	p.Stop()

	lost := lostReceipts(t, h, callers.acknowledged)
	t.Logf("restarts %d, calls %d, failed %d, receipts acknowledged %d, lost %d, slowest call %s",
		rounds, callers.calls, len(callers.failures), len(callers.acknowledged), lost, callers.slowest.Round(time.Millisecond))
	for _, failure := range callers.failures[:min(5, len(callers.failures))] {
		t.Error(failure)
	}
	if len(callers.failures) > 0 || lost > 0 || len(callers.acknowledged) == 0 {
		t.Errorf("%d calls failed, %d of %d receipts lost", len(callers.failures), lost, len(callers.acknowledged))
	}
}

// callers are clients of the node's kind under whom the station is restarted.
type callers struct {
	url    string
	group  sync.WaitGroup
	leave  atomic.Bool
	serial atomic.Int64

	mu      sync.Mutex
	more    *sync.Cond // another call has ended
	calls   int
	slowest time.Duration
	// What the callers have seen; to be read after stop.
	failures     []string
	acknowledged []string // receiptIds
}

func startCallers(url string) *callers {
	c := &callers{url: url}
	c.more = sync.NewCond(&c.mu)
	for caller := range 16 {
		// A connection of its own for each, kept open; no proxy on the way to loopback.
		client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}, Timeout: 15 * time.Second}
		c.group.Go(func() {
			defer client.CloseIdleConnections()
			for !c.leave.Load() {
				c.call(client, caller < 4)
			}
		})
	}
	return c
}

// await lets so many more calls be made.
func (c *callers) await(calls int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for target := c.calls + calls; c.calls < target; {
		c.more.Wait()
	}
}

func (c *callers) stop() {
	c.leave.Store(true)
	c.group.Wait()
}

// call makes one call, a receipt or a verify, and notes how it went.
func (c *callers) call(client *http.Client, receipt bool) {
	operation, body, id := "paVerifyPaymentNotice", verifyBody, ""
	if receipt {
		id = fmt.Sprintf("RESTART-%06d", c.serial.Add(1))
		operation, body = "paSendRTV2", strings.Replace(receiptBody, "RECEIPT-ID", id, 1)
	}
	began := time.Now()
	answer, err := post(client, c.url, operation, body)
	took := time.Since(began)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	c.more.Broadcast()
	c.slowest = max(c.slowest, took)
	switch {
	case err != nil:
		c.failures = append(c.failures, err.Error())
	case receipt && strings.Contains(answer, "<outcome>OK</outcome>"):
		c.acknowledged = append(c.acknowledged, id)
	case receipt || !strings.Contains(answer, "<outcome>"):
		c.failures = append(c.failures, answer)
	}
}

// post sends a body that cannot be sent again: net/http repeats no such request of
// its own accord.
func post(client *http.Client, url, operation, body string) (string, error) {
	req, err := http.NewRequest(http.MethodPost, url, io.LimitReader(strings.NewReader(body), int64(len(body))))
	if err != nil {
		return "", err
	}
	req.ContentLength = int64(len(body))
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("SOAPAction", operation)
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d: %s", res.StatusCode, answer)
	}
	return string(answer), err
}

func lostReceipts(t *testing.T, h *binarytest.Home, ids []string) (lost int) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: h.Dir + "/var"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	err = db.View(t.Context(), func(tx bridge.ReadTx) error {
		for _, id := range ids {
			if _, err := tx.Receipt(t.Context(), binarytest.EC, id); err != nil {
				t.Logf("%s: %v", id, err)
				lost++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lost
}

// envelope wraps a payload; the parties are SampleConfig's.
func envelope(payload string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:paf="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><soapenv:Body>` +
		payload + `</soapenv:Body></soapenv:Envelope>`
}

const parties = `<idPA>77777777777</idPA><idBrokerPA>99999999999</idBrokerPA><idStation>99999999999_01</idStation>`

var (
	verifyBody = envelope(`<paf:paVerifyPaymentNoticeReq>` + parties + `<qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>` +
		string(binarytest.NAV(1)) + `</noticeNumber></qrCode></paf:paVerifyPaymentNoticeReq>`)
	receiptBody = envelope(`<paf:paSendRTV2Request>` + parties + `<receipt><receiptId>RECEIPT-ID</receiptId><noticeNumber>` + string(binarytest.NAV(1)) +
		`</noticeNumber><fiscalCode>77777777777</fiscalCode><outcome>OK</outcome><creditorReferenceId>` + string(binarytest.NAV(1))[1:] +
		`</creditorReferenceId><paymentAmount>120.00</paymentAmount><description>TARI 2026</description><companyName>Comune di Prova</companyName>` +
		`<debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType><entityUniqueIdentifierValue>RSSMRA80A01H501U</entityUniqueIdentifierValue></uniqueIdentifier><fullName>Mario Rossi</fullName></debtor>` +
		`<transferList><transfer><idTransfer>1</idTransfer><transferAmount>120.00</transferAmount><fiscalCodePA>77777777777</fiscalCodePA><IBAN>IT60X0542811101000000123456</IBAN><remittanceInformation>TARI 2026</remittanceInformation><transferCategory>9/0101108TS/</transferCategory></transfer></transferList>` +
		`<idPSP>PSP</idPSP><PSPCompanyName>Banca</PSPCompanyName><idChannel>CH_01</idChannel><channelDescription>app</channelDescription></receipt></paf:paSendRTV2Request>`)
)
