package main

import (
	"fmt"
	"net/http"

	"nodobridge/api"
	"nodobridge/door"
	"nodobridge/soap"
)

// listenCompat opens the listener on which GPD's core is spoken as its own test suites
// and services know it (gpd-api.md §3.4), with the payment options that pagoPA's
// platform asks for. It asks for no key, so the configuration lets it listen on
// loopback only.
func (s *station) listenCompat(c *config) error {
	if c.API.CompatListen == "" {
		return nil
	}
	listener, err := listenOn(c.API.CompatListen)
	if err != nil {
		return fmt.Errorf("cannot listen for GPD's own callers: %w", err)
	}
	s.compatURL = "http://" + listener.Addr().String()
	log := s.log.With("part", "compat")
	core := api.New(api.Config{
		Service: s.service, Log: log, Name: "nodobridge", Version: version(), Environment: c.Environment, ReceiptXML: soap.GPDReceipt, Compat: true,
	}).HTTP()
	options := soap.NewServer(soap.Config{Service: s.service, Path: c.SOAP.Path, OptionsPath: "/", Log: log, HashKey: []byte(s.db.UUID())})
	mux := http.NewServeMux()
	mux.Handle("/payment-options/", options)
	mux.Handle("/", core.Handler)
	core.Handler = door.Local(mux, func(*http.Request) { log.Warn("a request that does not name this machine was refused") })
	s.add("compat", listener, core)
	return nil
}
