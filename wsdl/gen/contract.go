package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/beevik/etree"
	"github.com/hooklift/gowsdl"
)

const soapTransport = "http://schemas.xmlsoap.org/soap/http"

// loadContract reads the WSDL at path and everything it imports.
func loadContract(path string) (*contract, error) { return readContract(path, readFile) }

// readContract is loadContract over any source of files.
func readContract(path string, read func(string) ([]byte, error)) (*contract, error) {
	data, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read contract: %w", err)
	}
	model := new(gowsdl.WSDL)
	err = xml.NewDecoder(bytes.NewReader(data)).Decode(model)
	if err != nil {
		return nil, fmt.Errorf("cannot read contract %s: %w", path, err)
	}
	doc := etree.NewDocument()
	err = doc.ReadFromBytes(data)
	if err != nil {
		return nil, fmt.Errorf("cannot read contract %s: %w", path, err)
	}
	set := &schemaSet{read: read}
	for _, inline := range model.Types.Schemas {
		if len(inline.Elements)+len(inline.ComplexTypes)+len(inline.SimpleType) > 0 {
			return nil, errors.New("components in the WSDL's own schema are not understood")
		}
		for _, i := range inline.Imports {
			err = set.follow(filepath.Clean(path), i)
			if err != nil {
				return nil, err
			}
		}
	}
	r := &resolver{set: set, complex: map[qname]*complexType{}, simple: map[qname]*simpleType{}}
	c, err := r.operations(model, doc.Root())
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w", path, err)
	}
	r.collect(c)
	return c, checkNames(c)
}

// operations reads the one binding of the WSDL.
func (r *resolver) operations(w *gowsdl.WSDL, tree *etree.Element) (*contract, error) {
	if len(w.PortTypes) != 1 || len(w.Binding) != 1 || len(w.Imports) != 0 {
		return nil, errors.New("one portType, one binding and no wsdl:import are understood")
	}
	binding := w.Binding[0]
	if binding.SOAPBinding.Style != "document" || binding.SOAPBinding.Transport != soapTransport {
		return nil, errors.New("only SOAP 1.1 document style over HTTP is understood")
	}
	if len(binding.Operations) != len(w.PortTypes[0].Operations) {
		return nil, errors.New("binding and portType differ")
	}
	c := new(contract)
	for _, abstract := range w.PortTypes[0].Operations {
		o, err := r.operation(w, tree, abstract)
		if err != nil {
			return nil, fmt.Errorf("operation %s: %w", abstract.Name, err)
		}
		if c.namespace == "" {
			c.namespace = o.request.name.space
		}
		if o.request.name.space != c.namespace || o.response.name.space != c.namespace {
			return nil, fmt.Errorf("operation %s: payloads of several namespaces", abstract.Name)
		}
		c.operations = append(c.operations, *o)
	}
	return c, nil
}

// operation joins the abstract and the bound half of one operation.
func (r *resolver) operation(w *gowsdl.WSDL, tree *etree.Element, abstract *gowsdl.WSDLOperation) (*operation, error) {
	var bound *gowsdl.WSDLOperation
	for _, b := range w.Binding[0].Operations {
		if b.Name == abstract.Name {
			bound = b
		}
	}
	switch {
	case bound == nil:
		return nil, errors.New("not bound")
	case len(abstract.Faults)+len(bound.Faults)+len(bound.Input.SOAPHeader)+len(bound.Output.SOAPHeader) > 0:
		return nil, errors.New("faults and headers are not understood")
	case bound.Input.SOAPBody.Use != "literal" || bound.Output.SOAPBody.Use != "literal":
		return nil, errors.New("only literal bodies are understood")
	case bound.SOAPOperation.SOAPAction == "":
		return nil, errors.New("no soapAction")
	}
	request, err := r.message(w, tree, abstract.Input.Message)
	if err != nil {
		return nil, err
	}
	response, err := r.message(w, tree, abstract.Output.Message)
	if err != nil {
		return nil, err
	}
	return &operation{name: abstract.Name, action: bound.SOAPOperation.SOAPAction, request: request, response: response}, nil
}

// message returns the one element a message carries.
func (r *resolver) message(w *gowsdl.WSDL, tree *etree.Element, name string) (*element, error) {
	_, local, _ := strings.Cut(name, ":")
	for _, m := range w.Messages {
		if m.Name != local {
			continue
		}
		if len(m.Parts) != 1 || m.Parts[0].Element == "" || m.Parts[0].Type != "" {
			return nil, fmt.Errorf("message %s: one part with an element is understood", local)
		}
		root, err := resolve(tree, m.Parts[0].Element)
		if err != nil {
			return nil, err
		}
		return r.element(root)
	}
	return nil, fmt.Errorf("no message %s", name)
}
