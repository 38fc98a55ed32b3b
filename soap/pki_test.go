package soap_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nodobridge/internal/testkit"
)

// forwarder is the name of the node's certificate (soap-node.md §1.3).
const forwarder = "forwarder.platform.pagopa.it"

// identity is a certificate with its key.
type identity struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// authority makes a self-signed root, or an intermediate of issuer.
func authority(t *testing.T, name string, issuer *identity) *identity {
	t.Helper()
	return issue(t, issuer, x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: testkit.Noon.AddDate(-5, 0, 0), NotAfter: testkit.Noon.AddDate(5, 0, 0),
	})
}

// leaf makes a certificate for a year for a DNS name, usable by servers and
// clients; change alters it before it is signed.
func leaf(t *testing.T, issuer *identity, name string, change func(*x509.Certificate)) *identity {
	t.Helper()
	c := x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		NotBefore:   testkit.Noon.AddDate(0, -6, 0), NotAfter: testkit.Noon.AddDate(0, 6, 0),
	}
	if change != nil {
		change(&c)
	}
	return issue(t, issuer, c)
}

func issue(t *testing.T, issuer *identity, template x509.Certificate) *identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62)); err != nil {
		t.Fatal(err)
	}
	parent, signer := &template, key
	if issuer != nil {
		parent, signer = issuer.cert, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &identity{cert, key}
}

// shown is what a peer presents: its own certificate, then those of chain.
func (i *identity) shown(chain ...*identity) *tls.Certificate {
	c := &tls.Certificate{Certificate: [][]byte{i.cert.Raw}, PrivateKey: i.key, Leaf: i.cert}
	for _, link := range chain {
		c.Certificate = append(c.Certificate, link.cert.Raw)
	}
	return c
}

func pemOf(chain ...*identity) []byte {
	var text []byte
	for _, i := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.cert.Raw})...)
	}
	return text
}

func (i *identity) keyPEM(t *testing.T) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func poolOf(authorities ...*identity) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, a := range authorities {
		pool.AddCert(a.cert)
	}
	return pool
}

// folder holds the PEM files of one listener.
type folder string

func (f folder) path(name string) string { return filepath.Join(string(f), name) }

func (f folder) write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(f.path(name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// pki is the world of one test: the public authority of the node, another one, and
// the station's own certificate, written into files.
type pki struct {
	folder
	root, intermediate *identity // of the node
	otherRoot          *identity
	ourRoot, ourIssuer *identity
	ours               *identity
}

func newPKI(t *testing.T) *pki {
	t.Helper()
	p := &pki{folder: folder(t.TempDir())}
	p.root = authority(t, "Root", nil)
	p.intermediate = authority(t, "RapidSSL-like", p.root)
	p.otherRoot = authority(t, "Other Root", nil)
	p.ourRoot = authority(t, "Our Root", nil)
	p.ourIssuer = authority(t, "Our Issuer", p.ourRoot)
	p.ours = leaf(t, p.ourIssuer, "pagamenti.example.org", nil)
	p.write(t, "cert.pem", pemOf(p.ours, p.ourIssuer))
	p.write(t, "key.pem", p.ours.keyPEM(t))
	p.write(t, "roots.pem", pemOf(p.root))
	p.write(t, "issuers.pem", pemOf(p.intermediate))
	return p
}

// node is the forwarder's certificate, issued by the intermediate.
func (p *pki) node(t *testing.T) *identity { return leaf(t, p.intermediate, forwarder, nil) }

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
