package nodesim_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nodobridge/nodesim"
)

// soon is the node's insistence without its hours.
var soon = nodesim.Retry{Attempts: 4, Pause: time.Nanosecond}

func TestPay_StoriesByVersion(t *testing.T) {
	t.Parallel()
	cases := []struct {
		version nodesim.Version
		answers []string
		actions []string
	}{
		{nodesim.V1, []string{verifyOK, paymentV1OK, receiptV1OK}, []string{`"paVerifyPaymentNotice"`, `"paGetPayment"`, `"paSendRT"`}},
		{nodesim.V2, []string{verifyOK, paymentV2OK, receiptV2OK}, []string{`"paVerifyPaymentNotice"`, `"paGetPaymentV2"`, `"paSendRTV2"`}},
	}
	for _, c := range cases {
		t.Run(c.actions[1], func(t *testing.T) {
			t.Parallel()
			node, asked := saying(t, c.answers...)
			story, err := node.Pay(t.Context(), nodesim.PayRequest{EC: ec, NoticeNumber: nav, Version: c.version, PaymentNote: "cart-1", TransferType: "PAGOPA", Retry: soon})
			if err != nil {
				t.Fatal(err)
			}
			if !story.Paid || story.Refusal() != nil || len(story.Deliveries) != 1 || story.Deliveries[0].Fault != nil {
				t.Errorf("story %+v", story)
			}
			var actions []string
			for _, s := range asked.requests() {
				actions = append(actions, s.header.Get("SOAPAction"))
			}
			if !slices.Equal(actions, c.actions) {
				t.Errorf("calls %q, want %q", actions, c.actions)
			}
			// The payer pays what was shown: the amount of the verify goes into the activation.
			if !strings.Contains(asked.requests()[1].body, "<amount>120.00</amount><paymentNote>cart-1</paymentNote><transferType>PAGOPA</transferType>") {
				t.Errorf("activation %s", asked.requests()[1].body)
			}
			if !strings.Contains(asked.requests()[2].body, "<receiptId>"+story.Receipt.ReceiptID+"</receiptId>") {
				t.Errorf("receipt %s", asked.requests()[2].body)
			}
		})
	}
}

func TestPay_ReceiptIsInsistedUntilAnAnswer(t *testing.T) {
	t.Parallel()
	ok := answer{body: envelop(receiptV2OK)}
	ko := answer{body: envelop(receiptV2KO)}
	busy := answer{status: http.StatusServiceUnavailable}
	garbage := answer{body: strings.Replace(ok.body, ">OK<", ">KKL<", 1)}
	cases := []struct {
		name     string
		answers  []answer
		attempts int
		fault    string
		delivers bool
	}{
		{"OK at once is final", []answer{ok, garbage}, 1, "", true},
		{"KO at once is final", []answer{ko, ok}, 1, "PAA_RECEIPT_DUPLICATA", true},
		{"no answer, then OK", []answer{busy, garbage, ok}, 3, "", true},
		{"no answer, then KO", []answer{garbage, ko, ok}, 2, "PAA_RECEIPT_DUPLICATA", true},
		{"never an answer", []answer{busy}, 4, "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			answers := append([]answer{{body: envelop(verifyOK)}, {body: envelop(paymentV2OK)}}, c.answers...)
			node, asked := script(t, answers...)
			story, err := node.Pay(t.Context(), nodesim.PayRequest{EC: ec, NoticeNumber: nav, Version: nodesim.V2, Retry: soon})
			if (err == nil) != c.delivers {
				t.Fatalf("error %v, want delivered = %v", err, c.delivers)
			}
			if !c.delivers {
				wantVerdict(t, err, nodesim.BadResponse, "HTTP status is 503")
			}
			if len(story.Deliveries) != c.attempts || !story.Paid || story.Refusal() != nil {
				t.Fatalf("%d attempts, want %d; story %+v", len(story.Deliveries), c.attempts, story)
			}
			last := story.Deliveries[c.attempts-1]
			if last.Attempt != c.attempts || (last.Fault == nil) != (c.fault == "") || (last.Fault != nil && last.Fault.Code != c.fault) {
				t.Errorf("last delivery %+v, want attempt %d, fault %q", last, c.attempts, c.fault)
			}
			sent := asked.requests()[2:]
			for _, s := range sent {
				if s.body != sent[0].body {
					t.Errorf("the receipt changed between attempts:\n%s\n%s", sent[0].body, s.body)
				}
			}
		})
	}
}

