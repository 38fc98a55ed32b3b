package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/hook"
	"nodobridge/outbound"
	"nodobridge/sheet"
	"nodobridge/soap"
	"nodobridge/store"
)

// systemClock is the machine's clock.
type systemClock struct{}

func (systemClock) Now() time.Time { return wallClock() }

// drainTimeout bounds how long a stopping station waits for calls under way: as long
// as the listeners let one take, from its first byte to its last (soap.Limits and
// api.Limits, WriteTimeout).
const drainTimeout = 26 * time.Second

// station is a running nodobridge: an open store and its listeners.
type station struct {
	service *bridge.Service
	db      *store.DB
	log     *slog.Logger
	level   slog.LevelVar
	config  *config // what it was started with, and what a reload has put in force since

	certificates *soap.Certificates // nil while the node's listener speaks plain HTTP
	warned       map[string]int     // days at which each expiry was last warned of

	soapURL   string
	apiURL    string
	compatURL string // "" while the compat listener is off
	adminURL  string

	vault      *vault
	clock      *guardedClock
	turned     turnedAway
	apiTLS     *keyPair // nil while the JSON API speaks plain HTTP
	supervisor *supervisor
	workers    sync.WaitGroup // what runs beside the listeners
	rest       func()         // tells the workers to end
	massive    func(context.Context)
	prints     func(context.Context)
	servers    []*server
	failed     chan error
}

// openStore opens the configured store. SQLite writes the whole file anew beside it when
// it is compacted, so that no copy of people's data lies in a temporary folder of the
// machine's, which may be on another disk, and not encrypted.
func (c *config) openStore(ctx context.Context, log *slog.Logger) (*store.DB, error) {
	if err := os.Setenv("SQLITE_TMPDIR", c.Store.Dir); err != nil {
		return nil, fmt.Errorf("cannot say where temporary files go: %w", err)
	}
	return store.Open(ctx, store.Options{Dir: c.Store.Dir, Log: log})
}

// start opens the store and every listener; the station answers when it returns.
func start(ctx context.Context, c *config, supervisor *supervisor) (*station, error) {
	registry, err := c.registry()
	if err != nil {
		return nil, err
	}
	desk, err := c.desk(ctx)
	if err != nil {
		return nil, err
	}
	s := &station{config: c, supervisor: supervisor}
	s.level.Set(c.level())
	s.log = c.leveledLogger(&s.level)
	db, err := c.openStore(ctx, s.log)
	if err != nil {
		return nil, err
	}
	s.clock = newGuardedClock(wallClock, func(jump time.Duration) {
		s.log.Error("the clock was put: time goes on as it went, until a reload or a restart", "by", jump.Round(time.Second).String())
	})
	s.db, s.service = db, bridge.NewService(db, s.clock, registry)
	s.service.UseDesk(desk)
	s.vault = &vault{config: c.Backup, db: db, service: s.service}
	s.failed = make(chan error, 8)
	if err := s.listen(ctx, c); err != nil {
		return nil, errors.Join(err, s.stop(ctx))
	}
	poster, err := outbound.NewClient(c.Outbound.rules())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot call webhooks: outbound.%w", err), s.stop(ctx))
	}
	hooks := hook.New(hook.Config{Service: s.service, Poster: poster, Encode: api.EventJSON, Log: s.log.With("part", "hook")})
	for _, srv := range s.servers {
		srv.start(s.failed)
	}
	work, rest := context.WithCancel(ctx)
	s.rest = rest
	s.workers.Go(func() { supervisor.stayAlive(work, s.db, s.log) })
	s.workers.Go(func() { keepTurning(work, s.service, s.log) })
	life := newSigns(s.service, supervisor, s.log)
	life.show(work) // it answers from here on
	s.noteConfiguration(work, "start")
	s.workers.Go(func() { life.keep(work) })
	s.workers.Go(func() { s.vault.run(work, s.log.With("part", "backup")) })
	s.workers.Go(func() { s.massive(work) })
	s.workers.Go(func() { s.prints(work) })
	s.workers.Go(func() { hooks.Run(work) })
	supervisor.ready(s.log)
	s.log.Info("listening", "soap", s.soapURL, "api", s.apiURL, "compat", s.compatURL, "admin", s.adminURL)
	return s, nil
}

