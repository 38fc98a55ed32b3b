package soap

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/beevik/etree"

	"nodobridge/wsdl"
)

// contract answers GET ?wsdl and ?xsd=NAME with our statement of the contract,
// the WSDL's address and imports made to point here (soap-node.md §6 T13). The
// files are small and asked for once in a client's life: nothing is cached.
func (x *exchange) contract() {
	query := x.request.URL.Query()
	file := ""
	switch {
	case query.Has("wsdl") || query.Has("WSDL") || strings.HasSuffix(strings.ToLower(x.request.URL.Path), "?wsdl"):
		file = "paForNode.wsdl"
	case query.Has("xsd"):
		file = path.Join("xsd", path.Base(query.Get("xsd")))
	default:
		x.notAllowed()
		return
	}
	text, err := fs.ReadFile(wsdl.Files, file)
	if err != nil {
		x.plain(http.StatusNotFound, "no such file of the contract")
		return
	}
	document, err := published(text, x.server.publicURL)
	if err != nil {
		x.record.Err = err
		x.plain(http.StatusInternalServerError, "the contract cannot be shown")
		return
	}
	x.status, x.contentType, x.body = http.StatusOK, contentTypeXML, document
}

// published rewrites the places that depend on where the contract is read from.
func published(text []byte, address string) ([]byte, error) {
	tree := etree.NewDocument()
	if err := tree.ReadFromBytes(text); err != nil {
		return nil, fmt.Errorf("cannot read our own contract: %w", err)
	}
	for _, e := range tree.FindElements("//*") {
		switch e.Tag {
		case "address":
			e.CreateAttr("location", address)
		case "import", "include":
			if at := e.SelectAttr("schemaLocation"); at != nil {
				at.Value = address + "?xsd=" + url.QueryEscape(path.Base(at.Value))
			}
		}
	}
	return tree.WriteToBytes()
}
