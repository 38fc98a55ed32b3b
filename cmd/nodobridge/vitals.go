package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"nodobridge/bridge"
)

// vitals shows the store's; it counts anomalies from when the station started, as counters
// are.
type vitals struct {
	service *bridge.Service

	mu        sync.Mutex
	last      int64
	anomalies map[bridge.AnomalyClass]int
}

func newVitals(ctx context.Context, service *bridge.Service) (*vitals, error) {
	now, err := service.Vitals(ctx, 1<<62)
	if err != nil {
		return nil, err
	}
	v := &vitals{service: service, last: now.LastAnomaly, anomalies: map[bridge.AnomalyClass]int{}}
	for _, class := range bridge.AnomalyClasses {
		v.anomalies[class] = 0
	}
	return v, nil
}

// families are empty when the store does not answer: readyz says why.
func (v *vitals) families(ctx context.Context, now time.Time) []family {
	v.mu.Lock()
	defer v.mu.Unlock()
	read, err := v.service.Vitals(ctx, v.last)
	if err != nil {
		return nil
	}
	v.last = max(v.last, read.LastAnomaly)
	for class, n := range read.Anomalies {
		v.anomalies[class] += n
	}
	receipts := family{name: "nodobridge_receipts", kind: "gauge", help: "Receipts in the store."}
	receipts.add("", "", read.Receipts)
	anomalies := family{name: "nodobridge_anomalies_total", kind: "counter", help: "What was odd about receipts since the start, by class."}
	for _, class := range slices.Sorted(maps.Keys(v.anomalies)) {
		anomalies.add("", fmt.Sprintf("{class=%q}", class), v.anomalies[class])
	}
	oldest := family{name: "nodobridge_massive_oldest_seconds", kind: "gauge", help: "How long the oldest uploaded file has waited that is not worked off, 0 for none."}
	age := int64(0)
	if !read.OldestUpload.IsZero() {
		age = max(0, int64(now.Sub(read.OldestUpload).Seconds()))
	}
	oldest.add("", "", age)
	return []family{receipts, anomalies, oldest}
}
