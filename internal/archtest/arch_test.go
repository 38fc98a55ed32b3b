package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "nodobridge"

// arrows is docs/architecture.md §1: which of our packages each may import,
// outside tests. A name that ends in /... stands for itself and all below it.
var arrows = map[string][]string{
	"cmd/nodobridge":      {"api", "backup", "bridge", "checkout", "door", "hook", "load", "nodesim", "notice", "outbound", "service", "sheet", "soap", "store", "wsdl/..."},
	"api":                 {"bridge", "door"},
	"backup":              {},
	"bridge":              {},
	"checkout":            {"bridge", "outbound"},
	"door":                {},
	"hook":                {"bridge", "outbound"},
	"internal/archtest":   {},
	"internal/bench":      {"bridge", "internal/fill", "load", "nodesim", "store"},
	"internal/binarytest": {"bridge", "nodesim"},
	"internal/crash":      {},
	"internal/fill":       {"bridge", "store"},
	"internal/hostile":    {},
	"internal/judge":      {"wsdl"},
	"internal/testkit":    {"bridge"},
	"interop":             {},
	"interop/answers":     {},
	"load":                {"nodesim"},
	"nodesim":             {},
	"notice":              {"bridge", "notice/..."},
	"notice/codes":        {"bridge"},
	"notice/fonts":        {"notice/pdf"},
	"notice/pdf":          {},
	"packaging":           {},
	"packaging/supply":    {},
	"outbound":            {},
	"service":             {"bridge", "outbound", "wsdl/xmlpull"},
	"sheet":               {"bridge"},
	"soap":                {"bridge", "door", "wsdl/..."},
	"store":               {"bridge"},
	"wsdl":                {},
	"wsdl/contract":       {"wsdl"},
	"wsdl/gen":            {},
	"wsdl/pafornode":      {"wsdl/xmlpull"},
	"wsdl/xmlpull":        {},
}

// outsiders pins third parties to rooms.
var outsiders = map[string][]string{
	"filippo.io/age":                     {"backup", "cmd/nodobridge"},
	"github.com/labstack/echo/v4":        {"api"},
	"github.com/swaggo/files/v2":         {"api"},
	"github.com/mattn/go-sqlite3":        {"store"},
	"github.com/spf13/viper":             {"cmd/nodobridge"},
	"github.com/go-viper/mapstructure":   {"cmd/nodobridge"},
	"github.com/spf13/cobra":             {"cmd/nodobridge"},
	"github.com/coreos/go-systemd/v22":   {"cmd/nodobridge"},
	"github.com/hooklift/gowsdl":         {"wsdl/gen"},
	"github.com/jacoelho/xsd":            {"internal/judge", "service"}, // service: the operator's own XSDs
	"github.com/beevik/etree":            {"cmd/nodobridge", "nodesim", "service", "soap", "wsdl/gen"},
	"github.com/makiuchi-d/gozxing":      {"notice/codes"},
	"golang.org/x/text/unicode/norm":     {"notice", "notice/codes"},
	"github.com/thedatashed/xlsxreader":  {"sheet"},
	"golang.org/x/text/encoding/charmap": {"sheet"},
	"go.yaml.in/yaml/v3":                 {"service"},
}

type pkg struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Standard", "-tags", "sqlite_omit_load_extension,osusergo,netgo", "./...")
	cmd.Dir = root(t)
	var problem bytes.Buffer
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cannot list packages: %v\n%s", err, problem.String())
	}
	var packages []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// forbidden says what an import breaks, or "". from and to are import paths.
func forbidden(from, to string) string {
	from = strings.TrimPrefix(from, module+"/")
	if inside, ok := strings.CutPrefix(to, module+"/"); ok {
		allowed, known := arrows[from]
		if !known {
			return "package " + from + " is in no room of docs/architecture.md"
		}
		for _, a := range allowed {
			if a == inside || strings.HasSuffix(a, "/...") && strings.HasPrefix(inside+"/", strings.TrimSuffix(a, "...")) {
				return ""
			}
		}
		return from + " -> " + inside + " is not an arrow of docs/architecture.md"
	}
	if first, _, _ := strings.Cut(to, "/"); !strings.Contains(first, ".") {
		return "" // the standard library
	}
	for path, rooms := range outsiders {
		if to == path || strings.HasPrefix(to, path+"/") {
			if slices.Contains(rooms, from) {
				return ""
			}
			return from + " may not import " + path
		}
	}
	return from + " imports " + to + ", which is pinned to no room"
}

func TestArrows(t *testing.T) {
	t.Parallel()
	packages := list(t)
	if len(packages) < 10 {
		t.Fatalf("only %d packages were listed", len(packages))
	}
	for _, p := range packages {
		if _, known := arrows[strings.TrimPrefix(p.ImportPath, module+"/")]; !known {
			t.Errorf("package %s is in no room of docs/architecture.md", p.ImportPath)
		}
		for _, to := range p.Imports {
			if wrong := forbidden(p.ImportPath, to); wrong != "" {
				t.Error(wrong)
			}
		}
	}
}

func TestForbidden_SeesNewArrows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"nodobridge/soap", "nodobridge/bridge", true},
		{"nodobridge/soap", "nodobridge/wsdl/pafornode", true},
		{"nodobridge/soap", "nodobridge/store", false},
		{"nodobridge/bridge", "nodobridge/store", false},
		{"nodobridge/bridge", "net/http", true},
		{"nodobridge/bridge", "github.com/beevik/etree", false},
		{"nodobridge/api", "github.com/labstack/echo/v4/middleware", true},
		{"nodobridge/soap", "github.com/labstack/echo/v4", false},
		{"nodobridge/store", "example.org/new", false},
		{"nodobridge/nodesim", "nodobridge/wsdl", false},
		{"nodobridge/utils", "nodobridge/bridge", false},
	} {
		if got := forbidden(c.from, c.to) == ""; got != c.allowed {
			t.Errorf("%s -> %s: allowed is %v, want %v", c.from, c.to, got, c.allowed)
		}
	}
}

// maxLines and maxFunction are the house laws (docs/architecture.md §1); generated
// files are exempt, and tests from the second.
const (
	maxLines    = 400
	maxFunction = 70
)

func TestSizes(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(root(t), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (strings.HasPrefix(name, ".") && path != root(t) || name == "node_modules" || name == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, ".gen.go") {
			return nil
		}
		return size(t, path)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func size(t *testing.T, path string) error {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if n := bytes.Count(text, []byte("\n")); n > maxLines {
		t.Errorf("%s has %d lines, at most %d are allowed: split it by noun", path, n, maxLines)
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range file.Decls {
		if n := set.Position(d.End()).Line - set.Position(d.Pos()).Line + 1; n > maxFunction && !strings.HasSuffix(path, "_test.go") && isFunction(text, set, d.Pos()) {
			t.Errorf("%s: a function of %d lines, at most %d are allowed", set.Position(d.Pos()), n, maxFunction)
		}
	}
	for _, bad := range []string{"utils", "helpers", "common", "manager"} {
		if file.Name.Name == bad || strings.TrimSuffix(filepath.Base(path), ".go") == bad {
			t.Errorf("%s: the name %q says no noun", path, bad)
		}
	}
	return nil
}

func isFunction(text []byte, set *token.FileSet, at token.Pos) bool {
	return bytes.HasPrefix(text[set.Position(at).Offset:], []byte("func"))
}
