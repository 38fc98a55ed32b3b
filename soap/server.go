package soap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"nodobridge/bridge"
	"nodobridge/door"
	"nodobridge/wsdl/xmlpull"
)

// Limits bounds everything a peer can make the server hold or wait for. Zero
// fields take the default.
type Limits struct {
	BodyBytes         int64         // of one request; 1 MiB: receipts with a stamp stay well below (soap-node.md §1.2)
	HeaderBytes       int           // 16 KiB
	ReadHeaderTimeout time.Duration // 5 s
	ReadTimeout       time.Duration // 10 s
	Farewell          time.Duration // 12 s for the caller to take its answer, from when it is ready (reliability-security.md §9 row 34)
	Bodies            int64         // bytes of all bodies under way, small ones apart; 64 MiB
	WriteTimeout      time.Duration // 25 s, from the end of the header: more than ReadTimeout and ReceiptDeadline together, so that the answer is still written
	IdleTimeout       time.Duration // 120 s: longer than the forwarder keeps its pool (soap-node.md §5 pitfall 38)
	ReadDeadline      time.Duration // 6 s for verify, getPayment and demand; the node gives up at 7 (soap-node.md §2.7)
	ReceiptDeadline   time.Duration // 12 s for receipts; the node gives up at 15
	Calls             int           // calls in the bridge at once; 256
	XML               xmlpull.Limits
}

func (l Limits) orDefaults() Limits {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	if l.BodyBytes == 0 {
		l.BodyBytes = 1 << 20
	}
	if l.HeaderBytes == 0 {
		l.HeaderBytes = 16 << 10
	}
	if l.Calls == 0 {
		l.Calls = 256
	}
	if l.Bodies == 0 {
		l.Bodies = 64 << 20
	}
	def(&l.Farewell, 12*time.Second)
	def(&l.ReadHeaderTimeout, 5*time.Second)
	def(&l.ReadTimeout, 10*time.Second)
	def(&l.WriteTimeout, 25*time.Second)
	def(&l.IdleTimeout, 120*time.Second)
	def(&l.ReadDeadline, 6*time.Second)
	def(&l.ReceiptDeadline, 12*time.Second)
	if l.XML == (xmlpull.Limits{}) {
		l.XML = xmlpull.DefaultLimits()
	}
	return l
}

// Config is what a server needs.
type Config struct {
	Service   *bridge.Service
	Path      string // e.g. "/paForNode"
	PublicURL string // the address that ?wsdl shows
	Limits    Limits
	Peers     *Peers // who may call; nil: anybody who reaches the listener
	Log       *slog.Logger
	HashKey   []byte       // per installation; hides notice numbers in the log
	Observe   func(Record) // told of every call, for metrics; may be nil

	// OptionsPath is the path of the station's rest_endpoint, e.g. "/odp" or "/", under
	// which payment options are asked for (soap-node.md §3); "" leaves them off.
	OptionsPath string
}

// Server answers the node. It is an http.Handler.
type Server struct {
	service   *bridge.Service
	path      string
	options   string // Config.OptionsPath
	publicURL string
	limits    Limits
	peers     *Peers
	log       *slog.Logger
	spare     spare
	observe   func(Record)
	slots     chan struct{} // one for every call in the bridge
	bodies    *door.Budget
}

// NewServer prepares a server.
func NewServer(c Config) *Server {
	s := &Server{
		service: c.Service, path: c.Path, publicURL: c.PublicURL, limits: c.Limits.orDefaults(),
		peers: c.Peers, log: c.Log, spare: newSpare(c.HashKey), observe: c.Observe,
		options: c.OptionsPath,
	}
	if s.observe == nil {
		s.observe = func(Record) {}
	}
	s.slots = make(chan struct{}, s.limits.Calls)
	s.bodies = door.NewBudget(s.limits.Bodies)
	return s
}

// headerSlop is what net/http reads beyond MaxHeaderBytes.
const headerSlop = 4096

