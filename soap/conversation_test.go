package soap_test

import (
	"fmt"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/judge"
	"nodobridge/internal/testkit"
	"nodobridge/nodesim"
	"nodobridge/soap"
)

// The whole conversation with the second implementation, in every way of writing
// that has been seen (soap-node.md §6 T1 to T5, T8), in both versions.
func TestConversation(t *testing.T) {
	t.Parallel()
	styles := map[string]nodesim.WireStyle{
		"as the node":          {},
		"other prefixes":       {EnvelopePrefix: "s", PayloadPrefix: "nod"},
		"SOAP-ENV and paf":     {EnvelopePrefix: "SOAP-ENV", PayloadPrefix: "paf"},
		"default on envelope":  {DefaultEnvelope: true},
		"declared on payload":  {LocalPayload: true},
		"header and indented":  {Header: true, Indent: true},
		"SOAPAction bare":      {Action: nodesim.ActionBare},
		"SOAPAction missing":   {Action: nodesim.ActionMissing},
		"SOAPAction empty":     {Action: nodesim.ActionEmpty},
		"application/xml":      {ContentType: "application/xml"},
		"text/xml, no charset": {ContentType: "text/xml"},
		"text/plain":           {ContentType: "text/plain"},
	}
	s := newStation(t, openStore(t), soap.Limits{})
	n := int64(0)
	for name, style := range styles {
		for _, version := range []nodesim.Version{nodesim.V1, nodesim.V2} {
			n++
			iupd, nav := bridge.IUPD(fmt.Sprintf("POS-%d", n)), testkit.NAV(n)
			s.create(t, testkit.Single(n), true)
			t.Run(fmt.Sprintf("%s V%d", name, version), func(t *testing.T) {
				t.Parallel()
				node := s.node()
				node.Style = style
				node.Trace = func(x nodesim.Exchange) {
					if err := judge.Message(x.ResponseBody); err != nil {
						t.Errorf("%s: the answer breaks the contract: %v\n%s", x.Operation, err, x.ResponseBody)
					}
				}
				story, err := node.Pay(t.Context(), nodesim.PayRequest{EC: string(testkit.EC), NoticeNumber: string(nav), Version: version, Retry: nodesim.Retry{Attempts: 1}})
				if err != nil || story.Refusal() != nil || !story.Paid || story.Payment.PaymentAmount != 12000 {
					t.Fatalf("%+v: %v", story, err)
				}
				if got := s.positionStatus(t, iupd); got != bridge.Paid {
					t.Errorf("the position is %s", got)
				}
				again, err := node.Verify(t.Context(), string(testkit.EC), string(nav))
				if err != nil || again.Fault == nil || again.Fault.Code != "PAA_PAGAMENTO_DUPLICATO" || again.Fault.ID != string(testkit.EC) {
					t.Errorf("verified again: %+v, %v", again, err)
				}
			})
		}
	}
}
