// Package service is the spontaneous services that an operator declares: what a
// payload must look like, which fields it has, how much is due for them and how
// the notice is worded (soap-node.md §2.4). A definition is a YAML file with an
// XSD beside it; catalog holds those of pagoPA's public catalogue, a folder of
// the operator's may hold more. An enrolment says that one creditor institution
// offers a service on one station. Nothing here makes positions: bridge does.
//
// A payload is read once, by the strict reader that is also the gate
// (wsdl/xmlpull). The tree on which paths are evaluated and the document that the
// XSD judges are both written from that reading, so no second parser ever sees
// the bytes that came from outside.
package service
