package nodesim_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"nodobridge/internal/judge"
	"nodobridge/nodesim"
)

// asNode is the spelling nearest to the node's own; each case below changes one thing in it.
func asNode() nodesim.Spelling {
	return nodesim.Spelling{Envelope: "soapenv", Payload: "pafn", ContentType: "text/xml", RequestID: "r"}
}

// spellings is every trait by itself, with what proves that it is really written.
var spellings = []struct {
	trait  string
	change func(*nodesim.Spelling)
	proofs []string
}{
	{"as the node", func(*nodesim.Spelling) {}, []string{`<soapenv:Envelope xmlns:soapenv="http`, "<receiptId>"}},
	{"prefix nobody expects", func(s *nodesim.Spelling) { s.Envelope, s.Payload = "è", "_" }, []string{"<è:Body>", "<_:paSendRTV2Request>"}},
	{"one prefix for both", func(s *nodesim.Spelling) { s.Envelope, s.Payload = "x", "x" }, []string{"<x:Body><x:paSendRTV2Request xmlns:x="}},
	{"default namespace on the envelope", func(s *nodesim.Spelling) { s.Envelope = "" }, []string{`<Envelope xmlns="http`, `<pafn:paSendRTV2Request xmlns="">`}},
	{"default namespace on the payload", func(s *nodesim.Spelling) { s.Payload = ""; s.Declared = nodesim.AtPayload }, []string{`<paSendRTV2Request xmlns="http`, `<receipt xmlns="">`}},
	{"default namespace of the payload from the envelope on", func(s *nodesim.Spelling) { s.Payload = "" }, []string{`<soapenv:Body><paSendRTV2Request>`, `<receipt xmlns="">`}},
	{"default namespace on both", func(s *nodesim.Spelling) { s.Envelope, s.Payload = "", "" }, []string{`<Body><paSendRTV2Request xmlns="http`, `<receipt xmlns="">`}},
	{"namespace declared on the body", func(s *nodesim.Spelling) { s.Declared = nodesim.AtBody }, []string{`<soapenv:Body xmlns:pafn=`}},
	{"namespace declared on the payload", func(s *nodesim.Spelling) { s.Declared = nodesim.AtPayload }, []string{`<pafn:paSendRTV2Request xmlns:pafn=`}},
	{"default namespace undone for nothing", func(s *nodesim.Spelling) { s.UndoLate = true }, []string{`<idPA xmlns="">`, `<receipt xmlns="">`}},
	{"apostrophes", func(s *nodesim.Spelling) { s.Quotes = nodesim.QuoteSingle }, []string{`version='1.0'`, `xmlns:soapenv='http`}},
	{"apostrophes and quotes", func(s *nodesim.Spelling) { s.Quotes = nodesim.QuoteBoth }, []string{`version="1.0" encoding='UTF-8'`}},
	{"indented", func(s *nodesim.Spelling) { s.Gaps = nodesim.GapIndent }, []string{"\n      <idPA>"}},
	{"indented by Windows", func(s *nodesim.Spelling) { s.Gaps = nodesim.GapWindows }, []string{"\r\n\t\t\t<idPA>"}},
	{"white space in tags", func(s *nodesim.Spelling) { s.LooseTags = true }, []string{"<idPA \n>", "</idPA \n>", ` = "http`}},
	{"comments", func(s *nodesim.Spelling) { s.Comments = true }, []string{"<!--<noticeNumber>000000000000000000</noticeNumber>-->"}},
	{"CDATA", func(s *nodesim.Spelling) { s.Text = nodesim.TextCDATA }, []string{"<idPA><![CDATA[77777777777]]></idPA>", "]]]]><![CDATA[>"}},
	{"decimal references", func(s *nodesim.Spelling) { s.Text = nodesim.TextDecimal }, []string{"<idPA>&#55;&#55;"}},
	{"hexadecimal references", func(s *nodesim.Spelling) { s.Text = nodesim.TextHex }, []string{"<idPA>&#x37;&#x37;"}},
	{"half CDATA", func(s *nodesim.Spelling) { s.Text = nodesim.TextMixed }, []string{"<idPA>77777<![CDATA[777777]]></idPA>"}},
	{"byte order mark", func(s *nodesim.Spelling) { s.Encoding = nodesim.UTF8WithMark }, []string{"\xef\xbb\xbf<?xml"}},
	{"no prolog", func(s *nodesim.Spelling) { s.Encoding = nodesim.UTF8Undeclared }, nil},
	{"ISO-8859-1", func(s *nodesim.Spelling) { s.Encoding = nodesim.Latin1 }, []string{`encoding="ISO-8859-1"`, "Nicol\xf2", "&#8364;"}},
	{"ISO-8859-1 and CDATA", func(s *nodesim.Spelling) { s.Encoding, s.Text = nodesim.Latin1, nodesim.TextCDATA }, []string{"Nicol\xf2", "]]>&#8364;<![CDATA["}},
	{"SOAP header", func(s *nodesim.Spelling) { s.Header = true }, []string{"<soapenv:Header><hdr:cursor", "soapenv:mustUnderstand"}},
	{"namespaces nothing uses", func(s *nodesim.Spelling) { s.Spare = true }, []string{"xmlns:xsi="}},
	{"stand-in beside the receipt", func(s *nodesim.Spelling) { s.StandInBeside = true }, []string{"</receipt><standin>true</standin></pafn"}},
}

