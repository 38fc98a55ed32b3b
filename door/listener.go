package door

import (
	"net"
	"net/netip"
	"sync"
)

// Limits bounds the connections of a listener.
type Limits struct {
	PerAddress int // of one address at once; an IPv6 address counts by its /64. 0: no bound
	Total      int // of all addresses that are not known. 0: no bound
	Reserve    int // more, for the known ones

	// Known are the callers that PerAddress does not bind: the node's addresses, and
	// proxies, behind which all callers have one address.
	Known []netip.Prefix

	// Encrypted says that TLS ends behind: there is nothing to be seen of requests here.
	Encrypted bool

	// OnlyKnown turns everybody else away: a plain listener behind a proxy.
	OnlyKnown bool
}

// Listener accepts within the limits and closes what is beyond them. A connection
// without an address (a Unix socket's) is a known one.
type Listener struct {
	net.Listener
	limits  Limits
	refused func(netip.Addr)

	mu        sync.Mutex
	held      map[netip.Addr]int // by address, of strangers
	strangers int
	known     int
}

// Listen puts the limits before a listener. refused is told of each connection that is
// closed unheard; it may be nil.
func Listen(l net.Listener, limits Limits, refused func(netip.Addr)) *Listener {
	if refused == nil {
		refused = func(netip.Addr) {}
	}
	return &Listener{Listener: l, limits: limits, refused: refused, held: map[netip.Addr]int{}}
}

// Accept gives the next connection that has a place.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		address := addressOf(c)
		leave, ok := l.enter(address)
		if ok {
			return &conn{Conn: c, leave: leave, blind: l.limits.Encrypted}, nil
		}
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a flood must not leave sockets that wait; without it they only stay longer
		}
		_ = c.Close() // it was never used
		l.refused(address)
	}
}

// enter takes a place and gives the way to leave it.
func (l *Listener) enter(address netip.Addr) (leave func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !address.IsValid() || l.knows(address) {
		if full(l.known+l.strangers, l.limits.Total, l.limits.Reserve) {
			return nil, false
		}
		l.known++
		return func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.known--
		}, true
	}
	of := group(address)
	if l.limits.OnlyKnown || full(l.strangers, l.limits.Total, 0) || full(l.held[of], l.limits.PerAddress, 0) {
		return nil, false
	}
	l.strangers++
	l.held[of]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.strangers--
		if l.held[of]--; l.held[of] == 0 {
			delete(l.held, of)
		}
	}, true
}

func full(held, most, more int) bool { return most > 0 && held >= most+more }

func (l *Listener) knows(address netip.Addr) bool {
	for _, p := range l.limits.Known {
		if p.Contains(address) {
			return true
		}
	}
	return false
}

// group is what one holder of an IPv6 line has: 2^64 addresses.
func group(address netip.Addr) netip.Addr {
	if address.Is4() {
		return address
	}
	p, err := address.Prefix(64)
	if err != nil {
		return address
	}
	return p.Addr()
}

func addressOf(c net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().WithZone("").Unmap()
}

// conn is a connection with a place, whose requests are watched as they are read.
type conn struct {
	net.Conn
	once  sync.Once
	leave func()
	blind bool // nothing is looked at

	mu      sync.Mutex
	framing scanner
}

// Close gives the place back.
func (c *conn) Close() error {
	c.once.Do(c.leave)
	return c.Conn.Close()
}

// CloseWrite lets net/http end its side first, so that the caller can still read why.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Read reads, and looks at how the requests are framed.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.blind {
		return n, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.framing.feed(b[:n])
	return n, err
}

// next says whether the next request that was read may be answered.
func (c *conn) next() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.framing.next()
}
