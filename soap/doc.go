// Package soap is the station towards the pagoPA node: paForNode over SOAP 1.1.
//
// A call walks one way: server (method, size, deadline) -> gate (one strict pass
// to the only child of the Body) -> operation by the payload's qualified name ->
// generated decoder and validator (package pafornode) -> a use case of package
// bridge -> generated encoder. Nothing else reads or writes XML on this path.
//
// What the node does with an answer decides its form (soap-node.md §2.0, §2.6):
// a refusal is HTTP 200 with outcome KO and a fault of three parts, and it is
// final; an HTTP 500 with a SOAP Fault is no answer, and the node sends a
// receipt again after it. So reads are refused with a KO, and a receipt that
// cannot be stored is never given one.
package soap
