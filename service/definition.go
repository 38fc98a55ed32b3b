package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/jacoelho/xsd"
	"go.yaml.in/yaml/v3"

	"nodobridge/bridge"
)

// Definition is one service as its YAML file declares it; docs/services.md
// explains every key.
type Definition struct {
	Name        string               `yaml:"name"`
	IDServizio  string               `yaml:"id_servizio"` // 5 characters; "" leaves it to the enrolment
	XSD         string               `yaml:"xsd"`         // file beside the definition
	Root        string               `yaml:"root"`        // {namespace}localName
	Fields      map[string]FieldSpec `yaml:"fields"`
	Debtor      DebtorSpec           `yaml:"debtor"`
	Amount      *AmountSpec          `yaml:"amount"` // nil leaves it to the enrolment
	Description string               `yaml:"description"`
	Category    string               `yaml:"category"` // taxonomy code; "" leaves it to the enrolment
	ValidDays   int                  `yaml:"valid_days"`
	Window      string               `yaml:"window"` // e.g. "30m", the default

	window   time.Duration
	schema   *schema
	paths    map[string]etree.Path
	patterns map[string]*regexp.Regexp
	template template
}

// FieldSpec is where a field stands in the payload.
type FieldSpec struct {
	Path     string `yaml:"path"` // XPath from the root element, names without prefixes
	Required bool   `yaml:"required"`
	// Pattern is RE2 that the whole value matches where the fields come by name; in a
	// payload the XSD judges.
	Pattern string `yaml:"pattern"`
}

// DebtorSpec names the fields that say who owes; without them it is ANONIMO.
type DebtorSpec struct {
	Type       string `yaml:"type"` // F or G; "" tells it from the fiscal code
	FiscalCode string `yaml:"fiscal_code"`
	FullName   string `yaml:"full_name"`
	Email      string `yaml:"email"`
}

// The defaults of a definition: the window is soap-node.md §2.4's.
const (
	defaultWindow    = 30 * time.Minute
	defaultValidDays = 1
)

var (
	// nameForm is that of services and fields: small letters, because the keys of
	// config.yaml, where tables name fields too, have no other.
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	rootForm = regexp.MustCompile(`^\{[^{}]*\}[A-Za-z_][A-Za-z0-9_.-]*$`)
)

// parseDefinition reads a definition and the XSD that it names, with source
// giving the XSD's text.
func parseDefinition(ctx context.Context, text []byte, source func(name string) (xsd.SchemaSource, error)) (*Definition, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	d := new(Definition)
	if err := dec.Decode(d); err != nil {
		return nil, err
	}
	if err := dec.Decode(new(Definition)); !errors.Is(err, io.EOF) {
		return nil, errors.New("a file holds one service")
	}
	if err := d.validate(); err != nil {
		return nil, err
	}
	from, err := source(d.XSD)
	if err != nil {
		return nil, fmt.Errorf("xsd: %w", err)
	}
	d.schema, err = compileSchema(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("xsd: %w", err)
	}
	return d, nil
}

// validate names the key that is wrong.
func (d *Definition) validate() error {
	switch {
	case !nameForm.MatchString(d.Name):
		return errors.New("name: must be a small letter, then small letters, digits and _, 32 at most")
	case d.IDServizio != "" && len(d.IDServizio) != idLength:
		return fmt.Errorf("id_servizio: must have %d characters", idLength)
	case d.XSD == "" || !fs.ValidPath(d.XSD):
		return errors.New("xsd: must name a file beside the definition")
	case !rootForm.MatchString(d.Root):
		return errors.New("root: must be {namespace}localName")
	case len(d.Fields) == 0:
		return errors.New("fields: at least one is needed")
	}
	if err := d.compilePaths(); err != nil {
		return err
	}
	if err := d.validateDebtor(); err != nil {
		return err
	}
	if d.Amount != nil {
		if err := d.Amount.validate(d.has); err != nil {
			return fmt.Errorf("amount.%w", err)
		}
	}
	var err error
	d.template, err = parseTemplate(d.Description, d.has)
	if err != nil {
		return fmt.Errorf("description: %w", err)
	}
	return d.validateTimes()
}

