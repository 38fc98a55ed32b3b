// Package judge says whether a SOAP message obeys the paForNode contract, by a
// validator that is not ours: jacoelho/xsd over our XSD, which wsdl's own test
// holds equal to pagoPA's. Only tests import it.
package judge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/jacoelho/xsd"

	"nodobridge/wsdl"
)

// envelope is a SOAP 1.1 envelope with exactly one payload of the contract.
const envelope = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://schemas.xmlsoap.org/soap/envelope/" elementFormDefault="qualified">
<xs:import namespace="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd" schemaLocation="xsd/paForNode.xsd"/>
<xs:element name="Envelope"><xs:complexType><xs:sequence><xs:element name="Body"><xs:complexType><xs:sequence>
<xs:any namespace="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd" processContents="strict"/>
</xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>`

// WriteSchema puts the envelope's schema and the contract into a folder, for
// other validators, and returns the name of the envelope's.
func WriteSchema(dir string) (string, error) {
	err := fs.WalkDir(wsdl.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, name)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		text, err := wsdl.Files.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
	if err != nil {
		return "", fmt.Errorf("cannot write the contract: %w", err)
	}
	name := filepath.Join(dir, "envelope.xsd")
	return name, os.WriteFile(name, []byte(envelope), 0o644)
}

var engine = sync.OnceValues(func() (*xsd.Engine, error) {
	dir, err := os.MkdirTemp("", "judge")
	if err != nil {
		return nil, err
	}
	name, err := WriteSchema(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	compiled, err := xsd.Compile(context.Background(), xsd.File(name))
	return compiled, errors.Join(err, os.RemoveAll(dir))
})

// Message returns nil when the document is an envelope with one valid payload.
func Message(document []byte) error {
	e, err := engine()
	if err != nil {
		return fmt.Errorf("cannot compile the contract: %w", err)
	}
	return e.ValidateWithOptions(context.Background(), bytes.NewReader(document), xsd.ValidateOptions{MaxErrors: 1})
}