// thorny is a receipt whose texts are hard to write.
func thorny(t *testing.T) nodesim.Receipt {
	t.Helper()
	r := nodesim.ReceiptFor(activated(t), nodesim.SamplePSP(), nodesim.ReceiptOptions{StandIn: true})
	r.Debtor.FullName = "Nicolò D'Antò"
	r.Description = "a<b>&c ]]> \"d\" 100 € 🏛\r\nfine"
	return r
}

// spell gives the receipt as a node writes it in a spelling, and what else was sent with it.
func spell(t *testing.T, s nodesim.Spelling, r nodesim.Receipt) seen {
	t.Helper()
	node, asked := saying(t, receiptV2OK)
	answer, err := node.Spelt(s).SendRTV2(t.Context(), r)
	if err != nil || answer.Fault != nil {
		t.Fatalf("%v, %v", answer.Fault, err)
	}
	return asked.requests()[0]
}

func TestSpelling_EveryTraitIsReallyWritten(t *testing.T) {
	t.Parallel()
	receipt := thorny(t)
	plain := spell(t, asNode(), receipt).body
	for _, c := range spellings {
		t.Run(c.trait, func(t *testing.T) {
			t.Parallel()
			s := asNode()
			c.change(&s)
			got := spell(t, s, receipt).body
			for _, proof := range c.proofs {
				if !strings.Contains(got, proof) {
					t.Errorf("no %q in\n%s", proof, got)
				}
			}
			if c.trait != "as the node" && got == plain {
				t.Error("written as without the trait")
			}
			if again := spell(t, s, receipt).body; again != got {
				t.Errorf("written differently the second time:\n%s", again)
			}
		})
	}
	if strings.HasPrefix(spell(t, nodesim.Spelling{Encoding: nodesim.UTF8Undeclared, Payload: "p"}, receipt).body, "<?xml") {
		t.Error("a prolog where none was wanted")
	}
}

