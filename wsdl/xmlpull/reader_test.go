package xmlpull_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"nodobridge/wsdl/xmlpull"
)

// leaf reads a document of one element with Leaf, to the end of the document.
func leaf(doc string, limits xmlpull.Limits) (string, error) {
	r, err := xmlpull.NewReader([]byte(doc), limits)
	if err != nil {
		return "", err
	}
	_, err = r.Next()
	if err != nil {
		return "", err
	}
	value, err := r.Leaf()
	if err != nil {
		return "", err
	}
	_, err = r.Next()
	return value, err
}

// walk reads a whole document with Next.
func walk(doc string, limits xmlpull.Limits) (*xmlpull.Reader, error) {
	r, err := xmlpull.NewReader([]byte(doc), limits)
	if err != nil {
		return nil, err
	}
	for {
		kind, err := r.Next()
		if kind == xmlpull.EOF || err != nil {
			return r, err
		}
	}
}

// ruleOf returns the rule of a SyntaxError, "" for nil.
func ruleOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var syntax *xmlpull.SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("error %v is not a SyntaxError", err)
	}
	return syntax.Rule
}

func TestReader_ReadsValuesAsXMLSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, doc, want string }{
		{"plain", "<a>10.00</a>", "10.00"},
		{"empty", "<a></a>", ""},
		{"empty tag", "<a/>", ""},
		{"empty tag with blank", "<a />", ""},
		{"blank in end tag", "<a>x</a \n>", "x"},
		{"declaration", `<?xml version="1.0"?><a>x</a>`, "x"},
		{"declaration in full", "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<a>x</a>\n", "x"},
		{"byte order mark", "\xEF\xBB\xBF<a>x</a>", "x"},
		{"byte order mark and declaration", "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>è</a>", "è"},
		{"us-ascii", `<?xml version="1.0" encoding="US-ASCII"?><a>&#232;</a>`, "è"},
		{"iso-8859-1", "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\xE8\xFF\xA0</a>", "èÿ\u00A0"},
		{"iso-8859-1 is not windows-1252", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\x80</a>", "\u0080"},
		{"predefined entities", "<a>&lt;&gt;&amp;&quot;&apos;</a>", `<>&"'`},
		{"an entity is read once", "<a>&amp;lt;</a>", "&lt;"},
		{"character references", "<a>&#65;&#x42;&#x1F600;&#0000067;&#xaf;&#xFA;&#90;</a>", "AB\U0001F600C\u00AF\u00FAZ"},
		{"the last characters of Unicode", "<a>&#x10FFFF;&#1114111;&#xFFFD;&#xE000;&#xD7FF;</a>", "\U0010FFFF\U0010FFFF\uFFFD\uE000\uD7FF"},
		{"CDATA", "<a><![CDATA[<&>]]></a>", "<&>"},
		{"CDATA joined", "<a>1<![CDATA[0]]>.<![CDATA[00]]></a>", "10.00"},
		{"CDATA with brackets", "<a><![CDATA[]]]]><![CDATA[>]]></a>", "]]>"},
		{"brackets", "<a>]] ></a>", "]] >"},
		{"line ends", "<a>1\r\n2\r3\n4</a>", "1\n2\n3\n4"},
		{"line ends in CDATA", "<a><![CDATA[1\r\n2]]></a>", "1\n2"},
		{"referenced carriage return stays", "<a>1&#13;&#10;2</a>", "1\r\n2"},
		{"white space stays", "<a> \t\n </a>", " \t\n "},
		{"comments around", "<!-- x --><a>v</a><!--y-->", "v"},
		{"greater-than sign", "<a>a>b</a>", "a>b"},
		{"replacement character", "<a>\uFFFD\uFEFF</a>", "\uFFFD\uFEFF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := leaf(c.doc, xmlpull.DefaultLimits())
			if err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestReader_RefusesLeaves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, doc, rule string }{
		{"comment inside", "<a>10<!-- -->0.00</a>", xmlpull.RuleLeafComment},
		{"comment first", "<a><!-- -->10</a>", xmlpull.RuleLeafComment},
		{"instruction inside", "<a>10<?x?>0.00</a>", xmlpull.RuleInstruction},
		{"element inside", "<a>10<b/>0.00</a>", xmlpull.RuleLeafChild},
		{"DOCTYPE inside", "<a>10<!DOCTYPE x></a>", xmlpull.RuleDoctype},
		{"section end outside", "<a>]]></a>", xmlpull.RuleSectionEnd},
		{"unknown entity", "<a>&nbsp;</a>", xmlpull.RuleReference},
		{"entity without name", "<a>&;</a>", xmlpull.RuleReference},
		{"bare ampersand", "<a>a & b</a>", xmlpull.RuleReference},
		{"open reference", "<a>&#65</a>", xmlpull.RuleReference},
		{"reference without digits", "<a>&#;</a>", xmlpull.RuleReference},
		{"hexadecimal without digits", "<a>&#x;</a>", xmlpull.RuleReference},
		{"upper-case X", "<a>&#X41;</a>", xmlpull.RuleReference},
		{"letters in a decimal reference", "<a>&#4A;</a>", xmlpull.RuleReference},
		{"referenced zero", "<a>&#0;</a>", xmlpull.RuleReference},
		{"referenced control", "<a>&#x1B;</a>", xmlpull.RuleReference},
		{"referenced surrogate", "<a>&#xD800;</a>", xmlpull.RuleReference},
		{"referenced U+FFFE", "<a>&#xFFFE;</a>", xmlpull.RuleReference},
		{"reference beyond Unicode", "<a>&#x110000;</a>", xmlpull.RuleReference},
		{"endless reference", "<a>&#x1111111111111111111;</a>", xmlpull.RuleReference},
		{"control", "<a>\x1b[0m</a>", xmlpull.RuleCharacter},
		{"zero byte", "<a>\x00</a>", xmlpull.RuleCharacter},
		{"U+FFFF", "<a>\uFFFF</a>", xmlpull.RuleCharacter},
		{"control in CDATA", "<a><![CDATA[\x01]]></a>", xmlpull.RuleCharacter},
		{"open CDATA", "<a><![CDATA[x</a>", xmlpull.RuleTruncated},
		{"open text", "<a>x", xmlpull.RuleTruncated},
		{"open text with a reference", "<a>&amp;x", xmlpull.RuleTruncated},
		{"nothing behind the start tag", "<a>", xmlpull.RuleTruncated},
		{"other end tag", "<a>x</b>", xmlpull.RuleEndTag},
		{"longer end tag", "<a>x</ab>", xmlpull.RuleEndTag},
		{"open end tag", "<a>x</a", xmlpull.RuleTruncated},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := leaf(c.doc, xmlpull.DefaultLimits())
			if rule := ruleOf(t, err); rule != c.rule {
				t.Errorf("rule %q, want %q", rule, c.rule)
			}
		})
	}
}

