// Package xmlpull reads one complete XML document, strictly and with few
// allocations. It is the gate's well-formedness and limits pass and the source
// of the generated decoder at once: there is no second parser that could read
// the same bytes otherwise.
//
// It refuses more than XML 1.0 does, because every tolerance of a general
// parser has been measured to be an attack or a lost receipt somewhere: any
// DOCTYPE, any processing instruction after the declaration, every encoding
// but UTF-8, US-ASCII and ISO-8859-1, XML 1.1, unbound prefixes, duplicate
// attributes (by expanded name too), comments inside a leaf, text beside child
// elements, bytes after the root. Names are limited to ASCII and the letters of
// Latin-1: the contract uses nothing else, and it keeps lookalikes out.
//
// Whatever it accepts, encoding/xml and etree accept too and read with the same
// names and values (FuzzReader). The errors are fixed texts: they never repeat
// what the document says, which may be personal data.
//
// The Reader copies the document once, into one string, and hands out parts of
// that string: values that are kept for long should be cloned.
package xmlpull
