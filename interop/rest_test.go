package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
)

// The JSON API before judges that nobody here wrote: portman makes contract tests of an
// OpenAPI document, newman runs them, and prism stands between as a proxy that refuses
// what its document does not say, requests and answers alike.

// beside is a file of rest/.
func beside(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("rest", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// tool is an npm program of rest/.
func tool(t *testing.T, name string) string {
	t.Helper()
	path := beside(t, filepath.Join("node_modules", ".bin", name))
	if _, err := os.Stat(path); err != nil {
		missing(t, name+" is not installed: interop/install.sh does it")
	}
	if _, err := exec.LookPath("node"); err != nil {
		missing(t, "node is not installed")
	}
	return path
}

// fetch reads what a server has at an address.
func fetch(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(res.Body)
	return text, errors.Join(err, res.Body.Close())
}

func TestREST_ForeignJudges(t *testing.T) {
	portman, newman, prism := tool(t, "portman"), tool(t, "newman"), tool(t, "prism")
	for _, c := range []struct {
		name, official, prefix string
		requests               int
	}{
		{"gpd-v1", "gpd.json", "/gpd/debt-positions-service/v1", 7},
		{"gpd-v3", "gpd_v3.json", "/gpd/debt-positions-service/v3", 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := binarytest.New(t, binarytest.SampleConfig)
			home.Must("init")
			key := home.NewKey()
			p := home.Serve()
			t.Cleanup(p.Stop)
			dir := t.TempDir()
			ours, err := fetch(t.Context(), p.API+"/openapi/"+c.name+".json")
			if err != nil {
				t.Fatal(err)
			}
			described := keep(t, dir, "ours.json", ours)
			collection := filepath.Join(dir, "collection.json")
			run(t, dir, portman, "--local", described, "--output", collection, "-c", beside(t, "portman.json"), "--filterFile", beside(t, "filter.json"), "--baseUrl", "http://127.0.0.1", "--envFile", os.DevNull)
			judged := []struct{ name, base string }{{"without a proxy", p.API + c.prefix}, {"behind our document", proxy(t, prism, described, p.API+c.prefix)}}
			if official := officialDocument(t, dir, c.official); official != "" {
				judged = append(judged, struct{ name, base string }{"behind pagoPA's document", proxy(t, prism, official, p.API+c.prefix)})
			}
			for _, by := range judged {
				out := run(t, dir, newman, "run", collection, "--env-var", "key="+key, "--env-var", "baseUrl="+by.base, "--color", "off")
				if strings.Contains(out, "not being validated") || strings.Count(out, "✓") < 3*c.requests {
					t.Errorf("%s: fewer assertions than three for each request:\n%s", by.name, out)
				}
				t.Logf("%s: %d assertions hold", by.name, strings.Count(out, "✓"))
			}
		})
	}
}

// keep writes a file of the test's.
func keep(t *testing.T, dir, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs a program in a folder of the test's: portman leaves files where it is.
func run(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(program), err, out)
	}
	return string(out)
}

// proxy stands prism before a server; it says at which address.
func proxy(t *testing.T, prism, document, upstream string) string {
	t.Helper()
	port := freePort(t)
	var log bytes.Buffer
	cmd := exec.Command(prism, "proxy", document, upstream, "--errors", "-p", fmt.Sprint(port))
	read, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	listening := make(chan struct{})
	go func() {
		heard := false
		buffer := make([]byte, 4096)
		for {
			n, err := read.Read(buffer)
			log.Write(buffer[:n])
			if !heard && strings.Contains(log.String(), "Prism is listening") {
				heard = true
				close(listening)
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has no other way to end
		_ = cmd.Wait()
		_ = write.Close()
	})
	select {
	case <-listening:
	case <-time.After(time.Minute):
		t.Fatal("prism does not listen")
	}
	return fmt.Sprintf("http://127.0.0.1:%d", port)
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// officialDocument is pagoPA's, with what GPD does and its document does not say: members
// that are not given are null, and date-times have no zone (docs/divergences.md). "" when
// it is not at hand.
func officialDocument(t *testing.T, dir, name string) string {
	t.Helper()
	from := os.Getenv("PAGOPA_API_DIR")
	if from == "" {
		from = "../../shared/pagopa-api"
	}
	text, err := os.ReadFile(filepath.Join(from, "openapi", name))
	if err != nil {
		t.Logf("pagoPA's %s is not at hand: set PAGOPA_API_DIR (%v)", name, err)
		return ""
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, schema := range doc["components"].(map[string]any)["schemas"].(map[string]any) {
		loosen(schema.(map[string]any))
	}
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return keep(t, dir, "official.json", out)
}

func loosen(schema map[string]any) {
	required := map[string]bool{}
	names, _ := schema["required"].([]any)
	for _, name := range names {
		required[name.(string)] = true
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, p := range properties {
		member := p.(map[string]any)
		if member["format"] == "date-time" {
			delete(member, "format")
		}
		if required[name] || member["type"] == "array" {
			continue
		}
		properties[name] = map[string]any{"anyOf": []any{member, map[string]any{"type": "null"}}}
	}
}
