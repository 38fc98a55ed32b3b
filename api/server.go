// Package api is the JSON door of creditor institutions: GPD's debt positions v1
// with GPD's own bodies and errors (gpd-api.md), so that a client written for
// pagoPA's "Gestione Posizioni Debitorie" works unchanged.
//
// A request passes front.go (identity, panic, one log record), routes.go (the
// only file that knows the router), auth.go (key, then EC), decode.go and
// validate_v1.go (form), and ends in a use case of bridge. problem.go is the only
// place where a refusal becomes a status and a title.
package api

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"nodobridge/bridge"
	"nodobridge/door"
)

// Limits is everything that a peer could otherwise use up (reliability-security.md
// §3.4). A zero field takes the default.
type Limits struct {
	ReadHeader  time.Duration // for the request's header; 5 s
	Read        time.Duration // for the whole request; 10 s
	Work        time.Duration // for the use case; 10 s
	Write       time.Duration // from the end of the header to the end of the answer; 25 s
	Farewell    time.Duration // for the caller to take its answer, from when it is ready; 12 s
	Idle        time.Duration // of a kept connection; 120 s
	HeaderBytes int           // 16 KiB
	BodyBytes   int64         // 1 MiB
	BulkBytes   int64         // of a bulk request; 16 MiB
	Bodies      int64         // of all bodies under way together, small ones apart; 64 MiB
	Uploads     int           // files that are taken at once; 4
	Calls       int           // of one key within 10 s, of each class (gpd-api.md §3.8); 0: no bound
	KeyFailures int           // of one address within a minute; 10, and a hundred times as many of all; negative: no bound
	Upload      time.Duration // for an uploaded file, from its header to its acceptance; 10 min
}

