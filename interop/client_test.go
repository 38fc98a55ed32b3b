package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// clientTimeout bounds one client's whole run, JAX-WS's code generation and
// compilation on a loaded machine included. A run normally takes 1 to 5 seconds.
const clientTimeout = 120 * time.Second

// client is one foreign SOAP stack.
type client struct {
	name    string   // as the client's report names it
	probe   []string // succeeds if and only if the stack is installed
	missing string   // what to install when it is not
	command []string // the client, without its arguments
}

var clients = []client{
	{
		name: "zeep",
		// Debian's interpreter by its full name: python3-zeep is invisible to any other.
		probe:   []string{"/usr/bin/python3", "-c", "import zeep"},
		missing: "Debian package python3-zeep",
		command: []string{"/usr/bin/python3", "zeep/client.py"},
	},
	{
		name:    "php",
		probe:   []string{"php", "-r", `exit(extension_loaded("soap") ? 0 : 1);`},
		missing: "Debian packages php-cli and php-soap",
		command: []string{"php", "php/client.php"},
	},
	{
		name:    "node-soap",
		probe:   []string{"node", "-e", `require("./node-soap/node_modules/soap")`},
		missing: "Node.js 18 or later and the npm package soap",
		command: []string{"node", "node-soap/client.js"},
	},
	{
		name:    "suds",
		probe:   []string{"/usr/bin/python3", "-c", "import suds.client"},
		missing: "Debian package python3-suds",
		command: []string{"/usr/bin/python3", "suds/client.py"},
	},
	{
		name:    "strong-soap",
		probe:   []string{"node", "-e", `require("./strong-soap/node_modules/strong-soap")`},
		missing: "Node.js 18 or later and the npm package strong-soap",
		command: []string{"node", "strong-soap/client.js"},
	},
	{
		name:    "jaxws",
		probe:   []string{"sh", "-c", "command -v javac && test -e /usr/share/java/jaxws-tools.jar && test -e /usr/share/java/jaxb-xjc.jar"},
		missing: "a JDK (17 or later) and the Debian package libjaxws-java",
		command: []string{"jaxws/run.sh"},
	},
	{
		name:    "gsoap",
		probe:   []string{"sh", "-c", "command -v wsdl2h && command -v soapcpp2 && command -v g++ && test -e /usr/include/stdsoap2.h"},
		missing: "g++ and the Debian packages gsoap and libgsoap-dev",
		command: []string{"gsoap/run.sh"},
	},
	{
		name:    "mono",
		probe:   []string{"sh", "-c", "command -v mono && command -v mcs && command -v wsdl"},
		missing: "Debian package mono-devel",
		command: []string{"mono/run.sh"},
	},
}

// turns lets two clients run at once: two cores are what CI has, and the heavy ones
// compile. A turn lasts until the test that took it has ended.
func turns() (turn func(t *testing.T)) {
	slots := make(chan struct{}, 2)
	return func(t *testing.T) {
		t.Helper()
		slots <- struct{}{}
		t.Cleanup(func() { <-slots })
	}
}

// missing skips the test, or fails it where everything is meant to be installed.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("NODOBRIDGE_INTEROP_REQUIRED") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// require skips, or fails, unless the stack is installed.
func (c client) require(t *testing.T) {
	t.Helper()
	err := exec.CommandContext(t.Context(), c.probe[0], c.probe[1:]...).Run()
	if err != nil {
		missing(t, c.name+" is not installed: needs "+c.missing+" (interop/install.sh); probe: "+err.Error())
	}
}

// run pays one notice with the foreign stack and decodes the client's only line.
func (c client) run(t *testing.T, wsdlURL, nav string, version int) report {
	t.Helper()
	stdout, stderr, err := c.start(t, wsdlURL, nav, version)
	if err != nil {
		t.Fatalf("%s failed: %v\nstderr:\n%s\nstdout:\n%s", c.name, err, stderr, stdout)
	}
	line, rest, found := strings.Cut(stdout, "\n")
	if !found || rest != "" {
		t.Fatalf("%s must print exactly one line, printed:\n%s", c.name, stdout)
	}
	decoder := json.NewDecoder(strings.NewReader(line))
	decoder.DisallowUnknownFields()
	var got report
	err = decoder.Decode(&got)
	if err != nil {
		t.Fatalf("%s printed a line that is not the agreed report: %v\n%s", c.name, err, line)
	}
	t.Logf("%s", line)
	return got
}

// start runs the client to its end and gives what it said.
func (c client) start(t *testing.T, wsdlURL, nav string, version int) (stdout, stderr string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), clientTimeout)
	defer cancel()
	args := append(c.command[1:len(c.command):len(c.command)],
		"--wsdl", wsdlURL, "--ec", creditorInstitution, "--broker", broker, "--station", stationID,
		"--nav", nav, "--receipt-id", "interop-"+c.name+"-"+nav, "--version", strconv.Itoa(version))
	cmd := exec.CommandContext(ctx, c.command[0], args...)
	// The station is on loopback, a proxy meant for the package registries is not for it.
	cmd.Env = append(os.Environ(), "NO_PROXY=127.0.0.1,localhost", "no_proxy=127.0.0.1,localhost", "LC_ALL=C.UTF-8")
	// run.sh starts javac and java: at the deadline the whole group must go.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	err = cmd.Run()
	if ctx.Err() != nil {
		err = fmt.Errorf("%w (%w after %s)", err, ctx.Err(), clientTimeout)
	}
	return out.String(), messages.String(), err
}
