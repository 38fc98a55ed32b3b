package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"nodobridge/bridge"
)

// TestVerdicts_AreExhaustive: every code of bridge has a verdict here or is known
// to be none of this API's; a new one has to be placed.
func TestVerdicts_AreExhaustive(t *testing.T) {
	t.Parallel()
	elsewhere := []bridge.Code{
		bridge.CodeBrokerUnknown, bridge.CodeStationUnknown, bridge.CodeReceiptDuplicate,
		bridge.CodeNoticeCancelled, bridge.CodeNoticeExpired, bridge.CodeNotExpressible, bridge.CodeNotEnabled,
		// the node's calls: soap/fault.go
		bridge.CodeStoreUnavailable, // a failure, 500
	}
	for _, code := range bridgeCodes(t) {
		_, known := verdicts[code]
		if known == slices.Contains(elsewhere, code) {
			t.Errorf("code %q: a verdict %v, listed as none of the API's %v", code, known, !known)
		}
	}
}

// bridgeCodes reads the constants of type Code from bridge's source.
func bridgeCodes(t *testing.T) []bridge.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../bridge/error.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []bridge.Code
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		kind, ok := spec.Type.(*ast.Ident)
		if !ok || kind.Name != "Code" {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, bridge.Code(text))
		return true
	})
	if len(codes) < 20 {
		t.Fatalf("only %d codes found", len(codes))
	}
	return codes
}
