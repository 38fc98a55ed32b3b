package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"nodobridge/internal/fill"
	"nodobridge/load"
	"nodobridge/nodesim"
)

// config is the station's: everything as it is shipped but for addresses, parties, and
// the bound on a key's calls.
const config = `soap: {listen: "127.0.0.1:0"}
api: {listen: "127.0.0.1:0", calls_per_10s: 0}
admin: {listen: "127.0.0.1:0"}
store: {dir: %q}
brokers:
  - code: %q
    stations:
      - id: %q
        creditor_institutions:
          - {code: %q, name: Comune di Prova}
`

// station is a running nodobridge.
type station struct {
	*process
	soap, api string
	started   time.Duration // from the start of the process to its being ready
	log       *os.File
}

// home writes a configuration for the store in dir and gives its file.
func home(dir string) (string, error) {
	name := dir + ".yaml"
	text := fmt.Sprintf(config, dir, fill.Broker, fill.Station, fill.EC)
	return name, os.WriteFile(name, []byte(text), 0o600)
}

// patience is how long anything may take to be ready.
const patience = 2 * time.Minute

// serve starts the program on a store. Its log goes to a file, as journald would take it.
func (s *settings) serve(ctx context.Context, dir string) (*station, error) {
	return s.serveOn(ctx, dir, measuredCore)
}

func (s *settings) serveOn(ctx context.Context, dir, cores string) (*station, error) {
	file, err := home(dir)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(dir + ".log")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(s.binary, "--config", file, "serve")
	cmd.Stderr = log
	start := time.Now()
	p, err := launchOn(cmd, cores)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	x := &station{process: p, log: log}
	if err := x.await(ctx, start); err != nil {
		return nil, errors.Join(err, x.stop())
	}
	return x, nil
}

// await reads the log until it says that the station listens.
func (x *station) await(ctx context.Context, start time.Time) error {
	for time.Since(start) < patience && ctx.Err() == nil {
		text, err := os.ReadFile(x.log.Name())
		if err != nil {
			return err
		}
		for line := range bytes.Lines(text) {
			var entry struct{ Msg, SOAP, API string }
			if json.Unmarshal(line, &entry) == nil && entry.Msg == "listening" {
				x.soap, x.api, x.started = entry.SOAP, entry.API, time.Since(start)
				return nil
			}
		}
		select {
		case <-x.ended:
			said, _ := os.ReadFile(x.log.Name()) // without it the message has less to say
			return fmt.Errorf("the station has ended (%v):\n%s", x.err, said)
		case <-time.After(2 * time.Millisecond):
		}
	}
	return errors.New("the station is not ready")
}

func (x *station) stop() error { return errors.Join(x.process.stop(), x.log.Close()) }

// node plays the node against it.
func (x *station) node() *nodesim.Node {
	return &nodesim.Node{URL: x.soap, Broker: fill.Broker, Station: fill.Station}
}

// traffic asks about some of its notices.
func (x *station) traffic(operation load.Operation, notices load.Notices) load.Traffic {
	return load.Traffic{Node: x.node(), EC: string(fill.EC), Operation: operation, Notices: notices, Seed: 1}
}

// responder starts the static responder with answers of so many bytes.
func responder(length int) (*process, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	cmd := exec.Command(self, "responder", "-bytes", fmt.Sprint(length))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	p, err := launch(cmd)
	if err != nil {
		return nil, "", err
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, "", errors.Join(err, p.stop())
	}
	return p, strings.TrimSpace(address), nil
}

// notices are all those of a filled store.
func notices(count int) load.Notices {
	return load.Notices{Count: count, At: func(i int) string { return string(fill.NAV(i)) }}
}

// unpaid are count notices in scattered order from the first-th on.
func unpaid(positions, first, count int) load.Notices {
	return load.Notices{Count: min(count, positions-first), At: func(i int) string { return string(fill.NAV(scattered(first+i, positions))) }}
}

// stocked gives the folder of a store of so many positions, filling it if need be, with
// its file in the machine's cache, as that of a store at work is.
func (s *settings) stocked(ctx context.Context, positions int) (string, error) {
	dir, err := s.filled(ctx, positions)
	if err != nil {
		return "", err
	}
	file, err := os.Open(filepath.Join(dir, "nodobridge.db"))
	if err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, file)
	return dir, errors.Join(err, file.Close())
}

// filled gives the folder, filling it if need be. A store is there when it is whole:
// until then it has another name.
func (s *settings) filled(ctx context.Context, positions int) (string, error) {
	dir, err := filepath.Abs(filepath.Join(s.dir, fmt.Sprint(positions)))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		return dir, err
	}
	fmt.Fprintf(os.Stderr, "filling a store with %d positions\n", positions)
	part := dir + ".part"
	if err := errors.Join(os.RemoveAll(part), os.MkdirAll(filepath.Dir(part), 0o700)); err != nil {
		return "", err
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "taskset", "--cpu-list", measuredCore+","+driverCore, self, "fill", "-dir", part, "-positions", fmt.Sprint(positions))
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return "", err
	}
	return dir, os.Rename(part, dir)
}

// copied copies a store that nobody has open, to be written.
func copied(ctx context.Context, dir string) (string, error) {
	other := dir + ".written"
	if err := os.RemoveAll(other); err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, "cp", "-r", "--reflink=auto", dir, other).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cannot copy the store: %w: %s", err, out)
	}
	return other, nil
}
