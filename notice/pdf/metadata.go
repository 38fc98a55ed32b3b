package pdf

import (
	"encoding/xml"
	"strings"
)

// metadata writes the XMP packet that says the same as the document's information and
// which norms it follows. PDF/UA's identifier is none of PDF/A's own schemas, so it has
// to be declared (ISO 19005-2, 6.6.2.3).
func (f *file) metadata() int {
	info := f.document.info
	var b strings.Builder
	b.WriteString("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" ` +
		`xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">` +
		`<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>` +
		`<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + escaped(info.Title) + `</rdf:li></rdf:Alt></dc:title>`)
	if info.Author != "" {
		b.WriteString(`<dc:creator><rdf:Seq><rdf:li>` + escaped(info.Author) + `</rdf:li></rdf:Seq></dc:creator>`)
	}
	b.WriteString(`<dc:language><rdf:Bag><rdf:li>` + escaped(info.Lang) + `</rdf:li></rdf:Bag></dc:language><pdf:Producer>` + escaped(info.Producer) + `</pdf:Producer></rdf:Description>` +
		`<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" ` +
		`xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">` +
		`<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema><pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>` +
		`<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>` +
		`<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>` +
		`<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>` +
		`</rdf:RDF></x:xmpmeta>` + "\n<?xpacket end=\"w\"?>")
	// Readable without unpacking, as PDF/A's readers expect.
	text := b.String()
	return f.add("<</Type /Metadata /Subtype /XML /Length %d>>\nstream\n%s\nendstream", len(text), text)
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // writing into memory cannot fail
	return b.String()
}
