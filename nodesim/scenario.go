package nodesim

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Scenario is a story told to a station, one step a line (docs/scenarios.md describes the language).
type Scenario struct {
	Steps []Step
}

// Verb says what a step does.
type Verb string

// The verbs, as the story writes them.
const (
	Narrate     Verb = "#" // a comment, which is told like the rest
	SetStation  Verb = "the station"
	SetHand     Verb = "the node"
	NameNotice  Verb = "notice"
	WaitAWhile  Verb = "wait"
	AskVerify   Verb = "verify"
	AskActivate Verb = "activate"
	MakePayment Verb = "pay"
	SendReceipt Verb = "receipt"
	SendProbe   Verb = "probe"
)

// Step is one line of a story. Which fields count depends on the Verb.
type Step struct {
	Line int    // from 1
	Text string // as written, without the white space around it
	Verb Verb

	URL, Broker, Station, EC string // SetStation: what changes; empty stays as it is
	Version                  Version

	Strange bool    // SetHand: a random Spelling for each request
	Seed    *uint64 // SetHand: where the Spellings are drawn from

	Name   string        // NameNotice: what the story calls it
	Notice string        // its eighteen digits; in a call, those or its name
	Wait   time.Duration // WaitAWhile

	Trouble    Trouble  // a call: what befalls it, NoTrouble mostly
	TransferAs string   // AskActivate, MakePayment: POSTAL or PAGOPA
	Amount     *Cents   // AskActivate: what the payer saw; SendReceipt: what was paid
	Receipt    string   // SendReceipt: its name, or its receiptId when Literal
	Literal    bool     // SendReceipt: the name stands in quotes and is sent as it is
	Again      bool     // SendReceipt: the same as before, byte for byte
	StandIn    StandIn  // SendReceipt
	Recipient  string   // SendReceipt: who is told, the creditor when empty
	Want       Expected // a call
}

// StandIn says where a receipt has the mark of a payment collected by the node in the station's place; the words are
// those on the wire, and their case is what tells them apart.
type StandIn string

// The two places (soap-node §1.1, "Historical changes").
const (
	NoStandIn     StandIn = ""
	StandInInside StandIn = "standIn" // within the receipt, since SANP 3.9
	StandInBeside StandIn = "standin" // beside it, before
)

// Reply is how a station answers, as the node sees it.
type Reply string

// The replies.
const (
	SaysOK   Reply = "OK"
	SaysKO   Reply = "KO"
	NoAnswer Reply = "no answer" // none, or none that the node can use
)

// Expected is what a story expects of a call.
type Expected struct {
	Reply  Reply
	Amount *Cents // of an OK to verify, activate and pay; nil: any
	Code   string // faultCode of a KO, NodeCode of no answer; empty: any
}

// String is the expectation as a story writes it.
func (e Expected) String() string {
	switch {
	case e.Amount != nil:
		return string(e.Reply) + " " + e.Amount.String()
	case e.Code != "":
		return string(e.Reply) + " " + e.Code
	default:
		return string(e.Reply)
	}
}

// SyntaxError is a line that is no step.
type SyntaxError struct {
	Line  int    // from 1
	Word  int    // from 1; which word of the line
	Found string // empty: the line ends there
	Want  string
}

// Error names line, word and what was expected.
func (e *SyntaxError) Error() string {
	found := "the end of the line"
	if e.Found != "" {
		found = fmt.Sprintf("%q", e.Found)
	}
	return fmt.Sprintf("line %d, word %d: found %s, expected %s", e.Line, e.Word, found, e.Want)
}

const (
	maxScenario = 1 << 20 // bytes
	maxMistakes = 20      // told at once
)

// ParseScenario reads a story. Its error joins a *SyntaxError for each line that is wrong, up to twenty.
func ParseScenario(text string) (*Scenario, error) {
	if len(text) > maxScenario {
		return nil, fmt.Errorf("cannot read scenario: it is longer than %d bytes", maxScenario)
	}
	s := new(Scenario)
	told := newPlot()
	var mistakes []error
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		step, err := told.step(i+1, line)
		if err != nil {
			mistakes = append(mistakes, err)
			if len(mistakes) == maxMistakes {
				break
			}
			continue
		}
		s.Steps = append(s.Steps, step)
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return s, nil
}

// Station is what the story itself says of its station before it first calls it; empty fields have to come from
// elsewhere.
func (s *Scenario) Station() Step {
	var said Step
	for _, step := range s.Steps {
		if step.isCall() {
			break
		}
		said.URL, said.Broker = cmp.Or(step.URL, said.URL), cmp.Or(step.Broker, said.Broker)
		said.Station, said.EC = cmp.Or(step.Station, said.Station), cmp.Or(step.EC, said.EC)
	}
	return said
}

func (s Step) isCall() bool { return s.Want.Reply != "" }

// Names are what the story calls its notices, in the order of their appearance.
func (s *Scenario) Names() []string {
	var names []string
	for _, step := range s.Steps {
		if step.Verb == NameNotice {
			names = append(names, step.Name)
		}
	}
	return names
}
