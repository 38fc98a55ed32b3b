package soap

import (
	"strings"

	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

// standInName is the flag's name in lower case. SANP 3.6 wrote it "standin" and
// beside the receipt, 3.9 "standIn" and inside it; both must be understood
// (soap-node.md §1.1 "Historical changes", §6 R6).
const standInName = "standin"

// standInElsewhere reads the stand-in flag from where the contract does not know
// it. The decoder skips such elements and reports their names only, so the body
// is read again, but only when a report says that there may be one.
func standInElsewhere(rep *pafornode.Report, body []byte, limits xmlpull.Limits) bool {
	reported := rep.UnknownCount > len(rep.Unknown) // names that were not kept
	for _, path := range rep.Unknown {
		reported = reported || strings.EqualFold(path[strings.LastIndexByte(path, '/')+1:], standInName)
	}
	if !reported {
		return false
	}
	r, err := xmlpull.NewReader(body, limits)
	if err != nil {
		return false
	}
	if _, err := enter(r); err != nil {
		return false
	}
	return standInAmong(r, "receipt")
}

// standInAmong looks at the children of the current element, and of its child
// with the given name, up to the first flag that is set.
func standInAmong(r *xmlpull.Reader, inner string) bool {
	for {
		child, err := r.Child()
		if err != nil || !child {
			return false
		}
		switch n := at(r); {
		case strings.EqualFold(n.local, standInName):
			value, err := r.Leaf()
			value = strings.TrimSpace(value)
			if err == nil && (value == "true" || value == "1") {
				return true
			}
			if err != nil {
				return false
			}
		case inner != "" && n.local == inner:
			if standInAmong(r, "") {
				return true
			}
		default:
			if err := r.Skip(); err != nil {
				return false
			}
		}
	}
}
