package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	runtimemetrics "runtime/metrics"
	"syscall"
	"time"

	"nodobridge/bridge"
	"nodobridge/soap"
)

// gauges are looked at when somebody asks for them.
type gauges struct {
	service      *bridge.Service
	certificates *soap.Certificates // nil while the node's listener speaks plain HTTP
	clock        *guardedClock
	turned       *turnedAway
	vault        *vault
	dir          string // the store's
	full         func() bool
	vitals       *vitals
}

// families reads them all; what cannot be read is left out, and readyz says why.
func (g gauges) families(ctx context.Context) []family {
	apart := family{name: "nodobridge_clock_jump_seconds", kind: "gauge", help: "How far the machine's clock was put; 0 while it is believed."}
	apart.add("", "", int64(g.clock.apart().Seconds()))
	list := append([]family{g.store(), g.disk(), g.isFull(), g.turned.family(), apart}, process()...)
	list = append(list, g.vault.families()...)
	list = append(list, g.unserved(ctx)...)
	list = append(list, g.vitals.families(ctx, g.clock.Now())...)
	if g.certificates != nil {
		days := family{name: "nodobridge_certificate_days", kind: "gauge", help: "Days until a certificate ends."}
		for _, e := range g.certificates.Expiries(time.Now()) {
			days.add("", fmt.Sprintf("{of=%q}", e.Of), e.Days)
		}
		list = append(list, days)
	}
	if rows, err := g.service.MassiveWaiting(ctx); err == nil {
		waiting := family{name: "nodobridge_massive_waiting_rows", kind: "gauge", help: "Rows of uploaded files that wait."}
		waiting.add("", "", rows)
		list = append(list, waiting)
	}
	if failing, dead, err := g.service.WebhookTroubles(ctx); err == nil {
		hooks := family{name: "nodobridge_webhooks_failing", kind: "gauge", help: "Webhooks whose last call failed."}
		hooks.add("", "", failing)
		letters := family{name: "nodobridge_webhook_dead_letters", kind: "gauge", help: "Events that were not delivered in 72 hours."}
		letters.add("", "", dead)
		list = append(list, hooks, letters)
	}
	return list
}

// process is what the program itself takes.
func process() []family {
	samples := []runtimemetrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/sched/goroutines:goroutines"}}
	runtimemetrics.Read(samples)
	list := []family{
		{name: "nodobridge_heap_allocated_bytes_total", kind: "counter", help: "Bytes allocated since the start."},
		{name: "nodobridge_heap_bytes", kind: "gauge", help: "Bytes of objects on the heap."},
		{name: "nodobridge_goroutines", kind: "gauge", help: "Goroutines."},
	}
	for i, sample := range samples {
		list[i].add("", "", sample.Value.Uint64())
	}
	return list
}

// disk is the room on the file system of the store, for whoever is not root.
func (g gauges) disk() family {
	room := family{name: "nodobridge_disk_bytes", kind: "gauge", help: "Room on the store's disk."}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(g.dir, &disk); err == nil {
		room.add("", `{of="free"}`, disk.Bavail*uint64(disk.Bsize))
		room.add("", `{of="size"}`, disk.Blocks*uint64(disk.Bsize))
	}
	return room
}

func (g gauges) isFull() family {
	full := family{name: "nodobridge_disk_full", kind: "gauge", help: "1 while the disk is full and only receipts are stored."}
	value := 0
	if g.full() {
		value = 1
	}
	full.add("", "", value)
	return full
}

func (g gauges) store() family {
	size := family{name: "nodobridge_store_bytes", kind: "gauge", help: "Size of the store's files."}
	files, err := filepath.Glob(filepath.Join(g.dir, "*.db*"))
	if err != nil {
		return size
	}
	for _, name := range files {
		if info, err := os.Stat(name); err == nil {
			size.add("", fmt.Sprintf("{file=%q}", filepath.Base(name)), info.Size())
		}
	}
	return size
}
