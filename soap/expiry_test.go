package soap_test

import (
	"crypto/x509"
	"io"
	"slices"
	"testing"
	"time"

	"nodobridge/internal/testkit"
)

// Our own certificate is listed from the start, the node's from its first call.
func TestExpiries(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	s := p.secure(t, p.tls(), openStore(t))
	of := func() (list []string) {
		for _, e := range s.certificates.Expiries(testkit.Noon) {
			list = append(list, e.Of+" "+e.Name+" "+e.NotAfter.Format(time.DateOnly))
		}
		return list
	}
	ours := "server pagamenti.example.org 2027-05-23"
	if got := of(); !slices.Equal(got, []string{ours}) {
		t.Errorf("before any call: %q", got)
	}
	s.noHTTP(t, p.client(s, leaf(t, p.intermediate, "customer.example.com", nil).shown(), nil), 0)
	if got := of(); len(got) != 1 {
		t.Errorf("a stranger's certificate is listed: %q", got)
	}
	for _, end := range []string{"2027-02-23", "2028-02-23"} {
		node := leaf(t, p.intermediate, forwarder, func(c *x509.Certificate) {
			var err error
			if c.NotAfter, err = time.Parse(time.DateOnly, end); err != nil {
				t.Fatal(err)
			}
		})
		a, err := s.ask(t.Context(), p.client(s, node.shown(), nil))
		answered(t, a, err)
		want := []string{ours, "node " + forwarder + " " + end, "issuer RapidSSL-like 2031-11-23"}
		if got := of(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}

	e := p.load(t, p.tls(), s.clock, io.Discard).Expiries
	end := p.ours.cert.NotAfter
	for _, c := range []struct {
		left      time.Duration
		days      int
		threshold int
		warn      bool
	}{
		{days(61), 61, 0, false}, {days(61) - 1, 60, 60, true}, {days(60), 60, 60, true}, {days(31), 31, 60, true},
		{days(30), 30, 30, true}, {days(15), 15, 30, true}, {days(14), 14, 14, true}, {days(4), 4, 14, true},
		{days(3), 3, 3, true}, {0, 0, 3, true}, {-1, -1, 3, true}, {-days(1), -2, 3, true}, {-days(400), -401, 3, true},
	} {
		got := e(end.Add(-c.left))[0]
		threshold, warn := got.Warning()
		if got.Days != c.days || threshold != c.threshold || warn != c.warn {
			t.Errorf("%v left: %d days, %d %v; want %d, %d %v", c.left, got.Days, threshold, warn, c.days, c.threshold, c.warn)
		}
	}
}
