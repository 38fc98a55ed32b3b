package soap

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nodobridge/bridge"
)

const (
	maxPEMBytes  = 1 << 20 // of one certificate or key file
	maxWarnedOf  = 64      // certificates of the node that a warning is remembered for
	ticketMarkOf = "nodobridge.generation "
)

// CertificatesConfig is what the loader needs.
type CertificatesConfig struct {
	TLS   TLS
	Clock bridge.Clock
	Log   *slog.Logger
	// PublicRoots are the authorities that our own chain should lead to; nil: the
	// machine's. They only make findings.
	PublicRoots *x509.CertPool
}

// Certificates holds the certificates in force for the node's listener and
// replaces them while it runs. It is safe for concurrent use.
type Certificates struct {
	tls         TLS
	clock       bridge.Clock
	log         *slog.Logger
	publicRoots *x509.CertPool
	current     atomic.Pointer[generation]
	reloading   sync.Mutex

	mu      sync.Mutex
	seen    []*x509.Certificate // the chain of the node's certificate seen last
	warned  map[pin]bool        // leaves whose missing usage has been logged
	refused map[string]int64
}

// generation is one consistent reading of all files.
type generation struct {
	number   uint64
	digest   [sha256.Size]byte // of the files
	server   *tls.Certificate
	trust    *trust
	findings []Finding
	admitted atomic.Pointer[admission] // the last one, so that calls of one connection cost no signature check
}

// admission is a client certificate that was believed, and how long it can be.
type admission struct {
	leaf        []byte
	from, until time.Time
}

// LoadCertificates reads every file once; an error names the key at fault.
func LoadCertificates(c CertificatesConfig) (*Certificates, error) {
	if err := c.TLS.Validate(); err != nil {
		return nil, err
	}
	made := &Certificates{
		tls: c.TLS, clock: c.Clock, log: c.Log, publicRoots: c.PublicRoots,
		warned: map[pin]bool{}, refused: map[string]int64{},
	}
	if err := made.Reload(); err != nil {
		return nil, err
	}
	return made, nil
}

// Reload reads the files again and puts them in force for new handshakes, resumed
// sessions and the next call of open connections. Unchanged files are left
// alone, so it may be called often. After an error the old certificates stay.
func (c *Certificates) Reload() error {
	c.reloading.Lock()
	defer c.reloading.Unlock()
	files, err := c.readFiles()
	if err != nil {
		return fmt.Errorf("cannot load the certificates: %w", err)
	}
	old := c.current.Load()
	if old != nil && old.digest == files.digest {
		return nil
	}
	next, err := c.generationOf(files)
	if err != nil {
		return fmt.Errorf("cannot load the certificates: %w", err)
	}
	if old != nil {
		next.number = old.number + 1
	}
	c.current.Store(next)
	for _, f := range next.findings {
		c.log.Warn("certificates", "key", f.Key, "finding", f.Text)
	}
	c.log.Info("certificates loaded", "generation", next.number, "not_after", stamp(next.server.Leaf.NotAfter))
	return nil
}

// pemFiles is what the files held at one reading.
type pemFiles struct {
	cert, key   []byte
	authorities [][]byte // as TLS.ClientCAFiles
	digest      [sha256.Size]byte
	keyIsPublic bool
}

func (c *Certificates) readFiles() (*pemFiles, error) {
	files, digest := new(pemFiles), sha256.New()
	read := func(key, name string) ([]byte, error) {
		text, err := readPEM(name)
		if err != nil {
			return nil, fmt.Errorf("soap.tls.%s: %w", key, err)
		}
		digest.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text)))) // a hash never fails
		digest.Write(text)
		return text, nil
	}
	var err error
	if files.cert, err = read("cert_file", c.tls.CertFile); err != nil {
		return nil, err
	}
	if files.key, err = read("key_file", c.tls.KeyFile); err != nil {
		return nil, err
	}
	for _, name := range c.tls.ClientCAFiles {
		text, err := read("client_ca_files", name)
		if err != nil {
			return nil, err
		}
		files.authorities = append(files.authorities, text)
	}
	info, err := os.Stat(c.tls.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("soap.tls.key_file: %w", err)
	}
	files.keyIsPublic = info.Mode().Perm()&0o004 != 0
	digest.Sum(files.digest[:0])
	return files, nil
}

func readPEM(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxPEMBytes+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(text) > maxPEMBytes {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, maxPEMBytes)
	}
	return text, nil
}