func TestPay_RefusalEndsTheStory(t *testing.T) {
	t.Parallel()
	paymentKO := strings.ReplaceAll(verifyKO, "paVerifyPaymentNoticeRes", "paGetPaymentV2Response")
	cases := []struct {
		name    string
		answers []string
		calls   int
	}{
		{"at verify", []string{verifyKO}, 1},
		{"at activation", []string{verifyOK, paymentKO}, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			node, asked := saying(t, c.answers...)
			story, err := node.Pay(t.Context(), nodesim.PayRequest{EC: ec, NoticeNumber: nav, Version: nodesim.V2})
			if err != nil {
				t.Fatal(err)
			}
			if story.Paid || story.Refusal() == nil || story.Refusal().Code != "PAA_PAGAMENTO_SCONOSCIUTO" || len(asked.requests()) != c.calls {
				t.Errorf("%d calls, want %d; story %+v", len(asked.requests()), c.calls, story)
			}
		})
	}
}

func TestPay_BadAnswerBeforeTheMoneyIsNotRetried(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string][]answer{
		"at verify":     {{status: 500}},
		"at activation": {{body: envelop(verifyOK)}, {status: 500}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node, asked := script(t, answers...)
			story, err := node.Pay(t.Context(), nodesim.PayRequest{EC: ec, NoticeNumber: nav, Version: nodesim.V2, Retry: soon})
			wantVerdict(t, err, nodesim.BadResponse, "HTTP status is 500")
			if story.Paid || len(asked.requests()) != len(answers) {
				t.Errorf("%d calls, want %d; paid %v", len(asked.requests()), len(answers), story.Paid)
			}
		})
	}
}

func TestPay_EveryRecipientIsTold(t *testing.T) {
	t.Parallel()
	node, asked := saying(t, verifyOK, paymentV2OK, receiptV2OK)
	story, err := node.Pay(t.Context(), nodesim.PayRequest{EC: ec, NoticeNumber: nav, Version: nodesim.V2, Recipients: []string{ec, second}})
	if err != nil {
		t.Fatal(err)
	}
	if len(story.Deliveries) != 2 || story.Deliveries[0].Recipient != ec || story.Deliveries[1].Recipient != second {
		t.Fatalf("deliveries %+v", story.Deliveries)
	}
	first, other := asked.requests()[2].body, asked.requests()[3].body
	if strings.Replace(first, "<idPA>"+ec, "<idPA>"+second, 1) != other {
		t.Errorf("the copies differ in more than idPA:\n%s\n%s", first, other)
	}
}

func TestPay_UnknownVersionIsRefusedBeforeAnyCall(t *testing.T) {
	t.Parallel()
	node, asked := saying(t, verifyOK)
	_, err := node.Pay(t.Context(), nodesim.PayRequest{EC: ec, NoticeNumber: nav})
	if err == nil || len(asked.requests()) != 0 {
		t.Errorf("error %v after %d calls", err, len(asked.requests()))
	}
}

