package hostile_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"nodobridge/internal/binarytest"
)

// framings are rows 10 to 13, 22, 23 and 30 to 35: what HTTP itself is abused for.
func framings() []row {
	return []row{
		{n: 10, name: "one byte too many", play: func(s *scene) {
			nav := s.position()
			long := receiptOf(nav, "long")
			long += strings.Repeat(" ", 1<<20+1-len(long))
			s.play(
				hit{name: "length", sent: open(call(long, receiptAction)), want: only(413)},
				hit{name: "chunked", sent: open(request("POST", "/paForNode", "", xmlType, receiptAction, "Transfer-Encoding: chunked") + chunked(long)), want: only(413)},
				hit{name: "just as long as allowed", sent: call(long[:1<<20], receiptAction), want: outcomeOK},
			)
		}},
		{n: 11, name: "a terabyte announced", play: func(s *scene) {
			head := "Content-Length: 1000000000000\r\nConnection: close\r\n\r\nabc"
			s.play(
				hit{name: "node", sent: open("POST /paForNode HTTP/1.1\r\nHost: x\r\n" + xmlType + "\r\n" + head), want: only(413)},
				hit{name: "JSON", to: s.json(), sent: open("POST " + binarytest.Positions + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nOcp-Apim-Subscription-Key: " + s.key + "\r\n" + head), want: only(413)},
			)
		}},
		{n: 12, name: "gzip towards the node's listener", play: func(s *scene) {
			s.play(
				hit{name: "bomb", sent: call(bomb(s, 20<<20), "Content-Encoding: gzip"), want: is(415)},
				hit{name: "no bomb", sent: call(zipped(s, verifyOf(string(binarytest.NAV(1)))), "Content-Encoding: gzip"), want: is(415)},
			)
		}},
		// Nothing is decoded at all, so no bomb can be: 415 in the place of 413 (architecture.md §7).
		{n: 13, name: "gzip towards the JSON listener", play: func(s *scene) {
			s.play(hit{name: "bomb", to: s.json(), sent: s.asked("POST", binarytest.Positions, bomb(s, 20<<20), "Content-Encoding: gzip"), want: is(415)})
		}},
		{n: 22, name: "SOAPAction of another operation", play: func(s *scene) {
			nav := s.position()
			s.play(
				hit{name: "a receipt under verify's action", sent: call(receiptOf(nav, "action"), verifyAction), want: is(200, "<paf:"+receiptRes+"><outcome>OK"), says: `"soap_action_differs":true`},
				hit{name: "verify under a receipt's", sent: call(verifyOf(nav), receiptAction), want: ko(verifyRes, "PAA_PAGAMENTO_DUPLICATO"), says: `"soap_action_differs":true`},
				hit{name: "bare", sent: call(verifyOf(string(binarytest.NAV(1))), "SOAPAction: paVerifyPaymentNotice"), want: outcomeOK},
				hit{name: "absent", sent: call(verifyOf(string(binarytest.NAV(1)))), want: outcomeOK},
			)
		}},
		{n: 23, name: "other kinds of message", play: otherKinds},
		{n: 30, name: "Content-Length and Transfer-Encoding", play: bothFramings},
		{n: 31, name: "contradicting heads", play: contradictingHeads},
		{n: 32, name: "malformed chunks", play: malformedChunks},
		{n: 33, name: "long heads", play: func(s *scene) {
			for to, path := range map[string]string{s.node(): "/paForNode", s.json(): "/info"} {
				s.play(
					hit{name: "17 KiB " + path, to: to, sent: open(request("GET", path, "", "X: "+strings.Repeat("x", 17<<10))), want: only(431)},
					hit{name: "60,000 " + path, to: to, sent: open(request("GET", path, "", strings.TrimSuffix(strings.Repeat("X: y\r\n", 60_000), "\r\n"))), want: only(431)},
				)
			}
		}},
		{n: 34, name: "slow peers", play: slowPeers},
		{n: 35, name: "5,000 connections of one address", play: flood},
	}
}

func chunked(body string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body) }

// asked is a request for the JSON listener with our key.
func (s *scene) asked(method, target, body string, headers ...string) string {
	headers = append(headers, "Ocp-Apim-Subscription-Key: "+s.key)
	if body != "" {
		headers = append(headers, "Content-Type: application/json")
	}
	return request(method, target, body, headers...)
}

func zipped(s *scene, text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		s.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	return b.String()
}

func bomb(s *scene, size int) string { return zipped(s, strings.Repeat(" ", size)) }

func otherKinds(s *scene) {
	nav := string(binarytest.NAV(1))
	twelve := strings.ReplaceAll(verifyOf(nav), "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
	notAllowed := func(a answer) string {
		if a.status != 405 || a.header.Get("Allow") != "POST" {
			return "want 405 and Allow: POST"
		}
		return ""
	}
	post := func(body, kind string) string { return request("POST", "/paForNode", body, "Content-Type: "+kind) }
	s.play(
		hit{name: "SOAP 1.2 in SOAP 1.2's type", sent: post(twelve, "application/soap+xml"), want: is(415)},
		hit{name: "SOAP 1.2 in text/xml", sent: call(twelve), want: fault("VersionMismatch", "")}, // architecture.md §7
		hit{name: "MTOM", sent: post("--x\r\n\r\n"+verifyOf(nav)+"\r\n--x--", `multipart/related; boundary=x; type="application/xop+xml"`), want: is(415)},
		hit{name: "JSON", sent: post("{}", "application/json"), want: is(415)},
		hit{name: "form", sent: post("a=b", "application/x-www-form-urlencoded"), want: is(415)},
		hit{name: "text/plain, as the node's probe", sent: post(verifyOf(nav), "text/plain"), want: outcomeOK}, // architecture.md §7
		hit{name: "GET", sent: request("GET", "/paForNode", ""), want: notAllowed},
		hit{name: "PUT", sent: request("PUT", "/paForNode", verifyOf(nav), xmlType), want: notAllowed},
		hit{name: "GET ?wsdl", sent: request("GET", "/paForNode?wsdl", ""), want: is(200, "paForNode")},
	)
}

func bothFramings(s *scene) {
	nav := s.position()
	inner := call(receiptOf(nav, "smuggled"), receiptAction)
	for to, head := range map[string]string{
		s.node(): "POST /paForNode HTTP/1.1\r\nHost: x\r\n" + xmlType + "\r\n",
		s.json(): "POST " + binarytest.Positions + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nOcp-Apim-Subscription-Key: " + s.key + "\r\n",
	} {
		s.play(
			hit{name: "length first", to: to, sent: open(head + fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 5+len(inner)) + inner), want: only(400)},
			hit{name: "encoding first", to: to, sent: open(head + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + inner), want: only(400)},
		)
	}
	s.untouched("smuggled")
}

func contradictingHeads(s *scene) {
	body := verifyOf(string(binarytest.NAV(1)))
	head := "POST /paForNode HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + xmlType + "\r\n"
	length := fmt.Sprintf("Content-Length: %d\r\n", len(body))
	for name, c := range map[string]struct {
		sent   string
		status int
	}{
		"two lengths":              {head + length + "Content-Length: 1\r\n\r\n" + body, 400},
		"a sign":                   {head + "Content-Length: +3\r\n\r\nabc", 400},
		"a negative length":        {head + "Content-Length: -1\r\n\r\n", 400},
		"another encoding":         {head + "Transfer-Encoding: xchunked\r\n\r\n" + chunked(body), 501},
		"gzip, chunked":            {head + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked(body), 501},
		"a blank before the colon": {head + "Transfer-Encoding : chunked\r\n\r\n" + chunked(body), 400},
		"two hosts":                {head + "Host: y\r\n" + length + "\r\n" + body, 400},
		"no host":                  {strings.Replace(head, "Host: x\r\n", "", 1) + length + "\r\n" + body, 400},
		"no HTTP":                  {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400},
	} {
		s.play(hit{name: name, sent: open(c.sent), want: only(c.status)})
	}
}

func malformedChunks(s *scene) {
	for to, head := range map[string]string{
		s.node(): "POST /paForNode HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + xmlType + "\r\n\r\n",
		s.json(): "POST " + binarytest.Positions + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\nOcp-Apim-Subscription-Key: " + s.key + "\r\n\r\n",
	} {
		for name, body := range map[string]string{
			"no size": "zz\r\nabc\r\n0\r\n\r\n", "a negative size": "-1\r\nabc\r\n0\r\n\r\n", "too long a size": "fffffffffffffffff\r\nabc\r\n", "no line end behind": "3\r\nabcde\r\n0\r\n\r\n",
			"a flood of extensions": strings.Repeat("1;"+strings.Repeat("e", 2000)+"\r\na\r\n", 200) + "0\r\n\r\n",
		} {
			s.play(hit{name: name, to: to, sent: open(head + body), want: only(400)})
		}
	}
}

// slowPeers go on all at once: half a header, half a body, and an answer that is not
// taken. Each is cut without ending by itself.
func slowPeers(s *scene) {
	n := newScene(s.t, sampleConfig) // its log is not the other rows'
	n.position()
	drip := func(c net.Conn, first, then string, every time.Duration) time.Duration {
		began := time.Now()
		_, err := io.WriteString(c, first)
		for i := 0; err == nil && time.Since(began) < time.Minute; i++ {
			if err = c.SetReadDeadline(time.Now().Add(every)); err != nil {
				break
			}
			if _, reading := c.Read(make([]byte, 1)); reading != nil && !isTimeout(reading) {
				break
			}
			_, err = io.WriteString(c, then[i%len(then):i%len(then)+1])
		}
		return time.Since(began)
	}
	var all sync.WaitGroup
	cut := map[string]time.Duration{}
	var mu sync.Mutex
	run := func(name string, do func(net.Conn) time.Duration) {
		c := dial(s.t, "127.0.0.5", n.node())
		all.Go(func() {
			took := do(c)
			mu.Lock()
			defer mu.Unlock()
			cut[name] = took
		})
	}
	run("header", func(c net.Conn) time.Duration {
		return drip(c, "POST /paForNode HTTP/1.1\r\nHost: x\r\nX: ", "x", time.Second/2)
	})
	run("body", func(c net.Conn) time.Duration {
		return drip(c, "POST /paForNode HTTP/1.1\r\nHost: x\r\n"+xmlType+"\r\nContent-Length: 100000\r\n\r\n<", "x", time.Second/2)
	})
	run("answer", func(c net.Conn) time.Duration {
		_ = c.(*net.TCPConn).SetReadBuffer(1) // the kernel's least: the answers have nowhere to go
		began := time.Now()
		for time.Since(began) < time.Minute {
			if err := c.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
				break
			}
			if _, err := io.WriteString(c, "GET /paForNode?wsdl HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
				break
			}
		}
		return time.Since(began)
	})
	ended := make(chan struct{})
	go func() { defer close(ended); all.Wait() }()
	for alive := true; alive; {
		select {
		case <-ended:
			alive = false
		case <-time.After(100 * time.Millisecond): // others are answered meanwhile
		}
		a := n.verify(string(binarytest.NAV(1)))
		if a.Fault != nil {
			s.t.Errorf("another caller got %v", a.Fault)
		}
	}
	for name, limit := range map[string]time.Duration{"header": 5 * time.Second, "body": 10 * time.Second, "answer": 12 * time.Second} {
		s.t.Logf("slow %s: cut after %s", name, cut[name])
		if cut[name] < limit/2 || cut[name] > limit+30*time.Second { // a busy machine is late
			s.t.Errorf("slow %s: cut after %s, want %s", name, cut[name], limit)
		}
	}
	n.p.Stop()
}

