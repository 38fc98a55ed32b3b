// Package bridge is the business of a pagoPA station, and nothing else: the
// vocabulary (debt position, payment option, instalment, transfer, notice
// number, receipt), the rules (what may become what, what is payable now) and
// the use cases. It knows neither SOAP nor JSON nor SQL; it imports the
// standard library only.
//
// The tree is the one of pagoPA's "Gestione Posizioni Debitorie", version 3:
//
//	Position            what a debtor owes to a creditor institution (EC)
//	└─ Option           one way of paying it: at once, or one instalment plan
//	   └─ Instalment    one payable notice: NAV, IUV, amount, due date
//	      └─ Transfer   a share of the amount, for one beneficiary's account
//
// GPD's version 1 is a flat view of the same tree: every non-partial option of
// v1 is an Option with one Instalment, all its partial options together are one
// Option with Plan set.
//
// Two parties call the use cases. The creditor institution uploads positions
// (CreatePosition, PublishPosition, DeletePosition). The node asks about a
// notice (VerifyNotice), asks for its data to have it paid (GetPayment), and
// delivers the receipt (RecordReceipt). The first two node calls are reads:
// they never lock and never change a position, the node owns concurrency
// (soap-node.md §0 rule 4). A receipt means that a citizen's money has moved,
// so it is never refused for its content: what does not fit is stored and
// flagged as an Anomaly.
package bridge