// refusedDocuments are documents, each refused by one rule.
var refusedDocuments = []struct{ name, doc, rule string }{
	{"nothing", "", xmlpull.RuleNoRoot},
	{"blank", " \n", xmlpull.RuleNoRoot},
	{"only a comment", "<!-- -->", xmlpull.RuleNoRoot},
	{"junk before the root", "x<a/>", xmlpull.RuleLeading},
	{"CDATA before the root", "<![CDATA[x]]><a/>", xmlpull.RuleLeading},
	{"text after the root", "<a/>x", xmlpull.RuleTrailing},
	{"zero byte after the root", "<a/>\x00", xmlpull.RuleTrailing},
	{"two roots", "<a/><b/>", xmlpull.RuleTrailing},
	{"end tag after the root", "<a/></a>", xmlpull.RuleTrailing},
	{"end tag first", "</a>", xmlpull.RuleLeading},
	{"DOCTYPE unused", "<!DOCTYPE a><a/>", xmlpull.RuleDoctype},
	{"DOCTYPE with entities", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", xmlpull.RuleDoctype},
	{"DOCTYPE inside", "<a><!DOCTYPE a></a>", xmlpull.RuleDoctype},
	{"DOCTYPE after the root", "<a/><!DOCTYPE a>", xmlpull.RuleDoctype},
	{"instruction before", "<?xml-stylesheet href='x'?><a/>", xmlpull.RuleInstruction},
	{"instruction inside", "<a><?x?></a>", xmlpull.RuleInstruction},
	{"instruction after", "<a/><?x?>", xmlpull.RuleInstruction},
	{"declaration not first", " <?xml version='1.0'?><a/>", xmlpull.RuleInstruction},
	{"second declaration", "<?xml version='1.0'?><?xml version='1.0'?><a/>", xmlpull.RuleInstruction},
	{"XML 1.1", "<?xml version='1.1'?><a/>", xmlpull.RuleVersion},
	{"declaration without version", "<?xml encoding='UTF-8'?><a/>", xmlpull.RuleDeclaration},
	{"declaration in another order", "<?xml version='1.0' standalone='no' encoding='UTF-8'?><a/>", xmlpull.RuleDeclaration},
	{"declaration with more", "<?xml version='1.0' x='y'?><a/>", xmlpull.RuleDeclaration},
	{"declaration without blank", "<?xml version='1.0'encoding='UTF-8'?><a/>", xmlpull.RuleDeclaration},
	{"standalone neither yes nor no", "<?xml version='1.0' standalone='maybe'?><a/>", xmlpull.RuleDeclaration},
	{"declaration without quotes", "<?xml version=1.0?><a/>", xmlpull.RuleDeclaration},
	{"declaration without a value", "<?xml version=?><a/>", xmlpull.RuleDeclaration},
	{"declaration with an open quote", "<?xml version='1.0?><a/>", xmlpull.RuleDeclaration},
	{"open declaration", "<?xml version='1.0'", xmlpull.RuleDeclaration},
	{"windows-1252", "<?xml version='1.0' encoding='windows-1252'?><a/>", xmlpull.RuleEncoding},
	{"UTF-7", "<?xml version='1.0' encoding='UTF-7'?><a/>", xmlpull.RuleEncoding},
	{"UTF-16 declared on ASCII", "<?xml version='1.0' encoding='UTF-16'?><a/>", xmlpull.RuleEncoding},
	{"UTF-16 with its mark", "\xFE\xFF\x00<\x00a\x00/\x00>", xmlpull.RuleEncoding},
	{"UTF-16 without its mark", "<\x00a\x00/\x00>\x00", xmlpull.RuleEncoding},
	{"UTF-8 mark and ISO-8859-1", "\xEF\xBB\xBF<?xml version='1.0' encoding='ISO-8859-1'?><a/>", xmlpull.RuleEncoding},
	{"invalid UTF-8", "<a>\xE8</a>", xmlpull.RuleBytes},
	{"overlong UTF-8", "<a>\xC0\xBC</a>", xmlpull.RuleBytes},
	{"surrogate in UTF-8", "<a>\xED\xA0\x80</a>", xmlpull.RuleBytes},
	{"high byte in US-ASCII", "<?xml version='1.0' encoding='US-ASCII'?><a>\xC3\xA8</a>", xmlpull.RuleBytes},
	{"unbound prefix", "<x:a/>", xmlpull.RulePrefix},
	{"unbound attribute prefix", "<a x:b='c'/>", xmlpull.RulePrefix},
	{"prefix out of scope", "<a><b xmlns:x='u'/><x:c/></a>", xmlpull.RulePrefix},
	{"duplicate attribute", "<a b='1' b='2'/>", xmlpull.RuleDuplicate},
	{"duplicate by expanded name", "<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>", xmlpull.RuleDuplicate},
	{"duplicate declaration", "<a xmlns:x='u' xmlns:x='u'/>", xmlpull.RuleDuplicate},
	{"prefix without namespace", "<a xmlns:x=''/>", xmlpull.RuleNamespace},
	{"prefix xmlns declared", "<a xmlns:xmlns='u'/>", xmlpull.RuleNamespace},
	{"prefix xml elsewhere", "<a xmlns:xml='u'/>", xmlpull.RuleNamespace},
	{"namespace of xml elsewhere", "<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>", xmlpull.RuleNamespace},
	{"namespace of xmlns as default", "<a xmlns='http://www.w3.org/2000/xmlns/'/>", xmlpull.RuleNamespace},
	{"element with prefix xmlns", "<xmlns:a/>", xmlpull.RulePrefix},
	{"two colons", "<a:b:c xmlns:a='u'/>", xmlpull.RuleName},
	{"nothing before the colon", "<:a/>", xmlpull.RuleName},
	{"nothing behind the colon", "<a:/>", xmlpull.RuleName},
	{"digit first", "<1a/>", xmlpull.RuleName},
	{"no name", "< a/>", xmlpull.RuleName},
	{"name of another script", "<\u0430/>", xmlpull.RuleName},
	{"multiplication sign", "<a\u00D7/>", xmlpull.RuleName},
	{"division sign", "<a\u00F7/>", xmlpull.RuleName},
	{"copyright sign", "<a\u00A9/>", xmlpull.RuleName},
	{"middle dot first", "<\u00B7a/>", xmlpull.RuleName},
	{"middle dot first behind the colon", "<a:\u00B7 xmlns:a='u'/>", xmlpull.RuleName},
	{"middle dot and letters of Latin-1", "<caffè\u00B7À_1.2-3/>", ""},
	{"attributes run together", "<a b='1'c='2'/>", xmlpull.RuleAttribute},
	{"attribute without value", "<a b/>", xmlpull.RuleAttribute},
	{"attribute without quotes", "<a b=1/>", xmlpull.RuleAttribute},
	{"less-than sign in an attribute", "<a b='<'/>", xmlpull.RuleAttribute},
	{"control in an attribute", "<a b='\x01'/>", xmlpull.RuleCharacter},
	{"entity in an attribute", "<a b='&x;'/>", xmlpull.RuleReference},
	{"open attribute", "<a b='", xmlpull.RuleTruncated},
	{"open tag", "<a ", xmlpull.RuleTruncated},
	{"slash in a tag", "<a / >", xmlpull.RuleMarkup},
	{"open element", "<a><b></b>", xmlpull.RuleTruncated},
	{"crossed tags", "<a><b></a></b>", xmlpull.RuleEndTag},
	{"two hyphens in a comment", "<a><!-- -- --></a>", xmlpull.RuleComment},
	{"comment ends with three hyphens", "<a><!-- ---></a>", xmlpull.RuleComment},
	{"control in a comment", "<a><!-- \x01 --></a>", xmlpull.RuleCharacter},
	{"open comment", "<a><!-- ", xmlpull.RuleTruncated},
}

func TestReader_RefusesDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range refusedDocuments {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := walk(c.doc, xmlpull.DefaultLimits())
			if rule := ruleOf(t, err); rule != c.rule {
				t.Fatalf("rule %q, want %q", rule, c.rule)
			}
			if r == nil {
				return
			}
			if _, again := r.Next(); again != err {
				t.Errorf("after %v comes %v", err, again)
			}
		})
	}
}

