package hostile_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io/fs"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"nodobridge/internal/binarytest"
)

const massivePath = "/upload/gpd/debt-positions-service/v2/brokers/99999999999/organizations/" + binarytest.EC + "/debtpositions/file"

// files are rows 53 to 55: uploads, and addresses to be called.
func files() []row {
	return []row{
		{n: 53, name: "zips", play: zips},
		{n: 54, name: "row 57,000", play: manyRows},
		{n: 55, name: "addresses of webhooks", play: webhookAddresses},
	}
}

// entry is one file of a zip.
type entry struct {
	name string
	data []byte
	mode fs.FileMode
}

func archive(s *scene, entries ...entry) []byte {
	s.t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.mode != 0 {
			header.SetMode(e.mode)
		}
		f, err := w.CreateHeader(header)
		if err != nil {
			s.t.Fatal(err)
		}
		if _, err := f.Write(e.data); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	return b.Bytes()
}

// upload is a multipart request with a file.
func (s *scene) upload(target, name string, content []byte) string {
	s.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		s.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	return request("POST", target, b.String(), "Ocp-Apim-Subscription-Key: "+s.key, "Content-Type: "+w.FormDataContentType())
}

func massive(rows ...string) []byte {
	return []byte(`{"paymentPositions":[` + strings.Join(rows, ",") + `]}`)
}

func zips(s *scene) {
	s.last++
	good := massive(binarytest.Position(s.last, 12000))
	whole := archive(s, entry{name: "p.json", data: good})
	for name, c := range map[string][]byte{
		"bomb": archive(s, entry{name: "p.json", data: bytes.Repeat([]byte(" "), 200<<20)}), "two entries": archive(s, entry{name: "a.json", data: good}, entry{name: "b.json", data: good}),
		"nested": archive(s, entry{name: "p.zip", data: whole}), "nested under .json": archive(s, entry{name: "p.json", data: whole}),
		"upwards": archive(s, entry{name: "../p.json", data: good}), "absolute": archive(s, entry{name: "/etc/p.json", data: good}), "backslash": archive(s, entry{name: `..\p.json`, data: good}),
		"symlink": archive(s, entry{name: "p.json", data: []byte("/etc/passwd"), mode: fs.ModeSymlink | 0o777}), "wrong extension": archive(s, entry{name: "p.exe", data: good}),
		"encrypted": encrypted(whole), "truncated": whole[:len(whole)/2], "lying sizes": lying(whole), "nothing in it": archive(s), "no zip": []byte("PK\x03\x04 no"),
	} {
		s.play(hit{name: name, to: s.json(), sent: s.upload(massivePath, "p.zip", c), want: is(400, `"detail"`), lean: true})
	}
	const person = "RSSMRA80A01H501U canary"
	for name, body := range map[string]string{
		"a line before the part": "--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--x" + person + "\r\n", "a line that is no head": "--x\r\n" + person + "\r\n\r\n", "another boundary": "--y\r\n" + person + "\r\n--y--\r\n",
		"a name that is no zip's": "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + person + "\"\r\n\r\n" + person + "\r\n--x--\r\n",
		"a head that never ends":  "--x\r\nX: " + strings.Repeat(person, 5000), "cut short": "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.zip\"\r\n\r\n" + person,
	} {
		s.play(hit{name: name, to: s.json(), sent: request("POST", massivePath, body, "Ocp-Apim-Subscription-Key: "+s.key, "Content-Type: multipart/form-data; boundary=x"), want: is(400, `"detail"`)})
	}
	for _, rest := range []string{"../p.json", "p.json", "nodobridge-upload-*"} {
		if found, err := filepath.Glob(filepath.Join(s.h.Dir, "var", rest)); err != nil || len(found) > 0 {
			s.t.Errorf("left behind: %v, %v", found, err)
		}
	}
	if _, err := os.Stat("/etc/p.json"); err == nil {
		s.t.Error("/etc/p.json was written")
	}
	s.play(hit{name: "nothing was made", to: s.json(), sent: s.asked("GET", binarytest.Positions+fmt.Sprintf("/P-%d", s.last), ""), want: is(404)})
}

// encrypted sets the flag in both heads.
func encrypted(z []byte) []byte {
	z = bytes.Clone(z)
	z[6] |= 1
	at := bytes.LastIndex(z, []byte("PK\x01\x02"))
	z[at+8] |= 1
	return z
}