func TestPay_EndsWithItsContextBetweenAttempts(t *testing.T) {
	t.Parallel()
	node, _ := script(t, answer{body: envelop(verifyOK)}, answer{body: envelop(paymentV2OK)}, answer{status: 500})
	ctx, cancel := context.WithCancel(t.Context())
	node.Trace = func(x nodesim.Exchange) {
		if x.Operation == "paSendRTV2" {
			cancel()
		}
	}
	story, err := node.Pay(ctx, nodesim.PayRequest{EC: ec, NoticeNumber: nav, Version: nodesim.V2, Retry: nodesim.NodeRetry()})
	if !errors.Is(err, context.Canceled) || len(story.Deliveries) != 1 {
		t.Errorf("error %v after %d deliveries, want context.Canceled after 1", err, len(story.Deliveries))
	}
}

func TestReceiptFor_EchoesTheActivation(t *testing.T) {
	t.Parallel()
	rome := time.FixedZone("CEST", 2*60*60)
	payment := activated(t)
	r := nodesim.ReceiptFor(payment, nodesim.SamplePSP(), nodesim.ReceiptOptions{Now: time.Date(2026, 6, 30, 23, 59, 58, 7e6, rome)})
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(r.ReceiptID) {
		t.Errorf("receiptId %q, want 32 hexadecimal digits", r.ReceiptID)
	}
	if r.PaymentDateTime != "2026-06-30T23:59:58.007+02:00" || r.ApplicationDate != "2026-06-30" || r.TransferDate != "2026-07-01" {
		t.Errorf("dates %s, %s, %s", r.PaymentDateTime, r.ApplicationDate, r.TransferDate)
	}
	if r.Recipient != ec || r.FiscalCode != ec || r.NoticeNumber != nav || r.CreditorReferenceID != iuv || r.PaymentAmount != 12000 ||
		r.PaymentNote != "cart-1" || *r.Payer != payment.Debtor || *r.Fee != 150 || !slices.Equal(r.Metadata, payment.Metadata) {
		t.Errorf("receipt %+v", r)
	}
	if r.Transfers[0].IBAN != iban || !slices.Equal(r.Transfers[0].Metadata, payment.Transfers[0].Metadata) || r.Transfers[0].MBDAttachment != nil {
		t.Errorf("first transfer %+v", r.Transfers[0])
	}
	if r.Transfers[1].IBAN != "" || r.Transfers[1].MBDAttachment == nil || payment.Transfers[1].Stamp == nil {
		t.Errorf("second transfer %+v of %+v", r.Transfers[1], payment.Transfers[1])
	}
	again := nodesim.ReceiptFor(payment, nodesim.SamplePSP(), nodesim.ReceiptOptions{})
	if again.PaymentDateTime < "2026" {
		t.Errorf("paid at %s without a given moment, want now", again.PaymentDateTime)
	}
	if again.ReceiptID == r.ReceiptID {
		t.Error("two payments have one receiptId")
	}
}

func TestReceiptFor_OptionsWin(t *testing.T) {
	t.Parallel()
	payment := activated(t)
	payment.CompanyName = ""
	payer := nodesim.Subject{Type: "G", Code: second, FullName: "Ditta"}
	r := nodesim.ReceiptFor(payment, nodesim.SamplePSP(), nodesim.ReceiptOptions{
		ReceiptID: "token", Fee: new(nodesim.Cents(0)), Payer: &payer, StandIn: true,
	})
	if r.ReceiptID != "token" || *r.Fee != 0 || *r.Payer != payer || !r.StandIn || r.CompanyName != "Ente "+ec {
		t.Errorf("receipt %+v", r)
	}
}

func TestReceiptFor_StampFollowsMarcaDaBolloXSD(t *testing.T) {
	t.Parallel()
	schema := officialDir(t) + "/xsd-common/MarcaDaBollo.xsd"
	r := nodesim.ReceiptFor(activated(t), nodesim.SamplePSP(), nodesim.ReceiptOptions{})
	err := xmllint(t, schema)(string(r.Transfers[1].MBDAttachment))
	if err != nil {
		t.Errorf("%v\n%s", err, r.Transfers[1].MBDAttachment)
	}
}
