package nodesim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/beevik/etree"
)

// Hostile is a node on a bad day: it writes what no two nodes write alike, over a network that repeats, delays and cuts,
// and it delivers receipts in any order. Whatever it does the real node, its forwarder or the network between may do, so
// a station has no excuse.
//
// Everything it decides comes from Seed: what is written, what befalls each call of each payment, and the order in which
// the work is handed out. With Concurrency 1 a campaign is the same again, but for the dates (ReceiptOptions.Now) and the
// number of a stamp bought; with more, the machine's own scheduling differs too.
type Hostile struct {
	Node  *Node // whom it plays against; its Style is not used
	Seed  uint64
	Rates Rates

	Concurrency int           // calls at once; 8 when zero
	MaxDelay    time.Duration // of a delayed call; 2 s when zero
	Retry       Retry         // of receipts; its zero value is the node's 48 attempts, a second apart
	Reads       int           // how often the payer tries verify and activation again when they get no answer; 5 when zero

	// Sleep waits for delays and between attempts; nil really waits.
	Sleep func(context.Context, time.Duration) error
}

// NewHostile is a node with DefaultRates.
func NewHostile(node *Node, seed uint64) *Hostile {
	return &Hostile{Node: node, Seed: seed, Rates: DefaultRates()}
}

func (h *Hostile) concurrency() int { return cmp.Or(h.Concurrency, 8) }
func (h *Hostile) reads() int       { return cmp.Or(h.Reads, 5) }

func (h *Hostile) sleep(ctx context.Context, d time.Duration) error {
	if h.Sleep != nil {
		return h.Sleep(ctx, d)
	}
	return pause(ctx, d)
}

// campaign is one run of Campaign.
type campaign struct {
	*Hostile
	road     http.RoundTripper
	payments []*payment
	resends  chan *payment  // receipts that got no answer; a payment stands in it once at most
	open     sync.WaitGroup // payments not yet at their end

	mu     sync.Mutex // guards report and Node.Trace
	report Report
}

// payment is one payment under way; one worker at a time has it.
type payment struct {
	random *rand.Rand
	node   *Node // the caller of this payment, with a hand and a network of its own
	net    *network
	hand   *Spelling     // of the receipt, once drawn: an attempt repeats the bytes of the one before
	read   chan struct{} // closed when verify and activation are over
	sent   bool          // the receipt may have reached the station already
	result Result
}

// Campaign pays all of the notices, with Concurrency calls at once, and tells what came of each. Its error says that the
// campaign could not be run to its end; a payment that failed is in the report.
func (h *Hostile) Campaign(ctx context.Context, requests []PayRequest) (Report, error) {
	err := h.Rates.check()
	for i, r := range requests {
		versionErr := r.Version.check()
		if versionErr != nil {
			err = errors.Join(err, fmt.Errorf("payment %d: %w", i+1, versionErr))
		}
		if len(r.Recipients) > 1 {
			err = errors.Join(err, fmt.Errorf("cannot run payment %d: a campaign tells one recipient", i+1))
		}
	}
	if err != nil {
		return Report{}, err
	}
	c := &campaign{Hostile: h, road: http.DefaultTransport, resends: make(chan *payment, len(requests)), report: newReport(h.Seed)}
	if h.Node.HTTP != nil && h.Node.HTTP.Transport != nil {
		c.road = h.Node.HTTP.Transport
	}
	for i, r := range requests {
		c.payments = append(c.payments, c.newPayment(i, r))
	}
	c.run(ctx)
	for _, p := range c.payments {
		c.report.add(p.result)
	}
	return c.report, ctx.Err()
}

// newPayment gives a payment a stream of numbers of its own, so that no other payment changes what befalls it.
func (c *campaign) newPayment(index int, r PayRequest) *payment {
	p := &payment{random: rand.New(rand.NewPCG(c.Seed, uint64(index)+1)), read: make(chan struct{}), result: Result{Request: r}}
	p.result.Request.Receipt.ReceiptID = cmp.Or(r.Receipt.ReceiptID, drawToken(p.random))
	p.result.Request.Receipt.StandIn = r.Receipt.StandIn || chance(p.random, c.Rates.StandIn)
	p.net = &network{road: c.road, sleep: c.sleep, next: func() (Trouble, time.Duration) {
		trouble, delay := c.Rates.draw(p.random), drawDelay(p.random, cmp.Or(c.MaxDelay, 2*time.Second))
		c.count(func(r *Report) { r.Troubles[trouble]++ })
		return trouble, delay
	}, twice: func(status int) {
		if status == http.StatusOK {
			c.count(func(r *Report) { r.DuplicatesAnswered++ })
		}
	}}
	node := *c.Node
	node.HTTP = &http.Client{Transport: p.net}
	node.hand = func(operation string, payload *etree.Element) (message, error) { return c.write(p, operation, payload) }
	node.Trace = func(x Exchange) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.report.Calls++
		if c.Node.Trace != nil {
			c.Node.Trace(x)
		}
	}
	p.node = &node
	return p
}

// write spells a request; a receipt is spelt once and sent again as it was.
func (c *campaign) write(p *payment, operation string, payload *etree.Element) (message, error) {
	receipt := operation == sendRTOperation.name || operation == sendRTV2Operation.name
	if receipt && p.hand != nil {
		s := *p.hand
		s.RequestID = drawRequestID(p.random) // each attempt is a request of its own
		return s.message(operation, payload), nil
	}
	s := DrawSpelling(p.random)
	if !chance(p.random, c.Rates.Odd) {
		s = Spelling{Envelope: "soapenv", Payload: "pafn", ContentType: WireStyle{}.contentType(), RequestID: s.RequestID}
	}
	if receipt {
		p.hand, p.result.Spelling = &s, s
		if p.result.Request.Receipt.StandIn {
			c.count(func(r *Report) { r.StandIns[s.StandInBeside]++ })
		}
	}
	return s.message(operation, payload), nil
}

func (c *campaign) count(change func(*Report)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.report)
}
