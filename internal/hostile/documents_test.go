package hostile_test

import (
	"encoding/binary"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"unicode/utf16"

	"nodobridge/internal/binarytest"
)

// refused is one document, as a read and as a receipt: the read gets its KO, the
// receipt's bytes are kept and the node sends it again (architecture.md §7).
func (s *scene) refused(name string, break_ func(document string) string, reason string) {
	s.t.Helper()
	nav := s.position()
	s.play(
		hit{name: name + ", verify", sent: call(break_(verifyOf(nav)), verifyAction), want: ko(verifyRes, "PAA_SINTASSI_EXTRAXSD")},
		hit{name: name + ", receipt", sent: call(break_(receiptOf(nav, "hostile")), receiptAction), want: fault("Client", reason), kept: true},
	)
	s.untouched(name)
}

// untouched checks that the last position is still to be paid.
func (s *scene) untouched(name string) {
	s.t.Helper()
	if got := s.status(); got != "VALID" {
		s.t.Errorf("%s: the position is %s", name, got)
	}
}

// fault1 is a receipt that must change nothing and be kept.
func (s *scene) keptReceipts(reason string, edits map[string]func(string) string) {
	s.t.Helper()
	for name, edit := range edits {
		nav := s.position()
		s.play(hit{name: name, sent: call(edit(receiptOf(nav, "hostile"+name)), receiptAction), want: fault("Client", reason), kept: true})
		s.untouched(name)
	}
}

func replacing(old, now string) func(string) string {
	return func(document string) string { return changed(document, old, now) }
}

// inside puts a text at the start of the payload's first value.
func inside(text string) func(string) string { return replacing("<idPA>", "<idPA>"+text) }

