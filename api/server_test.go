package api_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
)

// raw sends bytes as they are and gives what came back until the server closed.
func (s *station) raw(send string) string {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() {
		if err := conn.Close(); err != nil {
			s.t.Error(err)
		}
	}()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.WriteString(conn, send); err != nil {
		s.t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		s.t.Fatalf("the server did not close: %v, after %q", err, answer)
	}
	return string(answer)
}

// TestLimits_CutSlowPeers is reliability-security.md §9 row 34 with short times:
// the peer is cut although it never ends.
func TestLimits_CutSlowPeers(t *testing.T) {
	t.Parallel()
	short := api.Limits{ReadHeader: 250 * time.Millisecond, Read: 500 * time.Millisecond, Idle: 250 * time.Millisecond}
	s := newStation(t, short)
	if got := s.raw("GET " + ours + " HTTP/1.1\r\nHost: x\r\n"); got != "" && !strings.HasPrefix(got, "HTTP/1.1 408") {
		t.Errorf("half a header: %q", got)
	}
	got := s.raw("POST " + ours + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nOcp-Apim-Subscription-Key: " + s.key + "\r\nContent-Length: 10\r\n\r\n{")
	if !strings.HasPrefix(got, "HTTP/1.1 400 ") || !strings.Contains(got, "the request body cannot be read") {
		t.Errorf("half a body: %q", got)
	}
	if got := s.raw("GET /info HTTP/1.1\r\nHost: x\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
		t.Errorf("idle after an answer: %q", got)
	}
}

// TestLimits_RefuseLargeInput is rows 10, 11, 32 and 33: too large is told at
// once and closes the connection; a malformed chunk is the peer's fault.
func TestLimits_RefuseLargeInput(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	head := "POST " + ours + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nOcp-Apim-Subscription-Key: " + s.key + "\r\n"
	for _, tt := range []struct{ id, send, status string }{
		{"11", head + "Content-Length: 1000000000000\r\n\r\n{}\n", "413"},
		{"10 chunked", head + "Transfer-Encoding: chunked\r\n\r\n" + "100001\r\n" + strings.Repeat(" ", 0x100001) + "\r\n", "413"},
		{"32", head + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", "400"},
		{"33", head + "X: " + strings.Repeat("x", 17<<10) + "\r\n\r\n", "431"},
		{"33 sixty thousand", head + strings.Repeat("X: y\r\n", 60_000) + "\r\n", "431"},
		{"33 just below", "GET /info HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: " + strings.Repeat("x", 15<<10) + "\r\n\r\n", "200"},
		{"31", head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", "400"},
	} {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(s.raw(tt.send))), nil)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(answer.Status, tt.status) || !answer.Close {
				t.Errorf("status %s, closed %v; want %s", answer.Status, answer.Close, tt.status)
			}
			if err := answer.Body.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
