package soap

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Why a client certificate is refused: the keys of Certificates.Refused.
const (
	RefusedName      = "name"      // none of its DNS names is in soap.tls.client_names
	RefusedAuthority = "authority" // no chain to a root of soap.tls.client_ca_files
	RefusedTime      = "time"      // expired or not yet valid
	RefusedUsage     = "usage"     // strict, and without clientAuth
	RefusedPin       = "pin"       // no key of its chain is in soap.tls.spki_pins
)

// refusal is a client certificate that is not believed. Its text holds DNS names
// and times only: the subject of a stranger's certificate may be a citizen's.
type refusal struct{ reason, detail string }

func (r *refusal) Error() string {
	return "cannot accept the client certificate: " + r.reason + ": " + r.detail
}

// trust is what a client certificate is held against. It never changes: a reload
// makes another.
type trust struct {
	roots         *x509.CertPool
	intermediates *x509.CertPool
	names         nameSet
	strict        bool
	pins          map[pin]bool
}

// newTrust sorts the authorities of the bundle: what is self-signed is a root.
func newTrust(t TLS, authorities []*x509.Certificate, now time.Time) (*trust, []Finding, error) {
	pins, err := parsePins(t.SPKIPins)
	if err != nil {
		return nil, nil, err
	}
	made := &trust{
		roots: x509.NewCertPool(), intermediates: x509.NewCertPool(),
		names: newNameSet(t.ClientNames), strict: t.ClientEKU == EKUStrict, pins: pins,
	}
	var findings []Finding
	found := func(format string, args ...any) {
		findings = append(findings, Finding{"soap.tls.client_ca_files", fmt.Sprintf(format, args...)})
	}
	var issuing []*x509.Certificate
	for _, a := range authorities {
		if !a.BasicConstraintsValid || !a.IsCA {
			return nil, nil, fmt.Errorf("soap.tls.client_ca_files: %q is not the certificate of an authority: the node is known by its name and its issuer, never by its own certificate", a.Subject)
		}
		if now.After(a.NotAfter) {
			found("the authority %q expired on %s", a.Subject, a.NotAfter.Format(time.DateOnly))
		}
		if selfSigned(a) {
			made.roots.AddCert(a)
			continue
		}
		made.intermediates.AddCert(a)
		issuing = append(issuing, a)
	}
	if len(issuing) == len(authorities) {
		return nil, nil, fmt.Errorf("soap.tls.client_ca_files: there is no root (self-signed certificate) among its %d certificates", len(authorities))
	}
	if len(issuing) == 0 {
		found("there are only roots: the node sends its certificate without the intermediate, which must be added here")
	}
	for _, a := range issuing {
		_, err := a.Verify(x509.VerifyOptions{Roots: made.roots, Intermediates: made.intermediates, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
		if err != nil && !now.After(a.NotAfter) {
			found("the intermediate %q leads to no root of the files", a.Subject)
		}
	}
	return made, findings, nil
}

func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawSubject, c.RawIssuer) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// verify gives the chain by which a client certificate is believed. The name is
// looked at first: it costs nothing and refuses most strangers.
func (t *trust) verify(sent []*x509.Certificate, now time.Time) ([]*x509.Certificate, error) {
	leaf := sent[0]
	if !slices.ContainsFunc(leaf.DNSNames, t.names.has) {
		return nil, &refusal{RefusedName, fmt.Sprintf("its DNS names %s are not among soap.tls.client_names", shownNames(leaf.DNSNames))}
	}
	intermediates := t.intermediates
	if len(sent) > 1 {
		intermediates = intermediates.Clone()
		for _, c := range sent[1:] {
			intermediates.AddCert(c)
		}
	}
	usage := x509.ExtKeyUsageAny
	if t.strict {
		usage = x509.ExtKeyUsageClientAuth
	}
	chains, err := leaf.Verify(x509.VerifyOptions{
		Roots: t.roots, Intermediates: intermediates, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{usage},
	})
	if err != nil {
		return nil, refusalOf(err, leaf, now)
	}
	if len(t.pins) == 0 {
		return chains[0], nil
	}
	for _, chain := range chains {
		if slices.ContainsFunc(chain, func(c *x509.Certificate) bool { return t.pins[sha256.Sum256(c.RawSubjectPublicKeyInfo)] }) {
			return chain, nil
		}
	}
	return nil, &refusal{RefusedPin, "no key of its chain is among soap.tls.spki_pins"}
}

// refusalOf says in our words what the chain fails on.
func refusalOf(err error, leaf *x509.Certificate, now time.Time) *refusal {
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case ok && invalid.Reason == x509.Expired && invalid.Cert != nil && !invalid.Cert.Equal(leaf):
		return &refusal{RefusedAuthority, fmt.Sprintf("its authority %q is valid from %s to %s, now it is %s", invalid.Cert.Subject, stamp(invalid.Cert.NotBefore), stamp(invalid.Cert.NotAfter), stamp(now))}
	case ok && invalid.Reason == x509.Expired:
		return &refusal{RefusedTime, fmt.Sprintf("it is valid from %s to %s, now it is %s", stamp(leaf.NotBefore), stamp(leaf.NotAfter), stamp(now))}
	case ok && invalid.Reason == x509.IncompatibleUsage:
		return &refusal{RefusedUsage, "it lacks the usage clientAuth, which soap.tls.client_eku: strict demands"}
	}
	return &refusal{RefusedAuthority, "it leads to no root of soap.tls.client_ca_files; the issuing intermediate must be there too"}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// personCode matches what could be a citizen's code in the place of a machine's name.
var personCode = regexp.MustCompile(`(?i)[a-z]{6}[0-9]{2}[a-z][0-9]{2}[a-z][0-9]{3}[a-z]`)

// shownNames bounds what a stranger can write into the log: names of machines, of which a
// renewal of the node's certificate may bring another, and no person's.
func shownNames(names []string) string {
	shown := make([]string, 0, 3)
	for _, name := range names[:min(len(names), 3)] {
		if !isHostName(name) || personCode.MatchString(name) {
			shown = append(shown, "(no machine's name)")
			continue
		}
		shown = append(shown, fmt.Sprintf("%.64q", name))
	}
	return "[" + strings.Join(shown, " ") + "]"
}

// lacksUsage says that a certificate restricts its usages and leaves this one out.
func lacksUsage(c *x509.Certificate, usage x509.ExtKeyUsage) bool {
	if len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0 {
		return false
	}
	return !slices.Contains(c.ExtKeyUsage, usage) && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}
