package nodesim_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"nodobridge/nodesim"
)

const (
	navA = "302000000000000101"
	head = "notice A is " + navA + "\n" // one line
)

func TestParseScenario_Lines(t *testing.T) {
	t.Parallel()
	ok := nodesim.Expected{Reply: nodesim.SaysOK}
	ok120 := nodesim.Expected{Reply: nodesim.SaysOK, Amount: new(nodesim.Cents(12000))}
	hundred := new(nodesim.Cents(10000))
	cases := []struct {
		line string
		want nodesim.Step
	}{
		{"# Due pagamenti: verify", nodesim.Step{Verb: nodesim.Narrate}},
		{"the station is http://127.0.0.1:8080/paForNode, broker 99999999999, station 99999999999_01, EC 77777777777", nodesim.Step{
			Verb: nodesim.SetStation, URL: "http://127.0.0.1:8080/paForNode", Broker: "99999999999", Station: "99999999999_01", EC: "77777777777"}},
		{"the station is version 1 EC 77777777777", nodesim.Step{Verb: nodesim.SetStation, Version: nodesim.V1, EC: "77777777777"}},
		{"the node writes plainly", nodesim.Step{Verb: nodesim.SetHand}},
		{"the node writes strangely", nodesim.Step{Verb: nodesim.SetHand, Strange: true}},
		{"the node writes strangely, seed 7", nodesim.Step{Verb: nodesim.SetHand, Strange: true, Seed: new(uint64(7))}},
		{"notice Caffè.2 is " + navA, nodesim.Step{Verb: nodesim.NameNotice, Name: "Caffè.2", Notice: navA}},
		{"wait 1m30s", nodesim.Step{Verb: nodesim.WaitAWhile, Wait: 90 * time.Second}},
		{"verify A: OK 120.00", nodesim.Step{Verb: nodesim.AskVerify, Notice: "A", Want: ok120}},
		{"  verify   " + nav + " :  OK\t", nodesim.Step{Verb: nodesim.AskVerify, Notice: nav, Want: ok}},
		{"verify A: KO", nodesim.Step{Verb: nodesim.AskVerify, Notice: "A", Want: nodesim.Expected{Reply: nodesim.SaysKO}}},
		{"verify A: no answer", nodesim.Step{Verb: nodesim.AskVerify, Notice: "A", Want: nodesim.Expected{Reply: nodesim.NoAnswer}}},
		{"verify A: no answer PPT_STAZIONE_INT_PA_TIMEOUT", nodesim.Step{Verb: nodesim.AskVerify, Notice: "A", Want: nodesim.Expected{Reply: nodesim.NoAnswer, Code: "PPT_STAZIONE_INT_PA_TIMEOUT"}}},
		{"activate A of 100.00 as POSTAL: OK 120.00", nodesim.Step{Verb: nodesim.AskActivate, Notice: "A", Amount: hundred, TransferAs: "POSTAL", Want: ok120}},
		{"pay A as PAGOPA: OK", nodesim.Step{Verb: nodesim.MakePayment, Notice: "A", TransferAs: "PAGOPA", Want: ok}},
		{"receipt r2 for A of 100.00 with standIn: OK", nodesim.Step{Verb: nodesim.SendReceipt, Receipt: "r2", Notice: "A", Amount: hundred, StandIn: nodesim.StandInInside, Want: ok}},
		{"receipt r2 for A with standin to 66666666666 of 100.00: OK", nodesim.Step{
			Verb: nodesim.SendReceipt, Receipt: "r2", Notice: "A", Amount: hundred, StandIn: nodesim.StandInBeside, Recipient: second, Want: ok}},
		{`receipt "0123 abc" for A of 100.00: OK`, nodesim.Step{Verb: nodesim.SendReceipt, Receipt: "0123 abc", Literal: true, Notice: "A", Amount: hundred, Want: ok}},
		{"probe: KO PAA_PAGAMENTO_SCONOSCIUTO", nodesim.Step{Verb: nodesim.SendProbe, Want: nodesim.Expected{Reply: nodesim.SaysKO, Code: "PAA_PAGAMENTO_SCONOSCIUTO"}}},
		{"cut the connection, then verify A: OK", nodesim.Step{Verb: nodesim.AskVerify, Trouble: nodesim.CutInRequest, Notice: "A", Want: ok}},
		{"cut the request then verify A: OK", nodesim.Step{Verb: nodesim.AskVerify, Trouble: nodesim.CutInRequest, Notice: "A", Want: ok}},
		{"cut the answer, then probe: OK", nodesim.Step{Verb: nodesim.SendProbe, Trouble: nodesim.CutInAnswer, Want: ok}},
		{"twice, verify A: OK", nodesim.Step{Verb: nodesim.AskVerify, Trouble: nodesim.Duplicated, Notice: "A", Want: ok}},
	}
	for _, c := range cases {
		s, err := nodesim.ParseScenario(head + "\r\n" + c.line + "\r\n")
		if err != nil {
			t.Errorf("%q: %v", c.line, err)
			continue
		}
		c.want.Line, c.want.Text = 3, strings.TrimSpace(c.line)
		if got := s.Steps[1]; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q:\n got %+v\nwant %+v", c.line, got, c.want)
		}
	}
}