// HTTP is the net/http server with every limit set; HTTP/2 stays off, as one
// protocol less to go wrong (reliability-security.md §3.2).
func (s *Server) HTTP() *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Server{
		Handler:           s,
		MaxHeaderBytes:    max(s.limits.HeaderBytes-headerSlop, 1),
		ReadHeaderTimeout: s.limits.ReadHeaderTimeout,
		ReadTimeout:       s.limits.ReadTimeout,
		WriteTimeout:      s.limits.WriteTimeout,
		IdleTimeout:       s.limits.IdleTimeout,
		Protocols:         protocols,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return context.Background() },
	}
}

// ServeHTTP answers one request and records it once.
func (s *Server) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	x := &exchange{server: s, request: req, record: Record{Start: time.Now(), RequestID: requestID(req)}}
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic in a call", "request_id", x.record.RequestID, "stack", string(debug.Stack()))
			x.crashed()
		}
		x.write(w)
		s.spare.giveBody(x.buffer)
		s.finish(&x.record)
	}()
	if s.peers != nil {
		if err := s.peers.Admit(req); err != nil {
			x.stranger(err)
			return
		}
	}
	// A plain listener on loopback can be reached by a browser of the same machine. One
	// that asks for a certificate cannot, and there no header is in the node's way.
	if !s.peers.authenticated() {
		if err := door.CrossSite(req); err != nil {
			x.stranger(fmt.Errorf("cannot accept the caller: %w", err))
			return
		}
	}
	if ec, nav, ok := s.optionsTarget(req.URL.Path); ok {
		x.paymentOptions(ec, nav)
		return
	}
	if !s.ours(req.URL.Path) {
		x.plain(http.StatusNotFound, "not found")
		return
	}
	switch req.Method {
	case http.MethodPost:
		x.post(w)
	case http.MethodGet, http.MethodHead:
		x.contract()
	default:
		x.notAllowed()
	}
}

// ours accepts the path and the path with a literal "%3Fwsdl" at its end, which
// stations have been registered with (soap-node.md §5 pitfall 18).
func (s *Server) ours(path string) bool {
	return path == s.path || strings.EqualFold(path, s.path+"?wsdl")
}

// requestID takes over the forwarder's identifier when it is sane.
func requestID(req *http.Request) string {
	id := req.Header.Get("X-Request-Id")
	if len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return id
}

// refusedTypes says why the request's media type cannot be a SOAP 1.1 message,
// or "". text/xml, application/xml, text/plain and none are read alike
// (architecture.md §7).
func refusedType(req *http.Request) string {
	if req.Header.Get("Content-Encoding") != "" {
		return "content encodings are not accepted"
	}
	media, _, _ := strings.Cut(req.Header.Get("Content-Type"), ";")
	switch strings.ToLower(strings.TrimSpace(media)) {
	case "", "text/xml", "application/xml", "text/plain":
		return ""
	}
	return "the content type must be text/xml"
}

// post reads a call, answers it and leaves the answer in the exchange.
func (x *exchange) post(w http.ResponseWriter) {
	limits := x.server.limits
	if reason := refusedType(x.request); reason != "" {
		x.plain(http.StatusUnsupportedMediaType, reason)
		return
	}
	if x.request.ContentLength > limits.BodyBytes {
		x.closing = true
		x.plain(http.StatusRequestEntityTooLarge, "the body is too large")
		return
	}
	give, ok := x.server.bodies.Take(x.request.ContentLength, limits.BodyBytes)
	if !ok {
		x.closing = true
		x.plain(http.StatusServiceUnavailable, "too many long bodies at once")
		return
	}
	defer give()
	var whole bytes.Buffer
	whole.Grow(int(max(x.request.ContentLength, 0)) + bytes.MinRead)
	_, err := whole.ReadFrom(http.MaxBytesReader(w, x.request.Body, limits.BodyBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		x.closing = true
		x.plain(http.StatusRequestEntityTooLarge, "the body is too large")
	case err != nil:
		x.closing = true
		x.plain(http.StatusBadRequest, "the body cannot be read")
	default:
		x.record.Bytes = whole.Len()
		x.call(whole.Bytes())
	}
}
