package xmlpull_test

import (
	"strings"
	"testing"

	"nodobridge/wsdl/xmlpull"
)

// next reads on and fails the test unless it finds an element.
func next(t *testing.T, r *xmlpull.Reader, want xmlpull.Kind, space, local string) {
	t.Helper()
	kind, err := r.Next()
	if err != nil || kind != want {
		t.Fatalf("kind %d, %v; want %d", kind, err, want)
	}
	if s, l := r.Name(); s != space || l != local {
		t.Fatalf("name {%s}%s, want {%s}%s", s, l, space, local)
	}
}

func TestReader_ResolvesNamesInScope(t *testing.T) {
	t.Parallel()
	r, err := xmlpull.NewReader([]byte(`<a xmlns="d" xmlns:p="u"><p:b/><c xmlns="" xmlns:p="v"><p:d/></c><p:e/></a>`), xmlpull.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	next(t, r, xmlpull.StartElement, "d", "a")
	next(t, r, xmlpull.StartElement, "u", "b")
	next(t, r, xmlpull.EndElement, "u", "b")
	next(t, r, xmlpull.StartElement, "", "c")
	next(t, r, xmlpull.StartElement, "v", "d")
	for prefix, want := range map[string]string{"p": "v", "": "", "xml": "http://www.w3.org/XML/1998/namespace"} {
		if space, bound := r.Lookup(prefix); !bound || space != want {
			t.Errorf("%q is %q, %v", prefix, space, bound)
		}
	}
	if _, bound := r.Lookup("q"); bound {
		t.Error("q is bound")
	}
	next(t, r, xmlpull.EndElement, "v", "d")
	next(t, r, xmlpull.EndElement, "", "c")
	next(t, r, xmlpull.StartElement, "u", "e")
	next(t, r, xmlpull.EndElement, "u", "e")
	next(t, r, xmlpull.EndElement, "d", "a")
	kind, err := r.Next()
	if kind != xmlpull.EOF || err != nil {
		t.Errorf("kind %d, %v at the end", kind, err)
	}
}

func TestReader_Attributes(t *testing.T) {
	t.Parallel()
	doc := "<a xmlns='d' xmlns:p='u' b='1\t2\r\n3&#10;4&lt;' p:b=\"'\" xml:lang='it'/>"
	r, err := xmlpull.NewReader([]byte(doc), xmlpull.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	next(t, r, xmlpull.StartElement, "d", "a")
	var got []string
	for _, a := range r.Attrs() {
		got = append(got, a.Space+"|"+a.Local+"|"+a.Value)
	}
	want := "|b|1 2 3\n4<;u|b|';http://www.w3.org/XML/1998/namespace|lang|it"
	if strings.Join(got, ";") != want {
		t.Errorf("attributes %q, want %q", got, want)
	}
}

func TestReader_NamesOfASCII(t *testing.T) {
	t.Parallel()
	const first = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
	const inner = first + "-.0123456789"
	for c := byte(0x21); c < 0x7F; c++ {
		if strings.IndexByte("!/>:=?", c) >= 0 { // markup, other tests
			continue
		}
		_, err := walk("<"+string(c)+"/>", xmlpull.Limits{})
		if want := strings.IndexByte(first, c) >= 0; (err == nil) != want {
			t.Errorf("%c first: %v", c, err)
		}
		_, err = walk("<a"+string(c)+"/>", xmlpull.Limits{})
		if want := strings.IndexByte(inner, c) >= 0; (err == nil) != want {
			t.Errorf("%c inside: %v", c, err)
		}
	}
}

func TestReader_ChildRefusesMixedContent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, doc, rule string }{
		{"blank", "<a> \n<b/>\t</a>", ""},
		{"comments", "<a><!-- x --><b/><!-- y --></a>", ""},
		{"referenced blank", "<a>&#32;<b/></a>", ""},
		{"text before", "<a>x<b/></a>", xmlpull.RuleMixed},
		{"text behind", "<a><b/>x</a>", xmlpull.RuleMixed},
		{"no-break space", "<a>\u00A0<b/></a>", xmlpull.RuleMixed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := xmlpull.NewReader([]byte(c.doc), xmlpull.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			next(t, r, xmlpull.StartElement, "", "a")
			more := true
			for more && err == nil {
				more, err = r.Child()
				if more && err != nil {
					t.Error("a child and an error")
				}
				if more {
					err = r.Skip()
				}
			}
			if rule := ruleOf(t, err); rule != c.rule {
				t.Errorf("rule %q, want %q", rule, c.rule)
			}
		})
	}
}

