// Package packaging_test builds the Debian package from the real binary and judges what
// is in it with the distribution's own tools.
package packaging_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

func TestMain(m *testing.M) { os.Exit(binarytest.Main(m)) }

// needs skips, or fails where CI has installed everything.
func needs(t *testing.T, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		if os.Getenv("NODOBRIDGE_INTEROP_REQUIRED") == "1" {
			t.Fatalf("%s is not installed", tool)
		}
		t.Skipf("%s is not installed", tool)
	}
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1790000000")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out.String())
	}
	return out.String()
}

// project is a copy of what the package is built from, with a built binary, so that the
// test leaves the checkout alone.
func project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"config.yaml", "README.md", "CHANGELOG.md", "LICENSE", "docs", "packaging"} {
		run(t, "..", "cp", "-r", name, dir)
	}
	program, err := os.ReadFile(binarytest.Program())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bin", "nodobridge"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The package holds what a station needs, its program runs from where it is unpacked,
// its configuration is the packaged one, and the same input gives the same bytes.
func TestDeb(t *testing.T) {
	t.Parallel()
	needs(t, "dpkg-deb")
	dir := project(t)
	sums := map[[32]byte]bool{}
	for _, name := range []string{"a.deb", "b.deb"} {
		run(t, dir, "packaging/build-deb.sh", "1.2.3", name)
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		sums[[32]byte(h.Sum(nil))] = true
	}
	if len(sums) != 1 {
		t.Error("two builds differ")
	}
	root := filepath.Join(dir, "root")
	run(t, dir, "dpkg-deb", "-R", "a.deb", root)
	for _, name := range []string{
		"usr/bin/nodobridge", "etc/nodobridge/config.yaml", "usr/lib/systemd/system/nodobridge.service", "usr/lib/systemd/system/nodobridge-soap.socket",
		"usr/share/doc/nodobridge/operations.md", "usr/share/man/man1/nodobridge.1.gz", "usr/share/doc/nodobridge/copyright", "usr/share/nodobridge/prometheus-rules.yaml", "usr/share/nodobridge/grafana-dashboard.json", "DEBIAN/postinst", "DEBIAN/prerm",
	} {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Error(err)
		}
	}
	if out := run(t, dir, "dpkg-deb", "-f", "a.deb", "Package", "Version"); !strings.Contains(out, "Package: nodobridge") || !strings.Contains(out, "Version: 1.2.3") {
		t.Error(out)
	}
	config := filepath.Join(root, "etc/nodobridge/config.yaml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.Replace(string(text), "/var/lib/nodobridge/store", filepath.Join(dir, "store"), 1)
	if moved == string(text) {
		t.Error("the packaged store does not lie in /var/lib/nodobridge")
	}
	if err := os.WriteFile(config, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, root, "usr/bin/nodobridge", "--config", config, "init")
	run(t, root, "usr/bin/nodobridge", "--config", config, "keys", "list")
}

// The units are well-formed, and the service is as closed as systemd can judge.
func TestUnits(t *testing.T) {
	t.Parallel()
	needs(t, "systemd-analyze")
	dir := t.TempDir()
	units, err := filepath.Glob("nodobridge*.*e*") // .service and .socket
	if err != nil || len(units) != 4 {
		t.Fatalf("units %v, %v", units, err)
	}
	for _, name := range units {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		// The program is not installed here; any will do for the judge.
		text = bytes.ReplaceAll(text, []byte("/usr/bin/nodobridge"), []byte("/bin/true"))
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out := run(t, dir, "systemd-analyze", append([]string{"verify", "--man=no", "--recursive-errors=no"}, units...)...); strings.Contains(out, "nodobridge") {
		t.Errorf("systemd complains:\n%s", out)
	}
	out := run(t, dir, "systemd-analyze", "security", "--no-pager", "--offline=true", filepath.Join(dir, "nodobridge.service"))
	level := regexp.MustCompile(`exposure level for nodobridge.service: (\d+)\.(\d)`).FindStringSubmatch(out)
	if level == nil {
		t.Fatalf("no exposure level in\n%s", out)
	}
	whole, err := strconv.Atoi(level[1])
	if err != nil || whole >= 2 {
		t.Errorf("exposure level %s.%s, want below 2\n%s", level[1], level[2], out)
	}
	t.Logf("exposure level %s.%s", level[1], level[2])
}

// The sockets' addresses are those that config.yaml has: the station refuses others.
func TestSocketsAreThoseOfTheConfiguration(t *testing.T) {
	t.Parallel()
	config, err := os.ReadFile("../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, address := range map[string]string{"soap": "127.0.0.1:8080", "api": "127.0.0.1:8081", "admin": "127.0.0.1:8082"} {
		unit, err := os.ReadFile("nodobridge-" + name + ".socket")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(config), "\n  listen: "+address+"\n") || !strings.Contains(string(unit), "\nListenStream="+address+"\nFileDescriptorName="+name+"\n") {
			t.Errorf("%s listens elsewhere than %s", name, address)
		}
	}
}
