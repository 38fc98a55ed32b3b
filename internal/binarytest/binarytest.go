// Package binarytest runs the real nodobridge program for tests: it builds it,
// gives it a folder with a configuration and a store, drives its command line, its
// JSON API and, with nodesim, its SOAP side. Only tests import it.
package binarytest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/nodesim"
)

// tags are the Makefile's: SQLite is compiled once for them.
const tags = "sqlite_omit_load_extension,osusergo,netgo"

// dir is where the program is built to; Main makes and removes it.
var dir string

// binary is the program, built when the first test wants it: a fuzzing run of the
// same package never does. putBinary is the one whose clock can be put.
var (
	binary    = sync.OnceValue(func() string { return built("nodobridge", tags) })
	putBinary = sync.OnceValue(func() string { return built("nodobridge-clock", tags+",testclock") })
)

func built(name, tags string) string {
	if dir == "" {
		panic("binarytest.Main must run the tests (TestMain)")
	}
	name = filepath.Join(dir, name)
	build := exec.Command("go", "build", "-tags", tags, "-o", name, "nodobridge/cmd/nodobridge")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic("cannot build nodobridge: " + err.Error())
	}
	return name
}

// Program is where the built program lies.
func Program() string { return binary() }

// Main runs a package's tests and gives their exit code; it is for TestMain.
func Main(m *testing.M) int {
	var err error
	if dir, err = os.MkdirTemp("", "nodobridge-e2e-"); err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left is in the machine's temporary folder
	return m.Run()
}

// SampleConfig has one station with two ECs and listeners on free ports.
const SampleConfig = `
soap: {listen: "127.0.0.1:0"}
api: {listen: "127.0.0.1:0", calls_per_10s: 0}
admin: {listen: "127.0.0.1:0"}
brokers:
  - code: "99999999999"
    stations:
      - id: "99999999999_01"
        creditor_institutions:
          - {code: "77777777777", name: Comune di Prova}
          - {code: "88888888888", name: Comune di Altrove}
`

// The ECs of SampleConfig and the path of the first one's positions.
const (
	EC        = "77777777777"
	OtherEC   = "88888888888"
	Positions = "/gpd/debt-positions-service/v1/organizations/" + EC + "/debtpositions"
)

// Home is a folder with a configuration and, once initialised, a store.
type Home struct {
	t   *testing.T
	Dir string
}

// New makes a folder with a config.yaml.
func New(t *testing.T, config string) *Home {
	t.Helper()
	h := &Home{t, t.TempDir()}
	h.write("config.yaml", config)
	return h
}

func (h *Home) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.Dir, name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// Run runs a command to its end: exit code, standard output, standard error.
func (h *Home) Run(args ...string) (int, string, string) {
	return h.RunWith(nil, args...)
}

// RunWith is Run with more environment variables.
func (h *Home) RunWith(env []string, args ...string) (int, string, string) {
	h.t.Helper()
	cmd := exec.CommandContext(h.t.Context(), binary(), append([]string{"--config", filepath.Join(h.Dir, "config.yaml")}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), problem.String()
}

// Must runs a command that has to succeed and gives its output.
func (h *Home) Must(args ...string) string {
	h.t.Helper()
	code, out, problem := h.Run(args...)
	if code != 0 {
		h.t.Fatalf("nodobridge %s: exit %d\n%s", strings.Join(args, " "), code, problem)
	}
	return out
}

// Process is a running "nodobridge serve".
type Process struct {
	t                *testing.T
	cmd              *exec.Cmd
	SOAP, API, Admin string        // addresses
	Compat           string        // "" when it is off
	Log              *bytes.Buffer // to be read once it has ended
	ended            chan error
	said             *transcript
	up               chan bool // true once it says that it listens; closed when it has said all
}

// Serve starts the station and returns when it says that it listens.
func (h *Home) Serve() *Process {
	h.t.Helper()
	p := h.launch(exec.Command(binary(), "--config", filepath.Join(h.Dir, "config.yaml"), "serve"))
	if !<-p.up {
		h.t.Fatalf("the station did not start:\n%s", p.Log)
	}
	return p
}

// ServePut is Serve with a clock that PutClock puts. It is the same program but for that.
func (h *Home) ServePut() *Process {
	h.t.Helper()
	cmd := exec.Command(putBinary(), "--config", filepath.Join(h.Dir, "config.yaml"), "serve")
	cmd.Env = append(os.Environ(), "TEST_CLOCK_OFFSET_FILE="+filepath.Join(h.Dir, "clock"))
	p := h.launch(cmd)
	if !<-p.up {
		h.t.Fatalf("the station did not start:\n%s", p.Log)
	}
	return p
}

// PutClock puts the clock of a station that ServePut has started.
func (h *Home) PutClock(by time.Duration) {
	h.t.Helper()
	h.write("clock.new", by.String())
	if err := os.Rename(filepath.Join(h.Dir, "clock.new"), filepath.Join(h.Dir, "clock")); err != nil {
		h.t.Fatal(err)
	}
}

// launch starts the station and follows what it says.
func (h *Home) launch(cmd *exec.Cmd) *Process {
	h.t.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	p := &Process{t: h.t, cmd: cmd, Log: new(bytes.Buffer), ended: make(chan error, 1), said: newTranscript(), up: make(chan bool, 1)}
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			fmt.Fprintln(p.Log, lines.Text())
			p.said.add(lines.Text())
			var entry struct{ Msg, SOAP, API, Compat, Admin string }
			if json.Unmarshal(lines.Bytes(), &entry) == nil && entry.Msg == "listening" {
				p.SOAP, p.API, p.Compat, p.Admin = entry.SOAP, entry.API, entry.Compat, entry.Admin
				p.up <- true
			}
		}
		close(p.up)
		p.said.end()
		p.ended <- cmd.Wait()
	}()
	h.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended already
		p.namesNobody()
	})
	return p
}

