package main

import (
	"context"
	"crypto/tls"
	"os"
	"os/signal"
	"reflect"
	"slices"
	"strings"
	"syscall"

	"nodobridge/service"
)

// reloads are the orders to read the configuration again, and how to read it. The
// zero value gives none.
type reloads struct {
	orders chan os.Signal
	read   func() (*config, error)
}

// onHangup takes SIGHUP for such an order, from now on: while the station starts it
// must not end it.
func onHangup(read func() (*config, error)) reloads {
	r := reloads{make(chan os.Signal, 1), read}
	signal.Notify(r.orders, syscall.SIGHUP)
	return r
}

func (r reloads) stop() { signal.Stop(r.orders) }

// reload puts in force the file's registry and log level and what the certificate
// files hold now: all of it or, when anything is wrong, nothing. Calls under way
// are not touched. What else has changed waits for a restart, and is said.
func (s *station) reload(read func() (*config, error)) {
	next, err := read()
	if err != nil {
		s.log.Error("configuration kept as it was", "reason", err.Error())
		return
	}
	registry, err := next.registry()
	var desk *service.Desk
	if err == nil {
		desk, err = next.desk(context.Background()) // files of this machine only
	}
	var pair *tls.Certificate
	if err == nil && s.apiTLS != nil {
		pair, err = s.apiTLS.read()
	}
	if err == nil && s.certificates != nil {
		err = s.certificates.Reload() // the last that can fail
	}
	if err != nil {
		s.log.Error("configuration kept as it was", "reason", err.Error())
		return
	}
	waiting := changed(s.config, next)
	if pair != nil {
		s.apiTLS.current.Store(pair)
	}
	s.clock.adopt()
	s.service.SetRegistry(registry)
	s.service.UseDesk(desk)
	told := s.config.leveledLogger(min(s.level.Level(), next.level())) // the more talkative one, so that the order is answered
	s.level.Set(next.level())
	s.config.Brokers, s.config.Log.Level, s.config.ServicesDir = next.Brokers, next.Log.Level, next.ServicesDir
	s.noteConfiguration(context.Background(), "reload")
	if len(waiting) > 0 {
		told.Warn("configuration needs a restart", "keys", waiting)
	}
	told.Info("configuration reloaded", "creditor_institutions", len(registry.ECs()))
}

// atOnce are the keys that a reload puts in force.
var atOnce = []string{"brokers", "log.level", "services_dir"}

// changed names the keys that differ and wait for a restart, sorted.
func changed(old, next *config) []string {
	var keys []string
	compare(reflect.ValueOf(*old), reflect.ValueOf(*next), "", &keys)
	slices.Sort(keys)
	return keys
}

// compare walks both sections by their keys as the decoder names them.
func compare(old, next reflect.Value, section string, keys *[]string) {
	for i := range old.NumField() {
		field := old.Type().Field(i)
		key := field.Tag.Get("mapstructure")
		if key == "" {
			key = strings.ToLower(field.Name)
		}
		key = section + key
		switch {
		case slices.Contains(atOnce, key):
		case field.Type.Kind() == reflect.Struct:
			compare(old.Field(i), next.Field(i), key+".", keys)
		case !reflect.DeepEqual(old.Field(i).Interface(), next.Field(i).Interface()):
			*keys = append(*keys, key)
		}
	}
}
