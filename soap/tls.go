package soap

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// How the usages of the node's certificate are judged (TLS.ClientEKU).
const (
	// EKUAuto accepts a certificate without the usage clientAuth and warns once:
	// public authorities stop issuing it on 1 March 2027 (reliability-security.md §3.2).
	EKUAuto = "auto"
	// EKUStrict refuses it.
	EKUStrict = "strict"
)

// TLS is how the node's listener proves itself and whom it believes. It is the
// section soap.tls of the configuration; messages name its keys.
type TLS struct {
	CertFile string // PEM: our certificate, then the intermediates in order (the node wants the full chain, soap-node.md §1.3)
	KeyFile  string // PEM: its private key, not encrypted

	// ClientCAFiles are PEM files with the roots of the node's certificate AND the
	// intermediates that issue it: the forwarder sends its leaf alone (soap-node.md §1.3).
	ClientCAFiles []string
	// ClientNames are the DNS names that the node's certificate may carry, e.g.
	// forwarder.platform.pagopa.it. Compared whole, without wildcards: the
	// authority is a public one, so only the name tells the node from its other customers.
	ClientNames []string
	// ClientEKU is EKUAuto (also when empty) or EKUStrict.
	ClientEKU string
	// SPKIPins are optional: base64 SHA-256 of a public key (SubjectPublicKeyInfo),
	// "sha256/" before it allowed. One certificate of the node's chain must match.
	// At least two, so that a renewal does not shut the node out.
	SPKIPins []string

	// ServerName is the host under which the station is registered, to be found in
	// our certificate; empty: not looked for.
	ServerName string
}

// Validate refuses what can be told to be wrong without reading the files.
func (t TLS) Validate() error {
	for _, f := range []struct{ key, value string }{{"cert_file", t.CertFile}, {"key_file", t.KeyFile}} {
		if f.value == "" {
			return fmt.Errorf("soap.tls.%s: must name a PEM file", f.key)
		}
	}
	if len(t.ClientCAFiles) == 0 {
		return fmt.Errorf("soap.tls.client_ca_files: must name at least one PEM file with the root and the issuing intermediate of the node's certificate")
	}
	for _, f := range t.ClientCAFiles {
		if f == "" {
			return fmt.Errorf("soap.tls.client_ca_files: an entry is empty")
		}
	}
	if err := validNames("soap.tls.client_names", t.ClientNames); err != nil {
		return err
	}
	switch t.ClientEKU {
	case "", EKUAuto, EKUStrict:
	default:
		return fmt.Errorf("soap.tls.client_eku: %q must be %s or %s", t.ClientEKU, EKUAuto, EKUStrict)
	}
	if _, err := parsePins(t.SPKIPins); err != nil {
		return err
	}
	return nil
}

// validNames wants at least one host name: an empty list would let in every
// customer of the same authority.
func validNames(key string, names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("%s: must hold at least one DNS name, e.g. forwarder.platform.pagopa.it", key)
	}
	for _, name := range names {
		if strings.Contains(name, "*") {
			return fmt.Errorf("%s: %q must be a whole name; wildcards are not accepted", key, name)
		}
		if !isHostName(name) {
			return fmt.Errorf("%s: %q is not a DNS name", key, name)
		}
	}
	return nil
}

// isHostName knows the preferred syntax of RFC 1123 with at least two labels.
func isHostName(name string) bool {
	if len(name) > 253 || !strings.Contains(name, ".") {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		}) {
			return false
		}
	}
	return true
}

// pin is the SHA-256 of a SubjectPublicKeyInfo.
type pin [sha256.Size]byte

func parsePins(texts []string) (map[pin]bool, error) {
	pins := map[pin]bool{}
	for _, text := range texts {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "sha256/"))
		if err != nil || len(raw) != sha256.Size {
			return nil, fmt.Errorf("soap.tls.spki_pins: %q is not the base64 of a SHA-256", text)
		}
		pins[pin(raw)] = true
	}
	if len(pins) == 1 {
		return nil, fmt.Errorf("soap.tls.spki_pins: must hold at least two different pins or none, so that a renewed key does not shut the node out")
	}
	return pins, nil
}

// nameSet holds DNS names for comparison, which ignores case (RFC 4343).
type nameSet map[string]bool

func newNameSet(names []string) nameSet {
	set := nameSet{}
	for _, name := range names {
		set[strings.ToLower(name)] = true
	}
	return set
}

func (s nameSet) has(name string) bool { return s[strings.ToLower(name)] }