func (s *station) listen(ctx context.Context, c *config) error {
	metrics := newMetrics()
	public := c.SOAP.PublicURL
	peers, err := s.peers(&c.SOAP)
	if err != nil {
		return err
	}
	soapListener, err := s.supervisor.listen("soap", c.SOAP.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen for the node: %w", err)
	}
	s.soapURL = "http://" + soapListener.Addr().String() + c.SOAP.Path
	soapListener = s.guard("soap", soapListener, c.SOAP.door())
	if s.certificates != nil {
		soapListener = s.certificates.Listener(soapListener)
		s.soapURL = "https://" + soapListener.Addr().String() + c.SOAP.Path
	}
	if public == "" {
		public = s.soapURL
	}
	node := soap.NewServer(soap.Config{
		Service: s.service, Path: c.SOAP.Path, OptionsPath: c.SOAP.OptionsPath, PublicURL: public, Peers: peers, Log: s.log.With("part", "soap"),
		HashKey: []byte(s.db.UUID()), Observe: metrics.observe,
	}).HTTP()
	s.add("soap", soapListener, node)

	apiListener, err := s.supervisor.listen("api", c.API.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen for the JSON API: %w", err)
	}
	s.apiURL = "http://" + apiListener.Addr().String()
	apiListener = s.guard("api", apiListener, c.API.door())
	if c.API.TLS.on() {
		if s.apiTLS, err = loadKeyPair(c.API.TLS); err != nil {
			return &exitError{exitConfig, err}
		}
		apiListener = s.apiTLS.listener(apiListener)
		s.apiURL = "https://" + apiListener.Addr().String()
	}
	json, err := s.jsonServer(c, metrics)
	if err != nil {
		return err
	}
	if err := json.PrepareMassive(ctx); err != nil {
		return fmt.Errorf("cannot prepare massive upload: %w", err)
	}
	s.massive, s.prints = json.WorkMassive, json.WorkPrints
	s.add("api", apiListener, json.HTTP())
	if err := s.listenCompat(c); err != nil {
		return err
	}

	adminListener, err := s.supervisor.listen("admin", c.Admin.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen for administration: %w", err)
	}
	vitals, err := newVitals(ctx, s.service)
	if err != nil {
		return err
	}
	s.adminURL = "http://" + adminListener.Addr().String()
	s.add("admin", adminListener, adminServer(s.db, metrics, gauges{s.service, s.certificates, s.clock, &s.turned, s.vault, c.Store.Dir, s.db.Full, vitals}))

	control, err := listenUnix(filepath.Join(c.Store.Dir, controlSocket), ownSocketMode)
	if err != nil {
		return fmt.Errorf("cannot listen for orders: %w", err)
	}
	s.add("control", control, controlServer(allOrders(s.vault)))
	return nil
}

// jsonServer is the JSON API with everything that it needs of other rooms.
func (s *station) jsonServer(c *config, m *metrics) (*api.Server, error) {
	cart, err := c.cashDesk()
	if err != nil {
		return nil, err
	}
	printer, err := c.printer()
	if err != nil {
		return nil, err
	}
	return api.New(api.Config{
		Printer: printer, ReceiptDetail: soap.ReceiptDetail, PublicURL: c.API.PublicURL, FoldersKept: time.Duration(c.Notices.FolderDays) * 24 * time.Hour,
		Service: s.service, Log: s.log.With("part", "api"), Name: "nodobridge", Version: version(), Environment: c.Environment,
		ReceiptXML: soap.GPDReceipt, CheckURL: c.Outbound.rules().Check, OpenCart: cart, ReadSheet: sheet.Read, TempDir: c.Store.Dir, Proxies: prefixes(c.API.ProxyCIDRs), Limits: api.Limits{Calls: c.API.CallsPer10s}, Observe: m.observeAPI,
	}), nil
}

func (s *station) add(name string, l net.Listener, h *http.Server) {
	s.servers = append(s.servers, newServer(name, l, h, s.log))
}

// wait returns when the context ends or something that the station cannot do
// without has failed. Each order to reload is obeyed meanwhile, and certificates are
// watched.
func (s *station) wait(ctx context.Context, r reloads) error {
	s.warned = map[string]int{}
	s.watch()
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.watch()
		case <-ctx.Done():
			return nil
		case err := <-s.failed:
			return err
		case <-s.db.Broken():
			return s.db.Fault()
		case <-r.orders:
			s.reload(r.read)
		}
	}
}

// stop lets calls under way end, then closes the store.
func (s *station) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	for _, srv := range s.servers {
		srv.leave()
	}
	s.supervisor.leave(ctx, s.log)
	var errs []error
	for _, srv := range s.servers {
		errs = append(errs, srv.stop(ctx))
	}
	if s.rest != nil {
		s.rest()
	}
	s.workers.Wait()
	if s.rest != nil {
		s.endLife(ctx)
	}
	return errors.Join(append(errs, s.supervisor.close(), s.db.Close(ctx))...)
}

// endLife says that the station ends in order. On a full disk only receipts are stored,
// so it may not be said: the stop is in order all the same, and counts as a crash in the
// log of unserved intervals.
func (s *station) endLife(ctx context.Context) {
	if err := s.service.EndLife(ctx); err != nil {
		s.log.Warn("the end cannot be noted: it will count as a crash", "reason", err.Error())
	}
}
