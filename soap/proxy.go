package soap

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// defaultVerified is what nginx ($ssl_client_verify) and Apache
// (SSL_CLIENT_VERIFY) say of a certificate that they have verified.
const defaultVerified = "SUCCESS"

// Proxy is the reverse proxy that ends TLS before the station and verifies the
// node's certificate in its place: the section soap.proxy of the configuration.
// The zero value declares none, and then its header means nothing.
type Proxy struct {
	// TrustedCIDRs are the networks or addresses of the proxies. The peer of a Unix
	// socket is trusted without: only this machine reaches it.
	TrustedCIDRs []string
	// Header is the one header that carries "<WantVerified> <name>", where name is
	// the common name or the whole subject (RFC 4514) of the certificate. nginx:
	//   proxy_set_header X-Client-Verified "$ssl_client_verify $ssl_client_s_dn";
	// The proxy must set it on every request, so that none comes from a client.
	Header string
	// WantVerified is the word that says the proxy has verified the certificate;
	// empty: SUCCESS. Without it a proxy with an optional verification would vouch
	// for a self-made certificate.
	WantVerified string
	// ClientNames are the names that the proxy may vouch for, as TLS.ClientNames.
	ClientNames []string
}

// Declared says that a proxy ends TLS on the station's behalf.
func (p Proxy) Declared() bool { return p.Header != "" }

// Validate refuses a proxy that would let strangers in or nobody. listen is the
// address of the SOAP listener.
func (p Proxy) Validate(listen string) error {
	if !p.Declared() {
		if len(p.TrustedCIDRs) > 0 || len(p.ClientNames) > 0 || p.WantVerified != "" {
			return errors.New("soap.proxy.header: must name the header in which the proxy says whose certificate it has verified")
		}
		return nil
	}
	if !isToken(p.Header) || slices.Contains(headersOfTheCall, http.CanonicalHeaderKey(p.Header)) {
		return fmt.Errorf("soap.proxy.header: %q must be a header of its own, e.g. X-Client-Verified", p.Header)
	}
	if strings.ContainsAny(p.WantVerified, " \t,\r\n") {
		return fmt.Errorf("soap.proxy.want_verified: %q must be one word, e.g. SUCCESS", p.WantVerified)
	}
	if len(p.TrustedCIDRs) == 0 && !isUnix(listen) {
		return fmt.Errorf("soap.proxy.trusted_cidrs: must name the proxy's addresses (e.g. 127.0.0.1/32), as soap.listen %q is no Unix socket: anybody who reaches it could write %s", listen, p.Header)
	}
	if err := validNames("soap.proxy.client_names", p.ClientNames); err != nil {
		return err
	}
	_, err := parsePrefixes("soap.proxy.trusted_cidrs", p.TrustedCIDRs)
	return err
}

// headersOfTheCall have another meaning.
var headersOfTheCall = []string{
	"Connection", "Content-Encoding", "Content-Length", "Content-Type", "Forwarded", "Host", "Soapaction",
	"Transfer-Encoding", "User-Agent", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Request-Id",
}

// isToken is RFC 9110 §5.6.2.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

// parsePrefixes reads networks and single addresses. The whole internet is no
// restriction, and nobody who writes it means it.
func parsePrefixes(key string, texts []string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if address, aerr := netip.ParseAddr(text); aerr == nil && address.Zone() == "" {
			p, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no network (10.0.0.0/24) and no address", key, text)
		}
		if p.Addr().Is4In6() {
			return nil, fmt.Errorf("%s: %q must be written as an IPv4 network", key, text)
		}
		if p.Bits() == 0 {
			return nil, fmt.Errorf("%s: %q is everybody", key, text)
		}
		prefixes = append(prefixes, p.Masked())
	}
	return prefixes, nil
}

func anyContains(prefixes []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}

// verifiedName takes the certificate's name out of the proxy's header. Two headers
// mean that the proxy adds to the client's instead of replacing it.
func verifiedName(h http.Header, name, want string) (string, error) {
	values := h.Values(name)
	if len(values) != 1 {
		return "", fmt.Errorf("the request has %d headers %s, the proxy must set exactly one", len(values), name)
	}
	word, subject, ok := strings.Cut(values[0], " ")
	if !ok || word != want {
		return "", fmt.Errorf("the proxy's header %s does not begin with %q", name, want)
	}
	common, err := commonName(strings.TrimSpace(subject))
	if err != nil {
		return "", fmt.Errorf("cannot read the proxy's header %s: %w", name, err)
	}
	return common, nil
}

// commonName is the only CN of a subject, or the subject itself when it is a bare
// name. The old form /C=IT/CN=… is refused: a slash inside a value would be read
// as a further attribute.
func commonName(subject string) (string, error) {
	if !strings.ContainsAny(subject, `=\"/`) {
		return subject, nil
	}
	parts, err := attributesOf(subject)
	if err != nil {
		return "", err
	}
	var names []string
	for _, part := range parts {
		attribute, value, ok := strings.Cut(part, "=")
		if !ok {
			return "", errors.New("the subject is not written as RFC 4514 says")
		}
		if strings.EqualFold(strings.TrimSpace(attribute), "CN") {
			names = append(names, strings.TrimSpace(value))
		}
	}
	if len(names) != 1 || !isHostName(names[0]) { // a host name needs no escape, so none is undone
		return "", errors.New("the subject has not exactly one common name that is a host name")
	}
	return names[0], nil
}

// attributesOf splits a subject at its commas and plus signs; what a backslash
// precedes separates nothing. Quotes, which RFC 4514 has given up, are refused: what
// stands inside them could be taken for an attribute.
func attributesOf(subject string) ([]string, error) {
	var parts []string
	start, escaped := 0, false
	for i := range len(subject) {
		switch b := subject[i]; {
		case escaped:
			escaped = false
		case b == '\\':
			escaped = true
		case b == '"':
			return nil, errors.New("the subject is quoted")
		case b == ',' || b == '+':
			parts = append(parts, subject[start:i])
			start = i + 1
		}
	}
	return append(parts, subject[start:]), nil
}