// lying says in the central directory that the document is of ten bytes.
func lying(z []byte) []byte {
	z = bytes.Clone(z)
	at := bytes.LastIndex(z, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(z[at+16:], crc32.ChecksumIEEE([]byte("0123456789")))
	binary.LittleEndian.PutUint32(z[at+24:], 10)
	return z
}

func manyRows(s *scene) {
	const rows, bad = 57_005, 57_000
	from := s.last + 1
	list := make([]string, rows)
	for i := range list {
		s.last++
		list[i] = binarytest.Position(s.last, 12000)
	}
	list[bad-1] = strings.Replace(list[bad-1], `"amount":12000`, `"amount":"x"`, 1)
	s.play(
		hit{name: "all or nothing", to: s.json(), sent: s.upload(massivePath, "p.zip", archive(s, entry{name: "p.json", data: massive(list...)})), want: is(400, "row "+fmt.Sprint(bad-1)), lean: true},
		hit{name: "the first row was not made", to: s.json(), sent: s.asked("GET", binarytest.Positions+fmt.Sprintf("/P-%d", from), ""), want: is(404)},
	)
	// Row by row: the rows around the bad one are made, it is in the report.
	location := ""
	s.play(hit{name: "row by row", to: s.json(), sent: s.upload(massivePath+"?perRow=true", "p.zip", archive(s, entry{name: "p.json", data: massive(list[bad-3:]...)})), want: func(a answer) string {
		location = a.header.Get("Location")
		return is(202)(a)
	}, lean: true})
	id := strings.TrimSuffix(location[strings.LastIndex(strings.TrimSuffix(location, "/status"), "/")+1:], "/status")
	for {
		status, report := s.p.Call("GET", massivePath+"/"+id+"/report", s.key, "")
		s.lines++
		if status == http.StatusTooEarly {
			continue
		}
		if status != 200 || !strings.Contains(report, `"statusCode":400`) || !strings.Contains(report, `"statusCode":201`) || strings.Count(report, `"P-`) != len(list[bad-3:]) {
			s.t.Errorf("reported as %d %s", status, report)
		}
		break
	}
	s.play(
		hit{name: "the row before it", to: s.json(), sent: s.asked("GET", binarytest.Positions+fmt.Sprintf("/P-%d", from+bad-2), ""), want: is(200)},
		hit{name: "the bad row", to: s.json(), sent: s.asked("GET", binarytest.Positions+fmt.Sprintf("/P-%d", from+bad-1), ""), want: is(404)},
		hit{name: "the row behind it", to: s.json(), sent: s.asked("GET", binarytest.Positions+fmt.Sprintf("/P-%d", from+bad), ""), want: is(200)},
	)
}

// webhookAddresses are refused when they are told, and again when they are dialled; a
// redirect is not followed. What a flipped name leads to is judged on the address that is
// dialled (outbound's tests); here the address of an allowed host is what flips.
func webhookAddresses(s *scene) {
	const path = "/bridge/v1/organizations/" + binarytest.EC + "/webhooks"
	for _, url := range []string{
		"http://169.254.169.254", "https://169.254.169.254/latest/meta-data", "https://localhost", "https://localhost.", "https://a.localhost/", "https://127.0.0.1", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
		"https://10.0.0.1", "https://192.168.1.1", "https://0.0.0.0", "https://2130706433/", "https://0x7f000001/", "https://127.1/", "https://168.63.129.16/", "file:///etc/passwd", "gopher://example.org/", "https://user:secret@example.org/", "https:///x", "ftp://example.org",
	} {
		body, err := json.Marshal(map[string]string{"url": url})
		if err != nil {
			s.t.Fatal(err)
		}
		s.play(hit{name: url, to: s.json(), sent: s.asked("POST", path, string(body)), want: is(400)})
	}
	var reached atomic.Int64
	private := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	s.t.Cleanup(private.Close)
	_, port, err := net.SplitHostPort(private.Listener.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	asked := make(chan struct{}, 100)
	redirecting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://localhost:"+port+"/", http.StatusTemporaryRedirect)
		asked <- struct{}{}
	}))
	s.t.Cleanup(redirecting.Close)
	n := newScene(s.t, sampleConfig+"\noutbound: {allow_private: [127.0.0.1]}\n")
	if status, body := n.p.Call("POST", path, n.key, `{"url":"`+redirecting.URL+`"}`); status != 201 {
		s.t.Fatalf("%d %s", status, body)
	}
	n.p.Upload(n.key, binarytest.Position(1, 12000))
	<-asked
	n.p.Stop()
	if reached.Load() != 0 {
		s.t.Errorf("the redirect was followed %d times", reached.Load())
	}
}
