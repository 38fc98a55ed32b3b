// Package outbound calls other people's addresses: an EC's application, a webhook,
// pagoPA's Checkout. Whoever may say where a call goes must not make the station a way
// into its own network (reliability-security.md §3.3 "Outbound"), so a call goes to
// https alone, to no private address unless the host is allowed by name, follows no
// redirect, and neither waits nor reads for ever. The address is judged when it is told
// and again when it is dialled: a name may lead elsewhere by then.
package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// Rules say what may be reached.
type Rules struct {
	AllowPrivate []string // host names or addresses that may be private, and may be plain http
	CAFile       string   // PEM of the authorities to trust; "" takes the system's
}

// What a call may cost at most.
const (
	answerBytes = 64 << 10
	headerBytes = 16 << 10
	hostConns   = 32
	resolveTime = 2 * time.Second
)

// allows says whether a host may be private.
func (r Rules) allows(host string) bool {
	return slices.ContainsFunc(r.AllowPrivate, func(allowed string) bool { return strings.EqualFold(allowed, host) })
}

// Parse judges the form of an address.
func (r Rules) Parse(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return nil, errors.New("must be an https address")
	case u.User != nil || u.Fragment != "":
		return nil, errors.New("user, password and fragment are not accepted")
	}
	allowed := r.allows(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || !allowed) {
		return nil, errors.New("must begin with https://, or with http:// if its host is in allow_private")
	}
	if allowed {
		return u, nil
	}
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if address, err := netip.ParseAddr(name); err == nil && !isPublic(address) || name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return nil, errAddress
	}
	return u, nil
}

// Check is Parse, and asks where the name leads now.
func (r Rules) Check(ctx context.Context, text string) error {
	u, err := r.Parse(text)
	if err != nil || r.allows(u.Hostname()) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return errors.New("its host cannot be resolved")
	}
	if slices.ContainsFunc(addresses, func(a netip.Addr) bool { return !isPublic(a) }) {
		return errAddress
	}
	return nil
}

// Client calls. It is safe for concurrent use.
type Client struct {
	http *http.Client
}

// NewClient makes a client that keeps the rules.
func NewClient(rules Rules) (*Client, error) {
	secured := &tls.Config{MinVersion: tls.VersionTLS12}
	if rules.CAFile != "" {
		text, err := os.ReadFile(rules.CAFile)
		secured.RootCAs = x509.NewCertPool()
		if err != nil || !secured.RootCAs.AppendCertsFromPEM(text) {
			return nil, errors.New("ca_file: cannot be read or holds no certificate")
		}
	}
	open := &net.Dialer{}
	guarded := &net.Dialer{Control: refusePrivate}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		// The transport hands over the name as the url has it, not yet resolved.
		if host, _, err := net.SplitHostPort(address); err == nil && rules.allows(host) {
			return open.DialContext(ctx, network, address)
		}
		return guarded.DialContext(ctx, network, address)
	}
	return &Client{http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			// No Proxy: one from the environment would dial in the dialer's place.
			DialContext: dial, TLSClientConfig: secured, DisableCompression: true,
			MaxResponseHeaderBytes: headerBytes, MaxConnsPerHost: hostConns, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
		},
	}}, nil
}

// Answer is what came back, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // at most 64 KiB; a longer one is an error
}

// Post sends a document and reads the answer. The context bounds how long it takes. An
// error names the kind of failure and repeats nothing of what went over the wire.
func (c *Client) Post(ctx context.Context, to string, header http.Header, body []byte) (*Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address is wrong")
	}
	req.Header = header.Clone()
	req.Header.Set("User-Agent", "nodobridge")
	res, err := c.http.Do(req)
	if err != nil {
		return nil, reason(ctx, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, answerBytes+1))
	if err != nil {
		return nil, reason(ctx, err)
	}
	if len(text) > answerBytes {
		return nil, fmt.Errorf("its answer is longer than %d bytes", answerBytes)
	}
	return &Answer{Status: res.StatusCode, Header: res.Header, Body: text}, nil
}

// reason names the kind of failure: the library's text may repeat what came over
// the wire.
func reason(ctx context.Context, err error) error {
	var certificate *tls.CertificateVerificationError
	switch {
	case ctx.Err() != nil:
		return errors.New("no answer in time")
	case errors.Is(err, errAddress):
		return errAddress
	case errors.As(err, &certificate):
		return errors.New("its certificate is not trusted")
	default:
		return errors.New("no connection, or it broke off")
	}
}
