// Package nodesim is a pagoPA node and a payment service provider in miniature: it calls a station over real SOAP and
// HTTP, judges the answers as the node does, and then tells the station that the notice has been paid.
//
// It is a second implementation on purpose. It knows nothing of the packages that serve the contract: the requests it
// writes and the rules by which it judges an answer were written again, by hand, from the official XSD and from the
// behaviour observed in pagoPA's own test suite (soap-node §2). A mistake in the station that is repeated in its own
// encoder and decoder is therefore still seen here.
//
// One payment goes like this:
//
//	node := nodesim.Node{URL: "http://127.0.0.1:8080/paForNode", Broker: "99999999999", Station: "99999999999_01"}
//	story, err := node.Pay(ctx, nodesim.PayRequest{EC: "77777777777", NoticeNumber: "302000000000000012", Version: nodesim.V2})
//
// Pay is Verify, GetPaymentV2, ReceiptFor and SendRTV2 one after the other; each can be called alone.
//
// Three things may come of a call, and they are kept apart because the node keeps them apart:
//   - the station says OK: the result is filled in;
//   - the station says KO with a well-made fault: the result carries a *Fault and the error is nil, since a refusal is
//     an answer like another (and, for a receipt, the final one: soap-node §2.6);
//   - the station gives no answer, or one the node cannot accept: the error is, for errors.As, a *NodeError with the
//     code the real node would report to the PSP.
//
// Whoever wants to see the exchanges sets Node.Trace. Whoever wants a network that misbehaves gives Node.HTTP a
// transport of their own (delays, cuts, duplicates); Node.Style chooses among the many ways of writing the same XML.
package nodesim