func (c *Certificates) generationOf(files *pemFiles) (*generation, error) {
	now := c.clock.Now()
	publicRoots := c.publicRoots
	if publicRoots == nil {
		var err error
		publicRoots, err = x509.SystemCertPool()
		if err != nil {
			publicRoots = x509.NewCertPool() // a machine without roots: the findings say that none is known
		}
	}
	server, findings, err := ownCertificate(c.tls, files.cert, files.key, publicRoots, now)
	if err != nil {
		return nil, err
	}
	if files.keyIsPublic {
		findings = append(findings, Finding{"soap.tls.key_file", c.tls.KeyFile + " can be read by every user of this machine"})
	}
	var authorities []*x509.Certificate
	for i, text := range files.authorities {
		found, err := certificatesOf(text)
		if err != nil {
			return nil, fmt.Errorf("soap.tls.client_ca_files: %s %w", c.tls.ClientCAFiles[i], err)
		}
		authorities = append(authorities, found...)
	}
	believed, more, err := newTrust(c.tls, authorities, now)
	if err != nil {
		return nil, err
	}
	return &generation{digest: files.digest, server: server, trust: believed, findings: append(findings, more...)}, nil
}

// Findings are the warnings about the certificates in force.
func (c *Certificates) Findings() []Finding { return c.current.Load().findings }

// Listener ends TLS for whoever connects to l.
func (c *Certificates) Listener(l net.Listener) net.Listener { return tls.NewListener(l, c.Config()) }

// Config is the listener's TLS: 1.2 at least (the forwarder speaks it, soap-node.md
// §1.3), HTTP/1.1 only, a client certificate demanded and judged by our own rule:
// the standard one would let in any customer of the same authority, and shut the
// node out once its certificate lacks clientAuth (reliability-security.md §3.2).
// No list of authorities is sent, so that the node's choice of certificate never
// depends on ours.
func (c *Certificates) Config() *tls.Config {
	config := &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		ClientAuth: tls.RequireAnyClientCert,
		Time:       c.clock.Now,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return c.current.Load().server, nil
		},
		VerifyConnection: func(state tls.ConnectionState) error { return c.admit(&state) }, // resumed sessions too
	}
	// A ticket of before a reload is not taken up: the node shows its certificate
	// again, which may be a newer one than the ticket's.
	config.WrapSession = func(state tls.ConnectionState, session *tls.SessionState) ([]byte, error) {
		session.Extra = append(session.Extra, c.current.Load().mark())
		return config.EncryptTicket(state, session)
	}
	config.UnwrapSession = func(identity []byte, state tls.ConnectionState) (*tls.SessionState, error) {
		session, err := config.DecryptTicket(identity, state)
		if err != nil || session == nil {
			return nil, err
		}
		mark := c.current.Load().mark()
		if slices.ContainsFunc(session.Extra, func(extra []byte) bool { return bytes.Equal(extra, mark) }) {
			return session, nil
		}
		return nil, nil // no error: a full handshake follows
	}
	return config
}

// mark names the generation in a session ticket.
func (g *generation) mark() []byte {
	return binary.BigEndian.AppendUint64([]byte(ticketMarkOf), g.number)
}

// admit judges the client certificate of a connection by the generation in force.
func (c *Certificates) admit(state *tls.ConnectionState) error {
	if state == nil || len(state.PeerCertificates) == 0 {
		return errors.New("cannot accept the client: it shows no certificate")
	}
	now, g, leaf := c.clock.Now(), c.current.Load(), state.PeerCertificates[0]
	if a := g.admitted.Load(); a != nil && state.HandshakeComplete && bytes.Equal(a.leaf, leaf.Raw) && !now.Before(a.from) && !now.After(a.until) {
		return nil
	}
	chain, err := g.trust.verify(state.PeerCertificates, now)
	if err != nil {
		if refused, ok := errors.AsType[*refusal](err); ok {
			c.count(refused.reason)
		}
		return err
	}
	a := &admission{leaf: leaf.Raw, from: leaf.NotBefore, until: leaf.NotAfter}
	for _, link := range chain[1:] {
		if link.NotBefore.After(a.from) {
			a.from = link.NotBefore
		}
		if link.NotAfter.Before(a.until) {
			a.until = link.NotAfter
		}
	}
	g.admitted.Store(a)
	c.see(chain)
	return nil
}

// see remembers the node's certificate for its expiry, and says once that it
// could not pass strictly.
func (c *Certificates) see(chain []*x509.Certificate) {
	leaf := chain[0]
	fingerprint := pin(sha256.Sum256(leaf.Raw))
	c.mu.Lock()
	c.seen = chain
	warn := lacksUsage(leaf, x509.ExtKeyUsageClientAuth) && !c.warned[fingerprint] && len(c.warned) < maxWarnedOf
	if warn {
		c.warned[fingerprint] = true
	}
	c.mu.Unlock()
	if warn {
		c.log.Warn("the node's certificate lacks the usage clientAuth; soap.tls.client_eku: auto accepts it",
			"names", leaf.DNSNames, "not_after", stamp(leaf.NotAfter))
	}
}

func (c *Certificates) count(reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused[reason]++
}

// Refused counts the client certificates refused since the start, by reason
// (RefusedName and the others).
func (c *Certificates) Refused() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.refused)
}
