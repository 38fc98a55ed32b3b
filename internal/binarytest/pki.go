package binarytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// PKI is a certification authority of today with an intermediate, as the node's
// and our own certificates come from.
type PKI struct {
	t            *testing.T
	root, issuer *tls.Certificate
}

// NewPKI makes one.
func NewPKI(t *testing.T) *PKI {
	t.Helper()
	p := &PKI{t: t}
	authority := func(name string, by *tls.Certificate) *tls.Certificate {
		return p.sign(by, &x509.Certificate{
			Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
			NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(10, 0, 0),
		})
	}
	p.root = authority("Test Root", nil)
	p.issuer = authority("Test Issuer", p.root)
	return p
}

// Leaf makes a certificate for servers and clients that carries a name and
// 127.0.0.1 and lasts for some days from now. Its chain holds the leaf alone.
func (p *PKI) Leaf(name string, days int) *tls.Certificate {
	p.t.Helper()
	return p.LeafFor(name, days, x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth)
}

// LeafFor is Leaf with other usages.
func (p *PKI) LeafFor(name string, days int, usages ...x509.ExtKeyUsage) *tls.Certificate {
	p.t.Helper()
	return p.sign(p.issuer, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: usages,
		NotBefore:   time.Now().AddDate(0, -6, 0), NotAfter: time.Now().AddDate(0, 0, days),
	})
}

func (p *PKI) sign(by *tls.Certificate, template *x509.Certificate) *tls.Certificate {
	p.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		p.t.Fatal(err)
	}
	parent, signer := template, any(key)
	if by != nil {
		parent, signer = by.Leaf, by.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		p.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		p.t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: cert}
}

// Bundle is the root and the intermediate in PEM.
func (p *PKI) Bundle() string { return pemOf(p.root) + pemOf(p.issuer) }

// Pool trusts the root.
func (p *PKI) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(p.root.Leaf)
	return pool
}

// Install writes server.pem, with the whole chain, server.key and clients.pem into
// the folder.
func (h *Home) Install(p *PKI, server *tls.Certificate) {
	h.t.Helper()
	h.write("server.pem", pemOf(server)+pemOf(p.issuer))
	h.write("clients.pem", p.Bundle())
	der, err := x509.MarshalPKCS8PrivateKey(server.PrivateKey)
	if err != nil {
		h.t.Fatal(err)
	}
	h.write("server.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

func pemOf(c *tls.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]}))
}
