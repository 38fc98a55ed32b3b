package nodesim_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"

	"nodobridge/nodesim"
)

// What a stencil stamps out is what a call of the node's sends.
func TestStencil_WritesWhatACallWrites(t *testing.T) {
	t.Parallel()
	const number = "302000000000000107"
	node, asked := saying(t, verifyOK, paymentV2OK, receiptV2OK)
	if _, err := node.Verify(t.Context(), ec, number); err != nil {
		t.Fatal(err)
	}
	data, err := node.GetPaymentV2(t.Context(), nodesim.ActivateRequest{EC: ec, NoticeNumber: number})
	if err != nil {
		t.Fatal(err)
	}
	data.CreditorReferenceID = number[1:]
	receipt := nodesim.ReceiptFor(data, nodesim.SamplePSP(), nodesim.ReceiptOptions{ReceiptID: "receipt-1"})
	if _, err := node.SendRTV2(t.Context(), receipt); err != nil {
		t.Fatal(err)
	}
	for i, stencil := range []func() (*nodesim.Stencil, error){
		func() (*nodesim.Stencil, error) { return node.VerifyStencil(ec) },
		func() (*nodesim.Stencil, error) { return node.PaymentStencil(ec) },
		func() (*nodesim.Stencil, error) { return node.ReceiptStencil(receipt) },
	} {
		s, err := stencil()
		if err != nil {
			t.Fatal(err)
		}
		want := asked.requests()[i]
		got, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(s.Append([]byte{}, number, "receipt-1"))))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(got.Body)
		if err != nil || string(body) != want.body {
			t.Errorf("%s: %v, body\n%s\nwant\n%s", s.Operation, err, body, want.body)
		}
		for _, name := range []string{"Content-Type", "SOAPAction"} {
			if got.Header.Get(name) != want.header.Get(name) {
				t.Errorf("%s: %s is %q, want %q", s.Operation, name, got.Header.Get(name), want.header.Get(name))
			}
		}
	}
}

func TestStencil_RefusesAnAddressWithoutHost(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "paForNode", "http:///paForNode", ":"} {
		if _, err := (&nodesim.Node{URL: address}).VerifyStencil(ec); err == nil {
			t.Errorf("%q is taken for an address", address)
		}
	}
}

func TestAnswered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string
		want   string
	}{
		{200, envelop(verifyOK), ""},
		{200, envelop("<pafn:paSendRTV2Response><outcome>KO</outcome><fault><faultCode>PAA_SEMANTICA</faultCode></fault></pafn:paSendRTV2Response>"), "PAA_SEMANTICA"},
		{200, "<html/>", "no outcome in the answer"},
		{503, envelop(verifyOK), "HTTP 503"},
	} {
		if got := nodesim.Answered(c.status, []byte(c.body)); got != c.want {
			t.Errorf("HTTP %d %s: %q, want %q", c.status, c.body, got, c.want)
		}
	}
}