func (l Limits) orDefault() Limits {
	return Limits{
		ReadHeader:  orElse(l.ReadHeader, 5*time.Second),
		Read:        orElse(l.Read, 10*time.Second),
		Work:        orElse(l.Work, 10*time.Second),
		Write:       orElse(l.Write, 25*time.Second),
		Farewell:    orElse(l.Farewell, 12*time.Second),
		Idle:        orElse(l.Idle, 120*time.Second),
		HeaderBytes: orElse(l.HeaderBytes, 16<<10),
		BodyBytes:   orElse(l.BodyBytes, 1<<20),
		BulkBytes:   orElse(l.BulkBytes, 16<<20),
		Bodies:      orElse(l.Bodies, 64<<20),
		Uploads:     orElse(l.Uploads, 4),
		Calls:       l.Calls,
		KeyFailures: orElse(l.KeyFailures, 10),
		Upload:      orElse(l.Upload, 10*time.Minute),
	}
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// headerSlop is what net/http reads beyond MaxHeaderBytes.
const headerSlop = 4096

// Config is what the server needs. Service is mandatory; without Log nothing is
// logged.
type Config struct {
	Service *bridge.Service
	Log     *slog.Logger
	Limits  Limits

	// ReceiptXML writes the kept body of a receipt call as GPD's clients read it.
	ReceiptXML func(raw []byte) ([]byte, error)

	// Printer makes documents, ReceiptDetail reads for it what the kept body of a receipt
	// call says; without them there are none.
	Printer       Printer
	ReceiptDetail func(raw []byte) (*bridge.ReceiptDetail, error)

	// CheckURL judges the address of a webhook; its error is told to the caller.
	CheckURL func(ctx context.Context, url string) error

	// OpenCart hands a cart to pagoPA's Checkout and gives the page to send the payer
	// to; nil when none is configured.
	OpenCart func(ctx context.Context, cart *bridge.Cart) (string, error)

	// PublicURL is where callers find this server, for links that an answer gives; ""
	// takes what the request says.
	PublicURL string

	// FoldersKept is how long folders of notices are kept; 0 for 200 days.
	FoldersKept time.Duration

	// Proxies end TLS in front: what they say of who calls (X-Forwarded-For) is believed.
	Proxies []netip.Prefix

	// ReadSheet reads a table; nil when none can be imported.
	ReadSheet func(ctx context.Context, file []byte) (*bridge.Sheet, error)

	// TempDir is where uploads are kept while they are checked; "" for the system's.
	TempDir string

	// Observe is told of every answer, for metrics; may be nil.
	Observe func(status int, took time.Duration)

	// Compat makes a server of GPD's core: no prefixes, no keys, and the internal calls
	// (compat.go). Only loopback may reach it.
	Compat bool

	// Name, Version and Environment are what GET /info tells.
	Name        string
	Version     string
	Environment string
}

// Server answers the JSON API. It is safe for concurrent use.
type Server struct {
	service   *bridge.Service
	log       *slog.Logger
	limits    Limits
	info      appInfo
	receipt   func([]byte) ([]byte, error)
	printer   Printer
	detail    func([]byte) (*bridge.ReceiptDetail, error)
	readSheet func(context.Context, []byte) (*bridge.Sheet, error)
	openCart  func(context.Context, *bridge.Cart) (string, error)
	checkURL  func(context.Context, string) error
	compat    bool
	observe   func(int, time.Duration)
	tempDir   string
	bodies    *door.Budget
	proxies   []netip.Prefix
	massive   chan struct{} // a file waits
	uploads   chan struct{} // one for every file that is being taken
	importing chan struct{} // one for every table that is being imported
	printing  chan struct{} // a zip of notices is being made
	prints    chan struct{} // a folder waits

	publicURL   string
	foldersKept time.Duration
	links       [32]byte // signs links; another one in each process

	calls       *throttle
	inFlight    inFlight
	failures    *throttle // to authenticate, by address
	allFailures *throttle

	http *http.Server
}

// New makes a server. It listens nowhere yet: see Serve and Handler.
func New(config Config) *Server {
	s := &Server{
		service:   config.Service,
		log:       config.Log,
		limits:    config.Limits.orDefault(),
		receipt:   config.ReceiptXML,
		printer:   config.Printer,
		detail:    config.ReceiptDetail,
		readSheet: config.ReadSheet,
		openCart:  config.OpenCart,
		checkURL:  config.CheckURL,
		compat:    config.Compat,
		observe:   config.Observe,
		proxies:   config.Proxies,
		tempDir:   orElse(config.TempDir, os.TempDir()),
		massive:   make(chan struct{}, 1),
		printing:  make(chan struct{}, 1),
		importing: make(chan struct{}, 2),
		prints:    make(chan struct{}, 1),

		publicURL:   strings.TrimSuffix(config.PublicURL, "/"),
		foldersKept: orElse(config.FoldersKept, foldersKept),
		info:        appInfo{Name: config.Name, Version: config.Version, Environment: config.Environment},
	}
	rand.Read(s.links[:]) // never fails: crypto/rand aborts the process instead
	s.uploads = make(chan struct{}, s.limits.Uploads)
	s.bodies = door.NewBudget(s.limits.Bodies)
	s.calls = newThrottle(s.limits.Calls, callWindow)
	s.failures = newThrottle(max(s.limits.KeyFailures, 0), failureWindow)
	s.allFailures = newThrottle(100*s.failures.most, failureWindow)
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.http = &http.Server{
		Handler:           s.front(s.router()),
		ReadHeaderTimeout: s.limits.ReadHeader,
		ReadTimeout:       s.limits.Read,
		WriteTimeout:      s.limits.Write,
		IdleTimeout:       s.limits.Idle,
		MaxHeaderBytes:    max(s.limits.HeaderBytes-headerSlop, 1),
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	return s
}

// HTTP is the net/http server with every limit set.
func (s *Server) HTTP() *http.Server { return s.http }

// Handler is the whole API for a server of somebody else's.
func (s *Server) Handler() http.Handler { return s.http.Handler }
