package xmlpull_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"nodobridge/wsdl/xmlpull"
)

// seen is what a parser saw of one element: its name and the text directly
// inside it.
type seen struct {
	space, local, text string
	leaf               bool // no child elements
}

// latin1 is the CharsetReader that encoding/xml and etree lack.
func latin1(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToUpper(charset) {
	case "US-ASCII":
		return in, nil
	case "ISO-8859-1":
	default:
		return nil, errors.New("unexpected charset")
	}
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, c := range data {
		b.WriteRune(rune(c))
	}
	return &b, nil
}

// elements builds a list of seen from the events of a pull parser.
type elements struct {
	list []seen
	open []int
}

// unspaced writes every white space character of a namespace as a space. Only the
// reader normalises attribute values (XML 1.0 §3.3.3: a literal tab or line break
// is a space, a referenced one stays); encoding/xml and etree leave them as they
// are. TestReader_Attributes holds what the reader makes of them.
var unspaced = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")

func (e *elements) start(space, local string) {
	space = unspaced.Replace(space)
	if len(e.open) > 0 {
		e.list[e.open[len(e.open)-1]].leaf = false
	}
	e.open = append(e.open, len(e.list))
	e.list = append(e.list, seen{space: space, local: local, leaf: true})
}

func (e *elements) text(s string) {
	if len(e.open) > 0 {
		e.list[e.open[len(e.open)-1]].text += s
	}
}

func (e *elements) end() { e.open = e.open[:len(e.open)-1] }

func byReader(doc []byte) ([]seen, error) {
	r, err := xmlpull.NewReader(doc, xmlpull.DefaultLimits())
	if err != nil {
		return nil, err
	}
	var out elements
	for {
		kind, err := r.Next()
		if err != nil {
			return nil, err
		}
		switch kind {
		case xmlpull.StartElement:
			out.start(r.Name())
		case xmlpull.Text:
			out.text(r.Text())
		case xmlpull.EndElement:
			out.end()
		case xmlpull.EOF:
			return out.list, nil
		}
	}
}

func byEncodingXML(doc []byte) ([]seen, error) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	d.CharsetReader = latin1
	var out elements
	for {
		token, err := d.Token()
		if err == io.EOF {
			return out.list, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			out.start(token.Name.Space, token.Name.Local)
		case xml.CharData:
			out.text(string(token))
		case xml.EndElement:
			out.end()
		}
	}
}

func byEtree(doc []byte) ([]seen, error) {
	d := etree.NewDocument()
	d.ReadSettings.CharsetReader = latin1
	err := d.ReadFromBytes(doc)
	if err != nil {
		return nil, err
	}
	if d.Root() == nil {
		return nil, errors.New("no root")
	}
	var out elements
	var walk func(e *etree.Element)
	walk = func(e *etree.Element) {
		space := e.NamespaceURI()
		if e.Space == "xml" { // etree does not know the bound prefix
			space = "http://www.w3.org/XML/1998/namespace"
		}
		out.start(space, e.Tag)
		for _, token := range e.Child {
			switch token := token.(type) {
			case *etree.Element:
				walk(token)
			case *etree.CharData:
				out.text(token.Data)
			}
		}
		out.end()
	}
	walk(d.Root())
	return out.list, nil
}

// checkLeaves reads the document again, every leaf with Leaf.
func checkLeaves(doc []byte, want []seen) error {
	r, err := xmlpull.NewReader(doc, xmlpull.DefaultLimits())
	if err != nil {
		return err
	}
	for i := 0; ; {
		kind, err := r.Next()
		if err != nil {
			return err
		}
		if kind == xmlpull.EOF {
			return nil
		}
		if kind != xmlpull.StartElement {
			continue
		}
		element := want[i]
		i++
		if !element.leaf {
			continue
		}
		value, err := r.Leaf()
		var syntax *xmlpull.SyntaxError
		if errors.As(err, &syntax) && (syntax.Rule == xmlpull.RuleLeafComment || syntax.Rule == xmlpull.RuleMaxLeaf) {
			return nil // stricter than the walk, on purpose
		}
		if err != nil {
			return err
		}
		if value != element.text {
			return fmt.Errorf("Leaf read %q, Next %q", value, element.text)
		}
	}
}

// FuzzReader: what the reader accepts, encoding/xml and etree accept and read
// with the same names and values.
func FuzzReader(f *testing.F) {
	files, err := filepath.Glob("testdata/seeds/*.xml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		mine, err := byReader(doc)
		if err != nil {
			return
		}
		for name, read := range map[string]func([]byte) ([]seen, error){"encoding/xml": byEncodingXML, "etree": byEtree} {
			other, err := read(doc)
			if err != nil {
				t.Fatalf("%s refuses what the reader accepts: %v\n%q", name, err, doc)
			}
			if !slices.Equal(mine, other) {
				t.Fatalf("%s reads\n%+v\nthe reader\n%+v\n%q", name, other, mine, doc)
			}
		}
		err = checkLeaves(doc, mine)
		if err != nil {
			t.Fatalf("%v\n%q", err, doc)
		}
	})
}