// documents are rows 5 to 9 and 14 to 24: what is no document, or not one call.
func documents() []row {
	return []row{
		{n: 5, name: "external entity", play: externalEntity},
		{n: 6, name: "billion laughs in a receipt", play: func(s *scene) {
			laughs := `<!DOCTYPE l [<!ENTITY a0 "ha">`
			for i := 1; i < 30; i++ {
				laughs += fmt.Sprintf(`<!ENTITY a%d "&a%d;&a%d;&a%d;&a%d;">`, i, i-1, i-1, i-1, i-1)
			}
			laughs += "]>"
			s.refused("laughs", func(d string) string { return prolog + laughs + changed(d[len(prolog):], "<idPA>", "<idPA>&a29;") }, "DOCTYPE")
		}},
		{n: 7, name: "DOCTYPE never used", play: func(s *scene) {
			s.refused("unused", func(d string) string { return prolog + "<!DOCTYPE x>" + d[len(prolog):] }, "DOCTYPE")
		}},
		{n: 8, name: "depth", play: func(s *scene) {
			deep := func(n int) func(string) string {
				return replacing("<idPA>", strings.Repeat("<a>", n)+strings.Repeat("</a>", n)+"<idPA>")
			}
			s.refused("33 deep", deep(33), "limit: depth")
			unclosed := func(n int) func(string) string { return replacing("<idPA>", strings.Repeat("<a>", n)+"<idPA>") }
			s.refused("300,000 unclosed", unclosed(300_000), "limit: depth")
			nav := s.position()
			s.play(hit{name: "a million unclosed", sent: open(call(unclosed(1_000_000)(receiptOf(nav, "x")), receiptAction)), want: only(413)})
		}},
		{n: 9, name: "attributes and siblings", play: func(s *scene) {
			var attributes strings.Builder
			for i := range 300_000 {
				if attributes.Len() > 900_000 {
					break
				}
				fmt.Fprintf(&attributes, ` a%d=""`, i)
			}
			s.refused("attributes", replacing("<idPA>", "<idPA"+attributes.String()+">"), "limit: attributes of one element")
			s.refused("siblings", replacing("<idPA>", strings.Repeat("<a/>", 250_000)+"<idPA>"), "limit: tokens")
			nav := s.position()
			s.play(hit{name: "a million siblings", sent: open(call(replacing("<idPA>", strings.Repeat("<a/>", 1_000_000)+"<idPA>")(receiptOf(nav, "x")), receiptAction)), want: only(413)})
		}},
		{n: 14, name: "encodings", play: func(s *scene) {
			s.refused("UTF-16", utf16Of, "encoding not accepted")
			for _, name := range []string{"UTF-16", "UTF-7", "windows-1252", "x"} {
				s.refused(name+" declared", replacing("UTF-8", name), "encoding not accepted")
			}
		}},
		{n: 15, name: "ISO-8859-1", play: latin1Receipt},
		{n: 16, name: "bytes and references that are no characters", play: func(s *scene) {
			s.refused("invalid UTF-8", inside("\xff"), "bytes invalid")
			s.refused("overlong UTF-8", inside("\xc0\xaf"), "bytes invalid")
			s.refused("surrogate in UTF-8", inside("\xed\xa0\x80"), "bytes invalid")
			for _, reference := range []string{"&#0;", "&#xD800;", "&#x110000;", "&nbsp;", "&"} {
				s.refused(reference, inside(reference), "")
			}
			s.refused("NUL", inside("\x00"), "character forbidden")
		}},
		{n: 17, name: "comment, PI or child inside a leaf", play: func(s *scene) {
			edits := map[string]func(string) string{}
			for name, text := range map[string]string{"comment": "<!-- -->", "PI": "<?x?>", "child": "<b/>"} {
				edits[name] = replacing("<paymentAmount>120.00", "<paymentAmount>12"+text+"0.00")
			}
			s.keptReceipts("", edits)
		}},
		{n: 18, name: "an amount given twice", play: func(s *scene) {
			s.keptReceipts("", map[string]func(string) string{
				"twice": replacing("<paymentAmount>120.00</paymentAmount>", "<paymentAmount>10.00</paymentAmount><paymentAmount>99.00</paymentAmount>"),
			})
		}},
		{n: 19, name: "more than one call", play: severalCalls},
		{n: 20, name: "foreign namespace", play: func(s *scene) {
			nav := s.position()
			evil := replacing("http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd", "urn:evil")
			s.play(
				hit{name: "verify", sent: call(evil(verifyOf(nav)), verifyAction), want: fault("Client", "unknown operation")},
				hit{name: "receipt", sent: call(evil(receiptOf(nav, "evil")), receiptAction), want: fault("Client", "unknown operation"), kept: true},
				hit{name: "receipt without an action", sent: call(evil(receiptOf(nav, "evil"))), want: fault("Client", "unknown operation")},
			)
			s.untouched("evil")
		}},
		{n: 21, name: "any prefix", play: func(s *scene) {
			nav := s.position()
			s.play(
				hit{name: "other prefixes", sent: call(strings.NewReplacer("soapenv", "S-1", "pafn", "_").Replace(verifyOf(nav))), want: outcomeOK},
				hit{name: "default namespace", sent: call(strings.NewReplacer("soapenv:", "", ":soapenv", "", "<pafn:paVerifyPaymentNoticeReq", `<pafn:paVerifyPaymentNoticeReq xmlns=""`).Replace(verifyOf(nav))), want: outcomeOK},
			)
		}},
		{n: 24, name: "digits that are none", play: func(s *scene) {
			for name, nav := range map[string]string{
				"Arabic": "٣٠٢٠٠٠٠٠٠٠٠٠٠٠٠١٥٤", "full width": "３０２０００００００００００００１５", "17 digits": string(binarytest.NAV(1))[1:],
				"19 digits": string(binarytest.NAV(1)) + "0", "a sign": "+" + string(binarytest.NAV(1))[1:], "a blank": string(binarytest.NAV(1))[1:] + " 1",
			} {
				s.play(
					hit{name: name, sent: call(verifyOf(nav)), want: ko(verifyRes, "PAA_SINTASSI_EXTRAXSD")},
					hit{name: name + ", payment", sent: call(getOf(nav)), want: ko("paGetPaymentV2Response", "PAA_SINTASSI_EXTRAXSD")},
				)
			}
		}},
	}
}

