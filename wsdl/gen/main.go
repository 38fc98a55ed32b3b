// Command gen writes package nodobridge/wsdl/pafornode from the contract files.
//
// It reads the WSDL and the schemas with the exported model of gowsdl v0.5.0.
// gowsdl's own output cannot serve this contract (docs/architecture.md §3), and
// its model loses three things, which etree gives back: where a choice stands in
// its sequence, the default namespace of a schema, and every construct it does
// not know, on which this generator stops instead of passing over it.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	wsdl := flag.String("wsdl", "wsdl/paForNode.wsdl", "the contract")
	out := flag.String("out", "wsdl/pafornode", "the folder of the generated package")
	flag.Parse()
	err := run(*wsdl, *out)
	if err != nil {
		log.Fatalf("gen: %v", err)
	}
}

// run generates the package for one WSDL into a folder.
func run(wsdl, out string) error {
	c, err := loadContract(wsdl)
	if err != nil {
		return err
	}
	files, err := generate(c)
	if err != nil {
		return err
	}
	for _, f := range files {
		err = os.WriteFile(filepath.Join(out, f.name), f.text, 0o644)
		if err != nil {
			return fmt.Errorf("cannot write generated file: %w", err)
		}
	}
	return nil
}
