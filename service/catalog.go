package service

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/jacoelho/xsd"
)

//go:embed catalog
var embedded embed.FS

// Catalog is the services that can be enrolled for, by name.
type Catalog struct{ definitions map[string]*Definition }

// LoadCatalog reads the services that come with the program and, unless dir is
// "", those of the operator's folder. An own service needs a name of its own.
func LoadCatalog(ctx context.Context, dir string) (*Catalog, error) {
	c := &Catalog{definitions: map[string]*Definition{}}
	own, err := fs.Sub(embedded, "catalog")
	if err != nil {
		return nil, err
	}
	err = c.load(ctx, own, func(name string) (xsd.SchemaSource, error) {
		text, err := fs.ReadFile(own, name)
		return xsd.Bytes(name, text), err
	})
	if err != nil || dir == "" {
		return c, err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder", dir)
	}
	// As a file, so that an XSD may include others beside it.
	return c, c.load(ctx, os.DirFS(dir), func(name string) (xsd.SchemaSource, error) {
		return xsd.File(filepath.Join(dir, filepath.FromSlash(name))), nil
	})
}

func (c *Catalog) load(ctx context.Context, files fs.FS, source func(string) (xsd.SchemaSource, error)) error {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return fmt.Errorf("cannot list service definitions: %w", err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("cannot read service definition %s: %w", name, err)
		}
		d, err := parseDefinition(ctx, text, source)
		if err != nil {
			return fmt.Errorf("service definition %s: %w", name, err)
		}
		if c.definitions[d.Name] != nil {
			return fmt.Errorf("service definition %s: name: there is another service %s", name, d.Name)
		}
		c.definitions[d.Name] = d
	}
	return nil
}

// Names lists the services in alphabetical order.
func (c *Catalog) Names() []string { return slices.Sorted(maps.Keys(c.definitions)) }