func TestReader_Limits(t *testing.T) {
	t.Parallel()
	attributes := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, " a%d=''", i)
		}
		return b.String()
	}
	namespaces := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<a xmlns:p%d='u'>", i)
		}
		return b.String() + strings.Repeat("</a>", n)
	}
	limits := xmlpull.Limits{MaxTokens: 20_000, MaxDepth: 100}
	for _, c := range []struct {
		name, doc string
		limits    xmlpull.Limits
		rule      string
	}{
		{"depth 32", strings.Repeat("<a>", 32) + strings.Repeat("</a>", 32), xmlpull.Limits{}, ""},
		{"depth 33", strings.Repeat("<a>", 33) + strings.Repeat("</a>", 33), xmlpull.Limits{}, xmlpull.RuleMaxDepth},
		{"a million open tags", strings.Repeat("<a>", 1_000_000), xmlpull.Limits{}, xmlpull.RuleMaxDepth},
		{"4000 tokens", "<a>" + strings.Repeat("<b/>", 1999) + "</a>", xmlpull.Limits{}, ""},
		{"4002 tokens", "<a>" + strings.Repeat("<b/>", 2000) + "</a>", xmlpull.Limits{}, xmlpull.RuleMaxTokens},
		{"comments are tokens", "<a>" + strings.Repeat("<!---->", 4000) + "</a>", xmlpull.Limits{}, xmlpull.RuleMaxTokens},
		{"sections are tokens", "<a>" + strings.Repeat("<![CDATA[]]>", 4000) + "</a>", xmlpull.Limits{}, xmlpull.RuleMaxTokens},
		{"16 attributes", "<a" + attributes(16) + "/>", xmlpull.Limits{}, ""},
		{"17 attributes", "<a" + attributes(17) + "/>", xmlpull.Limits{}, xmlpull.RuleMaxAttrs},
		{"64 bindings", namespaces(64), limits, ""},
		{"65 bindings", namespaces(65), limits, xmlpull.RuleMaxNamespace},
		{"name of 256", "<" + strings.Repeat("a", 256) + "/>", xmlpull.Limits{}, ""},
		{"name of 257", "<" + strings.Repeat("a", 257) + "/>", xmlpull.Limits{}, xmlpull.RuleMaxName},
		{"attribute of 64 KiB", "<a b='" + strings.Repeat("x", 64<<10) + "'/>", xmlpull.Limits{}, ""},
		{"attribute beyond 64 KiB", "<a b='" + strings.Repeat("x", 64<<10+1) + "'/>", xmlpull.Limits{}, xmlpull.RuleMaxLeaf},
		{"text of 512 KiB", "<a>" + strings.Repeat("x", 512<<10) + "</a>", xmlpull.Limits{}, ""},
		{"text beyond 512 KiB", "<a>" + strings.Repeat("x", 512<<10+1) + "</a>", xmlpull.Limits{}, xmlpull.RuleMaxLeaf},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := walk(c.doc, c.limits)
			if rule := ruleOf(t, err); rule != c.rule {
				t.Errorf("rule %q, want %q", rule, c.rule)
			}
		})
	}
}

func TestReader_LeafLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		length int
		base64 bool
		entity string
		rule   string
	}{
		{"value of 64 KiB", 64 << 10, false, "", ""},
		{"value beyond 64 KiB", 64<<10 + 1, false, "", xmlpull.RuleMaxLeaf},
		{"value beyond 64 KiB with a reference", 64 << 10, false, "&amp;", xmlpull.RuleMaxLeaf},
		{"value of 64 KiB with a reference", 64<<10 - 1, false, "&amp;", ""},
		{"base64 of 512 KiB", 512 << 10, true, "", ""},
		{"base64 beyond 512 KiB", 512<<10 + 1, true, "", xmlpull.RuleMaxLeaf},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doc := "<a>" + c.entity + strings.Repeat("x", c.length) + "</a>"
			r, err := xmlpull.NewReader([]byte(doc), xmlpull.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if c.base64 {
				_, err = r.Base64Leaf()
			} else {
				_, err = r.Leaf()
			}
			if rule := ruleOf(t, err); rule != c.rule {
				t.Errorf("rule %q, want %q", rule, c.rule)
			}
		})
	}
}
