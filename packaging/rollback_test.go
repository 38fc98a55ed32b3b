package packaging_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The way back of docs/operations.md, walked with the package of the last commit that had
// an older schema: it is built from the repository's history, so that this is for
// "make rollback-test" and not for every run.
func TestRollback(t *testing.T) {
	if os.Getenv("ROLLBACK") == "" {
		t.Skip("ROLLBACK is not set")
	}
	namespaces(t)
	for _, tool := range []string{"git", "dpkg", "adduser", "curl"} {
		needs(t, tool)
	}
	newest := strings.TrimSpace(run(t, "..", "git", "log", "-1", "--format=%h", "--diff-filter=A", "--", "store/migrations"))
	if newest == "" {
		t.Fatal("the repository's history does not reach back to the last migration")
	}
	past := t.TempDir()
	run(t, "..", "sh", "-c", "git archive "+newest+"^ | tar -x -C "+past)
	run(t, past, "go", "build", "-tags", "sqlite_omit_load_extension,osusergo,netgo", "-trimpath", "-o", "bin/nodobridge", "./cmd/nodobridge")
	run(t, past, "packaging/build-deb.sh", "1.2.3", "old.deb")
	dir := project(t)
	run(t, dir, "packaging/build-deb.sh", "1.3.0", "new.deb")
	script, err := filepath.Abs("testdata/rollback.sh")
	if err != nil {
		t.Fatal(err)
	}
	out := run(t, dir, "unshare", "-m", "-n", "-p", "-f", script, filepath.Join(past, "old.deb"), filepath.Join(dir, "new.deb"), t.TempDir())
	for _, want := range []string{
		"old: upload 201\n", "new: read 200, upload 201\n", "old on the new store: exit 78\n", "old again: read 200, the later one 404\n", "new again: read 200\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if n := strings.Count(out, " is whole: "); n != 2 {
		t.Errorf("%d stores are whole, want 2, in\n%s", n, out)
	}
	t.Logf("rollback: from the schema behind %s to the one before it and back", newest)
}
