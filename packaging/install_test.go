package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// namespaces skips where this user may not make them, which no installation cures.
func namespaces(t *testing.T) {
	t.Helper()
	needs(t, "unshare")
	needs(t, "ip")
	out, err := exec.CommandContext(t.Context(), "unshare", "-m", "-n", "-p", "-f", "mount", "-t", "tmpfs", "tmpfs", t.TempDir()).CombinedOutput()
	if err != nil {
		t.Skipf("namespaces cannot be made here: %s", out)
	}
}

// The package installs, its station starts as the unit starts it and is ready, the files
// belong to whom they should, and removing it leaves the store.
func TestDebInstalledStarts(t *testing.T) {
	t.Parallel()
	namespaces(t)
	needs(t, "dpkg")
	needs(t, "adduser")
	dir := project(t)
	run(t, dir, "packaging/build-deb.sh", "1.2.3", "a.deb")
	script, err := filepath.Abs("testdata/install.sh")
	if err != nil {
		t.Fatal(err)
	}
	out := run(t, dir, "unshare", "-m", "-n", "-p", "-f", script, filepath.Join(dir, "a.deb"), t.TempDir())
	for _, want := range []string{
		"HTTP/1.0 200 OK", "root 640 /etc/nodobridge/config.yaml", "nodobridge 700 /var/lib/nodobridge/store", "removed, the store stays",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// What the container file promises holds: the static program runs without anything else
// in its root, not as root, and writes to the volume only.
func TestContainerRunsReadOnlyAndNotAsRoot(t *testing.T) {
	t.Parallel()
	namespaces(t)
	needs(t, "curl")
	file, err := os.ReadFile("Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"FROM scratch\n", "USER 65532:65532\n", "VOLUME /var/lib/nodobridge\n", `CMD ["serve"]`} {
		if !strings.Contains(string(file), want) {
			t.Errorf("the container file has no %q", want)
		}
	}
	dir := t.TempDir()
	binary, config := filepath.Join(dir, "nodobridge"), filepath.Join(dir, "config.yaml")
	run(t, "..", "go", "build", "-tags", "sqlite_omit_load_extension,osusergo,netgo", "-ldflags", "-linkmode external -extldflags -static", "-o", binary, "./cmd/nodobridge")
	text, err := os.ReadFile("../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.Replace(string(text), "\n  dir: var\n", "\n  dir: /var/lib/nodobridge/store\n", 1)
	if err := os.WriteFile(config, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/container.sh")
	if err != nil {
		t.Fatal(err)
	}
	out := run(t, dir, "unshare", "-m", "-n", "-p", "-f", script, binary, config, t.TempDir())
	for _, want := range []string{"created the store in /var/lib/nodobridge/store", "\nok\n", "ended well"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}
