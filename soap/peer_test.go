package soap_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// vouched is what a proxy says of the node's certificate.
const vouched = "X-Client-Verified: SUCCESS CN=" + forwarder + ",O=PagoPA S.p.A.,L=Roma,C=IT"

func declared(cidrs ...string) soap.Proxy {
	return soap.Proxy{Header: "X-Client-Verified", TrustedCIDRs: cidrs, ClientNames: []string{forwarder}}
}

// reverse starts a plain station behind a declared proxy and gives its listener's
// transport: over TCP, or over a Unix socket.
func reverse(t *testing.T, c soap.PeersConfig) (s *station, client *http.Client) {
	t.Helper()
	s = &station{db: openStore(t), clock: testkit.NewClock(), log: new(lockedBuffer)}
	peers, err := soap.NewPeers(c)
	if err != nil {
		t.Fatal(err)
	}
	s.service = bridge.NewService(s.db, s.clock, testkit.Registry())
	server := soap.NewServer(soap.Config{
		Service: s.service, Path: "/paForNode", Peers: peers, Log: slog.New(slog.NewJSONHandler(s.log, nil)), HashKey: []byte("test"),
	})
	listening := httptest.NewUnstartedServer(nil)
	listening.Config = server.HTTP()
	transport := &http.Transport{}
	if path, ok := strings.CutPrefix(c.Listen, "unix:"); ok {
		socket, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		if err := listening.Listener.Close(); err != nil {
			t.Fatal(err)
		}
		listening.Listener = socket
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}
		s.url = "http://station.invalid/paForNode"
	}
	listening.Start()
	t.Cleanup(listening.Close)
	if s.url == "" {
		s.url = listening.URL + "/paForNode"
	}
	return s, &http.Client{Transport: transport}
}

// reliability-security.md §9 rows 3 and 4 over real HTTP: the header counts from
// the proxy alone, and a refusal says nothing.
func TestPeers_HeaderOfTheProxy(t *testing.T) {
	t.Parallel()
	socket := "unix:" + filepath.Join(t.TempDir(), "s")
	const node = "20.86.139.154"
	for _, c := range []struct {
		name    string
		config  soap.PeersConfig
		headers []string
		ok      bool
	}{
		{"from the proxy", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("127.0.0.0/8")}, []string{vouched}, true},
		{"without the header", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("127.0.0.0/8")}, nil, false},
		{"row 4: from elsewhere", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("192.0.2.1")}, []string{vouched}, false},
		{"row 4: from elsewhere, with the proxy's address claimed", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("192.0.2.1")}, []string{vouched, "X-Forwarded-For: 192.0.2.1", "X-Real-Ip: 192.0.2.1"}, false},
		{"Unix socket", soap.PeersConfig{Listen: socket, Proxy: declared()}, []string{vouched}, true},
		{"Unix socket, without the header", soap.PeersConfig{Listen: socket, Proxy: declared()}, nil, false},
		{"row 3: listed source", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("127.0.0.1"), AllowedIPs: []string{node}}, []string{vouched, "X-Forwarded-For: " + node}, true},
		{"row 3: other source", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("127.0.0.1"), AllowedIPs: []string{node}}, []string{vouched, "X-Forwarded-For: 198.51.100.7"}, false},
		{"row 3: node's address put before by the client", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("127.0.0.1"), AllowedIPs: []string{node}}, []string{vouched, "X-Forwarded-For: " + node, "X-Forwarded-For: 198.51.100.7"}, false},
		{"row 3: no proxy, source claimed", soap.PeersConfig{Listen: "127.0.0.1:80", AllowedIPs: []string{node}}, []string{"X-Forwarded-For: " + node}, false},
		{"Unix socket, listed source", soap.PeersConfig{Listen: socket, Proxy: declared(), AllowedIPs: []string{node}}, []string{vouched, "X-Forwarded-For: " + node}, true},
		{"row 3: Unix socket without a proxy, source claimed", soap.PeersConfig{Listen: socket, AllowedIPs: []string{node}}, []string{"X-Forwarded-For: " + node}, false},
		{"Unix socket, no source", soap.PeersConfig{Listen: socket, Proxy: declared(), AllowedIPs: []string{node}}, []string{vouched}, false},
		{"row 56: from the proxy, with a browser's headers", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("127.0.0.0/8")}, []string{vouched, "Origin: https://elsewhere.example", "Sec-Fetch-Site: cross-site"}, true},
		{"row 56: loopback, a page of another site", soap.PeersConfig{Listen: "127.0.0.1:80"}, []string{"Sec-Fetch-Site: cross-site"}, false},
		{"row 56: loopback, an older browser", soap.PeersConfig{Listen: "127.0.0.1:80"}, []string{"Origin: https://elsewhere.example"}, false},
		{"loopback without a proxy: the header means nothing", soap.PeersConfig{Listen: "127.0.0.1:80"}, []string{"X-Client-Verified: FAILED CN=stranger"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, client := reverse(t, c.config)
			a, err := askAt(t.Context(), client, s.url, c.headers...)
			if c.ok {
				answered(t, a, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if a.status != http.StatusForbidden || len(a.body) != 0 {
				t.Errorf("HTTP %d %q", a.status, a.body)
			}
			if log := s.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "cannot accept the caller") {
				t.Errorf("want one line that says why:\n%s", log)
			}
		})
	}
}

