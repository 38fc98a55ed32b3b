package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/beevik/etree"

	"nodobridge/nodesim"
)

// teller prints a conversation so that a person can follow it.
type teller struct{ out io.Writer }

func (t teller) heading(format string, args ...any) {
	fmt.Fprintf(t.out, "\n== "+format+"\n", args...)
}

func (t teller) line(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }

// exchange prints one call of the node and its answer.
func (t teller) exchange(x nodesim.Exchange) {
	fmt.Fprintf(t.out, "\n-- %s: the node asks\n%s", x.Operation, indented(x.RequestBody))
	if x.Status == 0 {
		fmt.Fprintf(t.out, "-- no answer: %v\n", x.Err)
		return
	}
	fmt.Fprintf(t.out, "-- HTTP %d after %s: the station answers\n%s", x.Status, x.Duration.Round(10*time.Microsecond), indented(x.ResponseBody))
}

// json prints one HTTP exchange of the JSON API.
func (t teller) json(method, path string, request []byte, status int, response []byte) {
	fmt.Fprintf(t.out, "-- %s %s\n", method, path)
	if len(request) > 0 {
		fmt.Fprint(t.out, indentedJSON(request))
	}
	fmt.Fprintf(t.out, "-- HTTP %d\n%s", status, indentedJSON(response))
}

func indented(document []byte) string {
	tree := etree.NewDocument()
	if err := tree.ReadFromBytes(document); err != nil {
		return string(document) + "\n"
	}
	tree.Indent(2)
	text, err := tree.WriteToString()
	if err != nil {
		return string(document) + "\n"
	}
	return strings.TrimRight(text, "\n") + "\n"
}

func indentedJSON(document []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, document, "", "  "); err != nil {
		return string(document) + "\n"
	}
	return b.String() + "\n"
}
