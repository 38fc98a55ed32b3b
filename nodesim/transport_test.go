package nodesim_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nodobridge/nodesim"
)

// silent is a station that takes a call and never answers; it tells the test that the call has come.
func silent(t *testing.T) (*nodesim.Node, <-chan struct{}) {
	t.Helper()
	came := make(chan struct{}, 8)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices a caller who leaves only once the body is read
		came <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	return &nodesim.Node{URL: server.URL, Broker: broker, Station: station}, came
}

func TestNode_SilenceIsTimeout(t *testing.T) {
	t.Parallel()
	for name, c := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node, _ := silent(t)
			node.Patience = nodesim.Patience{Read: 20 * time.Millisecond, Receipt: 20 * time.Millisecond}
			_, err := c.call(t.Context(), node)
			wantVerdict(t, err, nodesim.TimedOut, "no answer within 20ms")
		})
	}
	t.Run("probe", func(t *testing.T) {
		t.Parallel()
		node, _ := silent(t)
		node.Patience.Probe = 20 * time.Millisecond
		wantVerdict(t, node.Probe(t.Context(), ec), nodesim.TimedOut, "no answer within 20ms")
	})
}

// deadline is a transport that only notes how long it was given.
type deadline struct{ left time.Duration }

func (d *deadline) RoundTrip(r *http.Request) (*http.Response, error) {
	until, ok := r.Context().Deadline()
	if !ok {
		return nil, errors.New("no deadline")
	}
	d.left = time.Until(until)
	return nil, errors.New("noted")
}

func TestNode_PatienceIsTheNodesOwn(t *testing.T) {
	t.Parallel()
	want := map[string]time.Duration{
		"verify": 7 * time.Second, "paymentV1": 7 * time.Second, "paymentV2": 7 * time.Second, "demand": 7 * time.Second,
		"receiptV1": 15 * time.Second, "receiptV2": 15 * time.Second,
	}
	for name, c := range calls {
		transport := &deadline{}
		node := &nodesim.Node{URL: "http://station.invalid", HTTP: &http.Client{Transport: transport}}
		_, err := c.call(t.Context(), node)
		wantVerdict(t, err, nodesim.Unreachable, "noted")
		if transport.left > want[name] || transport.left < want[name]-2*time.Second {
			t.Errorf("%s waits %s, want %s", name, transport.left, want[name])
		}
	}
}

func TestNode_NoConnectionIsUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	node := &nodesim.Node{URL: server.URL}
	_, err := node.Verify(t.Context(), ec, nav)
	wantVerdict(t, err, nodesim.Unreachable, "connect")
}

func TestNode_CutConnectionIsUnreachable(t *testing.T) {
	t.Parallel()
	cases := map[string]http.HandlerFunc{
		"before the answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"inside the answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10000")
			_, _ = w.Write([]byte(envelop(verifyOK))) // shorter than promised: the server cuts the connection
		},
	}
	for name, handler := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(handler)
			t.Cleanup(server.Close)
			node := &nodesim.Node{URL: server.URL}
			_, err := node.Verify(t.Context(), ec, nav)
			wantVerdict(t, err, nodesim.Unreachable, "EOF")
		})
	}
}

func TestNode_CallerWhoGivesUpIsNotAVerdict(t *testing.T) {
	t.Parallel()
	node, came := silent(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-came
		cancel()
	}()
	_, err := node.Verify(ctx, ec, nav)
	_, verdict := errors.AsType[*nodesim.NodeError](err)
	if !errors.Is(err, context.Canceled) || verdict {
		t.Errorf("error %v, want context.Canceled and no verdict on the station", err)
	}
}

func TestNode_FollowsNoRedirectOfAGivenClient(t *testing.T) {
	t.Parallel()
	followed := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		followed = followed || r.URL.Path == "/elsewhere"
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	node := &nodesim.Node{URL: server.URL, HTTP: server.Client()}
	_, err := node.Verify(t.Context(), ec, nav)
	wantVerdict(t, err, nodesim.BadResponse, "HTTP status is 307")
	server.Close()
	if followed {
		t.Error("the redirect was followed")
	}
}

func TestTrace_TellsEveryExchange(t *testing.T) {
	t.Parallel()
	node, asked := script(t, answer{body: envelop(verifyKO)}, answer{status: 500, body: "no"})
	var told []nodesim.Exchange
	node.Trace = func(x nodesim.Exchange) { told = append(told, x) }
	_, first := node.Verify(t.Context(), ec, nav)
	_, second := node.SendRT(t.Context(), nodesim.Receipt{})
	node.URL = "http://127.0.0.1:1"
	_, third := node.Verify(t.Context(), ec, nav)
	if first != nil || second == nil || third == nil || len(told) != 3 {
		t.Fatalf("errors %v, %v, %v, %d exchanges; want nil, two errors, 3", first, second, third, len(told))
	}
	x := told[0]
	if x.Operation != "paVerifyPaymentNotice" || x.Status != 200 || x.ContentType != "text/xml; charset=utf-8" || x.Duration <= 0 || x.Err != nil ||
		string(x.ResponseBody) != envelop(verifyKO) || string(x.RequestBody) != asked.requests()[0].body ||
		x.RequestID != asked.requests()[0].header.Get("X-Request-Id") {
		t.Errorf("first exchange %+v", x)
	}
	if told[1].Operation != "paSendRT" || told[1].Status != 500 || string(told[1].ResponseBody) != "no" {
		t.Errorf("second exchange %+v", told[1])
	}
	if told[2].Status != 0 || told[2].Err == nil || !strings.Contains(told[2].Err.Error(), "IRRAGGIUNGIBILE") {
		t.Errorf("third exchange %+v", told[2])
	}
}
