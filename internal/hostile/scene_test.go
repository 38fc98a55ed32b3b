package hostile_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

func TestMain(m *testing.M) { os.Exit(binarytest.Main(m)) }

// Bounds of reliability-security.md §8 G9.
const (
	maxHeap   = 8 << 20          // more than one input may allocate
	patience  = 20 * time.Second // until a log line is there, on a busy machine
	slowest   = 5 * time.Second  // no valid call takes that long, however busy the machine
	usualCall = 50 * time.Millisecond
)

// scene is a running station and what it must not forget or tell.
type scene struct {
	t *testing.T // of the row that plays
	h *binarytest.Home
	p *binarytest.Process

	client *http.Client // of the valid calls; nil on a plain listener

	key, otherKey string
	last          int64 // number of the last notice
	lines         int   // log lines that are accounted for
	kept          int   // refused inputs that must be in the store
	calls         []time.Duration
	answers       []time.Duration // to hostile inputs, but for large files
	canaries      []string
}

// sampleConfig is binarytest's, with a first EC that offers a service.
var sampleConfig = strings.Replace(binarytest.SampleConfig, `{code: "77777777777", name: Comune di Prova}`,
	`{code: "77777777777", name: Comune di Prova, cbill: CBI1Z, aux_digit: 3, segregation_codes: ["02"], ibans: [IT60X0542811101000000123456], services: [
              {service: cie, id_servizio: "00005", subject: "00033", iban: IT60X0542811101000000123456, category: 9/0101002IM/, valid_days: 2, amount: {fixed: 2221}}]}`, 1) + "notices: {allow_missing_brand: true}\n"

func newScene(t *testing.T, config string) *scene {
	t.Helper()
	s := &scene{t: t, h: binarytest.New(t, config)}
	s.h.Must("init")
	s.key = s.h.NewKey()
	s.otherKey = strings.TrimSpace(s.h.Must("keys", "create", "--name", "other", "--ec", binarytest.OtherEC))
	s.canaries = []string{"RSSMRA80A01H501U", "Mario", "Rossi", "IT60X0542811101000000123456", "canary", secretOf(s.key), secretOf(s.otherKey)}
	s.p = s.h.Serve()
	s.lines = len(s.p.Lines(1, patience))
	return s
}

func secretOf(key string) string { return strings.SplitN(key, "_", 3)[2] }

// position publishes a new position of 120 euro and gives its notice number.
func (s *scene) position() string {
	s.t.Helper()
	s.last++
	s.p.Upload(s.key, binarytest.Position(s.last, 12000))
	s.lines++
	return string(binarytest.NAV(s.last))
}

// status is the state of the position of the last notice.
func (s *scene) status() string {
	s.t.Helper()
	s.lines++
	return s.p.Status(s.key, fmt.Sprintf("P-%d", s.last))
}

// answer is what came back, until the station closed.
type answer struct {
	status int
	header http.Header
	body   string
	closes bool // it says that nothing comes behind it
	more   int  // answers behind the first
}

// hit is one hostile input: bytes to a listener and what must come back.
type hit struct {
	name string
	from string // our address; 127.0.0.1 by default
	to   string // a listener's address; the node's by default
	sent string
	want func(answer) string // what is wrong with the answer, or ""
	kept bool                // the bytes are in the journal of refused inputs
	says string              // a text of its log line
	lean bool                // its allocations are not looked at
}

// play sends an input, checks its answer, makes a valid call, and looks at the log.
func (s *scene) play(list ...hit) {
	s.t.Helper()
	for _, h := range list {
		before := s.allocated()
		began := time.Now()
		got := s.send(h)
		if !h.lean {
			s.answers = append(s.answers, time.Since(began))
		}
		if wrong := h.want(got); wrong != "" {
			s.t.Errorf("%s: %s, got HTTP %d %v\n%.600s", h.name, wrong, got.status, got.header, got.body)
		}
		line := s.settle(h.name)
		if h.says != "" && !strings.Contains(line, h.says) {
			s.t.Errorf("%s: logged as %s, which does not say %s", h.name, line, h.says)
		}
		if kept := strings.Contains(line, `"kept":true`); kept != h.kept {
			s.t.Errorf("%s: kept is %v, want %v: %s", h.name, kept, h.kept, line)
		}
		if h.kept {
			s.kept++
		}
		if more := s.allocated() - before; more > maxHeap && !h.lean {
			s.t.Errorf("%s: %d bytes were allocated", h.name, more)
		}
	}
}

// settle makes a valid call and checks that the input before it has left exactly one
// line, which it gives.
func (s *scene) settle(name string) string {
	s.t.Helper()
	line := ""
	if fresh := s.account(name, 1); len(fresh) > 0 {
		line = fresh[0]
	}
	s.valid()
	return line
}

// account checks that so many lines are new, and that none tells of a person.
func (s *scene) account(name string, count int) []string {
	s.t.Helper()
	all := s.p.Lines(s.lines+count, patience)
	fresh := all[min(s.lines, len(all)):]
	if len(fresh) != count {
		s.t.Errorf("%s: %d log lines, want %d:\n%s", name, len(fresh), count, strings.Join(fresh, "\n"))
	}
	s.lines = len(all)
	s.scan(name, fresh)
	return fresh
}

var (
	noticeForm = regexp.MustCompile(`\b3[0-9]{17}\b`)
	lineForm   = regexp.MustCompile(`^\{.*\}$`)
)

func (s *scene) scan(name string, lines []string) {
	s.t.Helper()
	for _, line := range lines {
		for _, c := range s.canaries {
			if strings.Contains(line, c) {
				s.t.Errorf("%s: the log holds %s: %s", name, c, line)
			}
		}
		if noticeForm.MatchString(line) {
			s.t.Errorf("%s: the log holds a notice number: %s", name, line)
		}
		if !lineForm.MatchString(line) || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) {
			s.t.Errorf("%s: not one line of JSON: %q", name, line)
		}
	}
}

