package soap

import (
	"fmt"

	"github.com/beevik/etree"

	"nodobridge/wsdl/xmlpull"
)

// GPDReceipt writes the kept body of a receipt call as GPD's receipts service does:
// the whole call, its root without namespace and with the name of GPD's class,
// indented (gpd-api.md §3.6, §6.1 row 28). Only the spelling is GPD's: the names and
// values are those that our strict reader reads.
func GPDReceipt(raw []byte) ([]byte, error) {
	r, err := xmlpull.NewReader(raw, xmlpull.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("cannot read receipt: %w", err)
	}
	document := etree.NewDocument()
	document.CreateProcInst("xml", `version="1.0" encoding="UTF-8" standalone="yes"`)
	document.WriteSettings.CanonicalText = true
	at := &document.Element
	for {
		kind, err := r.Next()
		if err != nil {
			return nil, fmt.Errorf("cannot read receipt: %w", err)
		}
		switch kind {
		case xmlpull.StartElement:
			space, local := r.Name()
			if root, known := gpdRoots[local]; known && space == bodyNamespace {
				at = document.CreateElement(root)
			} else if at != &document.Element {
				at = at.CreateElement(local)
			}
		case xmlpull.Text:
			if at != &document.Element {
				at.SetText(at.Text() + r.Text())
			}
		case xmlpull.EndElement:
			if at != &document.Element {
				at = at.Parent()
			}
		case xmlpull.EOF:
			if document.Root() == nil {
				return nil, errNoReceipt
			}
			document.Indent(4)
			return document.WriteToBytes()
		}
	}
}

const bodyNamespace = "http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"

// gpdRoots are GPD's names for the roots of the receipt calls; the second one's capital
// letter is GPD's.
var gpdRoots = map[string]string{"paSendRTReq": "paSendRTReq", "paSendRTV2Request": "PaSendRTV2Request"}
