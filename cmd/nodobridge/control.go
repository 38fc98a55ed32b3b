package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"nodobridge/bridge"
	"nodobridge/store"
)

// controlSocket is where a running station takes the orders of its own command
// line. It lies in the store's folder, which only the station's user may enter,
// so whoever reaches it could read the store anyway.
const controlSocket = "control.sock"

// controlRequest and controlResponse are what travels over the socket.
type controlRequest struct {
	New     bridge.Key // bounds of a key to create
	ID      string
	Overlap time.Duration

	Anomalies bridge.AnomalyQuery
	After     int64 // number of a refused receipt

	Privacy privacyRequest
	Print   bridge.PrintOrder
	Numbers bridge.NumberOrder

	Ends   []store.ChainEnd
	Expect []store.Head

	Year int
	Stop bridge.Maintenance
}

type controlResponse struct {
	Key   string
	Keys  []bridge.Key
	Error string

	Anomalies []bridge.Anomaly
	Replays   []bridge.Replay

	Privacy privacyResponse
	Notice  *bridge.PaymentNotice
	Numbers []bridge.NoticeNumber

	Verified  *store.Verification
	Backup    backupMade
	Strangers []store.ChainEnd

	Availability bridge.Availability
	Late         bool
}

// orderFunc carries one order out.
type orderFunc func(context.Context, controlRequest) (controlResponse, error)

// orders are what the command line may order, here or over the socket.
func orders(service *bridge.Service) map[string]orderFunc {
	keys := keyring{service}
	list := map[string]orderFunc{
		"keys/create": keys.create, "keys/list": keys.list, "keys/revoke": keys.revoke, "keys/rotate": keys.rotate,
		"anomalies/list":  listAnomalies(service),
		"receipts/replay": replayReceipts(service),
		"numbers/reserve": reserveNumbers(service),
	}
	maps.Copy(list, privacyOrders(service))
	maps.Copy(list, noticeOrders(service))
	return list
}

func controlServer(list map[string]orderFunc) *http.Server {
	mux := http.NewServeMux()
	for order, do := range list {
		mux.HandleFunc("POST /"+order, func(w http.ResponseWriter, req *http.Request) {
			var in controlRequest
			out := controlResponse{}
			err := json.NewDecoder(io.LimitReader(req.Body, 1<<16)).Decode(&in)
			if err == nil {
				out, err = do(req.Context(), in)
			}
			if err != nil {
				out = controlResponse{Error: orderError(err)}
			}
			_ = json.NewEncoder(w).Encode(out) // the command line has gone: nobody is left to tell
		})
	}
	server := smallServer(mux)
	server.WriteTimeout = 0 // an order takes as long as it takes; only the station's own user gives them
	return server
}

// orderError says to the operator what a use case has against an order.
func orderError(err error) string {
	var refusal *bridge.Error
	if errors.As(err, &refusal) && refusal.Detail != "" {
		return refusal.Detail
	}
	return err.Error()
}

// order carries an order out: in this process when the store is free, through
// the running station's socket when it is in use.
func order(ctx context.Context, c *config, path string, in controlRequest) (controlResponse, error) {
	db, err := c.openStore(ctx, c.logger())
	if inUse(err) {
		return orderRunning(ctx, c.controlPath(), path, in)
	}
	if err != nil {
		return controlResponse{}, err
	}
	registry, err := c.registry()
	if err != nil {
		return controlResponse{}, errors.Join(err, db.Close(ctx))
	}
	service := bridge.NewService(db, systemClock{}, registry)
	out, err := allOrders(&vault{config: c.Backup, db: db, service: service})[path](ctx, in)
	if err != nil {
		err = errors.New(orderError(err))
	}
	return out, errors.Join(err, db.Close(ctx))
}

func (c *config) controlPath() string { return filepath.Join(c.Store.Dir, controlSocket) }

func orderRunning(ctx context.Context, socket, path string, in controlRequest) (controlResponse, error) {
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}}
	body, err := json.Marshal(in)
	if err != nil {
		return controlResponse{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/"+path, bytes.NewReader(body))
	if err != nil {
		return controlResponse{}, err
	}
	res, err := client.Do(req)
	if err != nil {
		return controlResponse{}, fmt.Errorf("cannot reach the running station: %w", err)
	}
	defer res.Body.Close()
	var out controlResponse
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("cannot read the running station's answer: %w", err)
	}
	if out.Error != "" {
		return out, errors.New(out.Error)
	}
	return out, nil
}
