package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"nodobridge/backup"
	"nodobridge/bridge"
	"nodobridge/store"
)

// backupConfig is where backups go and how long they stay; config.yaml explains every key.
type backupConfig struct {
	Dir          string
	EveryMinutes int `mapstructure:"every_minutes"`
	Recipients   []string
	Plain        bool
	KeepHours    int `mapstructure:"keep_hours"`
	KeepDays     int `mapstructure:"keep_days"`
	KeepWeeks    int `mapstructure:"keep_weeks"`
	MaxAgeDays   int `mapstructure:"max_age_days"`
}

func (c *backupConfig) validate() error {
	for key, n := range map[string]int{"every_minutes": c.EveryMinutes, "keep_hours": c.KeepHours, "keep_days": c.KeepDays, "keep_weeks": c.KeepWeeks, "max_age_days": c.MaxAgeDays} {
		if n < 0 {
			return fmt.Errorf("backup.%s: must not be negative", key)
		}
	}
	if _, err := backup.ParseRecipients(c.Recipients); err != nil {
		return fmt.Errorf("backup.recipients: %w", err)
	}
	switch {
	case c.Dir == "":
		return nil
	case len(c.Recipients) == 0 && !c.Plain:
		return errors.New("backup.recipients: needed, since backups leave the store's folder: \"nodobridge backup keygen\" makes a key; or say backup.plain: true and encrypt the folder yourself")
	case len(c.Recipients) > 0 && c.Plain:
		return errors.New("backup.plain: contradicts backup.recipients, which encrypt")
	case c.KeepHours+c.KeepDays+c.KeepWeeks == 0:
		return errors.New("backup.keep_hours, keep_days, keep_weeks: at least one of them must keep something")
	}
	return nil
}

func (c *backupConfig) keep() backup.Keep {
	return backup.Keep{Hours: c.KeepHours, Days: c.KeepDays, Weeks: c.KeepWeeks, Age: time.Duration(c.MaxAgeDays) * 24 * time.Hour}
}

// vault makes the backups of an open store, one at a time.
type vault struct {
	config  backupConfig
	db      *store.DB
	service *bridge.Service

	mu       sync.Mutex
	failures atomic.Int64
}

func (k *vault) shelf() backup.Shelf { return backup.Shelf{Dir: k.config.Dir, UUID: k.db.UUID()} }

// backupMade is what an order to make one gives.
type backupMade struct {
	File    string
	Size    int64
	Records int64
	Head    string // where the chains ended, for who keeps the log elsewhere
	Took    time.Duration
	Removed []string
}

// make makes a backup, and removes those that need not stay. It is called good after the
// copy was verified record by record, and the file on the disk opened and compared with it.
func (k *vault) make(ctx context.Context) (backupMade, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	made, err := k.makeOne(ctx)
	if err != nil {
		k.failures.Add(1)
	}
	return made, err
}

func (k *vault) makeOne(ctx context.Context) (made backupMade, err error) {
	if k.config.Dir == "" {
		return made, errors.New("backup.dir: the configuration says no folder for backups")
	}
	recipients, err := backup.ParseRecipients(k.config.Recipients)
	if err != nil {
		return made, err
	}
	if err := os.MkdirAll(k.config.Dir, 0o700); err != nil {
		return made, err
	}
	begin := time.Now()
	label := backup.Label{Store: k.db.UUID(), At: begin.UTC(), Release: version()}
	made.File = k.shelf().Name(begin, len(recipients) > 0)
	err = k.db.Copy(ctx, func(file string, v *store.Verification) error {
		for _, e := range v.Ends {
			label.Ends = append(label.Ends, backup.End(e))
		}
		made.Records, made.Head, label.Verified = v.Records(), v.Head().String(), v.OK()
		label.Sums, err = backup.Write(ctx, file, made.File, recipients)
		return err
	})
	if err != nil {
		return made, err
	}
	made.Size = label.Sums.Size
	if err := label.Put(made.File); err != nil {
		return made, err
	}
	if err := k.service.NoteBackup(ctx, "backup.create", filepath.Base(made.File), "sha256 "+label.Sums.File); err != nil {
		return made, err
	}
	made.Removed, err = k.shelf().Prune(k.config.keep(), begin)
	made.Took = time.Since(begin)
	return made, err
}

// newest is when the newest backup was made, zero when there is none.
func (k *vault) newest() time.Time {
	list, err := k.shelf().List()
	if err != nil || len(list) == 0 {
		return time.Time{} // making one will say what is wrong
	}
	return list[len(list)-1].At
}

// run makes backups when they are due, until the context ends.
func (k *vault) run(ctx context.Context, log *slog.Logger) {
	if k.config.Dir == "" || k.config.EveryMinutes == 0 {
		return
	}
	every := time.Duration(k.config.EveryMinutes) * time.Minute
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		if since := time.Since(k.newest()); since >= every || since < -time.Minute { // from the future: the clock was put
			made, err := k.make(ctx)
			switch {
			case err != nil && ctx.Err() == nil:
				log.Error("cannot make a backup", "reason", err.Error())
			case err == nil:
				log.Info("backup made", "file", filepath.Base(made.File), "bytes", made.Size, "records", made.Records, "head", made.Head, "took", made.Took.Round(time.Millisecond).String(), "removed", len(made.Removed))
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// families are for metrics.
func (k *vault) families() []family {
	last := family{name: "nodobridge_backup_last_success_seconds", kind: "gauge", help: "When the newest backup was made, 0 for never."}
	seconds := int64(0)
	if at := k.newest(); !at.IsZero() {
		seconds = at.Unix()
	}
	last.add("", "", seconds)
	every := family{name: "nodobridge_backup_interval_seconds", kind: "gauge", help: "How often a backup is to be made, 0 for never."}
	interval := 0
	if k.config.Dir != "" {
		interval = k.config.EveryMinutes * 60
	}
	every.add("", "", interval)
	failed := family{name: "nodobridge_backup_failures_total", kind: "counter", help: "Backups that could not be made since the start."}
	failed.add("", "", k.failures.Load())
	return []family{last, every, failed}
}