func TestParseScenario_MistakesNameLineWordAndWhatWasExpected(t *testing.T) {
	t.Parallel()
	cases := []struct{ line, want string }{
		{"actvate A: OK", `line 2, word 1: found "actvate", expected verify, activate, pay, receipt, probe,`},
		{"verify B: OK", `word 2: found "B", expected a notice number of 18 digits, or a name`},
		{"verify 30200000000000010: OK", `word 2: found "30200000000000010", expected a notice number of 18 digits`},
		{"verify: OK", `word 2: found ":", expected a notice number`},
		{"verify A", `word 3: found the end of the line, expected ":" and what the station should answer`},
		{"verify A:", `word 4: found the end of the line, expected "OK", "KO" or "no answer"`},
		{"verify A: yes", `word 4: found "yes", expected "OK", "KO" or "no answer"`},
		{"verify A: OK 120", `word 5: found "120", expected an amount in euro with two decimals`},
		{"verify A: OK 120.00 euro", `word 6: found "euro", expected the end of the line`},
		{"verify A: KO unknown", `word 5: found "unknown", expected a fault code`},
		{"verify A: no reply", `word 4: found "no", expected "OK"`},
		{"verify A as POSTAL: OK", `word 3: found "as", expected ":"`},
		{"activate A as postal: OK", `word 4: found "postal", expected POSTAL or PAGOPA`},
		{"activate A of 120,00: OK", `word 4: found "120", expected an amount`},
		{"activate A for 1.00: OK", `word 3: found "for", expected "as", "of", or ":"`},
		{"activate A of 1.00 of 1.00: OK", `word 5: found "of"`},
		{"receipt for A: OK", `word 3: found "A", expected "for"`},
		{"receipt 1 for A: OK", `word 2: found "1", expected the receipt's name, or its receiptId in quotes`},
		{"receipt r1 for A: OK", `word 5: found ":", expected "of" and an amount, since no line before activates the notice`},
		{"receipt r1 for A again: OK", `word 2: found "r1", expected a receipt that was sent`},
		{"receipt r1 for A of 1.00 with StandIn: OK", `word 8: found "StandIn", expected "standIn" (inside the receipt) or "standin"`},
		{"receipt r1 for A of 1.00 to 123: OK", `word 8: found "123", expected the fiscal code`},
		{"receipt r1 for A of 1.00: OK 1.00", `word 9: found "1.00", expected the end of the line`},
		{"cut a wire, then verify A: OK", `word 2: found "a", expected "the request", "the answer"`},
		{"cut the answer, verify A: OK", `word 5: found "verify", expected "then"`},
		{"twice, wait 1s", `word 3: found "wait", expected verify, activate, pay, receipt or probe`},
		{"notice A is " + nav, `word 2: found "A", expected a name that no notice has yet`},
		{"notice 1 is " + nav, `word 2: found "1", expected the notice's name`},
		{"notice B = " + nav, `word 3: found "=", expected "is"`},
		{"notice B is 1", `word 4: found "1", expected a notice number of 18 digits`},
		{"wait two seconds", `word 2: found "two", expected how long`},
		{"wait 2h", `word 2: found "2h", expected how long, at most an hour`},
		{"the station is", `word 4: found the end of the line, expected an address`},
		{"the station is old", `word 4: found "old", expected an address (http://…), "broker"`},
		{"the station is version 3", `word 5: found "3", expected 1 or 2`},
		{"the station is EC 123", `word 5: found "123", expected the creditor institution's fiscal code, 11 digits`},
		{"the station is EC 77777777777,", `word 7: found the end of the line`},
		{"the node writes badly", `word 4: found "badly", expected "plainly" or "strangely"`},
		{"the node writes strangely, seed -1", `word 7: found "-1", expected a seed`},
		{"the weather is fine", `word 1: found "the", expected verify`},
	}
	for _, c := range cases {
		_, err := nodesim.ParseScenario(head + c.line)
		mistake, ok := errors.AsType[*nodesim.SyntaxError](err)
		if !ok || mistake.Line != 2 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v\nwant %s", c.line, err, c.want)
		}
	}
}

