package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"

	"nodobridge/bridge"
)

// A file that only takes up room is given away when the disk is full, so that receipts
// can still be stored while an operator makes room (reliability-security.md §8 G5).
const (
	ballastName = "ballast"
	ballastSize = 32 << 20 // some hundreds of receipts with what they change
	// roomBeside is what must be free beside the ballast before it is laid: else laying
	// it would fill the disk.
	roomBeside = 8 << 20
	// mendEvery is how often a full disk is looked at again, when there is a call.
	mendEvery = time.Second
)

// ballast is that file and whether it has been given away.
type ballast struct {
	dir string
	log *slog.Logger

	mu     sync.Mutex
	full   bool // nothing but receipts is stored
	looked time.Time
}

// prepare lays the ballast before the store's connections are made, or gives it away
// when the disk is full already: SQLite needs some room to recover.
func (b *ballast) prepare() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if info, err := os.Stat(b.path()); err == nil && info.Size() >= ballastSize {
		if room, err := b.room(); err == nil && room < 1<<20 {
			b.give(errors.New("there was no room at the start"))
		}
		return
	}
	if err := b.lay(); err != nil {
		b.log.Warn("no room is kept back for receipts on a full disk", "reason", err.Error())
	}
}

func (b *ballast) path() string { return filepath.Join(b.dir, ballastName) }

// note gives the ballast away when err says that the disk is full.
func (b *ballast) note(err error) {
	if !isFull(err) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.full {
		b.give(err)
	}
}

// give is called with the lock.
func (b *ballast) give(why error) {
	b.full = true
	b.log.Error("the disk is full: only receipts are stored until there is room", "reason", why.Error())
	if err := os.Remove(b.path()); err != nil && !errors.Is(err, os.ErrNotExist) {
		b.log.Error("the room kept back for receipts cannot be given away", "reason", err.Error())
	}
}

// refusal is ErrNoRoom for an update that has to wait for room. It looks for room itself.
func (b *ballast) refusal(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.full {
		return nil
	}
	if time.Since(b.looked) >= mendEvery {
		b.looked = time.Now()
		if b.lay() == nil {
			b.full = false
			b.log.Info("the disk has room again: everything is stored")
			return nil
		}
	}
	if bridge.IsForReceipt(ctx) {
		return nil
	}
	return bridge.ErrNoRoom
}

// Full says whether only receipts are stored because the disk is full. It looks for room
// itself, so that a station without calls is seen to have healed too.
func (db *DB) Full() bool { return db.writes.room.refusal(context.Background()) != nil }

// lay takes the room, unless that would leave too little.
func (b *ballast) lay() (err error) {
	room, err := b.room()
	if err != nil {
		return err
	}
	if room < ballastSize+roomBeside {
		return fmt.Errorf("%d MiB are free, %d are needed", room>>20, (ballastSize+roomBeside)>>20)
	}
	f, err := os.OpenFile(b.path(), os.O_CREATE|os.O_RDWR, fileMode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	err = syscall.Fallocate(int(f.Fd()), 0, 0, ballastSize)
	if errors.Is(err, syscall.EOPNOTSUPP) {
		_, err = f.Write(make([]byte, ballastSize))
	}
	return err
}

// room is how many bytes this user may still write.
func (b *ballast) room() (int64, error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(b.dir, &disk); err != nil {
		return 0, err
	}
	return int64(disk.Bavail) * disk.Bsize, nil
}

// isFull says whether an error means that there was no room. The log's index cannot
// grow either then, which SQLite calls an I/O error.
func isFull(err error) bool {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == sqlite3.ErrFull || e.ExtendedCode == sqlite3.ErrIoErrSHMSize && e.SystemErrno == syscall.ENOSPC
}
