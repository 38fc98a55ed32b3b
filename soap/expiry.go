package soap

import (
	"crypto/x509"
	"slices"
	"time"
)

// What an Expiry speaks of.
const (
	ExpiryServer = "server" // our own certificate
	ExpiryNode   = "node"   // the one that the node showed last
	ExpiryIssuer = "issuer" // the first authority of the node's chain to expire
)

// expiryThresholds are the days before an expiry at which somebody is to be told
// (reliability-security.md §3.2): renewing takes pagoPA's help desk some weeks.
var expiryThresholds = []int{3, 14, 30, 60}

// Expiry is how long a certificate still serves.
type Expiry struct {
	Of       string // ExpiryServer, ExpiryNode or ExpiryIssuer
	Name     string // its first DNS name, else its common name
	NotAfter time.Time
	Days     int // whole days left; negative once expired
}

// Warning gives the closest threshold that the expiry has passed (60, 30, 14 or 3
// days), and whether there is one. Who warns does so when the threshold changes.
func (e Expiry) Warning() (threshold int, warn bool) { return ExpiryWarning(e.Days) }

// ExpiryWarning is Expiry.Warning for a number of days left.
func ExpiryWarning(days int) (threshold int, warn bool) {
	i, _ := slices.BinarySearch(expiryThresholds, days)
	if i == len(expiryThresholds) {
		return 0, false
	}
	return expiryThresholds[i], true
}

// Expiries lists our own certificate and, once the node has called since the
// start, its certificate and the authority of its chain that expires first.
func (c *Certificates) Expiries(now time.Time) []Expiry {
	list := []Expiry{expiryOf(ExpiryServer, c.current.Load().server.Leaf, now)}
	c.mu.Lock()
	seen := c.seen
	c.mu.Unlock()
	if len(seen) == 0 {
		return list
	}
	list = append(list, expiryOf(ExpiryNode, seen[0], now))
	if len(seen) > 1 {
		first := slices.MinFunc(seen[1:], func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
		list = append(list, expiryOf(ExpiryIssuer, first, now))
	}
	return list
}

func expiryOf(what string, c *x509.Certificate, now time.Time) Expiry {
	const day = 24 * time.Hour
	left := c.NotAfter.Sub(now)
	days := int(left / day)
	if left < 0 {
		days = -1 - int(-left/day)
	}
	name := c.Subject.CommonName
	if len(c.DNSNames) > 0 {
		name = c.DNSNames[0]
	}
	return Expiry{Of: what, Name: name, NotAfter: c.NotAfter, Days: days}
}
