// Package wsdl holds the contract between the pagoPA node and a station, as
// nodobridge states it: the WSDL of paForNode, the schema of its payloads and
// the common types.
//
// pagoPA publishes the contract; we wrote our own statement of it. The names,
// the namespaces, the order, the types and the facets are pagoPA's, and
// contract_test.go compares every one of them with the official files. The
// annotations are ours: they say what each element means to a station, which
// the official files leave to SANP and to experience.
//
// Everything that speaks the contract starts here. The generator (wsdl/gen)
// reads these files and writes the decoder, the validator and the encoder
// (wsdl/pafornode); the SOAP server publishes them under ?wsdl and ?xsd=NAME;
// wsdl/contract compares them with a new release of pagoPA's files
// (nodobridge contract diff DIR).
package wsdl

import "embed"

// Files holds the contract: paForNode.wsdl, and in the folder xsd the schemas
// paForNode.xsd and commonTypes.xsd, which import one another by file name.
//
//go:embed paForNode.wsdl xsd/paForNode.xsd xsd/commonTypes.xsd
var Files embed.FS
