package service_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jacoelho/xsd"

	"nodobridge/bridge"
)

// pagoPA's files, by our names of the services.
var official = map[string]string{
	"tassa_auto": "TassaAutomobilistica_1_1_0.xsd",
	"passaporto": "A001_Passaporto_1_0_0.xsd",
	"pesca":      "D847_Pesca_1_0_0.xsd",
	"cie":        "Cie_1_0_0.xsd",
	"cup":        "Cup_1_0_0.xsd",
}

// Our XSDs and pagoPA's give the same verdict on every document: each sample with
// each leaf in many values, each element missing, twice, renamed, unqualified and
// out of order. Needs pagoPA's files in PAGOPA_API_DIR.
func TestXSD_SameVerdictsAsOfficial(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("PAGOPA_API_DIR")
	if dir != "" && !filepath.IsAbs(dir) {
		dir = filepath.Join("..", dir) // the repository's root, as wsdl's contract test has it
	}
	if _, err := os.Stat(filepath.Join(dir, "catalogo-servizi")); dir == "" || err != nil {
		t.Skipf("NOT COMPARED: pagoPA's own files are not at hand (%v); set PAGOPA_API_DIR to a copy of the pagopa-api repository", err)
	}
	c := catalog(t, "")
	for name, file := range official {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs, err := xsd.Compile(t.Context(), xsd.File(filepath.Join(dir, "catalogo-servizi", file)))
			if err != nil {
				t.Fatal(err)
			}
			ours, err := xsd.Compile(t.Context(), xsd.File(filepath.Join("catalog", name+".xsd")))
			if err != nil {
				t.Fatal(err)
			}
			s := offer(t, c, enrolment(name, fixed(100)))
			valid, all := 0, 0
			for what, document := range variants(samples[name]) {
				all++
				want := theirs.Validate(t.Context(), strings.NewReader(document)) == nil
				if got := ours.Validate(t.Context(), strings.NewReader(document)) == nil; got != want {
					t.Errorf("%s: ours says %v, pagoPA's %v\n%s", what, got, want, document)
				}
				if want {
					valid++
				}
				// What pagoPA's XSD refuses never gets through as a whole either.
				if _, err := s.Read([]byte(document)); err == nil && !want {
					t.Errorf("%s: read although invalid\n%s", what, document)
				} else if err != nil && bridge.CodeOf(err) != bridge.CodePayloadInvalid {
					t.Errorf("%s: %v", what, err)
				}
			}
			if valid < 5 || all-valid < 50 {
				t.Errorf("%d of %d documents are valid: the set judges too little", valid, all)
			}
		})
	}
}

// values are put into each leaf: the bounds of every facet in the five services
// and what is near them.
func values() []string {
	list := []string{"", " ", "0", "1", "2", "3", "4", "7", "8", "9", "10", "11", "12", "A001", "D847", "a001", "A001 ", "H501", "058091",
		"77777777777", "7777777777a", "٧٧٧٧٧٧٧٧٧٧٧", "RSSMRA80A01H501U", "RSSMRA80F01H501U", "RSSMRALMA01H5LMU", "rssmra80a01h501u", "RSSMRA80A01H501 ",
		"0.00", "0.01", "1.5", "1.50", "01.50", "+1.50", "-1.50", "1,50", "1.500", "1e2", "999999999.99", "1000000000.00", " 1.50 ", "NaN",
		"a@b", "a@b.it", "a@b..it", "a'b@c.it", "@b.it", "a@", "è@b.it", "a@b_c.it", "\n", "x\ny", "&lt;&amp;"}
	for _, n := range []int{3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 17, 19, 20, 21, 39, 40, 41, 49, 50, 51, 69, 70, 71, 139, 140, 141} {
		list = append(list, strings.Repeat("x", n), strings.Repeat("è", n), strings.Repeat("1", n), strings.Repeat("\U0001F600", n))
	}
	return append(list, strings.Repeat("a", 253)+"@b", strings.Repeat("a", 254)+"@b", strings.Repeat("a", 255)+"@b")
}

// tags are the start tags of a sample in order, without the root's.
func tags(document string) []string {
	var list []string
	for _, piece := range strings.Split(document, "<")[2:] {
		name, _, _ := strings.Cut(piece, ">")
		if !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "?") && !strings.Contains(name, " ") {
			list = append(list, name)
		}
	}
	return list
}

func variants(document string) map[string]string {
	out := map[string]string{"sample": document}
	var elements []string
	for _, tag := range tags(document) {
		open, end := "<"+tag+">", "</"+tag+">"
		from := strings.Index(document, open)
		to := strings.LastIndex(document, end) + len(end)
		before, element, after := document[:from], document[from:to], document[to:]
		elements = append(elements, element)
		out[tag+" missing"] = before + after
		out[tag+" twice"] = before + element + element + after
		out[tag+" renamed"] = before + strings.ReplaceAll(strings.ReplaceAll(element, open, "<"+tag+"X>"), end, "</"+tag+"X>") + after
		out[tag+" in no namespace"] = before + `<` + local(tag) + ` xmlns="">` + element[len(open):len(element)-len(end)] + `</` + local(tag) + `>` + after
		out[tag+" with an attribute"] = before + "<" + tag + ` x="1">` + element[len(open):] + after
		if strings.Contains(element[len(open):], "<"+tag[:1]) {
			out[tag+" with text"] = before + open + "x" + element[len(open):] + after
		}
		inner := element[len(open) : len(element)-len(end)]
		if strings.Contains(inner, "<") {
			continue
		}
		for i, value := range values() {
			out[fmt.Sprintf("%s value %d %q", tag, i, value)] = before + open + value + end + after
		}
	}
	for i := range elements {
		for j := i + 1; j < len(elements); j++ {
			if a, b := elements[i], elements[j]; !strings.Contains(a, b) {
				swapped := strings.NewReplacer(a, b, b, a).Replace(document)
				out[fmt.Sprintf("%d and %d swapped", i, j)] = swapped
			}
		}
	}
	for _, other := range []string{"organizationFiscalCode>77777777777<", "istatCode>058091<", "istatCode>0580911<", "istatCode><", "catastaleCode>H5011<"} {
		name, _, _ := strings.Cut(other, ">")
		out["choice "+other] = strings.ReplaceAll(document, "<cup:catastaleCode>H501</cup:catastaleCode>", "<cup:"+other+"/cup:"+name+">")
	}
	return out
}

func local(tag string) string {
	if _, name, prefixed := strings.Cut(tag, ":"); prefixed {
		return name
	}
	return tag
}