func TestParseScenario_ReceiptsAreToldApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ story, want string }{
		{head + "activate A: OK\nreceipt r1 for A: OK\nreceipt r1 for A again: KO", ""},
		{head + "pay A: OK\nreceipt r1 for " + navA + ": OK", ""},
		{head + "activate A: OK\nreceipt r1 for A: OK\nreceipt r1 for A to 66666666666: OK\nreceipt \"r1\" for A: OK", ""},
		{head + "activate A: OK\nreceipt r1 for A: OK\nreceipt r1 for A: OK", `line 4, word 5: found ":", expected "again", since line 3 sent this receipt`},
		{head + "activate A: OK\nreceipt r1 for A: OK\nreceipt r1 for " + nav + " again: OK", "a receipt that was sent for this notice before"},
	} {
		_, err := nodesim.ParseScenario(c.story)
		if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s\nerror %v, want %q", c.story, err, c.want)
		}
	}
}

func TestParseScenario_ManyMistakesAreToldAtOnceAndBounded(t *testing.T) {
	t.Parallel()
	_, err := nodesim.ParseScenario(strings.Repeat("oh\n", 100))
	if err == nil || strings.Count(err.Error(), "\n") != 19 || !strings.Contains(err.Error(), "line 20,") {
		t.Errorf("error %v, want twenty lines", err)
	}
	_, err = nodesim.ParseScenario(strings.Repeat("#", 1<<20+1))
	if err == nil || !strings.Contains(err.Error(), "longer than 1048576 bytes") {
		t.Errorf("error %v", err)
	}
}

func TestScenario_SaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	s, err := nodesim.ParseScenario(head + "the station is broker B1\nthe station is EC 77777777777, broker B2\nprobe: KO\nthe station is http://late\nnotice B is " + nav)
	if err != nil {
		t.Fatal(err)
	}
	said := s.Station()
	if said.Broker != "B2" || said.EC != ec || said.URL != "" || said.Station != "" || strings.Join(s.Names(), "") != "AB" {
		t.Errorf("said %+v, names %v", said, s.Names())
	}
}

// Whatever is read is read the same from its own steps; whatever is not read says where and what was expected.
func FuzzParseScenario(f *testing.F) {
	stories, err := filepath.Glob("../scenarios/*.story")
	if err != nil || len(stories) == 0 {
		f.Fatalf("no stories: %v", err)
	}
	for _, file := range stories {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("notice A is 302000000000000101\ncut the answer, then receipt \"a b\" for A of 1.00 with standin to 66666666666: no answer")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := nodesim.ParseScenario(text)
		if err != nil {
			mistake, ok := errors.AsType[*nodesim.SyntaxError](err)
			if len(text) <= 1<<20 && (!ok || mistake.Line < 1 || mistake.Line > 1+strings.Count(text, "\n") || mistake.Word < 1 || mistake.Want == "") {
				t.Errorf("%v", err)
			}
			return
		}
		var lines []string
		for i, step := range s.Steps {
			if step.Verb == "" || step.Text == "" {
				t.Errorf("step %+v", step)
			}
			lines = append(lines, step.Text)
			s.Steps[i].Line = 0
		}
		again, err := nodesim.ParseScenario(strings.Join(lines, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range again.Steps {
			again.Steps[i].Line = 0
		}
		if !reflect.DeepEqual(again, s) {
			t.Errorf("read again as %+v, at first as %+v", again, s)
		}
	})
}

// The examples of the manual can be read: its tables' lines by themselves, and its whole story.
func TestScenario_ManualCanBeRead(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	_, story, found := strings.Cut(string(manual), "## A whole story\n\n```\n")
	story, _, closed := strings.Cut(story, "```")
	if !found || !closed {
		t.Fatal("the manual has no whole story")
	}
	_, err = nodesim.ParseScenario(story)
	if err != nil {
		t.Errorf("the whole story: %v", err)
	}
	lines := 0
	for line := range strings.Lines(string(manual)) {
		example, rest, cell := strings.Cut(strings.TrimPrefix(line, "| `"), "` |")
		if !strings.HasPrefix(line, "| `") || !cell || strings.HasPrefix(example, "--") || strings.Contains(example, "…") || !strings.Contains(example, " ") ||
			strings.HasPrefix(example, "OK") || strings.HasPrefix(example, "KO") || strings.HasPrefix(example, "no answer") {
			continue
		}
		lines++
		before := head + "activate A: OK\n"
		switch {
		case strings.HasPrefix(example, "notice A"):
			before = ""
		case strings.Contains(example, " again:"):
			before += "receipt r1 for A: OK\n"
		}
		_, err = nodesim.ParseScenario(before + example)
		if err != nil {
			t.Errorf("%s (%s): %v", example, strings.TrimSpace(rest), err)
		}
	}
	if lines < 16 {
		t.Errorf("only %d examples were found", lines)
	}
}
