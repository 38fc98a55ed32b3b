package nodesim_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"nodobridge/nodesim"
)

// tell tells a story to an obedient station.
func tell(t *testing.T, story string, change func(*day, *nodesim.Player)) (*day, []nodesim.Told, error) {
	t.Helper()
	s, err := nodesim.ParseScenario(story)
	if err != nil {
		t.Fatal(err)
	}
	d := newDay(t, 0, nodesim.Rates{})
	var told []nodesim.Told
	player := &nodesim.Player{
		Node: d.hostile.Node, EC: ec, Run: "run", Sleep: d.hostile.Sleep,
		Tell: func(step nodesim.Told) { told = append(told, step) },
	}
	if change != nil {
		change(d, player)
	}
	err = player.Play(t.Context(), s)
	return d, told, err
}

func (d *day) operations() string {
	var names []string
	for _, x := range d.traced {
		names = append(names, x.Operation)
	}
	return strings.Join(names, " ")
}

func TestPlay_StepsCallTheOperationsOfTheVersion(t *testing.T) {
	t.Parallel()
	d, told, err := tell(t, head+`# a story
verify A: OK 120.00
activate A as POSTAL of 99.00: OK 120.00
receipt r1 for A of 100.00 with standIn to 66666666666: OK
the station is version 1
pay A: OK 120.00
wait 3s`, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.operations(); got != "paVerifyPaymentNotice paGetPaymentV2 paSendRTV2 paVerifyPaymentNotice paGetPayment paSendRT" {
		t.Errorf("operations %s", got)
	}
	if !strings.Contains(d.station.whole[1], "<amount>99.00</amount><transferType>POSTAL</transferType>") || !strings.Contains(d.station.whole[0], navA) {
		t.Errorf("calls %q", d.station.whole[:2])
	}
	for _, part := range []string{
		"<idPA>66666666666</idPA>", "<receiptId>r1-run</receiptId>", "<fiscalCode>77777777777</fiscalCode>",
		"<paymentAmount>100.00</paymentAmount>", "<transferAmount>100.00</transferAmount>", "<standIn>true</standIn></receipt>",
	} {
		if !strings.Contains(d.station.whole[2], part) {
			t.Errorf("no %s in %s", part, d.station.whole[2])
		}
	}
	if len(told) != 8 || told[2].Got != "OK 120.00" || told[4].Got != "OK" || !slices.Equal(d.sleeps, []time.Duration{3 * time.Second}) {
		t.Errorf("told %+v, slept %v", told, d.sleeps)
	}
}

func TestPlay_ReceiptComesAgainByteForByte(t *testing.T) {
	t.Parallel()
	for name, writes := range map[string]string{"plainly": "plainly", "strangely": "strangely, seed 5"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _, err := tell(t, head+"the node writes "+writes+`
activate A: OK
receipt r1 for A: OK
cut the answer, then receipt r2 for A: OK
twice, receipt r3 for A: OK
receipt r1 for A again: OK
receipt "r1" for A with standin: OK`, nil)
			if err != nil {
				t.Fatal(err)
			}
			r := d.station.whole[1:]
			if len(r) != 7 || r[0] != r[5] || r[1] != r[2] || r[3] != r[4] || r[0] == r[1] {
				t.Errorf("receipts %q", r)
			}
			if got := meaning(t, r[6]); !slices.Contains(got, `/paSendRTV2Request/receipt/receiptId="r1"`) || got[len(got)-1] != `/paSendRTV2Request/standin="true"` {
				t.Errorf("receipt %q", got)
			}
		})
	}
}

func TestPlay_CutsAreRealAndThenTheCallIsMade(t *testing.T) {
	t.Parallel()
	d, told, err := tell(t, head+"cut the request, then verify A: OK 120.00\ncut the answer, then receipt r1 for A of 1.00: OK", nil)
	if err != nil || len(told) != 3 {
		t.Fatalf("%v; %+v", err, told)
	}
	var outcomes []string
	for _, x := range d.traced {
		outcome := "answered"
		if x.Err != nil {
			outcome = "cut"
		}
		outcomes = append(outcomes, outcome)
	}
	if got := strings.Join(outcomes, " "); got != "cut answered cut answered" {
		t.Errorf("calls were %s", got)
	}
}