// How the proxy may write the name, and what is not taken for it.
func TestPeers_VerifiedName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		values []string
		ok     bool
	}{
		{"bare name", []string{"SUCCESS " + forwarder}, true},
		{"capitals", []string{"SUCCESS FORWARDER.platform.pagopa.it"}, true},
		{"subject, name last", []string{"SUCCESS C=IT, O=PagoPA S.p.A., CN = " + forwarder}, true},
		{"escaped comma elsewhere", []string{`SUCCESS CN=` + forwarder + `,O=Rossi\, Bianchi\+C.`}, true},
		{"nothing verified", []string{"NONE "}, false},
		{"verification failed", []string{"FAILED:self-signed CN=" + forwarder}, false},
		{"name alone", []string{forwarder}, false},
		{"word in lower case", []string{"success " + forwarder}, false},
		{"empty", []string{""}, false},
		{"word alone", []string{"SUCCESS"}, false},
		{"no name", []string{"SUCCESS "}, false},
		{"other name", []string{"SUCCESS CN=customer.example.com"}, false},
		{"header twice", []string{"SUCCESS CN=" + forwarder, "SUCCESS CN=" + forwarder}, false},
		{"two values in one header", []string{"SUCCESS CN=customer.example.com, SUCCESS CN=" + forwarder}, false},
		{"two names", []string{"SUCCESS CN=customer.example.com,CN=" + forwarder}, false},
		{"an empty and a right name", []string{"SUCCESS CN=,CN=" + forwarder}, false},
		{"name inside another value", []string{`SUCCESS O=x\,CN=` + forwarder}, false},
		{"name inside quotes", []string{`SUCCESS O="x,CN=` + forwarder + `,OU=y"`}, false},
		{"several values in one part", []string{"SUCCESS CN=" + forwarder + "+OU=x,C=IT"}, true},
		{"name in another attribute", []string{"SUCCESS OU=" + forwarder + ",CN=customer.example.com"}, false},
		{"old form with slashes", []string{"SUCCESS /C=IT/O=x/CN=" + forwarder}, false},
		{"slashes before a comma", []string{"SUCCESS /O=x,CN=" + forwarder + "/emailAddress=y"}, false},
		{"hexadecimal value", []string{"SUCCESS CN=#0c0161"}, false},
		{"escaped name", []string{`SUCCESS CN=forwarder\.platform.pagopa.it`}, false},
		{"no attribute", []string{"SUCCESS CN=" + forwarder + ",x"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			peers, err := soap.NewPeers(soap.PeersConfig{Listen: "10.0.0.2:80", Proxy: declared("10.0.0.0/24")})
			if err != nil {
				t.Fatal(err)
			}
			req := httptest.NewRequest(http.MethodPost, "/paForNode", nil)
			req.RemoteAddr, req.Header["X-Client-Verified"] = "[::ffff:10.0.0.9]:4711", c.values
			if err := peers.Admit(req); (err == nil) != c.ok {
				t.Errorf("admitted: %v", err)
			}
		})
	}
}