// Kill ends it as kill -9 does.
func (p *Process) Kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-p.ended
}

// Stop asks the station to end and checks that it does so cleanly.
func (p *Process) Stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := <-p.ended; err != nil {
		p.t.Fatalf("the station ended with %v\n%s", err, p.Log)
	}
}

// Node plays the node against it.
func (p *Process) Node() *nodesim.Node {
	return &nodesim.Node{URL: p.SOAP, Broker: "99999999999", Station: "99999999999_01"}
}

// Call makes one call of the JSON API.
func (p *Process) Call(method, path, key, body string) (int, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.API+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Ocp-Apim-Subscription-Key", key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// Metrics is what the station tells its monitoring.
func (p *Process) Metrics() string {
	p.t.Helper()
	res, err := http.Get(p.Admin + "/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// NAV is the n-th notice number of segregation code 02.
func NAV(n int64) bridge.NoticeNumber {
	number, err := bridge.NewNoticeNumber("02", n)
	if err != nil {
		panic(err)
	}
	return number
}

// Position is the JSON of a position with one option and one transfer.
func Position(n, cents int64) string {
	return fmt.Sprintf(`{"iupd":"P-%d","type":"F","fiscalCode":"RSSMRA80A01H501U","fullName":"Mario Rossi","streetName":"Via Kanarienvogel","email":"kanarienvogel@example.org","companyName":"Comune di Prova","switchToExpired":false,
"paymentOption":[{"iuv":%q,"amount":%d,"description":"TARI 2026","isPartialPayment":false,"dueDate":%q,
"transfer":[{"idTransfer":"1","amount":%d,"remittanceInformation":"TARI 2026","category":"9/0101108TS/","iban":"IT60X0542811101000000123456"}]}]}`,
		n, NAV(n).IUV(), cents, time.Now().UTC().AddDate(0, 1, 0).Format("2006-01-02T15:04:05"), cents)
}

// Upload publishes a position over the JSON API.
func (p *Process) Upload(key, body string) {
	p.t.Helper()
	if status, answer := p.Call("POST", Positions+"?toPublish=true", key, body); status != http.StatusCreated {
		p.t.Fatalf("upload: HTTP %d %s", status, answer)
	}
}

// Status reads the status of a position.
func (p *Process) Status(key, iupd string) string {
	p.t.Helper()
	status, answer := p.Call("GET", Positions+"/"+iupd, key, "")
	var position struct{ Status string }
	if err := json.Unmarshal([]byte(answer), &position); status != http.StatusOK || err != nil {
		p.t.Fatalf("read: HTTP %d %s", status, answer)
	}
	return position.Status
}

// NewKey creates a key for our EC while nothing or the station itself runs.
func (h *Home) NewKey() string {
	h.t.Helper()
	return strings.TrimSpace(h.Must("keys", "create", "--name", "test", "--ec", EC))
}