func TestReader_SkipEnforcesTheRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, doc, rule string }{
		{"anything well-formed", "<a><b><c/>x<!-- --><d>y</d></b><e/></a>", ""},
		{"DOCTYPE", "<a><b><!DOCTYPE x></b><e/></a>", xmlpull.RuleDoctype},
		{"unbound prefix", "<a><b><x:c/></b><e/></a>", xmlpull.RulePrefix},
		{"depth", "<a><b>" + strings.Repeat("<c>", 40) + "</b></a>", xmlpull.RuleMaxDepth},
		{"crossed tags", "<a><b><c></b></c></a>", xmlpull.RuleEndTag},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := xmlpull.NewReader([]byte(c.doc), xmlpull.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			next(t, r, xmlpull.StartElement, "", "a")
			next(t, r, xmlpull.StartElement, "", "b")
			err = r.Skip()
			if rule := ruleOf(t, err); rule != c.rule {
				t.Fatalf("rule %q, want %q", rule, c.rule)
			}
			if err == nil {
				next(t, r, xmlpull.StartElement, "", "e")
			}
		})
	}
}

func TestReader_UseOutOfTurnIsRefused(t *testing.T) {
	t.Parallel()
	r, err := xmlpull.NewReader([]byte("<a>x</a>"), xmlpull.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Leaf()
	if rule := ruleOf(t, err); rule != xmlpull.RuleUse {
		t.Errorf("rule %q", rule)
	}
}

func TestReader_OffsetsAreOfTheReceivedBytes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, doc string
		want      int
	}{
		{"UTF-8", "<a>è<b></a>", len("<a>è<b>")},
		{"byte order mark", "\xEF\xBB\xBF<a><b></a>", len("\xEF\xBB\xBF<a><b>")},
		{"invalid UTF-8", "<a>\uFFFD\xE8</a>", len("<a>\uFFFD")},
		{"not US-ASCII", "<?xml version='1.0' encoding='US-ASCII'?><a>\u00E8</a>", len("<?xml version='1.0' encoding='US-ASCII'?><a>")},
		{"ISO-8859-1", "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE8<b></a>", len("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE8<b>")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := walk(c.doc, xmlpull.Limits{})
			syntax, ok := err.(*xmlpull.SyntaxError)
			if !ok || syntax.Offset != c.want {
				t.Errorf("error %v, want one at byte %d", err, c.want)
			}
		})
	}
}

func TestReader_ErrorsNeverRepeatTheDocument(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{"<ROSSI>", "<a>ROSSI", "<a ROSSI=ROSSI>", "<a>&ROSSI;</a>", "<?xml version='1.0' encoding='ROSSI'?>", "<!-- ROSSI -- -->"} {
		_, err := walk(doc, xmlpull.Limits{})
		if err == nil || strings.Contains(err.Error(), "ROSSI") {
			t.Errorf("%s: error %v", doc, err)
		}
	}
}

func TestReader_ResetForgetsTheDocumentBefore(t *testing.T) {
	t.Parallel()
	r, err := xmlpull.NewReader([]byte("<a xmlns:p='u'><p:b>"), xmlpull.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	next(t, r, xmlpull.StartElement, "", "a")
	next(t, r, xmlpull.StartElement, "u", "b")
	err = r.Reset([]byte("<p:b/>"), xmlpull.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Next()
	if rule := ruleOf(t, err); rule != xmlpull.RulePrefix || r.Depth() != 0 {
		t.Errorf("rule %q, depth %d", rule, r.Depth())
	}
}
