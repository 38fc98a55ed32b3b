package contract

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Limits on what an operator may point us at: pagoPA's files are three, the
// largest of 20 kB.
const (
	maxSchemas   = 64
	maxFileBytes = 4 << 20
)

// Load reads a WSDL and the schemas it imports, and those they import, from
// fsys. Schema locations are relative to the file that names them and stay
// within fsys. The components stand in the order of the files, each schema
// behind the one that imports it first.
func Load(fsys fs.FS, name string) ([]Component, error) {
	l := &loader{fsys: fsys}
	err := l.definitions(path.Clean(name))
	if err != nil {
		return nil, fmt.Errorf("cannot load contract: %w", err)
	}
	l.number()
	return l.components, nil
}

// loader gathers the components of one contract.
type loader struct {
	fsys       fs.FS
	schemas    []string // files read so far
	components []Component
}

// document reads one file.
func (l *loader) document(name string) (*node, error) {
	file, err := l.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	limited := &io.LimitedReader{R: file, N: maxFileBytes + 1}
	root, err := parse(limited)
	closeErr := file.Close()
	switch {
	case limited.N == 0:
		return nil, fmt.Errorf("%s: more than %d bytes", name, maxFileBytes)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case closeErr != nil:
		return nil, fmt.Errorf("%s: %w", name, closeErr)
	}
	return root, nil
}

// resolve turns a schema location into the name of a file in fsys.
func resolve(from, location string) (string, error) {
	if strings.Contains(location, ":") || path.IsAbs(location) {
		return "", fmt.Errorf("%s: schema location %q is not a relative path", from, location)
	}
	name := path.Join(path.Dir(from), location)
	if !fs.ValidPath(name) {
		return "", fmt.Errorf("%s: schema location %q is %w", from, location, errOutside)
	}
	return name, nil
}

// errOutside marks a schema location above the folder that was given.
var errOutside = errors.New("outside of the contract's folder")

// schemaFile reads a schema that another file names. Each file counts once.
func (l *loader) schemaFile(from, location string) error {
	name, err := resolve(from, strings.TrimSpace(location))
	if err != nil {
		return err
	}
	if slices.Contains(l.schemas, name) {
		return nil
	}
	if len(l.schemas) == maxSchemas {
		return fmt.Errorf("more than %d schemas", maxSchemas)
	}
	l.schemas = append(l.schemas, name)
	root, err := l.document(name)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	if !root.is(schemaSpace, "schema") {
		return fmt.Errorf("%s: the root is not xs:schema", name)
	}
	return l.schema(root, name)
}

// schema reads the components of a schema, then the schemas it brings in.
func (l *loader) schema(root *node, file string) error {
	space, _ := root.attribute("targetNamespace")
	whole := Component{Kind: "schema", Name: clark(space, "")}
	globals := []string{}
	for _, child := range root.children {
		globals = append(globals, child.name.Local)
	}
	err := whole.describe(root, "", append(globals, "targetNamespace")...)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	own := len(l.components)
	l.components = append(l.components, whole)
	var locations []string
	for _, child := range root.children {
		location, located := child.attribute("schemaLocation")
		if located && child.name.Space == schemaSpace {
			locations = append(locations, location)
		}
		if child.is(schemaSpace, "import") {
			imported, _ := child.attribute("namespace")
			l.components[own].add("", "import", imported)
			continue
		}
		err := l.global(child, space, file)
		if err != nil {
			return err
		}
	}
	for _, location := range locations {
		err := l.schemaFile(file, location)
		if err != nil {
			return err
		}
	}
	return nil
}

// global reads a declaration of a schema, of whatever kind it may be. Where an
// included or redefined file lies is left out, as it is for imports.
func (l *loader) global(n *node, space, file string) error {
	name, _ := n.attribute("name")
	c := Component{Kind: n.name.Local, Name: clark(space, name)}
	if n.name.Space != schemaSpace {
		c.Kind = clark(n.name.Space, n.name.Local)
	}
	err := c.describe(n, "", "name", "schemaLocation")
	if err != nil {
		return fmt.Errorf("%s: %s: %w", file, c, err)
	}
	l.components = append(l.components, c)
	return nil
}

// number tells apart components of one kind and name, such as two schemas of
// one namespace: each can then be compared with its counterpart.
func (l *loader) number() {
	seen := map[string]int{}
	for i := range l.components {
		c := &l.components[i]
		key := c.String()
		seen[key]++
		if seen[key] > 1 {
			c.Name += fmt.Sprintf(" #%d", seen[key])
		}
	}
}