// externalEntity names a pipe and a listener: whoever opened the pipe would wait for
// ever, and the listener counts.
func externalEntity(s *scene) {
	pipe := filepath.Join(s.t.TempDir(), "bait")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		s.t.Fatal(err)
	}
	bait, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	defer bait.Close()
	var fetched atomic.Int64
	go func() {
		for {
			c, err := bait.Accept()
			if err != nil {
				return
			}
			fetched.Add(1)
			_ = c.Close() // it was counted
		}
	}()
	for _, target := range []string{"file://" + pipe, "file:///etc/passwd", "http://" + bait.Addr().String() + "/x.dtd"} {
		s.refused(target, func(d string) string {
			return prolog + `<!DOCTYPE x SYSTEM "` + target + `" [<!ENTITY % p SYSTEM "` + target + `">%p;<!ENTITY e SYSTEM "` + target + `">]>` + changed(d[len(prolog):], "<idPA>", "<idPA>&e;")
		}, "DOCTYPE")
	}
	if fetched.Load() != 0 {
		s.t.Errorf("%d documents were fetched", fetched.Load())
	}
	if fd, err := syscall.Open(pipe, syscall.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
		s.t.Error("somebody reads the bait")
		_ = syscall.Close(fd) // the test has failed
	}
}

func utf16Of(document string) string {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(changed(document, "UTF-8", "UTF-16"))) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}

// latin1Receipt is accepted, and its letters are told as UTF-8.
func latin1Receipt(s *scene) {
	nav := s.position()
	s.canaries = append(s.canaries, "Nicol")
	body := strings.NewReplacer("UTF-8", "ISO-8859-1", "Mario Rossi", "Nicol\xe8 Rossi", "Banca di Prova", "Banca di Forl\xec").Replace(receiptOf(nav, "latin1"))
	s.play(hit{name: "receipt", sent: request("POST", "/paForNode", body, "Content-Type: text/xml; charset=ISO-8859-1"), want: outcomeOK})
	if got := s.status(); got != "PAID" {
		s.t.Errorf("the position is %s", got)
	}
	status, text := s.p.Call("GET", "/gpd/payments-receipts-service/v1/payments/"+binarytest.EC+"/receipts/"+nav[1:], s.key, "")
	s.lines++
	if status != 200 || !strings.Contains(text, "Nicolè Rossi") || !strings.Contains(text, "Banca di Forlì") {
		s.t.Errorf("told as %d %s", status, text)
	}
}

// severalCalls are documents that two readers would take for two calls.
func severalCalls(s *scene) {
	nav := s.position()
	payload := strings.TrimSuffix(strings.TrimPrefix(receiptOf(nav, "one"), prolog+opened), closed)
	second := strings.TrimSuffix(strings.TrimPrefix(receiptOf(nav, "two"), prolog+opened), closed)
	for name, document := range map[string]string{
		"two children":  prolog + opened + payload + second + closed,
		"two bodies":    prolog + opened + payload + "</soapenv:Body><soapenv:Body>" + second + closed,
		"two envelopes": receiptOf(nav, "one") + receiptOf(nav, "two")[len(prolog):], "trailing bytes": receiptOf(nav, "one") + "x",
	} {
		s.play(hit{name: name, sent: call(document, receiptAction), want: fault("Client", ""), kept: true})
	}
	asked := strings.TrimSuffix(strings.TrimPrefix(verifyOf(nav), prolog+opened), closed)
	for name, document := range map[string]string{"two children": prolog + opened + asked + asked + closed, "trailing bytes": verifyOf(nav) + "x", "empty body": prolog + opened + closed, "no envelope": prolog + "<a/>"} {
		s.play(hit{name: "verify, " + name, sent: call(document, verifyAction), want: fault("Client", "")})
	}
	s.untouched("several calls")
}
