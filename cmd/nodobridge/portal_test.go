package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

const portalPath = "/bridge/v1/organizations/77777777777"

// A payer at the EC's own portal asks for an identity card, is sent to Checkout, pays
// there, and the receipt names the cart.
func TestPortal_RequestAndPayAtCheckout(t *testing.T) {
	t.Parallel()
	played := &nodesim.Checkout{Version: nodesim.V2}
	server := httptest.NewServer(played)
	t.Cleanup(server.Close)
	played.Base = server.URL
	h := binarytest.New(t, "checkout: {url: '"+server.URL+"/checkout/ec/v2'}\noutbound: {allow_private: [127.0.0.1]}\n"+servicesConfig)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	played.Node = p.Node()

	status, body := p.Call("GET", portalPath+"/services", key, "")
	if status != 200 || !strings.Contains(body, `"name":"cie"`) || !strings.Contains(body, `{"name":"causale","required":true,"pattern":"1|2|4|7|9|10|11"}`) {
		t.Fatalf("%d %s", status, body)
	}
	const fields = `{"fields":{"causale":"9","comune":"77777777777","codice_fiscale":"RSSMRA80A01H501U","denominazione":"Mario Rossi"}}`
	status, body = p.Call("POST", portalPath+"/services/cie/payments", key, fields)
	var made struct {
		NAV    string
		IUPD   string
		Amount int64
	}
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != 201 || made.Amount != 2221 {
		t.Fatalf("%d %s", status, body)
	}
	if _, again := p.Call("POST", portalPath+"/services/cie/payments", key, fields); again != body {
		t.Errorf("the same fields got %s, before %s", again, body)
	}
	for bad, rule := range map[string]string{
		`{"fields":{"causale":"8","comune":"77777777777","codice_fiscale":"RSSMRA80A01H501U","denominazione":"x"}}`: "fields.causale: must match 1|2|4|7|9|10|11",
		`{"fields":{"causale":"9"}}`:                  "fields.codice_fiscale: is missing",
		`{"fields":{"causale":"9","colore":"rosso"}}`: "fields.colore: is no field of the service",
		`{"fields":{"causale":9}}`:                    "fields.causale: must be a string",
		`{"field":{}}`:                                "field: is no member",
	} {
		if status, body := p.Call("POST", portalPath+"/services/cie/payments", key, bad); status != 400 || !strings.Contains(body, rule) {
			t.Errorf("%s: %d %s", bad, status, body)
		}
	}
	if status, body := p.Call("POST", portalPath+"/services/mensa/payments", key, fields); status != 404 {
		t.Errorf("a service that is not offered: %d %s", status, body)
	}

	cart := `{"notices":["` + made.NAV + `"],"idCart":"C-1","email":"mario@example.org","returnUrls":{"ok":"https://comune.example/ok","cancel":"https://comune.example/no","error":"https://comune.example/errore","waiting":"https://comune.example/attesa"}}`
	status, body = p.Call("POST", portalPath+"/carts", key, cart)
	var opened struct{ CheckoutURL string }
	if err := json.Unmarshal([]byte(body), &opened); err != nil || status != 201 || !strings.HasPrefix(opened.CheckoutURL, server.URL+"/c/") {
		t.Fatalf("%d %s", status, body)
	}
	if got := payAt(t, opened.CheckoutURL); got != "https://comune.example/ok" {
		t.Errorf("the payer is sent to %s", got)
	}
	if got := p.Status(key, made.IUPD); got != "PAID" {
		t.Errorf("the position is %s", got)
	}
	if _, body := p.Call("GET", portalPath+"/receipts?nav="+made.NAV, key, ""); !strings.Contains(body, `"paymentNote":"C-1"`) {
		t.Errorf("receipts %s", body)
	}
	if status, body := p.Call("POST", portalPath+"/carts", key, cart); status != 409 || !strings.Contains(body, "notice "+made.NAV+" is paid") {
		t.Errorf("a cart of what is paid: %d %s", status, body)
	}
	if got := payAt(t, opened.CheckoutURL); got != "https://comune.example/errore" {
		t.Errorf("paid twice, the payer is sent to %s", got)
	}
	p.Stop()
}

// payAt pays on Checkout's page and gives where the payer is sent then.
func payAt(t *testing.T, page string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, page, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return res.Header.Get("Location")
}