// What a spelling may never do is change the message: read by a parser that knows nothing of it, it is the same.
func TestSpelling_MeaningIsNeverChanged(t *testing.T) {
	t.Parallel()
	receipt := thorny(t)
	inside := meaning(t, spell(t, asNode(), receipt).body)
	besideReceipt := slices.DeleteFunc(slices.Clone(inside), func(leaf string) bool { return strings.HasPrefix(leaf, "/paSendRTV2Request/receipt/standIn") })
	besideReceipt = append(besideReceipt, `/paSendRTV2Request/standin="true"`)
	check := func(t *testing.T, s nodesim.Spelling) {
		body := spell(t, s, receipt).body
		want := inside
		if s.StandInBeside {
			want = besideReceipt
		}
		if got := meaning(t, body); !slices.Equal(got, want) {
			t.Errorf("spelling %+v:\n%s\n got %q\nwant %q", s, body, got, want)
		}
	}
	for _, c := range spellings {
		s := asNode()
		c.change(&s)
		check(t, s)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 500 {
		check(t, nodesim.DrawSpelling(random))
	}
}

// meaning is the payload's leaves in order, with their paths, read by encoding/xml; a child with a namespace fails.
func meaning(t *testing.T, document string) []string {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(document, "\ufeff")))
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) {
		raw, err := io.ReadAll(input)
		text := make([]rune, len(raw))
		for i, b := range raw {
			text[i] = rune(b)
		}
		return strings.NewReader(string(text)), err
	}
	var path, leaves []string
	var text string
	depth, payload, leaf := 0, false, false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return leaves
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, document)
		}
		switch e := token.(type) {
		case xml.StartElement:
			depth++
			payload = payload || (depth == 3 && e.Name.Space == "http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd")
			if !payload {
				continue
			}
			if len(path) > 0 && e.Name.Space != "" {
				t.Fatalf("%v is qualified\n%s", e.Name, document)
			}
			path, text, leaf = append(path, e.Name.Local), "", true
		case xml.CharData:
			text += string(e)
		case xml.EndElement:
			depth--
			if !payload || len(path) == 0 {
				continue
			}
			if leaf {
				leaves = append(leaves, fmt.Sprintf("/%s=%q", strings.Join(path, "/"), text))
			}
			path, leaf = path[:len(path)-1], false
		}
	}
}

// Random spellings are valid for two judges that are not ours, but for the mark that no XSD in force knows.
func TestSpelling_RandomOnesAreValid(t *testing.T) {
	t.Parallel()
	receipt := thorny(t)
	receipt.Description = "100 € 🏛 a<b"
	lint := xmllint(t, schemaWithHeader(t))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	accepted := 0
	for range 60 {
		s := nodesim.DrawSpelling(random)
		body := spell(t, s, receipt).body
		err := lint(body)
		if (err != nil) != s.StandInBeside {
			t.Errorf("xmllint on %+v: %v\n%s", s, err, body)
		}
		if s.Header || s.Encoding == nodesim.Latin1 {
			continue // the judge's envelope knows no Header, and its reader no ISO-8859-1
		}
		accepted++
		err = judge.Message([]byte(body))
		if (err != nil) != s.StandInBeside {
			t.Errorf("jacoelho/xsd on %+v: %v\n%s", s, err, body)
		}
	}
	if accepted == 0 {
		t.Error("the second judge has judged nothing")
	}
}

// schemaWithHeader is the judge's schema with SOAP's optional Header.
func schemaWithHeader(t *testing.T) string {
	t.Helper()
	path, err := judge.WriteSchema(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const body = `<xs:element name="Body">`
	header := `<xs:element name="Header" minOccurs="0"><xs:complexType><xs:sequence><xs:any processContents="skip"/></xs:sequence></xs:complexType></xs:element>`
	wider := bytes.Replace(text, []byte(body), []byte(header+body), 1)
	if bytes.Equal(wider, text) {
		t.Fatal("the judge's schema has no Body")
	}
	if err := os.WriteFile(path, wider, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSpelling_HeadersAreWrittenInEveryWay(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 0))
	actions, types, ids := map[string]bool{}, map[string]bool{}, map[int]bool{}
	receipt := thorny(t)
	for range 150 {
		header := spell(t, nodesim.DrawSpelling(random), receipt).header
		actions[fmt.Sprintf("%q", header.Values("SOAPAction"))] = true
		types[header.Get("Content-Type")] = true
		ids[len(header.Get("X-Request-Id"))] = true
	}
	wantActions := []string{`["\"\""]`, `["\"paSendRTV2\""]`, `["paSendRTV2"]`, `[]`}
	if got := slices.Sorted(maps.Keys(actions)); !slices.Equal(got, wantActions) {
		t.Errorf("SOAPAction was written %q, want %q", got, wantActions)
	}
	if got := slices.Sorted(maps.Keys(ids)); !slices.Equal(got, []int{0, 13, 32, 36, 128}) {
		t.Errorf("X-Request-Id had %v characters", got)
	}
	for _, want := range []string{"", "text/xml", "application/xml", "text/plain", `TEXT/XML; Charset="utf-8"`, "text/xml; charset=ISO-8859-1"} {
		if !types[want] {
			t.Errorf("Content-Type %q was never sent", want)
		}
	}
}