func isTimeout(err error) bool {
	timeout, ok := err.(net.Error)
	return ok && timeout.Timeout()
}

// dialOrNil connects from an address; nil when the connection was closed before it was
// open.
func dialOrNil(t *testing.T, from, to string) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.DialContext(t.Context(), "tcp", to)
	if err != nil {
		return nil
	}
	t.Cleanup(func() { _ = c.Close() }) // the test is over
	return c
}

var refusedForm = regexp.MustCompile(`nodobridge_connections_refused_total\{listener="soap"\} ([0-9]+)`)

// flood is row 35: 64 connections of one address have a place, the others are closed,
// the node is not hindered, and one line tells of it all.
func flood(s *scene) {
	const connections, places = 5000, 64
	n := newScene(s.t, sampleConfig)
	n.position()
	var all sync.WaitGroup
	for range connections {
		c := dialOrNil(s.t, "127.0.0.7", n.node())
		if c == nil {
			continue // closed before it was open
		}
		all.Go(func() {
			_ = c.SetReadDeadline(time.Now().Add(3 * patience))
			_, _ = c.Read(make([]byte, 1)) // until it is closed: unheard at once, or heard and idle after 5 s
		})
	}
	if line := n.settle("flood"); !strings.Contains(line, "too many connections") {
		s.t.Errorf("logged as %s", line)
	}
	all.Wait()
	found := refusedForm.FindStringSubmatch(n.p.Metrics())
	if found == nil {
		s.t.Fatal("the metrics do not count")
	}
	// On a slow machine the first 64 are cut before the last ones come, and give room.
	if refused, err := strconv.Atoi(found[1]); err != nil || refused > connections-places || refused < connections-5*places {
		s.t.Errorf("%s connections were refused, want %d", found[1], connections-places)
	}
	n.p.Stop()
}
