package soap_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/judge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// forgetfulStore knows no notice and takes every receipt, so that a fuzzed call
// runs through the whole server without a disk.
type forgetfulStore struct{ bridge.Store }

func (forgetfulStore) Notice(context.Context, bridge.ECCode, bridge.NoticeNumber) (*bridge.Notice, error) {
	return nil, bridge.ErrNotFound
}
func (forgetfulStore) View(context.Context, func(bridge.ReadTx) error) error { return nil }
func (forgetfulStore) Update(context.Context, func(bridge.Tx) error) error   { return nil }

// FuzzCall throws bytes at the whole server: it answers every one of them with
// something that the contract allows or with a SOAP Fault, and what it has taken
// for a call is the same document to encoding/xml.
func FuzzCall(f *testing.F) {
	nav := string(testkit.NAV(1))
	for _, seed := range []string{verifyOf(nav), getV1Of(nav), getV2Of(nav), receiptOf(nav, "r1"), verifyOf(string(bridge.ProbeNotice)), "\ufeff" + verifyOf(nav), "<a/>", ""} {
		f.Add([]byte(seed), "paVerifyPaymentNotice")
		f.Add([]byte(seed), `"paSendRTV2"`)
		f.Add([]byte(seed), "")
	}
	var last soap.Record
	server := soap.NewServer(soap.Config{
		Service: bridge.NewService(forgetfulStore{}, testkit.NewClock(), testkit.Registry()), Path: "/paForNode", PublicURL: "http://localhost/paForNode",
		Log: slog.New(slog.DiscardHandler), HashKey: []byte("fuzz"), Observe: func(r soap.Record) { last = r },
	})
	f.Fuzz(func(t *testing.T, body []byte, action string) {
		req := httptest.NewRequest(http.MethodPost, "/paForNode", bytes.NewReader(body))
		req.Header.Set("Content-Type", "text/xml")
		req.Header.Set("SOAPAction", action)
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, req)
		switch answer.Code {
		case http.StatusOK:
			if err := judge.Message(answer.Body.Bytes()); err != nil {
				t.Fatalf("the answer breaks the contract: %v\n%s", err, answer.Body)
			}
		case http.StatusInternalServerError:
			if !bytes.Contains(answer.Body.Bytes(), []byte("<soapenv:Fault>")) {
				t.Fatalf("HTTP 500 without a fault:\n%s", answer.Body)
			}
		case http.StatusRequestEntityTooLarge:
		default:
			t.Fatalf("HTTP %d\n%s", answer.Code, answer.Body)
		}
		if last.Outcome == "OK" || last.FaultCode == "PAA_PAGAMENTO_SCONOSCIUTO" {
			wellFormed(t, body)
		}
	})
}

// wellFormed asks encoding/xml; ISO-8859-1 it does not know.
func wellFormed(t *testing.T, document []byte) {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(document))
	dec.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return latin1(input) }
	for {
		_, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("the server took for a call what encoding/xml refuses: %v\n%q", err, document)
		}
	}
}

func latin1(input io.Reader) (io.Reader, error) {
	raw, err := io.ReadAll(input)
	if err != nil {
		return nil, err
	}
	runes := make([]rune, len(raw))
	for i, b := range raw {
		runes[i] = rune(b)
	}
	return bytes.NewReader([]byte(string(runes))), nil
}
