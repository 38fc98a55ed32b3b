package contract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"nodobridge/wsdl/contract"
)

// published writes a contract into a folder in the way pagoPA lays it out.
func published(t *testing.T, root string, files fstest.MapFS) {
	t.Helper()
	replaced(payloads, `"commonTypes.xsd"`, `"../../xsd-common/sac-common-types-1.0.xsd"`)(files)
	for from, to := range map[string]string{
		service:  "wsdl/paForNode.wsdl",
		payloads: "wsdl/xsd/paForNode.xsd",
		common:   "xsd-common/sac-common-types-1.0.xsd",
	} {
		name := filepath.Join(root, filepath.FromSlash(to))
		err := os.MkdirAll(filepath.Dir(name), 0o700)
		if err != nil {
			t.Fatal(err)
		}
		err = os.WriteFile(name, files[from].Data, 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestDiffDir_FindsTheContract(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	files := ourFiles(t)
	changed := facetMutations["facet value"]
	changed.edit.apply(t, files)
	published(t, filepath.Join(root, "releases", "pagopa-api-master"), files)
	for name, dir := range map[string]string{
		"repository":          "releases/pagopa-api-master",
		"with a slash":        "releases/pagopa-api-master/",
		"folder of the WSDL":  "releases/pagopa-api-master/wsdl",
		"above":               "releases",
		"far above":           ".",
		"by a roundabout way": "releases/../releases/pagopa-api-master",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := contract.DiffDir(root + "/" + dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0].String() != changed.want {
				t.Errorf("differences %v, want only %s", got, changed.want)
			}
		})
	}
}

// A folder that holds the three files side by side, as ours does, is read too.
func TestDiffDir_ReadsOurOwnLayout(t *testing.T) {
	t.Parallel()
	got, err := contract.DiffDir("..")
	if err != nil || len(got) != 0 {
		t.Errorf("differences %v, error %v", got, err)
	}
}

func TestDiffDir_SaysWhatItMisses(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	published(t, filepath.Join(root, "twice", "a"), ourFiles(t))
	published(t, filepath.Join(root, "twice", "b"), ourFiles(t))
	published(t, filepath.Join(root, "partial"), ourFiles(t))
	err := os.RemoveAll(filepath.Join(root, "partial", "xsd-common"))
	if err != nil {
		t.Fatal(err)
	}
	err = os.Mkdir(filepath.Join(root, "empty"), 0o700)
	if err != nil {
		t.Fatal(err)
	}
	const expected = "expected a copy of pagoPA's pagopa-api repository: wsdl/paForNode.wsdl"
	for name, tt := range map[string]struct {
		dir  string
		want []string
	}{
		"no folder":           {"nowhere", []string{"nowhere"}},
		"empty folder":        {"empty", []string{"no paForNode.wsdl in", expected}},
		"several contracts":   {"twice", []string{"several contracts (a, b)"}},
		"types missing":       {"partial", []string{"sac-common-types-1.0.xsd", expected}},
		"a file, no folder":   {"twice/a/wsdl/paForNode.wsdl", []string{"is not a folder", expected}},
		"folder of a partial": {"partial/wsdl", []string{"sac-common-types-1.0.xsd", expected}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := contract.DiffDir(filepath.Join(root, tt.dir))
			if err == nil || !strings.HasPrefix(err.Error(), "cannot compare contract: ") {
				t.Fatalf("error %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}
