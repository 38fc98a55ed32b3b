package soap

import "fmt"

// ODPErrors is the table of payment options' errors, a row as "ODP-101 400 PAA_SINTASSI".
func ODPErrors() []string {
	var rows []string
	for _, e := range odpErrors {
		rows = append(rows, fmt.Sprintf("%s %d %s", e.code, e.status, e.fault))
	}
	return rows
}
