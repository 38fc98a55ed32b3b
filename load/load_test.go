package load_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nodobridge/load"
)

// plan asks a server for its root with POSTs of a small body.
func plan(server *httptest.Server) load.Plan {
	return load.Plan{
		Address: server.Listener.Addr().String(), Connections: 4, Timeout: 10 * time.Second, Kinds: []string{"even", "odd"},
		Write: func(dst []byte, n int64) (load.Request, bool) {
			body := fmt.Sprint("request ", n)
			return load.Request{Bytes: fmt.Appendf(dst, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body), Kind: int(n % 2)}, n < 100
		},
		Duration: time.Minute,
		Judge: func(status int, body []byte) string {
			if status != http.StatusOK {
				return fmt.Sprint("HTTP ", status)
			}
			if !bytes.HasPrefix(body, []byte("answer to request ")) {
				return "strange answer"
			}
			return ""
		},
	}
}

func serve(t *testing.T, answer http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server
}

// echo answers rightly in the way that the request's number says.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // a broken body makes a strange answer
	var n int
	_, _ = fmt.Sscanf(string(body), "request %d", &n) // as above
	switch n % 10 {
	case 3:
		w.Header().Set("Connection", "close")
	case 4:
		fmt.Fprint(w, "answer ")
		w.(http.Flusher).Flush() // a chunk, and another below
		fmt.Fprintf(w, "to %s", body)
		return
	case 5:
		panic(http.ErrAbortHandler)
	case 6:
		w.WriteHeader(http.StatusServiceUnavailable)
	case 7:
		fmt.Fprint(w, "nonsense")
		return
	}
	fmt.Fprintf(w, "answer to %s", body)
}

func TestRun_CountsEveryRequestAndEveryFailureByItsKind(t *testing.T) {
	t.Parallel()
	result, err := load.Run(t.Context(), plan(serve(t, echo)))
	if err != nil {
		t.Fatal(err)
	}
	if !result.Exhausted {
		t.Error("that nothing was left to ask is not said")
	}
	all := result.All()
	if all.Latency.Count() != 100 || result.Kinds[0].Latency.Count() != 50 {
		t.Errorf("%d requests, %d of them even", all.Latency.Count(), result.Kinds[0].Latency.Count())
	}
	want := map[string]int64{"closed by the server": 10, "HTTP 503": 10, "strange answer": 10}
	if fmt.Sprint(all.Errors) != fmt.Sprint(want) || all.Failed() != 30 {
		t.Errorf("failures: %v, want %v", all.Errors, want)
	}
	var printed strings.Builder
	if err := result.Print(&printed); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"failed: odd: strange answer: 10\n", "failed: even: HTTP 503: 10\n", "p99.9", " all "} {
		if !strings.Contains(printed.String(), part) {
			t.Errorf("%q is not in\n%s", part, printed.String())
		}
	}
}

// While the first answer is held back, the requests that are due meanwhile wait, and
// each one's wait counts.
func TestRun_OpenLoopChargesTheServerWithWaiting(t *testing.T) {
	t.Parallel()
	const held = 300 * time.Millisecond
	var first atomic.Bool
	p := plan(serve(t, func(w http.ResponseWriter, r *http.Request) {
		if first.CompareAndSwap(false, true) {
			time.Sleep(held) // what is measured, not a way to wait for something
		}
		echo(w, httptest.NewRequest("POST", "/", strings.NewReader("request 0")))
	}))
	p.Connections, p.Duration = 1, 0
	p.Phases = []load.Phase{{Rate: 100, For: 200 * time.Millisecond}, {Rate: 50, For: 200 * time.Millisecond}}
	result, err := load.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	all := result.All()
	if all.Latency.Count() != 30 || all.Failed() != 0 || result.Exhausted {
		t.Fatalf("%d requests, failed: %v", all.Latency.Count(), all.Errors)
	}
	// The twenty of the first phase were due within 200 ms and could not be answered
	// before 300 ms.
	if got := all.Latency.Quantile(1 - 19.0/30); got < held-200*time.Millisecond {
		t.Errorf("the twentieth longest took %v: waiting is not counted", got)
	}
}

func TestRun_SaysThatNobodyIsThere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	server := serve(t, echo)
	p := plan(server)
	p.Address = listener.Addr().String()
	result, err := load.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if n := result.All().Errors["connect: connection refused"]; n != 100 {
		t.Errorf("failures: %v", result.All().Errors)
	}
}

func TestRun_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p := plan(serve(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		echo(w, r)
	}))
	write := p.Write
	p.Write = func(dst []byte, n int64) (load.Request, bool) {
		r, _ := write(dst, n)
		return r, true
	}
	if _, err := load.Run(ctx, p); err != nil {
		t.Fatal(err)
	}
}

func TestRun_RefusesAPlanWithoutSense(t *testing.T) {
	t.Parallel()
	server := serve(t, echo)
	for name, spoil := range map[string]func(*load.Plan){
		"connections": func(p *load.Plan) { p.Connections = 0 },
		"timeout":     func(p *load.Plan) { p.Timeout = 0 },
		"duration":    func(p *load.Plan) { p.Duration = 0 },
		"kinds":       func(p *load.Plan) { p.Kinds = nil },
		"rate":        func(p *load.Plan) { p.Phases = []load.Phase{{Rate: 0, For: time.Second}} },
		"phase":       func(p *load.Plan) { p.Phases = []load.Phase{{Rate: 1, For: time.Millisecond}} },
	} {
		p := plan(server)
		spoil(&p)
		if _, err := load.Run(t.Context(), p); err == nil {
			t.Errorf("%s: no refusal", name)
		}
	}
}
