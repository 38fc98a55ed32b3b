package crash_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/store"
)

// reliability-security.md §8 G12: random histories of operations, crashes, clock jumps
// and resends against a model simple enough to be believed. Each is made from its seed
// alone: MODEL_SEED=n plays one again, MODEL_HISTORIES=n plays so many.
func TestModel_HistoriesAreAsTheModelSays(t *testing.T) {
	first, count := rand.Uint64N(1<<40), uint64(3000)
	if n, err := strconv.ParseUint(os.Getenv("MODEL_HISTORIES"), 10, 64); err == nil {
		count = n
	}
	if n, err := strconv.ParseUint(os.Getenv("MODEL_SEED"), 10, 64); err == nil {
		first, count = n, 1
	}
	const workers = 2
	var group sync.WaitGroup
	var mu sync.Mutex
	var sum figures
	began := time.Now()
	for w := range uint64(workers) {
		group.Go(func() {
			b := openBench(t)
			defer b.close()
			for i := w; i < count && !t.Failed(); i += workers {
				b.play(first + i)
			}
			mu.Lock()
			defer mu.Unlock()
			sum.add(b.figures)
		})
	}
	group.Wait()
	took := time.Since(began)
	t.Logf("histories %d from seed %d in %s (%.0f a minute), operations %d, crashes %d, clock jumps %d, resends %d, stores reopened %d",
		sum.histories, first, took.Round(time.Millisecond), float64(sum.histories)/took.Minutes(), sum.operations, sum.crashes, sum.jumps, sum.resends, sum.reopened)
	if !t.Failed() && count > 100 && (sum.crashes == 0 || sum.jumps == 0 || sum.resends == 0) {
		t.Error("the histories leave something out")
	}
}

type figures struct{ histories, operations, crashes, jumps, resends, reopened int }

func (f *figures) add(g figures) {
	f.histories += g.histories
	f.operations += g.operations
	f.crashes += g.crashes
	f.jumps += g.jumps
	f.resends += g.resends
	f.reopened += g.reopened
}

// bench is one worker: a real store, in memory where the machine has such a file
// system, and the service on it.
type bench struct {
	t       *testing.T
	root    string
	stores  int
	db      *store.DB
	faulty  faulty
	clock   *testkit.Clock
	service *bridge.Service
	cursor  int64 // the journal's end
	figures
}

func openBench(t *testing.T) *bench {
	parent := ""
	if _, err := os.Stat("/dev/shm"); err == nil {
		parent = "/dev/shm"
	}
	root, err := os.MkdirTemp(parent, "nodobridge-model-")
	if err != nil {
		t.Error(err)
		return nil
	}
	b := &bench{t: t, root: root, clock: testkit.NewClock()}
	b.create()
	return b
}

func (b *bench) dir() string { return filepath.Join(b.root, strconv.Itoa(b.stores)) }

func (b *bench) create() {
	b.stores++
	b.cursor = 0
	if err := store.Init(b.dir()); err != nil {
		b.t.Error(err)
	}
	b.open()
}

func (b *bench) open() {
	db, err := store.Open(context.Background(), store.Options{Dir: b.dir(), Readers: 1})
	if err != nil {
		b.t.Error(err)
		return
	}
	b.db = db
	b.faulty.Store = db
	b.restart()
}

// restart is a new process on the same store.
func (b *bench) restart() {
	b.faulty.start()
	b.service = bridge.NewService(&b.faulty, b.clock, testkit.Registry())
}

// reopen goes on with a copy of the files as they are while the store is open: what
// kill -9 leaves, recovered by the next start. The copy is made within an update, which
// keeps the log from being cut between the two files.
func (b *bench) reopen() {
	ctx, from := context.Background(), b.dir()
	b.stores++
	b.reopened++
	err := os.Mkdir(b.dir(), 0o700)
	if err == nil {
		err = b.db.Update(ctx, func(bridge.Tx) error { return copyStore(from, b.dir()) })
	}
	if err := errors.Join(err, b.db.Close(ctx), os.RemoveAll(from)); err != nil {
		b.t.Error(err)
	}
	b.open()
}

func copyStore(from, to string) error {
	for _, name := range []string{"nodobridge.db", "nodobridge.db-wal"} {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), data, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// end closes the store and verifies every record and both chains.
func (b *bench) end() {
	if err := b.db.Close(context.Background()); err != nil {
		b.t.Error(err)
	}
	v, err := store.VerifyDir(context.Background(), b.dir())
	if err != nil || !v.OK() {
		b.t.Errorf("after its histories the store is not whole: %v, %v", v, err)
	}
	if err := os.RemoveAll(b.dir()); err != nil {
		b.t.Error(err)
	}
}

func (b *bench) close() {
	b.end()
	if err := os.RemoveAll(b.root); err != nil {
		b.t.Error(err)
	}
}

// play makes the seed's history and compares each answer, and at its end what is
// stored, with the model.
func (b *bench) play(seed uint64) {
	h := &history{bench: b, dice: rand.New(rand.NewPCG(seed, 12)), model: model{receipts: map[string]bridge.Cents{}}, number: int64(b.histories + 1)}
	b.histories++
	b.clock.Set(testkit.Noon)
	for range 6 + h.dice.IntN(14) {
		h.step()
		b.operations++
	}
	if err := h.judge(); err != nil {
		h.wrong("at the end: %v", err)
	}
	if len(h.faults) > 0 {
		b.t.Errorf("seed %d: %v\nhistory: %v", seed, h.faults, h.said)
	}
	switch {
	case b.histories%1000 == 0: // a long one costs time at each start
		b.end()
		b.create()
	case b.histories%200 == 0:
		b.reopen()
	}
}

// model is one position with its notice, as simply as can be said.
type model struct {
	stored   bridge.PositionStatus // "": there is none
	due      time.Time
	from     time.Time // it has been payable since
	receipts map[string]bridge.Cents
	settled  string   // the receipt that paid it
	journal  []string // action and object, in order
}

// status is what anybody sees at an instant: a valid position past its due date has
// expired.
func (m *model) status(now time.Time) bridge.PositionStatus {
	if m.stored == bridge.Valid && m.due.Before(now) {
		return bridge.Expired
	}
	return m.stored
}

func (m *model) unpaid() bool { return m.stored != "" && m.stored != bridge.Paid }
