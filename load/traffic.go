package load

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"nodobridge/nodesim"
)

// Operation is what a station is asked.
type Operation string

// The operations. A mix is four verifications and three payments to each receipt.
const (
	Verify  Operation = "verify"
	Payment Operation = "payment"
	Receipt Operation = "receipt"
	Mix     Operation = "mix"
)

// mixture is one round of the mix: indices of a mix's kinds.
var mixture = [...]int{0, 1, 0, 2, 0, 1, 0, 1}

// Traffic is what the node asks a station. Notices are read in a random order that the
// seed decides, and receipts sent for one notice after the other, each once; in a mix
// the first half is read and receipts are for the second. All notices must cost the same
// where receipts are sent: the first one is activated to learn what they pay.
type Traffic struct {
	Node      *nodesim.Node
	EC        string
	Operation Operation
	Notices   Notices
	Seed      uint64
}

// source writes the requests of one operation.
type source struct {
	stencil *nodesim.Stencil
	notices Notices
	seed    uint64
	run     string // begins receipt ids; "" for what is read
}

func (s *source) write(dst []byte, kind int, n int64) (Request, bool) {
	if s.run == "" {
		return Request{s.stencil.Append(dst, s.notices.At(int(scatter(s.seed+uint64(n))%uint64(s.notices.Count))), ""), kind}, true
	}
	if n >= int64(s.notices.Count) {
		return Request{}, false
	}
	return Request{s.stencil.Append(dst, s.notices.At(int(n)), fmt.Sprintf("%s%010d", s.run, n)), kind}, true
}

// scatter is splitmix64's output function: a number for each number, as if by chance.
func scatter(v uint64) uint64 {
	v += 0x9e3779b97f4a7c15
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}

// Plan makes the requests; how many connections and for how long is left to the caller.
func (t Traffic) Plan(ctx context.Context) (Plan, error) {
	p := Plan{Judge: nodesim.Answered, Timeout: 15 * time.Second} // the node's patience with receipts (soap-node.md §2.7)
	if err := t.address(&p); err != nil {
		return p, err
	}
	if t.Notices.Count < 1 || t.Operation == Mix && t.Notices.Count < 2 {
		return p, errors.New("there are too few notices")
	}
	sources, err := t.sources(ctx)
	if err != nil {
		return p, err
	}
	for _, s := range sources {
		p.Kinds = append(p.Kinds, s.stencil.Operation)
	}
	p.Write = func(dst []byte, n int64) (Request, bool) { return sources[0].write(dst, 0, n) }
	if t.Operation == Mix {
		p.Write = func(dst []byte, n int64) (Request, bool) {
			kind := mixture[n%int64(len(mixture))]
			if kind == 2 {
				n /= int64(len(mixture)) // receipts have a count of their own
			}
			return sources[kind].write(dst, kind, n)
		}
	}
	return p, nil
}

func (t Traffic) address(p *Plan) error {
	target, err := url.Parse(t.Node.URL)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return fmt.Errorf("cannot address station %q: want http://host:port/path or https://host:port/path", t.Node.URL)
	}
	port := target.Port()
	if target.Scheme == "https" {
		p.TLS = &tls.Config{ServerName: target.Hostname(), MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	}
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[target.Scheme]
	}
	p.Address = net.JoinHostPort(target.Hostname(), port)
	return nil
}

func (t Traffic) sources(ctx context.Context) ([]*source, error) {
	read, paid := t.Notices, t.Notices
	if t.Operation == Mix {
		half, all := t.Notices.Count/2, t.Notices
		read.Count = half
		paid = Notices{all.Count - half, func(i int) string { return all.At(half + i) }}
	}
	verify := func() (*source, error) {
		s, err := t.Node.VerifyStencil(t.EC)
		return &source{stencil: s, notices: read, seed: t.Seed}, err
	}
	payment := func() (*source, error) {
		s, err := t.Node.PaymentStencil(t.EC)
		return &source{stencil: s, notices: read, seed: t.Seed}, err
	}
	receipt := func() (*source, error) { return t.receipts(ctx, paid) }
	makers := map[Operation][]func() (*source, error){
		Verify: {verify}, Payment: {payment}, Receipt: {receipt}, Mix: {verify, payment, receipt},
	}[t.Operation]
	if makers == nil {
		return nil, fmt.Errorf("operation %q: want verify, payment, receipt or mix", t.Operation)
	}
	var sources []*source
	for _, make := range makers {
		s, err := make()
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// receipts learns from the first notice what the receipts have to say.
func (t Traffic) receipts(ctx context.Context, notices Notices) (*source, error) {
	data, err := t.Node.GetPaymentV2(ctx, nodesim.ActivateRequest{EC: t.EC, NoticeNumber: notices.At(0)})
	if err != nil {
		return nil, err
	}
	if data.Fault != nil {
		return nil, fmt.Errorf("cannot learn from notice %s what receipts have to say: %w", notices.At(0), data.Fault)
	}
	s, err := t.Node.ReceiptStencil(nodesim.ReceiptFor(data, nodesim.SamplePSP(), nodesim.ReceiptOptions{Now: time.Now()}))
	return &source{stencil: s, notices: notices, run: "LOAD" + strings.ToLower(rand.Text()[:10]) + "-"}, err
}
