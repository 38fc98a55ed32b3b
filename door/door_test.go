package door_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"nodobridge/door"
)

// serve answers with the body's length, or 400 where the framing is refused.
func serve(t *testing.T, limits door.Limits, refused func(netip.Addr)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ConnContext: door.With, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !door.Framed(r) {
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		fmt.Fprint(w, len(body))
	})}
	go func() { _ = server.Serve(door.Listen(l, limits, refused)) }()
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

func dialFrom(t *testing.T, from, to string) net.Conn {
	t.Helper()
	c, err := dial(t, from, to)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func dial(t *testing.T, from, to string) (net.Conn, error) {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.DialContext(t.Context(), "tcp", to)
	if err == nil {
		t.Cleanup(func() { _ = c.Close() }) // the test is over
	}
	return c, err
}

// heard says whether a connection from an address is answered. It may be closed before
// the dialler knows that it was open.
func heard(t *testing.T, from, to string) bool {
	t.Helper()
	c, err := dial(t, from, to)
	if err != nil {
		return false
	}
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
		return false
	}
	_, err = http.ReadResponse(bufio.NewReader(c), nil)
	return err == nil
}

// answers are the status and body of each answer until the connection ends.
func answers(t *testing.T, address, sent string) string {
	t.Helper()
	c := dialFrom(t, "127.0.0.1", address)
	if _, err := io.WriteString(c, sent); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for r := bufio.NewReader(c); ; {
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			return strings.Join(got, " ")
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimSpace(fmt.Sprint(res.StatusCode, ":", string(body))))
	}
}

// TestFramed is reliability-security.md §9 row 30 and what must go on being answered.
func TestFramed(t *testing.T) {
	t.Parallel()
	address := serve(t, door.Limits{}, nil)
	const (
		head    = "POST / HTTP/1.1\r\nHost: a\r\n"
		chunked = "Transfer-Encoding: chunked\r\n"
		three   = "\r\n3\r\nabc\r\n0\r\n\r\n"
		last    = head + "Content-Length: 1\r\nConnection: close\r\n\r\nz"
	)
	for _, c := range []struct{ name, sent, want string }{
		{"length", last, "200:1"},
		{"chunked, then length", head + chunked + three + last, "200:3 200:1"},
		{"chunk extension and trailer", head + chunked + "Trailer: X\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: 1\r\n\r\n" + last, "200:3 200:1"},
		{"a body that looks like headers", head + "Content-Length: 54\r\n\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabcde" + last, "200:54 200:1"},
		{"bare line feeds", strings.ReplaceAll(head+"Content-Length: 2\r\n\r\n", "\r\n", "\n") + "ab" + last, "200:2 200:1"},
		{"line end behind a body", head + "Content-Length: 2\r\n\r\nab\r\n" + last, "200:2 200:1"},
		{"both, length first", head + "Content-Length: 3\r\n" + chunked + three + last, "400:"},
		{"both, encoding first", head + chunked + "Content-Length: 13\r\n" + three + last, "400:"},
		{"both, in odd case", head + "tRANSFER-eNCODING: chunked\r\ncontent-length: 3\r\n" + three, "400:"},
		{"both, folded", head + "Content-Length:\r\n 3\r\n" + chunked + three, "400:"},
		{"both, in the second request", last[:len(head)] + "Content-Length: 1\r\n\r\nz" + head + "Content-Length: 3\r\n" + chunked + three, "200:1 400:"},
		{"both, behind a chunked one", head + chunked + three + head + "Content-Length: 3\r\n" + chunked + three, "200:3 400:"},
		{"encoding in HTTP/1.0", "POST / HTTP/1.0\r\n" + chunked + three, "400:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := answers(t, address, c.sent); got != c.want {
				t.Errorf("answered %q, want %q", got, c.want)
			}
		})
	}
}

// The scanner sees the same messages however the bytes are cut.
func FuzzFramed(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"), uint8(3))
	f.Add([]byte("POST / HTTP/1.1\nContent-Length: 3\n\nabc\nGET / HTTP/1.0\n\n"), uint8(1))
	f.Fuzz(func(t *testing.T, stream []byte, cut uint8) {
		whole := door.Verdicts(stream, len(stream)+1)
		if parts := door.Verdicts(stream, int(cut)+1); parts != whole {
			t.Fatalf("%s in one piece, %s in pieces of %d\n%q", whole, parts, int(cut)+1, stream)
		}
	})
}

// TestListener_Caps is reliability-security.md §9 row 35: strangers are bounded by
// address and together, and the node has places of its own.
func TestListener_Caps(t *testing.T) {
	t.Parallel()
	turned := make(chan netip.Addr, 100)
	address := serve(t, door.Limits{PerAddress: 3, Total: 5, Reserve: 2, Known: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}, func(from netip.Addr) { turned <- from })
	for i, c := range []struct {
		from string
		want bool
	}{
		{"127.0.0.2", true}, {"127.0.0.2", true}, {"127.0.0.2", true}, {"127.0.0.2", false},
		{"127.0.0.3", true}, {"127.0.0.3", true}, {"127.0.0.3", false}, {"127.0.0.4", false},
		{"127.0.0.1", true}, {"127.0.0.1", true}, {"127.0.0.1", false},
	} {
		if got := heard(t, c.from, address); got != c.want {
			t.Errorf("connection %d, from %s: in is %v, want %v", i, c.from, got, c.want)
		}
	}
	for range 4 {
		<-turned // each is told once it is closed
	}
	if len(turned) != 0 {
		t.Errorf("%d more than 4 were told as refused", len(turned))
	}
}

// A plain listener behind a proxy hears nobody but the proxy.
func TestListener_OnlyKnown(t *testing.T) {
	t.Parallel()
	address := serve(t, door.Limits{OnlyKnown: true, Known: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}, nil)
	for from, want := range map[string]bool{"127.0.0.1": true, "127.0.0.2": false} {
		if got := heard(t, from, address); got != want {
			t.Errorf("%s: heard is %v, want %v", from, got, want)
		}
	}
}

// A place is free again when its connection has ended.
func TestListener_PlacesComeBack(t *testing.T) {
	t.Parallel()
	address := serve(t, door.Limits{PerAddress: 1, Total: 1}, nil)
	for range 20 {
		if got := answers(t, address, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"); got != "200:0" && got != "" {
			t.Fatal(got) // "": the one before is not yet gone
		}
	}
	for tries := 0; answers(t, address, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") != "200:0"; tries++ {
		if tries == 10_000 {
			t.Fatal("the place does not come back")
		}
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	b := door.NewBudget(100 << 10)
	first, ok := b.Take(64<<10, 1<<20)
	if !ok {
		t.Fatal("no room in an empty budget")
	}
	if _, ok := b.Take(64<<10, 1<<20); ok {
		t.Error("more than the budget is out")
	}
	if _, ok := b.Take(-1, 1<<20); ok {
		t.Error("a body of unknown length does not count as the longest")
	}
	if _, ok := b.Take(door.Small, 1<<20); !ok {
		t.Error("a small body has to wait")
	}
	first()
	if _, ok := b.Take(-1, 100<<10); !ok {
		t.Error("what was given back is not there")
	}
}
