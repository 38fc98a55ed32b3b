package nodesim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// Player tells a story to a station.
type Player struct {
	Node    *Node   // whom it plays against, as long as the story says nothing else
	EC      string  // likewise
	Version Version // likewise; V2 when zero

	Notices   map[string]string // numbers that win over the story's own, by name
	Run       string            // ends the receiptId of every receipt that is not in quotes, so that a story can be told twice; random when empty
	Seed      uint64            // of strange writing for which the story gives no seed
	KeepGoing bool              // tell the story to its end, whatever is not as expected

	Tell  func(Told)                                 // told of every step, may be nil
	Sleep func(context.Context, time.Duration) error // nil really waits
}

// Told is one step after it was done.
type Told struct {
	Step Step
	Got  string // how the station answered; empty for a step that calls nobody
	Took time.Duration
	Err  error // what was not as expected
}

// UnmetError is an answer that is not as the story expects it.
type UnmetError struct {
	Step Step
	Got  string
	err  error
}

// Error names the line.
func (e *UnmetError) Error() string {
	return fmt.Sprintf("line %d: %s: want %s, got %s", e.Step.Line, e.Step.Text, e.Step.Want, e.Got)
}

// Unwrap gives the *NodeError of a station that gave no usable answer.
func (e *UnmetError) Unwrap() error { return e.err }

// stage is the state of a story being told.
type stage struct {
	*Player
	node      Node
	ec        string
	version   Version
	notices   map[string]string
	spellings *rand.Rand             // nil: written plainly
	payments  map[string]PaymentData // by notice number
	sent      map[string]sentReceipt // by receiptId and recipient
}

// sentReceipt is what it takes to send a receipt again, byte for byte.
type sentReceipt struct {
	receipt Receipt
	version Version
	hand    *Spelling
}

// reply is the answer to one call.
type reply struct {
	fault  *Fault
	amount *Cents
	err    error
}

// Play tells a story. Its error is the first thing that was not as expected, or with KeepGoing all of them, each an
// *UnmetError; another error says that the story could not be told.
func (p *Player) Play(ctx context.Context, s *Scenario) error {
	own := *p
	st := &stage{
		Player: &own, node: *p.Node, ec: p.EC, version: cmp.Or(p.Version, V2), notices: map[string]string{},
		payments: map[string]PaymentData{}, sent: map[string]sentReceipt{},
	}
	err := st.rename(s)
	if err != nil {
		return err
	}
	st.Run = cmp.Or(p.Run, newToken()[:8])
	var unmet []error
	for _, step := range s.Steps {
		err := st.tell(ctx, step)
		if err == nil {
			continue
		}
		_, goesOn := errors.AsType[*UnmetError](err)
		if !goesOn || !p.KeepGoing {
			return err
		}
		unmet = append(unmet, err)
	}
	return errors.Join(unmet...)
}

// rename checks the numbers given from outside.
func (st *stage) rename(s *Scenario) error {
	known := map[string]bool{}
	for _, name := range s.Names() {
		known[name] = true
	}
	for name, number := range st.Player.Notices {
		if !known[name] {
			return fmt.Errorf("cannot name notice %s: the story has none of that name, only %q", name, s.Names())
		}
		if !noticeForm.MatchString(number) {
			return fmt.Errorf("cannot name notice %s: %q is no notice number of 18 digits", name, number)
		}
	}
	return nil
}

func (st *stage) tell(ctx context.Context, step Step) error {
	told := Told{Step: step}
	start := time.Now()
	if step.isCall() {
		told.Got, told.Err = st.ask(ctx, step)
	} else {
		told.Err = st.arrange(ctx, step)
	}
	told.Took = time.Since(start)
	if st.Tell != nil {
		st.Tell(told)
	}
	return told.Err
}

// arrange does a step that calls nobody.
func (st *stage) arrange(ctx context.Context, step Step) error {
	switch step.Verb {
	case SetStation:
		st.node.URL, st.node.Broker = cmp.Or(step.URL, st.node.URL), cmp.Or(step.Broker, st.node.Broker)
		st.node.Station, st.ec = cmp.Or(step.Station, st.node.Station), cmp.Or(step.EC, st.ec)
		st.version = cmp.Or(step.Version, st.version)
	case SetHand:
		st.spellings = nil
		if step.Strange {
			seed := st.Seed
			if step.Seed != nil {
				seed = *step.Seed
			}
			st.spellings = rand.New(rand.NewPCG(seed, 0))
		}
	case NameNotice:
		st.notices[step.Name] = cmp.Or(st.Player.Notices[step.Name], step.Notice)
	case WaitAWhile:
		sleep := st.Sleep
		if sleep == nil {
			sleep = pause
		}
		err := sleep(ctx, step.Wait)
		if err != nil {
			return fmt.Errorf("cannot wait: %w", err)
		}
	}
	return nil
}

