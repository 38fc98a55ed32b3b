package hostile_test

import (
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf16"

	"nodobridge/internal/binarytest"
)

const printService = "/print-payment-notice-service/external/v1/notices/generate"

// papers is row 28: scripts, templates and letters that turn the reading direction are
// text on a notice, whether it is of a stored position or of a caller's words.
func papers(s *scene) {
	const script, template, turned = "<script>canary()</script>", "{{7*7}} ${7*7} <%= 7*7 %>", "\u202eisoR oiraM\u202c"
	body := s.edited("fullName", script+" "+turned)
	nav := string(binarytest.NAV(s.last))
	body = changed(body, `"description":"TARI 2026"`, `"description":"`+template+`) /JavaScript (canary)"`)
	body = changed(body, `"companyName":"Comune di Prova"`, `"companyName":"Comune `+turned+` </dc:title>"`)
	asked := fmt.Sprintf(`{"templateId":"TemplateSingleInstalment","data":{"notice":{"subject":%q,"paymentAmount":12000,"code":%q},"creditorInstitution":{"taxCode":%q},
		"debtor":{"fullName":%q,"address":%q,"buildingNumber":"1","postalCode":"00100","city":%q,"province":"RM"}}}`, template+") /JavaScript (canary)", nav, binarytest.EC, script+" "+turned, script, turned)
	s.play(
		hit{name: "stored", to: s.json(), sent: s.asked("POST", binarytest.Positions+"?toPublish=true", body), want: is(201)},
		hit{name: "the notice of a position", to: s.json(), sent: s.asked("GET", bridgePath+"/notices/"+nav, ""), want: func(a answer) string { return s.onPaper(a, 200, script, template) }},
		hit{name: "the notice of a caller", to: s.json(), sent: s.asked("POST", printService, asked), want: func(a answer) string { return s.onPaper(a, 201, script, template) }},
		hit{name: "a template that is a path", to: s.json(), sent: s.asked("POST", printService, changed(asked, "TemplateSingleInstalment", "../../etc/passwd")), want: is(404)},
		hit{name: "a folder that is a path", to: s.json(), sent: s.asked("POST", printService+"?folderId=../x", asked), want: is(400)},
		hit{name: "a link that nobody gave", to: s.json(), sent: request("GET", strings.TrimSuffix(printService, "generate")+"signed/x/y?expires=9999999999&signature=00", ""), want: is(403)},
	)
}

// active are the things of a PDF that act.
var active = regexp.MustCompile(`/(JavaScript|JS|OpenAction|AA|Launch|URI|EmbeddedFile|RichMedia|XFA|SubmitForm)\b`)

// onPaper says what is wrong with a notice on which the texts should stand as text.
func (s *scene) onPaper(a answer, status int, texts ...string) string {
	if a.status != status || a.header.Get("Content-Type") != "application/pdf" || a.header.Get("X-Content-Type-Options") != "nosniff" {
		return fmt.Sprintf("want HTTP %d with a PDF", status)
	}
	before, packet, _ := strings.Cut(a.body, "<x:xmpmeta")
	packet, after, _ := strings.Cut("<x:xmpmeta"+packet, "<?xpacket end")
	if found := active.FindString(before + after); found != "" { // the description is text
		return "the file has " + found
	}
	title := "Avviso di pagamento: " + texts[1]
	if !strings.Contains(a.body, strings.ToUpper(hex.EncodeToString(bigEndian(title)))) {
		return "the title is not the text"
	}
	for d := xml.NewDecoder(strings.NewReader(packet)); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "the description cannot be read: " + err.Error()
		}
	}
	return s.readBack(a.body, texts)
}

// readBack has a program that is not ours read the page.
func (s *scene) readBack(file string, texts []string) string {
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("NODOBRIDGE_INTEROP_REQUIRED") != "" {
			return "pdftotext is not installed; .ci/run installs it"
		}
		s.t.Log("the page was not read back: pdftotext is not installed")
		return ""
	}
	path := filepath.Join(s.t.TempDir(), "notice.pdf")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		return err.Error()
	}
	out, err := exec.CommandContext(s.t.Context(), program, "-raw", path, "-").Output()
	if err != nil {
		return "pdftotext: " + err.Error()
	}
	page := strings.Join(strings.Fields(string(out)), " ")
	for _, text := range texts {
		if !strings.Contains(page, text) {
			return fmt.Sprintf("%q does not stand on the page: %s", text, page)
		}
	}
	if strings.ContainsAny(page, "\u202e\u202c") || strings.Contains(page, "49") {
		return "the page turns the reading direction, or has calculated: " + page
	}
	return ""
}

// bigEndian is a text as a PDF's information has it.
func bigEndian(text string) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit>>8), byte(unit))
	}
	return out
}