func (d *Definition) compilePaths() error {
	d.paths = make(map[string]etree.Path, len(d.Fields))
	d.patterns = map[string]*regexp.Regexp{}
	for name, f := range d.Fields {
		if !nameForm.MatchString(name) {
			return fmt.Errorf("fields.%s: the name must be a small letter, then small letters, digits and _, 32 at most", name)
		}
		path, err := etree.CompilePath(f.Path)
		if f.Path == "" || err != nil {
			return fmt.Errorf("fields.%s.path: no path from the root element, such as veicolo/targa", name)
		}
		d.paths[name] = path
		if f.Pattern == "" {
			continue
		}
		d.patterns[name], err = regexp.Compile(`^(?:` + f.Pattern + `)$`)
		if err != nil {
			return fmt.Errorf("fields.%s.pattern: no RE2 regular expression", name)
		}
	}
	return nil
}

func (d *Definition) validateDebtor() error {
	if t := bridge.DebtorType(d.Debtor.Type); t != "" && t != bridge.NaturalPerson && t != bridge.LegalPerson {
		return errors.New("debtor.type: must be F or G, or left out")
	}
	for key, field := range map[string]string{"fiscal_code": d.Debtor.FiscalCode, "full_name": d.Debtor.FullName, "email": d.Debtor.Email} {
		if field != "" && !d.has(field) {
			return fmt.Errorf("debtor.%s: there is no field %q", key, field)
		}
	}
	return nil
}

func (d *Definition) validateTimes() error {
	d.window = defaultWindow
	if d.Window != "" {
		var err error
		d.window, err = time.ParseDuration(d.Window)
		if err != nil {
			return errors.New("window: must be a time such as 30m")
		}
	}
	if d.ValidDays == 0 {
		d.ValidDays = defaultValidDays
	}
	return nil
}

func (d *Definition) has(field string) bool {
	_, ok := d.Fields[field]
	return ok
}

// read is gate, root, XSD and fields, in this order.
func (d *Definition) read(payload []byte) (bridge.ServiceForm, error) {
	var form bridge.ServiceForm
	root, err := parse(payload)
	if err != nil {
		return form, err
	}
	if "{"+root.space+"}"+root.local != d.Root {
		return form, invalid("the root element is not the service's")
	}
	form.Canonical = root.canonical()
	if err := d.schema.judge(context.Background(), form.Canonical); err != nil {
		return form, err
	}
	form.Fields, err = d.extract(root.tree())
	return form, err
}

func (d *Definition) extract(root *etree.Element) (map[string]string, error) {
	fields := make(map[string]string, len(d.paths))
	names := make([]string, 0, len(d.paths))
	for name := range d.paths {
		names = append(names, name)
	}
	slices.Sort(names) // of several missing fields always the same is named
	for _, name := range names {
		found := root.FindElementsPath(d.paths[name])
		if len(found) > 1 || len(found) == 1 && len(found[0].ChildElements()) > 0 {
			return nil, invalid("field " + name + " is not one value")
		}
		value := ""
		if len(found) == 1 {
			value = strings.TrimSpace(found[0].Text())
		}
		if value == "" && d.Fields[name].Required {
			return nil, invalid("field " + name + " is missing")
		}
		if value != "" {
			fields[name] = value
		}
	}
	return fields, nil
}

// debtor is who owes. Where the definition does not say the type, 16 characters
// are a person's code and 11 digits a company's.
func (d *Definition) debtor(fields map[string]string) bridge.Debtor {
	out := bridge.Debtor{
		Type: bridge.DebtorType(d.Debtor.Type), FiscalCode: strings.ToUpper(fields[d.Debtor.FiscalCode]),
		FullName: fields[d.Debtor.FullName], Email: fields[d.Debtor.Email],
	}
	if out.Type == "" {
		out.Type = bridge.NaturalPerson
		if _, err := bridge.ParseECCode(out.FiscalCode); err == nil { // a company's code has the same form
			out.Type = bridge.LegalPerson
		}
	}
	return out
}