// ask does a step that calls the station, and holds the answer against what the story expects.
func (st *stage) ask(ctx context.Context, step Step) (string, error) {
	hand := st.draw()
	if step.Trouble == CutInRequest || step.Trouble == CutInAnswer {
		got := st.do(ctx, step, st.caller(hand, step.Trouble))
		_, cut := errors.AsType[*NodeError](got.err)
		if !cut {
			return "", fmt.Errorf("line %d: cannot cut the connection: %w", step.Line, cmp.Or(got.err, errors.New("an answer came all the same")))
		}
		step.Trouble = NoTrouble
		if step.Verb == SendReceipt {
			step.Again = true // the node sends the receipt that it has, with its date and its spelling
		}
	}
	got := st.do(ctx, step, st.caller(hand, step.Trouble))
	verdict, isVerdict := errors.AsType[*NodeError](got.err)
	if got.err != nil && !isVerdict {
		return "", fmt.Errorf("line %d: %w", step.Line, got.err)
	}
	actual := Expected{Reply: SaysOK, Amount: got.amount}
	said := actual.String()
	switch {
	case isVerdict:
		actual = Expected{Reply: NoAnswer, Code: string(verdict.Code)}
		said = fmt.Sprintf("%s (%s)", actual, verdict.Reason)
	case got.fault != nil:
		actual = Expected{Reply: SaysKO, Code: got.fault.Code}
		said = fmt.Sprintf("%s (%s)", actual, got.fault.String)
	}
	if step.Want.met(actual) {
		return said, nil
	}
	return said, &UnmetError{Step: step, Got: said, err: got.err}
}

// met says whether an answer is what was expected, as far as something was.
func (e Expected) met(actual Expected) bool {
	return e.Reply == actual.Reply && (e.Code == "" || e.Code == actual.Code) &&
		(e.Amount == nil || (actual.Amount != nil && *e.Amount == *actual.Amount))
}

// draw chooses how the next request is written; nil is the node's own way.
func (st *stage) draw() *Spelling {
	if st.spellings == nil {
		return nil
	}
	s := DrawSpelling(st.spellings)
	return &s
}

// caller is the node for one call: how it writes, and what befalls it.
func (st *stage) caller(hand *Spelling, trouble Trouble) *Node {
	node := st.node
	if hand != nil {
		node = *node.Spelt(*hand)
	}
	if trouble == NoTrouble {
		return &node
	}
	road := http.DefaultTransport
	client := http.Client{}
	if node.HTTP != nil {
		client = *node.HTTP
		if client.Transport != nil {
			road = client.Transport
		}
	}
	client.Transport = &network{
		road: road, sleep: pause, twice: func(int) {},
		next: func() (Trouble, time.Duration) { return trouble, 0 },
	}
	node.HTTP = &client
	return &node
}

// do makes the call of a step.
func (st *stage) do(ctx context.Context, step Step, node *Node) reply {
	nav := cmp.Or(st.notices[step.Notice], step.Notice)
	switch step.Verb {
	case SendProbe:
		r, err := node.Verify(ctx, st.ec, probeNotice)
		return reply{fault: r.Fault, amount: &r.Option.Amount, err: err}
	case AskVerify:
		r, err := node.Verify(ctx, st.ec, nav)
		return reply{fault: r.Fault, amount: &r.Option.Amount, err: err}
	case AskActivate:
		return st.activate(ctx, node, nav, step)
	case MakePayment:
		return st.pay(ctx, node, nav, step)
	default:
		return st.deliver(ctx, node, nav, step)
	}
}

func (st *stage) activate(ctx context.Context, node *Node, nav string, step Step) reply {
	data, err := node.activateAs(ctx, ActivateRequest{EC: st.ec, NoticeNumber: nav, Amount: step.Amount, TransferType: step.TransferAs}, st.version)
	if err == nil && data.Fault == nil {
		st.payments[nav] = data
	}
	return reply{fault: data.Fault, amount: &data.PaymentAmount, err: err}
}

func (st *stage) pay(ctx context.Context, node *Node, nav string, step Step) reply {
	story, err := node.Pay(ctx, PayRequest{EC: st.ec, NoticeNumber: nav, Version: st.version, TransferType: step.TransferAs, Retry: Retry{Attempts: 1}})
	if story.Paid {
		st.payments[nav] = story.Payment
	}
	fault := story.Refusal()
	for _, d := range story.Deliveries {
		fault = cmp.Or(fault, d.Fault)
	}
	return reply{fault: fault, amount: &story.Payment.PaymentAmount, err: err}
}
