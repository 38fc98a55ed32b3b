package xmlpull_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// byLibxml2 has xmllint read documents and write them again, and reads what it wrote.
// Each document has its own list; an error names the first that libxml2 refuses.
func byLibxml2(t *testing.T, documents [][]byte) ([][]seen, error) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"--nonet", "--nocdata", "--encode", "UTF-8"}
	for i, d := range documents {
		name := filepath.Join(dir, fmt.Sprintf("%06d.xml", i))
		if err := os.WriteFile(name, d, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", args...)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %.600s", err, problem.String())
	}
	lists := make([][]seen, 0, len(documents))
	decoder := xml.NewDecoder(&out)
	for range documents {
		list, err := nextTree(decoder)
		if err != nil {
			return nil, err
		}
		lists = append(lists, list)
	}
	return lists, nil
}

// nextTree reads up to the end of a root element.
func nextTree(d *xml.Decoder) ([]seen, error) {
	var out elements
	for depth := 0; ; {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			out.start(token.Name.Space, token.Name.Local)
			depth++
		case xml.CharData:
			out.text(string(token))
		case xml.EndElement:
			out.end()
			if depth--; depth == 0 {
				return out.list, nil
			}
		}
	}
}

// agree compares what the reader and libxml2 make of documents that the reader accepts.
func agree(t *testing.T, documents [][]byte) {
	t.Helper()
	theirs, err := byLibxml2(t, documents)
	if err != nil && len(documents) > 1 { // find the one
		for _, d := range documents {
			agree(t, [][]byte{d})
		}
		return
	}
	if err != nil {
		t.Fatalf("libxml2 refuses what the reader accepts: %v\n%q", err, documents)
	}
	for i, d := range documents {
		mine := ours(t, d)
		if !slices.Equal(mine, theirs[i]) {
			t.Fatalf("libxml2 reads\n%+v\nthe reader\n%+v\n%q", theirs[i], mine, d)
		}
	}
}

// ours is what the reader makes of a document.
func ours(t *testing.T, d []byte) []seen {
	t.Helper()
	list, err := byReader(d)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// unwritable matches namespace names with a reference or a quotation mark: xmllint writes
// what they stand for as it is, which nobody can read again.
var unwritable = regexp.MustCompile(`xmlns[^=]*=\s*("[^"]*[&'][^"]*"|'[^']*[&"][^']*')`)

func needXmllint(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils)")
	}
}

func seeds(t testing.TB) [][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/seeds/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no seeds: %v", err)
	}
	var list [][]byte
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, data)
	}
	return list
}

// morsels are what documents are spoiled with: each is somewhere allowed and elsewhere not.
var morsels = []string{
	"<!-- c -->", "<![CDATA[<&]]>", "&amp;", "&#233;", "&#x1F600;", "&#13;", "&#10;", "&lt;", "]]>", "\r\n", "\r", "\t", " ", "<a/>", "<a></a>", "<a>x</a>", "<b:c xmlns:b='urn:b'/>",
	` xmlns="urn:d"`, ` xmlns=""`, ` a="1"`, ` xml:lang="it"`, ` a='&#9;&quot;'`, "è", "\xe8", "\u00a0", "\u2028", "\ufeff", "]]&gt;", "<?p?>", "<!DOCTYPE a>", "'", `"`, ">", "<", "/", "=", ":", "x",
}

// spoil changes a document in a few places.
func spoil(random *rand.Rand, document []byte) []byte {
	d := slices.Clone(document)
	for range 1 + random.IntN(3) {
		at := random.IntN(len(d) + 1)
		switch random.IntN(4) {
		case 0:
			end := min(len(d), at+random.IntN(6))
			d = slices.Delete(d, at, end)
		case 1:
			if at < len(d) {
				d[at] = byte(random.IntN(256))
			}
		default:
			d = slices.Insert(d, at, []byte(morsels[random.IntN(len(morsels))])...)
		}
	}
	return d
}

// TestReader_ReadsAsLibxml2: what the reader accepts of documents spoiled by chance,
// libxml2 accepts and reads with the same names and values (reliability-security.md §8
// G10). The seed is told, so that a disagreement can be had again.
func TestReader_ReadsAsLibxml2(t *testing.T) {
	t.Parallel()
	needXmllint(t)
	const tries, batch = 300_000, 1000
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	originals := seeds(t)
	var accepted [][]byte
	compared := 0
	for range tries {
		d := spoil(random, originals[random.IntN(len(originals))])
		if _, err := byReader(d); err == nil && !unwritable.Match(d) {
			accepted = append(accepted, d)
		}
		if len(accepted) == batch {
			agree(t, accepted)
			compared += batch
			accepted = nil
		}
	}
	if len(accepted) > 0 {
		agree(t, accepted)
		compared += len(accepted)
	}
	t.Logf("%d of %d documents were accepted and compared", compared, tries)
	if compared < tries/20 {
		t.Errorf("only %d documents were compared", compared)
	}
}

// FuzzReader_Libxml2 is the same, led by what the reader does.
func FuzzReader_Libxml2(f *testing.F) {
	needXmllint(f)
	for _, d := range seeds(f) {
		f.Add(d)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if _, err := byReader(doc); err == nil && !unwritable.Match(doc) {
			agree(t, [][]byte{doc})
		}
	})
}

// A refusal of libxml2 is seen: the comparison could not fail otherwise.
func TestByLibxml2_Refuses(t *testing.T) {
	t.Parallel()
	needXmllint(t)
	if _, err := byLibxml2(t, [][]byte{[]byte("<a>&e;</a>")}); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("an unknown entity: %v", err)
	}
	got, err := byLibxml2(t, [][]byte{[]byte("<a>1</a>"), []byte("<b><c>2</c></b>")})
	if err != nil || len(got) != 2 || got[1][1].text != "2" {
		t.Errorf("%+v, %v", got, err)
	}
}
