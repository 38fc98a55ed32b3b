package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"

	"nodobridge/bridge"
)

// supervisor is systemd, or nobody. It may hand over the sockets, which then outlive
// the process: callers wait in the kernel's queue while one station ends and the next
// one starts, and no call fails (reliability-security.md §0.8). It is told when the
// station is ready and when it ends, and kills one that no longer says that it lives.
type supervisor struct {
	sockets  map[string]net.Listener // handed over and not yet taken, by FileDescriptorName
	handed   bool                    // any socket was
	watchdog time.Duration           // how often a sign of life is due; 0: never
}

// farewell is how long a station goes on serving after it has begun to end its
// connections with the answer under way: a caller that keeps connections has by then
// left nearly all of them of its own accord (reliability-security.md §2 E6: without
// it a few calls of ten thousand fail). Only sockets that outlive the process make it
// worth the wait.
const farewell = 500 * time.Millisecond

// superviseFromEnvironment reads what systemd says in the environment, and removes it,
// so that no child believes it.
func superviseFromEnvironment() (*supervisor, error) {
	named, err := activation.ListenersWithNames()
	if err != nil {
		return nil, fmt.Errorf("cannot take the supervisor's sockets: %w", err)
	}
	s := &supervisor{sockets: map[string]net.Listener{}}
	for name, list := range named {
		if len(list) != 1 || !slices.Contains(socketNames, name) {
			return nil, fmt.Errorf("cannot use the supervisor's sockets: %d named %q; one each of %s is understood (FileDescriptorName=)", len(list), name, strings.Join(socketNames, ", "))
		}
		s.sockets[name], s.handed = list[0], true
	}
	s.watchdog, err = daemon.SdWatchdogEnabled(true)
	if err != nil {
		return nil, fmt.Errorf("cannot read the supervisor's watchdog: %w", err)
	}
	return s, nil
}

// socketNames are the listeners that a supervisor may hand over.
var socketNames = []string{"soap", "api", "admin"}

// listen gives the socket that was handed over under the name, or listens itself. The
// configuration stays the truth about where the station listens: its rules for plain
// listeners were judged on it.
func (s *supervisor) listen(name, address string) (net.Listener, error) {
	handed, ok := s.sockets[name]
	if !ok {
		return listenOn(address)
	}
	delete(s.sockets, name)
	if at := addressOf(handed); !sameAddress(at, address) {
		return nil, errors.Join(fmt.Errorf("cannot use the supervisor's socket: it is %s, and %s.listen is %s", at, name, address), handed.Close())
	}
	return handed, nil
}

// addressOf is a listener's address as the configuration writes it.
func addressOf(l net.Listener) string {
	if l.Addr().Network() == "unix" {
		return unixPrefix + l.Addr().String()
	}
	return l.Addr().String()
}

// sameAddress compares a socket's address with a configured one, whose host may be a
// name or left out.
func sameAddress(at, configured string) bool {
	if strings.HasPrefix(at, unixPrefix) || strings.HasPrefix(configured, unixPrefix) {
		return at == configured
	}
	want, err := net.ResolveTCPAddr("tcp", configured)
	if err != nil {
		return false
	}
	have, err := net.ResolveTCPAddr("tcp", at)
	if err != nil {
		return false
	}
	everywhere := (want.IP == nil || want.IP.IsUnspecified()) && have.IP.IsUnspecified()
	return have.Port == want.Port && (everywhere || have.IP.Equal(want.IP))
}

// close gives back the sockets that nobody has taken.
func (s *supervisor) close() error {
	var errs []error
	for _, l := range s.sockets {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// leave tells the supervisor that the station ends, and gives callers the time to go.
func (s *supervisor) leave(ctx context.Context, log *slog.Logger) {
	s.say(daemon.SdNotifyStopping, log)
	if !s.handed {
		return
	}
	select {
	case <-time.After(farewell):
	case <-ctx.Done():
	}
}

func (s *supervisor) ready(log *slog.Logger) { s.say(daemon.SdNotifyReady, log) }

// say tells the supervisor; without one nobody listens.
func (s *supervisor) say(state string, log *slog.Logger) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Error("the supervisor cannot be told", "state", state, "reason", err.Error())
	}
}

// stayAlive gives the signs of life that the supervisor wants, twice as often as they
// are due, as long as the store reads and writes.
func (s *supervisor) stayAlive(ctx context.Context, db bridge.Store, log *slog.Logger) {
	if s.watchdog == 0 {
		return
	}
	ticker := time.NewTicker(s.watchdog / 2)
	defer ticker.Stop()
	for {
		if err := storeLives(ctx, db, s.watchdog/2); err != nil && !compacting(db) {
			if ctx.Err() != nil {
				return
			}
			log.Error("no sign of life: the store does not answer", "reason", err.Error())
		} else {
			s.say(daemon.SdNotifyWatchdog, log)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// compacting says whether writers wait because an operator has ordered it.
func compacting(db bridge.Store) bool {
	c, ok := db.(interface{ Compacting() bool })
	return ok && c.Compacting()
}

// storeLives makes one read and one turn of the writer, which writes nothing.
func storeLives(ctx context.Context, db bridge.Store, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err := db.View(ctx, func(tx bridge.ReadTx) error {
		_, err := tx.Keys(ctx)
		return err
	})
	if err != nil {
		return err
	}
	// A full disk is no reason to be killed: receipts are still taken.
	return db.Update(bridge.ForReceipt(ctx), func(bridge.Tx) error { return nil })
}