func TestPlay_UnmetExpectations(t *testing.T) {
	t.Parallel()
	cases := []struct {
		line, want string
	}{
		{"verify A: OK 1.00", "line 2: verify A: OK 1.00: want OK 1.00, got OK 120.00"},
		{"verify A: KO", "want KO, got OK 120.00"},
		{"receipt r1 for A of 1.00: OK", "want OK, got KO PAA_RECEIPT_DUPLICATA (Ricevuta duplicata)"},
		{"receipt r1 for A of 1.00: KO PAA_SYSTEM_ERROR", "want KO PAA_SYSTEM_ERROR, got KO PAA_RECEIPT_DUPLICATA"},
		{"receipt r1 for A of 1.00: no answer", "want no answer, got KO"},
	}
	for _, c := range cases {
		_, _, err := tell(t, head+c.line+"\nprobe: OK", func(d *day, _ *nodesim.Player) {
			d.station.receipts = []answer{{body: envelop(receiptV2KO)}}
		})
		unmet, ok := errors.AsType[*nodesim.UnmetError](err)
		if !ok || unmet.Step.Line != 2 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.line, err, c.want)
		}
	}
}

func TestPlay_KeepsGoingOnRequest(t *testing.T) {
	t.Parallel()
	const story = head + "verify A: KO\nverify A: OK\nverify A: no answer"
	d, told, err := tell(t, story, nil)
	if len(told) != 2 || len(d.traced) != 1 || err == nil {
		t.Errorf("told %d steps, made %d calls, %v", len(told), len(d.traced), err)
	}
	_, told, err = tell(t, story, func(_ *day, p *nodesim.Player) { p.KeepGoing = true })
	if len(told) != 4 || err == nil || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), "line 4") || told[2].Err != nil {
		t.Errorf("told %d steps, %v", len(told), err)
	}
}

func TestPlay_NoAnswerCanBeExpectedByCode(t *testing.T) {
	t.Parallel()
	story := head + "receipt r1 for A of 1.00: no answer PPT_STAZIONE_INT_PA_ERRORE_RESPONSE\nthe station is http://127.0.0.1:1/\nverify A: no answer PPT_STAZIONE_INT_PA_TIMEOUT"
	_, told, err := tell(t, story, func(d *day, _ *nodesim.Player) { d.station.receipts = []answer{{status: 500}} })
	verdict, ok := errors.AsType[*nodesim.NodeError](err)
	if !ok || verdict.Code != nodesim.Unreachable || len(told) != 4 || told[1].Err != nil {
		t.Errorf("%v; %+v", err, told)
	}
}

func TestPlay_NumbersFromOutsideWin(t *testing.T) {
	t.Parallel()
	d, _, err := tell(t, head+"verify A: OK", func(_ *day, p *nodesim.Player) { p.Notices = map[string]string{"A": nav} })
	if err != nil || !strings.Contains(d.station.whole[0], nav) {
		t.Errorf("%v, %q", err, d.station.whole)
	}
	for name, number := range map[string]string{"B": nav, "A": "1"} {
		_, told, err := tell(t, head+"verify A: OK", func(_ *day, p *nodesim.Player) { p.Notices = map[string]string{name: number} })
		if err == nil || !strings.Contains(err.Error(), "cannot name notice "+name) || len(told) != 0 {
			t.Errorf("%s=%s: %v", name, number, err)
		}
	}
}

func TestPlay_WhatCannotBeToldEndsTheStory(t *testing.T) {
	t.Parallel()
	_, _, err := tell(t, head+"activate A: KO\nreceipt r1 for A: OK\nverify A: OK", func(d *day, p *nodesim.Player) {
		p.KeepGoing = true
		p.Node.Creditors = map[string][]string{} // so that the activation is refused, and nothing is known of the payment
	})
	if err == nil || !strings.Contains(err.Error(), "line 3: cannot make receipt r1: the notice was not activated") {
		t.Errorf("error %v", err)
	}
	gone := errors.New("gone")
	_, _, err = tell(t, "wait 1s", func(_ *day, p *nodesim.Player) { p.Sleep = func(context.Context, time.Duration) error { return gone } })
	if !errors.Is(err, gone) {
		t.Errorf("error %v", err)
	}
}
