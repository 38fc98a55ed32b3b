package packaging_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nodobridge/internal/binarytest"
)

// monitored has TLS, since certificates are counted only then.
const monitored = `
soap:
  listen: "127.0.0.1:0"
  tls: {cert_file: server.pem, key_file: server.key, client_ca_files: [clients.pem], client_names: [forwarder.example.it]}
`

// exposed is what a station that has been called shows for Prometheus.
func exposed(t *testing.T) string {
	t.Helper()
	pki := binarytest.NewPKI(t)
	h := binarytest.New(t, strings.Replace(binarytest.SampleConfig, `soap: {listen: "127.0.0.1:0"}`, monitored, 1))
	h.Install(pki, pki.Leaf("station.example.it", 90))
	h.Must("init")
	p := h.Serve()
	defer p.Stop()
	res, err := http.Get(p.Admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

var (
	metricName  = regexp.MustCompile(`nodobridge_[a-z_]+`)
	histogramOf = regexp.MustCompile(`_(bucket|sum|count)$`)
	matcher     = regexp.MustCompile(`(nodobridge_[a-z_]+)\{([^}]*)\}`)
	labelName   = regexp.MustCompile(`([a-z_]+)=`)
)

// unknownNames are those that a text names and the station does not show.
func unknownNames(text, shown string) []string {
	var unknown []string
	for _, name := range metricName.FindAllString(text, -1) {
		if !strings.Contains(shown, "# TYPE "+histogramOf.ReplaceAllString(name, "")+" ") {
			unknown = append(unknown, name)
		}
	}
	for _, m := range matcher.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(shown, "\n"+m[1]+"{") {
			continue // nothing has been counted yet
		}
		for _, label := range labelName.FindAllStringSubmatch(m[2], -1) {
			if !regexp.MustCompile(`\n` + m[1] + `\{[^}]*\b` + label[1] + `="`).MatchString(shown) {
				unknown = append(unknown, m[1]+"{"+label[1]+"}")
			}
		}
	}
	slices.Sort(unknown)
	return slices.Compact(unknown)
}

// Every metric that alerts, dashboard and documentation name is there, with its labels.
func TestMonitoring_NamesWhatTheStationShows(t *testing.T) {
	t.Parallel()
	shown := exposed(t)
	for _, name := range []string{"prometheus-rules.yaml", "grafana-dashboard.json", "../docs/operations.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		// JSON writes quotes inside of texts with a backslash.
		plain := strings.ReplaceAll(string(text), `\"`, `"`)
		if name == "../docs/operations.md" {
			plain = matcher.ReplaceAllString(plain, "$1") // labels without values there
		}
		if unknown := unknownNames(plain, shown); len(unknown) > 0 {
			t.Errorf("%s names %v, in\n%s", name, unknown, shown)
		}
		if n := len(metricName.FindAllString(plain, -1)); n < 10 {
			t.Errorf("%s names %d metrics only", name, n)
		}
	}
	if unknown := unknownNames(`nodobridge_nothing_total{x="y"} nodobridge_unserved_seconds{reason="z"}`, shown); len(unknown) != 2 {
		t.Errorf("the test is blind: %v", unknown)
	}
}

// dashboard is what matters of Grafana's format.
type dashboard struct {
	UID    string
	Panels []struct {
		ID      int
		Title   string
		Targets []struct{ Expr string }
	}
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	text, err := os.ReadFile("grafana-dashboard.json")
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil || d.UID == "" || len(d.Panels) < 10 {
		t.Fatalf("%+v, %v", d, err)
	}
	return d
}

func TestMonitoring_DashboardIsWellFormed(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for _, p := range readDashboard(t).Panels {
		if p.Title == "" || seen[p.ID] || len(p.Targets) == 0 || p.Targets[0].Expr == "" {
			t.Errorf("panel %+v", p)
		}
		seen[p.ID] = true
	}
}

// Prometheus' own judge, and made-up series that must raise alerts and must not.
func TestMonitoring_RulesAlert(t *testing.T) {
	t.Parallel()
	needs(t, "promtool")
	run(t, ".", "promtool", "check", "rules", "prometheus-rules.yaml")
	run(t, "testdata", "promtool", "test", "rules", "prometheus-rules.test.yaml")

	// The dashboard's queries, as rules: JSON is YAML too.
	var rules []map[string]string
	for _, p := range readDashboard(t).Panels {
		for _, target := range p.Targets {
			rules = append(rules, map[string]string{"record": "panel", "expr": target.Expr})
		}
	}
	text, err := json.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dashboard.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, ".", "promtool", "check", "rules", "--lint=none", file)
}
