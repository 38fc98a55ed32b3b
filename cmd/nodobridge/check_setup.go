package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"nodobridge/bridge"
	"nodobridge/soap"
)

// checkRegistry gives the registry's advice with its paths in the file. What the
// registry refuses has been refused with the configuration.
func checkRegistry(c *config) []finding {
	registry, err := c.registry()
	if err != nil {
		return []finding{{severityError, "brokers", err.Error(), "the station does not start with it", "correct the entry"}}
	}
	var found []finding
	for _, a := range registry.Advice() {
		key := a.Key
		if a.Broker != "" {
			key = c.path(a.Place)
		}
		found = append(found, finding{severityWarning, key, a.What, a.Why, a.Cure})
	}
	return found
}

// checkListeners looks at who can reach what.
func checkListeners(c *config) []finding {
	var found []finding
	if c.API.Listen != "" && !onLoopback(c.API.Listen) && !c.API.TLS.on() {
		found = append(found, finding{severityWarning, "api.listen", c.API.Listen + " can be reached from outside and speaks plain HTTP", "API keys and debtors' data can be read on the way", "set api.tls, or listen on 127.0.0.1 behind a proxy that ends TLS"})
	}
	if c.Admin.Listen != "" && !onLoopback(c.Admin.Listen) {
		found = append(found, finding{severityWarning, "admin.listen", c.Admin.Listen + " can be reached from outside", "health and metrics are for this machine and have no password", "listen on 127.0.0.1"})
	}
	peers := soap.PeersConfig{Listen: c.SOAP.Listen, Proxy: c.SOAP.proxy(), AllowedIPs: c.SOAP.AllowedIPs}
	if c.SOAP.TLS.on() {
		peers.Certificates = new(soap.Certificates) // what they hold is looked at elsewhere
	}
	if _, err := soap.NewPeers(peers); err != nil {
		key, what, _ := strings.Cut(err.Error(), ": ")
		found = append(found, finding{severityError, key, what, "who may speak for the node would be unknown; the station does not start with it", "correct the key, or see soap.tls and soap.proxy in the config.yaml that comes with the program"})
	} else if !c.SOAP.TLS.on() && !peers.Proxy.Declared() {
		found = append(found, finding{severityWarning, "soap.tls", "the node's listener speaks plain HTTP and no proxy is declared", "the node speaks TLS only, and its certificate is all that tells it from others", "set soap.tls, or soap.proxy for a proxy that ends TLS"})
	}
	if c.SOAP.PublicURL == "" {
		found = append(found, finding{severityWarning, "soap.public_url", "the public address is not set", "?wsdl shows the listener's own address, and nobody looks whether the certificate carries the registered name", "set the address under which the station is registered at pagoPA"})
	}
	return found
}

// onLoopback says whether only this machine can reach a listener.
func onLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// whyCertificate says what comes of a finding about the certificates, and the cure,
// by its key.
var whyCertificate = map[string][2]string{
	"soap.tls.cert_file":       {"the node refuses a chain that it cannot follow and reports the station as unreachable", "put our certificate first, then its intermediates in order, as its authority gives them"},
	"soap.tls.key_file":        {"who reads the key can pass for the station", "chmod 600 the file and give it to the service's user"},
	"soap.tls.client_ca_files": {"the node sends its certificate alone: without its issuers nobody can judge it, and the node is refused", "put the root and the issuing intermediate of the node's certificate into the file"},
}

// fixedClock tells one time, so that all findings are of one instant.
type fixedClock struct{ now time.Time }

func (c fixedClock) Now() time.Time { return c.now }

var _ bridge.Clock = fixedClock{}

// checkCertificates reads the files as the listener does.
func checkCertificates(c *soapConfig, now time.Time) []finding {
	if !c.TLS.on() {
		return nil
	}
	certificates, err := soap.LoadCertificates(soap.CertificatesConfig{TLS: c.tls(), Clock: fixedClock{now}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return []finding{{severityError, "soap.tls", err.Error(), "the station does not start with it, and a running one keeps the certificates it has", "correct the file that is named"}}
	}
	var found []finding
	for _, f := range certificates.Findings() {
		severity := severityWarning
		if f.Key == "soap.tls.key_file" {
			severity = severityError
		}
		found = append(found, finding{severity, f.Key, f.Text, whyCertificate[f.Key][0], whyCertificate[f.Key][1]})
	}
	for _, e := range certificates.Expiries(now) {
		found = append(found, checkExpiry("soap.tls.cert_file", e)...)
	}
	return found
}

// checkExpiry warns in time: renewing takes weeks (reliability-security.md §3.2).
func checkExpiry(key string, e soap.Expiry) []finding {
	f := finding{
		severityWarning, key, fmt.Sprintf("the certificate of %s ends on %s, in %s", e.Name, e.NotAfter.UTC().Format(time.DateOnly), plural(e.Days, "day")),
		"from then on the node does not connect: notices cannot be paid and receipts wait", "renew it, replace the file and send SIGHUP",
	}
	switch _, soon := e.Warning(); {
	case e.Days < 0:
		f.Severity, f.What = severityError, fmt.Sprintf("the certificate of %s ended on %s", e.Name, e.NotAfter.UTC().Format(time.DateOnly))
		return []finding{f}
	case soon:
		return []finding{f}
	}
	return nil
}
