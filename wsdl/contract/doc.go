// Package contract compares two statements of a SOAP contract, a WSDL with the
// schemas it imports, by what they say and not by how they are written.
//
// Load turns the files into a flat list of named components: schemas, types,
// global elements, messages, operations, bindings, ports. Each component has
// named properties (a facet, a base, the order of a sequence, the occurrence of
// an element). Diff then compares component with component and property with
// property, and names what differs.
//
// What does not change the meaning is taken away while loading: prefixes (every
// QName is expanded by the declarations in its scope), comments, annotations,
// layout, the order of global declarations and of facets, the place of imported
// files, and attributes that only repeat a default. All else is kept. Nothing
// is passed over because this package does not know it: one generic walk reads
// every element and attribute, so that an xs:attribute, an xs:all or a construct
// of tomorrow stands in the list, and in the difference, like any other.
//
// The comparison serves two readers: the test that holds our files against
// pagoPA's, and the operator who runs "nodobridge contract diff DIR" on a new
// release of pagoPA's files.
package contract
