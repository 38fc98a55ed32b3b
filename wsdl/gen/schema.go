package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/beevik/etree"
	"github.com/hooklift/gowsdl"
)

// schema is one schema file, read twice: gowsdl's model for what it says, the
// tree for order, scope and the check that nothing else is said.
type schema struct {
	path  string
	model *gowsdl.XSDSchema
	tree  *etree.Element
}

// schemaSet is a schema with all it imports.
type schemaSet struct {
	read func(path string) ([]byte, error)
	list []*schema // imports behind those who import them
}

// load reads a schema file and its imports; each file once.
func (s *schemaSet) load(path string) error {
	for _, have := range s.list {
		if have.path == path {
			return nil
		}
	}
	data, err := s.read(path)
	if err != nil {
		return fmt.Errorf("cannot read schema: %w", err)
	}
	file := &schema{path: path, model: new(gowsdl.XSDSchema)}
	err = xml.Unmarshal(data, file.model)
	if err != nil {
		return fmt.Errorf("cannot read schema %s: %w", path, err)
	}
	doc := etree.NewDocument()
	err = doc.ReadFromBytes(data)
	if err != nil {
		return fmt.Errorf("cannot read schema %s: %w", path, err)
	}
	file.tree = doc.Root()
	err = errors.Join(checkConstructs(file.tree, ""), checkForms(file.tree))
	if err != nil {
		return fmt.Errorf("schema %s: %w", path, err)
	}
	s.list = append(s.list, file)
	for _, i := range file.model.Imports {
		err = s.follow(path, i)
		if err != nil {
			return err
		}
	}
	return nil
}

// follow loads an import and checks that the file is of the namespace it claims.
func (s *schemaSet) follow(from string, i *gowsdl.XSDImport) error {
	if i.SchemaLocation == "" || strings.Contains(i.SchemaLocation, "://") {
		return fmt.Errorf("%s: import of %q needs a local file", from, i.Namespace)
	}
	path := filepath.Join(filepath.Dir(from), filepath.FromSlash(i.SchemaLocation))
	err := s.load(path)
	if err != nil {
		return err
	}
	for _, have := range s.list {
		if have.path == path && have.model.TargetNamespace != i.Namespace {
			return fmt.Errorf("%s: %s is not of namespace %q", from, path, i.Namespace)
		}
	}
	return nil
}

// named finds a global component in the trees: its schema and its element.
func (s *schemaSet) named(tag string, name qname) (*schema, *etree.Element, error) {
	for _, file := range s.list {
		if file.model.TargetNamespace != name.space {
			continue
		}
		for _, e := range file.tree.ChildElements() {
			if e.Tag == tag && e.SelectAttrValue("name", "") == name.local {
				return file, e, nil
			}
		}
	}
	return nil, nil, fmt.Errorf("no %s %s in namespace %s", tag, name.local, name.space)
}

// readFile is schemaSet.read outside tests.
func readFile(path string) ([]byte, error) { return os.ReadFile(path) }
