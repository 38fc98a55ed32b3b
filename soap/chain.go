package soap

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// Finding is something about the certificates that works here and may fail at
// the node, or later. Text is for the log and for "nodobridge check".
type Finding struct{ Key, Text string }

func (f Finding) String() string { return f.Key + ": " + f.Text }

// certificatesOf reads every certificate of a PEM text and refuses a text with
// none or with anything in a CERTIFICATE block that is not one.
func certificatesOf(text []byte) ([]*x509.Certificate, error) {
	var found []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d cannot be read: %w", len(found)+1, err)
		}
		found = append(found, c)
	}
	if len(found) == 0 {
		return nil, errors.New("holds no PEM certificate")
	}
	return found, nil
}

// ownCertificate makes what the listener shows of itself, checked as far as can
// be from here: a missing intermediate is the classic failure of joining the node
// (soap-node.md §1.3).
func ownCertificate(t TLS, certPEM, keyPEM []byte, publicRoots *x509.CertPool, now time.Time) (*tls.Certificate, []Finding, error) {
	chain, err := certificatesOf(certPEM)
	if err != nil {
		return nil, nil, fmt.Errorf("soap.tls.cert_file: %s %w", t.CertFile, err)
	}
	own, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, nil, fmt.Errorf("soap.tls.key_file: %s cannot be used as the key of the first certificate of %s, which must be our own: %w", t.KeyFile, t.CertFile, err)
	}
	leaf := chain[0]
	for i, issuer := range chain[1:] {
		if err := chain[i].CheckSignatureFrom(issuer); err != nil {
			return nil, nil, fmt.Errorf("soap.tls.cert_file: %s is out of order: certificate %d did not issue certificate %d", t.CertFile, i+2, i+1)
		}
	}
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		return nil, nil, fmt.Errorf("soap.tls.cert_file: %s is valid from %s to %s, now it is %s", t.CertFile, stamp(leaf.NotBefore), stamp(leaf.NotAfter), stamp(now))
	}
	return &own, chainFindings(t, chain, publicRoots, now), nil
}

// chainFindings looks at our chain as the node's Java does: complete, known,
// for a server, with the registered name.
func chainFindings(t TLS, chain []*x509.Certificate, publicRoots *x509.CertPool, now time.Time) []Finding {
	var findings []Finding
	found := func(format string, args ...any) {
		findings = append(findings, Finding{"soap.tls.cert_file", fmt.Sprintf(format, args...)})
	}
	leaf, last := chain[0], chain[len(chain)-1]
	intermediates := x509.NewCertPool()
	for _, c := range chain[1:] {
		intermediates.AddCert(c)
		if now.After(c.NotAfter) {
			found("the authority %q of our chain expired on %s", c.Subject, c.NotAfter.Format(time.DateOnly))
		}
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: publicRoots, Intermediates: intermediates, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	switch {
	case err == nil:
	case selfSigned(last):
		found("the chain ends in %q, which is not a root that this machine knows: the node accepts public authorities only", last.Subject)
	case len(chain) == 1:
		found("it holds our certificate alone: add the intermediate of %q, the node does not fetch it", leaf.Issuer)
	default:
		found("its %d certificates lead to no root that this machine knows: the certificate of %q may be missing", len(chain), last.Issuer)
	}
	if lacksUsage(leaf, x509.ExtKeyUsageServerAuth) {
		found("it lacks the usage serverAuth: the node will refuse it")
	}
	if t.ServerName != "" && leaf.VerifyHostname(t.ServerName) != nil {
		found("it is not for the host %q under which the station is registered", t.ServerName)
	}
	return findings
}