// valid is a call that must go on being answered, and at once.
func (s *scene) valid() {
	s.t.Helper()
	node := s.p.Node()
	node.HTTP = s.client
	began := time.Now()
	a, err := node.Verify(s.t.Context(), binarytest.EC, string(binarytest.NAV(1)))
	took := time.Since(began)
	if err != nil || a.Fault != nil {
		s.t.Fatalf("a valid call behind the input: %+v, %v", a, err)
	}
	if took > slowest {
		s.t.Errorf("a valid call behind the input took %s", took)
	}
	s.calls = append(s.calls, took)
	s.account("a valid call", 1)
}

// usual checks the medians: a single call may suffer from another program on the machine.
func (s *scene) usual(t *testing.T) {
	t.Helper()
	for what, took := range map[string][]time.Duration{"valid calls behind hostile inputs": s.calls, "answers to hostile inputs": s.answers} {
		if len(took) == 0 {
			continue // a run of some rows
		}
		slices.Sort(took)
		median, p99 := took[len(took)/2], took[len(took)*99/100]
		t.Logf("%d %s: median %s, p99 %s, slowest %s", len(took), what, median, p99, took[len(took)-1])
		if median > usualCall {
			t.Errorf("%s: the median is %s, want at most %s", what, median, usualCall)
		}
	}
}

// host takes the address out of a listener's URL.
func host(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	at, _, _ := strings.Cut(rest, "/")
	return at
}

func (s *scene) node() string { return host(s.p.SOAP) }
func (s *scene) json() string { return host(s.p.API) }

func dial(t *testing.T, from, to string) net.Conn {
	t.Helper()
	d := net.Dialer{Timeout: patience}
	if from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	c, err := d.DialContext(t.Context(), "tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // the test is over
	if err := c.SetDeadline(time.Now().Add(3 * patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

// send writes the bytes and reads until the station closes.
func (s *scene) send(h hit) answer {
	s.t.Helper()
	if h.to == "" {
		h.to = s.node()
	}
	c := dial(s.t, h.from, h.to)
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	go func() { _, _ = io.WriteString(c, h.sent) }() // the station may close before the end: that is its answer
	return readAll(c)
}

// readAll reads answers until the other side closes.
func readAll(c net.Conn) answer {
	var a answer
	for r := bufio.NewReader(c); ; {
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			return a
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return a
		}
		if a.status != 0 {
			a.more++
			continue
		}
		a.status, a.header, a.body, a.closes = res.StatusCode, res.Header, string(body), res.Close
	}
}

// request writes an HTTP/1.1 request that ends its connection.
func request(method, target, body string, headers ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: station.example\r\nConnection: close\r\n", method, target)
	if body != "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	return b.String() + "\r\n" + body
}

// open takes out that the connection is to end: then it is the station that wants it.
func open(sent string) string {
	head, body, _ := strings.Cut(sent, "\r\n\r\n")
	return strings.Replace(head, "\r\nConnection: close", "", 1) + "\r\n\r\n" + body
}

const xmlType = "Content-Type: text/xml; charset=UTF-8"

// call is a POST to the node's listener; more headers may be given.
func call(body string, headers ...string) string {
	return request("POST", "/paForNode", body, append([]string{xmlType}, headers...)...)
}

const (
	verifyAction  = `SOAPAction: "paVerifyPaymentNotice"`
	receiptAction = `SOAPAction: "paSendRTV2"`
	verifyRes     = "paVerifyPaymentNoticeRes"
	receiptRes    = "paSendRTV2Response"
)

// ko wants HTTP 200 and the response's fault.
func ko(root, code string) func(answer) string {
	return func(a answer) string {
		if a.status != 200 || !strings.Contains(a.body, "<paf:"+root+"><outcome>KO</outcome><fault><faultCode>"+code+"</faultCode>") {
			return "want " + root + " with " + code
		}
		return ""
	}
}

// fault wants HTTP 500 and a SOAP Fault of the code that says no more than the text.
func fault(code, text string) func(answer) string {
	return func(a answer) string {
		switch {
		case a.status != 500 || !strings.Contains(a.body, "<faultcode>soapenv:"+code+"</faultcode>"):
			return "want a SOAP Fault " + code
		case !strings.Contains(a.body, "<faultstring>"+text), strings.Contains(a.body, "goroutine"), strings.Contains(a.body, ".go:"):
			return "want the fault to say " + text
		}
		return ""
	}
}

func outcomeOK(a answer) string {
	if a.status != 200 || !strings.Contains(a.body, "<outcome>OK</outcome>") {
		return "want OK"
	}
	return ""
}

// is wants a status, and texts in the body.
func is(status int, texts ...string) func(answer) string {
	return func(a answer) string {
		if a.status != status {
			return fmt.Sprintf("want HTTP %d", status)
		}
		for _, text := range texts {
			if !strings.Contains(a.body, text) {
				return "want the body to say " + text
			}
		}
		return ""
	}
}

// only wants one answer of a status and a closed connection behind it.
func only(status int, texts ...string) func(answer) string {
	return func(a answer) string {
		if wrong := is(status, texts...)(a); wrong != "" {
			return wrong
		}
		if a.more > 0 || !a.closes {
			return "want the connection closed behind it"
		}
		return ""
	}
}

// verify asks for a notice.
func (s *scene) verify(nav string) nodesim.VerifyResult {
	s.t.Helper()
	a, err := s.p.Node().Verify(s.t.Context(), binarytest.EC, nav)
	if err != nil {
		s.t.Fatal(err)
	}
	s.lines++
	return a
}
