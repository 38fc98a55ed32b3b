package nodesim

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Trouble is what the network does to one call.
type Trouble string

// The troubles. All of them happen between the node, its forwarder and a station (soap-node §1.3, §2.6).
const (
	NoTrouble    Trouble = ""
	Duplicated   Trouble = "duplicate"    // the request comes twice, one after the other
	Twinned      Trouble = "twin"         // the request comes twice, at the same moment
	SlowRequest  Trouble = "slow request" // the second half of the request is late
	SlowAnswer   Trouble = "slow reader"  // the answer waits to be read
	CutInRequest Trouble = "cut request"  // the connection ends after half of the request
	CutInAnswer  Trouble = "cut answer"   // the connection ends after the answer's first byte
)

// Rates say how often each trouble befalls a call, in per cent; no call has more than one. The zero value is a good day.
type Rates struct {
	Duplicate int // in half of the cases both at once
	Delay     int // of the request in half of the cases, of the reading in the others
	Cut       int // inside the request in half of the cases, inside the answer in the others
	Odd       int // how many requests are written in a random Spelling; the others are written as the node writes
	StandIn   int // how many receipts say that the node stood in for the station; in half of the Odd ones the mark stands beside the receipt
}

// DefaultRates is a bad day: every twentieth call comes twice, every twentieth late, every twentieth connection is cut,
// and nothing is written as the day before.
func DefaultRates() Rates { return Rates{Duplicate: 5, Delay: 5, Cut: 5, Odd: 100, StandIn: 10} }

func (r Rates) check() error {
	for _, rate := range []struct {
		name    string
		percent int
	}{
		{"Duplicate", r.Duplicate}, {"Delay", r.Delay}, {"Cut", r.Cut}, {"Odd", r.Odd}, {"StandIn", r.StandIn},
		{"Duplicate + Delay + Cut", r.Duplicate + r.Delay + r.Cut},
	} {
		if rate.percent < 0 || rate.percent > 100 {
			return fmt.Errorf("cannot use rate %s of %d per cent: want 0 to 100", rate.name, rate.percent)
		}
	}
	return nil
}

// draw decides about one call. It takes two numbers from the stream, whatever it decides, so that a changed rate does
// not change everything else.
func (r Rates) draw(random *rand.Rand) Trouble {
	n := random.IntN(100)
	first := chance(random, 50)
	kinds := []struct {
		percent       int
		first, second Trouble
	}{{r.Duplicate, Duplicated, Twinned}, {r.Delay, SlowRequest, SlowAnswer}, {r.Cut, CutInRequest, CutInAnswer}}
	for _, k := range kinds {
		if n >= k.percent {
			n -= k.percent
			continue
		}
		if first {
			return k.first
		}
		return k.second
	}
	return NoTrouble
}

// drawDelay gives a delay above nothing and up to most.
func drawDelay(random *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(max(most, 1)))) + 1
}
