package main_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"nodobridge/internal/binarytest"
	"nodobridge/nodesim"
)

// SIGHUP under load: a good file is in force at once, a wrong one changes nothing,
// and no call fails.
func TestReload(t *testing.T) {
	t.Parallel()
	const newEC = "66666666666"
	withNewEC := binarytest.SampleConfig + `          - {code: "` + newEC + `", name: Comune Nuovo, aux_digit: 3, segregation_codes: ["02"]}` + "\n"
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	key := h.NewKey()
	p := h.Serve()
	p.Upload(key, binarytest.Position(1, 12000))
	load := startLoad(t, p)

	verifyNew := func() string {
		answer, err := p.Node().Verify(t.Context(), newEC, string(binarytest.NAV(9)))
		if err != nil || answer.Fault == nil {
			t.Fatalf("verified as %+v, %v", answer, err)
		}
		return answer.Fault.Code
	}
	for round := range 5 {
		if got := verifyNew(); got != "PAA_ID_DOMINIO_ERRATO" {
			t.Errorf("round %d: before the reload the new EC is answered with %s", round, got)
		}
		h.Configure(withNewEC)
		p.Hangup()
		p.Await("configuration reloaded")
		if got := verifyNew(); got != "PAA_PAGAMENTO_SCONOSCIUTO" {
			t.Errorf("round %d: after the reload the new EC is answered with %s", round, got)
		}
		for wrong, why := range map[string]string{
			strings.Replace(withNewEC, `["02"]`, `["2"]`, 1):                "brokers[0].stations[0].creditor_institutions[2].segregation_codes[0]: must be two digits",
			strings.Replace(withNewEC, "brokers:", "brookers:", 1):          "unknown key: brookers",
			strings.Replace(withNewEC, "name: Comune Nuovo", "name: [x", 1): "cannot use configuration",
			strings.Replace(withNewEC, `{listen: "127.0.0.1:0"}`, "{}{", 1): "cannot use configuration",
		} {
			h.Configure(wrong)
			p.Hangup()
			if line := p.Await("configuration kept as it was"); !strings.Contains(line, why) {
				t.Errorf("round %d: kept because %s, want %q", round, line, why)
			}
			if got := verifyNew(); got != "PAA_PAGAMENTO_SCONOSCIUTO" {
				t.Errorf("round %d: after a wrong file the new EC is answered with %s", round, got)
			}
		}
		h.Configure(binarytest.SampleConfig)
		p.Hangup()
		p.Await("configuration reloaded")
	}
	h.Configure(withNewEC)
	p.Hangup()
	p.Await("configuration reloaded")
	h.Must("keys", "create", "--name", "new", "--ec", newEC)

	load.stop()
	if load.failed.Load() > 0 || load.calls.Load() == 0 {
		t.Errorf("%d of %d calls failed", load.failed.Load(), load.calls.Load())
	}
	t.Logf("%d calls, none failed", load.calls.Load())
	p.Stop()
}

// What a reload cannot change is named; the rest of the file is in force.
func TestReload_NamesWhatNeedsARestart(t *testing.T) {
	t.Parallel()
	h := binarytest.New(t, binarytest.SampleConfig)
	h.Must("init")
	p := h.Serve()
	other := strings.Replace(binarytest.SampleConfig, `soap: {listen: "127.0.0.1:0"}`, `soap: {listen: "127.0.0.1:0", path: /other}`, 1) + "environment: uat\nstore: {dir: var2}\n"
	h.Configure(other + "log: {level: error}\n")
	p.Hangup()
	if line := p.Await("configuration needs a restart"); !strings.Contains(line, `["environment","soap.path","store.dir"]`) {
		t.Errorf("said %s", line)
	}
	p.Await("configuration reloaded")
	if _, err := p.Node().Verify(t.Context(), binarytest.EC, string(binarytest.NAV(1))); err != nil {
		t.Error(err)
	}
	h.Configure(other + "log: {level: info}\n")
	p.Hangup()
	p.Await("configuration reloaded")
	p.Stop()
	if strings.Contains(p.Log.String(), "paVerifyPaymentNotice") {
		t.Error("a call was logged at level error")
	}
}

// load asks for notice 1 from several callers until it is stopped.
type load struct {
	calls, failed atomic.Int64
	cancel        context.CancelFunc
	callers       sync.WaitGroup
}

func startLoad(t *testing.T, p *binarytest.Process) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{cancel: cancel}
	for range 4 {
		node := p.Node()
		l.callers.Go(func() {
			for ctx.Err() == nil {
				l.ask(t, node)
			}
		})
	}
	return l
}

func (l *load) ask(t *testing.T, node *nodesim.Node) {
	answer, err := node.Verify(t.Context(), binarytest.EC, string(binarytest.NAV(1)))
	l.calls.Add(1)
	if err != nil || answer.Fault != nil {
		l.failed.Add(1)
	}
}

func (l *load) stop() {
	l.cancel()
	l.callers.Wait()
}
