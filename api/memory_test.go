package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"nodobridge/bridge"
)

// memory is bridge.Store in a map, for these tests: what goes in and comes out
// is copied, and a failed update leaves nothing.
type memory struct {
	mu        sync.Mutex
	positions map[string]bridge.Position
	keys      map[string]bridge.Key
	broken    error // what every transaction fails with
	panics    any   // what every transaction panics with
}

type memoryTx struct {
	bridge.Tx // what these tests do not need panics
	m         *memory
}

func newMemory() *memory {
	return &memory{positions: map[string]bridge.Position{}, keys: map[string]bridge.Key{}}
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = err
}

func (m *memory) panicWith(value any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.panics = value
}

func (m *memory) Notice(context.Context, bridge.ECCode, bridge.NoticeNumber) (*bridge.Notice, error) {
	return nil, bridge.ErrNotFound
}

func (m *memory) View(_ context.Context, fn func(bridge.ReadTx) error) error {
	return m.Update(context.Background(), func(tx bridge.Tx) error { return fn(tx) })
}

func (m *memory) Update(_ context.Context, fn func(bridge.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.panics != nil {
		panic(m.panics)
	}
	if m.broken != nil {
		return m.broken
	}
	before := maps.Clone(m.positions)
	err := fn(memoryTx{m: m})
	if err != nil {
		m.positions = before
	}
	return err
}

func at(ec bridge.ECCode, iupd bridge.IUPD) string { return string(ec) + "/" + string(iupd) }

func clone(p bridge.Position) bridge.Position {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	var out bridge.Position
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err)
	}
	return out
}

func (tx memoryTx) Position(_ context.Context, ec bridge.ECCode, iupd bridge.IUPD) (*bridge.Position, error) {
	p, ok := tx.m.positions[at(ec, iupd)]
	if !ok {
		return nil, bridge.ErrNotFound
	}
	p = clone(p)
	return &p, nil
}

func (tx memoryTx) InsertPosition(_ context.Context, p *bridge.Position) error {
	for _, other := range tx.m.positions {
		if other.EC == p.EC && (other.IUPD == p.IUPD || collide(&other, p)) {
			return bridge.ErrExists
		}
	}
	tx.m.positions[at(p.EC, p.IUPD)] = clone(*p)
	return nil
}

func collide(a, b *bridge.Position) bool {
	taken := map[string]bool{}
	for _, n := range a.Notices() {
		taken["iuv"+string(n.IUV)], taken["nav"+string(n.NAV)] = true, true
	}
	return slices.ContainsFunc(b.Notices(), func(n bridge.Notice) bool { return taken["iuv"+string(n.IUV)] || taken["nav"+string(n.NAV)] })
}

func (tx memoryTx) UpdatePositionState(_ context.Context, p *bridge.Position) error {
	tx.m.positions[at(p.EC, p.IUPD)] = clone(*p)
	return nil
}

func (tx memoryTx) DeletePosition(_ context.Context, ec bridge.ECCode, iupd bridge.IUPD) error {
	delete(tx.m.positions, at(ec, iupd))
	return nil
}

func (tx memoryTx) Positions(_ context.Context, q bridge.PositionQuery) (bridge.PositionPage, error) {
	var found []bridge.Position
	for _, p := range tx.m.positions {
		if p.EC == q.EC && matches(&p, q) {
			found = append(found, clone(p))
		}
	}
	slices.SortFunc(found, func(a, b bridge.Position) int {
		order := a.InsertedAt.Compare(b.InsertedAt)
		if q.OrderBy == bridge.ByIUPD || order == 0 {
			order = strings.Compare(string(a.IUPD), string(b.IUPD))
		}
		if q.Ascending {
			return order
		}
		return -order
	})
	page := bridge.PositionPage{Total: len(found)}
	from := min(q.Page*q.Limit, len(found))
	page.Positions = found[from:min(from+q.Limit, len(found))]
	return page, nil
}

func matches(p *bridge.Position, q bridge.PositionQuery) bool {
	if q.Status != "" && p.StatusAt(q.Now) != q.Status {
		return false
	}
	within := func(at, from, to time.Time) bool {
		return from.IsZero() || !at.IsZero() && !at.Before(from) && !at.After(to)
	}
	due := slices.ContainsFunc(p.Notices(), func(n bridge.Notice) bool { return within(n.DueDate, q.DueFrom, q.DueTo) })
	return (due || q.DueFrom.IsZero()) && within(p.PaidAt, q.PaidFrom, q.PaidTo)
}

func (tx memoryTx) InsertKey(_ context.Context, k bridge.Key) error {
	tx.m.keys[k.ID] = k
	return nil
}

func (tx memoryTx) RevokeKey(_ context.Context, id string, at time.Time) error {
	k, ok := tx.m.keys[id]
	if !ok {
		return bridge.ErrNotFound
	}
	k.RevokedAt = at
	tx.m.keys[id] = k
	return nil
}

func (tx memoryTx) Key(_ context.Context, id string) (*bridge.Key, error) {
	k, ok := tx.m.keys[id]
	if !ok {
		return nil, bridge.ErrNotFound
	}
	return &k, nil
}

func (tx memoryTx) Journal(context.Context, bridge.JournalEntry) error { return nil }

var errDisk = errors.New("disk I/O error in /var/lib/nodobridge/bridge.db: INSERT INTO position")