// The source is the right-most hop that is no trusted proxy.
func TestPeers_SourceThroughProxies(t *testing.T) {
	t.Parallel()
	const node = "20.86.139.154"
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		ok         bool
	}{
		{"one proxy", "10.0.0.9:1", []string{node}, true},
		{"with a port", "10.0.0.9:1", []string{node + ":5123"}, true},
		{"two proxies, one header", "10.0.0.9:1", []string{node + ", 10.0.0.8"}, true},
		{"two proxies, two headers", "10.0.0.9:1", []string{node, "10.0.0.8"}, true},
		{"invented hops before the node", "10.0.0.9:1", []string{"1.2.3.4, nonsense, " + node}, true},
		{"IPv4 in IPv6", "10.0.0.9:1", []string{"::ffff:" + node}, true},
		{"IPv6", "10.0.0.9:1", []string{"[2001:db8::7]:443"}, true},
		{"IPv6 without a port", "10.0.0.9:1", []string{"2001:db8::7"}, true},
		{"the node's address before a stranger's", "10.0.0.9:1", []string{node + ", 198.51.100.7"}, false},
		{"the same through two proxies", "10.0.0.9:1", []string{node + ", 198.51.100.7, 10.0.0.8"}, false},
		{"only proxies", "10.0.0.9:1", []string{"10.0.0.8"}, false},
		{"no header", "10.0.0.9:1", nil, false},
		{"empty header", "10.0.0.9:1", []string{""}, false},
		{"no address", "10.0.0.9:1", []string{node + ", unknown"}, false},
		{"empty hop", "10.0.0.9:1", []string{node + ","}, false},
		{"peer unreadable", "@", []string{node}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			peers, err := soap.NewPeers(soap.PeersConfig{
				Listen: "10.0.0.2:80", Proxy: declared("10.0.0.0/24"), AllowedIPs: []string{node, "2001:db8::/64"},
			})
			if err != nil {
				t.Fatal(err)
			}
			req := httptest.NewRequest(http.MethodPost, "/paForNode", nil)
			req.RemoteAddr, req.Header["X-Forwarded-For"] = c.peer, c.forwarded
			req.Header.Set("X-Client-Verified", "SUCCESS "+forwarder)
			if err := peers.Admit(req); (err == nil) != c.ok {
				t.Errorf("admitted: %v", err)
			}
		})
	}
}

// A peer rule of a TLS listener that is put on a plain one refuses everybody.
func TestPeers_CertificatesOnAPlainListener(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	peers, err := soap.NewPeers(soap.PeersConfig{Listen: "127.0.0.1:80", Certificates: p.load(t, p.tls(), testkit.NewClock(), new(lockedBuffer))})
	if err != nil {
		t.Fatal(err)
	}
	if err := peers.Admit(httptest.NewRequest(http.MethodPost, "/paForNode", nil)); err == nil {
		t.Error("a request without TLS was admitted")
	}
}

func TestPlainAllowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address string
		proxy   bool
		ok      bool
	}{
		{"127.0.0.1:8080", false, true}, {"127.8.8.8:0", false, true}, {"[::1]:8080", false, true}, {"localhost:8080", false, true},
		{"[::ffff:127.0.0.1]:80", false, true}, {"unix:/run/nodobridge.sock", false, true},
		{"0.0.0.0:8080", false, false}, {":8080", false, false}, {"[::]:8080", false, false}, {"10.0.0.1:80", false, false},
		{"station.example.org:80", false, false}, {"127.0.0.1.example.org:80", false, false}, {"8080", false, false}, {"", false, false},
		{"0.0.0.0:8080", true, true}, {"10.0.0.1:80", true, true}, {"127.0.0.1:80", true, true},
	} {
		err := soap.PlainAllowed(c.address, c.proxy)
		if (err == nil) != c.ok {
			t.Errorf("%q, proxy %v: %v", c.address, c.proxy, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "soap.listen: ") {
			t.Errorf("the error does not name its key: %v", err)
		}
	}
	if err := soap.PlainAllowed("0.0.0.0:80", false); !strings.Contains(err.Error(), "soap.tls.cert_file") || !strings.Contains(err.Error(), "soap.proxy") {
		t.Errorf("the error does not name the cure: %v", err)
	}
}

func TestNewPeers_NamesTheKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config soap.PeersConfig
		key    string
	}{
		{"loopback", soap.PeersConfig{Listen: "127.0.0.1:80"}, ""},
		{"public, plain", soap.PeersConfig{Listen: "0.0.0.0:80"}, "soap.listen"},
		{"public, proxy", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("10.0.0.1")}, ""},
		{"header mode on a public address without networks", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared()}, "soap.proxy.trusted_cidrs"},
		{"header mode on loopback without networks", soap.PeersConfig{Listen: "127.0.0.1:80", Proxy: declared()}, "soap.proxy.trusted_cidrs"},
		{"everybody is a proxy", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("0.0.0.0/0")}, "soap.proxy.trusted_cidrs"},
		{"everybody is a proxy, IPv6", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("10.0.0.1", "::/0")}, "soap.proxy.trusted_cidrs"},
		{"no network", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("proxy.example.org")}, "soap.proxy.trusted_cidrs"},
		{"zone", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("fe80::1%eth0")}, "soap.proxy.trusted_cidrs"},
		{"IPv4 in IPv6", soap.PeersConfig{Listen: "0.0.0.0:80", Proxy: declared("::ffff:10.0.0.1")}, "soap.proxy.trusted_cidrs"},
		{"networks without a header", soap.PeersConfig{Listen: "127.0.0.1:80", Proxy: soap.Proxy{TrustedCIDRs: []string{"10.0.0.1"}}}, "soap.proxy.header"},
		{"header of the call", soap.PeersConfig{Listen: "127.0.0.1:80", Proxy: soap.Proxy{Header: "soapaction", TrustedCIDRs: []string{"10.0.0.1"}, ClientNames: []string{forwarder}}}, "soap.proxy.header"},
		{"no header name", soap.PeersConfig{Listen: "127.0.0.1:80", Proxy: soap.Proxy{Header: "X Client", TrustedCIDRs: []string{"10.0.0.1"}, ClientNames: []string{forwarder}}}, "soap.proxy.header"},
		{"no names", soap.PeersConfig{Listen: "127.0.0.1:80", Proxy: soap.Proxy{Header: "X-Client", TrustedCIDRs: []string{"10.0.0.1"}}}, "soap.proxy.client_names"},
		{"two words", soap.PeersConfig{Listen: "127.0.0.1:80", Proxy: soap.Proxy{Header: "X-Client", TrustedCIDRs: []string{"10.0.0.1"}, ClientNames: []string{forwarder}, WantVerified: "it is"}}, "soap.proxy.want_verified"},
		{"allow list of everybody", soap.PeersConfig{Listen: "127.0.0.1:80", AllowedIPs: []string{"0.0.0.0/0"}}, "soap.allowed_ips"},
		{"allow list of names", soap.PeersConfig{Listen: "127.0.0.1:80", AllowedIPs: []string{"20.86.139"}}, "soap.allowed_ips"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := soap.NewPeers(c.config)
			wantKey(t, err, c.key)
		})
	}
}
